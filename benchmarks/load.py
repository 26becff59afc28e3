"""How much a night's load costs beside the engine's own COPY + MERGE of the same rows, on both engines: `python benchmarks/load.py`.

A night of 100,000 notices, 300,000 tasks and 500,000 metric values into an empty warehouse, then a night a tenth as large that brings half
of its notices again. The load's time holds all it does: looking through the files, the log, the registry and the ledger (areas and promises
are reckoned with the marts: benchmarks/marts.py, commitments.py). It runs in a process of its own, whose peak memory is told. The bare side
reads what the engine reads best (DuckDB Parquet, PostgreSQL its own binary format) into tables with the same keys. PostgreSQL is a server
of our own, without fsync, for both sides.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from own_postgres import Server, running

from gongkai.layout import Layout, write_text_atomic
from gongkai.registry import Portal
from gongkai.tables import TABLES
from warehouse.engines import Engine, engine_of
from warehouse.engines.contract import literal, statement
from warehouse.load import load

PORTALS = 100
NIGHTS = {"20260301T183000Z": (0, 1000), "20260302T183000Z": (950, 100)}  # run → first notice of each portal, notices
PER = {"list_entry": 1, "notice": 1, "document": 1, "plan_task": 3, "metric_value": 5}
ROUNDS = 2
_SENTENCE = "推进重点领域信息公开，完善政策解读机制，回应社会关切。"
_LONG = {"body_text": 30, "text": 3, "title": 1, "url": 2, "raw": 1}  # sentences; other texts are words
_FILLERS: dict[Any, Callable[[int], Any]] = {
    pa.int64(): lambda i: i,
    pa.bool_(): lambda i: i % 2 == 0,
    pa.date32(): lambda i: date(2026, 1 + i % 12, 1),
    pa.timestamp("us", tz="UTC"): lambda i: datetime(2026, 3, 1, 18, 30, i % 60, tzinfo=UTC),
    pa.decimal128(24, 6): Decimal,
    pa.list_(pa.string()): lambda i: ["市统计局", f"市财政局{i % 7}"],
}


def rows(table: str, count: int, portal_id: str, run_id: str, first: int, per: int = 1) -> pa.Table:
    """`count` notices' rows from the `first` notice on, `per` rows a notice, their keys like real ones."""
    fixed = {"portal_id": portal_id, "run_id": run_id, "version": "v1", "extractor_version": "0.1.0", "section": "要点"}
    columns = []
    for field in TABLES[table].schema:
        if field.name in fixed:
            values: list[Any] = [fixed[field.name]] * (count * per)
        elif field.name in ("notice_id", "document_id"):
            values = [hashlib.sha256(f"{portal_id}/{first + i}".encode()).hexdigest()[:20] for i in range(count) for _ in range(per)]
        elif field.name in ("seq", "position"):
            values = [i * per + k if field.name == "position" else k for i in range(count) for k in range(per)]
        elif field.type == pa.string():
            text = _SENTENCE * _LONG.get(field.name, 0) or "词"
            values = [f"{text}{i % 997 if text == '词' else i}" for i in range(count * per)]
        else:
            values = [_FILLERS[field.type](i) for i in range(count * per)]
        columns.append(pa.array(values, type=field.type))
    return pa.Table.from_arrays(columns, schema=TABLES[table].schema)


def write_night(layout: Layout, run_id: str) -> None:
    """Silver batches of all portals with their verdicts."""
    first, notices = NIGHTS[run_id]
    for portal_id in portal_ids():
        for name, per in PER.items():
            path = layout.silver(name, portal_id, run_id)
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(rows(name, notices, portal_id, run_id, first, per), path, compression="zstd")
        commit = {"digest": run_id, "extractor_version": "0.1.0", "counts": {}}
        write_text_atomic(layout.silver_commit(portal_id, run_id), json.dumps(commit))
        write_text_atomic(layout.verdict(portal_id, run_id), json.dumps({"digest": run_id, "passed": True, "results": []}))


def portal_ids() -> list[str]:
    return [f"portal-{i}" for i in range(PORTALS)]


def portals() -> list[Portal]:
    facts = {"name": "例市", "level": "city", "province": "例省", "division_code": "990100", "family": "trs_wcm"}
    return [Portal.model_validate({"id": portal_id, "base_url": "http://127.0.0.1", **facts}) for portal_id in portal_ids()]


def child(home: str, url: str) -> None:
    """Load what lies under `home`; prints seconds and peak MB."""
    layout = Layout(Path(home))
    started = time.perf_counter()
    summary = load(engine_of(layout, url), layout, portals(), run_id=max(NIGHTS), now=datetime(2026, 3, 3, tzinfo=UTC))
    seconds = time.perf_counter() - started
    assert len(summary.batches) == PORTALS * len(NIGHTS), summary.failed[:1]
    # Not getrusage: its peak is that of the process that started this one where that was larger.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    print(json.dumps([seconds, int(peak.split()[1]) / 1024]))


def ours(layout: Layout, url: str) -> tuple[float, float]:
    for outcome in (layout.home / "ledger").glob("run=*/portal=*/*.json"):
        outcome.unlink()
    command = [sys.executable, __file__, str(layout.home), url]
    seconds, peak = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return seconds, peak


def bare(engine: Engine, sources: dict[str, dict[str, str]]) -> float:
    """Seconds of COPY into a staging table and MERGE by key, one transaction a night; `sources`: run → table → files of the engine."""
    with engine.writing() as connection:
        for name in PER:
            connection.ensure_table("silver", TABLES[name])
        form = "parquet" if engine.name == "duckdb" else "binary"
        started = time.perf_counter()
        for files in sources.values():
            with connection.transaction():
                for name, place in files.items():
                    connection.execute(statement("CREATE TEMP TABLE staging AS SELECT * FROM silver.{table} LIMIT 0", table=name))
                    connection.execute(f"COPY staging FROM {literal(place)} (FORMAT {form})")
                    connection.execute(_merge(name))
                    connection.execute("DROP TABLE staging")
        return time.perf_counter() - started


def _merge(name: str) -> str:
    key, columns = TABLES[name].key, TABLES[name].schema.names
    same = " AND ".join(statement("t.{c} = s.{c}", c=c) for c in key)
    values = ", ".join(statement("s.{c}", c=c) for c in columns)
    insert = statement("WHEN NOT MATCHED THEN INSERT ({columns})", columns=columns)
    return statement("MERGE INTO silver.{table} AS t USING staging AS s ON ", table=name) + f"{same} {insert} VALUES ({values})"


def binary_files(layout: Layout, server: Server) -> dict[str, dict[str, str]]:
    """PostgreSQL's own copies of the silver files, a file a night and table."""
    made: dict[str, dict[str, str]] = {}
    with engine_of(layout, server.database()).writing() as connection:
        for run_id in NIGHTS:
            for name in PER:
                table, target = TABLES[name], server.folder / f"{name}-{run_id}"
                connection.ensure_table("silver", table)
                connection.execute(statement("TRUNCATE silver.{table}", table=name))
                connection.merge("silver", table, [layout.silver(name, p, run_id) for p in portal_ids()])
                columns = statement("{columns}", columns=table.schema.names)
                query = statement("SELECT COLUMNS FROM silver.{table}", table=name).replace("COLUMNS", columns)
                connection.execute(f"COPY ({query}) TO {literal(str(target))} (FORMAT binary)")
                made.setdefault(run_id, {})[name] = str(target)
    return made


def report(name: str, rounds: list[tuple[float, float, float]]) -> None:
    mine, peak, engine = (statistics.median(values) for values in zip(*rounds, strict=True))
    count = sum(notices for _, notices in NIGHTS.values()) * PORTALS * sum(PER.values())
    what = f"{count} rows in {PORTALS * len(NIGHTS)} batches {mine:.1f} s, bare {engine:.1f} s, peak {peak:.0f} MB"
    print(f"load {name}: {mine / engine:.2f} ({what})")


def compare(layout: Layout, fresh: Callable[[str], tuple[Engine, str]], sources: dict[str, dict[str, str]], name: str) -> None:
    rounds = []
    for turn in range(ROUNDS):
        loaded, url = fresh(f"ours-{turn}")
        seconds, peak = ours(layout, url)
        other, _ = fresh(f"bare-{turn}")
        rounds.append((seconds, peak, bare(other, sources)))
        counts = [_counts(engine) for engine in (loaded, other)]
        assert counts[0] == counts[1], f"not the same rows: {counts}"
    report(name, rounds)


def _counts(engine: Engine) -> list[int]:
    with engine.reading() as connection:
        return [connection.count("silver", name) for name in PER]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        for run_id in NIGHTS:
            write_night(layout, run_id)

        def file(name: str) -> tuple[Engine, str]:
            if name.startswith("ours"):
                layout.warehouse.unlink(missing_ok=True)
                return engine_of(layout), ""
            return engine_of(Layout(Path(folder) / name)), ""

        patterns = {run: {name: str(layout.silver(name, "*", run)) for name in PER} for run in NIGHTS}
        compare(layout, file, patterns, "duckdb")
        with running() as server:

            def database(_: str) -> tuple[Engine, str]:
                url = server.database()
                return engine_of(layout, url), url

            compare(layout, database, binary_files(layout, server), "postgresql")


if __name__ == "__main__":
    child(*sys.argv[1:]) if sys.argv[1:] else main()
