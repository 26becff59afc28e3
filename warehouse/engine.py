"""DuckDB behind a few functions: open, one transaction, tables from Arrow schemas, constants as SQL text.

Values are always bound. Identifiers come from gongkai/tables.py and from this package only, and are quoted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from gongkai.errors import WarehouseError
from gongkai.tables import Table

# No extension may be fetched: a warehouse that needs the network to open is not ours.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


@contextmanager
def connect(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database file, in UTC; the lock is held until the block ends.

    Raises:
        WarehouseError: another process holds the lock, the file is no readable DuckDB database, or the engine gave up inside
            the block (disk full, a file vanished); an open transaction is rolled back then.
    """
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=_CONFIG)
    except duckdb.Error as error:
        raise WarehouseError(f"{path}: {_why_closed(error)}") from error
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    except duckdb.Error as error:
        raise WarehouseError(f"{path}: {' '.join(str(error).split())}") from error
    finally:
        connection.close()


def _why_closed(error: duckdb.Error) -> str:
    cause = " ".join(str(error).split())
    if "lock" in cause:
        return f"locked: another process writes it or reads the working file; let it finish ({cause})"
    return f"cannot be opened ({cause})"


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: commit at the end of the block, roll back on any exception."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def statement(template: str, **identifiers: str | Sequence[str]) -> str:
    """SQL with its `{names}` replaced by quoted identifiers (a sequence: separated by commas). Values never go this way."""
    return template.format(**{k: quoted(v) if isinstance(v, str) else ", ".join(map(quoted, v)) for k, v in identifiers.items()})


def literal(text: str) -> str:
    """A string constant, for statements that take no parameters (COMMENT, COPY)."""
    return "'" + text.replace("'", "''") + "'"


def sql_type(kind: pa.DataType) -> str:
    """DuckDB's type for an Arrow type of gongkai/tables.py; KeyError for one that no record uses."""
    if pa.types.is_list(kind):
        return f"{sql_type(kind.value_type)}[]"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    return _TYPES[kind]


_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}


def ensure_table(connection: duckdb.DuckDBPyConnection, schema: str, table: Table) -> None:
    """Create the table, or add the columns that a newer release brought.

    Raises:
        WarehouseError: the file holds a table of another shape; silver rebuilds the warehouse, so it says how.
    """
    there = {
        str(name): str(kind)
        for name, kind in connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() "
            "AND schema_name = ? AND table_name = ? ORDER BY column_index",
            [schema, table.name],
        ).fetchall()
    }
    wanted = {f.name: sql_type(f.type) for f in table.schema}
    if not there:
        _create(connection, schema, table, wanted)
        return
    if any(wanted.get(name) != kind for name, kind in there.items()):
        raise WarehouseError(f"{schema}.{table.name} has another shape than gongkai/tables.py: delete the warehouse file, load rebuilds it")
    for name in wanted.keys() - there.keys():
        add = statement("ALTER TABLE {schema}.{table} ADD COLUMN {column} ", schema=schema, table=table.name, column=name)
        connection.execute(add + wanted[name])


def _create(connection: duckdb.DuckDBPyConnection, schema: str, table: Table, columns: dict[str, str]) -> None:
    # No PRIMARY KEY: DuckDB checks it eagerly, so that deleting and inserting one key in one transaction fails; MERGE keeps the key.
    body = ", ".join(f"{quoted(name)} {kind}{' NOT NULL' if name in table.key else ''}" for name, kind in columns.items())
    place = {"schema": schema, "table": table.name}
    connection.execute(statement("CREATE SCHEMA IF NOT EXISTS {schema}", schema=schema))
    connection.execute(statement("CREATE TABLE {schema}.{table}", **place) + f" ({body})")
    connection.execute(statement("COMMENT ON TABLE {schema}.{table} IS ", **place) + literal(f"{table.zh}: {table.doc}"))
