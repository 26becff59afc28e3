"""How long the marts take, whole and after a night that changed 1 %, and how long dashboards wait.

`python benchmarks/marts.py [PORTALS WITH NEWS]`, of 100.

100 portals with 100,000 notices of twelve years, 300,000 tasks and 500,000 metric values in DuckDB, made inside the engine (marts.sql).
Then comes a night's news: 1,000 notices of the newest year, ten on each portal (or more on fewer), half of them again in another version
with its document and facts (a plan with 30 tasks among them), half new. On each portal is the hardest 1 %, for none is left out. A build
is all of `marts.build`: areas and promises, dbt, the search index, scorecards. `marts incremental: R` is the second build over the whole
one; the line tells it, too, with a build of nothing taken off both (one for which dbt was loaded and had read the project, as in the
others by the time it is needed). `dashboard queries: ms` is the slowest of the five of docs/queries.md, each the median of five; each
must give rows.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from unittest import mock

from gongkai.layout import Layout
from gongkai.registry import Portal
from gongkai.settings import PROJECT
from warehouse import marts
from warehouse.engines import Connection, Engine, engine_of
from warehouse.load import load
from warehouse.publish import publish

PORTALS = 100
FIRST, SECOND = "20260301T183000Z", "20260302T183000Z"
NOW, AS_OF = datetime(2026, 3, 3, tzinfo=UTC), date(2026, 3, 3)
_READY = 10
"""Seconds in which dbt is loaded and has read the project."""
_HEADING = re.compile(r"^### Dashboard: ([^\n]+)$.*?```sql\n(.*?)```", re.MULTILINE | re.DOTALL)


def fill(connection: Connection, run_id: str, version: str, news: int) -> None:
    """One night's rows, made by the engine."""
    script = (Path(__file__).with_suffix(".sql")).read_text(encoding="utf-8")
    for name, value in {"RUN": run_id, "VERSION": version, "NEWS": str(news)}.items():
        script = script.replace(name, value)
    with connection.transaction():
        for command in script.split(";\n"):
            if command.strip():
                connection.execute(command)


def main(news: int = PORTALS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        engine = engine_of(layout)
        facts = {
            "name": "例市",
            "level": "city",
            "province": "例省",
            "division_code": "990100",
            "family": "trs_wcm",
            "base_url": "http://127.0.0.1",
        }
        portals = [Portal.model_validate({"id": f"portal-{i}", "base_url": "http://127.0.0.1", **facts}) for i in range(PORTALS)]
        load(engine, layout, portals, run_id=FIRST, now=NOW)
        start = min(build(engine, layout, ready=_READY) for _ in range(2))
        with engine.writing() as connection:
            fill(connection, FIRST, "v1", news)
            counts = [connection.count("silver", name) for name in ("notice", "plan_task", "metric_value")]
        whole = build(engine, layout)
        with engine.writing() as connection:
            fill(connection, SECOND, "v2", news)
        again = build(engine, layout)
        print(f"# {counts} notices, tasks, values; nothing {start}, whole {whole}, after a night's news {again}")
        rest = (again.seconds - start.seconds) / (whole.seconds - start.seconds)
        print(f"marts incremental: {again.seconds / whole.seconds:.2f} ({rest:.2f} with a build of nothing taken off both)")
        publish(engine, run_id=SECOND, now=NOW)
        ask(engine)


@dataclass(frozen=True, order=True)
class Build:
    """Seconds of a build, and those of them that went to areas and promises."""

    seconds: float
    derived: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s ({self.derived:.1f} s of them areas and promises)"


def build(engine: Engine, layout: Layout, ready: float = 0) -> Build:
    """`ready`: seconds that dbt is given for nothing, before it is needed; they do not count."""
    spent: list[float] = []
    with mock.patch.object(marts, "derive", partial(_derive, marts.derive, spent, ready)):
        started = time.perf_counter()
        marts.build(engine, layout, as_of=AS_OF, now=NOW)
        return Build(time.perf_counter() - started - ready, sum(spent))


def _derive(derive: Callable[[Engine], None], spent: list[float], ready: float, engine: Engine) -> None:
    started = time.perf_counter()
    derive(engine)
    spent.append(time.perf_counter() - started)
    time.sleep(ready)


def ask(engine: Engine) -> None:
    page = (PROJECT / "docs" / "queries.md").read_text(encoding="utf-8")
    with engine.published() as connection:
        assert connection is not None
        times = {
            name: statistics.median(_timed(connection, query.rstrip().rstrip(";")) for _ in range(5))
            for name, query in _HEADING.findall(page)
        }
    each = ", ".join(f"{name} {1000 * seconds:.0f}" for name, seconds in times.items())
    print(f"dashboard queries: {1000 * max(times.values()):.0f} ms (the slowest of: {each})")


def _timed(connection: Connection, query: str) -> float:
    started = time.perf_counter()
    rows = connection.query(query)
    seconds = time.perf_counter() - started
    assert rows, f"nothing to show: {query}"
    return seconds


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
