"""Obligations as promises: a limit from publication is reckoned as soon as somebody knows that day."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from warehouse.commitments.promises import promises_of
from warehouse.engines.contract import Connection

SENTENCE = "在本方案公布后5个工作日内公布实施方案。"


class Answers:
    """A connection to a portal whose plan has no tasks and one obligation."""

    def __init__(self, due: date | None, unit: str) -> None:
        grain = ("n", "d", "0.7.0", "20260301T183000Z", "例市人民政府", 2025, date(2025, 3, 3))
        self.row = (*grain, 0, SENTENCE, ["市财政局"], None, due, None, 0, 14, 5, unit)

    def query(self, sql: str, *_: Any) -> list[tuple[Any, ...]]:
        return [self.row] if "silver.obligation" in sql else []


@pytest.mark.parametrize(
    ("due", "unit", "published", "wanted"),
    [
        (date(2025, 4, 1), "working_day", date(2025, 4, 2), date(2025, 4, 1)),  # what the reader reckoned stands
        (None, "working_day", date(2025, 4, 2), date(2025, 4, 10)),  # 4 April is a holiday
        (None, "week", date(2025, 4, 2), date(2025, 5, 7)),
        (None, "working_day", None, None),
        (None, "working_day", date(2031, 4, 2), None),  # no holiday notice yet
        (None, "hour", date(2025, 4, 2), None),
    ],
)
def test_due_dates_that_wait_for_the_day_of_publication(due: date | None, unit: str, published: date | None, wanted: date | None) -> None:
    made = list(promises_of(cast(Connection, Answers(due, unit)), ["p"], {"n": published}))
    assert [(m.row["kind"], m.row["due_date"], m.row["text"]) for m in made] == ([("obligation", wanted, SENTENCE[:-1])] if wanted else [])
