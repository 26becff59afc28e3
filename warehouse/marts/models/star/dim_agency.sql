-- Grain: one row a body of municipal government by function. Answers: which body is this, what else is it called, and since when does it stand?
select
    agency,
    name_zh,
    kind,
    aliases,
    valid_from,
    valid_until,
    successors
from {{ source('silver', 'agency') }}
