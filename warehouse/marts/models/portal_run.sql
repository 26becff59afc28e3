-- Grain: portal × run. Answers: how did each stage end for each portal, night by night?
with stage as (
    select *, {{ gravity('status') }} as gravity from {{ source('silver', 'stage_outcome') }}
),

worst as (
    -- the gravest stage speaks for the run; of equals one that gives reasons, then the later one (it repeats what it was told)
    select
        *,
        row_number() over (
            partition by portal_id, run_id
            order by gravity desc, case when coalesce(array_length(reasons, 1), 0) > 0 then 0 else 1 end,
                case stage when 'load' then 4 when 'audit' then 3 when 'extract' then 2 else 1 end desc
        ) as place
    from stage
)

select
    portal_id,
    run_id,
    {{ run_time('run_id') }} as run_time,
    max(case when place = 1 then status end) as status,
    max(case when stage = 'crawl' then status end) as crawl_status,
    max(case when stage = 'extract' then status end) as extract_status,
    max(case when stage = 'audit' then status end) as audit_status,
    max(case when stage = 'load' then status end) as load_status,
    max(case when place = 1 then stage end) as gravest_stage,
    max(case when place = 1 then reasons end) as reasons,
    max(case when stage = 'crawl' then cast({{ json_field('counts', 'listed') }} as bigint) end) as listed,
    max(case when stage = 'crawl' then cast({{ json_field('counts', 'declared') }} as bigint) end) as declared
from worst
group by portal_id, run_id
