"""How portals stand over their nights, by the ledger alone: a night that could not publish, or that lost its warehouse, is told too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.ledger import StageOutcome, read_outcome
from gongkai.status import RunStatus, worst
from stages.context import RunContext
from stages.shared import fetched, stored_portals

RUNS = 30
"""Newest runs that are looked at."""
_STAGES = ("crawl", "extract", "audit")


@dataclass(frozen=True)
class PortalNight:
    """One portal's run: its stages' outcomes in order."""

    run_id: str
    outcomes: list[StageOutcome]

    @property
    def status(self) -> RunStatus:
        return worst(outcome.status for outcome in self.outcomes)

    @property
    def reasons(self) -> list[str]:
        return list(dict.fromkeys(reason for outcome in self.outcomes for reason in outcome.reasons))

    def count(self, name: str) -> int:
        return max((outcome.counts.get(name, 0) for outcome in self.outcomes), default=0)

    def of(self, stage: str) -> RunStatus | None:
        """How one stage ended; None where it left no outcome."""
        return next((outcome.status for outcome in self.outcomes if outcome.stage == stage), None)


@dataclass(frozen=True)
class Standing:
    """A portal's nights, newest first; at least one."""

    portal_id: str
    name: str
    nights: list[PortalNight]

    @property
    def status(self) -> RunStatus:
        return self.nights[0].status

    @property
    def bad_nights(self) -> list[PortalNight]:
        """The present streak of nights that were not whole."""
        whole = next((i for i, night in enumerate(self.nights) if night.status.is_whole), len(self.nights))
        return self.nights[:whole]

    @property
    def since(self) -> str | None:
        """First run of the streak; None where the portal is whole."""
        return self.bad_nights[-1].run_id if self.bad_nights else None

    @property
    def beyond(self) -> bool:
        """Whether the streak reaches beyond the runs that were looked at."""
        return len(self.bad_nights) == len(self.nights) >= RUNS

    @property
    def last_whole(self) -> str | None:
        return next((night.run_id for night in self.nights if night.status.is_whole), None)

    def broke_in(self, run_id: str) -> bool:
        """Whether this run is the first that was not whole."""
        return self.since == run_id and len(self.nights) > 1

    def recovered_in(self, run_id: str) -> bool:
        """Whether this run is whole and the one before was not."""
        return self.nights[0].run_id == run_id and not self.bad_nights and len(self.nights) > 1 and not self.nights[1].status.is_whole


def standings(ctx: RunContext) -> list[Standing]:
    """Every portal of the registry, or named by the ledger's newest runs, that ran in them; by id. A store is asked first."""
    fetched(ctx, {*ctx.registry, *stored_portals(ctx)})
    nights: dict[str, list[PortalNight]] = {}
    runs = [run for run in ctx.layout.ledger_runs() if run <= ctx.run_id][-RUNS:]
    for run_id in reversed(runs):
        found: dict[str, list[StageOutcome]] = {}
        for path in ctx.layout.outcomes(run_id):
            outcome = read_outcome(path)
            found.setdefault(outcome.portal_id, []).append(outcome)
        for portal_id, outcomes in found.items():
            known = sorted((o for o in outcomes if o.stage in _STAGES), key=lambda o: _STAGES.index(o.stage))
            if any(o.stage == "crawl" for o in known):  # a re-extraction judges batches, but asks no portal
                nights.setdefault(portal_id, []).append(PortalNight(run_id, known))
    names = {portal.id: portal.name for portal in ctx.registry.values()}
    return [Standing(portal_id, names.get(portal_id, portal_id), nights[portal_id]) for portal_id in sorted(nights)]


def gravest_first(found: Sequence[Standing]) -> list[Standing]:
    """Those that need a person, worst status first, then the longest streak."""
    order = list(RunStatus)
    bad = [s for s in found if s.bad_nights]
    return sorted(bad, key=lambda s: (-order.index(s.status), s.since or "", s.portal_id))
