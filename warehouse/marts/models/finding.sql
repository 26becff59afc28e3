-- Grain: one row a finding of the newest extractor on a notice's newest version. Answers: what is wrong in the sources, and where?
-- A document that could not be read at all has no row in `document`, but its finding is here.
with found as (
    select * from {{ source('silver', 'finding') }}
    union all
    select * from {{ source('silver', 'series_finding') }}
),

current_ones as (
    select f.*
    from found as f
    join {{ current_reading() }} as r
        on r.notice_id = f.notice_id and r.version = f.version and r.extractor_version = f.extractor_version and r.newest = 1
)

select
    n.portal_id,
    n.portal_name,
    f.notice_id,
    f.document_id,
    coalesce(d.title, n.title) as document_title,
    d.genre,
    coalesce(d.report_year, d.plan_year) as document_year,
    f.seq,
    f.rule,
    f.severity,
    f.message,
    f.expected,
    f.actual,
    f.span_start,
    f.span_end,
    coalesce(d.url, n.url) as url,
    f.run_id,
    f.extractor_version
from current_ones as f
join {{ ref('notice') }} as n on n.notice_id = f.notice_id and n.version = f.version
left join {{ ref('document') }} as d on d.document_id = f.document_id
where d.document_id is null or (d.extractor_version = f.extractor_version and d.run_id = f.run_id)
