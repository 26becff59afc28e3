"""Publish: an immutable copy of the warehouse, put in place by one rename. Readers of the old file keep it; nobody sees half of a night.

DuckDB shares an open file within one process by its path: a process that holds an old snapshot open sees the new one once it closed it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from gongkai.errors import WarehouseError
from gongkai.layout import Layout, open_atomic
from warehouse.engine import connect, statement

_SNAPSHOT_ROW = """
CREATE TABLE snapshot.meta.snapshot AS
SELECT
    $run_id::VARCHAR AS run_id,
    $now::TIMESTAMP WITH TIME ZONE AS published_at,
    as_of,
    (SELECT coalesce(list(DISTINCT extractor_version ORDER BY extractor_version), []) FROM snapshot.silver.load_log WHERE passed)
        AS extractor_versions
FROM snapshot.meta.mart_build
"""


def publish(layout: Layout, *, run_id: str, now: datetime) -> Path:
    """Copy schemas `silver`, `mart` and `meta` into a new file with a row in `meta.snapshot`, and rename it to `layout.published`.

    Raises:
        WarehouseError: there is nothing to publish, or the marts are not those of the loaded data or failed their tests.
            The published file is untouched then.
    """
    if not layout.warehouse.exists():
        raise WarehouseError(f"{layout.warehouse}: no warehouse yet, load first")
    layout.published.parent.mkdir(parents=True, exist_ok=True)
    for leftover in layout.published.parent.glob(f".{layout.published.name}.*"):
        leftover.unlink()  # of a publish that was killed; only one runs at a time
    with connect(layout.warehouse) as connection:
        _refuse_stale_marts(connection)
        with open_atomic(layout.published) as temporary:
            temporary.unlink()  # DuckDB takes no empty file
            _copy(connection, temporary, run_id=run_id, now=now)
    return layout.published


def withhold(layout: Layout) -> None:
    """Mark the marts as not to be published until they are built again: what a failed audit of the warehouse asks for."""
    with connect(layout.warehouse) as connection:
        connection.execute("DELETE FROM meta.mart_build")


def _refuse_stale_marts(connection: duckdb.DuckDBPyConnection) -> None:
    there = connection.execute("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = 'mart_build'").fetchone()
    if there is None or connection.execute("SELECT 1 FROM meta.mart_build").fetchone() is None:
        raise WarehouseError("not published: since the last load the marts were not built, or their tests or the audit failed")


def _copy(connection: duckdb.DuckDBPyConnection, target: Path, *, run_id: str, now: datetime) -> None:
    (source,) = connection.execute("SELECT current_database()").fetchall()[0]
    connection.execute("ATTACH ? AS snapshot", [str(target)])
    try:
        connection.execute(statement("COPY FROM DATABASE {source} TO snapshot", source=source))
        connection.execute(_SNAPSHOT_ROW, {"run_id": run_id, "now": now})
        counts = _row_counts(connection, "snapshot")
        if counts != _row_counts(connection, source):
            raise WarehouseError("not published: the copy does not hold the rows of the warehouse")
        connection.execute(
            "CREATE TABLE snapshot.meta.row_count (table_schema VARCHAR NOT NULL, table_name VARCHAR NOT NULL, row_count BIGINT NOT NULL)"
        )
        connection.executemany("INSERT INTO snapshot.meta.row_count VALUES (?, ?, ?)", [[*name, rows] for name, rows in counts.items()])
    finally:
        connection.execute("DETACH snapshot")  # writes the file out


def _row_counts(connection: duckdb.DuckDBPyConnection, database: str) -> dict[tuple[str, str], int]:
    names = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name IN ('silver', 'mart') ORDER BY ALL",
        [database],
    ).fetchall()
    counts = {}
    for schema, table in names:
        query = statement("SELECT count(*) FROM {database}.{schema}.{table}", database=database, schema=schema, table=table)
        counts[schema, table] = connection.execute(query).fetchall()[0][0]
    return counts
