-- Grain: document_id × seq: a reference of a current document to another one. Answers: on what does it rest, and do we hold that?
-- A number names one document wherever it is published (the portal's own copy comes first). A 《title》 is compared without 印发 … 的通知, blanks and
-- brackets, and never leads to a document of another number; found only on other portals, and in several notices, it is ambiguous. `not_seen` is cited but never seen by us.
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

-- For a number or title: its best document everywhere and on each portal, and in how many notices it stands. A notice never cites itself.
named as (
    select portal_id, notice_id, document_id, part, published_date, doc_number, doc_number as name, 'number' as kind from target where doc_number is not null
    union all
    select portal_id, notice_id, document_id, part, published_date, doc_number, title_key, 'title' from target where length(title_key) >= 6
),

wanted as (
    select document_id, seq, portal_id, notice_id, cited_number, cited_number as name, 'number' as kind from cited where cited_number is not null
    union all
    select document_id, seq, portal_id, notice_id, cited_number, title_key, 'title' from cited where length(title_key) >= 6
),

everywhere as (
    select kind, name, count(distinct notice_id) as notices from named group by kind, name
),

ranked_names as (
    select
        *,
        row_number() over (partition by kind, name order by part, published_date, document_id) as place,
        row_number() over (partition by kind, name, portal_id order by part, published_date, document_id) as own_place
    from named
),

candidate as (
    select w.document_id, w.seq, w.kind, t.document_id as target_id, case when t.portal_id = w.portal_id then 1 else 2 end as nearness, e.notices
    from wanted as w
    join ranked_names as t on t.kind = w.kind and t.name = w.name and t.notice_id <> w.notice_id
    join everywhere as e on e.kind = w.kind and e.name = w.name
    -- The first two of each are enough: one of them may be the citing notice itself. A title whose number is another one is another document.
    where (t.place <= 2 or (t.portal_id = w.portal_id and t.own_place <= 2))
        and (w.kind = 'number' or w.cited_number is null or t.doc_number is null)
),

ranked as (
    select
        document_id,
        seq,
        kind as resolved_by,
        target_id,
        nearness + case kind when 'number' then 0 else 2 end as nearness,
        notices as targets,
        row_number() over (partition by document_id, seq order by case kind when 'number' then 0 else 2 end + nearness, target_id) as place
    from candidate
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
            when r.nearness = 4 and r.targets > 1 then 'ambiguous'
            when r.target_id is not null then 'resolved'
            else 'not_seen'
        end""") }} as state,
    {{ by_code_point("case when r.nearness = 4 and r.targets > 1 then null else r.resolved_by end") }} as resolved_by,
    case when r.nearness = 4 and r.targets > 1 then null else r.target_id end as target_document_id,
    coalesce(r.targets, 0) as targets,
    c.span_start,
    c.span_end,
    c.url,
    c.run_id,
    c.extractor_version
from cited as c
left join ranked as r on r.document_id = c.document_id and r.seq = c.seq and r.place = 1
