"""How long the matching of promises takes, and its memory: `python benchmarks/commitments.py [PORTALS [NOTICES [TASKS]]]` (per portal).

By default 400 portals of 250 notices and 750 tasks: 100,000 notices, 300,000 tasks, of ten years (a plan in March, notices in the 400 days
after it). Texts are of made-up words of two characters, some common, most rare, of 1,500 characters in paragraphs; every second notice has
two attachments, every third keeps a task. Printed: the first matching, one after a portal got a notice of the last year, one after each
portal got one, one after nothing changed, one portal of 20,000 notices, and this process's peak memory. DuckDB; no crawl, no dbt.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from gongkai.layout import Layout
from gongkai.tables import TABLES
from warehouse.commitments import COMMITMENT_TABLES, load_commitments
from warehouse.engines import Connection, engine_of
from warehouse.load import LOAD_LOG, SIGHTING
from warehouse.registers import PORTAL

RUN = "20260301T183000Z"
YEARS = range(2015, 2025)
_NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
_CHARS = [chr(c) for c in range(0x4E00, 0x4E00 + 1800)]
_UNITS = ["市教育局", "市财政局", "市民政局", "市水利局", "市司法局", "市统计局", "市商务局", "市审计局", "市科技局", "市交通运输局"]
_BLANK: dict[Any, Any] = {pa.string(): "", pa.int64(): 0, pa.bool_(): False, pa.list_(pa.string()): []}


class Words:
    """Words as texts have them: few common, most rare."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._all = ["".join(self.random.sample(_CHARS, 2)) for _ in range(4000)]
        self._weights = [1 / (rank + 20) for rank in range(len(self._all))]

    def text(self, count: int) -> str:
        return "".join(self.random.choices(self._all, self._weights, k=count))


def _row(table: str, **given: Any) -> dict[str, Any]:
    return {f.name: _BLANK.get(f.type) for f in TABLES[table].schema} | given


def portal_rows(portal_id: str, notices: int, tasks: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of one portal: plans of 75 tasks each, of one year after another, and notices after them."""
    words = Words(seed)
    plans = max(1, tasks // 75)
    promises = [f"公布{words.text(3)}清单和{words.text(3)}，公开{words.text(4)}情况。" for _ in range(tasks)]
    for number in range(plans + notices):
        plan = number < plans
        of_plan = number if plan else (number * 3) % tasks // 75 % plans
        year = YEARS[0] + of_plan * len(YEARS) // plans
        key = {"portal_id": portal_id, "run_id": RUN, "notice_id": f"{portal_id}-{number}", "version": "v"}
        published = date(year, 3, 1) + timedelta(days=0 if plan else words.random.randrange(400))
        kept = promises[(number * 3) % tasks]
        title = f"{year}年政务公开工作要点" if plan else f"关于公布{kept[2:8] if number % 3 == 0 else words.text(4)}清单的通知"
        who = words.random.choice(_UNITS)
        yield "notice", _row("notice", **key, title=title, source=who, published_at=f"{published}T09:00:00+08:00", fetched_at=_NOW)
        grain = {**key, "document_id": f"{portal_id}-{number}-0", "extractor_version": "0.1.0"}
        read = {
            "genre": "work_plan" if plan else "other",
            "plan_year": year if plan else None,
            "body_text": "" if plan else "\n".join(words.text(75) for _ in range(10)),
        }
        yield "document", _row("document", **grain, part=0, **read)
        for seq in range(0 if plan else number % 2 * 2):
            yield "attachment", _row("attachment", **key, seq=seq, name=f"{words.text(4)}.xlsx", status="archived")
        for seq, text in enumerate(promises[number * 75 : number * 75 + 75] if plan else []):
            due = date(year, words.random.randrange(4, 13), 28)
            task = {"seq": seq, "text": text, "lead_units": [words.random.choice(_UNITS)], "due_date": due, "span_end": len(text)}
            yield "plan_task", _row("plan_task", **grain, recurrence=None, **task)


def store(connection: Connection, portal_id: str, rows: list[tuple[str, dict[str, Any]]]) -> None:
    """Append rows of a portal as a load does."""
    by_table: dict[str, list[dict[str, Any]]] = {}
    for table, row in rows:
        by_table.setdefault(table, []).append(row)
    with connection.transaction():
        for name, listed in by_table.items():
            connection.append("silver", TABLES[name], TABLES[name].arrow(listed))
        seen = [{name: row[name] for name in SIGHTING.schema.names} for row in by_table["notice"]]
        connection.append("silver", SIGHTING, SIGHTING.arrow(seen))
        place = dict.fromkeys(PORTAL.schema.names, "") | {"portal_id": portal_id, "name": "例市人民政府"}
        connection.append("silver", PORTAL, PORTAL.arrow([place]))


def _timed(connection: Connection, what: str, news: list[str]) -> None:
    """Match after these portals got a notice more of the last year."""
    if news:
        place = {"run_id": RUN, "version": "v", "title": "关于甲乙的通知", "source": "", "fetched_at": _NOW}
        day = f"{YEARS[-1]}-09-01T09:00:00+08:00"
        late = [_row("notice", portal_id=p, notice_id=f"{p} {what}", published_at=day, **place) for p in news]
        with connection.transaction():
            connection.append("silver", TABLES["notice"], TABLES["notice"].arrow(late))
            connection.append("silver", SIGHTING, SIGHTING.arrow([{name: row[name] for name in SIGHTING.schema.names} for row in late]))
    begun, cpu = time.perf_counter(), time.process_time()
    portals = load_commitments(connection)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what}: {portals} portals read, {seconds:.1f} s ({cpu:.1f} s of CPU), peak memory so far {peak:.0f} MiB", flush=True)


def main(portals: int = 400, notices: int = 250, tasks: int = 750) -> None:
    with tempfile.TemporaryDirectory() as folder, engine_of(Layout(Path(folder)), "").writing() as connection:
        for table in (*TABLES.values(), SIGHTING, LOAD_LOG, PORTAL, *COMMITMENT_TABLES):
            connection.ensure_table("silver", table)
        for number in range(portals):
            store(connection, f"p{number}", list(portal_rows(f"p{number}", notices, tasks, number)))
        _timed(connection, f"first, {portals * notices:,} notices, {portals * tasks:,} tasks", [])
        counts = [connection.count("silver", name) for name in ("commitment", "commitment_match")]
        print(f"{counts[0]:,} commitments, {counts[1]:,} matches")
        _timed(connection, "nothing new", [])
        _timed(connection, "one new notice", ["p0"])
        _timed(connection, "news in all portals", [f"p{number}" for number in range(portals)])
        store(connection, "big", list(portal_rows("big", 20_000, 1_500, 1)))
        _timed(connection, "a portal of 20,000 notices and 1,500 tasks", [])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
