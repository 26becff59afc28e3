-- Grain: one row a task of a current document. Answers: who promised what by when, and is the day over?
-- Where a page and its attachment hold the same plan both are kept; document_id tells them apart.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[forget_touched(), move_day()]) }}
select
    d.portal_id,
    d.portal_name,
    d.notice_id,
    d.document_id,
    d.title as document_title,
    d.plan_year,
    t.seq,
    t.path,
    t.section_titles,
    t.text,
    t.lead_units,
    t.support_units,
    t.responsibility_mode,
    t.open_ended,
    t.deadline_raw,
    t.deadline_type,
    t.due_date,
    t.start_date,
    t.recurrence,
    t.uncertain,
    {{ commitment_state('t.due_date') }} as commitment_state,
    {{ as_of() }} as as_of,
    t.span_start,
    t.span_end,
    d.url,
    d.warc_file,
    d.warc_offset,
    d.archive_run_id,
    d.run_id,
    d.extractor_version
from {{ source('silver', 'plan_task') }} as t
join {{ ref('document') }} as d
    on d.document_id = t.document_id and d.extractor_version = t.extractor_version and d.run_id = t.run_id
where {{ touched_only('t.notice_id') }}
