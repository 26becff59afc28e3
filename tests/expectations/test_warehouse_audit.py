"""The audit of the whole warehouse, on both engines, with silver tables spoiled in one place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from expectations.verdict import failed, passed
from expectations.warehouse import audit_warehouse, require_sound
from gongkai.errors import WarehouseUnsound
from gongkai.records.quality import AuditResult
from gongkai.status import Severity
from gongkai.tables import TABLES
from warehouse.engines import Engine
from warehouse.load import LOAD_LOG
from warehouse.publish import MART_BUILD, publish

MakeTown = Callable[..., Any]
RUN = "20240402T183000Z"


def fill(engine: Engine, town: Any, digest: str = "d1") -> None:
    """A warehouse that holds one portal's batch, in tables without constraints."""
    with engine.writing() as connection:
        connection.execute("CREATE SCHEMA silver")
        for table in (*TABLES.values(), LOAD_LOG, MART_BUILD):
            columns = ", ".join(f'"{f.name}" {connection.type_of(f.type)}' for f in table.schema)
            connection.execute(f"CREATE TABLE silver.{table.name} ({columns})")
            connection.append("silver", table, table.arrow(town.rows.get(table.name, [])))
        log = "INSERT INTO silver.load_log (portal_id, run_id, digest, verdict, passed) VALUES ($1, $2, $3, 'v', true)"
        connection.execute(log, town.portal.id, town.run_id, digest)


def change(engine: Engine, *statements: str) -> None:
    with engine.writing() as connection:
        for statement in statements:
            connection.execute(statement)


def audited(engine: Engine) -> list[AuditResult]:
    with engine.writing() as working, engine.published() as seen:
        return audit_warehouse(working.query, seen and seen.query, run_id=RUN)


def wrong(engine: Engine) -> set[str]:
    return {r.meaning for r in failed(audited(engine), Severity.CRITICAL)}


def test_sound_warehouse(town: MakeTown, engine: Engine) -> None:
    fill(engine, town())
    results = audited(engine)
    assert passed(results)
    assert results[0].portal_id == "warehouse"
    require_sound(results)


@pytest.mark.parametrize(
    ("statement", "meaning"),
    [
        ("INSERT INTO silver.notice SELECT * FROM silver.notice LIMIT 1", "no two rows have the same key"),
        ("UPDATE silver.plan_task SET seq = NULL", "every row has its key"),
        ("DELETE FROM silver.notice", "every fact has its document, every document its notice"),
        ("DELETE FROM silver.document", "every fact has its document, every document its notice"),
        ("DROP TABLE silver.finding", "every silver table is there"),
    ],
)
def test_what_must_not_be_published(statement: str, meaning: str, town: MakeTown, engine: Engine) -> None:
    fill(engine, town())
    change(engine, statement)
    results = audited(engine)
    assert meaning in {r.meaning for r in failed(results, Severity.CRITICAL)}
    with pytest.raises(WarehouseUnsound, match=meaning):
        require_sound(results)


def test_lost_rows_need_a_replaced_batch(town: MakeTown, engine: Engine) -> None:
    fill(engine, town())
    with engine.writing() as connection:
        schema = engine.dbt_target().output["schema"]
        connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute("INSERT INTO silver.mart_build VALUES ($1, now(), now())", date(2024, 4, 2))
    publish(engine, run_id=RUN, now=_now(engine))
    assert wrong(engine) == set()
    change(engine, "DELETE FROM silver.plan_task WHERE span_start = (SELECT min(span_start) FROM silver.plan_task)")
    (lost,) = failed(audited(engine), Severity.CRITICAL)
    assert lost.meaning.startswith("no row was lost")
    assert "gd-li: 2 lost" in lost.failing[0]
    change(engine, "UPDATE silver.load_log SET digest = 'd2'")
    assert wrong(engine) == set()


def _now(engine: Engine) -> Any:
    with engine.reading() as connection:
        return connection.query("SELECT now()")[0][0]


def test_nothing_checked_is_not_sound() -> None:
    with pytest.raises(WarehouseUnsound, match="nothing was checked"):
        require_sound([])
