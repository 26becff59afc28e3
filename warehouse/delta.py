"""What changed between two published states, row by row: two exports, or two snapshot files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
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
_BYTES = 100_000_000  # of texts that are fetched together; 2 GB of them fit into no memory of ours
_LIMITS: Mapping[str, str] = {"threads": "2", "memory_limit": "1GB"}
_DIGEST = "CASE WHEN strlen({0}) > 100 THEN md5({0}) ELSE {0} END AS {0}"
_DIFFERING = """
CREATE OR REPLACE TEMP TABLE differing AS SELECT *, sum(size) OVER (ORDER BY {keys}) // {bytes} AS portion FROM (
    SELECT {own}, max(coalesce(o.size, 0) + coalesce(n.size, 0)) AS size
    FROM (SELECT {digests}, true AS there FROM was) AS o
    FULL JOIN (SELECT {digests}, true AS there FROM stands) AS n ON {same}
    WHERE o.there IS NULL OR n.there IS NULL OR {differs} GROUP BY {order}
)
"""
_FETCHED = """
WITH w AS (SELECT * FROM differing WHERE portion = $1)
SELECT o.there, n.there, {sides}
FROM (SELECT *, true AS there FROM was AS d WHERE EXISTS (SELECT 1 FROM w WHERE {wanted})) AS o
FULL JOIN (SELECT *, true AS there FROM stands AS d WHERE EXISTS (SELECT 1 FROM w WHERE {wanted})) AS n ON {same}
WHERE o.there IS NULL OR n.there IS NULL OR {differs} ORDER BY {order}
"""
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
        with TemporaryDirectory() as spill, duckdb.connect(config={**_LIMITS, "temp_directory": spill}) as connection:
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

    @property
    def told(self) -> list[str]:
        """What a change may be in."""
        return [c for c in self.shared if c not in self.key and c not in CLOCK]

    def views(self) -> dict[str, str]:
        """Both sides under names of their own: k0, k1 … the key, t0, t1 … what a change may be in."""
        named = [
            f"{self._value(c)} AS {name}" for columns, letter in ((self.key, "k"), (self.told, "t")) for c, name in _named(columns, letter)
        ]
        return {view: f"SELECT {', '.join(named)} FROM {read}" for view, read in zip(("was", "stands"), self.read, strict=True)}  # noqa: S608

    def parts(self) -> dict[str, str]:
        """What `_DIFFERING` and `_FETCHED` are made of."""
        keys, told = ([name for _, name in _named(*named)] for named in ((self.key, "k"), (self.told, "t")))
        texts = [name for c, name in _named(self.told, "t") if not self._alike(c) or self.columns[0][c] == "VARCHAR"]
        digests = [_DIGEST.format(name) if name in texts else name for name in told]
        return {
            "keys": ", ".join(keys),
            "own": _each("coalesce(o.{0}, n.{0}) AS {0}", keys, ", "),
            "order": _each("coalesce(o.{0}, n.{0})", keys, ", "),
            "same": _each("o.{0} IS NOT DISTINCT FROM n.{0}", keys, " AND "),
            "wanted": _each("w.{0} IS NOT DISTINCT FROM d.{0}", keys, " AND "),
            "differs": _each("o.{0} IS DISTINCT FROM n.{0}", told, " OR ") or "false",
            "digests": ", ".join([*keys, *digests, (_each("coalesce(strlen({0}), 0)", texts, " + ") or "0") + " AS size"]),
            "sides": ", ".join(f"{side}.{name}" for side in "on" for name in (*keys, *told)),
            "bytes": str(_BYTES),
        }

    def _value(self, column: str) -> str:
        """A column in SQL; of two types that no comparison brings together as text."""
        named = statement("{c}", c=column)
        return named if self._alike(column) else f"CAST({named} AS text)"

    def _alike(self, column: str) -> bool:
        kinds = {columns[column].partition("(")[0] for columns in self.columns}
        return len(kinds) == 1 or kinds <= _NUMBERS

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
    """Rows that are not the same, by key: found by digests of their texts, then fetched, as many together as memory holds.

    Of a table whose key is not in both, texts are the key: they are compared, and fetched, as they are.
    """
    for view, query in of.views().items():
        connection.execute(statement("CREATE OR REPLACE TEMP VIEW {view} AS ", view=view) + query)
    parts, key, told = of.parts(), of.key, of.told
    connection.execute(_DIFFERING.format(**parts))
    for portion in connection.execute("SELECT DISTINCT portion FROM differing ORDER BY portion").fetchall():
        connection.execute(_FETCHED.format(**parts), portion)
        while rows := connection.fetchmany(_TOGETHER):
            for was, stands, *row in rows:
                half = len(row) // 2
                before, after = (dict(zip((*key, *told), part, strict=True)) for part in (row[:half], row[half:]))
                yield _change(of.table, key, before if was else None, after if stands else None)


def _named(columns: Sequence[str], letter: str) -> list[tuple[str, str]]:
    return [(column, f"{letter}{n}") for n, column in enumerate(columns)]


def _each(pattern: str, names: Sequence[str], between: str) -> str:
    return between.join(map(pattern.format, names))


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
