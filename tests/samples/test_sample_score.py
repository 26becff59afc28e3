"""The score over a small DuckDB: a perfect snapshot passes, every kind of mistake is counted and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import psycopg
import pytest
from click.testing import CliRunner
from own_postgres import Server

from gongkai.errors import GongkaiError
from samples.cli import samples
from samples.model import Series
from samples.score import score_snapshot
from samples.scored.verdicts import expected
from samples.truth import NoticeTruth, town_truth

_SCHEMA = """
CREATE SCHEMA mart;
CREATE TABLE mart.portal_status (portal_id VARCHAR, status VARCHAR);
CREATE TABLE mart.portal_run (portal_id VARCHAR, run_id VARCHAR, run_time TIMESTAMP, crawl_status VARCHAR);
CREATE TABLE mart.number_gap (portal_id VARCHAR, series VARCHAR, issuer_mark VARCHAR, year BIGINT, state VARCHAR, missing_from BIGINT[],
    missing_to BIGINT[], issued_lower BIGINT, issued_upper BIGINT, numbers_seen BIGINT);
CREATE TABLE mart.declared_published (portal_id VARCHAR, report_year BIGINT, code VARCHAR, declared DECIMAL(24, 6), found BIGINT,
    state VARCHAR);
CREATE TABLE mart.notice (portal_id VARCHAR, notice_id VARCHAR, title VARCHAR, published_date DATE, url VARCHAR, gone_cause VARCHAR,
    last_seen TIMESTAMP);
CREATE TABLE mart.notice_version (portal_id VARCHAR, notice_id VARCHAR, published_date DATE, warc_file VARCHAR, warc_offset BIGINT);
CREATE TABLE mart.document (portal_id VARCHAR, notice_id VARCHAR, part BIGINT, genre VARCHAR, doc_number VARCHAR, written_date DATE,
    plan_year BIGINT, report_year BIGINT);
CREATE TABLE mart.plan_commitment (portal_id VARCHAR, notice_id VARCHAR, seq BIGINT, text VARCHAR, lead_units VARCHAR[],
    support_units VARCHAR[], responsibility_mode VARCHAR, deadline_type VARCHAR, due_date DATE, start_date DATE, recurrence VARCHAR);
CREATE TABLE mart.report_metric (portal_id VARCHAR, notice_id VARCHAR, code VARCHAR, dimensions VARCHAR, value DECIMAL(24, 6), unit VARCHAR,
    state VARCHAR);
CREATE TABLE mart.portal_completeness (portal_id VARCHAR, genre VARCHAR, year BIGINT, state VARCHAR);
CREATE TABLE mart.commitment (portal_id VARCHAR, notice_id VARCHAR, commitment_id VARCHAR, kind VARCHAR, text VARCHAR, status VARCHAR,
    late BOOLEAN);
CREATE TABLE mart.commitment_evidence (portal_id VARCHAR, commitment_id VARCHAR, notice_id VARCHAR, counts BOOLEAN);
CREATE TABLE mart.verdict (portal_id VARCHAR, rule VARCHAR, subject VARCHAR, verdict VARCHAR, reason VARCHAR, evidence_url VARCHAR,
    evidence_warc_offset BIGINT, as_of DATE);
CREATE TABLE mart.finding (portal_id VARCHAR, notice_id VARCHAR, rule VARCHAR, severity VARCHAR);
"""
Connection = duckdb.DuckDBPyConnection
DAY = date(2026, 11, 28)
TRUTH = town_truth(later={"sample-yunhe"})
"""After the later walks of `make run`."""
(LEAKED,) = (number for portal in TRUTH for notice in portal.notices for number in notice.content.leaked)


def _fill(connection: Connection, notice: NoticeTruth) -> None:
    content, portal, key = notice.content, notice.portal_id, str(notice.content.id)
    connection.execute(
        "INSERT INTO mart.notice VALUES (?, ?, ?, ?, 'u', ?, '2026-03-01')",
        [portal, key, content.title, notice.published, content.withdrawn],
    )
    for day in {content.published.date(), notice.published}:
        connection.execute("INSERT INTO mart.notice_version VALUES (?, ?, ?, 'w', 0)", [portal, key, day])
    years = [content.year if content.genre == g else None for g in ("work_plan", "annual_report")]
    years = [content.year, None] if content.genre == "work_plan" else [None, content.year]
    connection.execute(
        "INSERT INTO mart.document VALUES (?, ?, 0, ?, ?, ?, ?, ?)",
        [portal, key, content.genre, content.doc_number, content.written, *years],
    )
    for seq, task in enumerate(notice.tasks, 1):
        duty, when = task.duty, task.duty.deadline
        row = [
            portal,
            key,
            seq,
            f" {duty.text} ",
            [*duty.lead],
            [*duty.support],
            duty.mode,
            when.type,
            when.due,
            when.start,
            when.recurrence,
        ]
        connection.execute("INSERT INTO mart.plan_commitment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        status = {"kept": "evidenced", "late": "evidenced", "broken": "overdue", None: "not_assessable"}[duty.promise]
        promise = [portal, key, f"{key}-{seq}", "task", duty.text, status, duty.promise == "late"]
        connection.execute("INSERT INTO mart.commitment VALUES (?, ?, ?, ?, ?, ?, ?)", promise)
        for kept_by in duty.kept_by:
            connection.execute("INSERT INTO mart.commitment_evidence VALUES (?, ?, ?, true)", [portal, f"{key}-{seq}", str(kept_by)])
    columns = [[f.code, json.dumps(f.dimensions), f.value, f.unit, f.state] for f in notice.figures]
    if columns:
        connection.execute(
            "INSERT INTO mart.report_metric SELECT ?, ?, unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)",
            [portal, key, *(list(column) for column in zip(*columns, strict=True))],
        )
    for rule in (*content.findings, *(["P-ID"] if content.leaked else [])):
        connection.execute("INSERT INTO mart.finding VALUES (?, ?, ?, 'error')", [portal, key, rule])
    if content.year and content.genre != "website_table":
        late = content.genre == "annual_report" and notice.published > date(content.year + 1, 3, 31)
        connection.execute(
            "INSERT INTO mart.portal_completeness VALUES (?, ?, ?, ?)", [portal, content.genre, content.year, "late" if late else "found"]
        )


def _series(connection: Connection, portal_id: str, series: Series) -> None:
    state = "gaps" if series.hidden else "coverage_incomplete"
    row = [portal_id, series.kind, series.mark, series.year, state, [*series.hidden], [*series.hidden], series.issued, series.issued + 3, 5]
    connection.execute("INSERT INTO mart.number_gap VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


@pytest.fixture(scope="module")
def perfect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("score") / "perfect.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(_SCHEMA)
        for portal in TRUTH:
            connection.execute("INSERT INTO mart.portal_status VALUES (?, ?)", [portal.portal_id, str(portal.status)])
            for notice in portal.notices:
                _fill(connection, notice)
            for series in portal.series:
                _series(connection, portal.portal_id, series)
            for said in portal.declared:
                row = [portal.portal_id, said.year, said.code, said.declared, said.found, said.state]
                connection.execute("INSERT INTO mart.declared_published VALUES (?, ?, ?, ?, ?, ?)", row)
        for day in (1, 2, 3):
            run = ["sample-yunhe", f"run{day}", datetime(2026, 3, day), "complete"]  # noqa: DTZ001  as the mart has it
            connection.execute("INSERT INTO mart.portal_run VALUES (?, ?, ?, ?)", run)
        connection.execute("INSERT INTO mart.notice VALUES ('real-longnan', 'x', 'another portal is not scored', NULL, 'u', NULL, NULL)")
        for verdict in expected(TRUTH, DAY):
            connection.execute("INSERT INTO mart.verdict VALUES (?, ?, ?, ?, ?, 'u', 0, ?)", [*verdict[:4], verdict.says or "r", DAY])
    return path


def test_perfect_snapshot(perfect: Path) -> None:
    result = CliRunner().invoke(samples, ["score", "--snapshot", str(perfect)])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "statuses 12/12",
        "notices 79/79",
        "documents 79/79",
        "tasks 57/57",
        "metrics 1909/1909",
        "years 19/19",
        "findings 2/2",
        "leaks 1/1",
        "commitments 8/8",
        "gaps 3/3",
        "declared 2/2",
        "removals 2/2",
        "verdicts 79/79",
    ]


_FIRST_NIGHT = """
DELETE FROM mart.portal_run WHERE run_id <> 'run1';
UPDATE mart.notice SET gone_cause = NULL;
UPDATE mart.notice SET published_date = '2023-04-03' WHERE notice_id = '9112188';
DELETE FROM mart.notice WHERE notice_id = '9130077';
DELETE FROM mart.document WHERE notice_id = '9130077';
DELETE FROM mart.verdict WHERE rule IN ('date-unchanged', 'date-credible');
"""


def test_what_is_forged_later_is_no_truth_of_the_first_night(perfect: Path, tmp_path: Path) -> None:
    status, out, err = _broken(perfect, tmp_path, lambda connection: connection.execute(_FIRST_NIGHT))
    assert (status, err) == (0, "")
    assert {"notices 78/78", "documents 78/78", "removals 2/2", "verdicts 77/77"} <= set(out.splitlines())


def _broken(perfect: Path, tmp_path: Path, change: Callable[[Connection], object]) -> tuple[int, str, str]:
    path = tmp_path / "broken.duckdb"
    path.write_bytes(perfect.read_bytes())
    with duckdb.connect(str(path)) as connection:
        change(connection)
    result = CliRunner().invoke(samples, ["score", "--snapshot", str(path)])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("sql", "line", "reason"),
    [
        ("DELETE FROM mart.portal_status WHERE portal_id = 'sample-yanling'", "statuses 11/12", "sample-yanling: None, should be blocked"),
        ("DELETE FROM mart.notice WHERE notice_id = '100212'", "notices 78/79", "2017年政务公开工作实施方案的通知: missing"),
        ("UPDATE mart.notice SET published_date = '2017-06-21' WHERE notice_id = '100212'", "notices 78/79", "should be 2017-06-20"),
        ("INSERT INTO mart.notice VALUES ('sample-yunhe', 'z', '多余', NULL, 'http://z', NULL, NULL)",
         "notices 79/79 (1 extra)", "not in the truth"),
        ("UPDATE mart.document SET genre = 'other' WHERE notice_id = '100212'", "documents 78/79", "genre other, should be work_plan"),
        ("UPDATE mart.document SET doc_number = NULL WHERE notice_id = '100212'", "documents 78/79", "柏政办发〔2017〕41号"),
        ("DELETE FROM mart.plan_commitment WHERE notice_id = '100212' AND seq = 1", "tasks 56/57", "一/(一): missing"),
        ("UPDATE mart.plan_commitment SET lead_units = ['市财政局'] WHERE notice_id = '100212' AND seq = 1",
         "tasks 56/57", "lead ['市财政局']"),
        ("UPDATE mart.plan_commitment SET due_date = NULL WHERE notice_id = '100212' AND seq = 2", "tasks 56/57", "should be 2017-08-31"),
        ("INSERT INTO mart.plan_commitment (portal_id, notice_id, text) VALUES ('sample-bochuan', '100212', '多余的任务')",
         "tasks 57/57 (1 extra)", "多余的任务"),
        ("UPDATE mart.report_metric SET value = 7 WHERE notice_id = '100015' AND code = 'staff_total'",
         "metrics 1908/1909", "should be 186 人"),
        ("UPDATE mart.report_metric SET state = 'blank' WHERE notice_id = '100015' AND code = 'staff_total'",
         "metrics 1908/1909", "state blank"),
        ("INSERT INTO mart.report_metric VALUES ('sample-bochuan', '100015', 'websites_opened', '{}', 3, '个', 'number')",
         "metrics 1909/1909 (1 extra)", "websites_opened"),
        ("UPDATE mart.portal_completeness SET state = 'found' WHERE portal_id = 'sample-jizhou'", "years 18/19", "found, should be late"),
        ("DELETE FROM mart.finding WHERE rule = 'T4-REV'", "findings 1/2", "T4-REV: not found"),
        ("INSERT INTO mart.finding VALUES ('sample-qinglan', '9117325', 'T3-BAL', 'error')", "findings 2/2 (1 extra)", "T3-BAL"),
        ("DELETE FROM mart.finding WHERE rule = 'P-ID'", "leaks 0/1", "a number of a person: not told of"),
        ("UPDATE mart.verdict SET verdict = 'pass' WHERE portal_id = 'sample-jizhou' AND subject = '2022'", "verdicts 78/79",
         "sample-jizhou report-on-time 2022: pass, should be fail"),
        ("UPDATE mart.verdict SET verdict = 'fail' WHERE portal_id = 'sample-yanling' AND rule = 'columns-filled'", "verdicts 78/79",
         "fail, should be uncertain"),
        ("UPDATE mart.verdict SET evidence_url = NULL WHERE subject = '9114018'", "verdicts 78/79", "a fail without evidence"),
        ("UPDATE mart.verdict SET verdict = 'uncertain' WHERE rule = 'date-unchanged'", "verdicts 78/79",
         "sample-yunhe date-unchanged 9112188: uncertain, should be fail"),
        ("DELETE FROM mart.notice_version WHERE published_date = '2023-04-03'", "verdicts 78/79", "9112188: a fail without evidence"),
        ("DELETE FROM mart.verdict WHERE rule = 'date-credible'", "verdicts 78/79", "9130077: None, should be fail"),
        ("UPDATE mart.notice SET published_date = '2023-04-03' WHERE notice_id = '9112188'", "notices 78/79", "should be 2023-03-31"),
        ("INSERT INTO mart.verdict SELECT 'sample-qinglan', 'date-credible', '9117325', 'fail', 'r', 'u', 0, max(as_of) FROM mart.verdict",
         "verdicts 79/79 (1 extra)", "sample-qinglan date-credible 9117325: fail (r): not in the truth"),
        ("INSERT INTO mart.finding VALUES ('sample-qinglan', '9117325', 'P-PHONE', 'warning')", "leaks 1/1 (1 extra)", "not in the truth"),
        ("UPDATE mart.commitment SET status = 'overdue' WHERE commitment_id = '9103540-1'", "commitments 7/8", "should be evidenced"),
        ("UPDATE mart.commitment SET late = false WHERE commitment_id = '9103540-4'", "commitments 7/8", "late False, should be True"),
        ("UPDATE mart.commitment SET status = 'overdue' WHERE commitment_id = '9098211-2'", "commitments 8/8 (1 extra)", "not in the tr"),
        ("UPDATE mart.commitment_evidence SET notice_id = '100212' WHERE notice_id = '100266'", "commitments 7/8", "should be [100266]"),
        ("DELETE FROM mart.commitment WHERE commitment_id = '9103540-1'", "commitments 7/8", "missing"),
        ("UPDATE mart.number_gap SET state = 'gaps' WHERE portal_id = 'sample-jindu'", "gaps 2/3", "gaps, should be coverage_incomplete"),
        ("UPDATE mart.number_gap SET missing_to = missing_from[:3], missing_from = missing_from[:3] WHERE series = 'index_number'",
         "gaps 2/3", "missing [1, 2, 5], should be"),
        ("UPDATE mart.number_gap SET issued_upper = 15 WHERE issuer_mark = '云府办'", "gaps 2/3", "issued 16 to 15, 16 in truth"),
        ("INSERT INTO mart.number_gap VALUES ('sample-qinglan', 'document_number', '青府', 2024, 'gaps', [1], [1], 5, 9, 5)",
         "gaps 3/3 (1 extra)", "sample-qinglan document_number 青府 2024: not in the truth"),
        ("UPDATE mart.declared_published SET found = 8 WHERE code = 'site_items'", "declared 1/2",
         "site_items 2023: (Decimal('7.000000'), 8, 'more_seen'), should be (7, 9, 'more_seen')"),
        ("DELETE FROM mart.declared_published WHERE code = 'site_interpretations'", "declared 1/2", "site_interpretations 2023: None"),
        ("INSERT INTO mart.declared_published VALUES ('sample-yunhe', 2023, 'normative_docs_issued', 2, 5, 'more_seen')",
         "declared 2/2 (1 extra)", "sample-yunhe 2023 normative_docs_issued: not in the truth"),
        ("UPDATE mart.notice SET gone_cause = 'http_410' WHERE notice_id = '9111455'", "removals 1/2", "http_410, should be http_404"),
        ("UPDATE mart.notice SET gone_cause = NULL WHERE notice_id = '9112060'", "removals 1/2", "standing, should be soft_404"),
        ("UPDATE mart.notice SET gone_cause = 'delisted' WHERE notice_id = '9111310'", "removals 2/2 (1 extra)", "not in the truth"),
        ("DELETE FROM mart.portal_run WHERE run_id = 'run3'", "removals 0/2", "http_404, should be standing"),
        (f"UPDATE mart.notice SET title = title || '{LEAKED}' WHERE notice_id = '9122410'", "leaks 0/1", "printed in mart.notice"),  # noqa: S608
    ],
)  # fmt: skip
def test_each_mistake_is_counted_and_named(perfect: Path, tmp_path: Path, sql: str, line: str, reason: str) -> None:
    status, out, err = _broken(perfect, tmp_path, lambda connection: connection.execute(sql))
    assert status == 1
    assert line in out.splitlines()
    assert reason in err


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE mart.plan_commitment SET deadline_type = 'date' WHERE deadline_type = 'month_end'",
        "UPDATE mart.report_metric SET value = value * 10000, unit = '元' WHERE unit = '万元'",
        "UPDATE mart.document SET genre = 'announcement' WHERE genre = 'other'",
        "INSERT INTO mart.finding VALUES ('sample-qinglan', '9117325', 'T2-FEE', 'warning')",
        "INSERT INTO mart.finding VALUES ('sample-qinglan', '9102208', 'Q-FULL', 'error')",
    ],
)
def test_other_right_readings_pass(perfect: Path, tmp_path: Path, sql: str) -> None:
    assert _broken(perfect, tmp_path, lambda connection: connection.execute(sql))[0] == 0


def test_no_snapshot_and_foreign_database(tmp_path: Path) -> None:
    with pytest.raises(GongkaiError, match="no published snapshot"):
        score_snapshot(tmp_path / "none.duckdb")
    duckdb.connect(str(tmp_path / "foreign.duckdb")).close()
    with pytest.raises(GongkaiError, match="cannot be scored"):
        score_snapshot(tmp_path / "foreign.duckdb")


def test_a_postgresql_warehouse_is_scored_like_a_snapshot(perfect: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = postgres.database()
    with duckdb.connect(str(perfect), read_only=True) as file, psycopg.connect(url, autocommit=True) as server:
        server.execute(_SCHEMA.encode())
        for (table,) in file.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            rows = file.execute(f"SELECT * FROM mart.{table}").fetchall()  # noqa: S608
            with server.cursor() as cursor, cursor.copy(f"COPY mart.{table} FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
    monkeypatch.setenv("GONGKAI_WAREHOUSE", url)
    result = CliRunner().invoke(samples, ["score"])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == "statuses 12/12"
    monkeypatch.setenv("GONGKAI_WAREHOUSE", postgres.database())
    with pytest.raises(GongkaiError, match=r'PostgreSQL warehouse cannot be scored: relation "mart\.portal_run" does not exist'):
        CliRunner().invoke(samples, ["score"], catch_exceptions=False)
