"""Completeness: legal dates, lateness, and never taking the unseen for the absent."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.completeness import Found, Genre, completeness, expected_years, last_day, legal_date, years_named
from gongkai.records.quality import CompletenessCell
from gongkai.registry import Portal
from gongkai.status import RunStatus


def portal(level: str = "city", plans_since: int | None = 2022, reports_since: int | None = 2019) -> Portal:
    return Portal.model_validate(
        {
            "id": "gd-li",
            "name": "例市人民政府",
            "level": level,
            "province": "广东",
            "division_code": "440000",
            "base_url": "http://127.0.0.1",
            "family": "gkmlpt",
            "sections": [
                {"name": "工作要点", "kind": "work_plan", "entry": "1", "since": plans_since},
                {"name": "年度报告", "kind": "annual_report", "entry": "2", "since": reports_since},
                {"name": "新闻", "kind": "news", "entry": "3"},
            ],
        }
    )


def matrix(
    today: date,
    found: list[Found],
    status: RunStatus = RunStatus.COMPLETE,
    listed: dict[Genre, set[int]] | None = None,
    of: Portal | None = None,
) -> dict[tuple[str, int], CompletenessCell]:
    cells = completeness(of or portal(), run_id="20240401T000000Z", status=status, today=today, found=found, listed=listed or {})
    assert len({(c.genre, c.year) for c in cells}) == len(cells)
    return {(c.genre, c.year): c for c in cells}


def report(year: int, *dates: date) -> Found:
    return Found(genre="annual_report", year=year, document_id=f"r{year}", dates=dates)


@pytest.mark.parametrize(
    ("genre", "year", "level", "day"),
    [
        ("annual_report", 2007, "city", None),
        ("annual_report", 2008, "department", date(2009, 3, 31)),
        ("annual_report", 2018, "department", date(2019, 3, 31)),
        ("annual_report", 2019, "department", date(2020, 1, 31)),
        ("annual_report", 2019, "city", date(2020, 3, 31)),
        ("work_plan", 2023, "city", None),
    ],
)
def test_legal_dates(genre: Genre, year: int, level: str, day: date | None) -> None:
    assert legal_date(genre, year, level) == day


def test_five_states() -> None:
    cells = matrix(
        date(2024, 4, 1),
        [
            report(2019, date(2020, 3, 31)),
            report(2020, date(2021, 4, 1)),
            report(2021),
            Found(genre="work_plan", year=2022, document_id="p22", dates=(date(2022, 5, 9),)),
        ],
        listed={"annual_report": {2022}},
    )
    states = {key: cell.state for key, cell in cells.items()}
    assert states == {
        ("annual_report", 2019): "found",
        ("annual_report", 2020): "late",
        ("annual_report", 2021): "found",
        ("annual_report", 2022): "cannot_see",  # listed, not read
        ("annual_report", 2023): "missing",  # due the day before
        ("work_plan", 2022): "found",
        ("work_plan", 2023): "missing",
        ("work_plan", 2024): "expected",
    }
    late = cells["annual_report", 2020]
    assert (late.document_id, late.published, late.legal_date) == ("r2020", date(2021, 4, 1), date(2021, 3, 31))
    assert late.reason == "published 2021-04-01, 1 days after 2021-03-31"
    assert "cannot be judged" in cells["annual_report", 2021].reason


def test_a_report_of_a_year_before_the_law_is_never_late() -> None:
    cells = matrix(date(2024, 4, 1), [report(2007, date(2010, 1, 4))], of=portal(reports_since=2006))
    assert (cells["annual_report", 2007].state, cells["annual_report", 2007].legal_date) == ("found", None)
    assert cells["annual_report", 2006].state == "missing"
    assert cells["annual_report", 2006].reason == "no rule set a day, and the whole listing does not hold it"


def test_due_day_itself_is_not_over() -> None:
    assert matrix(date(2024, 3, 31), [])["annual_report", 2023].state == "expected"


@pytest.mark.parametrize("status", [s for s in RunStatus if not s.is_whole])
def test_a_portal_that_is_not_whole_accuses_nobody(status: RunStatus) -> None:
    assert "missing" not in {c.state for c in matrix(date(2024, 4, 1), [], status).values()}


def test_incredible_dates_are_passed_over() -> None:
    """A rebuild's day before the year's end, or a template's date, cannot make a late report punctual."""
    cells = matrix(date(2024, 4, 1), [report(2020, date(2020, 6, 1), date(2021, 5, 2))])
    assert (cells["annual_report", 2020].state, cells["annual_report", 2020].published) == ("late", date(2021, 5, 2))


def test_the_earliest_of_two_copies_counts() -> None:
    second = Found(genre="annual_report", year=2020, document_id="zz", dates=(date(2021, 2, 1),))
    assert matrix(date(2024, 4, 1), [report(2020, date(2021, 4, 9)), second])["annual_report", 2020].document_id == "zz"


def test_without_since_only_what_was_found_is_shown() -> None:
    cells = matrix(date(2024, 4, 1), [report(2015, date(2016, 3, 1))], of=portal(plans_since=None, reports_since=None))
    assert list(cells) == [("annual_report", 2015)]


def test_department_reports_are_due_in_january() -> None:
    assert matrix(date(2024, 2, 1), [], of=portal("department"))["annual_report", 2023].state == "missing"


def test_years_named_in_titles() -> None:
    assert years_named(["２０２３年政府信息公开工作年度报告", "关于2017 年工作要点的通知", "电话12345678年", "2035规划"]) == {2023, 2017}


@given(st.dates(date(2009, 1, 1), date(2090, 12, 31)), st.integers(2008, 2040), st.sampled_from(["city", "department"]))
def test_every_expected_year_has_one_cell(today: date, since: int, level: str) -> None:
    place = portal(level, since, since)
    cells = matrix(today, [], of=place)
    assert sorted(cells) == sorted((g, y) for g in ("annual_report", "work_plan") for y in expected_years(place, g, today))
    for (_, year), cell in cells.items():
        last = last_day(cell.genre, year, level)
        assert last is not None
        assert (cell.state == "missing") == (today > last)
