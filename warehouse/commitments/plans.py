"""The plans of a portal by who issued them and for which year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from transforms.promises.bodies import bodies
from transforms.promises.match import Years
from warehouse.commitments.papers import Noted
from warehouse.commitments.promises import Made, Source

Speaker = frozenset[str]
_OF_GOVERNMENT = frozenset(("government", "government_office"))


class Plan(NamedTuple):
    """The papers that one issuer planned a year with."""

    body: Speaker
    year: int


class Plans:
    """Plans with the notices that their tasks stand in, by year."""

    def __init__(self, sources: Iterable[Source], noted: Mapping[str, Noted]) -> None:
        self._noted = noted
        plans: dict[Plan, set[str]] = defaultdict(set)
        for source in sources:
            if plan := _plan(source):
                plans[plan].add(source.notice_id)
        self._notices = dict(sorted(plans.items(), key=lambda plan: (plan[0].year, sorted(plan[0].body))))

    def __iter__(self) -> Iterator[Plan]:
        return iter(self._notices)

    def of_years(self, groups: Collection[Years]) -> list[Plan]:
        """Plans for some years, each of these given as the first and the last of a group."""
        return [plan for plan in self if (plan.year, plan.year) in groups]

    def next(self, plan: Plan) -> Plan | None:
        """The next plan of the same issuer."""
        return min((p for p in self if p.body == plan.body and p.year > plan.year), key=lambda p: p.year, default=None)

    def notices(self, plans: Iterable[Plan]) -> set[str]:
        """That their tasks stand in."""
        return {notice_id for plan in plans for notice_id in self._notices[plan]}

    def mark(self, plan: Plan) -> str:
        """Another one whenever its tasks are."""
        return repr((sorted(plan.body), plan.year, [f"{n} {self._noted[n].promised}" for n in sorted(self._notices[plan])]))


def speaker(issuer: str | None) -> Speaker:
    """Government and its office are one speaker: one issues the plan, the other reports."""
    found = bodies(issuer)
    return _OF_GOVERNMENT if found & _OF_GOVERNMENT else found


def by_plan(made: Iterable[Made]) -> defaultdict[Plan, list[Made]]:
    """Tasks of plans, each of these in the order they are given in."""
    tasks: defaultdict[Plan, list[Made]] = defaultdict(list)
    for one in made:
        if plan := _plan(one.source):
            tasks[plan].append(one)
    return tasks


def _plan(source: Source) -> Plan | None:
    """The plan that promises stand in; None for those of other papers, and of plans for no certain year."""
    return Plan(speaker(source.issuer), source.plan_year) if source.kind == "task" and source.plan_year is not None else None
