"""What every kind of fact is scored with: rows of the published marts, the count of what was right, and names for what was not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import opencc
import psycopg

from gongkai.errors import GongkaiError
from samples.truth import NoticeTruth, PortalTruth

_NOT_WORDS = re.compile(r"[\s\W_]+")
Row = dict[str, Any]


@dataclass
class Kind:
    """How well one kind of fact was read."""

    name: str
    right: int = 0
    wanted: int = 0
    extra: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def perfect(self) -> bool:
        return self.right == self.wanted and not self.extra and self.wanted > 0

    @property
    def line(self) -> str:
        return f"{self.name} {self.right}/{self.wanted}" + (f" ({self.extra} extra)" if self.extra else "")

    def judge(self, what: str, wrongs: Iterable[str]) -> None:
        """Count one wanted fact; any reason in `wrongs` makes it a miss."""
        self.wanted += 1
        found = list(wrongs)
        self.right += not found
        self.misses += [f"{what}: {reason}" for reason in found]

    def unexpected(self, what: str) -> None:
        self.extra += 1
        self.misses.append(f"{what}: not in the truth")


def words(text: str | None) -> str:
    """Only the words: width folded, blanks and punctuation dropped."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text or "")).lower()


def simplified(text: str | None) -> str:
    """Document numbers are kept in simplified script, so that a citation meets its document."""
    return str(opencc.OpenCC("t2s").convert(text or ""))


Query = Callable[[str], list[tuple[Any, ...]]]


@contextmanager
def published(place: Path | str) -> Iterator[Query]:
    """As any BI tool opens it."""
    if isinstance(place, str):
        try:
            with psycopg.connect(place, options="-c default_transaction_read_only=on") as server:
                yield lambda sql: server.execute(sql.encode()).fetchall()
        except psycopg.Error as error:
            raise GongkaiError(f"the PostgreSQL warehouse cannot be scored: {str(error).splitlines()[0]}") from error
        return
    if not place.is_file():
        raise GongkaiError(f"{place}: no published snapshot here; run a night first")
    try:
        with duckdb.connect(str(place), read_only=True) as file:
            yield lambda sql: file.execute(sql).fetchall()
    except duckdb.Error as error:
        raise GongkaiError(f"{place}: cannot be scored: {str(error).splitlines()[0]}") from error


class Marts:
    """Rows of the marts that belong to the town."""

    def __init__(self, query: Query, portals: set[str]) -> None:
        self._query, self._portals = query, portals

    def rows(self, mart: str, columns: str) -> list[Row]:
        names = [c.strip() for c in columns.split(",")]
        order = ", ".join(str(n) for n in range(1, len(names) + 1))
        found = self._query(f"SELECT {columns} FROM mart.{mart} ORDER BY {order}")  # noqa: S608  constants of this file
        return [row for r in found if (row := dict(zip(names, r, strict=True)))["portal_id"] in self._portals]

    def printing(self, word: str) -> Iterator[str]:
        """Tables that readers see with `word` anywhere in a row, archived addresses included."""
        for schema, table in self._query(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('mart', 'meta') ORDER BY 1, 2"
        ):
            if self._query(f"SELECT 1 FROM {schema}.{table} AS t WHERE CAST(t AS text) LIKE '%{word}%' LIMIT 1"):  # noqa: S608  as above
                yield f"{schema}.{table}"


Ids = dict[tuple[str, str], NoticeTruth]
"""(portal, notice id) → the notice's truth."""


def all_notices(truth: tuple[PortalTruth, ...]) -> list[NoticeTruth]:
    return [n for portal in truth for n in portal.notices]


def name_of(notice: NoticeTruth) -> str:
    return f"{notice.portal_id} {notice.content.title}"
