"""What is suspicious about time limits: P-DATE and P-CALENDAR, on whole plans."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from test_plan_reader import build

from gongkai.records.document import Finding, PlanTask
from transforms.plans.date_checks import check_dates
from transforms.plans.reader import read_plan

WRITTEN = date(2021, 4, 2)


def _read(*tasks: str, table: list[list[str]] | None = None, written: date = WRITTEN) -> tuple[list[PlanTask], list[Finding]]:
    doc: list[Any] = [{"table": table}] if table else ["江原市2021年政务公开工作要点", "一、公开", *tasks]
    reading = read_plan(build(doc), plan_year=written.year, written=written, published=None, region="江原市")
    return reading.tasks, [finding for finding in reading.findings if finding.rule in ("P-DATE", "P-CALENDAR")]


@pytest.mark.parametrize(
    ("text", "printed", "message"),
    [
        ("（一）2020年12月底前公开预算。（市财政局负责）", "2020年12月底前", "the deadline lies in a year before the plan's"),
        ("（一）2031年6月底前公开预算。（市财政局负责）", "2031年6月底前", "the deadline lies in a year far behind the plan's"),
        ("（一）3月底前公开预算。（市财政局负责）", "3月底前", "the deadline was over when the plan was written"),
        (
            "（一）12月底前公开预算。（责任单位：市财政局；完成时限：2021年6月底前）",
            "12月底前",
            "the task's text names a later day than its time limit",
        ),
        (
            "（一）公开预算。（责任单位：市财政局；完成时限：2021年9月至2021年6月）",
            "2021年9月至2021年6月",
            "the period ends before it begins",
        ),
    ],
)
def test_suspicious_limits_are_findings_with_their_place(text: str, printed: str, message: str) -> None:
    tasks, findings = _read(text)
    assert [(finding.actual, finding.message) for finding in findings] == [(printed, message)]
    assert (findings[0].start, findings[0].end) in {(limit.start, limit.end) for limit in tasks[0].deadlines}


def test_a_sound_plan_has_none() -> None:
    assert _read("（一）每季度公开水质，2021年6月底前建立台账，次年1月底前总结。（市水利局负责）")[1] == []


def test_a_shared_cell_is_reported_once() -> None:
    table = [["序号", "任务", "责任单位", "完成时限"], ["1", "公开预算", "市财政局", "2021年3月"], ["2", "公开决算", "市财政局", "^"]]
    tasks, findings = _read(table=table)
    assert [task.due_date for task in tasks] == [date(2021, 3, 31)] * 2
    assert tasks[0].deadlines == tasks[1].deadlines
    assert len(findings) == 1


def test_a_hundred_bad_dates_say_enough_in_twenty() -> None:
    tasks, _ = _read(*(f"（{number}）2019年{number % 12 + 1}月底前公开预算。（市财政局负责）" for number in range(1, 100)))
    assert len(tasks) > 20
    assert len(check_dates(tasks, 2021, None)) == 20


def test_working_days_count_over_holidays_and_stay_open_outside_the_calendar() -> None:
    text = "（一）印发后20个工作日内建立台账。（市水利局负责）"
    tasks, findings = _read(text)
    assert (tasks[0].deadline_type, tasks[0].due_date, findings) == ("relative", date(2021, 4, 30), [])
    tasks, findings = _read(text, written=date(2002, 4, 2))
    assert tasks[0].due_date is None
    assert [finding.rule for finding in findings] == ["P-CALENDAR"]


def test_from_now_on_starts_when_the_plan_was_written() -> None:
    table = [
        ["序号", "任务", "责任单位", "完成时限"],
        ["1", "公开预算", "市财政局", "即日起"],
        ["2", "公开决算", "市审计局", "本方案印发之日起实施"],
    ]
    tasks, _ = _read(table=table)
    assert [(task.deadline_type, task.start_date) for task in tasks] == [("open_start", WRITTEN)] * 2


def test_limits_of_cell_and_text_are_all_kept_in_the_order_of_the_text() -> None:
    table = [["序号", "任务", "责任单位", "完成时限"], ["1", "每月公开水质，5月底前建立台账", "市水利局、统计局", "2021年6月、12月"]]
    (task,) = _read(table=table)[0]
    assert [(limit.raw, limit.type, limit.due_date) for limit in task.deadlines] == [
        ("每月", "recurring", None),
        ("5月底前", "month_end", date(2021, 5, 31)),
        ("2021年6月", "month", date(2021, 6, 30)),
        ("12月", "month", date(2021, 12, 31)),
    ]
    assert (task.deadline_raw, task.due_date, task.recurrence) == ("2021年6月、12月", date(2021, 12, 31), "monthly")
    assert [(unit.name, unit.printed, unit.agency) for unit in task.units] == [
        ("市水利局", "市水利局", "water"),
        ("市统计局", "统计局", "statistics"),
    ]
