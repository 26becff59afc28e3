-- Grain: portal_id, run_id, seq: an expectation that failed on a batch. Answers: who failed which expectation when, how gravely, and was the batch let in?
-- Failures on rows stay true of what is published until a later run reads those pages anew; those on listings are of their night only.
with decision as (
    select
        d.*,
        row_number() over (partition by d.portal_id, d.run_id order by d.seq desc) as newest
    from {{ source('silver', 'quarantine_decision') }} as d
)

select
    a.portal_id,
    p.name as portal_name,
    a.run_id,
    {{ run_time('a.run_id') }} as run_time,
    a.seq,
    a.suite,
    a.expectation,
    a.meaning,
    a."column" as column_name,
    a.severity,
    a.observed,
    a.expected,
    a.failing,
    l.passed as batch_loaded,
    d.decision,
    d.actor as decided_by,
    d.decided_at,
    d.reason as decision_reason
from {{ source('silver', 'audit_result') }} as a
join {{ source('silver', 'portal') }} as p on p.portal_id = a.portal_id
left join {{ source('silver', 'load_log') }} as l on l.portal_id = a.portal_id and l.run_id = a.run_id
left join decision as d on d.portal_id = a.portal_id and d.run_id = a.run_id and d.newest = 1
where not a.success
