-- Grain: document_id × extractor_version: every reading of every page and attachment, of notices' older versions too.
-- Answers: what was this document before, who read it, and is that reading the one the other marts show?
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[forget_touched()]) }}
with ranked as (
    select
        d.*,
        cast(length(d.body_text) as bigint) as body_length,  -- here: texts are carried through no sorting
        row_number() over (
            partition by d.document_id order by {{ version_order('d.extractor_version') }} desc, d.extractor_version desc, d.run_id desc
        ) as newest
    from {{ source('silver', 'document') }} as d
    where {{ touched_only('d.notice_id') }}
)

select
    r.portal_id,
    r.notice_id,
    r.version,
    r.document_id,
    r.extractor_version,
    r.part,
    r.member_name,
    coalesce(r.title, n.title) as title,
    r.doc_number,
    r.genre,
    r.plan_year,
    r.report_year,
    r.format_detected,
    r.written_date,
    r.body_length,
    v.first_from as valid_from,
    v.last_to as valid_to,
    r.newest = 1 as newest_reading,
    c.document_id is not null as is_current,
    r.run_id
from ranked as r
join {{ source('silver', 'notice') }} as n on n.notice_id = r.notice_id and n.version = r.version
left join (
    select
        notice_id,
        version,
        min(valid_from) as first_from,
        case when count(*) = count(valid_to) then max(valid_to) end as last_to
    from {{ ref('notice_version') }}
    group by notice_id, version
) as v on v.notice_id = r.notice_id and v.version = r.version
left join {{ ref('document') }} as c
    on c.document_id = r.document_id and c.extractor_version = r.extractor_version and c.run_id = r.run_id
