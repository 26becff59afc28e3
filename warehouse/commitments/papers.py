"""The notices of a portal that its promises are compared with: first what is told of them all, then texts of those that are asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from transforms.promises.bodies import bodies, of_another_place
from transforms.promises.papers import FILE_TEXT, FILES, OPENING, READ, File, Paper, later
from transforms.promises.words import place_words
from warehouse.commitments.current import OF_PORTALS, SAME
from warehouse.engines.contract import Connection

_ASKED = f"{OF_PORTALS} AND notice_id IN (SELECT unnest($2::text[]))"
_NOTICES = f"""
SELECT s.notice_id, s.portal_id, s.version, s.title, s.published_at, s.list_date, s.source, r.part, r.document_id, r.issuer, r.genre
FROM (SELECT * FROM now_notice WHERE {_ASKED}) AS s
LEFT JOIN (SELECT * FROM now_reading WHERE {_ASKED} AND part <= {FILES}) AS r ON r.notice_id = s.notice_id
ORDER BY s.notice_id, r.part, r.document_id
"""  # noqa: S608  our own text
_FILES = f"SELECT notice_id, version, seq, name FROM silver.attachment WHERE {_ASKED} AND seq < {FILES} ORDER BY seq"  # noqa: S608
# By a range: DuckDB keeps a portal's rows together, and texts that lie elsewhere it need not read.
_TEXTS = f"""
SELECT d.document_id, d.member_name, {{text}} FROM silver.document AS d JOIN now_reading AS r ON {SAME}
WHERE d.portal_id BETWEEN $1 AND $2 AND r.portal_id BETWEEN $1 AND $2 AND r.document_id IN (SELECT unnest($3::text[]))
"""  # noqa: S608  our own text
_OPENINGS = _TEXTS.format(text=f"substr(d.body_text, 1, CASE WHEN d.part > 0 THEN {FILE_TEXT} ELSE {READ} END)")
_WHOLE = _TEXTS.format(text="d.body_text")
_Text = Sequence[str | None]
"""The name of a member of an archive, and the beginning of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A notice in its newest version, without its texts."""

    notice_id: str
    title: str
    published: date | None
    publishers: frozenset[str]
    foreign: bool
    genre: str
    documents: tuple[tuple[int, str], ...]
    """Those that were read, each with its part: the page first, then attachments; of an archive its members."""
    names: tuple[tuple[int, str], ...]
    """Attachments, from 1 on, each with its name."""

    @property
    def page(self) -> str | None:
        """The document of its page."""
        return next((document_id for part, document_id in self.documents if part == 0), None)

    @property
    def year(self) -> int | None:
        """Of its publication."""
        return self.published.year if self.published else None


@dataclass(frozen=True, slots=True)
class Noted:
    """What tells whether others must be compared with a notice again: its row of silver.commitment_notice."""

    mark: str
    year: int | None
    publishers: frozenset[str]
    promised: str | None


class Notices:
    """Notices of some portals, each read once."""

    def __init__(self, connection: Connection, names: Mapping[str, str]) -> None:
        """`names`: what the portals are called."""
        self._connection, self.portals = connection, sorted(names)
        self.places = {portal_id: place_words(name) for portal_id, name in names.items()}
        """Names of their places."""
        self._known: dict[str, Known] = {}
        self._openings: dict[str, _Text] = {}

    def known(self, notice_ids: Collection[str]) -> list[Known]:
        """These notices, by id."""
        if asked := sorted(set(notice_ids) - self._known.keys()):
            self._known |= {notice.notice_id: notice for notice in self._read(asked)}
        return [self._known[notice_id] for notice_id in sorted(notice_ids)]

    def read_openings(self, notice_ids: Collection[str]) -> None:
        """What `papers` gives: of many notices in one question."""
        wanted = {document_id for notice in self.known(notice_ids) for _, document_id in notice.documents}
        if asked := sorted(wanted - self._openings.keys()):
            self._openings |= {
                document_id: text for document_id, *text in self._connection.query(_OPENINGS, self.portals[0], self.portals[-1], asked)
            }

    def papers(self, notice_ids: Collection[str]) -> Iterator[Paper]:
        """Notices with the beginnings of their texts, by id; these are given away, not kept."""
        self.read_openings(notice_ids)
        for notice in self.known(notice_ids):
            texts = {document_id: self._openings.pop(document_id) for _, document_id in notice.documents}
            text = (texts[notice.page][1] if notice.page else None) or ""
            yield Paper(
                notice_id=notice.notice_id,
                title=notice.title,
                published=notice.published,
                publishers=notice.publishers,
                foreign=notice.foreign,
                genre=notice.genre,
                opening=text[:OPENING],
                later=later(text),
                files=tuple(_files(notice, texts)),
            )

    def texts(self, portal_id: str, documents: Sequence[str]) -> dict[str, str]:
        """Whole texts of documents of a portal, as they are read now."""
        rows = self._connection.query(_WHOLE, portal_id, portal_id, documents) if documents else []
        return {document_id: text for document_id, _, text in rows}

    def _read(self, notice_ids: Sequence[str]) -> Iterator[Known]:
        names: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        for notice_id, version, seq, name in self._connection.query(_FILES, self.portals, notice_ids):
            names[notice_id, version].append((seq + 1, name or ""))
        for notice_id, rows in groupby(self._connection.query(_NOTICES, self.portals, notice_ids), key=itemgetter(0)):
            read = list(rows)
            _, portal_id, version, title, published_at, list_date, source, first, *_, issuer, genre = read[0]  # parts in order: the page
            if first != 0:
                issuer, genre = None, None
            yield Known(
                notice_id=notice_id,
                title=title,
                published=_day(published_at) or list_date,
                publishers=bodies(source, issuer),
                foreign=of_another_place(issuer or source, self.places[portal_id]),
                genre=genre or "other",
                documents=tuple((part, document_id) for *_, part, document_id, _issuer, _genre in read if part is not None),
                names=tuple(names.get((notice_id, version), ())),
            )


def _files(notice: Known, texts: Mapping[str, _Text]) -> Iterator[File]:
    """Attachments by their names, those that were read with the beginning of their text; of an archive its members."""
    read: dict[int, list[_Text]] = defaultdict(list)
    for part, document_id in notice.documents:
        if part:
            read[part].append(texts[document_id])
    for part, name in notice.names:
        for member, text in read.get(part) or ((None, None),):
            yield File(name=member or name, text=text or "")


def _day(printed: str | None) -> date | None:
    """The printed day in the portal's own zone, as printed_day of marts/macros/portable.sql reads it."""
    try:
        return date.fromisoformat((printed or "")[:10])
    except ValueError:
        return None
