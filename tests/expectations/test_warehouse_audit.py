"""The audit of the whole warehouse, on real DuckDB files with silver tables spoiled in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.verdict import failed, passed
from expectations.warehouse import WarehouseUnsound, audit_warehouse, require_sound
from gongkai.status import Severity
from gongkai.tables import TABLES

MakeTown = Callable[..., Any]
RUN = "20240402T183000Z"


def fill(path: Path, town: Any, digest: str = "d1") -> Path:
    """A warehouse that holds one portal's batch."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA silver")
        for name, table in TABLES.items():
            connection.from_arrow(table.arrow(town.rows.get(name, []))).create(f"silver.{name}")
        connection.execute("CREATE TABLE silver.load_log (portal_id TEXT, run_id TEXT, digest TEXT, verdict TEXT, passed BOOLEAN)")
        connection.execute("INSERT INTO silver.load_log VALUES (?, ?, ?, 'v', true)", [town.portal.id, town.run_id, digest])
    return path


def change(path: Path, statement: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)


def wrong(path: Path, previous: Path | None = None) -> set[str]:
    return {r.meaning for r in failed(audit_warehouse(path, previous, run_id=RUN), Severity.CRITICAL)}


def test_sound_warehouse(town: MakeTown, tmp_path: Path) -> None:
    path = fill(tmp_path / "o'w.duckdb", town())
    results = audit_warehouse(path, path.with_name("none.duckdb"), run_id=RUN)
    assert passed(results)
    assert results[0].portal_id == "warehouse"
    require_sound(results)


@pytest.mark.parametrize(
    ("statement", "meaning"),
    [
        ("INSERT INTO silver.notice FROM silver.notice LIMIT 1", "no two rows have the same key"),
        ("UPDATE silver.plan_task SET seq = NULL", "every row has its key"),
        ("DELETE FROM silver.notice", "every fact has its document, every document its notice"),
        ("DELETE FROM silver.document", "every fact has its document, every document its notice"),
        ("DROP TABLE silver.finding", "every silver table is there"),
    ],
)
def test_what_must_not_be_published(statement: str, meaning: str, town: MakeTown, tmp_path: Path) -> None:
    path = fill(tmp_path / "w.duckdb", town())
    change(path, statement)
    assert meaning in wrong(path)
    with pytest.raises(WarehouseUnsound, match=meaning):
        require_sound(audit_warehouse(path, None, run_id=RUN))


def test_lost_rows_need_a_replaced_batch(town: MakeTown, tmp_path: Path) -> None:
    before = fill(tmp_path / "before.duckdb", town())
    now = fill(tmp_path / "now.duckdb", town())
    assert wrong(now, before) == set()
    change(now, "DELETE FROM silver.plan_task WHERE span_start = (SELECT min(span_start) FROM silver.plan_task)")
    results = audit_warehouse(now, before, run_id=RUN)
    (lost,) = failed(results, Severity.CRITICAL)
    assert lost.meaning.startswith("no row was lost")
    assert "gd-li: 2 lost" in lost.failing[0]
    change(now, "UPDATE silver.load_log SET digest = 'd2'")
    assert wrong(now, before) == set()


def test_locked_or_foreign_files_are_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseUnsound, match="cannot be measured"):
        audit_warehouse(path, None, run_id=RUN)


def test_nothing_checked_is_not_sound() -> None:
    with pytest.raises(WarehouseUnsound, match="nothing was checked"):
        require_sound([])
