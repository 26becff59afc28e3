"""Commitments and their evidence in the warehouse: made anew where notices, readings, the portal's name or the rules changed, nowhere else.

A portal none of whose notices changed is not read. Of another one, the promises of changed notices are made anew, and others where they are
compared: promises by groups, each with the notices of its windows' years (`transforms.promises.match.years`), follow-through by the years
of their plans. A group whose own mark stands keeps its rows; its promises and the texts of its years are not read. Nothing else reaches a
group's rows: they are the same whichever nights brought the notices. Some portals are one transaction: killed at any moment, the next build
goes on with those that are left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Protocol

from gongkai.agencies import agencies
from gongkai.commitments import commitment_rules
from gongkai.identity import digest
from transforms.promises.bodies import publishes
from transforms.promises.match import Years
from transforms.promises.words import place_words
from warehouse.commitments.current import look_at_current
from warehouse.commitments.evidence import Evidence
from warehouse.commitments.follow import FollowThrough
from warehouse.commitments.papers import Noted, Notices
from warehouse.commitments.promises import Made, held_sources, promises_of
from warehouse.commitments.tables import COMMITMENT, COMMITMENT_GROUP, COMMITMENT_MATCH, COMMITMENT_NOTICE, FOLLOW_THROUGH
from warehouse.engines.contract import Connection

_STALE = """
SELECT s.portal_id, max(coalesce(p.name, '')) FROM (
    SELECT coalesce(w.portal_id, h.portal_id) AS portal_id
    FROM now_mark AS w FULL JOIN silver.commitment_notice AS h ON h.notice_id = w.notice_id AND h.portal_id = w.portal_id
    WHERE w.mark IS DISTINCT FROM h.mark
) AS s LEFT JOIN silver.portal AS p ON p.portal_id = s.portal_id GROUP BY s.portal_id ORDER BY s.portal_id
"""
_NOTICES = """
SELECT coalesce(w.notice_id, h.notice_id), w.mark, h.mark, h.year, h.publishers, h.promised
FROM (SELECT notice_id, mark FROM now_mark WHERE portal_id = $1) AS w
FULL JOIN (SELECT * FROM silver.commitment_notice WHERE portal_id = $1) AS h ON h.notice_id = w.notice_id
"""
_HELD = "SELECT first_year, last_year, mark FROM silver.commitment_group WHERE portal_id = $1 AND made = $2"
_DROP = """
DELETE FROM silver.{table} WHERE commitment_id IN (
    SELECT commitment_id FROM silver.commitment WHERE (portal_id, notice_id) IN (SELECT unnest($1::text[]), unnest($2::text[]))
        OR (portal_id, {years}) IN (SELECT unnest($3::text[]), unnest($4::bigint[]), unnest($5::bigint[]))
)
"""
_BY_GROUP = {COMMITMENT_MATCH: "first_year, last_year", FOLLOW_THROUGH: "plan_year, plan_year"}
"""What is replaced for promises of notices that changed and of groups that are made again, and how silver.commitment names the group."""
_BY_NOTICE = (COMMITMENT, COMMITMENT_NOTICE)
"""What is replaced for notices."""
_TABLES = (*_BY_GROUP, *_BY_NOTICE, COMMITMENT_GROUP)
_METHOD = "notices"
"""Another word whenever the code gives other rows for the same notices and rules: what the old one made is made again."""
_ROWS_AT_ONCE = 2_000
"""A transaction's rows: a portal with few costs less than beginning one for it, and what is killed is done again."""


class _Groups(Protocol):
    """Promises of a portal in groups by years, of each of which rows can be made without the others."""

    def marks(self) -> dict[Years, str]: ...

    def sources(self, groups: Collection[Years]) -> set[str]: ...

    def rows(self, groups: Collection[Years], made: Iterable[Made]) -> Iterable[dict[str, Any]]: ...


class _Waiting:
    """Rows of some portals that are to replace theirs in one transaction."""

    def __init__(self) -> None:
        self.portals: list[str] = []
        self.rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in _TABLES}
        self.notices: dict[str, list[tuple[str, str]]] = {table.name: [] for table in _BY_NOTICE}
        """(portal, notice) whose rows give way."""
        self.groups: dict[str, list[tuple[str, int, int]]] = {table.name: [] for table in _BY_GROUP}
        """(portal, first year, last year) that give way."""

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))

    def replace(self, connection: Connection) -> None:
        changed = self.notices[COMMITMENT_NOTICE.name]
        with connection.transaction():
            for table, years in _BY_GROUP.items():
                columns = (*_columns(changed, 2), *_columns(self.groups[table.name], 3))
                connection.execute(_DROP.format(table=table.name, years=years), *columns)
            for table in _BY_NOTICE:
                connection.delete("silver", table, self.notices[table.name], ("portal_id", "notice_id"))
            connection.delete("silver", COMMITMENT_GROUP, [(portal_id,) for portal_id in self.portals], ("portal_id",))
            for table in _TABLES:
                if rows := self.rows[table.name]:
                    connection.append("silver", table, table.arrow(rows))


def load_commitments(connection: Connection) -> int:
    """Bring the tables of commitments up to date; returns how many portals were read. Idempotent."""
    look_at_current(connection, digest(commitment_rules().edition, _vocabularies(), _METHOD))
    stale = connection.query(_STALE)
    waiting = _Waiting()
    for portal_id, name in stale:
        _Portal(connection, portal_id, name).add(waiting)
        if len(waiting) >= _ROWS_AT_ONCE:
            waiting.replace(connection)
            waiting = _Waiting()
    if waiting.portals:
        waiting.replace(connection)
    return len(stale)


@lru_cache(maxsize=1)
def _vocabularies() -> str:
    """Changes with the agencies and with the years whose holidays are known."""
    return digest(*(agency.model_dump_json() for agency in agencies().by_id.values()), version("chinesecalendar"))


class _Portal:
    """A portal of which some notices changed, came or are gone."""

    def __init__(self, connection: Connection, portal_id: str, name: str) -> None:
        self._connection, self._portal_id = connection, portal_id
        self._notices = Notices(connection, portal_id, place_words(name))

    def add(self, waiting: _Waiting) -> None:
        """What is to be replaced, and by what."""
        before, marks = self._noted()
        changed = {notice_id for notice_id in before.keys() | marks.keys() if marks.get(notice_id) != _mark(before.get(notice_id))}
        known = self._notices.known(changed & marks.keys())
        made = self._promises(changed & marks.keys())
        came = {k.notice_id: Noted(marks[k.notice_id], k.year, k.publishers, _promised(made.get(k.notice_id))) for k in known}
        after = {notice_id: noted for notice_id, noted in before.items() if notice_id not in changed} | came
        held = held_sources(self._connection, self._portal_id)
        sources = {source for source in held if source.notice_id not in changed} | {one.source for some in made.values() for one in some}
        of_tables: dict[str, _Groups] = {
            COMMITMENT_MATCH.name: Evidence(self._notices, sources, after),
            FOLLOW_THROUGH.name: FollowThrough(self._connection, self._portal_id, sources, after),
        }
        stale = {table: self._stale(waiting, table, groups) for table, groups in of_tables.items()}
        needed = {notice_id for table, groups in of_tables.items() for notice_id in groups.sources(stale[table])}
        seen = _publishers(after)
        if seen != _publishers(before):  # whether its bodies publish here is told of every promise
            needed |= {source.notice_id for source in sources}
        made |= self._promises(needed - made.keys())
        promises = [one for _, some in sorted(made.items()) for one in some]

        waiting.portals.append(self._portal_id)
        waiting.notices[COMMITMENT_NOTICE.name] += self._keys(changed)
        waiting.notices[COMMITMENT.name] += self._keys(changed | made.keys())
        waiting.rows[COMMITMENT_NOTICE.name] += (self._row(notice_id, noted) for notice_id, noted in came.items())
        waiting.rows[COMMITMENT.name] += (_commitment(self._portal_id, one, publishes(seen, one.promise.leads)) for one in promises)
        for table, groups in of_tables.items():
            waiting.groups[table] += ((self._portal_id, *years) for years in stale[table])
            waiting.rows[table] += groups.rows(stale[table], promises)

    def _noted(self) -> tuple[dict[str, Noted], dict[str, str]]:
        """Notices as they were when promises were last made, and the marks of those that are there now."""
        before, marks = {}, {}
        for notice_id, mark, held, year, publishers, promised in self._connection.query(_NOTICES, self._portal_id):
            if held is not None:
                before[notice_id] = Noted(held, year, frozenset(publishers), promised)
            if mark is not None:
                marks[notice_id] = mark
        return before, marks

    def _promises(self, notice_ids: Collection[str]) -> dict[str, list[Made]]:
        """Promises by their notice, of those that have some."""
        days = {notice.notice_id: notice.published for notice in self._notices.known(notice_ids)}
        made: dict[str, list[Made]] = defaultdict(list)
        for one in promises_of(self._connection, self._portal_id, days):
            made[one.promise.notice_id].append(one)
        return made

    def _stale(self, waiting: _Waiting, table: str, groups: _Groups) -> set[Years]:
        """Groups whose mark is another one than held; the marks wait to be held."""
        held = {(first, last): mark for first, last, mark in self._connection.query(_HELD, self._portal_id, table)}
        marks = groups.marks()
        waiting.rows[COMMITMENT_GROUP.name] += (
            {"portal_id": self._portal_id, "made": table, "first_year": first, "last_year": last, "mark": mark}
            for (first, last), mark in marks.items()
        )
        return {group for group, mark in marks.items() if mark != held.get(group)}

    def _keys(self, notice_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
        return ((self._portal_id, notice_id) for notice_id in sorted(notice_ids))

    def _row(self, notice_id: str, noted: Noted) -> dict[str, Any]:
        return {"portal_id": self._portal_id, "notice_id": notice_id} | asdict(noted) | {"publishers": sorted(noted.publishers)}


def _mark(noted: Noted | None) -> str | None:
    return noted.mark if noted else None


def _promised(made: Iterable[Made] | None) -> str | None:
    return digest(*(one.mark for one in made)) if made else None


def _publishers(noted: Mapping[str, Noted]) -> frozenset[str]:
    return frozenset[str]().union(*(one.publishers for one in noted.values()))


def _commitment(portal_id: str, made: Made, body_publishes: bool) -> dict[str, Any]:
    soon = timedelta(days=commitment_rules().soon_days)
    return made.row | {
        "portal_id": portal_id,
        "soon_from": made.row["ends"] - soon if made.row["ends"] else None,
        "body_publishes": body_publishes,
    }


def _columns(rows: Iterable[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """The values of each of `count` columns."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(count)]
