"""Portal health (网站运行): a daily visit to each portal's home page, archived in a home of its own (`health/`), beside the nightly crawl.

A portal that was blocked at night may answer by day, and a home page that no longer changes is a finding by itself. One visit a day from
one place is no proof that a site is down for others (国办秘函〔2019〕19号 asks for twenty a day), so nothing here is a verdict of failure
about reachability. A few links of each home page are tried too, others every day (crawlers/links.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from gongkai.layout import Layout, run_day, write_text_atomic
from gongkai.ledger import StageOutcome, read_outcome
from gongkai.registry import Portal
from gongkai.rules import load_rules
from gongkai.status import RunStatus
from stages.context import RunContext, open_context
from stages.crawl import crawl
from stages.shared import fetched, stored_portals

_SECTION = {"name": "首页", "kind": "news", "entry": "/", "family": "generic"}
_SILENT = {RunStatus.BLOCKED, RunStatus.UNREACHABLE, RunStatus.WRONG_SITE}


@dataclass(frozen=True)
class Visit:
    """What one visit to a portal's home page found."""

    run_id: str
    outcome: StageOutcome
    links: int
    """Items that the page lists."""
    newest: date | None
    """Newest day among them, not later than the visit's."""

    @property
    def answered(self) -> bool:
        """Whether the portal's own page came; `broken` means that it came and lists nothing that we can read."""
        return self.outcome.status not in _SILENT

    @property
    def words(self) -> str:
        if not self.answered:
            return f"{self.outcome.status.value}: {'; '.join(self.outcome.reasons[:2])}"
        return f"answers, {self.links} items, newest {self.newest or 'without a date'}"


def visit(portal_ids: Sequence[str], ctx: RunContext) -> list[StageOutcome]:
    """Ask the home pages of some portals once: robots.txt, one lane a portal, one page and a few of its links. Idempotent within a run.

    Raises:
        GongkaiError: an unknown portal.
    """
    home = ctx.layout.health
    registry = home.home / "registry" / f"{ctx.run_id}.{portal_ids[0]}.yaml"
    entries = [_entry(portal) for portal in ctx.portals(portal_ids)]
    write_text_atomic(registry, yaml.safe_dump({"portals": entries}, allow_unicode=True))
    settings = ctx.settings.model_copy(update={"home": home.home, "portals": registry, "store": _store(ctx)})
    try:
        return crawl(portal_ids, open_context(ctx.run_id, settings), sample=0, links=ctx.settings.home_links)
    finally:
        registry.unlink()


def _store(ctx: RunContext) -> str:
    """In the shared store, too, visits have a place of their own."""
    return f"{ctx.settings.store.rstrip('/')}/health" if ctx.settings.store else ""


def fetch_visits(ctx: RunContext) -> None:
    """Bring the visits here that other machines made; nothing without a store."""
    visited = open_context(ctx.run_id, ctx.settings.model_copy(update={"home": ctx.layout.health.home, "store": _store(ctx)}))
    fetched(visited, stored_portals(visited), raw=True)


def _entry(portal: Portal) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(portal.model_dump_json(exclude_defaults=True))
    return entry | {"sections": [_SECTION]}


def visits(layout: Layout, portal_id: str, most: int = 30) -> list[Visit]:
    """The newest visits, newest first."""
    health = layout.health
    paths = (path for run in reversed(health.ledger_runs()) if (path := health.outcome(run, portal_id, "crawl")).exists())
    found = []
    for outcome in map(read_outcome, islice(paths, most)):
        rows = health.raw_run(portal_id, outcome.run_id) / "list_entry.parquet"
        links, newest = _listed(rows, run_day(outcome.run_id)) if rows.exists() else (0, None)
        found.append(Visit(outcome.run_id, outcome, links, newest))
    return found


def _listed(path: Path, today: date) -> tuple[int, date | None]:
    days = pq.read_table(path, columns=["date"], partitioning=None)["date"]
    past = pc.filter(days, pc.less_equal(days, today))
    return len(days), pc.max(past).as_py()


def stands_still(found: Sequence[Visit]) -> str | None:
    """Why the home page seems not to be updated, in words; None where it is, or where that cannot be said.

    It takes visits over two weeks that all answered and showed the same newest day, two weeks and more before the last of them.
    """
    if not found or found[0].newest is None:
        return None
    last, newest = run_day(found[0].run_id), found[0].newest
    still = timedelta(days=int(load_rules()["home-updated"].editions[-1].thresholds["days"]))
    span = [v for v in found if run_day(v.run_id) >= last - still]
    if last - run_day(found[-1].run_id) < still or last - newest < still:
        return None
    if not all(v.answered and v.newest == newest for v in span):
        return None
    return f"newest item of the home page is of {newest}, and so it was in {len(span)} visits since {run_day(span[-1].run_id)}"
