"""This morning (今晨): the page of a night, and one page a portal, as static HTML below `site/`.

They answer at eight o'clock what happened, what is still wrong since when, and what to press. Made from the ledger and verdicts; what
only the warehouse knows is left out, and said to be, where it cannot be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from gongkai.errors import GongkaiError
from gongkai.layout import run_day, run_moment, write_text_atomic
from gongkai.ledger import printable
from gongkai.status import RunStatus
from stages.context import RunContext
from stages.health import fetch_visits, stands_still, visits
from stages.maintenance import growth_history, growth_words
from stages.quarantine import held
from stages.standing import RUNS, Standing, gravest_first, standings
from warehouse.engines import Connection
from warehouse.summary import published_run

_CHINA = ZoneInfo("Asia/Shanghai")
_ROWS = 40
"""Most rows of a table; the page says how many it leaves out."""
_STALE_DAYS = 3
"""Days without a whole night after which a portal stands under freshness."""
_NEW = """
SELECT portal_id, portal_name, title, url, published_date, first_run FROM mart.notice
WHERE first_run = $1 ORDER BY published_date DESC, notice_id
"""
_EDITED = """
SELECT portal_id, portal_name, title, url FROM mart.notice WHERE run_id = $1 AND first_run <> $1 ORDER BY portal_id, notice_id
"""
_GONE = "SELECT portal_id, title, url, cause FROM mart.removal WHERE gone_now AND run_id = $1 ORDER BY portal_id, notice_id"
_ERRORS = """
SELECT portal_id, portal_name, document_title, rule, message, url FROM mart.finding
WHERE severity = 'error' AND run_id = $1 ORDER BY portal_id, document_id, seq
"""
_OLD = """
SELECT portal_id, portal_name, last_complete_run, days_since_complete, days_since_published FROM mart.freshness
WHERE days_since_complete IS NULL OR days_since_complete >= $1 ORDER BY days_since_complete DESC, portal_id
"""
_WAITING = """
SELECT sum(unconverted), sum(needs_ocr), sum(encrypted), sum(too_large), sum(failed), sum(unreadable) FROM mart.attachment_coverage
"""
_TOOLS = ("unconverted", "needs_ocr", "encrypted", "too_large", "failed", "unreadable")
_NEWEST = (
    "SELECT title, url, published_date, first_run FROM mart.notice WHERE portal_id = $1 ORDER BY published_date DESC, notice_id LIMIT 20"
)


@dataclass
class Shown:
    """Rows of one table, and how many there are."""

    rows: list[Any] = field(default_factory=list)
    whole: int = 0

    @classmethod
    def of(cls, rows: Sequence[Any]) -> Shown:
        return cls(list(rows[:_ROWS]), len(rows))

    @property
    def left_out(self) -> int:
        return self.whole - len(self.rows)


@dataclass
class Published:
    """What the warehouse that readers see says of tonight; `problem` where it says nothing."""

    run: str | None = None
    problem: str | None = None
    new: Shown = field(default_factory=Shown)
    edited: Shown = field(default_factory=Shown)
    gone: Shown = field(default_factory=Shown)
    errors: Shown = field(default_factory=Shown)
    old: Shown = field(default_factory=Shown)
    waiting: list[tuple[str, int]] = field(default_factory=list)
    """Attachments that are not read, by what became of them."""


def build(ctx: RunContext) -> Path:
    """Write the page of the run `ctx` and the pages of all portals that ran lately; returns the former's path."""
    found = standings(ctx)
    fetch_visits(ctx)
    seen = _published(ctx)
    environment = _environment()
    bad = gravest_first(found)
    page = environment.get_template("morning.html.j2").render(
        ctx=ctx,
        seen=seen,
        age=_age(ctx, seen.run),
        counts=_counts(ctx, found),
        statuses=_by_gravity(Counter(s.status for s in found)),
        portals=len(found),
        bad=Shown.of(bad),
        broke=[s for s in bad if s.broke_in(ctx.run_id)],
        recovered=[s for s in found if s.recovered_in(ctx.run_id)],
        held=Shown.of(held(ctx.layout)),
        growth=growth_words(history) if (history := growth_history(ctx.layout)) else None,
    )
    _portal_pages(ctx, found, seen, environment)
    path = ctx.layout.site / "morning" / "index.html"
    write_text_atomic(path, page, durable=False)
    return path


def _published(ctx: RunContext) -> Published:
    try:
        run = published_run(ctx.engine)
        with ctx.engine.published() as connection:
            return Published() if connection is None else _told(connection, run, ctx.run_id)
    except GongkaiError as error:
        return Published(problem=printable(str(error)))


def _told(connection: Connection, run: str | None, tonight: str) -> Published:
    waiting = connection.query(_WAITING)[0]
    return Published(
        run=run,
        new=Shown.of(connection.query(_NEW, tonight)),
        edited=Shown.of(connection.query(_EDITED, tonight)),
        gone=Shown.of(connection.query(_GONE, tonight)),
        errors=Shown.of(connection.query(_ERRORS, tonight)),
        old=Shown.of(connection.query(_OLD, _STALE_DAYS)),
        waiting=[(name, int(count)) for name, count in zip(_TOOLS, waiting, strict=True) if count],
    )


def _counts(ctx: RunContext, found: Sequence[Standing]) -> dict[str, int]:
    """Sums of tonight's crawls."""
    tonight = [s.nights[0] for s in found if s.nights[0].run_id == ctx.run_id]
    names = ("requests", "bytes", "new", "changed", "removed", "tasks", "metrics", "findings")
    return {"portals": len(tonight)} | {name: sum(night.count(name) for night in tonight) for name in names}


def _by_gravity(counts: Counter[RunStatus]) -> list[tuple[RunStatus, int]]:
    return [(status, counts[status]) for status in reversed(RunStatus) if counts[status]]


def _age(ctx: RunContext, run: str | None) -> timedelta | None:
    return ctx.now - run_moment(run) if run else None


def _portal_pages(ctx: RunContext, found: Sequence[Standing], seen: Published, environment: Environment) -> None:
    """A page a portal, each made anew: a streak, a visit and the newest notices may change without a run."""
    template = environment.get_template("portal.html.j2")
    newest = _newest(ctx, [s.portal_id for s in found], seen)
    for standing in found:
        portal = ctx.registry.get(standing.portal_id)
        seen_at_home = visits(ctx.layout, standing.portal_id)
        page = template.render(
            ctx=ctx,
            s=standing,
            portal=portal,
            newest=newest.get(standing.portal_id, []),
            seen=seen,
            runs=RUNS,
            visits=seen_at_home,
            still=stands_still(seen_at_home),
        )
        write_text_atomic(ctx.layout.site / "portal" / f"{standing.portal_id}.html", page, durable=False)


def _newest(ctx: RunContext, portal_ids: Sequence[str], seen: Published) -> dict[str, list[Any]]:
    if seen.problem:
        return {}
    with ctx.engine.published() as connection:
        return {} if connection is None else {portal_id: connection.query(_NEWEST, portal_id) for portal_id in portal_ids}


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("stages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["day"] = lambda run: run_day(run).isoformat() if run else "never"
    environment.filters["clock"] = _clock
    environment.filters["web"] = lambda url: url if str(url).startswith(("http://", "https://")) else None
    return environment


def _clock(moment: datetime) -> str:
    return moment.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M")
