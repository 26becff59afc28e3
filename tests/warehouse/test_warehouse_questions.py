"""The questions of docs/queries.md on both engines, over nights with a planted contradiction, removal, late report and edit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from planted_years import PLAN, RULES

from gongkai.settings import PROJECT
from warehouse.compare import content_of, differences
from warehouse.engines import Connection, Engine

_HEADING = re.compile(r"^### ([^\n]+)$|```sql\n(.*?)```", re.MULTILINE | re.DOTALL)


def _documented() -> dict[str, list[str]]:
    """Queries of docs/queries.md by heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for match in _HEADING.finditer((PROJECT / "docs" / "queries.md").read_text(encoding="utf-8")):
        heading = match[1] or heading
        if match[2]:
            found.setdefault(heading, []).append(match[2].rstrip().rstrip(";"))
    return found


QUERIES = _documented()


@pytest.fixture(params=["duckdb", "postgresql"])
def published(both: dict[str, Engine], request: pytest.FixtureRequest) -> Iterator[Connection]:
    with both[request.param].published() as connection:
        assert connection is not None
        yield connection


def ask(connection: Connection, heading: str, *columns: str, nth: int = 0) -> list[tuple[Any, ...]]:
    """Chosen columns of a documented question's answer, in its order."""
    return connection.query(f"SELECT {', '.join(columns)} FROM ({QUERIES[heading][nth]}) AS answer")  # noqa: S608


def test_the_planted_contradiction_is_found(published: Connection) -> None:
    found = ask(published, "Which reports contradict themselves?", "document_year", "rule", "expected", "actual")
    assert found == [(2024, "T3-BAL", "12", "13")]
    between = ask(published, "Which reports contradict themselves?", "report_year", "code", "value", nth=1)
    assert between == [(2024, "app_new_received", Decimal(12))]  # the page says 12, its sheet 13


def test_the_planted_removal_is_found_and_its_page_is_kept(published: Connection) -> None:
    columns = ("title", "cause", "gone_now", "page_warc_file", "url")
    found = ask(published, "What vanished, when, and what did its own address answer?", *columns)
    assert found == [("关于规2的通知", "http_404", True, "pages.warc.gz", "http://127.0.0.1:8001/zwgk/gui2.html")]


def test_what_vanished_last_month_is_counted_and_listed(published: Connection) -> None:
    """The snapshot is of 4 March; the removal was found on 3 March, so it is last month's on a day of April."""
    counts, titles = (query.replace("s.as_of", "date '2026-04-02'") for query in QUERIES["What vanished last month?"])
    assert published.query(f"SELECT section, cause, removed, returned, whole_walks FROM ({counts}) AS a") == [("公开", "http_404", 1, 0, 0)]  # noqa: S608
    assert published.query(f"SELECT title FROM ({titles}) AS a") == [("关于规2的通知",)]  # noqa: S608
    assert ask(published, "What vanished last month?", "title", nth=1) == []


def test_the_planted_late_report_is_found_apart_from_missing_and_unseen_ones(published: Connection) -> None:
    found = ask(published, "Which reports came late, or not at all?", "portal_id", "year", "state", "days_late")
    assert found == [("hushi", 2024, "cannot_see", None), ("lishi", 2023, "late", 34), ("lishi", 2022, "missing", None)]


def test_the_planted_edit_is_found_with_its_words(published: Connection) -> None:
    columns = ("title", "changed", "lines_added", "lines_removed", "body_diff")
    words = ["@@ -1,3 +1,2 @@", " 一、主动公开重大决策。", "-二、公开财政预决算。", "-三、办好政府网站。", "+三、办好政府网站和新媒体。"]
    assert ask(published, "What changed on a page, and when?", *columns) == [(PLAN, ["body"], 1, 2, "\n".join(words))]


def test_what_was_known_on_a_day(published: Connection) -> None:
    notices = ask(published, "What was known on a day?", "notice_id", "version")
    assert ("lishi-plan", "v1") in notices
    assert ("lishi-gui2", "v1") in notices
    later = published.query("SELECT notice_id, version FROM mart.notice_as_of(date '2026-03-03')")
    assert set(notices) - set(later) == {("lishi-plan", "v1"), ("lishi-gui2", "v1")}
    assert set(later) - set(notices) == {("lishi-plan", "v2")}
    promised = ask(published, "What was known on a day?", "text", nth=1)
    assert [text for (text,) in promised] == ["一、主动公开重大决策。", "二、公开财政预决算。", "三、办好政府网站。"]
    assert published.query("SELECT count(*) FROM mart.metric_as_of(date '2026-03-03')") == [(6,)]
    plan = "SELECT version, body_length FROM mart.document_as_of(date '{}') WHERE notice_id = 'lishi-plan'"
    assert published.query(plan.format("2026-03-02")) == [("v1", 32)]
    assert published.query(plan.format("2026-03-03")) == [("v2", 25)]


def test_what_could_be_said_of_reports_on_a_day(published: Connection) -> None:
    """The first night did not see the listing whole, the second did: nobody knew on the first day that the report of 2022 is missing."""
    columns = ("portal_id", "year", "state", "cast(valid_from as text)", "cast(valid_to as text)")
    first, second = "2026-03-01 18:30:00", "2026-03-02 18:30:00"
    then = ask(published, "What was known on a day?", *columns, nth=2)
    assert then[0] == ("lishi", 2022, "cannot_see", first, second)
    assert then[1:] == [("lishi", 2023, "late", first, None), ("lishi", 2024, "found", first, None)]
    later = (
        "SELECT state, cast(valid_from as text) FROM mart.completeness_as_of(date '2026-03-03') WHERE portal_id = 'lishi' AND year = 2022"
    )
    assert published.query(later) == [("missing", second)]


@pytest.mark.parametrize("what", ["notice", "document", "metric", "commitment", "completeness"])
def test_a_night_is_known_on_its_day_in_china_and_not_on_the_day_before(published: Connection, what: str) -> None:
    """The first night began on 1 March at 18:30 UTC: half past two on 2 March for everybody whom it is about."""
    known = [published.query(f"SELECT count(*) > 0 FROM mart.{what}_as_of(date '2026-03-0{day}')") for day in (1, 2)]  # noqa: S608
    assert known == [[(False,)], [(True,)]]


def test_why_there_is_no_figure_never_looks_like_zero(published: Connection) -> None:
    query = """
        SELECT portal_id, report_year, code, value, state FROM mart.metric_by_city_year
        WHERE code IN ('app_new_received', 'app_carried_in', 'app_granted', 'app_partial', 'meetings_held') ORDER BY 1, 2, 3
    """
    asked = ("app_carried_in", "app_granted", "app_new_received", "app_partial")
    reported = [("app_carried_in", Decimal(0), "zero_printed"), ("app_granted", None, "blank"), ("app_new_received", Decimal(12), "number")]
    reported += [("app_partial", None, "not_stated"), ("meetings_held", Decimal(3), "number")]
    late = [(code, Decimal(8), "number") if code == "app_new_received" else (code, None, "not_stated") for code in asked]
    assert published.query(query) == [
        *(("hushi", 2024, code, None, "not_seen") for code in asked),
        *(("lishi", 2022, code, None, "no_report") for code in asked),
        *(("lishi", 2023, *rest) for rest in late),
        *(("lishi", 2024, *rest) for rest in reported),
    ]


def test_a_sum_says_how_many_stand_behind_it(published: Connection) -> None:
    columns = ("report_year", "total", "portals", "with_value", "no_report", "not_seen", "contradicted")
    found = ask(published, "How large is a sum, and how many stand behind it?", *columns)
    assert found == [(2022, None, 1, 0, 1, 0, 0), (2023, Decimal(8), 1, 1, 0, 0, 0), (2024, Decimal(12), 2, 1, 0, 1, 1)]


def test_a_division_that_the_list_does_not_know_costs_one_portal_its_name_and_nobody_the_night(published: Connection) -> None:
    places = published.query("SELECT portal_id, division_code, division_name FROM mart.dim_portal ORDER BY 1")
    assert places == [("hushi", "998877", None), ("lishi", "990100", "青岚市")]


def test_workload_counts_tasks_of_a_unit_beside_those_of_nobody(published: Connection) -> None:
    columns = "unit_name, agency, tasks_led, tasks_supported, due, not_due, plans, tasks_in_plans, tasks_without_unit, plan_state"
    assert published.query(f"SELECT {columns} FROM mart.unit_workload") == [("市财政局", "finance", 1, 0, 0, 1, 1, 2, 1, "found")]  # noqa: S608


def test_the_dashboard_of_units_says_of_how_many_plans_its_sums_are(published: Connection) -> None:
    columns = ("unit_name", "led", "plans_found", "plans_missing", "plans_not_seen")
    assert ask(published, "Dashboard: commitments by unit and status", *columns) == [("市财政局", 1, 1, 0, 0)]


def test_an_interpretation_finds_its_document_and_the_holiday_does_not_count(published: Connection) -> None:
    columns = ("target_title", "target_number", "lag_days", "lag_working_days", "state")
    found = ask(published, "How late do interpretations (解读) come?", *columns)
    assert found == [(f"例市人民政府关于印发{RULES}的通知", "例政规〔2025〕4号", 10, 2, "assessed")]  # 9 and 10 October; 1 to 8 are free


def test_what_is_cited_is_found_or_was_never_seen(published: Connection) -> None:
    columns = ("cited_title", "state", "target_document_id")
    found = ask(published, "On what does a document rest, and which of that was never seen?", *columns)
    assert found == [(RULES, "resolved", "lishi-gui4-v1-0"), ("例省住房管理条例", "not_seen", None)]


def test_a_gap_of_numbers_is_estimated_with_its_coverage(published: Connection) -> None:
    heading = "How many numbers of a series are held, of about how many, and which are missing?"
    columns = (
        "issuer_mark",
        "numbers_seen",
        "largest",
        "issued_upper",
        "state",
        "sections",
        "sections_complete",
        "issued_estimate",
        "share_seen",
    )
    [(*facts, estimate, share)] = ask(published, heading, *columns)
    assert facts == ["例政规", 5, 8, 14, "gaps", 1, 1]
    assert (round(estimate, 1), round(share, 3)) == (8.6, 0.581)


def test_areas_are_counted_beside_what_no_rule_knows(published: Connection) -> None:
    unit = "例市人民政府办公室"
    columns = ("unit", "area", "quarter_start", "notices", "by_title", "gone", "portal_notices", "portal_unclassified", "sections_complete")
    assert published.query(f"SELECT {', '.join(columns)} FROM mart.publication_by_area ORDER BY 3, 2 NULLS FIRST") == [  # noqa: S608
        (unit, None, date(2024, 1, 1), 1, 0, 0, 1, 1, 1),
        (unit, None, date(2025, 1, 1), 1, 0, 0, 1, 1, 1),
        (unit, None, date(2025, 7, 1), 4, 0, 1, 5, 4, 1),
        (unit, "housing", date(2025, 7, 1), 1, 1, 0, 5, 4, 1),
        (unit, None, date(2025, 10, 1), 1, 0, 0, 1, 1, 1),
        (unit, None, date(2026, 1, 1), 1, 0, 0, 1, 1, 1),
    ]
    housing = ask(published, "How much was published of each disclosure area (重点领域)?", "basis", "words", "url", nth=1)
    assert housing == [("title", ["公共租赁住房"], "http://127.0.0.1:8001/zwgk/gui8.html")]


@pytest.mark.parametrize(("heading", "nth"), [(heading, nth) for heading, queries in QUERIES.items() for nth in range(len(queries))])
def test_every_documented_question_gets_the_same_answer_from_both_engines(both: dict[str, Engine], heading: str, nth: int) -> None:
    answers = []
    for engine in both.values():
        with engine.published() as connection:
            assert connection is not None
            answers.append(connection.query(QUERIES[heading][nth]))
    assert answers[0] == answers[1]


def test_the_questions_of_the_runbook_can_be_asked(both: dict[str, Engine]) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.DOTALL)
    for question in (q for block in blocks for q in block.split(";") if q.strip()):
        answers = []
        for engine in both.values():
            with engine.published() as connection:
                assert connection is not None
                answers.append(connection.query(question))
        assert len(answers[0]) == len(answers[1]), question


def test_both_engines_hold_the_same_marts(both: dict[str, Engine]) -> None:
    contents = []
    for engine in both.values():
        with engine.published() as connection:
            assert connection is not None
            contents.append(content_of(connection))
    assert differences(*contents) == []


@pytest.mark.parametrize("name", ["duckdb", "postgresql"])
def test_a_compacted_warehouse_holds_the_same(both: dict[str, Engine], name: str) -> None:
    engine = both[name]

    def rows() -> dict[tuple[str, str], int]:
        with engine.reading() as connection:
            return {(schema, table): connection.count(schema, table) for schema, table in connection.tables("silver", "mart")}

    before = rows()
    assert engine.place in engine.compact()
    assert rows() == before and sum(before.values()) > 100
