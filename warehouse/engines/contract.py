"""What the warehouse asks of an engine. Everything above this package speaks SQL that both engines run.

Values are always bound, as $1, $2 …; identifiers come from gongkai/tables.py and from this package only, and are quoted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from gongkai.errors import WarehouseError
from gongkai.tables import Table

Rows = list[tuple[Any, ...]]


class DataRefused(WarehouseError):
    """The engine would not take the values of one statement; its transaction is rolled back, the connection can go on."""


class OutOfMemory(WarehouseError):
    """The engine's memory did not suffice for one transaction; it is rolled back, the connection can go on with smaller ones."""


class Connection(ABC):
    """One open connection, in UTC. Engine errors leave it as WarehouseError when the block that opened it ends."""

    again: str
    """What to do when the tables have another shape than this release's."""

    @abstractmethod
    def query(self, sql: str, *values: object) -> Rows: ...

    @abstractmethod
    def stream(self, sql: str, size: int) -> Iterator[Rows]:
        """The answer in parts of at most `size` rows, so that it need not fit into memory."""

    def in_order(self, schema: str, table: str, columns: Sequence[str], order: Sequence[str], size: int) -> Iterator[Rows]:
        """All rows of a table by the columns `order`, which are among `columns`, as `stream`; its texts need not fit into memory."""
        select = statement("SELECT {columns} FROM {schema}.{table}", columns=columns, schema=schema, table=table)
        return self.stream(select + (statement(" ORDER BY {order}", order=order) if order else ""), size)

    @abstractmethod
    def execute(self, sql: str, *values: object) -> None: ...

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing: commit at the end of the block, roll back on any exception.

        Raises:
            DataRefused: a value did not fit its column.
            OutOfMemory: there was too much in it.
        """

    @abstractmethod
    def column_types(self, schema: str, table: str) -> dict[str, str]:
        """Columns of a table in order, each with its type as this engine prints it; empty where there is no such table."""

    @abstractmethod
    def comments(self, schema: str) -> dict[tuple[str, str], str]:
        """Comments by table and column; a table's own under column `""`."""

    @abstractmethod
    def type_of(self, kind: pa.DataType) -> str:
        """This engine's type for an Arrow type of gongkai/tables.py; KeyError for one that no record uses."""

    @abstractmethod
    def create(self, schema: str, table: Table) -> None:
        """Create a table that is not there."""

    @abstractmethod
    def append(self, schema: str, table: Table, rows: pa.Table) -> None:
        """Add Arrow rows of exactly the table's schema."""

    @abstractmethod
    def merge(self, schema: str, table: Table, files: Sequence[Path]) -> None:
        """Insert the rows of Parquet files whose key is new; a row that stands there under a younger run gives way.

        So the order of loading is no matter. No two rows of `files` may have one key.
        """

    @abstractmethod
    def make_function(self, schema: str, name: str, arguments: Mapping[str, str], query: str, *, rows_of: str) -> None:
        """Create or replace a function that gives rows, called alike on all engines: `select * from schema.name(…)`.

        Args:
            arguments: name → type of SQL, in order; the query uses the names.
            query: of our own text; its columns are those of the table or view `rows_of` of the same schema.
        """

    def more_memory(self) -> bool:
        """Let the engine take more memory from here on; False where it has what it may have."""
        return False

    def ensure_table(self, schema: str, table: Table) -> None:
        """Create the table, or add the columns that a newer release brought.

        Raises:
            WarehouseError: there is a table of another shape; silver rebuilds the warehouse, so it says how.
        """
        there = self.column_types(schema, table.name)
        wanted = {f.name: self.type_of(f.type) for f in table.schema}
        if not there:
            self.execute(statement("CREATE SCHEMA IF NOT EXISTS {schema}", schema=schema))
            self.create(schema, table)
            place = {"schema": schema, "table": table.name}
            self.execute(statement("COMMENT ON TABLE {schema}.{table} IS ", **place) + literal(f"{table.zh}: {table.doc}"))
            return
        if any(wanted.get(name) != kind for name, kind in there.items()):
            raise WarehouseError(f"{schema}.{table.name} has another shape than gongkai/tables.py: {self.again}, load rebuilds it")
        for name in (n for n in wanted if n not in there):
            add = statement("ALTER TABLE {schema}.{table} ADD COLUMN {column} ", schema=schema, table=table.name, column=name)
            self.execute(add + wanted[name])

    def comment(self, schema: str, texts: Mapping[tuple[str, str], str]) -> None:
        """Say what is not said there yet, in a transaction of its own; keys as in `comments`."""
        there = self.comments(schema)
        with self.transaction():
            for (table, column), text in texts.items():
                if there.get((table, column)) != text:
                    place = "COLUMN {schema}.{table}.{column}" if column else "TABLE {schema}.{table}"
                    self.execute(statement(f"COMMENT ON {place} IS ", schema=schema, table=table, column=column) + literal(text))

    def delete(self, schema: str, table: Table, keys: Sequence[tuple[str, ...]], columns: Sequence[str] = ("portal_id", "run_id")) -> None:
        """Remove all rows whose text columns `columns` have one of the values `keys`."""
        lists = ", ".join(f"unnest(${n}::text[])" for n in range(1, len(columns) + 1))
        delete = statement("DELETE FROM {schema}.{table} WHERE ({columns}) IN ", schema=schema, table=table.name, columns=columns)
        self.execute(f"{delete}(SELECT {lists})", *([key[i] for key in keys] for i in range(len(columns))))

    def tables(self, *schemas: str) -> dict[tuple[str, str], list[str]]:
        """Columns of every table and view of some schemas, by (schema, table), in order."""
        found: dict[tuple[str, str], list[str]] = {}
        for schema, table, column in self.query(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns "
            "WHERE table_catalog = current_database() AND table_schema IN (SELECT unnest($1::text[])) "
            "ORDER BY table_schema, table_name, ordinal_position",
            list(schemas),
        ):
            found.setdefault((schema, table), []).append(column)
        return found

    def count(self, schema: str, table: str) -> int:
        """Rows of a table."""
        return int(self.query(statement("SELECT count(*) FROM {schema}.{table}", schema=schema, table=table))[0][0])


@dataclass(frozen=True, kw_only=True)
class DbtTarget:
    """Where dbt builds: an output of `profiles.yml`, and the variables its process needs (secrets never reach the file)."""

    output: dict[str, Any]
    environment: Mapping[str, str]
    roomier: dict[str, Any] | None = None
    """The output to try where the engine's memory did not suffice."""


class Engine(ABC):
    """One place that holds a warehouse: schema `silver` that the pipeline works on, and schemas `mart` and `meta` that readers see.

    One process writes at a time; who comes second gets a WarehouseError that names the other.
    """

    name: str
    place: str
    """For people, without a password."""
    published_place: str
    """What readers open, without a password."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """Nobody else writes until the block ends.

        Raises:
            WarehouseError: another process writes, the place cannot be opened, or the engine gave up inside the block (disk full,
                connection lost); an open transaction is rolled back then.
        """

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """What the pipeline works on, read-only. Raises WarehouseError as `writing`."""

    @abstractmethod
    def holding(self) -> AbstractContextManager[None]:
        """Keep other writers away while another program of ours (dbt) writes; `writing` works inside the block.

        DuckDB cannot: its file lock belongs to the program that writes. Who uses this must also see when a load came between.
        """

    @contextmanager
    def claiming(self, portal_ids: Sequence[str]) -> Iterator[Callable[[], None]]:
        """Nobody else claims these portals until the block ends; the block gets what raises where the claim was lost meanwhile.

        An engine that one machine alone can reach has nobody to ask: it does nothing.

        Raises:
            WarehouseError: another process has a claim on one of them, or the connection, and the claim with it, was lost.
        """
        yield lambda: None

    @abstractmethod
    def dbt_target(self) -> DbtTarget: ...

    @abstractmethod
    def publishing(self, ready: Callable[[Connection], None]) -> AbstractContextManager[Connection]:
        """Make a copy of the marts what readers see, in one step at the end of the block; on any exception they keep the old one.

        Args:
            ready: looks at what the pipeline worked on, and raises where it must not be published.
        The block gets a connection to what is going to be published, to describe it in schema `meta`.
        """

    @abstractmethod
    def keep_published(self, run_id: str, most: int) -> None:
        """Keep what is published now under its run's name, and of all that is kept so the newest `most`.

        An engine that holds one state only does nothing.
        """

    @abstractmethod
    def compact(self) -> str:
        """Give back the room of rows that are gone; what came of it, in words. Nobody else writes meanwhile.

        Raises:
            WarehouseError: as `writing`; the warehouse stays as it was.
        """

    @abstractmethod
    def published(self, *, mend: bool = False) -> AbstractContextManager[Connection | None]:
        """What readers see, read-only; None where nothing was published yet. Raises WarehouseError as `writing`.

        `mend`: a damaged file is put out of the way of the next publication; for who writes only.
        """


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def statement(template: str, **identifiers: str | Sequence[str]) -> str:
    """SQL with its `{names}` replaced by quoted identifiers (a sequence: separated by commas). Values never go this way."""
    return template.format(**{k: quoted(v) if isinstance(v, str) else ", ".join(map(quoted, v)) for k, v in identifiers.items()})


def literal(text: str) -> str:
    """A string constant, for statements that take no parameters (COMMENT, COPY)."""
    return "'" + text.replace("'", "''") + "'"
