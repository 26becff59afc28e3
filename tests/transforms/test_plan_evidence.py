"""Whatever was read of a plan is printed where its span says: tasks, units, deadlines, citations, obligations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_plan_reader import PLANS, SHARED, read

from gongkai.records.document import Citation, Obligation, PlanTask
from transforms.citations import read_citations
from transforms.obligations import read_obligations
from transforms.parse import parse
from transforms.script import fold


def prove(text: str, tasks: list[PlanTask], citations: list[Citation], obligations: list[Obligation]) -> None:
    """Every span holds what was read, and the lists of a task agree with its summary."""
    for task in tasks:
        assert text[task.start : task.end] == task.text
        assert [unit.name for unit in task.units if unit.role == "lead"] == task.lead_units
        assert [unit.name for unit in task.units if unit.role == "support"] == task.support_units
        for unit in task.units:
            assert text[unit.start : unit.end] == unit.printed
            assert unit.printed == unit.printed.strip() != ""
            assert _bare(unit.name).endswith(_bare(unit.printed))
        for limit in task.deadlines:
            assert text[limit.start : limit.end] == limit.raw
            assert limit.raw.strip()
        starts = [limit.start for limit in task.deadlines]
        assert starts == sorted(set(starts))
        assert bool(task.deadlines) == (task.deadline_type != "none") == (task.deadline_raw is not None)
        assert task.due_date in {limit.due_date for limit in task.deadlines} | {None}
    for cited in citations:
        printed = _bare(fold(text[cited.start : cited.end])[0])
        assert _bare(fold(cited.title or "")[0]) in printed or _digits(cited.doc_number) in printed
    for duty in obligations:
        assert text[duty.start : duty.end] == duty.raw != ""


def _bare(text: str) -> str:
    return "".join(text.split())


def _digits(number: str | None) -> str:
    return (number or "").rpartition("〕")[2]


@pytest.mark.parametrize("plan", PLANS, ids=[plan["name"] for plan in PLANS])
def test_every_span_of_a_fixture_is_what_was_read(plan: dict[str, Any]) -> None:
    body, reading = read(plan)
    citations = read_citations(body, titles=(None, None), own_number=None, issuer=plan.get("region"), attachments=[])
    prove(body.text, reading.tasks, citations, read_obligations(body, year=plan["plan_year"]))


@pytest.mark.real
@pytest.mark.parametrize(
    "name",
    ["000_6324a25c95f10dc0.txt", "001_31379037575ba617.txt", "003_04969230b5e700cb.txt", "004_e16a431eec4ca6f3.txt", "pages"],
)
def test_every_span_of_a_real_plan_is_what_was_read(name: str) -> None:
    place: Path = SHARED / "documents" / name
    if not place.exists():
        pytest.skip("../shared/documents is not here")
    for path in sorted(place.glob("*.txt")) if place.is_dir() else [place]:
        parsed = parse(path.read_bytes(), name=path.name)
        prove(parsed.body_text, parsed.tasks, parsed.citations, parsed.obligations)
