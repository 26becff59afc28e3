"""The words that search looks through: `search_passage`, beside the marts that dbt makes, brought up to date after each build.

There is no inverted index: a search looks through all passages, and what is found is exact (docs/search.md has figures and reasons). dbt
cannot make this table: folding is Python's, in SQL it costs minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from gongkai.identity import digest
from gongkai.tables import Table
from transforms.search_fold import folded_characters, search_fold
from warehouse.engines.contract import Connection, Engine, Rows, statement

LONGEST_WORD = 64
"""Characters. A word never falls between two passages, because they overlap by one less."""
_PASSAGE = 560
"""Characters: of three bytes each they stay below the 2 kB beyond which PostgreSQL takes a text out of its row and packs it."""
_STEP = _PASSAGE - LONGEST_WORD + 1
_AT_ONCE = 4_000_000
"""Characters of text that are Python objects at one time, at least one document."""
SEARCH_PASSAGE = Table(
    "search_passage",
    "检索文段",
    "Folded pieces of titles, tasks and texts, which overlap. Grain: item_id, field, seq, start. Made by warehouse/search_index.py.",
    pa.schema(
        [
            *((name, pa.string()) for name in ("item_id", "digest", "field")),
            *((name, pa.int64()) for name in ("seq", "start")),
            ("text", pa.string()),
        ]
    ),
    ("item_id", "field", "seq", "start"),
)
"""`field`: title (`seq` 0 its own, 1 the notice's), task (`seq` as in plan_commitment), body. `start`: characters of the field from 0."""
SEARCH_TABLES = frozenset({SEARCH_PASSAGE.name, "search_item"})
_STALE = """
DELETE FROM {schema}.search_passage AS p
WHERE NOT EXISTS (SELECT 1 FROM {schema}.search_item AS i WHERE i.item_id = p.item_id AND md5(i.digest || $1::text) = p.digest)
"""
_NEW = """
SELECT i.portal_id, i.item_id, md5(i.digest || $1::text), i.body_length FROM {schema}.search_item AS i
WHERE NOT EXISTS (SELECT 1 FROM {schema}.search_passage AS p WHERE p.item_id = i.item_id) ORDER BY i.portal_id, i.item_id
"""
# One plain look by key each: a union joined to the items is planned as a loop over all of it where PostgreSQL has no statistics yet.
# By portal, too: DuckDB keeps a portal's rows together, and texts that lie elsewhere it need not read.
_TEXTS = tuple(
    f"SELECT {columns} IN (SELECT unnest($1::text[])) AND portal_id BETWEEN $2::text AND $3::text"
    for columns in (
        "item_id, 'title', 0, title FROM {schema}.search_item WHERE item_id",
        "item_id, 'title', 1, notice_title FROM {schema}.search_item WHERE part = 0 AND notice_title <> title AND item_id",
        "document_id, 'task', seq, text FROM {schema}.plan_commitment WHERE document_id",
        "document_id, 'body', 0, body_text FROM {schema}.document_text WHERE document_id",
    )
)


def refresh(engine: Engine) -> int:
    """Cut what is new or was read anew, drop what is gone; returns how many items were cut. Killed at any moment, it goes on next time.

    Raises:
        WarehouseError: as `Engine.writing`.
    """
    schema = str(engine.dbt_target().output["schema"])
    fold = digest(*(c + to for c, to in folded_characters().items()))
    with engine.writing() as connection:
        _ensure(connection, schema)
        with connection.transaction():
            connection.execute(statement(_STALE, schema=schema), fold)
        new = connection.query(statement(_NEW, schema=schema), fold)
        for first, last, items in _portions(new):
            texts = (row for look in _TEXTS for row in connection.query(statement(look, schema=schema), list(items), first, last))
            with connection.transaction():
                connection.append(schema, SEARCH_PASSAGE, SEARCH_PASSAGE.arrow(_passages(texts, items)))
    return len(new)


def cut(text: str) -> Iterator[tuple[int, str]]:
    """Passages with their starts. Every piece of the text of at most LONGEST_WORD characters lies whole in one of them."""
    for start in range(0, max(len(text) - LONGEST_WORD + 1, 1), _STEP):
        yield start, text[start : start + _PASSAGE]


def _ensure(connection: Connection, schema: str) -> None:
    """The table can always be made again, so one of another shape goes."""
    there = connection.column_types(schema, SEARCH_PASSAGE.name)
    if there and there != {f.name: connection.type_of(f.type) for f in SEARCH_PASSAGE.schema}:
        connection.execute(statement("DROP TABLE {schema}.search_passage", schema=schema))
    connection.ensure_table(schema, SEARCH_PASSAGE)


def _portions(items: Rows) -> Iterator[tuple[str, str, dict[str, str]]]:
    """First and last portal, and items with their digests, so many at a time."""
    portion: dict[str, str] = {}
    first, last, characters = "", "", 0
    for portal_id, item_id, mark, length in items:
        if portion and characters + length > _AT_ONCE:
            yield first, last, portion
            portion, characters = {}, 0
        first, last = (first, portal_id) if portion else (portal_id, portal_id)
        portion[item_id] = mark
        characters += length + LONGEST_WORD  # titles count too
    if portion:
        yield first, last, portion


def _passages(texts: Iterable[tuple[Any, ...]], marks: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for item_id, field, seq, text in texts:
        for start, passage in cut(search_fold(text)):
            yield {"item_id": item_id, "digest": marks[item_id], "field": field, "seq": seq, "start": start, "text": passage}
