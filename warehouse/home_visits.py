"""The daily visits to home pages (首页), which lie in an archive and ledger of their own, as rows of
`silver.home_visit`, and the links that they tried as rows of `silver.link_visit`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gongkai.layout import Layout, run_day
from gongkai.ledger import StageOutcome, read_outcome
from gongkai.tables import LINK_VISIT, Table
from warehouse.engines.contract import Connection, statement
from warehouse.registers import fingerprint_of

HOME_VISIT = Table(
    "home_visit",
    "首页访问",
    "What a daily visit to a portal's home page found; its answer lies in the archive below `health`.",
    pa.schema(
        [(name, pa.string()) for name in ("portal_id", "run_id", "status", "fingerprint")]
        + [("visited_on", pa.date32()), ("items", pa.int64()), ("newest_day", pa.date32())]
        + [("url", pa.string()), ("warc_file", pa.string()), ("warc_offset", pa.int64())]
        + [("meta_required", pa.int64()), ("meta_missing", pa.list_(pa.string())), ("meta_dirty", pa.list_(pa.string()))]
    ),
    ("portal_id", "run_id"),
)
"""`fingerprint`: of the run's ledger files; another one means that its rows are read again. `newest_day`: not after the visit."""
_KEPT = timedelta(days=60)
"""Older visits than this before the newest are read no more: no rule looks back further. Their rows stay."""


def load_home_visits(connection: Connection, layout: Layout) -> None:
    """Bring `silver.home_visit` and `silver.link_visit` up to date: idempotent; only runs whose ledger files changed since are read."""
    health = layout.health
    runs = health.ledger_runs()
    recent = [run_id for run_id in runs if run_day(run_id) >= run_day(runs[-1]) - _KEPT]
    known: dict[str, str] = dict(connection.query("SELECT DISTINCT run_id, fingerprint FROM silver.home_visit"))
    changed = {}
    for run_id in recent:
        paths = [path for path in health.outcomes(run_id) if path.name == "crawl.json"]
        if paths and known.get(run_id) != (fingerprint := fingerprint_of(paths)):
            changed[run_id] = (fingerprint, paths)
    visits = [(fingerprint, read_outcome(path)) for fingerprint, paths in changed.values() for path in paths]
    rows = [_row(health, outcome, fingerprint) for fingerprint, outcome in visits]
    links = [link for _, outcome in visits for link in _links(health.raw_run(outcome.portal_id, outcome.run_id))]
    with connection.transaction():
        for table, found in ((HOME_VISIT, rows), (LINK_VISIT, links)):
            delete = "DELETE FROM silver.{table} WHERE run_id IN (SELECT unnest($1::text[]))"
            connection.execute(statement(delete, table=table.name), list(changed))
            connection.append("silver", table, table.arrow(found))


def _row(health: Layout, outcome: StageOutcome, fingerprint: str) -> dict[str, Any]:
    folder, day = health.raw_run(outcome.portal_id, outcome.run_id), run_day(outcome.run_id)
    items, newest = 0, None
    if (listed := folder / "list_entry.parquet").exists():
        days = pq.read_table(listed, columns=["date"], partitioning=None)["date"]
        items, newest = len(days), pc.max(pc.filter(days, pc.less_equal(days, day))).as_py()
    visit = {"portal_id": outcome.portal_id, "run_id": outcome.run_id, "status": outcome.status.value, "fingerprint": fingerprint}
    return visit | {"visited_on": day, "items": items, "newest_day": newest} | _answer(folder)


def _links(folder: Path) -> list[dict[str, Any]]:
    path = folder / f"{LINK_VISIT.name}.parquet"
    found: list[dict[str, Any]] = pq.read_table(path, partitioning=None).to_pylist() if path.exists() else []
    return found


def _answer(folder: Path) -> dict[str, Any]:
    """Where the home page lies in the archive, and its META tags; nothing of visits before sections told it."""
    names = {"url": "list_url", "warc_file": "list_warc_file", "warc_offset": "list_warc_offset"}
    names |= {name: name for name in ("meta_required", "meta_missing", "meta_dirty")}
    path = folder / "section_outcome.parquet"
    rows = pq.read_table(path, partitioning=None).to_pylist() if path.exists() else []
    return {name: rows[0].get(column) if rows else None for name, column in names.items()}
