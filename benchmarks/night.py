"""A whole night without Airflow over sample portals of every family: where its time goes, stage by stage, and whether it was complete.

`python benchmarks/night.py [PORTALS] [NOTICES] [DELAY]`: 60 portals or more, one of every dialect, 20 notices each, no delay; another
process serves the district on the same machine. The second night, in which nothing changed, is measured as well.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

import duckdb
from served import served_district

from gongkai.settings import Settings
from samples.dialects import DIALECTS
from stages.audit import audit, audit_whole
from stages.batches import crawl_batches
from stages.context import RunContext, open_context
from stages.crawl import crawl
from stages.extract import extract
from stages.load import build_marts, load
from stages.publish import publish

NIGHTS = ("20260303T183000Z", "20260304T183000Z")


def _night(ctx: RunContext, portals: list[str]) -> dict[str, float]:
    """Seconds a stage, in the order the DAG has them."""
    took: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begun = time.monotonic()
        result = work()
        took[name] = time.monotonic() - begun
        return result

    crawled = timed("crawl", lambda: [o for batch in crawl_batches(portals, ctx) for o in crawl(batch, ctx)])
    read = timed("extract", lambda: [extract(portal, ctx) for portal in portals])
    judged = timed("audit", lambda: audit(portals, ctx))
    bad = [o for o in (*crawled, *read, *judged) if not o.status.is_whole]
    assert not bad, f"{len(bad)} outcomes are not whole, first: {bad[0]}"
    timed("load", lambda: load(ctx))
    timed("marts", lambda: build_marts(ctx))
    timed("audit whole", lambda: audit_whole(ctx))
    timed("publish", lambda: publish(ctx))
    return took


def main(portals: int = max(60, len(DIALECTS)), notices: int = 20, delay: float = 0) -> None:
    each = ceil(portals / len(DIALECTS))
    with (
        tempfile.TemporaryDirectory(prefix="night") as scratch,
        served_district(Path(scratch), sorted(DIALECTS), each=each, notices=notices, delay=delay) as registry,
    ):
        for number, run_id in enumerate(NIGHTS, 1):
            ctx = open_context(run_id, Settings(home=Path(scratch) / "home", portals=registry))
            chosen = list(ctx.registry)[:portals]
            took = _night(ctx, chosen)
            with duckdb.connect(str(ctx.layout.published), read_only=True) as snapshot:
                (held,) = snapshot.sql("select count(*) from mart.notice").fetchall()[0]
            assert held == len(chosen) * notices, f"{held} notices published, {len(chosen) * notices} were served"
            parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in took.items())
            what = f"{len(chosen)} portals of {len(DIALECTS)} dialects, {held} notices"
            print(f"night {number}: {sum(took.values()):.1f} s, complete ({what}; {parts})", flush=True)
    largest = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1000
    print(f"largest process: {largest:.0f} MB")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*(int(number) for number in given[:2]), *(float(seconds) for seconds in given[2:3]))
