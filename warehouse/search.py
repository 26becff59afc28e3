"""Full text search (全文检索) over what is published: the database finds, we mark."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from gongkai.errors import GongkaiError, WarehouseError
from transforms.search_fold import search_fold
from warehouse.engines.contract import Connection, Engine
from warehouse.published import published_with
from warehouse.search_index import SEARCH_PASSAGE
from warehouse.search_sql import FILTERS, LONGEST_QUERY, TOO_LONG, TOO_MANY, WORD_TOO_LONG, Hit


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which part is searched; None for all of it. Meanings: FILTERS of warehouse/search_sql.py."""

    portal: str | None = None
    place: str | None = None
    year: int | None = None
    genre: str | None = None
    agency: str | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """Answer to a query."""

    words: list[str]
    """As they were compared: folded."""
    hits: list[Hit]
    """Best first."""
    more: bool
    """True where there are more than were asked for."""


def search(engine: Engine, query: str, filters: Filters, *, limit: int) -> Found:
    """Documents that hold every word of `query`; a phrase in double quotes is one word.

    Raises:
        GongkaiError: no word, too long, too many words, text that no database takes, a portal of which nothing is published; or nothing is
            published, or by an older release.
        WarehouseError: what is published cannot be read.
    """
    asked = {"query": query} | {name: value for name, value in vars(filters).items() if isinstance(value, str)}
    for name, text in asked.items():
        _refuse(name, text)
    try:
        with published_with(engine, SEARCH_PASSAGE.name, "search") as connection:
            return _ask(connection, query, filters, limit)
    except WarehouseError as error:  # a limit that mart.search_words states, among the words of the engine
        if told := next((message for message in (TOO_LONG, TOO_MANY, WORD_TOO_LONG) if message in str(error)), None):
            raise GongkaiError(told) from error
        raise


def marked(text: str, words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Pieces of a printed text, each with whether it is one of the folded words."""
    folded, hit = search_fold(text), bytearray(len(text))
    for word in words:
        start = folded.find(word)
        while start >= 0:
            hit[start : start + len(word)] = bytes([1]) * len(word)
            start = folded.find(word, start + 1)
    for is_hit, places in itertools.groupby(range(len(text)), key=hit.__getitem__):
        yield "".join(text[place] for place in places), bool(is_hit)


def marked_html(text: str, words: Sequence[str]) -> str:
    """The text with <mark> around each of the words and everything else escaped."""
    return "".join(f"<mark>{html.escape(piece)}</mark>" if is_hit else html.escape(piece) for piece, is_hit in marked(text, words))


def _refuse(name: str, text: str) -> None:
    if len(text) > LONGEST_QUERY:
        raise GongkaiError(TOO_LONG if name == "query" else f"search: {name} has at most {LONGEST_QUERY} characters")
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise GongkaiError(f"search: {name} is no text (it holds NUL, or bytes that are no UTF-8)")


def _ask(connection: Connection, query: str, filters: Filters, limit: int) -> Found:
    ((words,),) = connection.query("SELECT mart.search_words($1::text)", query)
    if not words:
        raise GongkaiError("search: no word to search for")
    names = [f.name for f in fields(Hit)]
    named = ", ".join(f"{name} := ${n}::{kind}" for n, (name, kind) in enumerate(FILTERS.items(), 2))
    values = [getattr(filters, name.removeprefix("in_")) for name in FILTERS]
    sql = f"SELECT {', '.join(names)} FROM mart.search($1::text, {named}, max_rows := $7::bigint)"  # noqa: S608  names are ours
    rows = connection.query(sql, query, *values, limit + 1)
    known = "SELECT 1 FROM mart.search_item WHERE portal_id = $1 LIMIT 1"
    if not rows and filters.portal is not None and not connection.query(known, filters.portal):
        raise GongkaiError(f"search: nothing of portal {filters.portal!r} is published")
    hits = [Hit(**dict(zip(names, row, strict=True))) for row in rows]
    return Found(words=list(words), hits=hits[:limit], more=len(hits) > limit)
