"""Crawl: one Scrapy process for a batch of portals (a process costs 1.5 s to start, a lane nothing), then what the ledger says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gongkai.ledger import StageOutcome, read_outcome, record
from gongkai.settings import PROJECT, Settings
from gongkai.status import RunStatus
from stages.context import RunContext
from stages.shared import shared

_LAST_LINES = 8


def crawl(
    portal_ids: Sequence[str],
    ctx: RunContext,
    *,
    rewalk: bool = False,
    accept_mass_change: bool = False,
    sample: int | None = None,
    links: int = 0,
) -> list[StageOutcome]:
    """Crawl the portals; one outcome each, also where the process died before it could write one.

    `rewalk` walks every listing whole and asks every known page again, which finds edits; `accept_mass_change` says that a person
    has looked at a change or removal too large to be believed; `sample` reads page one of each section and that many notices of it;
    `links` also tries that many links of the page, which is for visits to home pages.

    Raises:
        GongkaiError: an unknown portal.
    """
    ids = [p.id for p in ctx.portals(portal_ids)]
    options = ["--rewalk"] if rewalk else []
    options += ["--accept-mass-change"] if accept_mass_change else []
    options += [] if sample is None else ["--sample", str(sample)]
    options += ["--links", str(links)] if links else []
    with shared(ctx, ids):
        return _crawl(ids, ctx, options)


def _crawl(ids: list[str], ctx: RunContext, options: list[str]) -> list[StageOutcome]:
    started = datetime.now(UTC)
    before = {portal_id: _written(portal_id, ctx) for portal_id in ids}
    log = ctx.layout.crawl_log(ctx.run_id, ids)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "crawlers", "--run", ctx.run_id, "--portals", ",".join(ids), "--parent-pipe", *options]
    with (
        log.open("ab") as out,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, cwd=PROJECT, env=_environment(ctx.settings)
        ) as process,
    ):
        try:
            status = process.wait()
        except BaseException:  # our own end (a signal, a time limit) must not leave a crawl behind
            process.kill()
            raise
    told = [portal_id for portal_id in ids if _written(portal_id, ctx) != before[portal_id]]
    return [read_outcome(ctx.layout.outcome(ctx.run_id, i, "crawl")) if i in told else _died(i, ctx, started, status, log) for i in ids]


def _written(portal_id: str, ctx: RunContext) -> tuple[int, int] | None:
    """Which file holds the outcome: another one after each writing, whatever the clock does meanwhile."""
    path = ctx.layout.outcome(ctx.run_id, portal_id, "crawl")
    if not path.exists():
        return None
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _environment(settings: Settings) -> dict[str, str]:
    """The parent's environment with the settings of this context, which may differ from it."""
    return os.environ | {f"GONGKAI_{name.upper()}": str(value) for name, value in settings.model_dump().items()}


def _died(portal_id: str, ctx: RunContext, started: datetime, status: int, log: Path) -> StageOutcome:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
    outcome = StageOutcome(
        run_id=ctx.run_id,
        portal_id=portal_id,
        stage="crawl",
        status=RunStatus.BROKEN,
        started_at=started.isoformat(),
        finished_at=datetime.now(UTC).isoformat(),
        reasons=[f"the crawl process ended with status {status} before this portal was done (log: {log})", *lines],
    )
    record(ctx.layout, outcome)
    return outcome
