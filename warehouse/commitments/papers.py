"""The notices of a portal that its promises are compared with: first what is told of them all, then texts of those that are asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from transforms.promises.bodies import bodies, of_another_place
from transforms.promises.papers import FILE_TEXT, FILES, OPENING, READ, File, Paper, later
from warehouse.commitments.current import CURRENT_OF_PORTAL, SAME, named_readings
from warehouse.engines.contract import Connection

_NOTICES = f"""{CURRENT_OF_PORTAL}
SELECT s.notice_id, s.version, s.title, s.published_at, s.list_date, s.source, r.part, r.document_id, r.extractor_version, r.run_id,
    r.issuer, r.genre
FROM shown AS s LEFT JOIN reading AS r ON r.notice_id = s.notice_id AND r.part <= {FILES}
ORDER BY s.notice_id, r.part, r.document_id
"""  # noqa: S608  our own text
_FILES = f"SELECT notice_id, version, seq, name FROM silver.attachment WHERE portal_id = $1 AND seq < {FILES} ORDER BY seq"  # noqa: S608
_TEXTS = f"""
SELECT d.document_id, d.member_name, substr(d.body_text, 1, CASE WHEN d.part > 0 THEN {FILE_TEXT} ELSE {READ} END)
FROM silver.document AS d
JOIN {named_readings(2)} AS r ON {SAME}
WHERE d.portal_id = $1
"""  # noqa: S608  our own text
_Text = tuple[str | None, str | None]
"""The name of a member of an archive, and the beginning of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading of one of a notice's documents."""

    part: int
    document_id: str
    extractor_version: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A notice in its newest version, without its texts."""

    notice_id: str
    version: str
    title: str
    published: date | None
    publishers: frozenset[str]
    foreign: bool
    genre: str
    readings: tuple[Reading, ...]
    """Page first, then attachments; of an archive its members."""
    names: tuple[tuple[int, str], ...]
    """Attachments, from 1 on, each with its name."""

    @property
    def page(self) -> str | None:
        """The document of its page."""
        return self.readings[0].document_id if self.readings and self.readings[0].part == 0 else None

    @property
    def mark(self) -> str:
        """Another one whenever something else is compared: a text is another one only where its reading is."""
        said = (self.notice_id, self.version, self.title, self.published, sorted(self.publishers), self.foreign, self.genre)
        readings = [(r.part, r.document_id, r.extractor_version, r.run_id) for r in self.readings]
        return repr((said, readings, self.names))


def known_notices(connection: Connection, portal_id: str, place: Sequence[str]) -> list[Known]:
    """All notices of a portal by id; `place`: names of its place."""
    names: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for notice_id, version, seq, name in connection.query(_FILES, portal_id):
        names[notice_id, version].append((seq + 1, name or ""))
    found = []
    for notice_id, rows in groupby(connection.query(_NOTICES, portal_id), key=itemgetter(0)):
        read = list(rows)
        _, version, title, published_at, list_date, source, first, *_, issuer, genre = read[0]  # parts in order: the page
        if first != 0:
            issuer, genre = None, None
        found.append(
            Known(
                notice_id=notice_id,
                version=version,
                title=title,
                published=_day(published_at) or list_date,
                publishers=bodies(source, issuer),
                foreign=of_another_place(issuer or source, place),
                genre=genre or "other",
                readings=tuple(
                    Reading(part=part, document_id=document_id, extractor_version=extractor, run_id=run_id)
                    for *_, part, document_id, extractor, run_id, _issuer, _genre in read
                    if part is not None
                ),
                names=tuple(names.get((notice_id, version), ())),
            )
        )
    return found


def papers_of(connection: Connection, portal_id: str, notices: Sequence[Known]) -> Iterator[Paper]:
    """Some notices of a portal with their texts."""
    readings = [reading for notice in notices for reading in notice.readings]
    columns = ([getattr(reading, name) for reading in readings] for name in ("document_id", "extractor_version", "run_id"))
    texts: dict[str, _Text] = {row[0]: row[1:] for row in connection.query(_TEXTS, portal_id, *columns)} if readings else {}
    for notice in notices:
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


def _files(notice: Known, texts: Mapping[str, _Text]) -> Iterator[File]:
    """Attachments by their names, those that were read with the beginning of their text; of an archive its members."""
    read: dict[int, list[_Text]] = defaultdict(list)
    for reading in notice.readings:
        if reading.part:
            read[reading.part].append(texts[reading.document_id])
    for part, name in notice.names:
        for member, text in read.get(part) or ((None, None),):
            yield File(name=member or name, text=text or "")


def _day(printed: str | None) -> date | None:
    """The printed day in the portal's own zone, as printed_day of marts/macros/portable.sql reads it."""
    try:
        return date.fromisoformat((printed or "")[:10])
    except ValueError:
        return None
