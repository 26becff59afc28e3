"""PostgreSQL: from the schema that dbt builds into to the one that readers see, and who may read it.

The differences are copied, in one transaction, into tables that stay. Swapping two schemas would cost nothing, but PostgreSQL finds names
by the newest catalogue while it finds rows by the transaction's snapshot: a reader inside a REPEATABLE READ transaction would see the new
tables **empty**. Tables that stay also keep their grants, and the views that analysts hang on them.
"""

from __future__ import annotations

from gongkai.errors import WarehouseError
from warehouse.engines.contract import Connection, statement

WORKING = "mart_next"
"""Where dbt builds; it stays from night to night, so a model may be incremental."""
READER = "gongkai_reader"
_SHAPE = """
SELECT
    (SELECT array_agg((a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation)::text ORDER BY a.attnum)
     FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    (SELECT array_agg(index.shape ORDER BY index.shape)
     FROM (SELECT i.indisunique || substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*') AS shape
           FROM pg_index AS i WHERE i.indrelid = c.oid) AS index)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
"""
_FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN pg_type AS t ON t.oid = p.prorettype JOIN pg_class AS c ON c.oid = t.typrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'mart' AND c.relname = $1
"""
# A row's mark is its content; of equal rows the first, the second … so that repeated rows are counted too.
_MARK = """
CREATE TEMPORARY TABLE {marks} ON COMMIT DROP AS
SELECT t.ctid AS place, md5(t::text) AS content, row_number() OVER (PARTITION BY md5(t::text)) AS nth FROM {schema}.{table} AS t
"""
_DELETE = """
DELETE FROM mart.{table} AS t USING mark_old AS o
WHERE t.ctid = o.place AND NOT EXISTS (SELECT 1 FROM mark_new AS n WHERE n.content = o.content AND n.nth = o.nth)
"""
_INSERT = """
INSERT INTO mart.{table} SELECT t.* FROM {working}.{table} AS t JOIN mark_new AS n ON n.place = t.ctid
WHERE NOT EXISTS (SELECT 1 FROM mark_old AS o WHERE n.content = o.content AND n.nth = o.nth)
"""


def copy_marts(connection: Connection) -> None:
    """Make schema `mart` equal to what dbt built. In the caller's transaction.

    Raises:
        WarehouseError: a table's copy does not hold its rows.
    """
    for schema in ("mart", "meta"):
        connection.execute(statement("CREATE SCHEMA IF NOT EXISTS {schema}", schema=schema))
    built = [table for _, table in connection.tables(WORKING)]
    for table in _ours(connection) - set(built):  # a mart that this release has no more; tables of other people stay
        _drop_functions(connection, table)
        connection.execute(statement("DROP TABLE IF EXISTS mart.{table}", table=table))
    for table in built:
        if _facts(connection, _SHAPE, "mart", table) != _facts(connection, _SHAPE, WORKING, table):
            _drop_functions(connection, table)
            connection.execute(statement("DROP TABLE IF EXISTS mart.{table}", table=table))
            make = "CREATE TABLE mart.{table} (LIKE {working}.{table} INCLUDING ALL)"
            connection.execute(statement(make, table=table, working=WORKING))
        _copy_rows(connection, table)
        if connection.count("mart", table) != connection.count(WORKING, table):
            raise WarehouseError(f"not published: mart.{table} does not hold the rows that were built")


def make_reader(connection: Connection) -> None:
    """The role for BI tools: it can do nothing but read what is published. Where we may not create it, an administrator must."""
    if connection.query("SELECT 1 FROM pg_roles WHERE rolname = $1", READER):
        return
    if connection.query("SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)"):
        connection.execute(statement("CREATE ROLE {reader} NOLOGIN", reader=READER))
        connection.execute(statement("ALTER ROLE {reader} SET default_transaction_read_only = on", reader=READER))


def grant(connection: Connection) -> None:
    """Let the reader see all of `mart` and `meta`, and nothing else of ours."""
    if connection.query("SELECT 1 FROM pg_roles WHERE rolname = $1", READER):
        connection.execute(statement("GRANT USAGE ON SCHEMA mart, meta TO {reader}", reader=READER))
        connection.execute(statement("GRANT SELECT ON ALL TABLES IN SCHEMA mart, meta TO {reader}", reader=READER))
        connection.execute(statement("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA mart TO {reader}", reader=READER))


def _ours(connection: Connection) -> set[str]:
    """Names of the marts that we published before."""
    if not connection.column_types("meta", "row_count"):
        return set()
    return {name for (name,) in connection.query("SELECT table_name FROM meta.row_count WHERE table_schema = 'mart'")}


def _drop_functions(connection: Connection, table: str) -> None:
    """Functions whose rows are the table's: a table of another shape cannot take its place under them. They are made anew afterwards."""
    for (name,) in connection.query(_FUNCTIONS, table):
        connection.execute(f"DROP FUNCTION {name}")


def _facts(connection: Connection, question: str, schema: str, table: str) -> list[tuple[object, ...]]:
    return sorted(connection.query(question, schema, table), key=str)


def _copy_rows(connection: Connection, table: str) -> None:
    for marks, schema in (("mark_old", "mart"), ("mark_new", WORKING)):
        connection.execute(statement(_MARK, marks=marks, schema=schema, table=table))
        connection.execute(statement("ANALYZE {marks}", marks=marks))
    connection.execute(statement(_DELETE, table=table))
    connection.execute(statement(_INSERT, table=table, working=WORKING))
    connection.execute("DROP TABLE mark_old, mark_new")
