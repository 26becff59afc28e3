"""Batches that the audit passed and the load refused (keys, foreign rows, a moment still to come), as the warehouse keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from gongkai.words import counted
from stages.context import RunContext
from warehouse.engines.contract import Rows
from warehouse.examine import REFUSED_ROW

_REFUSED = """
SELECT portal_id || '/' || run_id, table_name, rule, column_name, row_number, value, row FROM silver.refused_row
WHERE portal_id IN (SELECT unnest($1::text[])) ORDER BY portal_id, run_id, seq
"""


@dataclass(frozen=True)
class Refused:
    """A batch that waits until its files are mended or the clock has come that far; there is nothing to release."""

    batch: str
    rows: Rows
    """(table, rule, column, number of the row in its file, value, row as JSON); without a number the value says what is wrong of a file."""

    @property
    def causes(self) -> list[str]:
        """`notice.fetched_at: clock, 2 rows kept`, or what is wrong of a whole file."""
        told = []
        for (table, rule, column), found in groupby(self.rows, key=lambda row: row[:3]):
            rows = list(found)
            place = ".".join(filter(None, (table, column)))
            told.append(f"{place}: {rule}, {counted(len(rows), 'row')} kept" if rows[0][3] is not None else f"{rule}: {rows[0][4]}")
        return told


def refused(ctx: RunContext, portal_ids: Sequence[str] = ()) -> list[Refused]:
    """Of these portals (default: all of the registry).

    Raises:
        WarehouseError: there is no warehouse yet, or it is locked or out of reach.
    """
    with ctx.engine.reading() as connection:
        known = connection.column_types("silver", REFUSED_ROW.name)
        rows = connection.query(_REFUSED, list(portal_ids) or list(ctx.registry)) if known else []
    return [Refused(batch, [row[1:] for row in found]) for batch, found in groupby(rows, key=lambda row: str(row[0]))]
