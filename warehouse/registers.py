"""The two registers that are not crawled: the portals we follow and the ledger of their runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from gongkai.identity import digest
from gongkai.layout import Layout
from gongkai.ledger import read_outcome
from gongkai.registry import Portal
from gongkai.tables import TABLES, Table, row
from warehouse.engine import statement, transaction

_PORTAL_COLUMNS = ("portal_id", "name", "name_en", "level", "province", "division_code", "base_url", "family", "status")

PORTAL = Table(
    "portal",
    "门户",
    "A registered portal, as the registry says at the newest load.",
    pa.schema([(name, pa.string()) for name in _PORTAL_COLUMNS]),
    ("portal_id",),
)
LEDGER_LOG = Table(
    "ledger_log",
    "批次结果装载记录",
    "Fingerprint of each run's ledger files when they were last read.",
    pa.schema([("run_id", pa.string()), ("fingerprint", pa.string())]),
    ("run_id",),
)


def load_portals(connection: duckdb.DuckDBPyConnection, portals: Sequence[Portal]) -> None:
    """Insert or replace the given portals; others stay, because their data does."""
    rows = [{"portal_id": p.id} | {name: getattr(p, name) for name in _PORTAL_COLUMNS[1:]} for p in portals]
    with transaction(connection):
        connection.execute("DELETE FROM silver.portal WHERE portal_id IN (SELECT unnest(?))", [[p.id for p in portals]])
        _append(connection, PORTAL, rows)


def load_ledger(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Bring `silver.stage_outcome` up to date with the ledger; only runs whose files changed since are read."""
    known = dict(connection.execute("SELECT run_id, fingerprint FROM silver.ledger_log").fetchall())
    changed = {}
    for run_id in layout.ledger_runs():
        paths = layout.outcomes(run_id)
        fingerprint = _fingerprint(paths)
        if known.get(run_id) != fingerprint:
            changed[run_id] = (fingerprint, paths)
    outcomes = [row(read_outcome(path)) for _, paths in changed.values() for path in paths]
    with transaction(connection):
        for table in ("stage_outcome", "ledger_log"):
            connection.execute(statement("DELETE FROM silver.{table} WHERE run_id IN (SELECT unnest(?))", table=table), [list(changed)])
        _append(connection, TABLES["stage_outcome"], outcomes)
        _append(connection, LEDGER_LOG, [{"run_id": run_id, "fingerprint": f} for run_id, (f, _) in changed.items()])


def _fingerprint(paths: Sequence[Path]) -> str:
    """Changes whenever a file of the run is written, because writing replaces it (another inode time and name)."""
    return digest(*(f"{p} {s.st_mtime_ns} {s.st_size} {s.st_ino}" for p in paths for s in [p.stat()]))


def _append(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    connection.register("incoming", table.arrow(rows))
    connection.execute(statement("INSERT INTO silver.{table} BY NAME SELECT * FROM incoming", table=table.name))
    connection.unregister("incoming")
