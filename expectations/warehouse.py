"""Audit of the whole warehouse before it is published. Measured in SQL, judged through Great Expectations."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from expectations.verdict import passed
from gongkai.errors import GongkaiError
from gongkai.records.quality import AuditResult
from gongkai.tables import DOCUMENT_TABLES, TABLES

_OF_NOTICE = ("document", "attachment", "attachment_reading", "finding")
"""A finding may say that there is no document: what could not be read (D-READ)."""
_PARENTS = dict.fromkeys(_OF_NOTICE, ("notice", ("notice_id", "version"))) | {
    name: ("document", ("document_id", "extractor_version")) for name in DOCUMENT_TABLES if name not in _OF_NOTICE
}
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


class WarehouseUnsound(GongkaiError):
    """The warehouse failed its audit, or could not be measured, and must not be published. Names the rules or the cause."""


def audit_warehouse(database: Path, previous: Path | None, *, run_id: str) -> list[AuditResult]:
    """Measure every silver table of `database`, and compare it with the snapshot `previous` where that exists.

    Rows may go only together with a batch (`silver.load_log`) that was read or judged anew since the snapshot.

    Raises:
        WarehouseUnsound: a file is locked or is no DuckDB database.
    """
    from expectations.suites.warehouse import check  # takes seconds, see validate.py
    from expectations.validate import Auditor

    try:
        measures = _measures(database, previous)
    except duckdb.Error as error:
        raise WarehouseUnsound(f"{database}: cannot be measured: {' '.join(str(error).split())}") from error
    return Auditor().run("warehouse", run_id, [check(measures)])


def _measures(database: Path, previous: Path | None) -> pd.DataFrame:
    with duckdb.connect(str(database), read_only=True, config=_OFFLINE) as connection:
        compared = previous is not None and previous.exists()
        if compared:
            connection.execute("ATTACH ? AS previous (READ_ONLY)", [str(previous)])
        (current,) = connection.execute("SELECT current_database()").fetchall()[0]
        rows = [_measure(connection, name, compared) for name in TABLES if _there(connection, current, name)]
    return pd.DataFrame(rows, columns=["table", "rows", "doubled", "keyless", "orphans", "lost", "detail"])


def require_sound(results: list[AuditResult]) -> None:
    """Raises WarehouseUnsound where something critical failed, or nothing was checked."""
    if not passed(results):
        wrong = [f"{r.meaning}: {r.observed} ({'; '.join(r.failing[:3])})" for r in results if not r.success]
        raise WarehouseUnsound(f"warehouse refused: {' | '.join(wrong) or 'nothing was checked'}")


def _there(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'silver' AND table_name = ?", [database, table]
    ).fetchall()
    return bool(found)


def _measure(connection: duckdb.DuckDBPyConnection, name: str, compared: bool) -> dict[str, object]:
    keyless = " OR ".join(f"{column} IS NULL" for column in TABLES[name].key)
    parent, reference = _PARENTS.get(name, (name, TABLES[name].key))  # a table without a parent refers to itself
    query = f"""
        SELECT count(*), count(*) - count(DISTINCT ({", ".join(TABLES[name].key)})), count(*) FILTER ({keyless}),
            (SELECT count(*) FROM silver.{name} ANTI JOIN silver.{parent} USING ({", ".join(reference)}))
        FROM silver.{name}
    """  # noqa: S608  (names come from gongkai/tables.py, never from data)
    rows, doubled, without_key, orphans = connection.execute(query).fetchall()[0]
    lost = _lost(connection, name) if compared and _there(connection, "previous", name) else []
    return {
        "table": name,
        "rows": rows,
        "doubled": doubled,
        "keyless": without_key,
        "orphans": orphans if name in _PARENTS else 0,
        "lost": sum(n for _, n in lost),
        "detail": ", ".join(f"{portal}: {n} lost" for portal, n in lost[:5]),
    }


def _lost(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, int]]:
    """Portals that have fewer rows than in the snapshot, although none of their batches was replaced."""
    return connection.execute(
        f"""
        WITH replaced AS (
            SELECT DISTINCT portal_id FROM previous.silver.load_log AS before
            ANTI JOIN silver.load_log USING (portal_id, run_id, digest, verdict, passed)
        ), now AS (SELECT portal_id, count(*) AS n FROM silver.{name} GROUP BY portal_id
        ), before AS (SELECT portal_id, count(*) AS n FROM previous.silver.{name} GROUP BY portal_id)
        SELECT portal_id, before.n - coalesce(now.n, 0) FROM before LEFT JOIN now USING (portal_id)
        WHERE before.n > coalesce(now.n, 0) AND portal_id NOT IN (SELECT portal_id FROM replaced) ORDER BY portal_id
        """  # noqa: S608  (as above)
    ).fetchall()
