"""Breadth and quiet: many slow lanes in one process, an unchanged second night, memory over the number of notices.

`python benchmarks/crawl_breadth.py [NOTICES]`: the sample district on loopback, its server in the same machine's other process; NOTICES
(default 5,000) is the size of the larger of the two portals whose memory is compared.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.pool
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from gongkai.settings import Settings
from gongkai.status import RunStatus
from samples.dialects import DIALECTS
from samples.district import running_district
from stages.context import RunContext, open_context
from stages.crawl import crawl

LANES, PAGES_A_LANE, DELAY = 200, 10, 1.0
QUIET_NOTICES = 2000
SMALL = 1000


@contextmanager
def _district(folder: Path, families: list[str], *, each: int, notices: int, delay: float = 0) -> Iterator[Path]:
    """The registry of a district that another process serves."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=_serve, args=(folder, families, each, notices, delay, theirs), daemon=True)
    server.start()
    try:
        yield Path(ours.recv())
    finally:
        ours.send("stop")
        server.join(20)


def _serve(folder: Path, families: list[str], each: int, notices: int, delay: float, pipe: Connection) -> None:
    with running_district(folder, families, each=each, notices=notices, delay=delay) as town:
        pipe.send(str(town.registry))
        pipe.recv()


def _context(home: Path, registry: Path, night: int) -> RunContext:
    return open_context(f"202603{night:02d}T183000Z", Settings(home=home, portals=registry, batch_size=10_000))


def _crawl(context: RunContext) -> tuple[float, int, float]:
    """Seconds from Scrapy's spider_opened to spider_closed, commits included, requests, and the process's largest memory in MB."""
    started, largest, me = time.monotonic(), 0.0, psutil.Process()
    with multiprocessing.pool.ThreadPool(1) as pool:
        work = pool.apply_async(crawl, ([], context))
        while not work.ready():
            for child in me.children():
                try:
                    if "crawlers" in child.cmdline():
                        largest = max(largest, child.memory_info().rss / 1e6)
                except psutil.NoSuchProcess:
                    continue
            work.wait(0.2)
        outcomes = work.get()
    assert all(o.status is RunStatus.COMPLETE for o in outcomes), [o for o in outcomes if o.status is not RunStatus.COMPLETE][:2]
    log = context.layout.crawl_log(context.run_id, list(context.registry)).read_text(encoding="utf-8")
    lanes_took = re.search(r"'elapsed_time_seconds': ([\d.]+)", log)
    return float(lanes_took[1]) if lanes_took else time.monotonic() - started, sum(o.counts["requests"] for o in outcomes), largest


def lanes(scratch: Path) -> None:
    """200 portals in one process, one request a second each: how much longer than a single lane's own time."""
    families = sorted(name for name in DIALECTS if "." not in name)  # a variant is one more portal of its family
    with _district(scratch, families, each=LANES // len(families), notices=PAGES_A_LANE, delay=DELAY) as registry:
        context = _context(scratch / "home", registry, 3)
        seconds, requests, memory = _crawl(context)
        outcomes = len(context.registry)
        slowest = max(_requests(context).values()) * DELAY
    print(
        f"lanes: {seconds / slowest:.2f} ({outcomes} portals, one process, {requests} requests in {seconds:.1f} s; the longest lane alone "
        f"takes {slowest:.0f} s at {DELAY:.0f} s a request; target <= 1.1; {memory:.0f} MB)"
    )


def _requests(context: RunContext) -> dict[str, int]:
    from gongkai.ledger import read_outcome

    return {p: read_outcome(context.layout.outcome(context.run_id, p, "crawl")).counts["requests"] for p in context.registry}


def quiet_night(scratch: Path) -> None:
    """An unchanged second night against the first one."""
    with _district(scratch, ["trs_wcm"], each=1, notices=QUIET_NOTICES) as registry:
        first = _crawl(_context(scratch / "home", registry, 3))
        second = _crawl(_context(scratch / "home", registry, 4))
    print(
        f"quiet night: {second[1] / first[1]:.1%} of the requests, {second[0] / first[0]:.1%} of the time "
        f"({first[1]} requests in {first[0]:.1f} s, then {second[1]} in {second[0]:.1f} s, the process's start not counted; "
        "targets <= 3 % and <= 10 %)"
    )


def memory(scratch: Path, notices: int) -> None:
    """The crawl's largest memory on one portal of few and of many notices."""
    found = {}
    for size in (SMALL, notices):
        with _district(scratch, ["gkmlpt"], each=1, notices=size) as registry:
            found[size] = _crawl(_context(scratch / f"home{size}", registry, 3))
    small, large = found[SMALL][2], found[notices][2]
    print(f"memory: {large / small:.2f} ({small:.0f} MB at {SMALL} notices of one portal, {large:.0f} MB at {notices})")


def main() -> None:
    for name, measure in (("lanes", lanes), ("quiet", quiet_night)):
        with tempfile.TemporaryDirectory(prefix=name) as scratch:
            measure(Path(scratch))
    with tempfile.TemporaryDirectory(prefix="memory") as scratch:
        memory(Path(scratch), int(sys.argv[1]) if sys.argv[1:] else 5000)


if __name__ == "__main__":
    main()
