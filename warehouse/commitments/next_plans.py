"""What became of a plan's tasks in the next plan of the same body; made anew for those years alone where one of the two changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from gongkai.identity import digest
from transforms.promises.follow import PlannedTask, next_of
from transforms.promises.match import Years
from warehouse.commitments.plans import Plan, Plans, by_plan
from warehouse.commitments.promises import Made


class NextPlans:
    """The plans of a portal, each with the one that followed."""

    def __init__(self, portal_id: str, plans: Plans) -> None:
        self._portal_id, self._plans = portal_id, plans

    def marks(self) -> dict[Years, str]:
        """A fingerprint, for each year, of the tasks of its plans and of those that followed."""
        said: dict[int, list[str]] = defaultdict(list)
        for plan in self._plans:
            said[plan.year] += map(self._plans.mark, self._with_next(plan))
        return {(year, year): digest(*marks) for year, marks in said.items()}

    def sources(self, groups: Collection[Years]) -> set[str]:
        """Notices of the plans of these years, and of those that followed."""
        return self._plans.notices(one for plan in self._plans.of_years(groups) for one in self._with_next(plan))

    def rows(self, groups: Collection[Years], made: Iterable[Made]) -> Iterator[dict[str, Any]]:
        """A row for each task of the plans of these years."""
        tasks = by_plan(made)
        for plan in self._plans.of_years(groups):
            later = self._plans.next(plan)
            fates = next_of(list(map(_planned, tasks[plan])), list(map(_planned, tasks[later])) if later else None)
            for commitment_id, fate in fates.items():
                yield {
                    "portal_id": self._portal_id,
                    "commitment_id": commitment_id,
                    "change": fate.change,
                    "next_commitment_id": fate.id,
                    "similarity": fate.similarity,
                    "next_plan_year": later.year if later else None,
                }

    def _with_next(self, plan: Plan) -> tuple[Plan, ...]:
        later = self._plans.next(plan)
        return (plan, later) if later else (plan,)


def _planned(made: Made) -> PlannedTask:
    return PlannedTask(id=made.promise.id, text=made.promise.text, due=made.row["due_date"], leads=tuple(made.row["lead_units"]))
