-- Grain: one row an attachment of a notice's newest version, and one more for each file in an archive, as the newest extractor read it.
-- Answers: what became of this attachment, what is it really, and where in the archive is it? An `unpacked` archive counts through its files.
with ranked as (
    select
        r.*,
        row_number() over (partition by r.document_id order by {{ version_order('r.extractor_version') }} desc, r.run_id desc) as newest
    from {{ source('silver', 'attachment_reading') }} as r
)

select
    r.portal_id,
    n.portal_name,
    r.notice_id,
    r.version,
    r.document_id,
    r.extractor_version,
    r.seq,
    r.member,
    r.member_name,
    r.name,
    r.url,
    n.title as notice_title,
    n.url as notice_url,
    n.section,
    coalesce(p.genre, 'other') as notice_genre,
    coalesce(p.report_year, p.plan_year) as notice_year,
    r.status,
    r.reason,
    r.kind,
    r.extension,
    r.content_type,
    r.size,
    r.converter,
    r.run_id,
    a.run_id as archive_run_id,
    a.warc_file,
    a.warc_offset
from ranked as r
join {{ ref('notice') }} as n on n.notice_id = r.notice_id and n.version = r.version
left join {{ ref('document') }} as p on p.notice_id = r.notice_id and p.part = 0
left join {{ source('silver', 'attachment') }} as a on a.notice_id = r.notice_id and a.version = r.version and a.seq = r.seq
where r.newest = 1
