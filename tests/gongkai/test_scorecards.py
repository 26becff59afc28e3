"""Indicator sets: those of the package are whole, and a mistake names its file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from gongkai.errors import RegistryError
from gongkai.rules import load_rules
from gongkai.scorecards import load_scorecards, read_scorecards

GOOD = {
    "id": "card",
    "version": "2026",
    "zh": "表",
    "en": "Card",
    "source": "ours",
    "valid_from": date(2026, 1, 1),
    "comparable": 0.6,
    "indicators": [
        {"id": "one", "zh": "一", "en": "One", "weight": 60, "checks": [{"measure": "plan_published"}], "evidence": "list"},
        {"id": "two", "zh": "二", "en": "Two", "weight": 40, "not_from_web": "needs a visit"},
    ],
}


def test_the_published_weights_of_jiamusi_stand_and_what_no_page_shows_is_said() -> None:
    cards = {card.id: card for card in load_scorecards()}
    weights = [int(i.weight) for i in cards["jiamusi"].indicators]
    assert weights == [12, 10, 15, 5, 5, 5, 20, 10, 8, 6, 4]  # standards.md section 10
    silent = sum((i.weight for i in cards["jiamusi"].indicators if i.not_from_web), Decimal(0))
    assert silent == 43
    assert all(i.not_from_web is None for i in cards["plain"].indicators)


def test_every_rule_that_is_named_exists_and_none_costs_points_that_only_informs() -> None:
    named = {c.rule for card in load_scorecards() for i in card.indicators for c in i.checks if c.rule}
    assert named <= set(load_rules())
    plain = {c.rule for card in load_scorecards() if card.id == "plain" for i in card.indicators for c in i.checks if c.rule}
    assert all(load_rules()[rule].severity != "info" for rule in plain)


def _read(folder: Path, *cards: object) -> None:
    for number, card in enumerate(cards):
        (folder / f"{number}.yaml").write_text(yaml.safe_dump(card, allow_unicode=True), encoding="utf-8")
    read_scorecards(folder)


def test_editions_follow_each_other(tmp_path: Path) -> None:
    _read(tmp_path, GOOD | {"valid_to": date(2026, 6, 30)}, GOOD | {"version": "2026-07", "valid_from": date(2026, 7, 1)})
    first, second = read_scorecards(tmp_path)
    assert [c.version for c in (first, second) if c.stands_on(date(2026, 6, 30))] == ["2026"]
    assert [c.version for c in (first, second) if c.stands_on(date(2026, 7, 1))] == ["2026-07"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"indicators": GOOD["indicators"][:1]}, "add up to 60, not to 100"),
        ({"indicators": [*GOOD["indicators"][:1], GOOD["indicators"][1] | {"id": "one"}]}, "indicator one stands twice"),
        ({"indicators": [GOOD["indicators"][0] | {"checks": [{"measure": "guess"}]}, GOOD["indicators"][1]]},
         "indicators.0.checks.0.measure"),
        ({"indicators": [GOOD["indicators"][0] | {"checks": [{"measure": "verdict", "rule": "none-such"}]}, GOOD["indicators"][1]]},
         "none-such is no rule"),
        ({"indicators": [GOOD["indicators"][0] | {"checks": [{"measure": "verdict"}]}, GOOD["indicators"][1]]}, "`rule` belongs to"),
        ({"indicators": [GOOD["indicators"][0] | {"not_from_web": "why"}, GOOD["indicators"][1]]}, "either checks or"),
        ({"indicators": [GOOD["indicators"][0] | {"deduct": 61}, GOOD["indicators"][1]]}, "costs more than the weight"),
        ({"valid_to": date(2025, 1, 1)}, "lies before valid_from"),
        ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_file(tmp_path: Path, change: dict[str, object], says: str) -> None:
    with pytest.raises(RegistryError, match=says) as error:
        _read(tmp_path, GOOD | change)
    assert "0.yaml" in str(error.value)


def test_two_editions_at_the_same_time_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="two editions hold at the same time"):
        _read(tmp_path, GOOD, GOOD | {"version": "2027", "valid_from": date(2027, 1, 1)})
