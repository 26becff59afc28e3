-- Grain: commitment × notice that may be evidence of it. Answers: which notices show that a promise was kept, how strongly, and who looked?
-- A person's decision outweighs the score; a notice that only a person named has no score.
with decided as (
    select *, row_number() over (partition by commitment_id, notice_id order by decided_at desc) as newest
    from {{ source('silver', 'commitment_decision') }}
),

pair as (
    select commitment_id, notice_id from {{ source('silver', 'commitment_match') }}
    union
    select commitment_id, notice_id from decided where newest = 1 and decision <> 'withdrawn'
)

select
    n.portal_id,
    n.portal_name,
    p.commitment_id,
    p.notice_id,
    m.document_id,
    n.title,
    n.source,
    n.published_date,
    m.score,
    coalesce(case d.decision when 'confirmed' then true when 'rejected' then false end, m.counts, false) as counts,
    coalesce(m.basis, {{ by_code_point("'named by a person'") }}) as basis,
    m.spans,
    coalesce(n.published_date > c.ends, false) as late,
    m.period,
    case when d.decision <> 'withdrawn' then d.decision end as decision,
    case when d.decision <> 'withdrawn' then d.actor end as decided_by,
    case when d.decision <> 'withdrawn' then d.decided_at end as decided_at,
    case when d.decision <> 'withdrawn' then d.reason end as reason,
    n.gone_at,
    n.url
from pair as p
join {{ source('silver', 'commitment') }} as c on c.commitment_id = p.commitment_id
join {{ ref('notice') }} as n on n.notice_id = p.notice_id
left join {{ source('silver', 'commitment_match') }} as m on m.commitment_id = p.commitment_id and m.notice_id = p.notice_id
left join decided as d on d.commitment_id = p.commitment_id and d.notice_id = p.notice_id and d.newest = 1
