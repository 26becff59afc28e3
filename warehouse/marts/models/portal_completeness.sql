-- Grain: portal × genre × year, as known after the portal's newest accepted run. Answers: may I compare these cities for this year?
-- A portal of which no run was accepted shows its newest refused one, where what was found counts as not seen: it is not in the warehouse.
with run as (
    select
        c.portal_id,
        c.run_id,
        l.passed,
        row_number() over (partition by c.portal_id order by case when l.passed then 0 else 1 end, c.run_id desc) as newest
    from (select distinct portal_id, run_id from {{ source('silver', 'completeness') }}) as c
    join {{ source('silver', 'load_log') }} as l on l.portal_id = c.portal_id and l.run_id = c.run_id
)

select
    c.portal_id,
    p.name as portal_name,
    p.level,
    p.province,
    c.genre,
    c.year,
    case when not r.passed and c.state in ('found', 'late') then 'cannot_see' else c.state end as state,
    c.published as published_date,
    c.legal_date,
    case when r.passed then c.reason else 'the audit refused the batch; ' || c.reason end as reason,
    c.document_id,
    d.title as document_title,
    d.url,
    c.run_id,
    {{ run_time('c.run_id') }} as known_since
from {{ source('silver', 'completeness') }} as c
join run as r on r.portal_id = c.portal_id and r.run_id = c.run_id and r.newest = 1
join {{ source('silver', 'portal') }} as p on p.portal_id = c.portal_id
left join {{ ref('document') }} as d on d.document_id = c.document_id
