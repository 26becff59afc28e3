"""The audit over real Great Expectations: good data passes, data spoiled in one place fails in that place, portals are islands."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from expectations.audit import audit
from expectations.batch import Batch, History
from expectations.suites import portal_year
from expectations.suites.batch import checks
from expectations.suites.contract import Case, Check
from expectations.suites.rules import rows_exactly, unique
from expectations.thresholds import load_thresholds
from expectations.validate import Auditor
from expectations.verdict import Verdict, failed, read_verdict
from gongkai.status import RunStatus, Severity
from gongkai.tables import TABLES

MakeTown = Callable[..., Any]
SECOND = "20240402T183000Z"


def judge(town: Any) -> Verdict:
    (verdict,) = audit([town.portal], layout=town.layout)
    return verdict


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor()


def broken_rules(auditor: Auditor, town: Any, meaning: str, severity: Severity) -> set[str]:
    """Rules of this severity that fail in the suites that ask `meaning`; the other suites are left out, for time."""
    batch, history = Batch(town.portal, town.run_id, town.layout), History()
    history.add(batch)
    asked = [c for c in checks(Case.of(batch, history, load_thresholds())) if meaning in {e.description for e in c.expectations}]
    assert asked
    return {r.meaning for r in failed(auditor.run(town.portal.id, town.run_id, asked), severity)}


def meanings(verdict: Verdict, severity: Severity) -> set[str]:
    return {r.meaning for r in verdict.failed(severity)}


def test_good_batch_passes_every_rule(town: MakeTown) -> None:
    made = town().write()
    verdict = judge(made)
    assert verdict.passed
    assert [r.meaning for r in verdict.results if not r.success] == []
    assert {r.suite for r in verdict.results} == {
        "sections",
        "listing",
        "notices",
        "documents",
        "plan_tasks.plans",
        "plan_tasks.tasks",
        "report_metrics.reports",
        "report_metrics.metrics",
        "portal_year",
    }
    for suite in {r.suite for r in verdict.results}:
        assert any(r.suite == suite and r.expectation.startswith("expect_table_row_count") for r in verdict.results)
    assert read_verdict(made.layout.verdict("gd-li", made.run_id)) == verdict


def test_evidence_lies_in_silver_with_the_table_schemas(town: MakeTown) -> None:
    made = town()
    made.rows["notice"][0]["title"] = "\ufffd\ufffd"
    verdict = judge(made.write())
    results = pq.read_table(made.layout.silver("audit_result", "gd-li", made.run_id), partitioning=None)
    assert results.schema.equals(TABLES["audit_result"].schema)
    assert results.num_rows == len(verdict.results)
    (bad,) = [r for r in results.to_pylist() if r["meaning"] == "no title at all is empty or garbled"]
    assert (bad["severity"], bad["success"], bad["observed"]) == ("warning", False, "1 of 4 rows offend")
    assert made.rows["notice"][0]["notice_id"] in bad["failing"][0]
    cells = pq.read_table(made.layout.silver("completeness", "gd-li", made.run_id), partitioning=None).to_pylist()
    assert {(c["genre"], c["year"]): c["state"] for c in cells} == {
        ("work_plan", 2023): "found",
        ("work_plan", 2024): "found",
        ("annual_report", 2022): "found",
        ("annual_report", 2023): "found",
    }


def _drop(table: str) -> Callable[[Any], object]:
    return lambda t: t.rows[table].clear()


def _set(table: str, **values: Any) -> Callable[[Any], object]:
    return lambda t: [row.update(values) for row in t.rows[table]]


def _double(table: str) -> Callable[[Any], object]:
    return lambda t: t.rows[table].append(dict(t.rows[table][0]))


CRITICAL: dict[str, Callable[[Any], object]] = {
    "a crawl that met the portal walked a section": _drop("section_outcome"),
    "one outcome a section": _double("section_outcome"),
    "rows counted are the rows kept": _set("section_outcome", rows_seen=9),
    "each section was walked whole": _set("section_outcome", complete=False),
    "no row less than the portal declares": _set("section_outcome", declared_total=3),
    "a portal that is not empty lists something": _drop("list_entry"),
    "one row a place in the listing": _double("list_entry"),
    "as many notices as the crawl's ledger says it wrote": lambda t: setattr(t, "written", 5),
    "one row a version of a notice": _double("notice"),
    "rows belong to this portal": _set("notice", portal_id="gd-other"),
    "rows belong to this run": _set("notice", run_id=SECOND),
    "each notice has its web address": _set("notice", url="javascript:void(0)"),
    "each notice's archive file is there, its payload has a digest": _set("notice", warc_file="gone.warc.gz"),
    "titles are there and not garbled (U+FFFD)": _set("notice", title="\ufffd"),
    "most notices could be read as documents": _drop("document"),
    "one row a document": _double("document"),
    "each document belongs to a notice of the batch": _set("document", notice_id="nobody"),
    "genres are of the vocabulary": _set("document", genre="poem"),
    "new notices in plan sections hold at least one plan": lambda t: (
        (
            t.plan(2022, date(2022, 5, 4)),
            [d.update(genre="other") for d in t.rows["document"]],
        )
    ),
    "new notices in report sections hold at least one annual report": lambda t: (
        (
            t.report(2021, date(2022, 1, 4)),
            [d.update(genre="other") for d in t.rows["document"]],
        )
    ),
    "most plans have a task": _drop("plan_task"),
    "one row a task": _double("plan_task"),
    "each task belongs to a document of the batch": _set("plan_task", document_id="nobody"),
    "tasks have text": _set("plan_task", text=""),
    "the text at a task's span is the task": _set("plan_task", span_start=0),
    "the units and deadlines of a task stand at their spans": _set("task_unit", span_start=0),
    "most reports have a figure": _drop("metric_value"),
    "one row a figure": _double("metric_value"),
    "each figure belongs to a document of the batch": _set("metric_value", document_id="nobody"),
    "states are of the vocabulary": _set("metric_value", state="guess"),
    "a value stands exactly where the state says so: blank is never zero": _set("metric_value", state="blank", value=Decimal(0)),
    "the text at a figure's span is what was read": _set("metric_value", raw="99件"),
}


@pytest.mark.parametrize("meaning", CRITICAL)
def test_each_critical_rule_refuses_data_made_to_break_it(meaning: str, town: MakeTown, auditor: Auditor) -> None:
    made = town()
    CRITICAL[meaning](made)
    assert meaning in broken_rules(auditor, made.write(), meaning, Severity.CRITICAL)


def test_a_file_that_lost_rows_after_the_commit_is_refused(town: MakeTown) -> None:
    made = town().write()
    for table in ("document", "plan_task", "metric_value"):
        pq.write_table(TABLES[table].arrow(made.rows[table][:1]), made.layout.silver(table, "gd-li", made.run_id))
    assert {
        "as many documents as extract committed",
        "as many tasks as extract committed",
        "as many figures as extract committed",
    } <= meanings(judge(made), Severity.CRITICAL)


def _unread(town: Any, place: int, facts: str) -> None:
    """A document without facts, one part of which could not be read."""
    document = town.rows["document"][place]
    town.finding(document, "D-READ", "error")
    town.rows[facts] = [row for row in town.rows[facts] if row["document_id"] != document["document_id"]]


WARNINGS: dict[str, Callable[[Any], object]] = {
    "every section of the registry was walked": lambda t: t.rows["section_outcome"].pop(),
    "rows lead to web addresses": _set("list_entry", url="javascript:void(0)"),
    "rows have titles": _set("list_entry", title=""),
    "dates are not before government portals and not in the future": _set("list_entry", date=date(2024, 5, 1)),
    "notices have a date": _set("notice", list_date=None, published_at="昨天"),
    "notices come from walked sections": _set("notice", section="别处"),
    "every notice could be read as a document": lambda t: t.notice("工作要点", "图片", date(2024, 1, 1), "", read=False),
    "documents have text": _set("document", body_text=""),
    "plans and reports name their year": _set("document", plan_year=None),
    "years of plans and reports are plausible": _set("document", plan_year=3023),
    "every plan has a task": lambda t: t.rows["plan_task"].pop(),
    "every plan's pages and attachments could be seen": lambda t: _unread(t, 0, "plan_task"),
    "every report's pages and attachments could be seen": lambda t: _unread(t, 2, "metric_value"),
    "tasks agree with the number the plan declares (P-COUNT)": lambda t: t.finding(t.rows["document"][0], "P-COUNT", "warning"),
    "every report has a figure": lambda t: (t.rows["metric_value"].pop(), t.rows["metric_value"].pop()),
    "every cell of the report's form was found (Q-FULL)": lambda t: t.finding(t.rows["document"][2], "Q-FULL", "error"),
    "no plan or report is missing": lambda t: (t.rows["document"].pop(2), t.rows["list_entry"].pop(2)),
}


@pytest.mark.parametrize("meaning", WARNINGS)
def test_each_warning_flags_data_made_to_raise_it(meaning: str, town: MakeTown, auditor: Auditor) -> None:
    made = town()
    WARNINGS[meaning](made)
    assert meaning in broken_rules(auditor, made.write(), meaning, Severity.WARNING)


def test_partial_crawl_is_flagged_and_published(town: MakeTown) -> None:
    """A run that says itself that rows are missing keeps its good ones."""
    made = town()
    made.status = RunStatus.PARTIAL
    for section in made.rows["section_outcome"]:
        section.update(complete=False, declared_total=30)
    verdict = judge(made.write())
    assert verdict.passed
    assert {"each section was walked whole", "no row less than the portal declares"} <= meanings(verdict, Severity.WARNING)


def test_plan_whose_attachment_is_owed_is_unseen_not_empty(town: MakeTown) -> None:
    made = town()
    made.rows["plan_task"].clear()
    for document in made.rows["document"][:2]:
        made.attachment(document, "failed")
    verdict = judge(made.write())
    assert verdict.passed
    assert "every plan's pages and attachments could be seen" in meanings(verdict, Severity.WARNING)


@pytest.mark.parametrize("status", [RunStatus.BLOCKED, RunStatus.UNREACHABLE, RunStatus.WRONG_SITE])
def test_a_portal_that_was_not_met_has_an_empty_batch_that_accuses_nobody(status: RunStatus, town: MakeTown) -> None:
    made = town(fill=False)
    made.status = status
    verdict = judge(made.write())
    assert verdict.passed
    assert meanings(verdict, Severity.WARNING) == set()
    cells = pq.read_table(made.layout.silver("completeness", "gd-li", made.run_id), partitioning=None)["state"].to_pylist()
    assert sorted(cells) == ["cannot_see", "cannot_see", "cannot_see", "expected"]


@pytest.mark.parametrize("status", [RunStatus.COMPLETE, RunStatus.PARTIAL])
def test_an_empty_batch_that_claims_to_have_seen_the_portal_is_refused(status: RunStatus, town: MakeTown) -> None:
    made = town(fill=False)
    made.status = status
    verdict = judge(made.write())
    assert meanings(verdict, Severity.CRITICAL) == {
        "a crawl that met the portal walked a section",
        "a portal that is not empty lists something",
    }


def test_unchanged_second_night_passes_and_remembers_the_first(town: MakeTown) -> None:
    made = town().write()
    again = town(run_id=SECOND)
    for table in again.rows:
        if table not in ("list_entry", "section_outcome"):
            again.rows[table].clear()
    again.write()
    first, second = audit([made.portal], layout=made.layout)
    assert (first.run_id, second.run_id) == (made.run_id, SECOND)
    assert second.passed
    assert meanings(second, Severity.WARNING) == set()  # the matrix knows the first night's documents
    assert second.notices == 0


def test_a_listing_that_shrank_is_flagged(town: MakeTown) -> None:
    made = town().write()
    later = town(run_id=SECOND, fill=False)
    later.plan(2024, date(2024, 3, 8))
    later.report(2023, date(2024, 1, 22))
    later.sections().write()
    _, second = audit([made.portal], layout=made.layout)
    assert second.passed
    assert meanings(second, Severity.WARNING) == {"the listing did not shrink since its last whole walk"}


def test_one_portals_failure_leaves_the_others_alone(town: MakeTown) -> None:
    good, bad, broken, late = town("gd-a"), town("gd-b"), town("gd-c"), town("gd-d")
    bad.rows["notice"].append(dict(bad.rows["notice"][0]))
    for made in (good, bad, broken, late):
        made.write()
    broken.layout.silver("document", "gd-c", broken.run_id).write_bytes(b"PAR1 not really")
    verdicts = audit([t.portal for t in (good, bad, broken, late)], layout=good.layout)
    assert [(v.portal_id, v.passed) for v in verdicts] == [("gd-a", True), ("gd-b", False), ("gd-c", False), ("gd-d", True)]
    assert verdicts[2].results[0].meaning.startswith("the batch's files are whole")
    broken.write()  # the same bytes, so the same digest: it must be judged again all the same
    assert [v.passed for v in audit([broken.portal], layout=good.layout)] == [True]


def test_wrong_columns_are_refused(town: MakeTown) -> None:
    made = town().write()
    table = TABLES["notice"].arrow(made.rows["notice"]).append_column("extra", [["x"] * 4])
    pq.write_table(table, made.layout.silver("notice", "gd-li", made.run_id))
    assert "columns or types" in judge(made).results[0].observed


def test_verdict_stands_until_the_rows_change(town: MakeTown) -> None:
    made = town().write()
    judge(made)
    path = made.layout.verdict("gd-li", made.run_id)
    before = path.read_bytes()
    assert audit([made.portal], layout=made.layout) == []
    path.unlink()
    judge(made)
    assert path.read_bytes() == before  # no clock, no chance in it
    path.write_text('{"portal_id": "gd-li"}')  # another version's form
    judge(made)
    assert path.read_bytes() == before
    made.rows["plan_task"][0]["lead_units"] = ["市司法局"]
    made.write()
    assert judge(made).passed
    assert path.read_bytes() != before


def test_refused_batch_is_judged_again_when_the_bounds_change(town: MakeTown) -> None:
    made = town()
    made.rows["plan_task"].clear()
    made.write()
    assert not judge(made).passed
    assert audit([made.portal], layout=made.layout) == []
    limits = replace(load_thresholds(), plans_with_tasks=0.0, edition="other")
    (verdict,) = audit([made.portal], layout=made.layout, limits=limits)
    assert verdict.passed


def test_ledger_row_lost_by_a_kill_is_found_in_the_archive_folder(town: MakeTown) -> None:
    made = town().write()
    row = made.layout.outcome(made.run_id, "gd-li", "crawl")
    row.rename(made.layout.raw_run("gd-li", made.run_id) / "outcome.json")
    assert judge(made).passed


def test_without_any_crawl_outcome_nothing_is_believed(town: MakeTown) -> None:
    made = town().write()
    made.layout.outcome(made.run_id, "gd-li", "crawl").unlink()
    assert "ledger holds no crawl outcome" in judge(made).results[0].observed


def test_library_is_loaded_late_without_telemetry_and_without_network(town: MakeTown) -> None:
    """In a fresh process that was told to send telemetry, with every socket forbidden."""
    made = town().write()
    code = textwrap.dedent(
        f"""
        import os, socket, sys
        from pathlib import Path
        from expectations.audit import audit
        from gongkai.layout import Layout
        from gongkai.registry import Portal
        assert "great_expectations" not in sys.modules and "pandas" in sys.modules
        def refuse(*args, **kwargs):
            raise SystemExit(f"network: {{args}}")
        socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
        portal = Portal.model_validate_json({made.portal.model_dump_json()!r})
        (verdict,) = audit([portal], layout=Layout(Path({str(made.layout.home)!r})))
        assert "great_expectations" in sys.modules and os.environ["GX_ANALYTICS_ENABLED"] == "False"
        assert audit([portal], layout=Layout(Path({str(made.layout.home)!r}))) == []
        print(verdict.passed)
        """
    )
    environment = os.environ | {"GX_ANALYTICS_ENABLED": "True"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False, timeout=300)
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr
    assert "Calculating" not in done.stderr


def test_every_rule_has_data_that_breaks_it(town: MakeTown) -> None:
    """A rule that no data can break protects nobody; those named here are broken in tests of their own."""
    elsewhere = {
        "as many documents as extract committed",
        "as many tasks as extract committed",
        "as many figures as extract committed",
        "the listing did not shrink since its last whole walk",
        "the matrix has a cell for every year the registry expects",
        "one cell a genre and year",
    }
    made = town().write()
    batch, history = Batch(made.portal, made.run_id, made.layout), History()
    history.add(batch)
    case = Case.of(batch, history, load_thresholds())
    asked = {e.description for c in checks(case) for e in c.expectations if e.severity.value != "info"}
    assert asked - set(CRITICAL) - set(WARNINGS) == elsewhere | {"no title at all is empty or garbled"}


def test_matrix_without_its_cells_is_refused(town: MakeTown, auditor: Auditor) -> None:
    made = town().write()
    batch, history = Batch(made.portal, made.run_id, made.layout), History()
    history.add(batch)
    case = Case.of(batch, history, load_thresholds())
    for cells, meaning in (
        ([], "the matrix has a cell for every year the registry expects"),
        ([*case.cells, case.cells[0]], "one cell a genre and year"),
        ([replace(case.cells[0], state="guess"), *case.cells[1:]], "states are of the vocabulary"),
    ):
        results = auditor.run("gd-li", made.run_id, portal_year.checks(replace(case, cells=cells)))
        assert {r.meaning for r in failed(results, Severity.CRITICAL)} == {meaning}


def test_a_suite_without_row_count_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="no row-count"):
        Check("s", pd.DataFrame({"a": [1]}), ("a",), (unique(Severity.CRITICAL, "one", "a"),))


def test_a_rule_that_cannot_be_computed_is_critical(auditor: Auditor) -> None:
    frame = pd.DataFrame({"a": [1]})
    expectations = (rows_exactly(Severity.INFO, "one row", 1), unique(Severity.INFO, "of a column that is not there", "b"))
    good, bad = sorted(auditor.run("gd-li", "r", [Check("s", frame, ("a",), expectations)]), key=lambda r: not r.success)
    assert (good.success, bad.success, bad.severity) == (True, False, "critical")
    assert bad.observed.startswith("could not be computed: ")
