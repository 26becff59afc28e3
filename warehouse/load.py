"""Audited silver batches → tables of schema `silver`. Idempotent: killed anywhere and started again, the warehouse is the same.

A wave of batches is one transaction that also writes their rows of `silver.load_log`; what the log covers is never loaded again.
A notice version that a later run brings again keeps its first row. Refused batches leave only the audit's own tables.
What an older extractor read stays when a batch was read again: facts are kept by extractor version, and the marts take the newest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.layout import Layout
from gongkai.ledger import StageOutcome, record
from gongkai.registry import Portal
from gongkai.status import RunStatus
from gongkai.storable import Offence, open_rows
from gongkai.tables import AUDIT_TABLES, LINK_VISIT, TABLES, Table
from gongkai.words import counted
from warehouse.areas import NOTICE_AREA
from warehouse.batches import Batch, BatchKey, judged_batches, load_log, to_forget, waves
from warehouse.changes import NOTICE_CHANGE, load_changes
from warehouse.commitments import COMMITMENT_TABLES, load_decisions
from warehouse.engines.contract import Connection, DataRefused, Engine, OutOfMemory
from warehouse.examine import BATCH_TABLES, REFUSED_ROW, Examined, evidence, examine, examine_ahead
from warehouse.facts import load_facts
from warehouse.home_visits import HOME_VISIT, load_home_visits
from warehouse.publish import MART_BUILD
from warehouse.registers import LEDGER_LOG, PORTAL, load_ledger, load_portals
from warehouse.scorecards.appeals import load_appeals
from warehouse.scorecards.history import load_history
from warehouse.scorecards.tables import KEPT as SCORECARDS_KEPT
from warehouse.series import SERIES_FINDING, load_series
from warehouse.touched import MART_BASIS, TOUCHED, touch

_TOGETHER = 100  # batches in one transaction: amortises the scan of the table's keys, bounds what a kill costs
_HEAVIEST = 100_000_000  # bytes of documents in one, as their files have them: bounds what the engine holds

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

    @property
    def words(self) -> str:
        """`3 batches loaded, 120 rows; 1 quarantined; 1 failed (lishi/20260301T183000Z: …)`."""
        said = [
            f"{counted(len(self.batches), 'batch', 'batches')} loaded, {counted(sum(sum(b.rows.values()) for b in self.batches), 'row')}"
        ]
        said += [f"{len(self.quarantined)} quarantined"] if self.quarantined else []
        failures = ", ".join(f"{b.portal_id}/{b.run_id}: {b.cause}" for b in self.failed)
        said += [f"{len(self.failed)} failed ({failures})"] if failures else []
        said += [f"{len(self.waiting)} wait for a verdict"] if self.waiting else []
        return "; ".join(said)


def load(engine: Engine, layout: Layout, portals: Sequence[Portal], *, run_id: str, now: datetime) -> LoadSummary:
    """Bring `silver` up to date with every judged batch of `portals`, the registry and the ledger. The marts are stale afterwards.

    Raises:
        WarehouseError: the warehouse is locked, out of reach or of another shape, or the engine gave up. What was committed until then
            stays; the next call goes on from there.
    """
    judged, waiting = judged_batches(layout, portals)
    summary = LoadSummary(waiting=waiting)
    with engine.writing() as connection:
        _prepare(connection)
        pending = _make_room(connection, layout, judged, now)
        with closing(examine_ahead(layout, waves(pending, _TOGETHER, _HEAVIEST, partial(_weight, layout)), now)) as looked_at:
            for wave, found in looked_at:
                _load_wave(connection, layout, wave, found, summary, run_id=run_id, now=now)
        for failure in summary.failed:
            _record(layout, failure.portal_id, failure.run_id, now, RunStatus.BROKEN, reasons=[f"not loaded: {failure.cause}"])
        _record_loaded(connection, layout, now)
        load_series(connection)
        load_changes(connection)
        load_facts(connection)
        load_portals(connection, portals)
        load_decisions(connection, layout, [p.id for p in portals])
        load_ledger(connection, layout)
        load_home_visits(connection, layout)
        load_appeals(connection, layout, [p.id for p in portals])
        load_history(connection, layout)
    return summary


def _prepare(connection: Connection) -> None:
    with connection.transaction():
        for table in (
            *TABLES.values(),
            LOAD_LOG,
            SIGHTING,
            REFUSED_ROW,
            SERIES_FINDING,
            NOTICE_CHANGE,
            NOTICE_AREA,
            TOUCHED,
            MART_BASIS,
            PORTAL,
            LEDGER_LOG,
            HOME_VISIT,
            LINK_VISIT,
            MART_BUILD,
            *COMMITMENT_TABLES,
            *SCORECARDS_KEPT,
        ):
            connection.ensure_table("silver", table)
        connection.execute("DELETE FROM silver.mart_build")  # from here on the marts are older than silver: publish refuses them


def _make_room(connection: Connection, layout: Layout, judged: Sequence[Batch], now: datetime) -> list[Batch]:
    """Batches to load, after the rows that they replace were taken out.

    A portal keeps all its rows where one of its corrected batches cannot be loaded: that one is tried, and refused; the others wait.
    """
    log = load_log(connection)
    again = to_forget(judged, log)
    unfit = {b.key for b in again if not log[b.key].covers(b) and examine(layout, b, now).offences}
    kept = {portal_id for portal_id, _ in unfit}
    _forget(connection, layout, [b for b in again if b.portal_id not in kept])
    waiting = {b.key for b in again if b.portal_id in kept} - unfit
    log = load_log(connection)
    return [b for b in judged if b.key not in waiting and not (b.key in log and log[b.key].covers(b))]


def _forget(connection: Connection, layout: Layout, batches: Sequence[Batch]) -> None:
    """Take out the rows of batches that are loaded again; of facts only those of the versions that are loaded again."""
    if not batches:
        return
    keys = [b.key for b in batches]
    read_by = [(*b.key, version) for b in batches for version in _versions(layout, b)]
    with connection.transaction():
        touch(connection, keys)
        for table in (*BATCH_TABLES, SIGHTING):
            if "extractor_version" in table.schema.names:
                connection.delete("silver", table, read_by, ("portal_id", "run_id", "extractor_version"))
            else:
                connection.delete("silver", table, keys)
        connection.delete("silver", LOAD_LOG, keys)


def _versions(layout: Layout, batch: Batch) -> set[str]:
    """Extractor versions of a batch's rows: more than one where only some of its notices were read again."""
    found = {batch.extractor_version}
    for name in ("document", "finding"):  # whatever was read, or could not be, left a row in one of them
        try:
            column = pq.read_table(layout.silver(name, *batch.key), columns=["extractor_version"], partitioning=None)
        except (pa.ArrowException, OSError, KeyError):  # missing or damaged: `examine` tells it, and nothing of the batch is loaded
            continue
        found |= set(column["extractor_version"].unique().to_pylist())
    return found


def _load_wave(
    connection: Connection,
    layout: Layout,
    wave: Sequence[Batch],
    examined: dict[BatchKey, Examined],
    summary: LoadSummary,
    *,
    run_id: str,
    now: datetime,
) -> None:
    try:
        _store_wave(connection, layout, wave, examined, run_id=run_id, now=now)
    except (DataRefused, OutOfMemory) as error:
        full = isinstance(error, OutOfMemory)
        if len(wave) > 1 or (full and connection.more_memory()):
            # Too much at once: in halves. Something that `examine` does not know: one by one, so that the others get in.
            size = (len(wave) + 1) // 2 if full else 1
            for first in range(0, len(wave), size):
                _load_wave(connection, layout, wave[first : first + size], examined, summary, run_id=run_id, now=now)
            return
        advice = "; every load tries this batch again until somebody drops it (gongkai quarantine)" if full else ""
        offence = Offence(table="", rule="engine", cause=f"the engine refused it: {error}{advice}")
        examined[wave[0].key] = Examined(rows={}, offences=[offence])
        _store_wave(connection, layout, wave, examined, run_id=run_id, now=now)
    for batch in wave:
        found = examined[batch.key]
        if found.cause is not None:
            summary.failed.append(FailedBatch(portal_id=batch.portal_id, run_id=batch.run_id, cause=found.cause))
        elif batch.passed:
            summary.batches.append(LoadedBatch(portal_id=batch.portal_id, run_id=batch.run_id, rows=found.rows))
        else:
            summary.quarantined.append(batch.key)


def _weight(layout: Layout, batch: Batch) -> int:
    path = layout.silver("document", *batch.key)
    return path.stat().st_size if path.exists() else 0


def _store_wave(
    connection: Connection, layout: Layout, wave: Sequence[Batch], examined: dict[BatchKey, Examined], *, run_id: str, now: datetime
) -> None:
    sound = [b for b in wave if not examined[b.key].offences]
    with connection.transaction():
        for table in BATCH_TABLES:
            if table.name in AUDIT_TABLES:  # a second verdict replaces the first
                connection.delete("silver", table, [b.key for b in sound])
            filled = [layout.silver(table.name, *b.key) for b in sound if examined[b.key].rows.get(table.name)]
            if filled:
                _merge(connection, table, filled)
        touch(connection, [b.key for b in sound if b.passed])
        connection.delete("silver", REFUSED_ROW, [b.key for b in wave])
        refused = [row for b in wave for row in evidence(b, examined[b.key].offences)]
        connection.append("silver", REFUSED_ROW, REFUSED_ROW.arrow(refused))
        _log(connection, sound, {b.key: examined[b.key].rows for b in sound}, run_id=run_id, now=now)


def _merge(connection: Connection, table: Table, files: Sequence[Path]) -> None:
    connection.merge("silver", table, files)
    if table.name == "notice":
        seen = pa.concat_tables(open_rows(path).read(SIGHTING.schema.names, use_threads=False) for path in files)
        connection.append("silver", SIGHTING, seen.select(SIGHTING.schema.names))


def _log(connection: Connection, batches: Sequence[Batch], rows: dict[BatchKey, dict[str, int]], *, run_id: str, now: datetime) -> None:
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
        connection.delete("silver", LOAD_LOG, [b.key for b in batches])
        connection.append("silver", LOAD_LOG, LOAD_LOG.arrow(entries))


def _record_loaded(connection: Connection, layout: Layout, now: datetime) -> None:
    """A `load` row in the ledger for each loaded batch that has none; from the log, so that a kill in between loses none."""
    missing = connection.query(
        "SELECT portal_id, run_id, rows FROM silver.load_log AS l WHERE passed AND NOT EXISTS (SELECT 1 FROM silver.stage_outcome AS o "
        "WHERE o.portal_id = l.portal_id AND o.run_id = l.run_id AND o.stage = 'load' AND o.status = 'complete' AND o.counts = l.rows)"
    )
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
