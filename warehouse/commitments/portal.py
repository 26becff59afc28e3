"""What is made anew of a portal of which some notices changed, came or are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from gongkai.commitments import commitment_rules
from gongkai.identity import digest
from transforms.promises.bodies import publishes
from transforms.promises.match import Years
from warehouse.commitments.evidence import Evidence
from warehouse.commitments.mentions import Mentions, ReportOf
from warehouse.commitments.next_plans import NextPlans
from warehouse.commitments.papers import Noted, Notices
from warehouse.commitments.plans import Plans
from warehouse.commitments.promises import Made, Promises, Source
from warehouse.commitments.tables import COMMITMENT_MATCH, NEXT_PLAN_TASK, REPORT_MENTION

Row = dict[str, Any]


class _Groups(Protocol):
    """Promises of a portal in groups by years, of each of which rows can be made without the others."""

    def marks(self) -> dict[Years, str]: ...

    def sources(self, groups: Collection[Years]) -> set[str]: ...

    def rows(self, groups: Collection[Years], made: Iterable[Made]) -> Iterable[Row]: ...


@dataclass(frozen=True, slots=True)
class Held:
    """What the warehouse says of a portal."""

    before: dict[str, Noted] = field(default_factory=dict)
    """Notices as they were when its promises were last made."""
    marks: dict[str, str] = field(default_factory=dict)
    """Notices that are there now."""
    sources: list[Source] = field(default_factory=list)
    """Where its promises stood."""
    groups: dict[tuple[str, int, int], str] = field(default_factory=dict)
    """Marks of groups, by table and years."""
    reports: list[ReportOf] = field(default_factory=list)

    @property
    def gone(self) -> set[str]:
        """Notices that are other ones than they were, or no more: nothing that was made of them stands."""
        return {notice_id for notice_id, noted in self.before.items() if self.marks.get(notice_id) != noted.mark}

    @property
    def came(self) -> set[str]:
        """Notices that are new, or other ones than they were."""
        return {notice_id for notice_id, mark in self.marks.items() if notice_id not in self.before or self.before[notice_id].mark != mark}


class Renewal:
    """A portal's notices and promises as of now, and the rows that are to take the place of those held."""

    def __init__(self, portal_id: str, held: Held, notices: Notices, promises: Promises) -> None:
        self._portal_id, self._promises = portal_id, promises
        self.gone, came = held.gone, held.came
        marks: dict[str, list[str]] = defaultdict(list)
        made = promises.of(came)
        for one in made:
            marks[one.promise.notice_id].append(one.mark)
        self._came = {
            k.notice_id: Noted(held.marks[k.notice_id], k.year, k.publishers, digest(*said) if (said := marks.get(k.notice_id)) else None)
            for k in notices.known(came)
        }
        noted = {notice_id: noted for notice_id, noted in held.before.items() if notice_id not in self.gone} | self._came
        sources = {source for source in held.sources if source.notice_id not in self.gone} | {one.source for one in made}
        evidence = Evidence(notices, portal_id, sources, noted)
        plans = Plans(sources, noted)
        self._groups: dict[str, _Groups] = {
            COMMITMENT_MATCH.name: evidence,
            NEXT_PLAN_TASK.name: NextPlans(portal_id, plans),
            REPORT_MENTION.name: Mentions(portal_id, plans, held.reports, notices, noted),
        }
        self._marks = {(table, *years): mark for table, groups in self._groups.items() for years, mark in groups.marks().items()}
        self._stale: dict[str, set[Years]] = defaultdict(set)
        self._no_more: dict[str, set[Years]] = defaultdict(set)
        for (table, first, last), mark in self._marks.items():
            if held.groups.get((table, first, last)) != mark:
                self._stale[table].add((first, last))
        for table, first, last in held.groups.keys() - self._marks.keys():
            self._no_more[table].add((first, last))

        self._publishers = _publishers(noted.values())
        self.renewed = came
        """Notices whose promises have other rows."""
        if self._publishers != _publishers(held.before.values()):  # whether its bodies publish here is told of every promise
            self.renewed = came | {source.notice_id for source in sources}
        self.needed = self.renewed.union(*(groups.sources(self._stale[table]) for table, groups in self._groups.items()))
        """Notices whose promises are read for that, or because they are compared again."""
        self.compared = evidence.compared(self._stale[COMMITMENT_MATCH.name])
        """Notices that promises are compared with again."""

    def dropped(self, table: str) -> set[Years]:
        """Groups whose rows give way."""
        return self._stale[table] | self._no_more[table]

    def groups(self) -> Iterator[Row]:
        """Rows of silver.commitment_group: all of the portal's."""
        for (table, first, last), mark in self._marks.items():
            yield {"portal_id": self._portal_id, "made": table, "first_year": first, "last_year": last, "mark": mark}

    def notices(self) -> Iterator[Row]:
        """Rows of silver.commitment_notice."""
        for notice_id, noted in self._came.items():
            yield {"portal_id": self._portal_id, "notice_id": notice_id} | asdict(noted) | {"publishers": sorted(noted.publishers)}

    def commitments(self) -> Iterator[Row]:
        """Rows of silver.commitment."""
        soon = timedelta(days=commitment_rules().soon_days)
        for one in self._promises.of(self.renewed):
            ends = one.row["ends"]
            shown = publishes(self._publishers, one.promise.leads)
            yield one.row | {"portal_id": self._portal_id, "soon_from": ends - soon if ends else None, "body_publishes": shown}

    def of_groups(self, table: str) -> Iterable[Row]:
        """Rows of stale groups."""
        stale = self._stale[table]
        return self._groups[table].rows(stale, self._promises.of(self.needed)) if stale else ()


def _publishers(noted: Iterable[Noted]) -> frozenset[str]:
    return frozenset[str]().union(*(one.publishers for one in noted))
