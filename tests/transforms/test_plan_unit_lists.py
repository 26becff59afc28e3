"""Printed unit lists of many habits, each with the units it names; every unit but a room or an unknown body leads to an agency."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongkai.agencies import agencies
from transforms.plans.units import read_responsibility
from transforms.script import fold

LISTS = Path(__file__).parents[1] / "fixtures" / "units" / "lists.txt"
CASES = [line for line in LISTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def _names(field: str) -> list[str]:
    return [name.strip() for name in field.split("|") if name.strip()]


@pytest.mark.parametrize("case", CASES)
def test_units_of_a_printed_list(case: str) -> None:
    printed, _, expected = case.partition(" => ")
    lead, _, support = expected.removesuffix(" +").partition(" / ")
    folded = fold(printed)[0]
    who = read_responsibility(printed, folded, 0, len(printed), "青禾市")
    assert ([unit.name for unit in who.lead], [unit.name for unit in who.support]) == (_names(lead), _names(support))
    assert who.open_ended == expected.endswith(" +")
    assert [unit.name for unit in (*who.lead, *who.support) if agencies().resolve(unit.folded) is None] == []
    for unit in (*who.lead, *who.support):
        assert unit.name.endswith(printed[unit.start : unit.end])


def test_there_are_lists_enough() -> None:
    assert len(CASES) >= 120
