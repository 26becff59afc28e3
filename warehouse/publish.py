"""Publish: what readers see becomes the warehouse of tonight, in one step. Nobody sees half of a night; how is the engine's affair."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import pyarrow as pa

from gongkai.errors import WarehouseError
from gongkai.tables import TABLES, Table
from warehouse import search_sql
from warehouse.as_of import make_functions
from warehouse.dictionary import comments
from warehouse.engines.contract import Connection, Engine, statement

_MOMENT = pa.timestamp("us", tz="UTC")

MART_BUILD = Table(
    "mart_build",
    "数据集市构建",
    "The newest build of the marts; empty since a load or a failed audit, without `built_at` while it runs or after it failed.",
    pa.schema([("as_of", pa.date32()), ("started_at", _MOMENT), ("built_at", _MOMENT)]),
    ("as_of",),
)
"""In schema `silver`: it tells of what the pipeline works on, not of what is published."""
MART_AUDIT = Table(
    "mart_audit",
    "数据集市检查",
    "The build of the marts (`mart_build.started_at`) that last passed the audit of the whole warehouse.",
    pa.schema([("started_at", _MOMENT)]),
    ("started_at",),
)
SNAPSHOT = Table(
    "snapshot",
    "快照",
    "What is published: of which run, when, and as of which day.",
    pa.schema([("run_id", pa.string()), ("published_at", _MOMENT), ("as_of", pa.date32()), ("extractor_versions", pa.list_(pa.string()))]),
    ("run_id",),
)
ROW_COUNT = Table(
    "row_count",
    "行数",
    "Rows of each table when it was published.",
    pa.schema([("table_schema", pa.string()), ("table_name", pa.string()), ("row_count", pa.int64())]),
    ("table_schema", "table_name"),
)
PORTAL_ROWS = Table(
    "portal_rows",
    "门户行数",
    "Rows of each silver table by portal: the next night's audit compares them.",
    pa.schema([("table_name", pa.string()), ("portal_id", pa.string()), ("row_count", pa.int64())]),
    ("table_name", "portal_id"),
)
BATCH = Table(
    "batch",
    "批次",
    "Batches that what is published was made of (passed), or that were held back (not passed).",
    pa.schema([(name, pa.string()) for name in ("portal_id", "run_id", "digest", "verdict")] + [("passed", pa.bool_())]),
    ("portal_id", "run_id"),
)
_SNAPSHOT_ROW = """
INSERT INTO meta.snapshot (run_id, published_at, as_of, extractor_versions)
SELECT $1::text, $2::timestamptz, b.as_of, coalesce(l.versions, ARRAY[]::text[])
FROM silver.mart_build AS b CROSS JOIN (
    SELECT array_agg(extractor_version ORDER BY extractor_version) AS versions
    FROM (SELECT DISTINCT extractor_version FROM silver.load_log WHERE passed) AS known
) AS l
"""
_BATCHES = """
INSERT INTO meta.batch (portal_id, run_id, digest, verdict, passed) SELECT portal_id, run_id, digest, verdict, passed FROM silver.load_log
"""
_PORTAL_ROWS = """
INSERT INTO meta.portal_rows (table_name, portal_id, row_count)
SELECT $1::text, portal_id, count(*) FROM silver.{table} GROUP BY portal_id
"""


def publish(engine: Engine, *, run_id: str, now: datetime) -> str:
    """Show readers the marts as they were built, with a row in `meta.snapshot`. Returns the place where readers find them.

    Raises:
        WarehouseError: there is nothing to publish, or the marts are not those of the loaded data or failed their tests.
            What readers see is untouched then.
    """
    with engine.publishing(_refuse_stale_marts) as connection:
        search_sql.install(connection, engine.name)
        make_functions(connection)
        connection.comment("mart", comments(connection))
        built = {name for _, name in connection.tables(engine.dbt_target().output["schema"])}
        _describe(connection, built, run_id=run_id, now=now)
    return engine.published_place


def mark_audited(engine: Engine) -> None:
    """Note that the marts as they were last built passed the audit of the whole; a later load or build is another one."""
    with engine.writing() as connection, connection.transaction():
        connection.ensure_table("silver", MART_AUDIT)
        connection.execute("DELETE FROM silver.mart_audit")
        connection.execute("INSERT INTO silver.mart_audit SELECT started_at FROM silver.mart_build WHERE built_at IS NOT NULL")


def require_audited(engine: Engine) -> None:
    """Raises WarehouseError where nobody audited the marts as they were last built: the audit was killed, or ended in an error."""
    with engine.reading() as connection:
        if connection.column_types("silver", MART_AUDIT.name) and connection.query(
            "SELECT 1 FROM silver.mart_audit AS a JOIN silver.mart_build AS b ON b.started_at = a.started_at"
        ):
            return
    raise WarehouseError("not published: the marts were not audited since they were last built (gongkai load does both)")


def withhold(engine: Engine) -> None:
    """Mark the marts as not to be published until they are built again: what a failed audit of the warehouse asks for."""
    with engine.writing() as connection:
        connection.ensure_table("silver", MART_BUILD)
        connection.execute("DELETE FROM silver.mart_build")


def _refuse_stale_marts(connection: Connection) -> None:
    if not connection.column_types("silver", MART_BUILD.name):
        raise WarehouseError("not published: no warehouse yet, load first")
    if not connection.query("SELECT 1 FROM silver.mart_build WHERE built_at IS NOT NULL"):
        raise WarehouseError("not published: since the last load the marts were not built, or their tests or the audit failed")


def _describe(connection: Connection, built: Collection[str], *, run_id: str, now: datetime) -> None:
    """`built`: the marts; other tables in their schema are somebody else's."""
    for table in (SNAPSHOT, ROW_COUNT, PORTAL_ROWS, BATCH):
        connection.ensure_table("meta", table)
        connection.execute(statement("DELETE FROM meta.{table}", table=table.name))
    connection.execute(_SNAPSHOT_ROW, run_id, now)
    connection.execute(_BATCHES)
    for name in TABLES:
        connection.execute(statement(_PORTAL_ROWS, table=name), name)
    for schema, name in connection.tables("silver", "mart"):
        if schema == "mart" and name not in built:
            continue
        count = "INSERT INTO meta.row_count (table_schema, table_name, row_count) SELECT $1::text, $2::text, count(*) FROM {schema}.{table}"
        connection.execute(statement(count, schema=schema, table=name), schema, name)
