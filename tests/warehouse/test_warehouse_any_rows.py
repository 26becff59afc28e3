"""Rows of every table of gongkai/tables.py, of whatever values, arrive in both engines as they were sent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_postgres import Server

from gongkai.layout import Layout
from gongkai.tables import TABLES, Table
from warehouse.engines import Connection, engine_of

_PIECES = st.sampled_from(
    ["", '"', "'", "\\", "\\.", "\\N", "\n", "\r", "\r\n", "\t", ",", "{", "}", "NULL", "\ufeff", "🏛️", "长", "\u2028", " ", "\x01", "\x7f"]
)
_TEXTS = st.lists(
    st.one_of(_PIECES, st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=5)), max_size=5
).map("".join)
_VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): _TEXTS,
    pa.list_(pa.string()): st.lists(st.none() | _TEXTS, max_size=4),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False) | st.sampled_from([5e-324, -0.0, 1.7976931348623157e308, math.inf, -math.inf]),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(date(1, 1, 1), date(9999, 12, 31)),
    pa.timestamp("us", tz="UTC"): st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999), timezones=st.just(UTC)),  # noqa: DTZ001
    pa.decimal128(24, 6): st.decimals(Decimal(-(10**18)) + 1, Decimal(10**18) - 1, places=6),
}
_KINDS = Table(
    "kinds",
    "类型",
    "Every type, two columns each.",
    pa.schema([("id", pa.int64()), ("run_id", pa.string())] + [(f"c{n}", kind) for n, kind in enumerate([*_VALUES, *_VALUES])]),
    ("id",),
)


@pytest.fixture(scope="module")
def connections(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Connection]]:
    with ExitStack() as stack:
        engines = [engine_of(Layout(tmp_path_factory.mktemp("any")), url) for url in ("", postgres.database())]
        yield [stack.enter_context(engine.writing()) for engine in engines]


def _rows(table: Table) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Keys that stand once; all else anything, or nothing."""
    columns = {f.name: _VALUES[f.type] if f.name in (*table.key, "run_id") else st.none() | _VALUES[f.type] for f in table.schema}
    return st.lists(st.fixed_dictionaries(columns), max_size=6, unique_by=lambda row: tuple(row[name] for name in table.key))


def _comes_back(connections: list[Connection], folder: Path, table: Table, rows: list[dict[str, Any]]) -> None:
    sent = table.arrow(rows)
    pq.write_table(sent, folder / "rows.parquet")
    ways: dict[str, Callable[[Connection], None]] = {
        "append": lambda c: c.append("silver", table, sent),
        "merge": lambda c: c.merge("silver", table, [folder / "rows.parquet"]),
    }
    names = ", ".join(f'"{name}"' for name in table.schema.names)
    wanted = sorted(map(_told, zip(*(column.to_pylist() for column in sent.columns), strict=True)))
    for connection in connections:
        connection.ensure_table("silver", table)
        for way, send in ways.items():
            connection.execute(f'DELETE FROM silver."{table.name}"')  # noqa: S608  our own names
            with connection.transaction():
                send(connection)
            found = connection.query(f'SELECT {names} FROM silver."{table.name}"')  # noqa: S608
            assert sorted(map(_told, found)) == wanted, (way, connection)


def _told(row: tuple[Any, ...]) -> str:
    """Also tells -0.0 from 0.0, and nothing from a text; each engine has a class of its own for UTC."""
    return repr(tuple(value.astimezone(UTC) if isinstance(value, datetime) else value for value in row))


_MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@_MANY
@given(rows=_rows(_KINDS))
def test_every_type_comes_back(connections: list[Connection], tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    _comes_back(connections, tmp_path, _KINDS, rows)


@_MANY
@given(data=st.data())
def test_rows_of_every_table_come_back(connections: list[Connection], tmp_path: Path, data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(sorted(TABLES.values(), key=lambda table: table.name)))
    _comes_back(connections, tmp_path, table, data.draw(_rows(table)))
