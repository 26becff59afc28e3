"""How long the report site takes whole, and after a night that changed 1 % of the documents: `python benchmarks/report_site.py`.

400 portals × 10 years: 4,000 plans of 80 tasks, matched with what could keep them, and 4,000 reports of 150 figures in DuckDB, made inside
it (report_site.sql). Then 80 documents get another version and every portal another run, as every night brings, so every page of a portal
is made again. `report site` is that second build; the line above it tells the first one and the process's peak memory.
The budget is 2 minutes and 300 kB (issue 8). Spans of the planted facts are of the right size, not at the right words.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from gongkai.layout import Layout
from gongkai.registry import Portal
from warehouse import marts
from warehouse.engines import Connection, Engine, engine_of
from warehouse.load import load
from warehouse.publish import publish
from warehouse.report_site.build import build
from warehouse.report_site.site import Built

PORTALS = 400
FIRST, SECOND = "20260301T183000Z", "20260302T183000Z"
NOW, AS_OF = datetime(2026, 3, 3, tzinfo=UTC), date(2026, 3, 3)
_CHANGED = "(p * 20 + y * 2 + CASE g WHEN 'work_plan' THEN 0 ELSE 1 END) % 100 = 1"


def fill(connection: Connection, run_id: str, version: str) -> None:
    """One night's rows, made by the engine."""
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    changed = _CHANGED if version == "v2" else "true"
    for name, value in {"RUN": run_id, "VERSION": version, "PORTALS": str(PORTALS), "CHANGED": changed}.items():
        script = script.replace(name, value)
    with connection.transaction():
        for command in script.split(";\n"):
            if command.strip():
                connection.execute(command)


def portals() -> list[Portal]:
    facts = {"level": "city", "division_code": "990100", "family": "trs_wcm", "base_url": "http://127.0.0.1"}
    return [
        Portal.model_validate({"id": f"portal-{i}", "name": f"例市{i}人民政府", "province": f"例{i % 31}省", **facts})
        for i in range(PORTALS)
    ]


def night(engine: Engine, layout: Layout, run_id: str, version: str) -> None:
    with engine.writing() as connection:
        fill(connection, run_id, version)
    marts.build(engine, layout, as_of=AS_OF, now=NOW)
    publish(engine, run_id=run_id, now=NOW)


def timed(engine: Engine, layout: Layout) -> tuple[float, Built]:
    started = time.perf_counter()
    with engine.published() as connection:
        assert connection is not None
        built = build(connection, layout.site)
    return time.perf_counter() - started, built


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        engine = engine_of(layout)
        load(engine, layout, portals(), run_id=FIRST, now=NOW)
        night(engine, layout, FIRST, "v1")
        full, first = timed(engine, layout)
        night(engine, layout, SECOND, "v2")
        again, second = timed(engine, layout)
        page, size = second.largest
        weight = size + second.sizes["assets/site.css"]
        peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
        print(f"# full {full:.0f} s ({first.words}); then {second.words}; peak memory {int(peak.split()[1]) // 1024} MB")
        print(f"report site: {again:.1f} s after 1 %, heaviest page {weight / 1000:.0f} kB with its stylesheet ({page})")


if __name__ == "__main__":
    main()
