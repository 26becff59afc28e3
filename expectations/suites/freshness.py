"""Freshness (时效): the last whole crawl, and the newest item of each section, are not older than their expectation.

Measured from the night's own day, never from the clock. Plans and reports, which are due once a year, are judged by the matrix.
"""

from __future__ import annotations

from datetime import date

from expectations.chunk import BATCH, Chunk
from expectations.suites.contract import Check
from expectations.suites.rules import CRITICAL, INFO, WARNING, rows_at_most, rows_exactly, within


def checks(chunk: Chunk) -> list[Check]:
    limits = chunk.limits
    allowed = {"news": limits.silent_news, "normative": limits.silent_normative}
    places = [
        (n, section, kind, (case.batch.day - case.newest[section]).days if section in case.newest else None, allowed[kind])
        for n, case in enumerate(chunk.cases)
        for section, kind in case.batch.kinds.items()
        if kind in allowed
    ]
    frame = chunk.table([BATCH, "section", "kind", "days", "most"], places)
    frame["no_bound"] = float("nan")
    frame[["days", "most"]] = frame[["days", "most"]].astype("float64")
    judged = chunk.each(lambda case: sum(kind in allowed for kind in case.batch.kinds.values()))
    since = chunk.each(lambda case: _days_since(case.batch.day, case.good_day or case.first_day))
    return [
        Check(
            "freshness",
            frame,
            ("section", "kind"),
            (
                rows_exactly(CRITICAL, "every section of a kind with an expected rhythm is judged", chunk.rows(frame), judged),
                rows_at_most(WARNING, "days since the last whole crawl are few: the portal is not stale", since, limits.stale_days),
            ),
            (within(INFO, "no section is silent longer than its kind allows", "days", "no_bound", "most"),),
        )
    ]


def _days_since(day: date, earlier: date) -> int:
    return (day - earlier).days
