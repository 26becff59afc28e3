-- Grain: notice × area. Answers: which notices are about housing, food, budgets, and which words say so?
-- A notice without a row has no area that the rules know (docs/areas.md says how well they do).
select
    n.portal_id,
    n.portal_name,
    n.notice_id,
    a.area,
    d.name_zh as area_zh,
    d.name_en as area_en,
    a.basis,
    a.words,
    a.unit,
    n.section,
    n.title,
    n.published_date,
    n.gone_at,
    n.url
from {{ source('silver', 'notice_area') }} as a
join {{ ref('notice') }} as n on n.notice_id = a.notice_id and n.version = a.version
join {{ source('silver', 'area') }} as d on d.area = a.area
