-- Grain: portal × month (Asia/Shanghai) × section × cause. Answers: how much vanished last month, where and how, and how much of it came back?
-- A removal needs two whole walks that did not show the notice and an answer of its own address: in a month without whole walks none can be found.
with event as (
    select
        portal_id,
        notice_id,
        cause,
        cast(date_trunc('month', {{ china_day('run_id') }}) as date) as month_start,
        lead(cause) over (partition by notice_id order by run_id) as next_cause
    from {{ source('silver', 'removal') }}
),

walk as (
    select
        portal_id,
        cast(date_trunc('month', {{ china_day('run_id') }}) as date) as month_start,
        count(distinct run_id) as whole_walks
    from {{ source('silver', 'section_outcome') }}
    where walked_whole and complete
    group by portal_id, cast(date_trunc('month', {{ china_day('run_id') }}) as date)
)

select
    e.portal_id,
    p.name as portal_name,
    e.month_start,
    n.section,
    e.cause,
    count(*) as removed,
    count(case when e.next_cause = 'restored' then 1 end) as returned,
    count(case when e.next_cause is null then 1 end) as still_gone,
    coalesce(max(w.whole_walks), 0) as whole_walks
from event as e
join {{ source('silver', 'portal') }} as p on p.portal_id = e.portal_id
left join {{ ref('notice') }} as n on n.notice_id = e.notice_id
left join walk as w on w.portal_id = e.portal_id and w.month_start = e.month_start
where e.cause <> 'restored'
group by e.portal_id, p.name, e.month_start, n.section, e.cause
