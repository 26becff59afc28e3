"""Commitments and their evidence in the warehouse: made anew where notices, readings, the portal's name or the rules changed, nowhere else.

A portal whose mark stands is not read. Of another one, promises are matched by groups, each with the notices of its windows' years
(`transforms.promises.match.years`), and followed by the years of their plans: a group whose own mark stands keeps its rows, and texts of
years that no other group needs are not read. Nothing else reaches a group's rows: they are the same whichever nights brought the notices.
Some portals are one transaction: killed at any moment, the next build goes on with those that are left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Any, Protocol

from gongkai.commitments import commitment_rules
from gongkai.identity import digest
from transforms.promises.bodies import publishes
from transforms.promises.match import Years
from transforms.promises.words import place_words
from warehouse.commitments.current import CURRENT
from warehouse.commitments.evidence import Evidence
from warehouse.commitments.follow import FollowThrough
from warehouse.commitments.papers import known_notices
from warehouse.commitments.promises import Made, promises_of
from warehouse.commitments.tables import COMMITMENT, COMMITMENT_GROUP, COMMITMENT_MARK, COMMITMENT_MATCH, FOLLOW_THROUGH
from warehouse.engines.contract import Connection, statement

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
_HELD = "SELECT made, first_year, last_year, mark FROM silver.commitment_group WHERE portal_id = $1"
_NOT_KEPT = """
DELETE FROM silver.{table} WHERE portal_id IN (SELECT unnest($1::text[]))
    AND NOT EXISTS (SELECT 1 FROM (SELECT unnest($2::text[]) AS id) AS kept WHERE kept.id = commitment_id)
"""
_METHOD = "years"
"""Another word whenever the code gives other rows for the same notices and rules: what the old one made is made again."""
_ROWS_AT_ONCE = 2_000
"""A transaction's rows: a portal with few costs less than beginning one for it, and what is killed is done again."""
_WHOLE = (COMMITMENT, COMMITMENT_GROUP, COMMITMENT_MARK)
"""What is replaced whole for a portal."""
_BY_GROUP = (COMMITMENT_MATCH, FOLLOW_THROUGH)
"""What is replaced for promises whose group was made again, and taken from those that are gone."""
_TABLES = (*_WHOLE, *_BY_GROUP)


class _Groups(Protocol):
    """Promises of a portal in groups by years, of each of which rows can be made without the others."""

    def marks(self, edition: str) -> dict[Years, str]: ...

    def ids(self, group: Years) -> Iterator[str]: ...

    def rows(self, groups: Collection[Years]) -> Iterable[dict[str, Any]]: ...


class _Waiting:
    """Rows of some portals that are to replace theirs in one transaction."""

    def __init__(self) -> None:
        self.portals: list[str] = []
        self.rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in _TABLES}
        self.kept: dict[str, list[str]] = {table.name: [] for table in _BY_GROUP}
        """Promises of these portals whose rows stay as they are."""

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))

    def replace(self, connection: Connection) -> None:
        with connection.transaction():
            for table in _BY_GROUP:
                connection.execute(statement(_NOT_KEPT, table=table.name), self.portals, self.kept[table.name])
            for table in _WHOLE:
                connection.delete("silver", table, [(portal_id,) for portal_id in self.portals], ("portal_id",))
            for table in _TABLES:
                if rows := self.rows[table.name]:
                    connection.append("silver", table, table.arrow(rows))


def load_commitments(connection: Connection) -> int:
    """Bring the tables of commitments up to date; returns how many portals were read. Idempotent."""
    edition = digest(commitment_rules().edition, _METHOD)
    gone = connection.query(_GONE, edition)
    if gone:
        with connection.transaction():
            for table in _TABLES:
                connection.delete("silver", table, gone, ("portal_id",))
    stale = connection.query(_STALE, edition)
    promising = {portal_id for (portal_id,) in connection.query(_PROMISING)}
    waiting = _Waiting()
    for portal_id, name, mark in stale:
        waiting.portals.append(portal_id)
        waiting.rows[COMMITMENT_MARK.name].append({"portal_id": portal_id, "mark": mark})
        if portal_id in promising:
            _add(waiting, connection, portal_id, name, edition)
        if len(waiting) >= _ROWS_AT_ONCE:
            waiting.replace(connection)
            waiting = _Waiting()
    if waiting.portals:
        waiting.replace(connection)
    return len(stale)


def _add(waiting: _Waiting, connection: Connection, portal_id: str, name: str, edition: str) -> None:
    """A portal's rows, but for those of groups whose mark stands: they are kept."""
    notices = known_notices(connection, portal_id, place_words(name))
    made = list(promises_of(connection, portal_id, {notice.notice_id: notice.published for notice in notices}))
    seen = frozenset[str]().union(*(notice.publishers for notice in notices))
    waiting.rows[COMMITMENT.name] += [_commitment(portal_id, one, publishes(seen, one.promise.leads)) for one in made]

    held = {(table, first, last): mark for table, first, last, mark in connection.query(_HELD, portal_id)}
    of_tables: list[tuple[str, _Groups]] = [
        (COMMITMENT_MATCH.name, Evidence(connection, portal_id, name, made, notices)),
        (FOLLOW_THROUGH.name, FollowThrough(connection, portal_id, made)),
    ]
    for table, groups in of_tables:
        marks = groups.marks(edition)
        stale = {group for group, mark in marks.items() if mark != held.get((table, *group))}
        waiting.rows[table] += groups.rows(stale)
        waiting.kept[table] += (one for group in marks if group not in stale for one in groups.ids(group))
        waiting.rows[COMMITMENT_GROUP.name] += [
            {"portal_id": portal_id, "made": table, "first_year": first, "last_year": last, "mark": mark}
            for (first, last), mark in marks.items()
        ]


def _commitment(portal_id: str, made: Made, body_publishes: bool) -> dict[str, Any]:
    soon = timedelta(days=commitment_rules().soon_days)
    return made.row | {
        "portal_id": portal_id,
        "soon_from": made.row["ends"] - soon if made.row["ends"] else None,
        "body_publishes": body_publishes,
    }
