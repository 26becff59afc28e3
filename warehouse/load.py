"""Audited silver batches → tables of schema `silver`. Idempotent: killed anywhere and started again, the warehouse is the same.

A wave of batches is one transaction that also writes their rows of `silver.load_log`; what the log covers is never loaded again.
A notice version that a later run brings again keeps its first row. Refused batches leave only the audit's own tables.
What an older extractor read stays when a batch was read again: facts are kept by extractor version, and the marts take the newest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.layout import Layout
from gongkai.ledger import StageOutcome, record
from gongkai.registry import Portal
from gongkai.status import RunStatus
from gongkai.tables import AUDIT_TABLES, TABLES, Table
from warehouse.batches import Batch, BatchKey, judged_batches, load_log, to_forget, waves
from warehouse.engine import connect, ensure_table, statement, transaction
from warehouse.registers import LEDGER_LOG, PORTAL, load_ledger, load_portals
from warehouse.series import SERIES_FINDING, load_series

_TOGETHER = 100  # batches in one transaction: amortises the scan of the table's keys, bounds what a kill costs

LOAD_LOG = Table(
    "load_log",
    "装载记录",
    "Which batches were loaded (passed) or held back (not passed), and by which night.",
    pa.schema(
        [(name, pa.string()) for name in ("portal_id", "run_id", "digest", "verdict", "extractor_version", "rows", "loaded_by")]
        + [("passed", pa.bool_()), ("loaded_at", pa.timestamp("us", tz="UTC"))]
    ),
    ("portal_id", "run_id"),
)
SIGHTING = Table(
    "notice_sighting",
    "条目版本出现",
    "In which runs each version of a notice was fetched: a text that returns to an older version is told by its newest sighting.",
    pa.schema([(name, pa.string()) for name in ("portal_id", "run_id", "notice_id", "version")]),
    ("portal_id", "run_id", "notice_id", "version"),
)
_BATCH_TABLES = tuple(t for t in TABLES.values() if t.name != "stage_outcome")


@dataclass(frozen=True, kw_only=True)
class LoadedBatch:
    """What one batch brought: rows read from its files by table (a row known from an earlier run counts, but is not stored twice)."""

    portal_id: str
    run_id: str
    rows: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class FailedBatch:
    """A batch whose audit passed but whose files are not what the tables promise; nothing of it was loaded."""

    portal_id: str
    run_id: str
    cause: str


@dataclass(kw_only=True)
class LoadSummary:
    """What one call of `load` did."""

    batches: list[LoadedBatch] = field(default_factory=list)
    quarantined: list[BatchKey] = field(default_factory=list)
    """Refused by the audit and new to the warehouse: only their audit rows were loaded."""
    failed: list[FailedBatch] = field(default_factory=list)
    waiting: list[BatchKey] = field(default_factory=list)
    """Without a verdict on their present rows."""


def load(layout: Layout, portals: Sequence[Portal], *, run_id: str, now: datetime) -> LoadSummary:
    """Bring `silver` up to date with every judged batch of `portals`, the registry and the ledger. The marts are stale afterwards.

    Raises:
        WarehouseError: the warehouse file is locked, unreadable or of another shape. Nothing was changed.
    """
    judged, waiting = judged_batches(layout, portals)
    summary = LoadSummary(waiting=waiting)
    with connect(layout.warehouse) as connection:
        _prepare(connection)
        _forget(connection, layout, to_forget(judged, load_log(connection)))
        log = load_log(connection)
        pending = [b for b in judged if b.key not in log or not log[b.key].covers(b)]
        for wave in waves(pending, _TOGETHER):
            _load_wave(connection, layout, wave, summary, run_id=run_id, now=now)
        for failure in summary.failed:
            _record(layout, failure.portal_id, failure.run_id, now, RunStatus.BROKEN, reasons=[f"not loaded: {failure.cause}"])
        _record_loaded(connection, layout, now)
        load_series(connection)
        load_portals(connection, portals)
        load_ledger(connection, layout)
    return summary


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    with transaction(connection):
        for table in (*TABLES.values(), LOAD_LOG, SIGHTING, SERIES_FINDING, PORTAL, LEDGER_LOG):
            ensure_table(connection, "silver", table)
        connection.execute("CREATE SCHEMA IF NOT EXISTS meta")
        connection.execute("CREATE TABLE IF NOT EXISTS meta.mart_build (as_of DATE NOT NULL, built_at TIMESTAMP WITH TIME ZONE NOT NULL)")
        connection.execute("DELETE FROM meta.mart_build")  # from here on the marts are older than silver: publish refuses them


def _forget(connection: duckdb.DuckDBPyConnection, layout: Layout, batches: Sequence[Batch]) -> None:
    """Take out the rows of batches that are loaded again; of facts only those of the versions that are loaded again."""
    if not batches:
        return
    read_by = [(*b.key, version) for b in batches for version in _versions(layout, b)]
    with transaction(connection):
        for table in (*_BATCH_TABLES, SIGHTING):
            if "extractor_version" in table.schema.names:
                _delete(connection, table, read_by, ("portal_id", "run_id", "extractor_version"))
            else:
                _delete(connection, table, [b.key for b in batches])
        _delete(connection, LOAD_LOG, [b.key for b in batches])


def _versions(layout: Layout, batch: Batch) -> set[str]:
    """Extractor versions of a batch's rows: more than one where only some of its notices were read again."""
    found = {batch.extractor_version}
    for name in ("document", "finding"):  # whatever was read, or could not be, left a row in one of them
        try:
            column = pq.read_table(layout.silver(name, *batch.key), columns=["extractor_version"], partitioning=None)
        except (pa.ArrowException, OSError, KeyError):  # missing or damaged: `_examine` tells it, and nothing of the batch is loaded
            continue
        found |= set(column["extractor_version"].unique().to_pylist())
    return found


def _load_wave(
    connection: duckdb.DuckDBPyConnection, layout: Layout, wave: Sequence[Batch], summary: LoadSummary, *, run_id: str, now: datetime
) -> None:
    rows, faults = _examine(layout, wave)
    summary.failed += [FailedBatch(portal_id=b.portal_id, run_id=b.run_id, cause=faults[b.key]) for b in wave if b.key in faults]
    sound = [b for b in wave if b.key not in faults]
    with transaction(connection):
        for table in _BATCH_TABLES:
            if table.name in AUDIT_TABLES:  # a second verdict replaces the first
                _delete(connection, table, [b.key for b in sound])
            filled = [str(layout.silver(table.name, *b.key)) for b in sound if rows[b.key].get(table.name)]
            if filled:
                _merge(connection, table, filled)
        _log(connection, sound, rows, run_id=run_id, now=now)
    summary.batches += [LoadedBatch(portal_id=b.portal_id, run_id=b.run_id, rows=rows[b.key]) for b in sound if b.passed]
    summary.quarantined += [b.key for b in sound if not b.passed]


def _examine(layout: Layout, wave: Sequence[Batch]) -> tuple[dict[BatchKey, dict[str, int]], dict[BatchKey, str]]:
    """Rows of each batch by table, and why some batch cannot be loaded. Of a refused batch only what the audit itself wrote."""
    rows: dict[BatchKey, dict[str, int]] = {batch.key: {} for batch in wave}
    faults: dict[BatchKey, str] = {}
    for batch in wave:
        for table in _BATCH_TABLES:
            path = layout.silver(table.name, *batch.key)
            if not (batch.passed or table.name in AUDIT_TABLES) or not path.exists():
                continue
            count, fault = _examine_file(table, batch, path)
            rows[batch.key][table.name] = count
            if fault is not None:
                faults[batch.key] = f"{path}: {fault}"
    return rows, faults


def _examine_file(table: Table, batch: Batch, path: Path) -> tuple[int, str | None]:
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(table.schema):
                return 0, "columns are not those of gongkai/tables.py; extract the batch again"
            if not file.metadata.num_rows:
                return 0, None
            # Threads cost more than they bring on files of a few hundred rows.
            keys = file.read(columns=sorted({*table.key, "portal_id", "run_id"}), use_threads=False)
    except (pa.ArrowInvalid, OSError) as error:
        return 0, f"not readable as Parquet: {error}"
    if keys["portal_id"].unique().to_pylist() != [batch.portal_id] or keys["run_id"].unique().to_pylist() != [batch.run_id]:
        return 0, "holds rows of another portal or run"
    named = ", ".join(table.key)
    if any(keys[name].null_count for name in table.key):
        return 0, f"a row has no key ({named})"
    doubled = keys.num_rows - keys.group_by(list(table.key), use_threads=False).aggregate([]).num_rows
    return keys.num_rows, f"{doubled} rows repeat the key ({named}) of another row" if doubled else None


def _delete(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    keys: Sequence[tuple[str, ...]],
    columns: tuple[str, ...] = ("portal_id", "run_id"),
) -> None:
    lists = ", ".join("unnest(?)" for _ in columns)
    connection.execute(
        statement("DELETE FROM silver.{table} WHERE ({columns}) IN (SELECT ", table=table.name, columns=columns) + f"{lists})",  # noqa: S608  placeholders
        [[key[i] for key in keys] for i in range(len(columns))],
    )


def _merge(connection: duckdb.DuckDBPyConnection, table: Table, files: Sequence[str]) -> None:
    """Insert rows whose key is new. A row that stands there under a younger run gives way, so that the order of loading is no matter."""
    connection.execute(
        statement(
            "MERGE INTO silver.{table} AS t USING (FROM read_parquet(?, hive_partitioning = false)) AS s USING ({key}) "
            "WHEN MATCHED AND s.run_id < t.run_id THEN UPDATE BY NAME WHEN NOT MATCHED THEN INSERT BY NAME",
            table=table.name,
            key=table.key,
        ),
        [list(files)],
    )
    if table.name == "notice":
        connection.execute(
            "INSERT INTO silver.notice_sighting BY NAME SELECT portal_id, run_id, notice_id, version "
            "FROM read_parquet(?, hive_partitioning = false)",
            [list(files)],
        )


def _log(
    connection: duckdb.DuckDBPyConnection, batches: Sequence[Batch], rows: dict[BatchKey, dict[str, int]], *, run_id: str, now: datetime
) -> None:
    entries = [
        {
            "portal_id": b.portal_id,
            "run_id": b.run_id,
            "digest": b.digest,
            "verdict": b.verdict,
            "extractor_version": b.extractor_version,
            "rows": rows[b.key],
            "loaded_by": run_id,
            "passed": b.passed,
            "loaded_at": now,
        }
        for b in batches
    ]
    if entries:
        _delete(connection, LOAD_LOG, [b.key for b in batches])
        connection.register("entries", LOAD_LOG.arrow(entries))
        connection.execute("INSERT INTO silver.load_log BY NAME SELECT * FROM entries")
        connection.unregister("entries")


def _record_loaded(connection: duckdb.DuckDBPyConnection, layout: Layout, now: datetime) -> None:
    """A `load` row in the ledger for each loaded batch that has none; from the log, so that a kill in between loses none."""
    missing = connection.execute(
        "SELECT portal_id, run_id, rows FROM silver.load_log AS l WHERE passed AND NOT EXISTS (SELECT 1 FROM silver.stage_outcome AS o "
        "WHERE o.portal_id = l.portal_id AND o.run_id = l.run_id AND o.stage = 'load' AND o.status = 'complete' AND o.counts = l.rows)"
    ).fetchall()
    for portal_id, run_id, rows in missing:
        _record(layout, portal_id, run_id, now, RunStatus.COMPLETE, counts=json.loads(rows))


def _record(
    layout: Layout,
    portal_id: str,
    run_id: str,
    now: datetime,
    status: RunStatus,
    *,
    reasons: Sequence[str] = (),
    counts: dict[str, int] | None = None,
) -> None:
    moment = now.isoformat()
    record(
        layout,
        StageOutcome(
            run_id=run_id,
            portal_id=portal_id,
            stage="load",
            status=status,
            started_at=moment,
            finished_at=moment,
            reasons=list(reasons),
            counts=counts or {},
        ),
    )
