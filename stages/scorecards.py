"""Scorecards as published, what changed between two days, and what people put beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gongkai.errors import GongkaiError
from gongkai.ledger import one_line
from gongkai.scorecards import Scorecard, load_scorecards
from stages.context import RunContext
from warehouse.published import published_with
from warehouse.scorecards.appeals import Appeal, append_appeal, read_appeals

_LONGEST_NOTE = 500


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of mart.scorecard."""

    portal_id: str
    portal_name: str
    scorecard: str
    scorecard_zh: str
    version: str
    points: Decimal
    possible: Decimal
    total: Decimal
    score: Decimal | None
    share_assessable: float
    place: int | None
    among: int | None
    as_of: date


@dataclass(frozen=True, kw_only=True)
class Deducted:
    """A row of mart.scorecard_deduction."""

    measure: str
    subject: str
    subject_title: str | None
    points: Decimal
    reason: str
    observed: str | None
    threshold: str | None
    evidence_url: str
    evidence_run_id: str
    evidence_warc_file: str
    evidence_warc_offset: int


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A row of mart.scorecard_item with its deductions, and all appeals, also those since the last night."""

    indicator: str
    indicator_zh: str
    indicator_en: str
    points: Decimal | None
    max_points: Decimal
    verdict: str
    reason: str
    deductions: list[Deducted]
    appeals: list[Appeal]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One indicator that was another on the second day; None: it was not judged by that edition yet."""

    portal_id: str
    scorecard: str
    version: str
    indicator: str
    before: tuple[str, Decimal | None] | None
    after: tuple[str, Decimal | None] | None
    newly_failing: list[str]
    no_longer_failing: list[str]
    titles: dict[str, str]
    """Names of those subjects that have one."""


def listed(ctx: RunContext, scorecard: str | None = None) -> list[Line]:
    """Every published scorecard, by set and place.

    Raises:
        GongkaiError: no such set; or nothing is published, or by an older release.
    """
    if scorecard is not None:
        _set_named(scorecard)
    names = ", ".join(Line.__dataclass_fields__)
    order = "scorecard, version, place NULLS LAST, score DESC NULLS LAST, portal_id"
    sql = f"SELECT {names} FROM mart.scorecard WHERE $1::text IS NULL OR scorecard = $1 ORDER BY {order}"  # noqa: S608  our own names
    with published_with(ctx.engine, "scorecard", "scorecards") as connection:
        return [Line(**dict(zip(Line.__dataclass_fields__, row, strict=True))) for row in connection.query(sql, scorecard)]


def look(ctx: RunContext, portal_id: str, scorecard: str) -> list[Judged]:
    """A portal's indicators in the set's order, with every deduction. Raises GongkaiError for an unknown portal or set, and as `listed`."""
    _set_named(scorecard)
    fields = ("indicator", "indicator_zh", "indicator_en", "points", "max_points", "verdict", "reason")
    items = f"SELECT {', '.join(fields)} FROM mart.scorecard_item WHERE portal_id = $1 AND scorecard = $2 ORDER BY ordinal"  # noqa: S608
    names = ", ".join(Deducted.__dataclass_fields__)
    lost = f"SELECT indicator, {names} FROM mart.scorecard_deduction WHERE portal_id = $1 AND scorecard = $2 ORDER BY 1, 2, 3"  # noqa: S608
    with published_with(ctx.engine, "scorecard", "scorecards") as connection:
        found = connection.query(items, portal_id, scorecard)
        deductions = connection.query(lost, portal_id, scorecard)
    if not found:
        raise GongkaiError(f"{portal_id!r}: no scorecard {scorecard} of such a portal is published; `gongkai scorecard list` names them")
    appeals = [a for a in read_appeals(ctx.layout, portal_id) if a.scorecard == scorecard]
    return [
        Judged(
            **dict(zip(fields, row, strict=True)),
            deductions=[Deducted(**dict(zip(Deducted.__dataclass_fields__, d[1:], strict=True))) for d in deductions if d[0] == row[0]],
            appeals=[a for a in appeals if a.indicator == row[0]],
        )
        for row in found
    ]


def appeal(ctx: RunContext, portal_id: str, scorecard: str, indicator: str, *, note: str, actor: str, now: datetime) -> Appeal:
    """Put a note beside an indicator. It changes no point and is never taken away.

    Raises:
        GongkaiError: no such portal, set or indicator, or no note.
    """
    ctx.portals([portal_id])
    if indicator not in (known := [i.id for i in _set_named(scorecard).indicators]):
        raise GongkaiError(f"{scorecard} has no indicator {indicator!r}: {', '.join(known)}")
    note, actor = one_line(note), one_line(actor)
    if not note or not actor or len(note) > _LONGEST_NOTE:
        raise GongkaiError(f"{portal_id} {indicator}: an appeal needs a name and a note of at most {_LONGEST_NOTE} characters")
    written = Appeal(portal_id=portal_id, scorecard=scorecard, indicator=indicator, note=note, actor=actor, noted_at=now)
    append_appeal(ctx.layout, written)
    return written


_TITLES = """
SELECT notice_id, title FROM mart.notice WHERE notice_id IN (SELECT unnest($1::text[]))
UNION ALL SELECT document_id, title FROM mart.document WHERE document_id IN (SELECT unnest($1::text[]))
"""


def changed(ctx: RunContext, before: date, after: date, scorecard: str | None = None) -> list[Change]:
    """What of the published history differs between two days. Raises GongkaiError where the days are in no order, and as `listed`."""
    if scorecard is not None:
        _set_named(scorecard)
    if before >= after:
        raise GongkaiError(f"{before} is not before {after}")
    columns = "portal_id, scorecard, version, indicator, since, verdict, points, failing"
    sql = f"SELECT {columns} FROM mart.scorecard_history WHERE $1::text IS NULL OR scorecard = $1 ORDER BY 1, 2, 3, 4, 5"  # noqa: S608
    with published_with(ctx.engine, "scorecard", "scorecards") as connection:
        rows = connection.query(sql, scorecard)
        failing = sorted({subject for row in rows for subject in row[7] or ()})
        titles: dict[str, str] = {subject: title for subject, title in connection.query(_TITLES, failing) if title}
    changes = []
    for line in dict.fromkeys(row[:4] for row in rows):
        old, new = (_stood(rows, line, day) for day in (before, after))
        if old != new:
            was, now = (set(state[2]) if state else set() for state in (old, new))
            portal_id, card, version, indicator = line
            changes.append(
                Change(
                    portal_id=portal_id,
                    scorecard=card,
                    version=version,
                    indicator=indicator,
                    before=old and old[:2],
                    after=new and new[:2],
                    newly_failing=sorted(now - was),
                    no_longer_failing=sorted(was - now),
                    titles={subject: titles[subject] for subject in sorted(was ^ now) if subject in titles},
                )
            )
    return changes


def _stood(rows: Sequence[tuple[Any, ...]], line: tuple[Any, ...], day: date) -> tuple[str, Decimal | None, list[str]] | None:
    """Verdict, points and failing subjects of a line on a day, by an edition that held then."""
    _, scorecard, version, _ = line
    if not any(c.id == scorecard and c.version == version and c.stands_on(day) for c in load_scorecards()):
        return None
    stood = [row for row in rows if row[:4] == line and row[4] <= day]
    return (stood[-1][5], stood[-1][6], stood[-1][7]) if stood else None


def _set_named(scorecard: str) -> Scorecard:
    found = [card for card in load_scorecards() if card.id == scorecard]
    if not found:
        raise GongkaiError(f"no scorecard is called {scorecard!r}: {', '.join(sorted({c.id for c in load_scorecards()}))}")
    return found[-1]
