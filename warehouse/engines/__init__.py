"""The engines a warehouse can stand on. `engine_of` chooses by one setting; the rest of the project sees `Engine` and `Connection`."""

from __future__ import annotations

from gongkai.layout import Layout
from warehouse.engines.contract import Connection, Engine
from warehouse.engines.duckdb import DuckDB
from warehouse.engines.postgresql import PostgreSQL

__all__ = ["Connection", "Engine", "engine_of"]


def engine_of(layout: Layout, url: str = "") -> Engine:
    """PostgreSQL where `url` (the setting `GONGKAI_WAREHOUSE`) names one, else the DuckDB file of the layout. Nothing is opened yet."""
    return PostgreSQL(url) if url else DuckDB(layout.warehouse, layout.published)
