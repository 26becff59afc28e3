"""The audit stage: outcomes in the ledger, one portal at a time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gongkai.layout import Layout
from gongkai.ledger import read_outcome
from gongkai.settings import Settings
from gongkai.status import RunStatus
from stages.audit import audit
from stages.context import RunContext

MakeTown = Callable[..., Any]
FIRST, SECOND = "20240401T183000Z", "20240402T183000Z"


def context(*towns: Any, run_id: str = FIRST) -> RunContext:
    layout: Layout = towns[0].layout
    return RunContext(
        Settings(home=layout.home), layout, {t.portal.id: t.portal for t in towns}, run_id, datetime(2024, 4, 1, 19, tzinfo=UTC)
    )


def test_outcomes_are_recorded_and_docs_are_built(town: MakeTown) -> None:
    good, bad, absent = town("gd-a"), town("gd-b"), town("gd-c")
    for table in ("plan_task", "task_unit", "task_deadline"):
        bad.rows[table].clear()
    ctx = context(good.write(), bad.write(), absent)
    outcomes = audit(["gd-a", "gd-b", "gd-c"], ctx)
    assert [o.status for o in outcomes] == [RunStatus.COMPLETE, RunStatus.QUARANTINED, RunStatus.BROKEN]
    assert outcomes[0].reasons == []
    assert outcomes[0].counts["critical"] == outcomes[0].counts["warning"] == 0
    assert outcomes[0].counts["expectations"] > 50
    assert outcomes[1].counts["critical"] == 1
    assert outcomes[1].reasons == [f"run {FIRST} refused: plan_tasks.plans: most plans have a task (2 of 2 rows offend)"]
    assert outcomes[2].reasons[0].startswith("no silver batch")
    assert [read_outcome(p) for p in ctx.layout.outcomes(FIRST) if p.stem == "audit"] == outcomes
    assert (ctx.layout.docs / "gd-b.html").exists()


def test_rerun_says_the_same(town: MakeTown) -> None:
    made = town().write()
    ctx = context(made)
    (first,), (second,) = audit(["gd-li"], ctx), audit(["gd-li"], ctx)
    assert replace(second, started_at=first.started_at, finished_at=first.finished_at) == first


@pytest.mark.parametrize(("rows", "status"), [(True, RunStatus.QUARANTINED), (False, RunStatus.COMPLETE)])
def test_a_refusal_is_told_every_night_while_it_holds_notices_back(rows: bool, status: RunStatus, town: MakeTown) -> None:
    """An old refused batch without any notice hides nothing from readers; one with notices does until somebody acts."""
    first = town(fill=rows)
    first.rows["plan_task"].clear()
    first.write()
    assert audit(["gd-li"], context(first))[0].status is RunStatus.QUARANTINED
    second = town(run_id=SECOND).write()
    (outcome,) = audit(["gd-li"], context(second, run_id=SECOND))
    assert (outcome.status, outcome.counts["batches"], outcome.counts["critical"]) == (status, 1, 0)


def test_command_line_and_dags_do_not_pay_for_the_library() -> None:
    code = "import sys, stages.audit; raise SystemExit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=300).returncode == 0
