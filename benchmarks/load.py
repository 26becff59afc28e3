"""How much a night's load costs beside the engine's own COPY + MERGE of the same rows: `python -m benchmarks.load`.

Both read the same silver files into a fresh database, and then a second night that brings half of the rows again.
The load's time holds all it does: checking the files, the log, the registry and the ledger.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.layout import Layout, write_text_atomic
from gongkai.registry import Portal
from gongkai.tables import TABLES
from warehouse.engine import ensure_table, literal, statement
from warehouse.load import load

PORTALS, NOTICES, TASKS, METRICS = 100, 100, 3, 5  # notices a portal; tasks and metrics a notice
RUNS = ("20260301T183000Z", "20260302T183000Z")
ROUNDS = 3
_TEXT = "推进重点领域信息公开，完善政策解读机制，回应社会关切，加强政务公开平台建设。"
_FILLERS: dict[Any, Callable[[int], Any]] = {
    pa.string(): lambda i: f"{_TEXT}{i}",
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
            values = [hashlib.sha256(f"{portal_id}{first + i}".encode()).hexdigest()[:20] for i in range(count) for _ in range(per)]
        elif field.name in ("seq", "position"):
            values = [i * per + k if field.name == "position" else k for i in range(count) for k in range(per)]
        else:
            values = [_FILLERS[field.type](i) for i in range(count * per)]
        columns.append(pa.array(values, type=field.type))
    return pa.Table.from_arrays(columns, schema=TABLES[table].schema)


def write_night(layout: Layout, run_id: str, first: int) -> dict[str, str]:
    """Silver batches of all portals with their verdicts; a pattern for the files of each table."""
    per = {"list_entry": 1, "notice": 1, "document": 1, "plan_task": TASKS, "metric_value": METRICS}
    for portal_id in portal_ids():
        for name, count in per.items():
            path = layout.silver(name, portal_id, run_id)
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(rows(name, NOTICES, portal_id, run_id, first, count), path, compression="zstd")
        write_text_atomic(
            layout.silver_commit(portal_id, run_id), json.dumps({"digest": run_id, "extractor_version": "0.1.0", "counts": {}})
        )
        write_text_atomic(layout.verdict(portal_id, run_id), json.dumps({"digest": run_id, "passed": True, "results": []}))
    return {name: str(layout.silver(name, "*", run_id)) for name in per}


def portal_ids() -> list[str]:
    return [f"portal-{i}" for i in range(PORTALS)]


def portals() -> list[Portal]:
    facts = {
        "name": "例市",
        "level": "city",
        "province": "例省",
        "division_code": "990100",
        "base_url": "http://127.0.0.1",
        "family": "trs_wcm",
    }
    return [Portal.model_validate({"id": portal_id, **facts}) for portal_id in portal_ids()]


def bare(database: Path, nights: list[dict[str, str]]) -> float:
    """Seconds of COPY into a staging table and MERGE by key, one transaction a night."""
    started = time.perf_counter()
    with duckdb.connect(str(database)) as connection:
        for files in nights:
            connection.begin()
            for name, pattern in files.items():
                ensure_table(connection, "silver", TABLES[name])
                connection.execute(statement("CREATE TEMP TABLE staging AS FROM silver.{table} LIMIT 0", table=name))
                connection.execute("COPY staging FROM " + literal(pattern) + " (FORMAT parquet)")
                merge = "MERGE INTO silver.{table} USING staging USING ({key}) WHEN NOT MATCHED THEN INSERT BY NAME"
                connection.execute(statement(merge, table=name, key=TABLES[name].key))
                connection.execute("DROP TABLE staging")
            connection.commit()
    return time.perf_counter() - started


def ours(layout: Layout) -> float:
    """Seconds of `load`, over what was written so far."""
    started = time.perf_counter()
    summary = load(layout, portals(), run_id=RUNS[-1], now=datetime(2026, 3, 3, tzinfo=UTC))
    assert not summary.failed
    assert not summary.waiting
    return time.perf_counter() - started


def main() -> None:
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        nights = [write_night(layout, run_id, first) for run_id, first in zip(RUNS, (0, NOTICES // 2), strict=True)]
        for turn in range(ROUNDS):
            layout.warehouse.unlink(missing_ok=True)
            for outcomes in (layout.home / "ledger").glob("run=*/portal=*/*.json"):
                outcomes.unlink()
            ratios.append((ours(layout), bare(Path(folder) / f"bare-{turn}.duckdb", nights)))
            held = [_count(path) for path in (layout.warehouse, Path(folder) / f"bare-{turn}.duckdb")]
            assert held[0] == held[1], f"not the same rows: {held}"
    mine, engine = (statistics.median(times) for times in zip(*ratios, strict=True))
    what = f"load of {2 * PORTALS * NOTICES * (3 + TASKS + METRICS)} rows in {2 * PORTALS} batches"
    print(f"load duckdb: {mine / engine:.2f} ({what}, {mine:.2f} s, against bare COPY + MERGE of the same rows, {engine:.2f} s)")


def _count(database: Path) -> list[int]:
    with duckdb.connect(str(database), read_only=True) as connection:
        counted = [
            connection.execute(statement("SELECT count(*) FROM silver.{t}", t=t)).fetchall()[0][0]
            for t in ("notice", "plan_task", "metric_value")
        ]
    return [int(c) for c in counted]


if __name__ == "__main__":
    main()
