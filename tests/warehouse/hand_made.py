"""A mart made by hand, as dbt would leave it, and all that readers see: for tests that need no dbt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from own_postgres import Server
from silver_night import FIRST, NOW, portal

from gongkai.layout import Layout
from warehouse.engines import Engine
from warehouse.load import load

Promises = list[tuple[int, str | None]]
FIVE: Promises = [(n, f"第{n}条") for n in range(5)]


def make(engine: Engine, layout: Layout, rows: Promises, column: str = "words") -> None:
    """A warehouse whose only mart is `promise`."""
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    schema = engine.dbt_target().output["schema"]
    with engine.writing() as connection, connection.transaction():
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.execute(f"DROP TABLE IF EXISTS {schema}.promise")
        connection.execute(f"CREATE TABLE {schema}.promise (id BIGINT, {column} TEXT)")
        for row in rows:
            connection.execute(f"INSERT INTO {schema}.promise VALUES ($1, $2)", *row)  # noqa: S608
        connection.execute("DELETE FROM silver.mart_build")
        connection.execute("INSERT INTO silver.mart_build VALUES ($1, $2, $2)", date(2026, 3, 4), NOW)


def all_that_readers_see(engine: Engine, server: Server | None) -> str | bytes:
    """Byte for byte."""
    if server is None:
        return Path(engine.published_place).read_bytes()
    return server.dump(engine.published_place, "mart", "meta")
