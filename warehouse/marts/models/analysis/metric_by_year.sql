-- Grain: report year × metric. Answers: what is the sum over all portals, and how many of them stand behind it?
-- The sum is NULL where values may not be added up (percentages) or nobody states one. `portals` is the sum of the counts behind it.
select
    report_year,
    code,
    max(metric_zh) as metric_zh,
    max(metric_en) as metric_en,
    cast(
        case when max(case when m.additive_over_portals then 1 else 0 end) = 1 then sum(case when v.unit = m.unit then v.value end) end as numeric(38, 6)
    ) as total,
    max(m.unit) as unit,
    count(*) as portals,
    count(case when v.value is not null then 1 end) as with_value,
    count(case when v.value is not null and v.unit <> m.unit then 1 end) as in_another_unit,
    count(case when v.value = 0 then 1 end) as with_zero,
    count(case when v.state in ('blank', 'na_mark', 'text', 'unreadable', 'absent') then 1 end) as without_number,
    count(case when v.state = 'not_stated' then 1 end) as not_stated,
    count(case when v.state = 'no_report' then 1 end) as no_report,
    count(case when v.state = 'not_seen' then 1 end) as not_seen,
    count(case when v.state = 'not_due' then 1 end) as not_due,
    count(case when v.contradicted then 1 end) as contradicted
from {{ ref('metric_by_city_year') }} as v
join {{ ref('dim_metric') }} as m using (code)
group by report_year, code
