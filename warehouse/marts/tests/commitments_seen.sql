-- Nobody is said to have broken a promise that we could not have seen kept: rows here are false fails.
select c.commitment_id, c.why
from {{ ref('commitment') }} as c
where c.status = 'overdue'
    and (c.ends is null or c.as_of <= c.ends or c.seen_until is null or c.seen_until <= c.ends or c.visible <> 'outward' or (c.candidates > 0 and c.periods_due = 0))
