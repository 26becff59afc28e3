"""Commitments and their evidence in the warehouse: made anew where notices, readings, the portal's name or the rules changed, nowhere else.

A portal none of whose notices changed is not read. Of another one, the promises of changed notices are made anew. They and others are
compared by groups: promises each with the notices of its windows' years (`transforms.promises.match.years`), tasks with the next plan and
with the annual report by the years of their plans. A group whose own mark stands keeps its rows; its promises and the texts of its years
are not read. Nothing else reaches a group's rows: they are the same whichever nights brought the notices. Some portals are one transaction:
killed at any moment, the next build goes on with those that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from gongkai.agencies import agencies
from gongkai.commitments import commitment_rules
from gongkai.identity import digest
from gongkai.tables import Table
from warehouse.commitments.current import OF_PORTALS, look_at_current
from warehouse.commitments.mentions import reports_of
from warehouse.commitments.papers import Noted, Notices
from warehouse.commitments.portal import Held, Renewal, Row
from warehouse.commitments.promises import Promises, sources_of
from warehouse.commitments.tables import (
    COMMITMENT,
    COMMITMENT_GROUP,
    COMMITMENT_MATCH,
    COMMITMENT_NOTICE,
    NEXT_PLAN_TASK,
    REPORT_MENTION,
)
from warehouse.engines.contract import Connection

_STALE = """
SELECT s.portal_id, coalesce(p.name, ''), s.notices FROM (
    SELECT coalesce(w.portal_id, h.portal_id) AS portal_id, count(*) AS notices, bool_or(w.mark IS DISTINCT FROM h.mark) AS stale
    FROM now_mark AS w FULL JOIN silver.commitment_notice AS h ON h.notice_id = w.notice_id AND h.portal_id = w.portal_id GROUP BY 1
) AS s LEFT JOIN silver.portal AS p ON p.portal_id = s.portal_id WHERE s.stale ORDER BY s.portal_id
"""
_NOTICES = f"""
SELECT coalesce(w.portal_id, h.portal_id), coalesce(w.notice_id, h.notice_id), w.mark, h.mark, h.year, h.publishers, h.promised
FROM (SELECT * FROM now_mark WHERE {OF_PORTALS}) AS w FULL JOIN (SELECT * FROM silver.commitment_notice WHERE {OF_PORTALS}) AS h
    ON h.notice_id = w.notice_id AND h.portal_id = w.portal_id
"""  # noqa: S608  our own text
_GROUPS = f"SELECT portal_id, made, first_year, last_year, mark FROM silver.commitment_group WHERE {OF_PORTALS}"  # noqa: S608
_DROP = """
DELETE FROM silver.{table} WHERE {of_portals} AND commitment_id IN (
    SELECT commitment_id FROM silver.commitment WHERE {of_portals} AND (
        (portal_id, {years}) IN (SELECT unnest($2::text[]), unnest($3::bigint[]), unnest($4::bigint[]))
        OR ((portal_id, notice_id) IN (SELECT unnest($5::text[]), unnest($6::text[])) AND commitment_id NOT IN (SELECT unnest($7::text[])))
    )
)
"""
_PLANNED = "plan_year, plan_year"
_YEARS = {COMMITMENT_MATCH: "first_year, last_year", NEXT_PLAN_TASK: _PLANNED, REPORT_MENTION: _PLANNED}
"""What goes with groups that are made again or are no more, and with promises that are no more; what silver.commitment calls the group."""
_METHOD = "held"
"""Another word whenever the code gives other rows for the same notices and rules: what the old one made is made again."""
_AT_ONCE = 10_000
"""Notices of portals that are looked at together and written in one transaction: few cost less than a question for them, and what is killed
is done again."""


def load_commitments(connection: Connection) -> int:
    """Bring the tables of commitments up to date; returns how many portals were read. Idempotent."""
    look_at_current(connection, digest(commitment_rules().edition, _vocabularies(), _METHOD))
    stale = connection.query(_STALE)
    for names in _waves(stale):
        _renew(connection, names)
    return len(stale)


@lru_cache(maxsize=1)
def _vocabularies() -> str:
    """Changes with the agencies and with the years whose holidays are known."""
    return digest(*(agency.model_dump_json() for agency in agencies().by_id.values()), version("chinesecalendar"))


def _waves(stale: Iterable[tuple[Any, ...]]) -> Iterator[dict[str, str]]:
    """Portals with their names, so many as have _AT_ONCE notices together."""
    names: dict[str, str] = {}
    size = 0
    for portal_id, name, notices in stale:
        if names and size + notices > _AT_ONCE:
            yield names
            names, size = {}, 0
        names[portal_id] = name
        size += notices
    if names:
        yield names


def _renew(connection: Connection, names: Mapping[str, str]) -> None:
    """Bring some portals up to date, in one transaction."""
    notices = Notices(connection, names)
    held = _held(connection, notices.portals)
    came = {notice_id for one in held.values() for notice_id in one.came}
    promises = Promises(connection, notices, came)
    promises.of(came)  # all portals' in one question, here and below
    renewals = {portal_id: Renewal(portal_id, one, notices, promises) for portal_id, one in held.items()}
    notices.read_openings({notice_id for one in renewals.values() for notice_id in one.compared})
    promises.of({notice_id for one in renewals.values() for notice_id in one.needed})
    gone = [(portal_id, notice_id) for portal_id, one in renewals.items() for notice_id in sorted(one.gone)]
    standing = [one.promise.id for renewal in renewals.values() for one in promises.of(renewal.renewed)]
    renewed = [(portal_id, notice_id) for portal_id, one in renewals.items() for notice_id in sorted(one.renewed)]
    with connection.transaction():
        for table, years in _YEARS.items():
            groups = [(portal_id, *group) for portal_id, one in renewals.items() for group in sorted(one.dropped(table.name))]
            drop = _DROP.format(table=table.name, years=years, of_portals=OF_PORTALS)
            connection.execute(drop, notices.portals, *_columns(groups, 3), *_columns(gone, 2), standing)
            _append(connection, table, (row for one in renewals.values() for row in one.of_groups(table.name)))
        connection.delete("silver", COMMITMENT, gone + renewed, ("portal_id", "notice_id"))
        connection.delete("silver", COMMITMENT_NOTICE, gone, ("portal_id", "notice_id"))
        connection.delete("silver", COMMITMENT_GROUP, [(portal_id,) for portal_id in names], ("portal_id",))
        _append(connection, COMMITMENT, (row for one in renewals.values() for row in one.commitments()))
        _append(connection, COMMITMENT_NOTICE, (row for one in renewals.values() for row in one.notices()))
        _append(connection, COMMITMENT_GROUP, (row for one in renewals.values() for row in one.groups()))


def _append(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    if listed := table.arrow(rows):
        connection.append("silver", table, listed)


def _held(connection: Connection, portals: Sequence[str]) -> dict[str, Held]:
    """What the warehouse says of these portals."""
    held = {portal_id: Held() for portal_id in portals}
    for portal_id, notice_id, mark, before, year, publishers, promised in connection.query(_NOTICES, portals):
        if before is not None:
            held[portal_id].before[notice_id] = Noted(before, year, frozenset(publishers), promised)
        if mark is not None:
            held[portal_id].marks[notice_id] = mark
    for portal_id, source in sources_of(connection, portals):
        held[portal_id].sources.append(source)
    for portal_id, *key, mark in connection.query(_GROUPS, portals):
        held[portal_id].groups[tuple(key)] = mark
    for portal_id, report in reports_of(connection, portals):
        held[portal_id].reports.append(report)
    return held


def _columns(rows: Iterable[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """The values of each of `count` columns."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(count)]
