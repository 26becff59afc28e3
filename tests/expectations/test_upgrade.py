"""An upgrade of Great Expectations that disables validation: whatever the library then answers, no batch passes and nothing is published.

Each fault stands for something a release did, to us or to others: it swallows exceptions, answers `success` to everything, answers less
than it was asked, or in another form. That every rule of every suite finds its own fault is shown in test_rules.py and
test_warehouse_audit.py.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from great_expectations.datasource.fluent.interfaces import Batch

from expectations import canary, suites
from expectations.custom import ExpectValueToBeWithinOwnBounds
from expectations.suites import rules
from expectations.suites.contract import Check
from expectations.suites.rules import WARNING
from expectations.validate import Auditor
from expectations.verdict import LibraryUnsound
from gongkai.errors import WarehouseError
from gongkai.settings import Settings
from stages.audit import audit, audit_whole
from stages.context import RunContext
from stages.load import load
from warehouse.publish import publish

MakeTown = Callable[..., Any]
RUN = "20240401T183000Z"
NOW = datetime(2024, 4, 1, 19, tzinfo=UTC)
_RAISED = {"raised_exception": True, "exception_message": "no such metric", "exception_traceback": ""}


def _each(change: Callable[[Any], object]) -> Callable[[Any], None]:
    def spoil(outcome: Any) -> None:
        for result in outcome.results:
            change(result)

    return spoil


def _renamed(result: Any) -> None:
    if "unexpected_index_list" in result.result:
        result.result["unexpected_rows"] = result.result.pop("unexpected_index_list")


def _shifted(result: Any) -> None:
    if "unexpected_index_list" in result.result:
        result.result["unexpected_index_list"] = [n + 1 for n in result.result["unexpected_index_list"]]


def _doubled(outcome: Any) -> None:
    outcome.results[0] = outcome.results[-1]


def _raise(outcome: Any) -> None:
    raise TypeError("validate() got an unexpected keyword argument 'result_format'")


FAULTS: dict[str, Callable[[Any], object]] = {
    "says yes to everything": _each(lambda r: setattr(r, "success", True)),
    "says neither yes nor no": _each(lambda r: setattr(r, "success", None)),
    "says it in a word": _each(lambda r: setattr(r, "success", "failed")),
    "says yes where it raised": _each(lambda r: (setattr(r, "success", True), setattr(r, "exception_info", _RAISED))),
    "raises instead of answering": _raise,
    "answers nothing": lambda outcome: outcome.results.clear(),
    "answers less": lambda outcome: outcome.results.pop(),
    "answers one question twice": _doubled,
    "forgets our mark": _each(lambda r: setattr(r.expectation_config, "meta", None)),
    "names no rows": _each(lambda r: r.result.clear()),
    "names rows in another place": _each(_renamed),
    "names other rows": _each(_shifted),
}
LATE = [name for name in FAULTS if name not in ("says yes to everything", "names other rows")]
"""Faults that are found even where the library's answers to the canaries were right."""


def break_library(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    real = Batch.validate

    def validate(self: Batch, *args: Any, **kwargs: Any) -> Any:
        outcome = real(self, *args, **kwargs)
        FAULTS[fault](outcome)
        return outcome

    monkeypatch.setattr(Batch, "validate", validate)


def night(*towns: Any) -> RunContext:
    layout = towns[0].layout
    return RunContext(Settings(home=layout.home), layout, {t.portal.id: t.portal for t in towns}, RUN, NOW)


def good_and_bad(town: MakeTown) -> RunContext:
    good, bad = town("gd-a"), town("gd-b")
    bad.rows["plan_task"].clear()
    return night(good.write(), bad.write())


def nothing_passed(ctx: RunContext) -> bool:
    return not ctx.layout.audited() and [p for p in ctx.layout.outcomes(RUN) if p.stem == "audit"] == []


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor()


@pytest.mark.parametrize("fault", FAULTS)
def test_no_auditor_comes_of_a_library_that_no_longer_finds_faults(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    break_library(monkeypatch, fault)
    with pytest.raises(LibraryUnsound, match="Great Expectations"):
        Auditor()


@pytest.mark.parametrize("fault", LATE)
def test_answers_that_go_wrong_after_the_canaries_are_no_pass(fault: str, auditor: Auditor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of warning severity that could not be computed is critical: nobody knows what it hides."""
    frame = pd.DataFrame({"batch": [0, 1, 1], "a": [True, True, False]})
    check = Check("s", frame, ("a",), (), (rules.holds(WARNING, "m", "a"), rules.present(WARNING, "m", "a")), may_be_empty="a test")
    break_library(monkeypatch, fault)
    if fault == "says yes where it raised":
        told = [answer.result for batch in auditor.judge([check], [("gd-a", RUN), ("gd-b", RUN)]) for answer in batch]
        assert [(r.success, r.severity, r.observed) for r in told] == [(False, "critical", "could not be computed: no such metric")] * 4
        return
    with pytest.raises((LibraryUnsound, TypeError)):
        auditor.judge([check], [("gd-a", RUN), ("gd-b", RUN)])


def test_the_stage_fails_and_judges_nobody(town: MakeTown, monkeypatch: pytest.MonkeyPatch) -> None:
    """One error that names the library, no verdict at all (neither for nor against a batch), nothing to load."""
    ctx = good_and_bad(town)
    break_library(monkeypatch, "says yes to everything")
    with pytest.raises(LibraryUnsound, match=r"Great Expectations \d.*of rows \[1, 2\] that are bad: rows \[\]"):
        audit(["gd-a", "gd-b"], ctx)
    assert nothing_passed(ctx)
    assert load(ctx).batches == []


@pytest.mark.parametrize("fault", ["answers less", "raises instead of answering"])
def test_the_stage_passes_no_batch_on_answers_that_go_wrong_late(fault: str, town: MakeTown, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the library raises could be the data's fault, so it costs each batch that has it; a missing answer is the library's."""
    ctx = good_and_bad(town)
    prove = Auditor._prove

    def proved_then_broken(self: Auditor) -> None:
        prove(self)
        break_library(monkeypatch, fault)

    monkeypatch.setattr(Auditor, "_prove", proved_then_broken)
    if fault == "answers less":
        with pytest.raises(LibraryUnsound, match="Great Expectations gave"):
            audit(["gd-a", "gd-b"], ctx)
        assert nothing_passed(ctx)
    else:
        outcomes = audit(["gd-a", "gd-b"], ctx)
        assert [(o.status.value, "cannot be judged: TypeError" in o.reasons[0]) for o in outcomes] == [("quarantined", True)] * 2


def test_an_expectation_that_the_library_no_longer_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExpectValueToBeWithinOwnBounds, "map_metric", "multicolumn_values.forgotten")
    with pytest.raises(LibraryUnsound, match="does not work as it did: MetricProviderError"):
        Auditor()


def test_suites_that_ask_nothing(town: MakeTown, monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = good_and_bad(town)
    monkeypatch.setattr("expectations.suites.batch.checks", lambda chunk: [])
    with pytest.raises(LibraryUnsound, match="no suite said anything"):
        audit(["gd-a", "gd-b"], ctx)
    assert nothing_passed(ctx)


@pytest.mark.parametrize("fault", ["absent", "says yes to everything"])
def test_a_warehouse_that_nobody_could_judge_is_not_published(fault: str, town: MakeTown, monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = night(town().write())
    audit(["gd-li"], ctx)
    assert [batch.portal_id for batch in load(ctx).batches] == ["gd-li"]
    with ctx.engine.writing() as connection:  # as if the marts had been built
        connection.execute("CREATE SCHEMA mart")
        connection.execute("INSERT INTO silver.mart_build VALUES ($1, now(), now())", date(2024, 4, 2))
    if fault == "absent":
        monkeypatch.setitem(sys.modules, "expectations.validate", None)
    else:
        break_library(monkeypatch, fault)
    with pytest.raises((LibraryUnsound, ImportError)):
        audit_whole(ctx)
    with pytest.raises(WarehouseError, match="not published"):
        publish(ctx.engine, run_id=RUN, now=NOW)
    with ctx.engine.published() as seen:
        assert seen is None


def test_a_library_that_cannot_be_imported_judges_nobody(town: MakeTown, monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = good_and_bad(town)
    monkeypatch.setitem(sys.modules, "expectations.validate", None)
    with pytest.raises(ImportError):
        audit(["gd-a", "gd-b"], ctx)
    assert nothing_passed(ctx)


def test_every_kind_of_rule_has_its_canary() -> None:
    made = {name for name, value in vars(rules).items() if inspect.isfunction(value) and value.__annotations__.get("return") == "Rule"}
    offended = {rule.fingerprint: bad for rule, bad in canary.CANARIES if bad}
    assert len(made) == len(offended) == len(canary.CANARIES) - 1
    assert all(len(bad) < len(canary.FRAME) for bad in offended.values())


def test_every_suite_module_is_asked() -> None:
    modules = [importlib.import_module(f"expectations.suites.{m.name}") for m in pkgutil.iter_modules(suites.__path__)]
    makers = {m.__name__ for m in modules if hasattr(m, "checks")} - {"expectations.suites.batch"}
    batch = importlib.import_module("expectations.suites.batch")
    assert makers == {value.__name__ for value in vars(batch).values() if inspect.ismodule(value)}
