"""A PostgreSQL server (15 or newer) as engine. One writing session at a time holds an advisory lock of the database.

Files travel by COPY into a temporary table and from there by INSERT … ON CONFLICT, in the caller's transaction. Measured: psycopg's binary
COPY row by row costs several times as much on our side, ADBC's Arrow ingest needs a session of its own, hence a table that outlives a kill;
MERGE takes as long as ON CONFLICT, rows in the order of the key as long as in any other, and COPY into the table itself, without rows
known by a first COPY of the keys, as long as soon as the table is not empty.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import psycopg
import pyarrow as pa
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from gongkai.errors import WarehouseError
from gongkai.tables import Table
from warehouse.engines import publication
from warehouse.engines.contract import Connection, DataRefused, DbtTarget, Engine, OutOfMemory, Rows, literal, one_line, quoted, statement
from warehouse.engines.encode import csv_pieces, rows_of

_OLDEST = 15
_PATIENCE = 60
"""Seconds that a writer waits for another one, and a statement for a lock that a reader holds."""
_LOCK = 0x676F6E676B6169  # "gongkai"
_PASSWORD = "DBT_ENV_SECRET_WAREHOUSE_PASSWORD"  # noqa: S105  the name of a variable; dbt hides the value of one so named
_CHUNK = 4096  # rows that are CSV at one time
_TYPES = {
    pa.string(): "text",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us", tz="UTC"): "timestamp with time zone",
}
_COLUMNS = """
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a
WHERE a.attrelid = to_regclass(format('%I.%I', $1::text, $2::text)) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_COMMENTS = """
SELECT c.relname::text, coalesce(a.attname::text, ''), d.description
FROM pg_description AS d JOIN pg_class AS c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass AND c.relkind <> 'i'
JOIN pg_namespace AS n ON n.oid = c.relnamespace LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = nullif(d.objsubid, 0)
WHERE n.nspname = $1
"""
_HOLDER = """
SELECT format('process %s of %s, since %s', a.pid, coalesce(nullif(a.application_name, ''), a.usename), a.backend_start)
FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.classid::bigint << 32) + l.objid::bigint = $1
"""


class PostgreSQL(Engine):
    """One database of a server. Not to be shared between threads."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        try:
            self._target = conninfo_to_dict(url)
        except psycopg.Error as error:  # its message may quote the password
            raise WarehouseError("GONGKAI_WAREHOUSE is no PostgreSQL URL (percent-encode what a URL cannot hold)") from error.__cause__
        self._target = {"connect_timeout": 10, "application_name": "gongkai", **self._target}
        self.place = self.published_place = _place(self._target)
        self._held = False

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._session() as connection, nullcontext() if self._held else self._lock(connection):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._session(read_only=True) as connection:
            yield connection

    @contextmanager
    def holding(self) -> Iterator[None]:
        with self._session() as connection, self._lock(connection):
            self._held = True
            try:
                yield
            finally:
                self._held = False

    @contextmanager
    def claiming(self, portal_ids: Sequence[str]) -> Iterator[Callable[[], None]]:
        with self._session() as connection:
            connection.query("SELECT set_config('application_name', $1, false)", f"gongkai {socket.gethostname()}/{os.getpid()}")
            connection.execute(f"SET lock_timeout = '{_PATIENCE}s'; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10")
            for portal_id in sorted(portal_ids):  # in one order everywhere, so that no two wait for each other
                key = int.from_bytes(hashlib.sha256(f"gongkai portal {portal_id}".encode()).digest()[:8], signed=True)
                self._claim(connection, portal_id, key)
            yield lambda: connection.execute("SELECT 1")

    def _claim(self, connection: Connection, portal_id: str, key: int) -> None:
        try:
            connection.query("SELECT pg_advisory_lock($1)", key)
        except psycopg.errors.LockNotAvailable as error:
            holder = "; ".join(str(name) for (name,) in connection.query(_HOLDER, key)) or "nobody any more"
            raise WarehouseError(f"{portal_id}: another machine works on it: {holder} (a lock of {self.place})") from error

    def dbt_target(self) -> DbtTarget:
        with self._open() as raw:
            info, given = raw.info, {k: v for k, v in self._target.items() if k in ("sslmode", "sslrootcert", "sslcert", "sslkey")}
            output = {
                "type": "postgres",
                "host": info.host,
                "port": info.port,
                "user": info.user,
                "password": f"{{{{ env_var('{_PASSWORD}') }}}}",
                "dbname": info.dbname,
                "schema": publication.WORKING,
                "threads": 2,
                "application_name": "gongkai-dbt",
                **given,
            }
            return DbtTarget(output=output, environment={_PASSWORD: info.password or "none", "PGTZ": "UTC"})

    @contextmanager
    def publishing(self, ready: Callable[[Connection], None]) -> Iterator[Connection]:
        with self.writing() as connection:
            ready(connection)
            publication.make_reader(connection)
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}s'")
                publication.copy_marts(connection)
                yield connection
                publication.grant(connection)
            connection.execute("ANALYZE")

    def keep_published(self, run_id: str, most: int) -> None:
        """Nothing: exports are what is compared here."""

    def compact(self) -> str:
        """PostgreSQL's own vacuum: room is reused, and the planner knows the tables."""
        with self.writing() as connection:
            connection.execute("VACUUM (ANALYZE)")
            ((size,),) = connection.query("SELECT pg_database_size(current_database())")
        return f"{self.place}: vacuumed, {size:,} bytes"

    @contextmanager
    def published(self, *, mend: bool = False) -> Iterator[Connection | None]:
        with self.reading() as connection:
            yield connection if connection.column_types("meta", "snapshot") else None

    def _open(self) -> psycopg.Connection[TupleRow]:
        try:
            raw = psycopg.connect(
                make_conninfo("", **self._target), autocommit=True, cursor_factory=psycopg.RawCursor, prepare_threshold=None
            )
        except psycopg.Error as error:
            raise WarehouseError(f"{self.place}: cannot be opened ({self._safe(error)})") from error
        version, encoding = raw.info.server_version // 10_000, raw.info.parameter_status("server_encoding")
        if version < _OLDEST or encoding != "UTF8":
            raw.close()
            needed = f"PostgreSQL {_OLDEST} or newer with encoding UTF8 is needed"
            raise WarehouseError(f"{self.place}: {needed}; this is {version} with {encoding}")
        return raw

    @contextmanager
    def _session(self, *, read_only: bool = False) -> Iterator[PostgreSQLConnection]:
        raw = self._open()
        try:
            raw.execute("SET TimeZone = 'UTC'")
            raw.execute("SET client_min_messages = warning")
            if read_only:
                raw.execute("SET default_transaction_read_only = on")
            yield PostgreSQLConnection(raw)
        except psycopg.Error as error:
            raise WarehouseError(f"{self.place}: {'connection lost: ' if raw.closed else ''}{self._safe(error)}") from error
        finally:
            raw.close()

    @contextmanager
    def _lock(self, connection: Connection) -> Iterator[None]:
        connection.execute(f"SET lock_timeout = '{_PATIENCE}s'")
        try:
            connection.query("SELECT pg_advisory_lock($1)", _LOCK)
        except psycopg.errors.LockNotAvailable as error:
            holder = "; ".join(str(name) for (name,) in connection.query(_HOLDER, _LOCK)) or "nobody any more"
            raise WarehouseError(f"{self.place}: locked: another process writes it; let it finish ({holder})") from error
        connection.execute("SET lock_timeout = 0")
        yield
        connection.query("SELECT pg_advisory_unlock($1)", _LOCK)  # fails where the session, and the lock with it, was lost meanwhile

    def _safe(self, error: BaseException) -> str:
        """What the driver says, on one line, without the password."""
        password = self._target.get("password")
        return one_line(error).replace(str(password), "***") if password else one_line(error)


class PostgreSQLConnection(Connection):
    """A session. Outside `transaction` every statement is one."""

    again = "drop schema silver"

    def __init__(self, raw: psycopg.Connection[TupleRow]) -> None:
        self._raw = raw

    def query(self, sql: str, *values: object) -> Rows:
        return self._raw.execute(sql.encode(), values or None).fetchall()

    def stream(self, sql: str, size: int) -> Iterator[Rows]:
        with self._raw.transaction(), psycopg.RawServerCursor(self._raw, "stream") as cursor:
            cursor.execute(sql.encode())
            while rows := cursor.fetchmany(size):
                yield rows

    def execute(self, sql: str, *values: object) -> None:
        self._raw.execute(sql.encode(), values or None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        try:
            with self._raw.transaction():
                yield
        except (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded) as error:
            raise DataRefused(one_line(error)) from error
        except psycopg.errors.OutOfMemory as error:
            raise OutOfMemory(one_line(error)) from error

    def column_types(self, schema: str, table: str) -> dict[str, str]:
        return dict(self.query(_COLUMNS, schema, table))

    def comments(self, schema: str) -> dict[tuple[str, str], str]:
        return {(table, column): text for table, column, text in self.query(_COMMENTS, schema)}

    def type_of(self, kind: pa.DataType) -> str:
        if pa.types.is_list(kind):
            return f"{self.type_of(kind.value_type)}[]"
        if pa.types.is_decimal(kind):
            return f"numeric({kind.precision},{kind.scale})"
        return _TYPES[kind]

    def create(self, schema: str, table: Table) -> None:
        columns = ", ".join(f"{quoted(f.name)} {self.type_of(f.type)}{_collation(f.type)}" for f in table.schema)
        make = statement("CREATE TABLE {schema}.{table} (COLUMNS, PRIMARY KEY ({key}))", schema=schema, table=table.name, key=table.key)
        self.execute(make.replace("COLUMNS", columns))

    def append(self, schema: str, table: Table, rows: pa.Table) -> None:
        self._copy(statement("{schema}.{table}", schema=schema, table=table.name), table, iter(rows.to_batches(_CHUNK)))

    def make_function(self, schema: str, name: str, arguments: Mapping[str, str], query: str, *, rows_of: str) -> None:
        make = "CREATE OR REPLACE FUNCTION {schema}.{name}(ARGUMENTS) RETURNS SETOF {schema}.{rows_of} LANGUAGE sql STABLE AS "
        typed = ", ".join(f"{argument} {kind}" for argument, kind in arguments.items())
        make = statement(make, schema=schema, name=name, rows_of=rows_of).replace("ARGUMENTS", typed)
        self.execute(make + literal(query))

    def merge(self, schema: str, table: Table, files: Sequence[Path]) -> None:
        names = {"schema": schema, "table": table.name, "incoming": f"incoming_{table.name}", "columns": table.schema.names}
        changes = ", ".join(statement("{c} = excluded.{c}", c=c) for c in table.schema.names if c not in table.key)
        insert = "INSERT INTO {schema}.{table} AS t ({columns}) SELECT {columns} FROM {incoming} ON CONFLICT ({key}) DO "
        update = f"UPDATE SET {changes} WHERE excluded.run_id < t.run_id" if "run_id" not in table.key else "NOTHING"
        with self._raw.transaction():
            self.execute(statement("CREATE TEMPORARY TABLE {incoming} (LIKE {schema}.{table}) ON COMMIT DROP", **names))
            self._copy(statement("{incoming}", **names), table, rows_of(files))
            self.execute(statement(insert, **names, key=table.key) + update)
            self.execute(statement("DROP TABLE {incoming}", **names))

    def _copy(self, place: str, table: Table, chunks: Iterator[pa.RecordBatch]) -> None:
        columns = statement("{columns}", columns=table.schema.names)
        into = f"COPY {place} ({columns}) FROM STDIN (FORMAT csv)"
        with closing(csv_pieces(table, chunks)) as pieces, self._raw.cursor() as cursor, cursor.copy(into.encode()) as copy:
            for piece in pieces:
                copy.write(piece)


def _collation(kind: pa.DataType) -> str:
    """Text sorts by code point, as in DuckDB, whatever the database's own locale is."""
    kind = kind.value_type if pa.types.is_list(kind) else kind
    return ' COLLATE "C"' if pa.types.is_string(kind) else ""


def _place(target: Mapping[str, object]) -> str:
    """The URL again, without password and options."""
    user, host, port, name = (str(target.get(part) or "") for part in ("user", "host", "port", "dbname"))
    where, socket = (port and f":{port}"), ""
    if host.startswith("/"):
        socket = f"?host={host}"
    else:
        where = host + where
    return f"postgresql://{user and user + '@'}{where}/{name}{socket}"
