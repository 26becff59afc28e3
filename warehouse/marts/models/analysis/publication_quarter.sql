-- Grain: portal × section × publishing unit × quarter. Answers: who published how much and when, and was the whole section seen?
-- quarter_start is NULL for notices without a day; unit is NULL where the page names none.
with outcome as (
    select
        o.portal_id,
        o.section,
        o.declared_total,
        o.rows_known,
        o.complete,
        row_number() over (partition by o.portal_id, o.section order by o.run_id desc) as newest
    from {{ source('silver', 'section_outcome') }} as o
)

select
    n.portal_id,
    n.portal_name,
    n.section,
    n.source as unit,
    n.quarter_start,
    n.notices,
    n.with_number,
    n.gone,
    o.declared_total as section_declared,
    o.rows_known as section_rows,
    o.complete as section_complete
from (
    select
        portal_id,
        max(portal_name) as portal_name,
        section,
        source,
        cast(date_trunc('quarter', published_date) as date) as quarter_start,
        count(*) as notices,
        count(doc_number) as with_number,
        count(gone_at) as gone
    from {{ ref('notice') }}
    group by portal_id, section, source, cast(date_trunc('quarter', published_date) as date)
) as n
left join outcome as o on o.portal_id = n.portal_id and o.section = n.section and o.newest = 1
