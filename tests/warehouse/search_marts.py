"""The marts that search reads, made by hand: for tests and the benchmark, which need no dbt."""

from __future__ import annotations

import re

from warehouse import search_index, search_sql
from warehouse.engines import Engine
from warehouse.engines.contract import statement
from warehouse.publish import SNAPSHOT

TABLES = {
    "search_item": "item_id text, document_id text, notice_id text, part bigint, title text, notice_title text, portal_id text, "
    "portal_name text, province text, division_code text, genre text, year bigint, published_date date, gone_at timestamp, "
    "gone_cause text, url text, notice_url text, agencies text, body_length bigint, archive_run_id text, warc_file text, "
    "warc_offset bigint, digest text",
    "document_text": "portal_id text, document_id text, body_text text",
    "plan_commitment": "portal_id text, document_id text, seq bigint, text text, span_start bigint",
}
"""`search_item` column by column as dbt makes it (a test compares them), of the others what search reads."""
ITEMS = """
INSERT INTO {schema}.search_item
SELECT document_id, document_id, document_id, 0, $1::text, $1::text, portal_id, '例市人民政府', '例省', '990100', 'announcement', 2026,
    date '2026-02-28', NULL, NULL, 'http://127.0.0.1:8001/' || document_id, 'http://127.0.0.1:8001/' || document_id, '', length(body_text),
    '20260301T183000Z', 'crawl.warc.gz', 0, $2::text
FROM {schema}.document_text WHERE document_id NOT IN (SELECT item_id FROM {schema}.search_item)
"""


def empty_marts(engine: Engine) -> str:
    """Where dbt would build; returns the schema."""
    schema = str(engine.dbt_target().output["schema"])
    with engine.writing() as connection:
        connection.execute(statement("CREATE SCHEMA IF NOT EXISTS {schema}", schema=schema))
        for name, columns in TABLES.items():
            if engine.name == "postgresql":
                columns = re.sub(r" text\b(?! text)", ' text COLLATE "C"', columns)
            connection.execute(statement("CREATE TABLE {schema}.{name} (COLUMNS)", schema=schema, name=name).replace("COLUMNS", columns))
            if engine.name == "postgresql":
                key = "item_id" if name == "search_item" else "document_id"
                connection.execute(statement("CREATE INDEX ON {schema}.{name} ({key})", schema=schema, name=name, key=key))
    return schema


def add(engine: Engine, item: str, title: str, body: str, reading: str = "1") -> None:
    schema = str(engine.dbt_target().output["schema"])
    with engine.writing() as connection:
        connection.execute(statement("INSERT INTO {schema}.document_text VALUES ($1, $2, $3)", schema=schema), "lishi", item, body)
        connection.execute(statement(ITEMS, schema=schema), title, reading + title)


def drop(engine: Engine, item: str) -> None:
    schema = str(engine.dbt_target().output["schema"])
    with engine.writing() as connection:
        connection.execute(statement("DELETE FROM {schema}.document_text WHERE document_id = $1", schema=schema), item)
        connection.execute(statement("DELETE FROM {schema}.search_item WHERE item_id = $1", schema=schema), item)


def publish(engine: Engine) -> None:
    """Cut and show what stands there."""
    search_index.refresh(engine)
    with engine.publishing(lambda _: None) as connection:
        connection.ensure_table("meta", SNAPSHOT)
        search_sql.install(connection, engine.name)
