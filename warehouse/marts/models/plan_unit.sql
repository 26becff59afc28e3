-- Grain: one row a unit of a task of a current document. Answers: how much was laid on whom, as lead or as support, and by when?
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[forget_touched(), move_day()]) }}
select
    c.portal_id,
    c.portal_name,
    c.notice_id,
    c.document_id,
    c.document_title,
    c.plan_year,
    u.task_seq,
    u.seq as unit_seq,
    u.name as unit_name,
    u.agency,
    u.role,
    u.printed,
    u.open_ended,
    c.responsibility_mode,
    c.text as task_text,
    c.due_date,
    c.commitment_state,
    c.as_of,
    u.span_start,
    u.span_end,
    c.url,
    c.run_id,
    c.extractor_version
from {{ source('silver', 'task_unit') }} as u
join {{ ref('plan_commitment') }} as c
    on c.document_id = u.document_id and c.seq = u.task_seq and c.extractor_version = u.extractor_version and c.run_id = u.run_id
where {{ touched_only('u.notice_id') }}
