"""Divisions, and the calendar as a table."""

from __future__ import annotations

from datetime import date

from gongkai.divisions import divisions, parent_code
from gongkai.registry import load_registry
from gongkai.settings import PROJECT
from transforms.working_days import kind_of_day
from warehouse.facts import DAY, _days


def test_every_registered_portal_lies_in_a_known_division() -> None:
    registry = load_registry(PROJECT / "portals")
    assert [p.id for p in registry.values() if p.division_code and p.division_code not in divisions()] == []


def test_every_division_lies_in_another_up_to_its_province() -> None:
    for code, division in divisions().items():
        parent = parent_code(code)
        assert (parent is None) == (division.level == "province")
        assert parent is None or parent in divisions()
    assert (parent_code("440802"), parent_code("440800"), parent_code("419001")) == ("440800", "440000", "419000")


def test_the_calendar_counts_working_days_and_is_silent_where_no_notice_is_known() -> None:
    days = {row["day"]: row for row in DAY.arrow(_days()).to_pylist()}
    assert (days[date(2004, 1, 1)]["holiday_zh"], days[date(2004, 1, 1)]["working_days_before"]) == ("元旦", 0)
    between = days[date(2025, 10, 9)]["working_days_before"] - days[date(2025, 9, 30)]["working_days_before"]
    assert between == 1  # 30 September itself; 1 to 8 October are free
    assert days[date(2025, 9, 28)]["is_working_day"] is True  # a Sunday that is worked
    assert {days[day]["is_working_day"] for day in (date(1987, 4, 30), date(2035, 12, 31), date(2060, 12, 31))} == {
        None
    }  # yet they are there
    assert days[date(2028, 1, 3)] | {"day": None} == dict.fromkeys(DAY.schema.names)
    assert kind_of_day(date(2028, 1, 3)) is None
