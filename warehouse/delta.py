"""What changed between two published states, row by row: two exports, or two snapshot files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.errors import WarehouseError
from gongkai.layout import open_atomic
from warehouse.dictionary import key_of
from warehouse.engines.contract import literal, one_line, statement
from warehouse.search_index import SEARCH_TABLES

CLOCK = frozenset(
    {"as_of", "days_since_complete", "days_since_published", "last_seen", "last_run", "run_id", "run_time", "known_since", "seen_until"}
)
"""Columns that move with every night though nothing was published; a change in these alone is no change."""
_NUMBERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL"}
_SCHEMA = pa.schema([(name, pa.string()) for name in ("table", "change", "key", "before", "after")])
_TOGETHER = 500  # rows in memory, with both their texts
_Change = dict[str, str | None]


def delta(old: Path, new: Path, folder: Path | None = None) -> list[str]:
    """One line a table with how many rows were added, changed and removed, and one for each column that is not the same in both.

    Args:
        folder: where to write `changes.parquet` and `changes.jsonl`: table, change (added, changed, removed), key, before, after.
            The last three are JSON objects; of a changed row, `before` and `after` hold the columns that differ.

    Raises:
        WarehouseError: one of the two is neither an export with Parquet nor a snapshot, or cannot be read.
    """
    try:
        with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            sides = [_tables(connection, path, name) for path, name in ((old, "before"), (new, "after"))]
            both = [_compared(connection, table, (sides[0][table], sides[1][table])) for table in sorted(sides[0].keys() & sides[1].keys())]
            changes = (change for table in both for change in _changes(connection, table))
            counted = _store(changes, folder) if folder else Counter((c["table"], c["change"]) for c in changes)
    except duckdb.Error as error:
        raise WarehouseError(f"delta of {old} and {new}: {one_line(error)}") from error
    kinds = ("added", "changed", "removed")
    lines = [f"{of.table}: " + ", ".join(f"{counted[of.table, kind]} {kind}" for kind in kinds) for of in both]
    lines += [line for of in both for line in of.shape(old, new)]
    lines += [f"{t}: only in {old}" for t in sorted(sides[0].keys() - sides[1].keys())]
    return lines + [f"{t}: only in {new}" for t in sorted(sides[1].keys() - sides[0].keys())]


def _tables(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> dict[str, str]:
    """Table → what reads it in SQL."""
    if path.is_dir():
        files = sorted((path / "parquet").glob("*.parquet"))
        if not files:
            raise WarehouseError(f"{path}: no export with Parquet (no files in {path / 'parquet'})")
        return {file.stem: f"read_parquet({literal(str(file))})" for file in files}
    connection.execute(f"ATTACH {literal(str(path))} AS {name} (READ_ONLY)")
    found = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = $1 AND table_schema = 'mart'",
        [name],
    ).fetchall()
    return {table: statement(f"{name}.mart.{{table}}", table=table) for (table,) in found if table not in SEARCH_TABLES}


@dataclass(frozen=True)
class _Compared:
    """A table of both states: its columns with their types, before and after."""

    table: str
    read: tuple[str, str]
    columns: tuple[dict[str, str], dict[str, str]]

    @property
    def shared(self) -> list[str]:
        return [c for c in self.columns[0] if c in self.columns[1]]

    @property
    def key(self) -> list[str]:
        """What names a row. Without its key's columns on both sides a row is known by all that it says."""
        named = key_of(self.table)
        return list(named) if named and not set(named) - set(self.shared) else [c for c in self.shared if c not in CLOCK]

    def value(self, side: str, column: str) -> str:
        """A column in SQL; of two types that no comparison brings together as text."""
        told = statement("{s}.{c}", s=side, c=column)
        kinds = {columns[column].partition("(")[0] for columns in self.columns}
        return told if len(kinds) == 1 or kinds <= _NUMBERS else f"CAST({told} AS text)"

    def shape(self, old: Path, new: Path) -> Iterator[str]:
        """What is not the same in the table itself."""
        for c in sorted(self.columns[0].keys() ^ self.columns[1].keys()):
            yield f"{self.table}: column {c} only in {old if c in self.columns[0] else new}"
        for c in self.shared:
            was, now = (columns[c] for columns in self.columns)
            if was != now:
                yield f"{self.table}: column {c} is {was} in {old}, {now} in {new}"
        if lost := sorted(set(key_of(self.table)) - set(self.shared)):
            yield f"{self.table}: its key's {', '.join(lost)} is not in both: rows are compared whole, none counts as changed"


def _compared(connection: duckdb.DuckDBPyConnection, table: str, read: tuple[str, str]) -> _Compared:
    before, after = (dict(row[:2] for row in connection.execute(f"DESCRIBE SELECT * FROM {side}").fetchall()) for side in read)  # noqa: S608
    return _Compared(table, read, (before, after))


def _changes(connection: duckdb.DuckDBPyConnection, of: _Compared) -> Iterator[_Change]:
    key = of.key
    told = [c for c in of.shared if c not in key and c not in CLOCK]
    same = " AND ".join(f"{of.value('o', c)} IS NOT DISTINCT FROM {of.value('n', c)}" for c in key)
    differs = " OR ".join([f"{of.value('o', c)} IS DISTINCT FROM {of.value('n', c)}" for c in told] or ["false"])
    sides = ", ".join(of.value(side, c) for side in "on" for c in (*key, *told))
    order = ", ".join(f"coalesce({of.value('o', c)}, {of.value('n', c)})" for c in key)
    query = (
        f"SELECT o.there, n.there, {sides} FROM (SELECT *, true AS there FROM {of.read[0]}) AS o "  # noqa: S608  our own names
        f"FULL JOIN (SELECT *, true AS there FROM {of.read[1]}) AS n ON {same} WHERE o.there IS NULL OR n.there IS NULL OR {differs} "
        f"ORDER BY {order}"
    )
    answer = connection.cursor().execute(query)
    while rows := answer.fetchmany(_TOGETHER):
        for was, stands, *values in rows:
            half = len(values) // 2
            before, after = (dict(zip((*key, *told), part, strict=True)) for part in (values[:half], values[half:]))
            yield _change(of.table, key, before if was else None, after if stands else None)


def _change(table: str, key: list[str], before: dict[str, Any] | None, after: dict[str, Any] | None) -> _Change:
    own = after or before or {}
    kind = "changed" if before and after else "added" if after else "removed"
    if before and after:
        differing = [c for c in before if before[c] != after[c]]
        before, after = ({c: side[c] for c in differing} for side in (before, after))
    return {
        "table": table,
        "change": kind,
        "key": _json({c: own[c] for c in key}),
        "before": _json(before) if before else None,
        "after": _json(after) if after else None,
    }


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)


def _store(changes: Iterator[_Change], folder: Path) -> Counter[tuple[str | None, str | None]]:
    counted: Counter[tuple[str | None, str | None]] = Counter()
    with (
        open_atomic(folder / "changes.parquet") as parquet,
        open_atomic(folder / "changes.jsonl") as lines,
        pq.ParquetWriter(parquet, _SCHEMA, compression="zstd") as writer,
        lines.open("w", encoding="utf-8") as text,
    ):
        while part := list(islice(changes, _TOGETHER)):
            counted.update((change["table"], change["change"]) for change in part)
            text.writelines(json.dumps(change, ensure_ascii=False) + "\n" for change in part)
            writer.write_table(pa.Table.from_pylist(part, schema=_SCHEMA))
    return counted
