"""The two registers that are not crawled: the portals we follow and the ledger of their runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from gongkai.identity import digest
from gongkai.layout import Layout
from gongkai.ledger import read_outcome
from gongkai.registry import Portal
from gongkai.tables import TABLES, Table, row
from warehouse.engines.contract import Connection, statement

_PORTAL_COLUMNS = (
    "portal_id",
    "name",
    "name_en",
    "level",
    "province",
    "division_code",
    "base_url",
    "family",
    "status",
    "site_id_code",
    "site_name",
)

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


def load_portals(connection: Connection, portals: Sequence[Portal]) -> None:
    """Insert or replace the given portals; others stay, because their data does."""
    rows = [{"portal_id": p.id} | {name: getattr(p, name) for name in _PORTAL_COLUMNS[1:]} for p in portals]
    with connection.transaction():
        connection.execute("DELETE FROM silver.portal WHERE portal_id IN (SELECT unnest($1::text[]))", [p.id for p in portals])
        connection.append("silver", PORTAL, PORTAL.arrow(rows))


def load_ledger(connection: Connection, layout: Layout) -> None:
    """Bring `silver.stage_outcome` up to date with the ledger; only runs whose files changed since are read."""
    known: dict[str, str] = dict(connection.query("SELECT run_id, fingerprint FROM silver.ledger_log"))
    changed = {}
    for run_id in layout.ledger_runs():
        paths = layout.outcomes(run_id)
        fingerprint = fingerprint_of(paths)
        if known.get(run_id) != fingerprint:
            changed[run_id] = (fingerprint, paths)
    outcomes = [row(read_outcome(path)) for _, paths in changed.values() for path in paths]
    with connection.transaction():
        for table in ("stage_outcome", "ledger_log"):
            delete = "DELETE FROM silver.{table} WHERE run_id IN (SELECT unnest($1::text[]))"
            connection.execute(statement(delete, table=table), list(changed))
        connection.append("silver", TABLES["stage_outcome"], TABLES["stage_outcome"].arrow(outcomes))
        fingerprints = [{"run_id": run_id, "fingerprint": f} for run_id, (f, _) in changed.items()]
        connection.append("silver", LEDGER_LOG, LEDGER_LOG.arrow(fingerprints))


def fingerprint_of(paths: Sequence[Path]) -> str:
    """Of a run's ledger files: changes whenever a file of the run is written, because writing replaces it (another inode time and name)."""
    return digest(*(f"{p} {s.st_mtime_ns} {s.st_size} {s.st_ino}" for p in paths for s in [p.stat()]))
