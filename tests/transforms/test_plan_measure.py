"""The plan reader measured on labelled plans as the score tool does: precision and recall per figure, printed (pytest -s) and asserted."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_plan_reader import read

from gongkai.records.document import PlanTask
from transforms.body import Body

FIXTURES = Path(__file__).parents[1] / "fixtures" / "plans"
TARGETS = {"task": 0.95, "lead": 0.95, "support": 0.90, "mode": 0.90, "deadline": 0.95, "due": 0.95}
Figures = dict[str, Counter[str]]


def plans(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((FIXTURES / f"{name}.yaml").read_text(encoding="utf-8"))["plans"]
    return found


def measure(plan: dict[str, Any]) -> tuple[Figures, list[str]]:
    """Hits, predictions and labels per figure, and every miss in words."""
    body, reading = read(plan)
    return compare(plan, body, reading.tasks)


def compare(plan: dict[str, Any], body: Body, got: list[PlanTask]) -> tuple[Figures, list[str]]:
    """The tasks of one reading against the plan's labels."""
    figures: Figures = {name: Counter() for name in TARGETS}
    misses = []
    want = plan["tasks"]
    heads = [next((label[0] for label in want if task.text.startswith(label[0])), task.text[:20]) for task in got]
    matcher = SequenceMatcher(None, heads, [label[0] for label in want], autojunk=False)
    pairs = [(block.a + i, block.b + i) for block in matcher.get_matching_blocks() for i in range(block.size)]
    figures["task"].update(hit=len(pairs), got=len(got), want=len(want))
    misses += [f"extra task {task.text[:40]!r}" for i, task in enumerate(got) if i not in {a for a, _ in pairs}]
    misses += [f"missing task {label[0]!r}" for i, label in enumerate(want) if i not in {b for _, b in pairs}]
    for a, b in pairs:
        task, (head, lead, support, mode, deadline, due, *_) = got[a], want[b]
        for name, left, right in (("lead", task.lead_units, lead), ("support", task.support_units, support)):
            figures[name].update(hit=len(set(left) & set(right)), got=len(left), want=len(right))
            misses += [f"{head}: {name} {left} instead of {right}"] if left != right else []
        for name, one, other in (
            ("mode", task.responsibility_mode, mode),
            ("deadline", task.deadline_type, deadline),
            ("due", task.due_date, due),
        ):
            figures[name].update(hit=int(one == other), got=1, want=1)
            misses += [f"{head}: {name} {one} instead of {other}"] if one != other else []
    assert all(body.text[task.start : task.end] == task.text for task in got)
    return figures, misses


def f1(count: Counter[str]) -> float:
    """1.0 where there is nothing to find and nothing was found."""
    return 2 * count["hit"] / (count["got"] + count["want"]) if count["got"] + count["want"] else 1.0


@pytest.mark.parametrize("name", sorted(file.stem for file in FIXTURES.glob("*.yaml")))
def test_figures(name: str) -> None:
    total: Figures = {figure: Counter() for figure in TARGETS}
    for plan in plans(name):
        figures, misses = measure(plan)
        print(f"{plan['name']:40}", *(f"{figure} P {_part(c, 'got')} R {_part(c, 'want')}" for figure, c in figures.items()))
        print(*(f"    {miss}" for miss in misses), sep="\n", end="\n" if misses else "")
        for figure, count in figures.items():
            total[figure].update(count)
    print(f"{name:40}", *(f"{figure} F1 {f1(count):.3f}" for figure, count in total.items()))
    for figure, least in TARGETS.items():
        assert f1(total[figure]) >= least, figure


def _part(count: Counter[str], of: str) -> str:
    return f"{count['hit'] / count[of]:.2f}" if count[of] else "-"
