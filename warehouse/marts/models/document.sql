-- Grain: one row a page or attachment of a notice's newest version, as the newest extractor read it.
-- Answers: which plans, reports and other documents are there, and where in the archive is each? Full text: document_text.
-- Facts join it on document_id, extractor_version and run_id: two runs that read the same text are never mixed.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[forget_touched()]) }}
with ranked as (
    select
        d.*,
        row_number() over (partition by d.document_id order by d.run_id desc) as newest
    -- The length first: texts are carried through no join and no sort.
    from (select *, cast(length(body_text) as bigint) as body_length from {{ source('silver', 'document') }}) as d
    join {{ current_reading() }} as r
        on r.notice_id = d.notice_id and r.version = d.version and r.extractor_version = d.extractor_version and r.newest = 1
    where {{ touched_only('d.notice_id') }}
)

select
    d.portal_id,
    n.portal_name,
    d.notice_id,
    d.version,
    d.document_id,
    d.extractor_version,
    d.part,
    d.member_name,
    coalesce(d.title, a.name, n.title) as title,
    n.title as notice_title,
    d.issuer,
    coalesce(d.doc_number, case when d.part = 0 then n.doc_number end) as doc_number,
    d.genre,
    d.plan_year,
    d.report_year,
    d.format_detected,
    d.region,
    d.script,
    d.written_date,
    n.published_date,
    d.body_length,
    coalesce(d.attachment_url, n.url) as url,
    n.url as notice_url,
    d.run_id,
    n.run_id as archive_run_id,
    case when d.part = 0 then n.warc_file else a.warc_file end as warc_file,
    case when d.part = 0 then n.warc_offset else a.warc_offset end as warc_offset
from ranked as d
join {{ ref('notice') }} as n on n.notice_id = d.notice_id and n.version = d.version
left join {{ source('silver', 'attachment') }} as a on a.notice_id = d.notice_id and a.version = d.version and a.seq = d.part - 1
where d.newest = 1
