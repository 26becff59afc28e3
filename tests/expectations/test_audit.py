"""The audit over real Great Expectations: what a verdict depends on, what it leaves behind, and that portals are islands."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import expectations.audit as auditing
from expectations.audit import audit
from expectations.batch import Batch
from expectations.chunk import Case, Chunk
from expectations.history import History
from expectations.suites import fill_rates, freshness, portal_year, sections
from expectations.suites.contract import Check
from expectations.thresholds import load_thresholds
from expectations.validate import Auditor
from expectations.verdict import Verdict, failed, read_verdict
from gongkai.status import RunStatus, Severity
from gongkai.tables import TABLES

pytestmark = pytest.mark.usefixtures("one_auditor")

MakeTown = Callable[..., Any]
SECOND = "20240402T183000Z"


def judge(town: Any) -> Verdict:
    (verdict,) = audit([town.portal], layout=town.layout)
    return verdict


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor()


def results(town: Any) -> list[dict[str, Any]]:
    return pq.read_table(town.layout.silver("audit_result", town.portal.id, town.run_id), partitioning=None).to_pylist()


def meanings(verdict: Verdict, severity: Severity) -> set[str]:
    return {r.meaning for r in verdict.failed(severity)}


def test_good_batch_passes_every_rule(town: MakeTown) -> None:
    made = town().write()
    verdict = judge(made)
    assert verdict.passed
    assert verdict.failures == ()
    rows = results(made)
    assert len(rows) == verdict.asked > 100
    assert [r["seq"] for r in rows] == list(range(len(rows)))
    assert {r["suite"] for r in rows} >= {
        "batch",
        "sections",
        "listing",
        "notices",
        "documents",
        "plan_tasks.tasks",
        "report_checks",
        "portal_year",
    }
    assert read_verdict(made.layout.verdict("gd-li", made.run_id)) == verdict


def test_evidence_lies_in_silver_with_the_table_schemas(town: MakeTown) -> None:
    made = town()
    made.rows["notice"][0]["title"] = "\ufffd\ufffd"
    verdict = judge(made.write())
    table = pq.read_table(made.layout.silver("audit_result", "gd-li", made.run_id), partitioning=None)
    assert table.schema.equals(TABLES["audit_result"].schema)
    assert table.num_rows == verdict.asked
    (bad,) = [r for r in table.to_pylist() if r["meaning"] == "no title at all is empty or garbled"]
    assert (bad["severity"], bad["success"], bad["observed"]) == ("warning", False, "1 of 4 rows offend")
    assert made.rows["notice"][0]["notice_id"] in bad["failing"][0]
    cells = pq.read_table(made.layout.silver("completeness", "gd-li", made.run_id), partitioning=None).to_pylist()
    assert {(c["genre"], c["year"]): c["state"] for c in cells} == {
        ("work_plan", 2023): "found",
        ("work_plan", 2024): "found",
        ("annual_report", 2022): "found",
        ("annual_report", 2023): "found",
    }


def test_plan_whose_attachment_is_owed_is_unseen_not_empty(town: MakeTown) -> None:
    made = town()
    for table in ("plan_task", "task_unit", "task_deadline"):
        made.rows[table].clear()
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
    assert "extra is unknown" in judge(made).results[0].observed


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
    for table in ("plan_task", "task_unit", "task_deadline"):
        made.rows[table].clear()
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


def test_a_matrix_or_frame_of_ours_without_its_rows_is_refused(town: MakeTown, auditor: Auditor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules that no data can break: a mistake in our own frames does."""
    made = town().write()
    batch, history = Batch(made.portal, made.run_id, made.layout), History()
    history.add(batch)
    case, limits = Case.of(batch, history), load_thresholds()

    def broken(suite: Any, changed: Case = case) -> set[str]:
        return {r.meaning for r in failed(auditor.run("gd-li", made.run_id, suite.checks(Chunk([changed], limits))), Severity.CRITICAL)}

    assert broken(portal_year) == set()
    assert broken(portal_year, replace(case, cells=[])) == {"the matrix has a cell for every year the registry expects"}
    assert broken(portal_year, replace(case, cells=[*case.cells, case.cells[0]])) == {"one cell a genre and year"}
    wrong = replace(case.cells[0], state="guess")  # type: ignore[arg-type]
    assert broken(portal_year, replace(case, cells=[wrong, *case.cells[1:]])) == {"states are of the vocabulary"}
    monkeypatch.setattr(Chunk, "table", staticmethod(lambda columns, rows: pd.DataFrame(columns=list(columns))))
    assert broken(sections) == {"every section of the registry is judged"}
    assert broken(fill_rates) == {"every field of every section with new notices is measured"}
    case.batch.kinds["新闻"] = "news"
    assert broken(freshness) == {"every section of a kind with an expected rhythm is judged"}


def test_a_suite_without_row_count_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="no row count, and no reason"):
        Check("s", pd.DataFrame({"batch": [0]}), ("a",), ())
    with pytest.raises(ValueError, match="which batch"):
        Check("s", pd.DataFrame({"a": [0]}), ("a",), (), may_be_empty="it may")


def test_data_that_defeats_a_suite_cost_their_own_batch_only(town: MakeTown, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [town(f"gd-{n}").write() for n in range(5)]
    real = Chunk.frame

    def frame(self: Chunk, table: str) -> pd.DataFrame:
        if any(case.batch.portal.id == "gd-3" for case in self.cases):
            raise OverflowError("date out of range")
        return real(self, table)

    monkeypatch.setattr(Chunk, "frame", frame)
    verdicts = audit([t.portal for t in made], layout=made[0].layout)
    assert [v.passed for v in verdicts] == [True, True, True, False, True]
    assert verdicts[3].results[0].observed == "cannot be judged: OverflowError('date out of range')"


def test_judged_in_small_chunks_or_alone_the_verdicts_are_the_same(town: MakeTown, monkeypatch: pytest.MonkeyPatch) -> None:
    first = [town(f"gd-{n}") for n in range(3)]
    first[1].rows["plan_task"].clear()
    second = [town(f"gd-{n}", SECOND) for n in range(3)]
    second[2].rows["notice"][0].update(title="\ufffd", doc_number="例政办发〔2024〕1号")
    made = [t.write() for t in (*first, *second)]
    portals, layout = [t.portal for t in first], made[0].layout
    files = [p for t in made for p in (layout.verdict(t.portal.id, t.run_id), layout.silver("audit_result", t.portal.id, t.run_id))]
    audit(portals, layout=layout)
    together = [path.read_bytes() for path in files]
    for most, order in ((1, portals), (2, portals[::-1])):
        for path in files:
            path.unlink()
        monkeypatch.setattr(auditing, "_TOGETHER", most)
        for portal in order:
            audit([portal], layout=layout)
        assert [path.read_bytes() for path in files] == together
    for path in files:
        path.unlink()
    audit(portals, layout=layout)  # a chunk ends within a portal
    assert [path.read_bytes() for path in files] == together
