-- Grain: one row a printed value of a current annual report or website table (era W), long form. Answers: what did this body report for a year, and where does it say so?
-- A figure that prose repeats beside a table's cell is a restatement (stated_in = 'narrative'): sums and series take `where stated_in is null`.
-- A value that is blank, marked n/a or unreadable is NULL with its state; it is never zero.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[forget_touched()]) }}
select
    d.portal_id,
    d.portal_name,
    d.notice_id,
    d.document_id,
    d.title as document_title,
    d.report_year,
    d.format_detected,
    m.seq,
    m.code,
    m.label,
    {{ json_field('m.dimensions', 'applicant') }} as applicant,
    {{ json_field('m.dimensions', 'stated_in') }} as stated_in,
    m.dimensions,
    m.value,
    m.unit,
    m.state,
    m.qualifier,
    m.scope,
    m.era,
    m.raw,
    m.span_start,
    m.span_end,
    d.url,
    d.warc_file,
    d.warc_offset,
    d.archive_run_id,
    d.run_id,
    d.extractor_version
from {{ source('silver', 'metric_value') }} as m
join {{ ref('document') }} as d
    on d.document_id = m.document_id and d.extractor_version = m.extractor_version and d.run_id = m.run_id
where {{ touched_only('m.notice_id') }}
