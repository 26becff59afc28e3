-- Grain: one row a registered portal. Answers: which portals did not deliver in their newest run, why, and what do we hold of them?
-- A portal that was never run has NULL as status: no evidence is not `complete`.
with newest as (
    select *, row_number() over (partition by portal_id order by run_id desc) as place from {{ ref('portal_run') }}
),

notice as (
    select n.portal_id, count(*) as notices, count(case when n.first_run = r.run_id then 1 end) as notices_new
    from {{ ref('notice') }} as n
    join newest as r on r.portal_id = n.portal_id and r.place = 1
    group by n.portal_id
),

{% for name, model in [('tasks', 'plan_commitment'), ('metrics', 'report_metric'), ('findings', 'finding')] -%}
{{ name }} as (
    select f.portal_id, count(*) as held, count(case when f.run_id = r.run_id then 1 end) as held_new
    from {{ ref(model) }} as f
    join newest as r on r.portal_id = f.portal_id and r.place = 1
    group by f.portal_id
),

{% endfor -%}
audit as (
    select
        a.portal_id,
        a.run_id,
        count(case when a.severity = 'warning' then 1 end) as audit_warnings,
        count(case when a.severity = 'critical' then 1 end) as audit_criticals
    from {{ source('silver', 'audit_result') }} as a
    where not a.success
    group by a.portal_id, a.run_id
)

select
    p.portal_id,
    p.name as portal_name,
    r.run_id,
    r.run_time,
    r.status,
    r.crawl_status,
    r.extract_status,
    r.audit_status,
    r.load_status,
    r.gravest_stage,
    r.reasons,
    r.declared,
    r.listed,
    coalesce(n.notices, 0) as notices,
    coalesce(n.notices_new, 0) as notices_new,
    coalesce(t.held, 0) as tasks,
    coalesce(t.held_new, 0) as tasks_new,
    coalesce(m.held, 0) as metrics,
    coalesce(m.held_new, 0) as metrics_new,
    coalesce(f.held, 0) as findings,
    coalesce(f.held_new, 0) as findings_new,
    coalesce(a.audit_warnings, 0) as audit_warnings,
    coalesce(a.audit_criticals, 0) as audit_criticals
from {{ source('silver', 'portal') }} as p
left join newest as r on r.portal_id = p.portal_id and r.place = 1
left join notice as n on n.portal_id = p.portal_id
left join tasks as t on t.portal_id = p.portal_id
left join metrics as m on m.portal_id = p.portal_id
left join findings as f on f.portal_id = p.portal_id
left join audit as a on a.portal_id = p.portal_id and a.run_id = r.run_id
