-- Grain: one row a disclosure area. Answers: what is to be published most of all, and who says so?
select
    area,
    name_zh,
    name_en,
    named_in,
    ordinal
from {{ source('silver', 'area') }}
