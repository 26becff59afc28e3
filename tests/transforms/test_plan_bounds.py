"""What a plan reader owes to bad input: work in proportion to its size, and a finding instead of a guess."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from work_spent import assert_grows

from transforms.body import Body, BodyBuilder
from transforms.plans.reader import PlanReading, read_plan


def _read(body: Body, written: date | None = None) -> PlanReading:
    return read_plan(body, plan_year=2020, written=written, published=None, region=None)


def _lines(*lines: str, flattened: bool = False) -> Body:
    builder = BodyBuilder()
    for line in lines:
        builder.paragraph(line)
    return builder.build(flattened=flattened)


@pytest.mark.parametrize(
    "unit",
    [
        "责任单位：市财政局\n",
        "（",
        "（责任单位：市财政局）",
        "（完成时限：2020年6月）",
        "等级",
        "2014月9月",
        "一、",
        "（牵头）",
        "等、单位",
        "第一条 1. 一、\n",
    ],
)
def test_cost_grows_with_the_text(unit: str) -> None:
    # ten times the text; a square would be a hundred
    assert_grows(lambda size: _read(_lines(*(unit * (size // len(unit))).split("\n"))), 4_000, 40_000, at_most=40)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="一二（）()：；、。市县局办责任单位牵头配合完成时限12.月日前等 《》【】", max_size=80), max_size=20))
def test_any_text_is_quoted_as_it_stands(lines: list[str]) -> None:
    for flattened in (False, True):
        body = _lines(*lines, flattened=flattened)
        assert all(body.text[task.start : task.end] == task.text for task in _read(body).tasks)


def test_days_from_issue_count_working_days() -> None:
    doc = [
        "1.在方案印发后10个工作日内制定计划。（市财政局负责）",
        "2.印发之日起2周内报送名单。（市审计局负责）",
        "3.目录编制完成后5日内公布。（市审计局负责）",
    ]
    tasks = _read(_lines(*doc), date(2023, 4, 28)).tasks
    # 29 April to 3 May are days off, Saturday 6 May is worked (State Council's notice for 2023)
    assert [task.due_date for task in tasks] == [date(2023, 5, 16), date(2023, 5, 12), None]
    assert {task.deadline_type for task in tasks} == {"relative"}


def test_working_days_beyond_the_known_calendar_stay_open_with_a_finding() -> None:
    body = _lines("1.在方案印发后20个工作日内制定计划。（市财政局负责）", "2.公开预算。（市审计局负责）")
    reading = _read(body, date(2003, 5, 6))
    assert reading.tasks[0].due_date is None
    (finding,) = reading.findings
    assert (finding.rule, body.text[finding.start : finding.end]) == ("P-CALENDAR", "在方案印发后20个工作日内")


def test_without_a_written_date_nothing_is_counted() -> None:
    reading = _read(_lines("1.印发后20个工作日内制定计划。（市财政局负责）", "2.公开预算。（市审计局负责）"))
    assert (reading.tasks[0].due_date, reading.findings) == (None, [])


def test_misprinted_dates_are_findings() -> None:
    body = _lines(
        "1.2020月9月底前公开预算。（市财政局负责）", "2.6月31日前公开决算。（市审计局负责）", "3.2020年2月29日前公开。（市审计局负责）"
    )
    reading = _read(body)
    assert [task.due_date for task in reading.tasks] == [date(2020, 9, 30), None, date(2020, 2, 29)]
    assert [(one.rule, one.actual, one.expected) for one in reading.findings] == [
        ("P-TYPO", "2020月", "2020年"),
        ("P-TYPO", "6月31日", None),
    ]


def test_a_table_of_contents_is_not_counted() -> None:
    contents = ["目录", "一、公开预算", "二、公开决算"]
    plan = ["一、公开预算", "细化到项级科目。", "责任单位：市财政局", "二、公开决算", "公开说明。", "责任单位：市财政局"]
    assert [task.text for task in _read(_lines(*contents, *plan)).tasks] == ["细化到项级科目。", "公开说明。"]
    prose = ["一、公开预算", "市财政局要细化到项级科目。", "二、公开决算", "市财政局要公开说明。"]
    assert [task.text for task in _read(_lines(*contents, *prose)).tasks] == ["市财政局要细化到项级科目。", "市财政局要公开说明。"]
