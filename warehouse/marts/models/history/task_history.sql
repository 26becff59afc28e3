-- Grain: document_id × extractor_version × seq: every task ever read. Answers: what did the plan promise before it was changed, and who read it so?
-- The tasks of today are those with is_current; what was promised on a day: commitment_as_of(day).
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
select
    d.portal_id,
    d.notice_id,
    d.version,
    d.document_id,
    d.extractor_version,
    t.seq,
    d.plan_year,
    t.path,
    t.text,
    t.lead_units,
    t.support_units,
    t.responsibility_mode,
    t.deadline_raw,
    t.deadline_type,
    t.due_date,
    t.span_start,
    t.span_end,
    d.valid_from,
    d.valid_to,
    d.newest_reading,
    d.is_current,
    t.run_id
from {{ source('silver', 'plan_task').include(database=false) }} as t
join {{ ref('document_version').include(database=false) }} as d
    on d.document_id = t.document_id and d.extractor_version = t.extractor_version and d.run_id = t.run_id
