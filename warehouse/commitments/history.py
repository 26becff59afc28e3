"""Since when a commitment has its status: a row of silver.commitment_status for each change that a build of the marts saw."""

from __future__ import annotations

from datetime import date, datetime

from warehouse.engines.contract import Connection, statement

_CHANGED = """
INSERT INTO silver.commitment_status (portal_id, commitment_id, status, since, recorded_at)
SELECT c.portal_id, c.commitment_id, c.status, $1::date, $2::timestamptz FROM {schema}.commitment AS c
LEFT JOIN (
    SELECT commitment_id, status, row_number() OVER (PARTITION BY commitment_id ORDER BY since DESC, recorded_at DESC) AS place
    FROM silver.commitment_status
) AS held ON held.commitment_id = c.commitment_id AND held.place = 1
WHERE held.status IS NULL OR held.status <> c.status
"""


def record_statuses(connection: Connection, schema: str, *, as_of: date, now: datetime) -> None:
    """Append what changed, in the caller's transaction; `mart.commitment_status` shows it before that: a kill loses nothing."""
    connection.execute(statement(_CHANGED, schema=schema), as_of, now)
