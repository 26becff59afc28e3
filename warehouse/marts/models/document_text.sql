-- Grain: document_id. Answers: what does a current document say, word by word? Spans of tasks, metrics and findings point into body_text.
-- In DuckDB a view, because the snapshot holds silver too; its names carry no database, so that it works in the copy.
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
select
    s.portal_id,
    d.document_id,
    s.body_text
from {{ source('silver', 'document').include(database=false) }} as s
join {{ ref('document').include(database=false) }} as d
    on d.document_id = s.document_id and d.extractor_version = s.extractor_version and d.run_id = s.run_id
