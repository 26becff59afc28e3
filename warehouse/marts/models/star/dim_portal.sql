-- Grain: one row a registered portal. Answers: whose portal is it, where in the country, and in which system is it built?
select
    p.portal_id,
    p.name as name_zh,
    p.name_en,
    p.level,
    p.division_code,
    d.name_zh as division_name,
    p.province,
    p.family,
    p.base_url,
    p.status as registry_status
from {{ source('silver', 'portal') }} as p
left join {{ source('silver', 'division') }} as d on d.code = p.division_code
