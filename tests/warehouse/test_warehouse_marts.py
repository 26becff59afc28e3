"""Three nights through load, dbt build and publish on each engine; the questions that the marts answer; and both say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from silver_night import FIRST, NOW, SECOND, THIRD, batch, portal, write
from three_nights import AS_OF, PORTALS, nights

from gongkai.errors import MartsUnsound, WarehouseError
from gongkai.layout import Layout
from gongkai.settings import PROJECT
from gongkai.status import RunStatus
from warehouse import marts
from warehouse.compare import all_rows, content_of, differences
from warehouse.dbt_process import run_dbt
from warehouse.dictionary import comments, dictionary
from warehouse.engines import Connection, Engine, engine_of
from warehouse.load import load
from warehouse.publish import publish
from warehouse.summary import night_summary, published_run


class Built:
    """A warehouse of the three nights on each engine, made when it is first asked for."""

    def __init__(self, factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> None:
        self._factory, self._request, self._engines = factory, request, dict[str, Engine]()

    def on(self, name: str) -> Engine:
        if name not in self._engines:
            layout = Layout(self._factory.mktemp(f"marts-{name}"))
            engine = engine_of(layout, self._request.getfixturevalue("postgres").database() if name == "postgresql" else "")
            nights(layout, lambda: load(engine, layout, PORTALS, run_id=THIRD, now=NOW))
            summary = marts.build(engine, layout, as_of=AS_OF, now=NOW)
            assert summary.models >= 28
            assert summary.tests >= 30
            publish(engine, run_id=THIRD, now=NOW)
            self._engines[name] = engine
        return self._engines[name]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Built:
    return Built(tmp_path_factory, request)


@pytest.fixture(params=["duckdb", "postgresql"])
def engine(built: Built, request: pytest.FixtureRequest) -> Engine:
    return built.on(request.param)


@pytest.fixture
def snapshot(engine: Engine) -> Iterator[Connection]:
    with engine.published() as connection:
        assert connection is not None
        yield connection


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.query(query)


def moment(run_id: str) -> datetime:
    return datetime.strptime(run_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).replace(tzinfo=None)


def test_notice_shows_the_newest_version_and_silver_keeps_all(snapshot: Connection) -> None:
    query = "SELECT notice_id, version, versions, first_seen, last_changed, last_seen FROM mart.notice ORDER BY 1"
    assert rows(snapshot, query) == [
        ("lishi-n1", "v2", 2, moment(FIRST), moment(SECOND), moment(SECOND)),
        ("lishi-n2", "v1", 1, moment(FIRST), moment(FIRST), moment(FIRST)),
        ("lishi-n3", "v1", 2, moment(FIRST), moment(THIRD), moment(THIRD)),  # went back to its first text
    ]
    assert rows(snapshot, "SELECT count(*) FROM silver.notice") == [(5,)]
    assert rows(snapshot, "SELECT DISTINCT portal_name, published_date FROM mart.notice") == [("例市人民政府", date(2026, 2, 28))]


def test_a_notice_that_vanished_stays_and_says_why(snapshot: Connection) -> None:
    found = rows(snapshot, "select notice_id, gone_cause, gone_at is null from mart.notice where portal_id = 'lishi' order by 1")
    assert found == [("lishi-n1", None, True), ("lishi-n2", "soft_404", False), ("lishi-n3", None, True)]


def test_removals_are_counted_by_month_and_cause_those_that_came_back_apart(snapshot: Connection) -> None:
    query = (
        "SELECT month_start, section, cause, removed, returned, still_gone FROM mart.removal_cause WHERE portal_id = 'lishi' ORDER BY cause"
    )
    month = date(2026, 3, 1)
    assert rows(snapshot, query) == [(month, "要点", "http_404", 1, 1, 0), (month, "要点", "soft_404", 1, 0, 1)]


def test_documents_are_of_the_newest_version_and_extractor(snapshot: Connection) -> None:
    query = "SELECT document_id, extractor_version, title, url, archive_run_id, warc_file, warc_offset FROM mart.document ORDER BY 1"
    page = "http://127.0.0.1:8001/zwgk/"
    assert rows(snapshot, query) == [
        ("lishi-n1-v2-0", "0.9.0", "例市2026年政务公开工作要点（修订）", f"{page}n1.html", SECOND, "pages.warc.gz", 100),
        ("lishi-n1-v2-1", "0.9.0", "任务分工表.docx", "http://127.0.0.1:8001/a.docx", SECOND, "files.warc.gz", 7),
        ("lishi-n2-v1-0", "0.9.0", "例市2026年政务公开工作要点", f"{page}n2.html", FIRST, "pages.warc.gz", 101),
        ("lishi-n3-v1-0", "0.10.0", "例市2026年政务公开工作要点", f"{page}n3.html", FIRST, "pages.warc.gz", 102),
    ]


def test_each_attachment_and_each_file_in_an_archive_has_its_word(snapshot: Connection) -> None:
    query = "SELECT seq, member, member_name, status, kind, notice_genre, notice_year, warc_offset FROM mart.attachment ORDER BY 1, 2"
    assert rows(snapshot, query) == [
        (0, 0, None, "read", "docx", "work_plan", 2026, 7),
        (1, 0, None, "unconverted", "doc", "work_plan", 2026, None),
        (2, 0, None, "unpacked", "zip", "work_plan", 2026, None),
        (2, 1, "附件/分工表.xls", "read", "xls", "work_plan", 2026, None),
        (2, 2, "附件/扫描.jpg", "needs_ocr", "image", "work_plan", 2026, None),
        (2, 3, "附件/残.pdf", "unreadable", "pdf", "work_plan", 2026, None),
    ]


def test_how_many_attachments_of_plans_were_read_and_how_many_wait(snapshot: Connection) -> None:
    query = """
        SELECT portal_id, notice_genre, attachments, read, unconverted, needs_ocr, waiting, unreadable, failed, share_read
        FROM mart.attachment_coverage
    """
    assert rows(snapshot, query) == [("lishi", "work_plan", 5, 2, 1, 1, 2, 1, 0, 0.4)]


def test_commitments_know_whether_their_day_is_over(snapshot: Connection) -> None:
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


def test_an_assessor_asks_what_was_due_by_a_day_and_whom_the_work_is_laid_on(snapshot: Connection) -> None:
    due = """
        SELECT task_seq, raw, due_date, lead_units FROM mart.plan_deadline
        WHERE notice_id = 'lishi-n2' AND due_date <= DATE '2026-06-30' ORDER BY 1, 2, 3
    """
    assert rows(snapshot, due) == [(0, "2月1日", date(2026, 2, 1), ["市统计局"]), (1, "6月底", date(2026, 6, 30), ["市统计局"])]
    workload = "SELECT unit_name, agency, role, count(*) FROM mart.plan_unit WHERE notice_id = 'lishi-n2' GROUP BY 1, 2, 3"
    assert rows(snapshot, workload) == [("市统计局", "statistics", "lead", 2)]


def test_a_blank_metric_is_no_zero(snapshot: Connection) -> None:
    query = "SELECT value, state, applicant FROM mart.report_metric WHERE notice_id = 'lishi-n2' AND stated_in IS NULL ORDER BY seq"
    assert rows(snapshot, query) == [(Decimal(0), "number", None), (None, "blank", "自然人")]


def test_a_figure_repeated_in_prose_is_told_from_the_table_s_own(snapshot: Connection) -> None:
    query = "SELECT value, applicant, stated_in FROM mart.report_metric WHERE notice_id = 'lishi-n2' AND stated_in IS NOT NULL"
    assert rows(snapshot, query) == [(Decimal(1), "自然人", "narrative")]


def test_findings_include_what_could_not_be_read(snapshot: Connection) -> None:
    assert rows(snapshot, "SELECT document_id, rule, extractor_version FROM mart.finding ORDER BY 1") == [
        ("lishi-n1-v2-0", "P-COUNT", "0.9.0"),
        ("lishi-n1-v2-2", "D-READ", "0.9.0"),
        ("lishi-n2-v1-0", "P-COUNT", "0.9.0"),
        ("lishi-n3-v1-0", "P-COUNT", "0.10.0"),
    ]


def test_a_refused_portal_cannot_be_seen_in_the_matrix(snapshot: Connection) -> None:
    assert rows(snapshot, "SELECT portal_id, genre, year, state FROM mart.portal_completeness ORDER BY 1") == [
        ("hushi", "work_plan", 2026, "cannot_see"),
        ("lishi", "work_plan", 2026, "found"),
    ]


def test_portal_status_is_the_gravest_stage(snapshot: Connection) -> None:
    query = """
        SELECT portal_id, status, crawl_status, extract_status, audit_status, load_status, reasons, listed
        FROM mart.portal_status ORDER BY 1
    """
    assert rows(snapshot, query) == [
        ("hushi", "quarantined", "complete", None, "quarantined", None, ["no dates"], 2),
        ("lishi", "partial", "complete", "partial", "complete", "complete", ["one page could not be read"], 3),
        ("xinshi", None, None, None, None, None, None, None),
    ]


def test_freshness_counts_days_since_whole_and_since_published(snapshot: Connection) -> None:
    query = """
        SELECT portal_id, last_status, last_complete_run, days_since_complete, last_published, days_since_published
        FROM mart.freshness ORDER BY 1
    """
    assert rows(snapshot, query) == [
        ("hushi", "quarantined", None, None, None, None),
        ("lishi", "partial", SECOND, 1, date(2026, 2, 28), 4),
        ("xinshi", None, None, None, None, None),
    ]


def test_the_summary_has_a_line_a_portal_that_was_run(engine: Engine) -> None:
    assert published_run(engine) == THIRD
    hushi, lishi = night_summary(engine)
    assert (hushi.portal_id, hushi.status, hushi.reason) == ("hushi", RunStatus.QUARANTINED, f"not in this run, last in {SECOND}; no dates")
    assert (hushi.notices, hushi.warnings, hushi.listed) == (0, 1, 2)
    assert (lishi.name, lishi.status, lishi.reason) == ("例市人民政府", RunStatus.PARTIAL, "one page could not be read")
    assert (lishi.notices, lishi.notices_new, lishi.tasks, lishi.metrics, lishi.findings, lishi.warnings) == (3, 0, 7, 9, 4, 1)
    assert (hushi.unknown_units, lishi.unknown_units) == (0, 1)


def test_the_snapshot_describes_itself(snapshot: Connection) -> None:
    assert rows(snapshot, "SELECT run_id, published_at, as_of, extractor_versions FROM meta.snapshot") == [
        (THIRD, NOW, AS_OF, ["0.10.0", "0.9.0"])
    ]
    counts = rows(snapshot, "SELECT row_count FROM meta.row_count WHERE table_schema = 'mart' AND table_name = 'plan_commitment'")
    assert counts == [(7,)]


def test_each_published_column_carries_its_words_of_the_dictionary(snapshot: Connection) -> None:
    said = snapshot.comments("mart")
    assert said == comments(snapshot)
    assert said.keys() == {(t, c) for (_, t), columns in snapshot.tables("mart").items() for c in ("", *columns)}
    of_the_page = {(m.name, c.name): (c.zh, c.en) for m in dictionary(snapshot) for c in m.columns}
    assert len(of_the_page) > 850
    assert {place for place, words in of_the_page.items() if not said[place].startswith(": ".join(words))} == set()
    assert said["search_passage", "text"] == "文段: Characters folded for comparison, not as printed."
    assert said["portal_completeness", "state"].endswith("Values: expected, found, late, missing, cannot_see.")


def test_every_mart_that_dbt_makes_has_rules() -> None:
    models = marts.PROJECT / "models"
    described = [model for file in models.rglob("*.yml") for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", ())]
    ruled = [model["name"] for model in described if any("sound" in test for test in model.get("data_tests", ()))]
    assert sorted(ruled) == sorted(file.stem for file in models.rglob("*.sql"))


def test_a_reader_finds_the_words_of_a_span(snapshot: Connection) -> None:
    texts = "SELECT document_id, body_text FROM mart.document_text ORDER BY document_id"
    assert rows(snapshot, texts) == [
        ("lishi-n1-v2-0", "正文"),
        ("lishi-n1-v2-1", ""),
        ("lishi-n2-v1-0", "正文"),
        ("lishi-n3-v1-0", "正文"),
    ]


def test_both_engines_hold_the_same_rows_in_the_same_columns(built: Built) -> None:
    sides = []
    for name in ("duckdb", "postgresql"):
        with built.on(name).published() as connection:
            assert connection is not None
            tables = connection.tables("silver", "mart", "meta")
            held = {place: all_rows(connection, *place, columns) for place, columns in tables.items()}
            types = {place: [_shared_name(t) for t in connection.column_types(*place).values()] for place in tables}
        sides.append((tables, types, held))
    (left_columns, left_types, left), (right_columns, right_types, right) = sides
    assert left_columns == right_columns
    assert left_types == right_types
    unequal = {place for place in left if left[place] != right[place]}
    # Fingerprints of ledger files hold their inodes and times.
    assert unequal == {("silver", "ledger_log")}
    assert left["silver", "plan_task"].total() == 13
    assert left["meta", "row_count"].total() == len([s for s, _ in left if s != "meta"])


def _shared_name(kind: str) -> str:
    kind = {"VARCHAR": "text", "VARCHAR[]": "text[]", "TIMESTAMP": "timestamp without time zone", "DOUBLE": "double precision"}.get(
        kind, kind.lower()
    )
    return kind.replace("decimal", "numeric")


def test_chinese_sorts_by_code_point_on_both_engines(built: Built) -> None:
    orders = []
    for name in ("duckdb", "postgresql"):
        with built.on(name).published() as connection:
            assert connection is not None
            orders.append([name for (name,) in rows(connection, "SELECT portal_name FROM mart.freshness ORDER BY 1")])
    assert orders == [["例市人民政府", "新市人民政府", "湖市人民政府"]] * 2


def _documented() -> list[str]:
    text = (PROJECT / "docs" / "warehouse.md").read_text(encoding="utf-8")
    return [query.strip() for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL) for query in block.split(";") if query.strip()]


@pytest.mark.parametrize("query", _documented())
def test_documented_questions_run_on_both_engines_and_get_the_same_answer(built: Built, query: str) -> None:
    answers = []
    for name in ("duckdb", "postgresql"):
        with built.on(name).published() as connection:
            assert connection is not None
            answers.append(sorted(rows(connection, query), key=str))
    assert answers[0] == answers[1]


def test_a_difference_is_named(snapshot: Connection) -> None:
    one = content_of(snapshot)
    other = {name: held.copy() for name, held in one.items()}
    assert differences(one, other) == []
    row = next(iter(other["mart.plan_commitment"]))
    other["mart.plan_commitment"][row] += 1
    assert differences(one, other) == [f"mart.plan_commitment: only right: 1 × {row}"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["duckdb", "postgresql"])
def test_failed_marts_and_unbuilt_marts_are_never_published(
    built: Built, name: str, layout: Layout, request: pytest.FixtureRequest
) -> None:
    """Another warehouse in the same database, or beside the same snapshot: what readers see stays as it is."""
    engine = built.on(name)
    before = _published(built, name, request)
    bad = batch("mishi", THIRD)
    bad["finding"][0] |= {"severity": "catastrophe", "rule": None}
    write(layout, bad)
    load(engine, layout, [portal("mishi")], run_id=THIRD, now=NOW)
    with pytest.raises(WarehouseError, match="not published: since the last load the marts were not built"):
        publish(engine, run_id=FIRST, now=NOW)

    with pytest.raises(MartsUnsound, match=r"^marts: test\.gongkai\.sound_finding\.\w+ fail: Got 2 results") as raised:
        marts.build(engine, layout, as_of=AS_OF, now=NOW)
    assert ": accepted_values, severity, catastrophe, 1; never_null, rule, null, 1" in str(raised.value)
    with pytest.raises(WarehouseError, match="not published"):
        publish(engine, run_id=FIRST, now=NOW)
    assert _published(built, name, request) == before


def _published(built: Built, name: str, request: pytest.FixtureRequest) -> str | bytes:
    """All that readers see, byte for byte."""
    if name == "duckdb":
        return Path(built.on(name).published_place).read_bytes()
    return str(request.getfixturevalue("postgres").dump(built.on(name).published_place, "mart", "meta"))


_SPOILED = """
    INSERT INTO {0}.removal_cause SELECT * FROM {0}.removal_cause WHERE cause = 'soft_404';
    INSERT INTO {0}.removal_cause (portal_id, month_start, cause, removed) VALUES
        ('nowhere', DATE '2026-01-01', 'http_404', 1), ('nowhere', DATE '2026-02-01', 'http_404', 1),
        ('hushi', DATE '2026-01-01', NULL, NULL), ('hushi', DATE '2026-02-01', 'http_404', NULL);
    INSERT INTO {0}.removal_cause (portal_id, month_start, cause, removed)
        SELECT 'lishi', DATE '2026-01-01', 'whim ' || n, 1 FROM generate_series(1, 20) AS many (n)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["duckdb", "postgresql"])
def test_each_rule_that_a_mart_breaks_is_named_with_column_and_value(built: Built, name: str, tmp_path: Path) -> None:
    """Last of this file: it spoils the warehouse. Twenty values that are none do not hide the other rules."""
    engine = built.on(name)
    target = engine.dbt_target()
    with engine.writing() as connection:
        for command in _SPOILED.format(target.output["schema"]).split(";"):
            connection.execute(command)
    results = run_dbt("test", target, tmp_path, "run_results.json", "--select", "sound_removal_cause")["results"]
    with pytest.raises(MartsUnsound, match=r"^marts: test\.gongkai\.sound_removal_cause\.\w+ fail: Got 24 results") as raised:
        marts._refuse_unsound(engine, results)
    told = str(raised.value).partition("!= 0: ")[2].split("; ")
    assert len(told) == 10
    assert {row for row in told if "whim" not in row} == {
        "unique, portal_id + month_start + section + cause, lishi + 2026-03-01 + 要点 + soft_404, 2",
        "never_null, cause, null, 1",  # and no value of accepted_values
        "never_null, removed, null, 2",
        "relationships, portal_id, nowhere, 2",
    }
    assert "accepted_values, cause, whim " in str(raised.value)
