"""Scorecards over marts made by hand, on both engines: points, evidence, places, history, appeals, and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from silver_night import FIRST, NOW, batch, filled, portal, write

from crawlers.archive import Place
from gongkai.errors import GongkaiError
from gongkai.layout import Layout
from gongkai.scorecards import Check, Indicator, Scorecard
from gongkai.settings import Settings
from stages import scorecards as stage
from stages.cli import gongkai
from stages.context import RunContext
from warehouse.engines import Connection, Engine, engine_of
from warehouse.load import load
from warehouse.publish import publish
from warehouse.scorecards.refresh import refresh

CITIES = [portal("lishi"), portal("hushi", "湖市人民政府"), portal("wushi", "雾市人民政府")]
DAY = date(2026, 3, 4)
RECORD = "'http://127.0.0.1:8001/{0}', '20260301T183000Z', '{0}.warc.gz', 5"
_TABLES = """
CREATE TABLE {schema}.verdict (portal_id text, rule text, subject text, subject_title text, verdict text, reason text, observed text,
    threshold text, basis text, window_end date, evidence_url text, evidence_run_id text, evidence_warc_file text,
    evidence_warc_offset bigint);
CREATE TABLE {schema}.portal_completeness (portal_id text, genre text, year bigint, state text, reason text, run_id text, document_id text,
    document_title text, legal_date date);
CREATE TABLE {schema}.document (document_id text, notice_id text, title text, url text, archive_run_id text, warc_file text,
    warc_offset bigint);
CREATE TABLE {schema}.finding (notice_id text, severity text, rule text, message text);
CREATE TABLE {schema}.notice (portal_id text, notice_id text, title text, url text, run_id text, warc_file text, warc_offset bigint);
CREATE TABLE {schema}.plan_commitment (notice_id text, plan_year bigint, lead_units text[], deadline_type text);
"""


def _indicator(name: str, weight: int, *checks: Check) -> Indicator:
    if not checks:
        return Indicator(id=name, zh=name, en=name, weight=Decimal(weight), not_from_web="needs a visit")
    return Indicator(id=name, zh=name, en=name, weight=Decimal(weight), checks=checks, evidence="the page")


CARD = Scorecard(
    id="plain",  # so that the command knows it
    version="2026-11",
    zh="表",
    en="Card",
    source="ours",
    valid_from=date(2026, 1, 1),
    comparable=Decimal("0.3"),
    indicators=(
        _indicator("report_on_time", 30, Check(measure="verdict", rule="report-on-time")),
        _indicator("plan_published", 20, Check(measure="plan_published")),
        _indicator("report_consistent", 20, Check(measure="report_consistent")),
        _indicator("tasks_assigned", 20, Check(measure="tasks_assigned", threshold=Decimal("0.5"))),
        _indicator("validity_marked", 10),
    ),
)


def _verdict(portal_id: str, year: int, verdict: str) -> str:
    last = f"DATE '{year + 1}-03-31'"
    return f"('{portal_id}', 'report-on-time', '{year}', NULL, '{verdict}', '{verdict} in {year}', 'late', '03-31', '711', {last}, "


def _fill(connection: Connection, schema: str) -> None:
    shown, unseen = RECORD.format("nb"), "NULL, NULL, NULL, NULL"
    rows = {
        "verdict": [
            _verdict("lishi", 2023, "pass") + f"{unseen})",
            _verdict("lishi", 2024, "fail") + f"{shown})",
            _verdict("hushi", 2024, "pass") + f"{unseen})",
            _verdict("wushi", 2024, "uncertain") + f"{unseen})",
        ],
        "portal_completeness": [
            f"('lishi', 'work_plan', 2025, 'missing', 'not in the list', '{FIRST}', NULL, NULL, NULL)",
            "('lishi', 'annual_report', 2024, 'found', '', '', 'nb', '年报', DATE '2025-03-31')",
            "('hushi', 'work_plan', 2025, 'missing', 'no list archived', '', NULL, NULL, NULL)",
            "('wushi', 'work_plan', 2025, 'cannot_see', 'blocked', '', NULL, NULL, NULL)",
        ],
        "document": [f"('nb', 'lishi-nb', '年报', {shown})"],
        "finding": ["('lishi-nb', 'error', 'T3-BAL', '12 is not 13')", "('lishi-nb', 'error', 'Q-FULL', 'cells')"],
        "notice": [f"('lishi', 'lishi-plan', '要点', {RECORD.format('plan')})"],
        "plan_commitment": [
            "('lishi-plan', 2025, ARRAY['市财政局'], 'date')",
            "('lishi-plan', 2025, ARRAY['市财政局'], 'none')",
            "('lishi-plan', 2025, CAST(ARRAY[] AS text[]), 'date')",
        ],
    }
    for name, values in rows.items():
        connection.execute(f"INSERT INTO {schema}.{name} VALUES {', '.join(values)}")  # noqa: S608


@pytest.fixture(params=["duckdb", "postgresql"])
def made(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Engine, Layout, str]]:
    layout = Layout(tmp_path)
    url = request.getfixturevalue("postgres").database() if request.param == "postgresql" else ""
    engine = engine_of(layout, url)
    night = batch("lishi", FIRST)
    night["section_outcome"] = [_listing()]
    write(layout, night)
    load(engine, layout, CITIES, run_id=FIRST, now=NOW)
    schema = engine.dbt_target().output["schema"]
    with engine.writing() as connection, connection.transaction():
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for create in _TABLES.replace("{schema}", schema).split(";\n")[:-1]:
            connection.execute(create)
        _fill(connection, schema)
    refresh(engine, layout, DAY, [CARD])
    yield engine, layout, schema


def _listing() -> dict[str, Any]:
    seen = {"kind": "work_plan", "complete": True, "list_url": "http://127.0.0.1:8001/list", "list_warc_file": "list.warc.gz"}
    return filled("section_outcome", portal_id="lishi", run_id=FIRST, section="要点", **seen, list_warc_offset=9)


def ask(made: tuple[Engine, Layout, str], query: str) -> list[tuple[Any, ...]]:
    with made[0].reading() as connection:
        return connection.query(query.replace("mart.", f"{made[2]}."))


def test_items_have_points_only_where_something_was_judged(made: tuple[Engine, Layout, str]) -> None:
    found = ask(made, "SELECT portal_id, indicator, verdict, points, max_points FROM mart.scorecard_item ORDER BY portal_id, ordinal")
    assert found == [
        ("hushi", "report_on_time", "pass", 30, 30),
        ("hushi", "plan_published", "uncertain", None, 20),  # no archived page shows it
        ("hushi", "report_consistent", "not_assessable", None, 20),
        ("hushi", "tasks_assigned", "not_assessable", None, 20),
        ("hushi", "validity_marked", "not_assessable", None, 10),
        ("lishi", "report_on_time", "fail", 15, 30),
        ("lishi", "plan_published", "fail", 0, 20),
        ("lishi", "report_consistent", "fail", 0, 20),
        ("lishi", "tasks_assigned", "fail", 0, 20),
        ("lishi", "validity_marked", "not_assessable", None, 10),
        ("wushi", "report_on_time", "uncertain", None, 30),
        ("wushi", "plan_published", "uncertain", None, 20),
        ("wushi", "report_consistent", "not_assessable", None, 20),
        ("wushi", "tasks_assigned", "not_assessable", None, 20),
        ("wushi", "validity_marked", "not_assessable", None, 10),
    ]


def test_every_deduction_names_what_was_found_and_its_archived_page(made: tuple[Engine, Layout, str]) -> None:
    columns = "indicator, subject, points, observed, threshold, evidence_url, evidence_run_id, evidence_warc_file, evidence_warc_offset"
    page = "http://127.0.0.1:8001"
    assert ask(made, f"SELECT {columns} FROM mart.scorecard_deduction ORDER BY indicator") == [  # noqa: S608
        ("plan_published", "2025", 20, "missing", "the plan of the year", f"{page}/list", FIRST, "list.warc.gz", 9),
        ("report_consistent", "2024", 20, "1 contradictions", "0 contradictions", f"{page}/nb", FIRST, "nb.warc.gz", 5),
        ("report_on_time", "2024", 15, "late", "03-31", f"{page}/nb", FIRST, "nb.warc.gz", 5),
        ("tasks_assigned", "lishi-plan", 20, "1/3", "0.5", f"{page}/plan", FIRST, "plan.warc.gz", 5),
    ]


def test_a_place_is_given_only_among_those_of_which_enough_was_seen(made: tuple[Engine, Layout, str]) -> None:
    columns = "portal_id, points, possible, total, score, share_assessable, comparable, place, among"
    assert ask(made, f"SELECT {columns} FROM mart.scorecard ORDER BY portal_id") == [  # noqa: S608
        ("hushi", 30, 30, 100, 100, 0.3, True, 1, 2),
        ("lishi", 15, 90, 100, Decimal("16.67"), 0.9, True, 2, 2),
        ("wushi", 0, 0, 100, None, 0.0, False, None, None),
    ]


def test_history_keeps_what_changed_and_a_build_of_the_same_day_adds_nothing(made: tuple[Engine, Layout, str]) -> None:
    engine, layout, schema = made
    history = "SELECT portal_id, indicator, since, verdict, points, failing FROM mart.scorecard_history WHERE since > DATE '2026-03-04'"
    before = ask(made, "SELECT * FROM mart.scorecard_history ORDER BY 1, 2, 3, 4, 5")
    refresh(engine, layout, DAY, [CARD])
    assert ask(made, "SELECT * FROM mart.scorecard_history ORDER BY 1, 2, 3, 4, 5") == before
    later = DAY + timedelta(days=1)
    refresh(engine, layout, later, [CARD])
    assert ask(made, history) == []
    with engine.writing() as connection:
        connection.execute(f"UPDATE {schema}.verdict SET verdict = 'pass' WHERE portal_id = 'lishi'")  # noqa: S608
    for _ in range(2):
        refresh(engine, layout, later, [CARD])
        assert ask(made, history) == [("lishi", "report_on_time", later, "pass", 30, [])]
    assert ask(made, "SELECT as_of FROM mart.scorecard GROUP BY as_of") == [(later,)]


def test_a_warehouse_that_is_built_anew_knows_the_history(made: tuple[Engine, Layout, str]) -> None:
    engine, layout, _ = made
    before = ask(made, "SELECT * FROM silver.scorecard_log ORDER BY 1, 2, 3, 4, 5")
    assert len(before) == 15
    with engine.writing() as connection:
        connection.execute("DELETE FROM silver.scorecard_log")
    for _ in range(2):
        load(engine, layout, CITIES, run_id=FIRST, now=NOW)
        assert ask(made, "SELECT * FROM silver.scorecard_log ORDER BY 1, 2, 3, 4, 5") == before
    layout.scorecards(DAY + timedelta(days=1)).write_text("[{}]", encoding="utf-8")
    with pytest.raises(GongkaiError, match=r"day=2026-03-05\.json: no list of scorecard items"):
        load(engine, layout, CITIES, run_id=FIRST, now=NOW)


def test_an_edition_that_does_not_hold_makes_no_scorecard(made: tuple[Engine, Layout, str]) -> None:
    old = CARD.model_copy(update={"valid_to": DAY - timedelta(days=1)})
    assert refresh(made[0], made[1], DAY, [old]) == 0
    assert ask(made, "SELECT count(*) FROM mart.scorecard_item") == [(0,)]


def _run(context: RunContext, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setattr("stages.context.open_context", lambda *_: context)
    return CliRunner().invoke(gongkai, ["scorecard", *words])


def test_the_command_shows_appeals_and_the_difference_of_two_days(
    made: tuple[Engine, Layout, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, layout, schema = made
    context = RunContext(Settings(home=layout.home), layout, {p.id: p for p in CITIES}, FIRST, NOW)
    monkeypatch.setitem(context.__dict__, "engine", engine)
    note = "the report was on the old site in time"
    noted = _run(context, monkeypatch, "appeal", "lishi", "report_on_time", "--note", note, "--by", "例市政务公开办")
    assert (noted.exit_code, noted.output) == (0, "lishi plain report_on_time: noted for 例市政务公开办\n")
    load(engine, layout, CITIES, run_id=FIRST, now=NOW)
    for _ in range(2):  # told once, however often it is loaded
        load(engine, layout, CITIES, run_id=FIRST, now=NOW)
    with engine.writing() as connection:
        connection.execute(f"UPDATE {schema}.verdict SET verdict = 'pass' WHERE portal_id = 'lishi'")  # noqa: S608
    refresh(engine, layout, DAY + timedelta(days=1), [CARD])
    assert ask(made, "SELECT indicator, appeals, appeal_note, appeal_by FROM mart.scorecard_item WHERE appeals > 0") == [
        ("report_on_time", 1, note, "例市政务公开办")
    ]
    with engine.writing() as connection:
        connection.execute("DELETE FROM silver.mart_build")
        connection.execute("INSERT INTO silver.mart_build VALUES ($1, $2, $2)", DAY, NOW)
    publish(engine, run_id=FIRST, now=NOW)
    listed = _run(context, monkeypatch, "list").output.splitlines()
    assert listed[:1] == ["plain 2026-11 hushi: 30.00 of 30.00 points (100.00 %), 30% assessable, place 1 of 2, as of 2026-03-05"]
    assert listed[-1] == "plain 2026-11 wushi: nothing assessable, 0% assessable, no place: not comparable, as of 2026-03-05"
    shown = _run(context, monkeypatch, "show", "lishi").output
    assert f"  appeal by 例市政务公开办, {datetime.now(UTC):%Y-%m-%d}: {note}" in shown.splitlines()
    assert shown.splitlines()[0].startswith("例市人民政府 (lishi), 表 plain 2026-11: 30.00 of 90.00 points (33.33 %), 90% assessable")
    record = "lishi/20260301T183000Z/list.warc.gz@9"  # as `gongkai archive show` takes it
    assert f"    http://127.0.0.1:8001/list  archived as {record}" in shown.splitlines() and Place.of(record).offset == 9
    assert "  −20.00 plan_published 2025: not in the list (found missing; wanted the plan of the year)" in shown.splitlines()
    diff = _run(context, monkeypatch, "diff", "2026-03-04", "2026-03-05").output.splitlines()
    assert diff == ["lishi plain 2026-11 report_on_time: fail 15.00 → pass 30.00; no longer: 2024", "1 indicators changed"]
    as_json = json.loads(_run(context, monkeypatch, "diff", "2026-03-04", "2026-03-05", "--json").output)
    assert as_json[0]["after"] == ["pass", 30.0]
    first = _run(context, monkeypatch, "diff", "2026-03-01", "2026-03-05").output.splitlines()
    assert first[-1] == "nothing is on record of 2026-03-01: all of them were judged for the first time after it"
    for words in (("list",), ("diff", "2026-03-04", "2026-03-05")):
        refused = _run(context, monkeypatch, *words, "--set", "nonsense")
        assert str(refused.exception) == "no scorecard is called 'nonsense': jiamusi, plain"
    with pytest.raises(GongkaiError, match="2026-03-05 is not before 2026-03-04"):
        stage.changed(context, DAY + timedelta(days=1), DAY)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("lishi", "plain", "nonsense", "a note"), "has no indicator 'nonsense'"),
        (("lishi", "nonsense", "report_on_time", "a note"), "no scorecard is called 'nonsense'"),
        (("nixi", "plain", "report_on_time", "a note"), "unknown portal nixi"),
        (("lishi", "plain", "report_on_time", " \n "), "needs a name and a note"),
        (("lishi", "plain", "report_on_time", "x" * 501), "at most 500 characters"),
    ],
)
def test_an_appeal_that_says_nothing_is_refused(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    context = replace(
        RunContext(Settings(home=tmp_path), Layout(tmp_path), {p.id: p for p in CITIES}, FIRST, NOW),
    )
    portal_id, card, indicator, note = words
    with pytest.raises(GongkaiError, match=says):
        stage.appeal(context, portal_id, card, indicator, note=note, actor="a", now=NOW)
    assert not Layout(tmp_path).appeals("lishi").exists()
