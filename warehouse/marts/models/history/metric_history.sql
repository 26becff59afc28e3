-- Grain: document_id × extractor_version × seq: every value ever read. Answers: what did an older version of the page, or an older extractor, say?
-- The values of today are those with is_current; what a city said on a day: metric_as_of(day).
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
select
    d.portal_id,
    d.notice_id,
    d.version,
    d.document_id,
    d.extractor_version,
    m.seq,
    d.report_year,
    m.code,
    m.dimensions,
    m.value,
    m.unit,
    m.state,
    m.qualifier,
    m.raw,
    m.span_start,
    m.span_end,
    d.valid_from,
    d.valid_to,
    d.newest_reading,
    d.is_current,
    m.run_id
from {{ source('silver', 'metric_value').include(database=false) }} as m
join {{ ref('document_version').include(database=false) }} as d
    on d.document_id = m.document_id and d.extractor_version = m.extractor_version and d.run_id = m.run_id
