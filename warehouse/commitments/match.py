"""Commitments and their evidence in the warehouse: made anew where notices, readings, the portal's name or the rules changed, nowhere else.

A portal whose mark stands is not read. Of another one, promises are matched by groups, each with the notices of its windows' years
(`transforms.promises.match.years`): a group whose own mark stands keeps its evidence, and texts of years that no other group needs are not
read. Nothing else reaches a group's rows: they are the same whichever nights brought the notices. Some portals are one transaction: killed
at any moment, the next build goes on with those that are left.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from gongkai.commitments import commitment_rules
from gongkai.identity import digest
from transforms.promises.bodies import publishes
from transforms.promises.match import Match, Portal, Years, years
from transforms.promises.words import place_words
from warehouse.commitments.current import CURRENT
from warehouse.commitments.follow import follow_rows
from warehouse.commitments.papers import Known, known_notices, papers_of
from warehouse.commitments.promises import Made, promises_of
from warehouse.commitments.tables import COMMITMENT, COMMITMENT_GROUP, COMMITMENT_MARK, COMMITMENT_MATCH, FOLLOW_THROUGH
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
_PROMISING = "SELECT portal_id FROM silver.plan_task UNION SELECT portal_id FROM silver.obligation"
"""Portals that may promise something; of the others nothing need be read."""
_HELD = "SELECT first_year, last_year, mark FROM silver.commitment_group WHERE portal_id = $1"
_NOT_KEPT = """
DELETE FROM silver.commitment_match AS m WHERE m.portal_id IN (SELECT unnest($1::text[]))
    AND NOT EXISTS (SELECT 1 FROM (SELECT unnest($2::text[]) AS commitment_id) AS kept WHERE kept.commitment_id = m.commitment_id)
"""
_METHOD = "years"
"""Another word whenever the code gives other rows for the same notices and rules: what the old one matched is matched again."""
_ROWS_AT_ONCE = 2_000
"""A transaction's rows: a portal with few costs less than beginning one for it, and what is killed is done again."""
_WHOLE = (COMMITMENT, FOLLOW_THROUGH, COMMITMENT_GROUP, COMMITMENT_MARK)
"""What is replaced whole for a portal; of COMMITMENT_MATCH, rows of promises that were matched again, or are gone."""
Groups = dict[Years, list[Made]]


class _Waiting:
    """Rows of some portals that are to replace theirs in one transaction."""

    def __init__(self) -> None:
        self.portals: list[str] = []
        self.kept: list[str] = []
        """Promises of these portals whose evidence stays."""
        self.rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in (*_WHOLE, COMMITMENT_MATCH)}

    def replace(self, connection: Connection) -> None:
        """Empty afterwards."""
        if not self.portals:
            return
        with connection.transaction():
            connection.execute(_NOT_KEPT, self.portals, self.kept)
            for table in _WHOLE:
                connection.delete("silver", table, [(portal_id,) for portal_id in self.portals], ("portal_id",))
            for table in (*_WHOLE, COMMITMENT_MATCH):
                if rows := self.rows[table.name]:
                    connection.append("silver", table, table.arrow(rows))
        self.portals.clear()
        self.kept.clear()
        for rows in self.rows.values():
            rows.clear()


def load_commitments(connection: Connection) -> int:
    """Bring the tables of commitments up to date; returns how many portals were read. Idempotent."""
    edition = digest(commitment_rules().edition, _METHOD)
    gone = connection.query(_GONE, edition)
    if gone:
        with connection.transaction():
            for table in (*_WHOLE, COMMITMENT_MATCH):
                connection.delete("silver", table, gone, ("portal_id",))
    stale = connection.query(_STALE, edition)
    promising = {portal_id for (portal_id,) in connection.query(_PROMISING)}
    waiting = _Waiting()
    for portal_id, name, mark in stale:
        waiting.portals.append(portal_id)
        if portal_id in promising:
            _add(waiting, connection, portal_id, name, edition)
        waiting.rows[COMMITMENT_MARK.name].append({"portal_id": portal_id, "mark": mark})
        if sum(map(len, waiting.rows.values())) >= _ROWS_AT_ONCE:
            waiting.replace(connection)
    waiting.replace(connection)
    return len(stale)


def _add(waiting: _Waiting, connection: Connection, portal_id: str, name: str, edition: str) -> None:
    """A portal's rows, but for the evidence of groups whose mark stands: their promises are kept."""
    place = place_words(name)
    notices = known_notices(connection, portal_id, place)
    made = list(promises_of(connection, portal_id, {notice.notice_id: notice.published for notice in notices}))
    seen = frozenset[str]().union(*(notice.publishers for notice in notices))
    groups = _groups(made)
    marks = _marks(groups, notices, edition, name)
    held = {(first, last): mark for first, last, mark in connection.query(_HELD, portal_id)}
    stale = {between: group for between, group in groups.items() if marks[between] != held.get(between)}
    waiting.kept += [one.promise.id for between, group in groups.items() if between not in stale for one in group]
    rows = waiting.rows
    rows[COMMITMENT.name] += [_commitment(portal_id, one, publishes(seen, one.promise.leads)) for one in made]
    rows[COMMITMENT_MATCH.name] += _matches(connection, portal_id, place, stale, notices)
    rows[FOLLOW_THROUGH.name] += follow_rows(connection, portal_id, made)
    rows[COMMITMENT_GROUP.name] += [
        {"portal_id": portal_id, "first_year": first, "last_year": last, "mark": mark} for (first, last), mark in marks.items()
    ]


def _groups(made: Iterable[Made]) -> Groups:
    """Promises by the years of their windows, in order; without those of plans whose day is not known, which have no evidence."""
    groups: Groups = defaultdict(list)
    for one in made:
        if between := years(one.promise):
            groups[between].append(one)
    return dict(sorted(groups.items()))


def _marks(groups: Groups, notices: Iterable[Known], edition: str, name: str) -> dict[Years, str]:
    """A fingerprint of everything that reaches the evidence of each group: rules, name, its promises, the notices of its years."""
    by_year: dict[int, list[str]] = defaultdict(list)
    for notice in notices:
        if notice.published:
            by_year[notice.published.year].append(notice.mark)
    of_years = {year: digest(*marks) for year, marks in sorted(by_year.items())}
    return {
        between: digest(
            edition,
            name,
            *(one.mark for one in group),
            *(f"{year} {mark}" for year, mark in of_years.items() if between[0] <= year <= between[1]),
        )
        for between, group in groups.items()
    }


def _matches(
    connection: Connection, portal_id: str, place: Sequence[str], groups: Groups, notices: Sequence[Known]
) -> Iterator[dict[str, Any]]:
    """Evidence of these groups. Only notices of their years are read: those of others change nothing."""
    if not groups:
        return
    wanted = {year for first, last in groups for year in range(first, last + 1)}
    known = {notice.notice_id: notice for notice in notices if notice.published and notice.published.year in wanted}
    portal = Portal(papers_of(connection, portal_id, list(known.values())), place)
    for group in groups.values():
        for one in group:
            for match in portal.evidence(one.promise):
                yield _match(portal_id, one, match, known[match.notice_id])


def _commitment(portal_id: str, made: Made, body_publishes: bool) -> dict[str, Any]:
    soon = timedelta(days=commitment_rules().soon_days)
    return made.row | {
        "portal_id": portal_id,
        "soon_from": made.row["ends"] - soon if made.row["ends"] else None,
        "body_publishes": body_publishes,
    }


def _match(portal_id: str, made: Made, match: Match, notice: Known) -> dict[str, Any]:
    places = list(_places(made, match))
    expected = made.row["periods"]
    return {
        "portal_id": portal_id,
        "commitment_id": match.promise,
        "notice_id": match.notice_id,
        "document_id": notice.page,
        "score": match.score,
        "counts": match.score >= commitment_rules().evidence_score,
        "basis": "; ".join(_basis(made, match, notice)),
        "spans": json.dumps(places, ensure_ascii=False),
        "late": match.late,
        "period": match.period if expected and match.period in expected else None,
    }


def _places(made: Made, match: Match) -> Iterable[dict[str, Any]]:
    """Offsets of the promise's words count characters of its document's body_text, as those of the evidence's body do of its own."""
    for mark in match.marks:
        shift = (made.row["span_start"] or 0) if mark.where == "promise" else 0
        yield asdict(mark) | {"start": mark.start + shift, "end": mark.end + shift}


def _basis(made: Made, match: Match, notice: Known) -> Iterator[str]:
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
    yield f"published {notice.published}" + (f", after the due date {made.promise.due}" if match.late else "")
