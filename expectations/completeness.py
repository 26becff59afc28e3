"""Completeness (公开完整性): portal × year × genre → expected, found, late, missing, cannot see. Pure.

"Could not see" is never "is absent": a cell is `missing` only where the portal's whole listing was seen, its last day is over,
and no listed title names the year.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from gongkai.records.quality import CellState, CompletenessCell
from gongkai.registry import Portal
from gongkai.rules import report_due
from gongkai.status import RunStatus

Genre = Literal["work_plan", "annual_report"]
GENRES: tuple[Genre, ...] = get_args(Genre)

_YEAR_IN_TITLE = re.compile(r"(?<!\d)(20\d{2})\s{0,2}年")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A plan or report that was read in some run."""

    genre: Genre
    year: int
    document_id: str
    dates: tuple[date, ...] = ()
    """Every day of publication that page, listing or text claims."""


def legal_date(genre: Genre, year: int, level: str) -> date | None:
    """Last day for publishing the report about `year` (gongkai/data/rules.yaml); None for plans, whose date no national law sets."""
    if genre == "work_plan":
        return None
    due = report_due(year, "department" if level == "department" else "government")
    return due.day if due else None


def last_day(genre: Genre, year: int, level: str) -> date | None:
    """The day after which a document is late: the legal date; for a plan the end of its year, when nothing is left to plan.

    None for reports about years before the law.
    """
    return date(year, 12, 31) if genre == "work_plan" else legal_date(genre, year, level)


def expected_years(portal: Portal, genre: Genre, today: date) -> range:
    """Years for which the registry's sections promise this genre; empty where none says `since`."""
    since = [s.since for s in portal.sections if s.kind.value == genre and s.since is not None]
    end = today.year + 1 if genre == "work_plan" else today.year
    return range(min(since), end) if since else range(0)


def years_named(titles: Iterable[str]) -> set[int]:
    """Years that titles name (2023年, full-width digits too)."""
    return {int(y) for title in titles for y in _YEAR_IN_TITLE.findall(unicodedata.normalize("NFKC", title))}


def completeness(
    portal: Portal,
    *,
    run_id: str,
    status: RunStatus,
    today: date,
    found: Sequence[Found],
    listed: Mapping[Genre, set[int]],
) -> list[CompletenessCell]:
    """Cells of one portal: each expected year, and each year that was found.

    `status` is how the crawl of `run_id` ended; `listed` holds the years that titles in the genre's sections name.
    """
    cells = []
    for genre in GENRES:
        there: dict[int, list[Found]] = {}
        for item in found:
            if item.genre == genre:
                there.setdefault(item.year, []).append(item)
        for year in sorted({*expected_years(portal, genre, today), *there}):
            best: str | None
            published: date | None
            if year in there:
                state, best, published, reason = _present(there[year], last_day(genre, year, portal.level))
            else:
                best, published = None, None
                state, reason = _absent(status, year in listed.get(genre, ()), last_day(genre, year, portal.level), today)
            cells.append(
                CompletenessCell(
                    portal_id=portal.id,
                    run_id=run_id,
                    genre=genre,
                    year=year,
                    state=state,
                    document_id=best,
                    published=published,
                    legal_date=legal_date(genre, year, portal.level),
                    reason=reason,
                )
            )
    return cells


def _credible(item: Found) -> date | None:
    """The earliest claimed day that the genre allows: a report is not older than its year's end, a plan not than the autumn before."""
    floor = date(item.year + 1, 1, 1) if item.genre == "annual_report" else date(item.year - 1, 10, 1)
    return min((d for d in item.dates if d >= floor), default=None)


def _present(items: Sequence[Found], last: date | None) -> tuple[CellState, str, date | None, str]:
    dated = [(day, i.document_id) for i in items if (day := _credible(i)) is not None]
    if not dated:
        return "found", min(i.document_id for i in items), None, "no credible date of publication: lateness cannot be judged"
    published, document = min(dated)
    if last is None:
        return "found", document, published, f"published {published}; no rule set a day"
    if published > last:
        return "late", document, published, f"published {published}, {(published - last).days} days after {last}"
    return "found", document, published, f"published {published}, by {last}"


def _absent(status: RunStatus, named: bool, last: date | None, today: date) -> tuple[CellState, str]:
    if last is not None and today <= last:
        return "expected", f"not due before {last}"
    if not status.is_whole:
        return "cannot_see", f"the crawl ended {status.value}: what was not seen is not absent"
    if named:
        return "cannot_see", "a listed title names this year, but no such document was read"
    return "missing", f"{f'due by {last}' if last else 'no rule set a day'}, and the whole listing does not hold it"
