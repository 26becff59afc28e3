"""Parquet files as the CSV that PostgreSQL's COPY reads. DuckDB writes it: a fifth of what it costs to make each value a Python object."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from gongkai.tables import Table
from warehouse.engines.contract import DataRefused, literal, one_line, quoted

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "256MB",
}
_PIECE = 1 << 18  # bytes
_ITEM = r"""CASE WHEN s IS NULL THEN 'NULL' ELSE '"' || replace(replace(s, '\', '\\'), '"', '\"') || '"' END"""


@contextmanager
def csv_pieces(table: Table, files: Sequence[Path]) -> Iterator[Iterator[bytes]]:
    """The rows of some files, in the order of the table's columns; an absent value is empty, an empty text is quoted.

    Raises:
        DataRefused: a file cannot be read. It comes out of the iterator, before its end, so that nobody takes a part for the whole.
    """
    reading, writing = os.pipe()
    failure: list[duckdb.Error] = []

    def encode() -> None:
        columns = ", ".join(_column(field) for field in table.schema)
        target = f"TO '/dev/fd/{writing}' (FORMAT csv, HEADER false)"
        try:
            with duckdb.connect(config=_CONFIG) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                query = f"COPY (SELECT {columns} FROM read_parquet($1, hive_partitioning = false)) {target}"  # noqa: S608  our own names
                connection.execute(query, [[str(f) for f in files]])
        except duckdb.Error as error:
            failure.append(error)
        finally:
            os.close(writing)

    def pieces() -> Iterator[bytes]:
        while piece := os.read(reading, _PIECE):
            yield piece
        if failure:
            raise DataRefused(one_line(failure[0])) from failure[0]

    writer = threading.Thread(target=encode, name="csv")
    writer.start()
    try:
        yield pieces()
    finally:
        os.close(reading)  # a reader that gave up ends the writer too: its pipe is broken
        writer.join()


def _column(field: pa.Field) -> str:
    """A list becomes the text of a PostgreSQL array."""
    name = quoted(field.name)
    if not pa.types.is_list(field.type):
        return name
    items = f"array_to_string(list_transform({name}, lambda s: {_ITEM}), ',')"
    return f"CASE WHEN {name} IS NOT NULL THEN {literal('{')} || {items} || {literal('}')} END"
