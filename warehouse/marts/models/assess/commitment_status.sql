-- Grain: commitment × day from which a status held. Answers: since when is it overdue, and what was said before?
-- What today's build changed is shown before it is recorded (warehouse/commitments/history.py), so both always agree.
with held as (
    select *, row_number() over (partition by commitment_id order by since desc, recorded_at desc) as newest
    from {{ source('silver', 'commitment_status') }}
),

changed as (
    select c.portal_id, c.commitment_id, c.status, c.as_of as since
    from {{ ref('commitment') }} as c
    left join held as h on h.commitment_id = c.commitment_id and h.newest = 1
    where h.status is null or h.status <> c.status
),

every as (
    select portal_id, commitment_id, status, since, newest from held
    union all
    select portal_id, commitment_id, status, since, 0 as newest from changed
)

select
    portal_id,
    commitment_id,
    cast(row_number() over (partition by commitment_id order by since, newest desc) - 1 as bigint) as seq,
    status,
    since,
    lead(since) over (partition by commitment_id order by since, newest desc) as until
from every
