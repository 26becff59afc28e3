-- Grain: one row a time limit of a task of a current document. Answers: what was due by a day, by whom, where a task has several dates too?
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[forget_touched(), move_day()]) }}
select
    c.portal_id,
    c.portal_name,
    c.notice_id,
    c.document_id,
    c.document_title,
    c.plan_year,
    l.task_seq,
    l.seq as deadline_seq,
    l.raw,
    l.type as deadline_type,
    l.due_date,
    l.start_date,
    l.recurrence,
    {{ commitment_state('l.due_date') }} as commitment_state,
    c.as_of,
    c.lead_units,
    c.support_units,
    c.text as task_text,
    l.span_start,
    l.span_end,
    c.url,
    c.run_id,
    c.extractor_version
from {{ source('silver', 'task_deadline') }} as l
join {{ ref('plan_commitment') }} as c
    on c.document_id = l.document_id and c.seq = l.task_seq and c.extractor_version = l.extractor_version and c.run_id = l.run_id
where {{ touched_only('l.notice_id') }}
