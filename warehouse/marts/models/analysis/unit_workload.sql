-- Grain: portal × plan year × unit. Answers: how many tasks were laid on whom, as lead or in support, and for how many is the day over?
-- A task that stands on a page and in its attachment counts once. What is not seen of the plans stands beside it.
with plan as (
    select
        portal_id,
        plan_year,
        count(distinct notice_id) as plans,
        count(distinct notice_id || '/' || text) as tasks_in_plans,
        count(distinct case
            when coalesce(array_length(lead_units, 1), 0) + coalesce(array_length(support_units, 1), 0) = 0 then notice_id || '/' || text
        end) as tasks_without_unit
    from {{ ref('plan_commitment') }}
    group by portal_id, plan_year
),

-- once each, then counted: five counts of distinct texts take twice as long
task as (
    select
        portal_id,
        max(portal_name) as portal_name,
        plan_year,
        unit_name,
        max(agency) as agency,
        max(case when role = 'lead' then 1 end) as led,
        max(case when role = 'support' then 1 end) as supported,
        max(case when commitment_state = 'due' then 1 end) as due,
        max(case when commitment_state = 'not_due' then 1 end) as not_due,
        max(case when commitment_state = 'no_due_date' then 1 end) as without_date
    from {{ ref('plan_unit') }}
    group by portal_id, plan_year, unit_name, notice_id, task_text
),

load as (
    select
        portal_id,
        max(portal_name) as portal_name,
        plan_year,
        unit_name,
        max(agency) as agency,
        count(led) as tasks_led,
        count(supported) as tasks_supported,
        count(due) as due,
        count(not_due) as not_due,
        count(without_date) as without_date
    from task
    group by portal_id, plan_year, unit_name
)

select
    l.portal_id,
    l.portal_name,
    l.plan_year,
    l.unit_name,
    l.agency,
    l.tasks_led,
    l.tasks_supported,
    l.due,
    l.not_due,
    l.without_date,
    p.plans,
    p.tasks_in_plans,
    p.tasks_without_unit,
    c.state as plan_state,
    {{ as_of() }} as as_of
from load as l
join plan as p on p.portal_id = l.portal_id and p.plan_year is not distinct from l.plan_year
left join {{ ref('portal_completeness') }} as c on c.portal_id = l.portal_id and c.year = l.plan_year and c.genre = 'work_plan'
