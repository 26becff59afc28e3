"""The plan reader against invented plans with labels, and against the real ones where they are present."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from transforms.body import Body, BodyBuilder, RawCell
from transforms.plans.reader import PlanReading, read_plan

FIXTURES = Path(__file__).parents[1] / "fixtures" / "plans"
SHARED = Path(__file__).parents[3] / "shared"
DATE_KEYS = {"due", "start"}


def _load() -> list[dict[str, Any]]:
    return [plan for file in sorted(FIXTURES.glob("*.yaml")) for plan in yaml.safe_load(file.read_text(encoding="utf-8"))["plans"]]


def _grid(rows: list[list[str]]) -> list[list[RawCell]]:
    out: list[list[RawCell]] = []
    for r, row in enumerate(rows):
        cells: list[RawCell] = []
        for c, text in enumerate(row):
            if text == "^":
                cells.append(out[r - 1][c])
                cells[-1].row_span += 1
            elif text == "<":
                cells.append(cells[-1])
                cells[-1].column_span += 1
            else:
                cells.append(RawCell(text))
        out.append(cells)
    return out


def build(doc: list[Any], *, flattened: bool = False) -> Body:
    """A body from paragraphs and tables."""
    builder = BodyBuilder()
    for part in doc:
        if isinstance(part, str):
            builder.paragraph(part)
        else:
            builder.table(_grid(part["table"]))
    return builder.build(flattened=flattened)


def read(plan: dict[str, Any]) -> tuple[Body, PlanReading]:
    """A fixture's body and its reading."""
    body = build(plan["doc"], flattened=plan.get("flattened", False))
    days = {name: plan.get(name) for name in ("written", "published")}
    return body, read_plan(body, plan_year=plan["plan_year"], **days, region=plan.get("region"))


PLANS = _load()


@pytest.mark.parametrize("plan", PLANS, ids=[plan["name"] for plan in PLANS])
def test_fixture(plan: dict[str, Any]) -> None:
    body, reading = read(plan)
    assert len(reading.tasks) == len(plan["tasks"]), [task.text[:30] for task in reading.tasks]
    for number, (task, want) in enumerate(zip(reading.tasks, plan["tasks"], strict=True), 1):
        head, lead, support, mode, deadline, due, *rest = want
        extra = rest[0] if rest else {}
        assert task.seq == number
        assert task.text.startswith(head)
        assert task.text == body.text[task.start : task.end]
        got = (task.lead_units, task.support_units, task.responsibility_mode, task.deadline_type, task.due_date)
        assert got == (lead, support, mode, deadline, due), task.text[:30]
        assert task.open_ended == extra.get("open", False), task.text[:30]
        assert task.uncertain == extra.get("uncertain", False), task.text[:30]
        assert task.start_date == extra.get("start")
        if "recurrence" in extra:
            assert task.recurrence == extra["recurrence"]
        if "path" in extra:
            assert task.path == extra["path"]
        if "titles" in extra:
            assert task.section_titles == extra["titles"]
        if "last" in extra:
            assert task.text.endswith(extra["last"])
    # P-UNIT depends on the vocabulary, which grows; its own test is in test_unknown_units.py.
    assert [finding.rule for finding in reading.findings if finding.rule != "P-UNIT"] == plan.get("findings", [])


def test_no_task_is_a_finding_not_silence() -> None:
    reading = read_plan(build(["今日天气晴朗。"]), plan_year=2020, written=None, published=None, region=None)
    assert reading.tasks == []
    assert [finding.rule for finding in reading.findings] == ["P-NONE"]


def test_without_a_year_a_month_stays_open() -> None:
    body = build(["一、任务", "1.公开预算，6月底前完成。（市财政局负责）", "2.公开决算。（市财政局负责）"])
    undated = read_plan(body, plan_year=None, written=None, published=None, region=None).tasks[0]
    assert (undated.deadline_type, undated.due_date, undated.deadline_raw) == ("month_end", None, "6月底前")
    dated = read_plan(body, plan_year=None, written=date(2019, 3, 1), published=None, region=None).tasks[0]
    assert dated.due_date == date(2019, 6, 30)


def test_declared_count_that_holds_is_no_finding() -> None:
    doc = ["本方案共2项任务。", "1.公开预算。（市财政局负责）", "2.公开决算。（市财政局负责）"]
    assert read_plan(build(doc), plan_year=2020, written=None, published=None, region=None).findings == []


def test_roster() -> None:
    doc = [
        "组　长：王　平　　市委常委、副市长",
        "副组长：李大海  市政府秘书长",
        "赵  亮 市政府办公室主任",
        "成  员：欧阳小红  市统计局副局长",
        "领导小组办公室设在市政府办公室。",
        "孙明 某人",
    ]
    roster = read_plan(build(doc), plan_year=2020, written=None, published=None, region=None).roster
    assert [(one.name, one.role, one.post) for one in roster] == [
        ("王平", "组长", "市委常委、副市长"),
        ("李大海", "副组长", "市政府秘书长"),
        ("赵亮", "副组长", "市政府办公室主任"),
        ("欧阳小红", "成员", "市统计局副局长"),
    ]


def _real(name: str) -> Body:
    path = SHARED / "documents" / name
    if not path.exists():
        pytest.skip("../shared/documents is not here")
    builder = BodyBuilder()
    for line in path.read_text(encoding="utf-8").splitlines():
        builder.paragraph(line)
    return builder.build(flattened=True)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "year", "gold"),
    [("000_6324a25c95f10dc0.txt", 2014, "plan-zhanjiang-2014"), ("003_04969230b5e700cb.txt", 2017, "plan-longnan-2017")],
)
def test_real_labelled_plan(name: str, year: int, gold: str) -> None:
    body = _real(name)
    labels = [json.loads(line) for line in (SHARED / "tools" / "gold" / f"{gold}.gold.jsonl").read_text(encoding="utf-8").splitlines()]
    labels = [label for label in labels if label["kind"] == "task"]
    tasks = read_plan(body, plan_year=year, written=None, published=None, region=None).tasks
    assert len(tasks) == len(labels)
    for task, label in zip(tasks, labels, strict=True):
        assert _norm(task.text).startswith(_norm(label["text_first20"])[:12])
        assert task.due_date == (date.fromisoformat(label["due_date"]) if label["due_date"] else None)
        assert task.text == body.text[task.start : task.end]


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "year", "count", "members"),
    [
        ("001_31379037575ba617.txt", 2017, 37, 65),
        ("004_e16a431eec4ca6f3.txt", 2012, 14, 0),
        ("pages/p10.txt", None, 6, 0),
        ("pages/p13.txt", 2021, 4, 0),
    ],
)
def test_real_plan_counts(name: str, year: int | None, count: int, members: int) -> None:
    reading = read_plan(_real(name), plan_year=year, written=None, published=None, region=None)
    assert (len(reading.tasks), len(reading.roster)) == (count, members)


def _norm(text: str) -> str:
    return "".join(char for char in text if char.isalnum())
