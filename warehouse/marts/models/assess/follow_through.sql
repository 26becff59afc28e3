-- Grain: task of a plan that names its year. Answers: does the next plan of the same body repeat, sharpen or drop it, and does the year's
-- annual report speak of it? `no_next_plan` and `no_report` mean that we saw none.
select
    c.portal_id,
    c.portal_name,
    c.commitment_id,
    c.document_id,
    c.plan_year,
    c.text,
    c.status,
    f.change,
    f.similarity,
    f.next_plan_year,
    f.next_commitment_id,
    n.text as next_text,
    n.due_date as next_due_date,
    n.url as next_url,
    m.report_state as report_mention,
    m.report_share,
    m.report_document_id,
    m.report_span_start,
    m.report_span_end,
    r.url as report_url,
    c.url
from {{ source('silver', 'next_plan_task') }} as f
join {{ source('silver', 'report_mention') }} as m on m.commitment_id = f.commitment_id
join {{ ref('commitment') }} as c on c.commitment_id = f.commitment_id
left join {{ ref('commitment') }} as n on n.commitment_id = f.next_commitment_id
left join {{ ref('document') }} as r on r.document_id = m.report_document_id
