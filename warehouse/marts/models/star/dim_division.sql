-- Grain: one row an administrative division of GB/T 2260. Answers: where does this code lie, and what lies above it?
select
    d.code as division_code,
    d.name_zh,
    d.name_en,
    d.level,
    d.parent_code,
    p.name_zh as parent_name,
    d.province_code,
    v.name_zh as province_name
from {{ source('silver', 'division') }} as d
left join {{ source('silver', 'division') }} as p on p.code = d.parent_code
left join {{ source('silver', 'division') }} as v on v.code = d.province_code
