"""Three nights through load, dbt build and publish; then the questions that the marts answer."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from silver_night import FIRST, NOW, SECOND, THIRD, batch, filled, outcome, portal, write

from gongkai.errors import WarehouseError
from gongkai.layout import Layout
from gongkai.status import RunStatus
from warehouse import marts
from warehouse.compare import content, differences
from warehouse.load import load
from warehouse.publish import publish, withhold
from warehouse.summary import night_summary, published_run

PORTALS = [portal("lishi"), portal("hushi", "湖市人民政府"), portal("xinshi", "新市人民政府")]
AS_OF = date(2026, 3, 4)


def _nights(layout: Layout) -> None:
    """lishi: n1 changes once, n3 changes and returns to its first text, a newer extractor in the third night. hushi: refused."""
    first = batch("lishi", FIRST, notices=("n1", "n2", "n3"), extractor="0.9.0")
    second = batch("lishi", SECOND, notices=("n1", "n3"), version="v2", title="例市2026年政务公开工作要点（修订）", extractor="0.9.0")
    attachment = {"portal_id": "lishi", "run_id": SECOND, "notice_id": "lishi-n1", "version": "v2"}
    gone = {"portal_id": "lishi", "url": "http://127.0.0.1:8001/x", "last_seen": FIRST}
    for short, cause in (("n1", "http_404"), ("n2", "soft_404")):
        first["removal"].append(filled("removal", **gone, notice_id=f"lishi-{short}", run_id=FIRST, cause=cause, missed=2))
    write(layout, first, extractor="0.9.0")
    second["removal"].append(filled("removal", **gone, notice_id="lishi-n1", run_id=SECOND, cause="restored"))
    second["attachment"].append(
        filled("attachment", **attachment, seq=0, name="任务分工表.docx", url="http://127.0.0.1:8001/a.docx", status="archived")
        | {"warc_file": "files.warc.gz", "warc_offset": 7}
    )
    grain = {**attachment, "document_id": "lishi-n1-v2-1", "extractor_version": "0.9.0"}
    second["document"].append(
        filled(
            "document",
            **grain,
            part=1,
            title=None,
            attachment_url="http://127.0.0.1:8001/a.docx",
            genre="work_plan",
            script="hans",
            body_text="",
        )
    )
    second["plan_task"].append(filled("plan_task", **grain, seq=0, text="附件任务"))
    unread = {**attachment, "document_id": "lishi-n1-v2-2", "extractor_version": "0.9.0"}
    second["finding"].append(filled("finding", **unread, seq=-1, rule="D-READ", severity="warning", message="no reader"))
    write(layout, second, extractor="0.9.0")
    write(layout, batch("lishi", THIRD, notices=("n3",), extractor="0.10.0"), extractor="0.10.0")
    for run in (FIRST, SECOND, THIRD):
        outcome(layout, "lishi", run, "crawl", RunStatus.COMPLETE, listed=3, declared=3)
        outcome(layout, "lishi", run, "audit", RunStatus.COMPLETE)
    outcome(layout, "lishi", THIRD, "extract", RunStatus.PARTIAL, "one page could not be read")
    write(layout, batch("hushi", SECOND), passed=False)
    outcome(layout, "hushi", SECOND, "crawl", RunStatus.COMPLETE, listed=2)
    outcome(layout, "hushi", SECOND, "audit", RunStatus.QUARANTINED, "no dates")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    layout = Layout(tmp_path_factory.mktemp("marts"))
    _nights(layout)
    load(layout, PORTALS, run_id=THIRD, now=NOW)
    summary = marts.build(layout, as_of=AS_OF, now=NOW)
    assert summary.models == 12
    assert summary.tests >= 30
    publish(layout, run_id=THIRD, now=NOW)
    return layout


@pytest.fixture
def snapshot(built: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built.published), read_only=True) as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def moment(run_id: str) -> datetime:
    return datetime.strptime(run_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).replace(tzinfo=None)


def test_notice_shows_the_newest_version_and_silver_keeps_all(snapshot: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT notice_id, version, versions, first_seen, last_changed, last_seen FROM mart.notice ORDER BY 1"
    assert rows(snapshot, query) == [
        ("lishi-n1", "v2", 2, moment(FIRST), moment(SECOND), moment(SECOND)),
        ("lishi-n2", "v1", 1, moment(FIRST), moment(FIRST), moment(FIRST)),
        ("lishi-n3", "v1", 2, moment(FIRST), moment(THIRD), moment(THIRD)),  # went back to its first text
    ]
    assert rows(snapshot, "SELECT count(*) FROM silver.notice") == [(5,)]
    assert rows(snapshot, "SELECT DISTINCT portal_name, published_date FROM mart.notice") == [("例市人民政府", date(2026, 2, 28))]


def test_a_notice_that_vanished_stays_and_says_why(snapshot: duckdb.DuckDBPyConnection) -> None:
    found = snapshot.execute(
        "select notice_id, gone_cause, gone_at is null from mart.notice where portal_id = 'lishi' order by 1"
    ).fetchall()
    assert found == [("lishi-n1", None, True), ("lishi-n2", "soft_404", False), ("lishi-n3", None, True)]


def test_documents_are_of_the_newest_version_and_extractor(snapshot: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT document_id, extractor_version, title, url, archive_run_id, warc_file, warc_offset FROM mart.document ORDER BY 1"
    page = "http://127.0.0.1:8001/zwgk/"
    assert rows(snapshot, query) == [
        ("lishi-n1-v2-0", "0.9.0", "例市2026年政务公开工作要点（修订）", f"{page}n1.html", SECOND, "pages.warc.gz", 100),
        ("lishi-n1-v2-1", "0.9.0", "任务分工表.docx", "http://127.0.0.1:8001/a.docx", SECOND, "files.warc.gz", 7),
        ("lishi-n2-v1-0", "0.9.0", "例市2026年政务公开工作要点", f"{page}n2.html", FIRST, "pages.warc.gz", 101),
        ("lishi-n3-v1-0", "0.10.0", "例市2026年政务公开工作要点", f"{page}n3.html", FIRST, "pages.warc.gz", 102),
    ]


def test_commitments_know_whether_their_day_is_over(snapshot: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT document_id, seq, due_date, commitment_state, lead_units
        FROM mart.plan_commitment WHERE notice_id = 'lishi-n1' ORDER BY 1, 2
    """
    assert rows(snapshot, query) == [
        ("lishi-n1-v2-0", 0, date(2026, 2, 1), "due", ["市统计局"]),
        ("lishi-n1-v2-0", 1, date(2026, 12, 31), "not_due", ["市统计局"]),
        ("lishi-n1-v2-1", 0, None, "no_due_date", []),
    ]
    assert rows(snapshot, "SELECT count(*), min(as_of) FROM mart.plan_commitment") == [(7, AS_OF)]


def test_an_assessor_asks_what_was_due_by_a_day_and_whom_the_work_is_laid_on(snapshot: duckdb.DuckDBPyConnection) -> None:
    due = """
        SELECT task_seq, raw, due_date, lead_units FROM mart.plan_deadline
        WHERE notice_id = 'lishi-n2' AND due_date <= DATE '2026-06-30' ORDER BY ALL
    """
    assert rows(snapshot, due) == [(0, "2月1日", date(2026, 2, 1), ["市统计局"]), (1, "6月底", date(2026, 6, 30), ["市统计局"])]
    workload = "SELECT unit_name, agency, role, count(*) FROM mart.plan_unit WHERE notice_id = 'lishi-n2' GROUP BY ALL"
    assert rows(snapshot, workload) == [("市统计局", "statistics", "lead", 2)]


def test_a_blank_metric_is_no_zero(snapshot: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT value, state, applicant FROM mart.report_metric WHERE notice_id = 'lishi-n2' AND stated_in IS NULL ORDER BY seq"
    assert rows(snapshot, query) == [(Decimal(0), "number", None), (None, "blank", "自然人")]


def test_a_figure_repeated_in_prose_is_told_from_the_table_s_own(snapshot: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT value, applicant, stated_in FROM mart.report_metric WHERE notice_id = 'lishi-n2' AND stated_in IS NOT NULL"
    assert rows(snapshot, query) == [(Decimal(1), "自然人", "narrative")]


def test_findings_include_what_could_not_be_read(snapshot: duckdb.DuckDBPyConnection) -> None:
    assert rows(snapshot, "SELECT document_id, rule, extractor_version FROM mart.finding ORDER BY 1") == [
        ("lishi-n1-v2-0", "P-COUNT", "0.9.0"),
        ("lishi-n1-v2-2", "D-READ", "0.9.0"),
        ("lishi-n2-v1-0", "P-COUNT", "0.9.0"),
        ("lishi-n3-v1-0", "P-COUNT", "0.10.0"),
    ]


def test_a_refused_portal_cannot_be_seen_in_the_matrix(snapshot: duckdb.DuckDBPyConnection) -> None:
    assert rows(snapshot, "SELECT portal_id, genre, year, state FROM mart.portal_completeness ORDER BY 1") == [
        ("hushi", "work_plan", 2026, "cannot_see"),
        ("lishi", "work_plan", 2026, "found"),
    ]


def test_portal_status_is_the_gravest_stage(snapshot: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT portal_id, status, crawl_status, extract_status, audit_status, load_status, reasons, listed
        FROM mart.portal_status ORDER BY 1
    """
    assert rows(snapshot, query) == [
        ("hushi", "quarantined", "complete", None, "quarantined", None, ["no dates"], 2),
        ("lishi", "partial", "complete", "partial", "complete", "complete", ["one page could not be read"], 3),
        ("xinshi", None, None, None, None, None, None, None),
    ]


def test_freshness_counts_days_since_whole_and_since_published(snapshot: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT portal_id, last_status, last_complete_run, days_since_complete, last_published, days_since_published
        FROM mart.freshness ORDER BY 1
    """
    assert rows(snapshot, query) == [
        ("hushi", "quarantined", None, None, None, None),
        ("lishi", "partial", SECOND, 2, date(2026, 2, 28), 4),
        ("xinshi", None, None, None, None, None),
    ]


def test_the_summary_has_a_line_a_portal_that_was_run(built: Layout) -> None:
    assert published_run(built.published) == THIRD
    hushi, lishi = night_summary(built.published)
    assert (hushi.portal_id, hushi.status, hushi.reason) == ("hushi", RunStatus.QUARANTINED, f"not in this run, last in {SECOND}; no dates")
    assert (hushi.notices, hushi.warnings, hushi.listed) == (0, 1, 2)
    assert (lishi.name, lishi.status, lishi.reason) == ("例市人民政府", RunStatus.PARTIAL, "one page could not be read")
    assert (lishi.notices, lishi.notices_new, lishi.tasks, lishi.metrics, lishi.findings, lishi.warnings) == (3, 0, 7, 9, 4, 1)
    assert (hushi.unknown_units, lishi.unknown_units) == (0, 1)


def test_the_snapshot_describes_itself(snapshot: duckdb.DuckDBPyConnection) -> None:
    assert rows(snapshot, "SELECT run_id, published_at, as_of, extractor_versions FROM meta.snapshot") == [
        (THIRD, NOW, AS_OF, ["0.10.0", "0.9.0"])
    ]
    counts = rows(snapshot, "SELECT row_count FROM meta.row_count WHERE table_schema = 'mart' AND table_name = 'plan_commitment'")
    assert counts == [(7,)]
    (comment,) = rows(snapshot, "SELECT comment FROM duckdb_tables() WHERE schema_name = 'mart' AND table_name = 'plan_commitment'")[0]
    assert comment.startswith("工作任务: ")
    assert rows(snapshot, "SELECT comment FROM duckdb_columns() WHERE table_name = 'plan_commitment' AND column_name = 'lead_units'") == [
        ("牵头单位",)
    ]
    assert rows(snapshot, "SELECT count(*) FROM duckdb_views() WHERE NOT internal") == [(0,)]


def test_readers_keep_the_old_snapshot_while_a_new_one_is_published(built: Layout) -> None:
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys\n"
            "c = duckdb.connect(sys.argv[1], read_only=True)\n"
            "ask = lambda: print(*c.execute('SELECT run_id FROM meta.snapshot').fetchone(), "
            "*c.execute('SELECT count(*) FROM silver.plan_task').fetchone(), flush=True)\n"
            "ask(); sys.stdin.readline(); ask()",
            str(built.published),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdin is not None
    before = reader.stdout.readline()
    killed = built.published.parent / f".{built.published.name}.left-by-a-kill.tmp"
    killed.write_bytes(b"half")

    publish(built, run_id="20260305T183000Z", now=NOW + timedelta(days=1))

    after, _ = reader.communicate("\n", timeout=60)
    assert before == after == f"{THIRD} 13\n"
    assert published_run(built.published) == "20260305T183000Z"
    assert [p.name for p in built.published.parent.iterdir()] == [built.published.name]
    publish(built, run_id=THIRD, now=NOW)


def test_a_withheld_warehouse_is_not_published(built: Layout) -> None:
    aside = Layout(built.home / "aside")
    aside.warehouse.parent.mkdir(parents=True)
    shutil.copy(built.warehouse, aside.warehouse)
    publish(aside, run_id=THIRD, now=NOW)
    withhold(aside)
    with pytest.raises(WarehouseError, match="not published"):
        publish(aside, run_id=THIRD, now=NOW)
    assert published_run(aside.published) == THIRD


def test_same_nights_give_the_same_snapshot_and_a_difference_is_named(built: Layout) -> None:
    one = content(built.published)
    other = {name: held.copy() for name, held in one.items()}
    assert differences(one, other) == []
    row = next(iter(other["mart.plan_commitment"]))
    other["mart.plan_commitment"][row] += 1
    assert differences(one, other) == [f"mart.plan_commitment: only right: 1 × {row}"]


@pytest.mark.slow
def test_failed_marts_and_unbuilt_marts_are_never_published(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.published.parent.mkdir(parents=True)
    layout.published.write_bytes(b"yesterday")
    with pytest.raises(WarehouseError, match="no warehouse yet"):
        publish(layout, run_id=FIRST, now=NOW)
    bad = batch()
    bad["finding"][0]["severity"] = "catastrophe"
    write(layout, bad)
    load(layout, PORTALS, run_id=FIRST, now=NOW)
    with pytest.raises(WarehouseError, match="not published: since the last load the marts were not built"):
        publish(layout, run_id=FIRST, now=NOW)

    with pytest.raises(WarehouseError, match=r"accepted_values_finding_severity.* fail: Got 1 result"):
        marts.build(layout, as_of=AS_OF, now=NOW)
    with pytest.raises(WarehouseError, match="not published"):
        publish(layout, run_id=FIRST, now=NOW)
    assert layout.published.read_bytes() == b"yesterday"
