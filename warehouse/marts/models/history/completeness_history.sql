-- Grain: portal × genre × year × stretch: a time during which accepted runs judged one way. Answers: what was known of a plan or report on a day, and since when?
-- As in portal_completeness, which shows what stands today; reason and days are those that the stretch ended with. On a day: completeness_as_of(day).
with judged as (
    select c.*, dense_rank() over (partition by c.portal_id order by c.run_id) as turn
    from {{ source('silver', 'completeness') }} as c
    join {{ source('silver', 'load_log') }} as l on l.portal_id = c.portal_id and l.run_id = c.run_id
    where l.passed
),

stepped as (
    select
        *,
        case when state = lag(state) over (partition by portal_id, genre, year order by turn)
            and turn = lag(turn) over (partition by portal_id, genre, year order by turn) + 1 then 0 else 1 end as turned
    from judged
),

numbered as (
    select *, sum(turned) over (partition by portal_id, genre, year order by turn rows unbounded preceding) as stretch from stepped
),

-- a year that is judged no more ends with the run that left it out
stretch as (
    select portal_id, genre, year, stretch, min(run_id) as first_run, max(run_id) as last_run, max(turn) as last_turn
    from numbered
    group by portal_id, genre, year, stretch
),

turn as (
    select distinct portal_id, turn, run_id from judged
)

select
    s.portal_id,
    p.name as portal_name,
    s.genre,
    s.year,
    cast(s.stretch as bigint) as stretch,
    j.state,
    j.published as published_date,
    j.legal_date,
    j.reason,
    j.document_id,
    {{ run_time('s.first_run') }} as valid_from,
    {{ run_time('e.run_id') }} as valid_to,
    e.run_id is null as is_current,
    s.last_run as run_id
from stretch as s
join judged as j on j.portal_id = s.portal_id and j.genre = s.genre and j.year = s.year and j.run_id = s.last_run
join {{ source('silver', 'portal') }} as p on p.portal_id = s.portal_id
left join turn as e on e.portal_id = s.portal_id and e.turn = s.last_turn + 1
