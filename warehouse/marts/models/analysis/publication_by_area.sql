-- Grain: portal × publishing unit × area × quarter. Answers: how much was published of each area, by whom and when, and was it all seen?
-- A notice with several areas counts in each; area is NULL for notices without one, so that nothing is left out of sight.
with classified as (
    select
        n.portal_id,
        n.portal_name,
        a.notice_id,
        a.unit,
        a.area,
        a.basis,
        n.gone_at,
        cast(date_trunc('quarter', n.published_date) as date) as quarter_start
    from {{ source('silver', 'notice_area') }} as a
    join {{ ref('notice') }} as n on n.notice_id = a.notice_id and n.version = a.version
),

total as (
    select
        portal_id,
        quarter_start,
        count(distinct notice_id) as portal_notices,
        count(case when area is null then 1 end) as portal_unclassified
    from classified
    group by portal_id, quarter_start
),

coverage as (
    select portal_id, count(*) as sections, count(case when complete then 1 end) as sections_complete
    from (
        select *, row_number() over (partition by portal_id, section order by run_id desc) as newest
        from {{ source('silver', 'section_outcome') }}
    ) as o
    where newest = 1
    group by portal_id
),

counted as (
    select
        portal_id,
        max(portal_name) as portal_name,
        unit,
        area,
        quarter_start,
        count(*) as notices,
        count(case when basis = 'title' then 1 end) as by_title,
        count(gone_at) as gone
    from classified
    group by portal_id, unit, area, quarter_start
)

select
    c.portal_id,
    c.portal_name,
    c.unit,
    c.area,
    d.name_zh as area_zh,
    d.name_en as area_en,
    c.quarter_start,
    c.notices,
    c.by_title,
    c.gone,
    t.portal_notices,
    t.portal_unclassified,
    o.sections,
    o.sections_complete
from counted as c
left join total as t
    on t.portal_id = c.portal_id and coalesce(t.quarter_start, date '0001-01-01') = coalesce(c.quarter_start, date '0001-01-01')
left join coverage as o on o.portal_id = c.portal_id
left join {{ source('silver', 'area') }} as d on d.area = c.area
