"""The marts' SQL, written for DuckDB and PostgreSQL, as Spark says it. sqlglot translates; here stands what it would leave wrong.

Translation alone proves nothing: tests/warehouse/test_lake_marts.py compares every mart row by row with DuckDB's.
"""

from __future__ import annotations

import re

from sqlglot import exp, parse_one

VIEW = "{schema}_{table}"
"""Under which name build.py shows Spark a table of schema `silver` or `mart`."""


def spark_sql(query: str) -> str:
    """A DuckDB query in Spark's SQL. Raises sqlglot.errors.SqlglotError for what cannot be read or said."""
    return parse_one(query, dialect="duckdb").transform(_said_otherwise).sql(dialect="spark", comments=False)


def java_pattern(pattern: str) -> str:
    """A pattern of RE2 (DuckDB) that Java reads alike: a dot stops at a newline only, $ is the end of the text, blanks are a class."""
    return "(?d)" + re.sub(r"(?<!\\)\$$", r"\\z", pattern.replace("[:space:]", r"\s"))


def _said_otherwise(node: exp.Expression) -> exp.Expression:
    match node:
        case exp.Table() if node.db:
            return exp.alias_(exp.table_(VIEW.format(schema=node.db, table=node.name)), node.alias_or_name, table=True)
        case exp.RegexpLike() | exp.RegexpReplace() if isinstance(node.expression, exp.Literal):
            node.set("expression", exp.Literal.string(java_pattern(node.expression.this)))
            if isinstance(node, exp.RegexpReplace):
                node.set("replacement", exp.Literal.string(re.sub(r"\\(\d)", r"$\1", node.args["replacement"].this)))
        case exp.Cast() if node.is_type("json"):
            return node.this  # JSON is text here
        case exp.Extract() if node.name.upper() == "ISODOW":
            node.set("this", exp.var("DOW_ISO"))
        case exp.ArrayAgg() if isinstance(node.this, exp.Order):
            # A list of values in their own order; another order has no words in Spark.
            order = node.this
            if [o.this for o in order.expressions] != [order.this]:
                raise NotImplementedError(f"array_agg in another order than its values': {node.sql()}")
            return exp.func("sort_array", exp.ArrayAgg(this=order.this))
    return node
