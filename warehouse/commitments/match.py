"""Commitments and their evidence in the warehouse: made anew for a portal whose notices, readings, name or rules changed, for no other.

A portal is matched whole, because how rare a word is depends on all its notices: so the rows are the same whichever nights brought them.
Some portals are one transaction: killed at any moment, the next build goes on with those that are left.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from gongkai.commitments import commitment_rules
from gongkai.tables import Table
from transforms.promises.bodies import bodies, of_another_place, publishes
from transforms.promises.match import Match, Portal
from transforms.promises.papers import FILE_TEXT, FILES, OPENING, READ, File, Paper, later
from transforms.promises.words import place_words
from warehouse.commitments.current import CURRENT, CURRENT_OF_PORTAL, SAME
from warehouse.commitments.follow import follow_rows
from warehouse.commitments.promises import Made, promises_of
from warehouse.commitments.tables import COMMITMENT, COMMITMENT_MARK, COMMITMENT_MATCH, FOLLOW_THROUGH
from warehouse.engines.contract import Connection

_MARKS = f"""{CURRENT}, given AS (
    SELECT portal_id, 'n ' || notice_id || ' ' || version AS thing FROM shown
    UNION ALL SELECT portal_id, 'd ' || document_id || ' ' || extractor_version || ' ' || run_id FROM reading
), wanted AS (
    SELECT g.portal_id, p.name, md5($1::text || p.name || string_agg(g.thing, ',' ORDER BY g.thing)) AS mark
    FROM given AS g JOIN silver.portal AS p ON p.portal_id = g.portal_id GROUP BY g.portal_id, p.name
)
"""  # noqa: S608  our own text
_STALE = f"""{_MARKS}
SELECT w.portal_id, w.name, w.mark FROM wanted AS w LEFT JOIN silver.commitment_mark AS m ON m.portal_id = w.portal_id
WHERE m.mark IS NULL OR m.mark <> w.mark ORDER BY w.portal_id
"""  # noqa: S608  our own text
_GONE = f"""{_MARKS}
SELECT m.portal_id FROM silver.commitment_mark AS m WHERE NOT EXISTS (SELECT 1 FROM wanted AS w WHERE w.portal_id = m.portal_id)
"""  # noqa: S608  our own text
_PAPERS = f"""{CURRENT_OF_PORTAL}
SELECT s.notice_id, s.version, s.title, s.published_at, s.list_date, s.source, r.part, r.issuer, r.genre, r.document_id, d.member_name,
    substr(d.body_text, 1, CASE WHEN r.part > 0 THEN {FILE_TEXT} ELSE {READ} END)
FROM shown AS s
LEFT JOIN reading AS r ON r.notice_id = s.notice_id AND r.part <= {FILES}
LEFT JOIN silver.document AS d ON {SAME} AND d.portal_id = $1
ORDER BY s.notice_id, r.part, r.document_id
"""  # noqa: S608  our own text
_PROMISING = "SELECT portal_id FROM silver.plan_task UNION SELECT portal_id FROM silver.obligation"
"""Portals that may promise something; of the others nothing need be read."""
_ROWS_AT_ONCE = 2_000
"""A transaction's rows: a portal with few costs less than beginning one for it, and what is killed is done again."""
_FILES = f"SELECT notice_id, version, seq, name FROM silver.attachment WHERE portal_id = $1 AND seq < {FILES} ORDER BY seq"  # noqa: S608
_MADE = (COMMITMENT, COMMITMENT_MATCH, FOLLOW_THROUGH, COMMITMENT_MARK)


def load_commitments(connection: Connection) -> int:
    """Bring the tables of commitments up to date; returns how many portals were matched. Idempotent."""
    edition = commitment_rules().edition
    gone = connection.query(_GONE, edition)
    if gone:
        with connection.transaction():
            for table in _MADE:
                connection.delete("silver", table, gone, ("portal_id",))
    stale = connection.query(_STALE, edition)
    promising = {portal_id for (portal_id,) in connection.query(_PROMISING)}
    waiting: dict[str, list[dict[str, Any]]] = {table.name: [] for table in _MADE}
    for portal_id, name, mark in stale:
        if portal_id in promising:
            for made_table, rows in _rows(connection, portal_id, name):
                waiting[made_table.name] += rows
        waiting[COMMITMENT_MARK.name].append({"portal_id": portal_id, "mark": mark})
        if sum(map(len, waiting.values())) >= _ROWS_AT_ONCE:
            _replace(connection, waiting)
    _replace(connection, waiting)
    return len(stale)


def _replace(connection: Connection, waiting: dict[str, list[dict[str, Any]]]) -> None:
    """Put these rows for whatever the portals that have a mark among them had; empties the lists."""
    portals = [(row["portal_id"],) for row in waiting[COMMITMENT_MARK.name]]
    if not portals:
        return
    with connection.transaction():
        for table in _MADE:
            connection.delete("silver", table, portals, ("portal_id",))
            if rows := waiting[table.name]:
                connection.append("silver", table, table.arrow(rows))
    for rows in waiting.values():
        rows.clear()


def _rows(connection: Connection, portal_id: str, name: str) -> list[tuple[Table, list[dict[str, Any]]]]:
    place = place_words(name)
    papers, pages = _papers(connection, portal_id, place)
    portal = Portal(papers.values(), place)
    seen = frozenset[str]().union(*(paper.publishers for paper in papers.values()))
    made = list(promises_of(connection, portal_id, {paper.notice_id: paper.published for paper in papers.values()}))
    commitments, matches = [], []
    for one in made:
        commitments.append(_commitment(portal_id, one, publishes(seen, one.promise.leads)))
        for match in portal.evidence(one.promise):
            matches.append(_match(portal_id, one, match, papers[match.notice_id], pages.get(match.notice_id)))
    return [(COMMITMENT, commitments), (COMMITMENT_MATCH, matches), (FOLLOW_THROUGH, follow_rows(connection, portal_id, made))]


def _papers(connection: Connection, portal_id: str, place: Sequence[str]) -> tuple[dict[str, Paper], dict[str, str]]:
    """Notices by id, and the document of each one's page."""
    names: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for notice_id, version, seq, name in connection.query(_FILES, portal_id):
        names[notice_id, version][seq + 1] = name or ""
    papers, pages = {}, {}
    for notice_id, rows in groupby(connection.query(_PAPERS, portal_id), key=itemgetter(0)):
        read = list(rows)
        first = read[0]  # parts in order: the page
        _, version, title, published_at, list_date, source, part, issuer, genre, document_id, _, text = first
        if part == 0:
            pages[notice_id] = document_id
        else:
            issuer, genre, text = None, None, None
        papers[notice_id] = Paper(
            notice_id=notice_id,
            title=title,
            published=_day(published_at) or list_date,
            publishers=bodies(source, issuer),
            foreign=of_another_place(issuer or source, place),
            genre=genre or "other",
            opening=(text or "")[:OPENING],
            later=later(text or ""),
            files=tuple(_files(names.get((notice_id, version), {}), read)),
        )
    return papers, pages


def _files(names: Mapping[int, str], read: Sequence[tuple[Any, ...]]) -> Iterator[File]:
    """Attachments by their names, those that were read with the beginning of their text; of an archive its members."""
    texts: dict[int, list[tuple[str | None, str | None]]] = defaultdict(list)
    for *_, part, _issuer, _genre, _document, member, text in read:
        if part:
            texts[part].append((member, text))
    for part, name in names.items():
        for member, text in texts.get(part) or ((None, None),):
            yield File(name=member or name, text=text or "")


def _day(printed: str | None) -> date | None:
    """The printed day in the portal's own zone, as printed_day of marts/macros/portable.sql reads it."""
    try:
        return date.fromisoformat((printed or "")[:10])
    except ValueError:
        return None


def _commitment(portal_id: str, made: Made, body_publishes: bool) -> dict[str, Any]:
    soon = timedelta(days=commitment_rules().soon_days)
    return made.row | {
        "portal_id": portal_id,
        "soon_from": made.row["ends"] - soon if made.row["ends"] else None,
        "body_publishes": body_publishes,
    }


def _match(portal_id: str, made: Made, match: Match, paper: Paper, page: str | None) -> dict[str, Any]:
    places = list(_places(made, match))
    expected = made.row["periods"]
    return {
        "portal_id": portal_id,
        "commitment_id": match.promise,
        "notice_id": match.notice_id,
        "document_id": page,
        "score": match.score,
        "counts": match.score >= commitment_rules().evidence_score,
        "basis": "; ".join(_basis(made, match, paper)),
        "spans": json.dumps(places, ensure_ascii=False),
        "late": match.late,
        "period": match.period if expected and match.period in expected else None,
    }


def _places(made: Made, match: Match) -> Iterable[dict[str, Any]]:
    """Offsets of the promise's words count characters of its document's body_text, as those of the evidence's body do of its own."""
    for mark in match.marks:
        shift = (made.row["span_start"] or 0) if mark.where == "promise" else 0
        yield asdict(mark) | {"start": mark.start + shift, "end": mark.end + shift}


def _basis(made: Made, match: Match, paper: Paper) -> Iterator[str]:
    factors = commitment_rules().factors
    words = [made.promise.text[m.start : m.end] for m in match.marks if m.where == "promise"]
    yield f"subject {match.subject:.2f} ({'、'.join(dict.fromkeys(words))})"
    yield {
        "lead": "published by a body that leads the task",
        "support": f"published by a body that supports the task (×{factors.support:g})",
        "unknown": f"publisher not known, or the government itself (×{factors.unknown:g})",
        "other": f"published by another body (×{factors.other:g})",
        "foreign": f"a paper of another place or level, which stands here again (×{factors.foreign:g})",
    }[match.who]
    if match.kind:
        yield f"of the kind that was promised ({match.kind})"
    if match.other_kind:
        yield f"another kind of paper than was promised (×{factors.other_kind:g})"
    if match.act:
        yield f"tells of an act beside the promise: {match.act} (×{factors.act:g})"
    if match.file:
        yield f"by the name of attachment {match.file}"
    yield f"published {paper.published}" + (f", after the due date {made.promise.due}" if match.late else "")
