"""Portal × year (公开完整性): the completeness matrix has all its cells, and none of them is missing."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import get_args

import pandas as pd

from expectations.completeness import GENRES, expected_years
from expectations.suites.contract import Case, Check
from expectations.suites.rules import CRITICAL, INFO, WARNING, holds, one_of, rows_at_least, unique
from gongkai.records.quality import CellState, CompletenessCell


def checks(case: Case) -> list[Check]:
    expected = sum(len(expected_years(case.batch.portal, genre, case.batch.day)) for genre in GENRES)
    frame = pd.DataFrame([asdict(c) for c in case.cells], columns=[f.name for f in fields(CompletenessCell)])
    frame["there"], frame["in_time"], frame["seen"] = (frame["state"] != s for s in ("missing", "late", "cannot_see"))
    return [
        Check(
            "portal_year",
            frame,
            ("genre", "year", "reason"),
            (
                rows_at_least(CRITICAL, "the matrix has a cell for every year the registry expects", expected),
                unique(CRITICAL, "one cell a genre and year", "genre", "year"),
                one_of(CRITICAL, "states are of the vocabulary", "state", get_args(CellState)),
                holds(WARNING, "no plan or report is missing", "there"),
                holds(INFO, "plans and reports came in time", "in_time"),
                holds(INFO, "every year could be judged", "seen"),
            ),
        )
    ]
