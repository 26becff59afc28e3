"""Upkeep: what is old and nobody's evidence goes, the warehouse is written out compactly, archives are proved in turn, growth is told."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from gongkai.errors import StageFailed
from gongkai.layout import Layout, run_day, run_id_of, write_text_atomic
from gongkai.words import counted
from stages.context import RunContext
from stages.turns import has_turn

_VERIFIED_IN = 28  # days after which the archive of every portal was verified once
_HISTORY = 400  # lines of growth that are kept
_FEWEST_DAYS = 7  # of history, before a trend is one
_PLACES = ("raw", "silver", "warehouse", "published", "verdicts", "ledger", "docs", "site", "export", "cdx", "logs", "airflow")


@dataclass(frozen=True)
class Growth:
    """What the home folder weighs on a day."""

    day: date
    bytes: dict[str, int]
    """By top-level folder."""
    files: int
    free: int
    """Bytes that the disk has left."""


def retention(ctx: RunContext) -> str:
    """Remove what is older than `keep_days`: logs, remains of killed crawls, exports, reports of re-extractions; say how much.

    Raw runs, silver, verdicts, decisions and the ledger are never touched: they are the record.
    """
    before = run_id_of(ctx.now - timedelta(days=ctx.settings.keep_days))
    moment = (ctx.now - timedelta(days=ctx.settings.keep_days)).timestamp()
    gone = [path for path in _past(ctx.layout, before, moment) if path.exists()]
    weight = sum(_weight(path)[0] for path in gone)
    for path in gone:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return f"{counted(len(gone), 'file or folder', 'files and folders')} older than {ctx.settings.keep_days} days removed, {weight:,} bytes"


def _past(layout: Layout, before: str, moment: float) -> Iterator[Path]:
    home = layout.home
    named = [*home.glob("raw/portal=*/partial=*"), *home.glob("export/run=*"), *home.glob("reextract/run=*")]
    yield from (path for path in named if path.name.partition("=")[2] < before)
    logs = [*home.glob("logs/*.log"), *layout.airflow_home.glob("logs/**/*.log"), *home.glob("dbt/logs/*")]
    yield from (path for path in logs if path.stat().st_mtime < moment)


def compact(ctx: RunContext) -> str:
    """The warehouse without the room of rows that are gone. Raises WarehouseError where somebody else writes it."""
    return ctx.engine.compact()


def verify(ctx: RunContext) -> str:
    """Prove the archives of the portals whose turn it is: each once in four weeks of daily runs.

    Raises:
        StageFailed: a record or manifest is not what was written (each fault with its place).
    """
    from crawlers.archive_verify import verify_portal

    today = run_day(ctx.run_id).toordinal()
    turn = [portal_id for portal_id in ctx.layout.archived_portals() if has_turn(portal_id, today, _VERIFIED_IN)]
    results = [verify_portal(ctx.layout, portal_id) for portal_id in turn]
    faults = [fault.told for result in results for fault in result.faults]
    if faults:
        raise StageFailed(f"{counted(len(faults), 'fault')} in the archive: {'; '.join(faults[:10])}")
    seen = f"{counted(len(turn), 'portal')}: {counted(sum(r.records for r in results), 'record')}"
    return f"{seen}, {sum(r.bytes for r in results):,} bytes, all as they were written"


def growth(ctx: RunContext) -> str:
    """Weigh the home folder, add the day to its history, and say how long the disk lasts by the trend."""
    weights = {place: _weight(ctx.layout.home / place) for place in _PLACES}
    now = Growth(
        run_day(ctx.run_id),
        {place: weight for place, (weight, _) in weights.items() if weight},
        sum(files for _, files in weights.values()),
        shutil.disk_usage(ctx.layout.home).free,
    )
    history = [*(g for g in growth_history(ctx.layout) if g.day < now.day), now][-_HISTORY:]
    lines = [json.dumps({"day": g.day.isoformat(), "bytes": g.bytes, "files": g.files, "free": g.free}) for g in history]
    write_text_atomic(ctx.layout.growth, "\n".join(lines) + "\n")
    return growth_words(history)


def growth_history(layout: Layout) -> list[Growth]:
    """Oldest first; empty where nobody weighed yet."""
    if not layout.growth.exists():
        return []
    rows = [json.loads(line) for line in layout.growth.read_text(encoding="utf-8").splitlines()]
    return [Growth(date.fromisoformat(r["day"]), r["bytes"], r["files"], r["free"]) for r in rows]


def growth_words(history: list[Growth]) -> str:
    """`1,234 bytes in 56 files (raw 1,000, silver 234); 70 a day in 30 days; the disk lasts 900 days`."""
    now = history[-1]
    whole = sum(now.bytes.values())
    parts = ", ".join(f"{place} {size:,}" for place, size in sorted(now.bytes.items(), key=lambda item: -item[1]))
    said = f"{whole:,} bytes in {now.files:,} {'file' if now.files == 1 else 'files'} ({parts}); {now.free:,} free"
    past = next((g for g in history if (now.day - g.day).days <= 30), now)
    days = (now.day - past.day).days
    if days < _FEWEST_DAYS:
        return said
    daily = (whole - sum(past.bytes.values())) / days
    lasts = f"the disk lasts {now.free / daily:,.0f} days" if daily > 0 else "no growth"
    return f"{said}; {daily:,.0f} bytes a day in {days} days; {lasts}"


def _weight(path: Path) -> tuple[int, int]:
    """Bytes and files. A hard link (a kept snapshot beside the published one) weighs once; what vanishes meanwhile, nothing."""
    if path.is_file():
        return path.stat().st_size, 1
    seen: set[tuple[int, int]] = set()
    size = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                stat = Path(folder, name).lstat()
            except FileNotFoundError:
                continue
            if (stat.st_dev, stat.st_ino) not in seen:
                seen.add((stat.st_dev, stat.st_ino))
                size += stat.st_size
    return size, len(seen)
