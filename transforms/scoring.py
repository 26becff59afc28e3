"""Points of a scorecard from what its checks found: pure, so that every deduction can be reckoned again by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from gongkai.scorecards import Indicator, Scorecard

Outcome = Literal["pass", "fail", "uncertain", "not_assessable"]
_CENT = Decimal("0.01")
_LISTED = 20
"""Failing subjects that a reason names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a failure can be seen: address, and the archive record of what it showed."""

    url: str | None = None
    run_id: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None

    @property
    def archived(self) -> bool:
        return self.url is not None and self.run_id is not None and self.warc_file is not None and self.warc_offset is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one check found about one subject of a portal."""

    check: str
    subject: str
    outcome: Outcome
    reason: str
    title: str | None = None
    """The subject's name, where it has one beside its key."""
    observed: str | None = None
    threshold: str | None = None
    basis: str | None = None
    ended_on: date | None = None
    """Last day of the time that was judged; None: it has none."""
    evidence: Evidence = Evidence()
    subjects: int = 1
    """How many subjects are told of at once; a failing one always stands alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """Points that one failing subject costs."""

    points: Decimal
    cause: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One indicator of one portal. `points` is None where nothing, or too little, could be judged: never zero for what was not seen."""

    indicator: Indicator
    verdict: Outcome
    points: Decimal | None
    reason: str
    passed: int = 0
    failed: int = 0
    uncertain: int = 0
    not_assessable: int = 0
    deductions: tuple[Deduction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A portal's points of a set. `possible`: weights of what could be judged; `score` is the share of it in percent."""

    points: Decimal
    possible: Decimal
    total: Decimal
    comparable: bool

    @property
    def share_assessable(self) -> Decimal:
        return (self.possible / self.total).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    @property
    def score(self) -> Decimal | None:
        return (100 * self.points / self.possible).quantize(_CENT, ROUND_HALF_UP) if self.possible else None


def score_item(indicator: Indicator, observations: Iterable[Observation], day: date) -> Item:
    """Judge one indicator by what its checks found, as of `day`.

    A failure without an archived page is uncertain (standards.md section 11). Where more is uncertain than judged, so is the indicator.
    """
    if indicator.not_from_web is not None:
        return Item(indicator=indicator, verdict="not_assessable", points=None, reason=indicator.not_from_web)
    names = {check.name for check in indicator.checks}
    first = reaches_back_to(indicator, day)
    found = sorted(
        (_proved(o) for o in observations if o.check in names and (o.ended_on is None or first < o.ended_on)),
        key=lambda o: (o.check, o.subject),
    )
    counts = {
        outcome: sum(o.subjects for o in found if o.outcome == outcome) for outcome in ("pass", "fail", "uncertain", "not_assessable")
    }
    item = Item(
        indicator=indicator,
        verdict="pass",
        points=indicator.weight,
        reason="",
        passed=counts["pass"],
        failed=counts["fail"],
        uncertain=counts["uncertain"],
        not_assessable=counts["not_assessable"],
    )
    judged = item.passed + item.failed
    if judged == 0 and item.uncertain == 0:
        return replace(item, verdict="not_assessable", points=None, reason=_common(found) or "nothing to judge within the time")
    if judged < item.uncertain or judged == 0:
        unsure = [o for o in found if o.outcome == "uncertain"]
        return replace(
            item, verdict="uncertain", points=None, reason=f"{item.uncertain} of {sum(counts.values())} uncertain: {_common(unsure)}"
        )
    failing = [o for o in found if o.outcome == "fail"]
    if not failing:
        return replace(item, reason=f"{item.passed} of {judged} kept")
    deductions = tuple(_deductions(indicator, failing, judged))
    lost = sum((d.points for d in deductions), Decimal(0))
    named = ", ".join(o.title or o.subject for o in failing[:_LISTED]) + (" …" if len(failing) > _LISTED else "")
    return replace(
        item, verdict="fail", points=indicator.weight - lost, reason=f"{item.failed} of {judged} not kept: {named}", deductions=deductions
    )


def score_total(card: Scorecard, items: Sequence[Item]) -> Total:
    """Points over the weights that could be judged."""
    judged = [i for i in items if i.points is not None]
    possible = sum((i.indicator.weight for i in judged), Decimal(0))
    total = sum((i.indicator.weight for i in items), Decimal(0))
    points = sum((i.points for i in judged if i.points is not None), Decimal(0))
    return Total(points=points, possible=possible, total=total, comparable=possible >= card.comparable * total)


def reaches_back_to(indicator: Indicator, day: date) -> date:
    """Subjects whose time ended on this day, or before it, do not count."""
    if indicator.years is None:
        return date.min
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - indicator.years, day=28 if leap else day.day)


def _proved(observation: Observation) -> Observation:
    if observation.outcome != "fail" or observation.evidence.archived:
        return observation
    return replace(observation, outcome="uncertain", reason=f"{observation.reason}; no archived page shows it")


def _common(observations: Sequence[Observation]) -> str:
    """The most frequent reason, the first by name of equals."""
    reasons: Counter[str] = Counter()
    for observation in observations:
        reasons[observation.reason] += observation.subjects
    return min(reasons, key=lambda reason: (-reasons[reason], reason)) if reasons else ""


def _deductions(indicator: Indicator, failing: Sequence[Observation], judged: int) -> Iterator[Deduction]:
    """Rounded so that they add up to what the failures cost together; never more than the weight. One that costs nothing is none."""
    each = indicator.deduct if indicator.deduct is not None else indicator.weight / judged
    before = Decimal(0)
    for number, cause in enumerate(failing, 1):
        so_far = min(indicator.weight, each * number).quantize(_CENT, ROUND_HALF_UP)
        if so_far > before:
            yield Deduction(points=so_far - before, cause=cause)
        before = so_far
