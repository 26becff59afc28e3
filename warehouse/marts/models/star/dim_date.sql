-- Grain: one row a day from 1980 to 2060: of old documents, and of plans for decades. Answers: is it a working day by the State Council's notices, and in which quarter and week does it lie?
-- A lag in working days is the difference of two days' working_days_before.
select
    day,
    cast(extract(year from day) as bigint) as year,
    cast(extract(quarter from day) as bigint) as quarter,
    cast(extract(month from day) as bigint) as month,
    cast(extract(isodow from day) as bigint) as iso_weekday,
    cast(extract(week from day) as bigint) as iso_week,
    cast(date_trunc('quarter', day) as date) as quarter_start,
    is_working_day,
    working_days_before,
    holiday_zh,
    holiday_en
from {{ source('silver', 'day') }}
