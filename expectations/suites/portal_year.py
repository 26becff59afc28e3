"""Portal × year (公开完整性): the completeness matrix has all its cells, and none of them is missing."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

from expectations.chunk import BATCH, Chunk
from expectations.completeness import GENRES, expected_years
from expectations.suites.contract import Check
from expectations.suites.rules import CRITICAL, INFO, WARNING, holds, one_of, rows_at_least, unique
from gongkai.records.quality import CellState, CompletenessCell

_COLUMNS = [f.name for f in fields(CompletenessCell)]


def checks(chunk: Chunk) -> list[Check]:
    cells = ((n, *(getattr(cell, name) for name in _COLUMNS)) for n, case in enumerate(chunk.cases) for cell in case.cells)
    frame = chunk.table([BATCH, *_COLUMNS], cells)
    frame["there"], frame["in_time"], frame["seen"] = (frame["state"] != s for s in ("missing", "late", "cannot_see"))
    expected = chunk.each(lambda case: sum(len(expected_years(case.batch.portal, genre, case.batch.day)) for genre in GENRES))
    return [
        Check(
            "portal_year",
            frame,
            ("genre", "year", "reason"),
            (rows_at_least(CRITICAL, "the matrix has a cell for every year the registry expects", chunk.rows(frame), expected),),
            (
                unique(CRITICAL, "one cell a genre and year", "genre", "year"),
                one_of(CRITICAL, "states are of the vocabulary", "state", get_args(CellState)),
                holds(WARNING, "no plan or report is missing", "there"),
                holds(INFO, "plans and reports came in time", "in_time"),
                holds(INFO, "every year could be judged", "seen"),
            ),
        )
    ]
