"""Points by hand-reckoned cases: what was not seen costs nothing, every deduction is named, and they add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gongkai.scorecards import Check, Indicator, Scorecard
from transforms.scoring import Evidence, Observation, score_item, score_total

DAY = date(2026, 11, 28)
SHOWN = Evidence(url="http://例.example/a", run_id="20261127T183000Z", warc_file="a.warc.gz", warc_offset=7)


def indicator(weight: str = "10", **more: Any) -> Indicator:
    asked = {"checks": (Check(measure="verdict", rule="report-on-time"),), "evidence": "the page"}
    return Indicator(**({"id": "one", "zh": "一", "en": "One", "weight": Decimal(weight)} | asked | more))


def seen(
    subject: str, outcome: Any, *, check: str = "report-on-time", ended_on: date | None = None, evidence: Evidence = SHOWN
) -> Observation:
    return Observation(check=check, subject=subject, outcome=outcome, reason=f"{outcome} it is", ended_on=ended_on, evidence=evidence)


def test_a_failing_subject_costs_its_share_of_the_weight() -> None:
    item = score_item(
        indicator(), [seen("2023", "pass"), seen("2024", "fail"), seen("2025", "pass"), seen("x", "pass", check="other")], DAY
    )
    assert (item.verdict, item.points, item.passed, item.failed) == ("fail", Decimal("6.67"), 2, 1)
    assert [(d.points, d.cause.subject, d.cause.evidence.url) for d in item.deductions] == [(Decimal("3.33"), "2024", SHOWN.url)]
    assert item.reason == "1 of 3 not kept: 2024"


def test_a_deduction_of_its_own_never_costs_more_than_the_weight() -> None:
    failing = [seen(str(n), "fail") for n in range(5)]
    item = score_item(indicator(deduct=Decimal(3)), [*failing, seen("good", "pass")], DAY)
    assert item.points == 0
    assert [d.points for d in item.deductions] == [3, 3, 3, 1]  # the fifth costs nothing any more


def test_what_was_not_seen_has_no_points_and_is_not_zero() -> None:
    nothing = score_item(indicator(), [], DAY)
    assert (nothing.verdict, nothing.points, nothing.reason) == ("not_assessable", None, "nothing to judge within the time")
    blocked = score_item(indicator(), [seen("2024", "uncertain"), seen("2025", "not_assessable")], DAY)
    assert (blocked.verdict, blocked.points, blocked.reason) == ("uncertain", None, "1 of 2 uncertain: uncertain it is")
    mostly = score_item(indicator(), [seen("a", "fail"), seen("b", "uncertain"), seen("c", "uncertain")], DAY)
    assert (mostly.verdict, mostly.points, mostly.deductions) == ("uncertain", None, ())


def test_a_failure_without_an_archived_page_is_uncertain() -> None:
    item = score_item(indicator(), [seen("2024", "fail", evidence=Evidence(url="http://例.example/a"))], DAY)
    assert (item.verdict, item.points, item.uncertain) == ("uncertain", None, 1)
    assert item.reason == "1 of 1 uncertain: fail it is; no archived page shows it"


def test_only_what_ended_within_the_years_counts() -> None:
    found = [seen("2020", "fail", ended_on=date(2021, 1, 31)), seen("2024", "pass", ended_on=date(2025, 1, 31)), seen("portal", "pass")]
    assert score_item(indicator(years=3), found, DAY).passed == 2
    assert score_item(indicator(years=3), found, DAY).verdict == "pass"
    assert score_item(indicator(), found, DAY).verdict == "fail"
    edge = date(2023, 11, 28)
    assert score_item(indicator(years=3), [seen("e", "fail", ended_on=edge)], DAY).verdict == "not_assessable"
    assert score_item(indicator(years=3), [seen("e", "fail", ended_on=date(2023, 11, 29))], DAY).verdict == "fail"


def test_what_no_page_can_show_is_said_and_taken_out() -> None:
    silent = indicator("40", checks=(), evidence=None, not_from_web="needs a visit")
    card = Scorecard(
        id="card",
        version="2026",
        zh="表",
        en="Card",
        source="ours",
        valid_from=date(2026, 1, 1),
        comparable=Decimal("0.6"),
        indicators=(indicator("60"), silent.model_copy(update={"id": "two"})),
    )
    items = [score_item(i, [seen("a", "pass"), seen("b", "fail")], DAY) for i in card.indicators]
    assert (items[1].verdict, items[1].points, items[1].reason) == ("not_assessable", None, "needs a visit")
    total = score_total(card, items)
    assert (total.points, total.possible, total.total) == (30, 60, 100)
    assert (total.score, total.share_assessable, total.comparable) == (Decimal("50.00"), Decimal("0.6000"), True)
    none = score_total(card, [score_item(i, [], DAY) for i in card.indicators])
    assert (none.score, none.comparable) == (None, False)


@given(st.integers(1, 40), st.integers(0, 40), st.decimals("0.5", "100", places=1))
def test_deductions_add_up_to_what_is_missing(failing: int, passing: int, weight: Decimal) -> None:
    found = [seen(f"f{n}", "fail") for n in range(failing)] + [seen(f"p{n}", "pass") for n in range(passing)]
    item = score_item(indicator(str(weight)), found, DAY)
    assert item.points is not None
    lost = [d.points for d in item.deductions]
    assert item.points + sum(lost) == weight
    assert min(lost) > 0
    assert (item.points == 0) == (passing == 0)
