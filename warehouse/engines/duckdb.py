"""The embedded engine: one DuckDB file that the pipeline works on, and an immutable copy of it that readers open.

DuckDB shares an open file within one process by its path: a process that holds an old snapshot open sees the new one once it closed it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from gongkai.errors import WarehouseError
from gongkai.layout import open_atomic
from gongkai.tables import Table
from warehouse.engines.contract import Connection, DataRefused, DbtTarget, Engine, OutOfMemory, Rows, one_line, quoted, statement
from warehouse.engines.ordered import in_parts, on_disk, portions

# No extension may be fetched: a warehouse that needs the network to open is not ours.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
# Of a night of 1,200,000 rows the load then takes 0.9 GB in all instead of 1.6 GB, for a fifth more time; the rest goes to disk.
_SPARING: dict[str, str | bool | int | float | list[str]] = {**_CONFIG, "memory_limit": "640MB"}
# It reads 2,048 rows at once, and 1,024 texts of a Parquet page: where they have megabytes each it gets more, rather than end the night.
_ROOMIER = ("1280MB", "2560MB")
_DBT_MEMORY = "1280MB"
"""Without a limit 2 GB of texts took 9.5 GB."""
_READERS_LAST = ("1000GB",)
"""No limit of ours: what a reader asks is not cut into smaller parts, as a load is."""
_SORTED = 128_000_000
"""Bytes of texts that are sorted at one time."""
_ROW_BYTES = 1_000
"""What a row weighs beside its texts as Python objects, about."""
_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}
_DAMAGE = ("Corrupt database file", "Corrupt WAL file", "not a valid DuckDB database file", "Could not read enough bytes")
"""How DuckDB tells of a file that is not what was written; it has no error of its own for it."""
_COLUMNS = (
    "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() "
    "AND schema_name = $1 AND table_name = $2 ORDER BY column_index"
)
_COMMENTS = """
SELECT table_name, '', comment FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $1 AND comment IS NOT NULL
UNION ALL
SELECT view_name, '', comment FROM duckdb_views() WHERE database_name = current_database() AND schema_name = $1 AND comment IS NOT NULL
UNION ALL
SELECT table_name, column_name, comment FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = $1 AND comment IS NOT NULL
"""
# Not MERGE: it takes three times as long, and where a table has more rows than the files it holds all their texts in memory to join them.
_KNOWN = (
    "CREATE OR REPLACE TEMPORARY TABLE known AS SELECT {key}, s.run_id < t.run_id AS older "
    "FROM read_parquet($1, hive_partitioning = false) AS s JOIN {schema}.{table} AS t USING ({key})"
)
_GIVE_WAY = "DELETE FROM {schema}.{table} AS t USING (FROM known WHERE older) AS k WHERE "
_INSERT = (
    "INSERT INTO {schema}.{table} BY NAME FROM read_parquet($1, hive_partitioning = false) "
    "ANTI JOIN (FROM known WHERE NOT older) USING ({key})"
)


class DuckDB(Engine):
    """A working file and a published one."""

    name = "duckdb"

    def __init__(self, path: Path, snapshot: Path) -> None:
        self._path, self._snapshot = path, snapshot
        self.place, self.published_place = str(path), str(snapshot)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._mended(), open_file(self._path) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        if not self._path.exists():
            raise WarehouseError(f"{self._path}: no warehouse yet, load first")
        with self._mended(), open_file(self._path, read_only=True) as connection:
            yield connection

    @contextmanager
    def _mended(self) -> Iterator[None]:
        """A damaged working file is put aside, and what is published takes its place: the error says so, and the next load goes on."""
        try:
            yield
        except Damaged as error:
            if error.path != self._path:  # of another file that was read meanwhile
                raise
            aside = _free_name(self._path.with_name(f"{self._path.name}.damaged"))
            begun = "makes a new one from silver"
            if self._snapshot.exists() and self._is_sound(self._snapshot):
                with open_atomic(self._path) as temporary:
                    shutil.copyfile(self._snapshot, temporary)
                    with open_file(temporary) as copy:
                        if copy.column_types("silver", "mart_build"):  # its marts are those of an earlier night: nobody may publish them
                            copy.execute("DELETE FROM silver.mart_build")
                    self._put_aside(aside)
                begun = "goes on from what is published"
            else:
                self._put_aside(aside)
            raise WarehouseError(f"{error}; it was put aside as {aside.name}, and the next `gongkai load` {begun}") from error

    def _put_aside(self, aside: Path) -> None:
        log = self._path.with_name(f"{self._path.name}.wal")
        if log.exists():  # it must not be read into another file
            log.replace(aside.with_name(f"{aside.name}.wal"))
        self._path.replace(aside)

    @staticmethod
    def _is_sound(path: Path) -> bool:
        """Whether every value of every table can be read."""
        try:
            with open_file(path, read_only=True) as connection:
                for schema, table in connection.tables("silver", "mart", "meta"):
                    connection.query(statement("SELECT max(hash(t)) FROM {schema}.{table} AS t", schema=schema, table=table))
                return True
        except WarehouseError:
            return False

    @contextmanager
    def holding(self) -> Iterator[None]:
        yield

    def dbt_target(self) -> DbtTarget:
        output: dict[str, Any] = {
            "type": "duckdb",
            "path": str(self._path.absolute()),
            "schema": "mart",
            "threads": 2,
            "config_options": {"autoinstall_known_extensions": False, "autoload_known_extensions": False},
            "settings": {"TimeZone": "UTC"},
        }
        limited = {**output, "settings": {**output["settings"], "memory_limit": _DBT_MEMORY}}
        return DbtTarget(output=limited, environment={}, roomier=output)

    @contextmanager
    def publishing(self, ready: Callable[[Connection], None]) -> Iterator[Connection]:
        self._snapshot.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(self._snapshot)  # only one publish runs at a time
        if not self._path.exists():
            raise WarehouseError(f"{self._path}: no warehouse yet, load first")
        with self.writing() as working:  # not reading: nobody may load between the look and the copy
            ready(working)
            with open_atomic(self._snapshot) as temporary:
                temporary.unlink()  # DuckDB takes no empty file
                _copy(working, temporary)
                with open_file(temporary) as copy:
                    yield copy

    def keep_published(self, run_id: str, most: int) -> None:
        kept = self._snapshot.with_name(f"run={run_id}.duckdb")
        kept.unlink(missing_ok=True)
        kept.hardlink_to(self._snapshot)  # no second copy: the next publish renames another file over the first name
        for old in sorted(kept.parent.glob("run=*.duckdb"), reverse=True)[max(most, 0) :]:
            old.unlink()

    def compact(self) -> str:
        """Written out anew; the old file gives way to the new one by a rename."""
        if not self._path.exists():
            return "no warehouse yet"
        before = self._path.stat().st_size
        _clear_leftovers(self._path)
        with open_atomic(self._path) as temporary:
            temporary.unlink()  # DuckDB takes no empty file
            with self.writing() as working:
                working.execute("CHECKPOINT")  # the log beside the old file must not outlive it
                _copy(working, temporary)
        return f"{self._path}: {before:,} bytes before, {self._path.stat().st_size:,} after"

    @contextmanager
    def published(self, *, mend: bool = False) -> Iterator[Connection | None]:
        if not self._snapshot.exists():
            yield None
            return
        try:
            with open_file(self._snapshot, read_only=True) as connection:
                yield connection
        except Damaged as error:
            if not mend or error.path != self._snapshot:
                raise
            aside = _free_name(self._snapshot.with_name(f"{self._snapshot.name}.damaged"))
            self._snapshot.replace(aside)
            raise WarehouseError(
                f"{error}; it was put aside as {aside.name}; load and publish again: there is nothing to compare with"
            ) from error


def _free_name(path: Path) -> Path:
    """`path`, or with a number behind it where something was put aside before: what was put aside is evidence."""
    return next(free for number in count() if not (free := path.with_name(f"{path.name}.{number}") if number else path).exists())


def _clear_leftovers(path: Path) -> None:
    """Copies, and logs of copies, that a killed process or a full disk left beside `path`."""
    for leftover in path.parent.glob(f".{path.name}.*"):
        leftover.unlink()


class Damaged(WarehouseError):
    """A file that the engine cannot read, or not whole."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path = path
        super().__init__(f"{path}: {cause}")


@contextmanager
def open_file(path: Path, *, read_only: bool = False) -> Iterator[Connection]:
    """Open a database file; its lock is held until the block ends.

    Raises:
        Damaged: it is no database, or a part of it is not what was written.
        WarehouseError: another process holds the lock, the file is no readable DuckDB database, or the engine gave up inside
            the block (disk full, a file vanished); an open transaction is rolled back then.
    """
    try:
        raw = duckdb.connect(str(path), read_only=read_only, config=_SPARING)
    except duckdb.Error as error:
        raise _refused(path, error, _why_closed(error)) from error
    try:
        raw.execute("SET TimeZone = 'UTC'")
        yield DuckDBConnection(raw, path, read_only=read_only)
    except duckdb.Error as error:
        raise _refused(path, error, one_line(error)) from error
    finally:
        raw.close()


def _refused(path: Path, error: duckdb.Error, cause: str) -> WarehouseError:
    return Damaged(path, cause) if any(words in str(error) for words in _DAMAGE) else WarehouseError(f"{path}: {cause}")


def _why_closed(error: duckdb.Error) -> str:
    cause = one_line(error)
    if "Could not set lock" in cause:
        return f"locked: another process writes it or reads the working file; let it finish ({cause})"
    return f"cannot be opened ({cause})"


class DuckDBConnection(Connection):
    """A connection to one file."""

    again = "delete the warehouse file"

    def __init__(self, raw: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
        self._raw, self._path = raw, path
        self._roomier = [*_ROOMIER, *(_READERS_LAST if read_only else ())]
        self._in_transaction = False

    @contextmanager
    def _own_damage(self) -> Iterator[None]:
        """Damage is that of this file, whichever other one is open around it."""
        try:
            yield
        except duckdb.Error as error:
            if isinstance(told := _refused(self._path, error, one_line(error)), Damaged):
                raise told from error
            raise

    def query(self, sql: str, *values: object) -> Rows:
        return self._asked(sql, values, fetch=True)

    def _asked(self, sql: str, values: Sequence[object], *, fetch: bool) -> Rows:
        """A statement that is a transaction of its own and runs out of memory is asked again with more."""
        with self._own_damage():
            while True:
                try:
                    answer = self._raw.execute(sql, values or None)
                    return answer.fetchall() if fetch else []
                except duckdb.OutOfMemoryException:
                    if self._in_transaction or not self.more_memory():
                        raise

    def more_memory(self) -> bool:
        if not self._roomier:
            return False
        self._raw.execute(f"SET memory_limit = '{self._roomier.pop(0)}'")
        return True

    def stream(self, sql: str, size: int) -> Iterator[Rows]:
        """What begins only after a sort is asked again with more memory where the sort has too little."""
        with self._own_damage():
            while True:
                try:
                    answer = self._raw.cursor().execute(sql)
                    rows = answer.fetchmany(size)
                    break
                except duckdb.OutOfMemoryException:
                    if not self.more_memory():
                        raise
        while rows:
            yield rows
            with self._own_damage():
                rows = answer.fetchmany(size)

    def in_order(self, schema: str, table: str, columns: Sequence[str], order: Sequence[str], size: int) -> Iterator[Rows]:
        texts = [name for name, kind in self.column_types(schema, table).items() if kind == "VARCHAR" and name in columns]
        weight = " + ".join(["0", *(statement("coalesce(strlen({c}), 0)", c=name) for name in texts)])
        names = {"schema": schema, "table": table, "columns": columns, "order": order}
        question = f"SELECT coalesce(sum({weight}), 0) > $1 FROM {{schema}}.{{table}}"  # noqa: S608  our own names
        ((heavy,),) = self.query(statement(question, **names), _SORTED)
        if not heavy or not order:
            yield from super().in_order(schema, table, columns, order, size)
            return
        groups = f"SELECT {{order}}, sum({weight} + {_ROW_BYTES}) FROM {{schema}}.{{table}} GROUP BY {{order}} ORDER BY {{order}}"  # noqa: S608
        cut = portions(self.stream(statement(groups, **names), 10_000), _SORTED)
        while True:
            rows = self.stream(statement("SELECT {columns} FROM {schema}.{table}", **names), size)
            try:
                with on_disk(rows, [columns.index(c) for c in order], cut, self._path.parent) as ordered:
                    yield from in_parts(ordered, size)
                return
            except duckdb.OutOfMemoryException:  # while they were laid down: none was handed on
                if not self.more_memory():
                    raise

    def execute(self, sql: str, *values: object) -> None:
        self._asked(sql, values, fetch=False)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._raw.begin()
        self._in_transaction = True
        try:
            yield
        except (duckdb.DataError, duckdb.ConstraintException) as error:
            self._raw.rollback()
            raise DataRefused(one_line(error)) from error
        except duckdb.OutOfMemoryException as error:
            self._raw.rollback()
            raise OutOfMemory(f"{self._path}: {one_line(error)}") from error
        except BaseException:
            self._raw.rollback()
            raise
        finally:
            self._in_transaction = False
        self._raw.commit()

    def column_types(self, schema: str, table: str) -> dict[str, str]:
        return dict(self.query(_COLUMNS, schema, table))

    def comments(self, schema: str) -> dict[tuple[str, str], str]:
        return {(table, column): text for table, column, text in self.query(_COMMENTS, schema)}

    def type_of(self, kind: pa.DataType) -> str:
        if pa.types.is_list(kind):
            return f"{self.type_of(kind.value_type)}[]"
        if pa.types.is_decimal(kind):
            return f"DECIMAL({kind.precision},{kind.scale})"
        return _TYPES[kind]

    def create(self, schema: str, table: Table) -> None:
        # No PRIMARY KEY: DuckDB checks it eagerly, so that deleting and inserting one key in one transaction fails; MERGE keeps the key.
        columns = (f"{quoted(f.name)} {self.type_of(f.type)}{' NOT NULL' if f.name in table.key else ''}" for f in table.schema)
        self.execute(statement("CREATE TABLE {schema}.{table}", schema=schema, table=table.name) + f" ({', '.join(columns)})")

    def append(self, schema: str, table: Table, rows: pa.Table) -> None:
        self._raw.register("incoming", rows)
        self.execute(statement("INSERT INTO {schema}.{table} BY NAME SELECT * FROM incoming", schema=schema, table=table.name))
        self._raw.unregister("incoming")

    def make_function(self, schema: str, name: str, arguments: Mapping[str, str], query: str, *, rows_of: str) -> None:
        make = statement("CREATE OR REPLACE MACRO {schema}.{name}", schema=schema, name=name)
        self.execute(f"{make}({', '.join(arguments)}) AS TABLE {query}")

    def merge(self, schema: str, table: Table, files: Sequence[Path]) -> None:
        names, files_of = {"schema": schema, "table": table.name}, [str(f) for f in files]
        self.execute(statement(_KNOWN, **names, key=table.key), files_of)
        same = " AND ".join(statement("t.{column} = k.{column}", column=column) for column in table.key)
        self.execute(statement(_GIVE_WAY, **names) + same)
        self.execute(statement(_INSERT, **names, key=table.key), files_of)
        self.execute("DROP TABLE known")


def _copy(working: Connection, target: Path) -> None:
    """All of the working file in a new one, proved by the number of rows of each table."""
    ((source,),) = working.query("SELECT current_database()")
    working.execute("ATTACH $1 AS snapshot", str(target))
    try:
        working.execute(statement("COPY FROM DATABASE {source} TO snapshot", source=source))
        for schema, table in working.tables("silver", "mart"):
            names = {"schema": schema, "table": table}
            copied = working.query(statement("SELECT count(*) FROM snapshot.{schema}.{table}", **names))[0][0]
            if copied != working.count(schema, table):
                raise WarehouseError(f"not copied: the copy of {schema}.{table} does not hold the rows of the warehouse")
    finally:
        working.execute("DETACH snapshot")  # writes the file out
