"""Functions of schema `mart` that ask what was known on a day, called alike on both engines: `mart.notice_as_of(date '2026-03-02')`.

A day counts to its end in the portals' zone (UTC+8), as in all marts: a night of 02:30 is known on that day. What was known is what portals
showed that day, as the newest extractor reads it: who read what, and since when, is in document_version, metric_history and task_history.
"""

from __future__ import annotations

from warehouse.engines.contract import Connection, statement

_END = "(cast(on_day as timestamp) + interval '16 hours')"  # midnight in China, as the UTC of valid_from
_STOOD = f"s.valid_from < {_END} AND (s.valid_to IS NULL OR s.valid_to >= {_END})"
_VERSION_STOOD = f"""h.newest_reading AND EXISTS (
    SELECT 1 FROM mart.notice_version AS s WHERE s.notice_id = h.notice_id AND s.version = h.version AND {_STOOD}
)"""  # noqa: S608  our own text
FUNCTIONS = {
    "notice_as_of": ("notice_version", "s", _STOOD),  # notices that stood on their portal, in the version of that day
    "document_as_of": ("document_version", "h", _VERSION_STOOD),  # pages and attachments of these
    "completeness_as_of": ("completeness_history", "s", _STOOD),  # whether plans and reports were there, as far as could be seen then
    "metric_as_of": ("metric_history", "h", _VERSION_STOOD),  # values that annual reports stated
    "commitment_as_of": ("task_history", "h", _VERSION_STOOD),  # tasks that work plans promised
}
"""Name → the mart whose rows it gives, its alias, and which rows."""


def make_functions(connection: Connection) -> None:
    """Create or replace the functions over the marts that are there."""
    there = {table for _, table in connection.tables("mart")}
    for name, (table, alias, where) in FUNCTIONS.items():
        if table in there:
            query = statement("SELECT {alias}.* FROM mart.{table} AS {alias} WHERE ", table=table, alias=alias) + where
            connection.make_function("mart", name, {"on_day": "date"}, query, rows_of=table)
