-- Grain: document_id of an interpretation (解读). Answers: which document does it explain, and how many days after it was it published?
-- The document is the one whose title the interpretation's own title names, else the one its text cites first. A negative lag came before its document.
with interpretation as (
    select
        *,
        case when title like '%《%》%' then {{ title_key("regexp_replace(title, '^[^《]*《(.+)》.*$', '\\1')") }} end as title_key
    from {{ ref('document') }}
    where genre = 'interpretation' and part = 0
),

candidate as (
    select i.document_id, t.document_id as target_id, 0 as way, 0 as seq, t.published_date,
        row_number() over (partition by i.document_id order by t.part, t.published_date, t.document_id) as place
    from interpretation as i
    join {{ ref('document') }} as t
        on t.portal_id = i.portal_id and t.genre <> 'interpretation' and t.notice_id <> i.notice_id and {{ title_key('t.title') }} = i.title_key
    where length(i.title_key) >= 6
    union all
    select i.document_id, e.target_document_id, case e.resolved_by when 'number' then 1 else 2 end, e.seq, t.published_date, 1
    from interpretation as i
    join {{ ref('citation_edge') }} as e on e.document_id = i.document_id and e.state = 'resolved'
    join {{ ref('document') }} as t on t.document_id = e.target_document_id
),

ranked as (
    select *, row_number() over (partition by document_id order by way, seq, place, target_id) as nearest from candidate
)

select
    i.portal_id,
    i.portal_name,
    i.notice_id,
    i.document_id,
    i.title,
    i.published_date,
    r.target_id as target_document_id,
    t.title as target_title,
    t.doc_number as target_number,
    t.published_date as target_published_date,
    {{ by_code_point("case r.way when 0 then 'title' when 1 then 'cited_number' when 2 then 'cited_title' end") }} as paired_by,
    cast({{ days_between('t.published_date', 'i.published_date') }} as bigint) as lag_days,
    e.working_days_before - b.working_days_before as lag_working_days,
    {{ by_code_point("""
        case
            when r.target_id is null then 'target_not_seen'
            when e.working_days_before is null or b.working_days_before is null then 'not_assessable'
            else 'assessed'
        end""") }} as state,
    i.url,
    t.url as target_url
from interpretation as i
left join ranked as r on r.document_id = i.document_id and r.nearest = 1
left join {{ ref('document') }} as t on t.document_id = r.target_id
left join {{ ref('dim_date') }} as e on e.day = i.published_date
left join {{ ref('dim_date') }} as b on b.day = t.published_date
