-- Grain: one row a metric of annual reports and website tables. Answers: what does this code mean, in which unit, in which forms, and may it be added up?
-- A percentage and a mean are never added; what is in force or was disclosed until now adds up over bodies, not over years.
select
    code,
    name_zh,
    name_en,
    unit,
    value_type,
    eras,
    dimensions,
    in_form,
    derived,
    ordinal,
    value_type not in ('percent', 'mean') as additive_over_portals,
    value_type not in ('percent', 'mean') and not (code like '%in\_force' escape '\' or code like '%stock' or code like '%cumulative' or code like '%\_prev' escape '\')
    as additive_over_years
from {{ source('silver', 'metric') }}
