-- Grain: document_id × seq: a reference of a current document to another one. Answers: on what does it rest, and do we hold that?
-- A number names one document wherever it is published (the portal's own copy comes first). A 《title》 is compared without 印发 … 的通知, blanks and
-- brackets; found only on other portals, and there in several notices, it is ambiguous. `not_seen` is cited but never seen by us.
with cited as (
    select
        d.portal_id,
        d.portal_name,
        d.notice_id,
        d.document_id,
        c.seq,
        d.title as document_title,
        d.genre,
        d.published_date,
        c.title as cited_title,
        c.doc_number as cited_number,
        {{ title_key('c.title') }} as title_key,
        c.issuer_level,
        c.role,
        c.span_start,
        c.span_end,
        d.url,
        d.run_id,
        d.extractor_version
    from {{ source('silver', 'citation') }} as c
    join {{ ref('document') }} as d
        on d.document_id = c.document_id and d.extractor_version = c.extractor_version and d.run_id = c.run_id
),

target as (
    select portal_id, notice_id, document_id, part, doc_number, published_date, {{ title_key('title') }} as title_key
    from {{ ref('document') }}
    where genre <> 'interpretation'
),

candidate as (
    select c.document_id, c.seq, t.document_id as target_id, t.notice_id, t.part, t.published_date,
        case when t.portal_id = c.portal_id then 1 else 2 end as nearness, 'number' as resolved_by
    from cited as c
    join target as t on t.doc_number = c.cited_number and t.notice_id <> c.notice_id
    union all
    select c.document_id, c.seq, t.document_id, t.notice_id, t.part, t.published_date,
        case when t.portal_id = c.portal_id then 3 else 4 end, 'title'
    from cited as c
    join target as t on t.title_key = c.title_key and t.notice_id <> c.notice_id
    where length(c.title_key) >= 6 and (c.cited_number is null or t.doc_number is null)
),

ranked as (
    select
        document_id,
        seq,
        target_id,
        nearness,
        resolved_by,
        row_number() over (partition by document_id, seq order by nearness, part, published_date, target_id) as place
    from candidate
),

counted as (
    select document_id, seq, count(distinct notice_id) as targets from candidate group by document_id, seq
)

select
    c.portal_id,
    c.portal_name,
    c.notice_id,
    c.document_id,
    c.seq,
    c.document_title,
    c.genre,
    c.published_date,
    c.cited_title,
    c.cited_number,
    c.issuer_level,
    c.role,
    {{ by_code_point("""
        case
            when c.role in ('self', 'attachment') then 'own'
            when r.nearness = 4 and k.targets > 1 then 'ambiguous'
            when r.target_id is not null then 'resolved'
            else 'not_seen'
        end""") }} as state,
    {{ by_code_point("case when r.nearness = 4 and k.targets > 1 then null else r.resolved_by end") }} as resolved_by,
    case when r.nearness = 4 and k.targets > 1 then null else r.target_id end as target_document_id,
    coalesce(k.targets, 0) as targets,
    c.span_start,
    c.span_end,
    c.url,
    c.run_id,
    c.extractor_version
from cited as c
left join ranked as r on r.document_id = c.document_id and r.seq = c.seq and r.place = 1
left join counted as k on k.document_id = c.document_id and k.seq = c.seq
