-- Grain: one row a registered portal. Answers: how old is what I am looking at?
with newest_notice as (
    select portal_id, max(published_date) as last_published, max(first_run) as last_new_run
    from {{ ref('notice') }}
    group by portal_id
),

run as (
    select
        portal_id,
        max(run_id) as last_run,
        max(case when status in ('complete', 'empty') then run_id end) as last_complete_run
    from {{ ref('portal_run') }}
    group by portal_id
)

select
    p.portal_id,
    p.name as portal_name,
    r.last_run,
    s.status as last_status,
    r.last_complete_run,
    cast({{ days_between(china_day('r.last_complete_run'), as_of()) }} as bigint) as days_since_complete,
    n.last_published,
    cast({{ as_of() }} - n.last_published as bigint) as days_since_published,
    n.last_new_run,
    {{ as_of() }} as as_of
from {{ source('silver', 'portal') }} as p
left join run as r on r.portal_id = p.portal_id
left join {{ ref('portal_run') }} as s on s.portal_id = p.portal_id and s.run_id = r.last_run
left join newest_notice as n on n.portal_id = p.portal_id
