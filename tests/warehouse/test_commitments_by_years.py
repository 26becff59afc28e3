"""A night's news make anew the evidence of promises whose windows they lie in, and what follows plans of their years: the rest stays.

Whichever nights brought the notices, and wherever one was killed, the rows are those of a warehouse that got all of them at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from silver_night import FIRST, NOW, SECOND, filled

from gongkai.commitments import commitment_rules
from gongkai.tables import TABLES
from transforms.promises.match import Portal
from transforms.promises.papers import Paper
from warehouse.commitments import COMMITMENT_TABLES, load_commitments, match
from warehouse.commitments.papers import Notices
from warehouse.commitments.promises import Promises
from warehouse.engines import Connection, Engine
from warehouse.load import LOAD_LOG, SIGHTING
from warehouse.registers import PORTAL

_MADE = ("commitment", "commitment_match", "next_plan_task", "report_mention")
_TEXTS = ("公布养老机构备案名单。", "公开食品安全监督抽检结果。", "公布义务教育学校招生计划。")
_TITLES = ("例市养老机构备案名单", "例市食品安全监督抽检结果通告", "例市义务教育学校招生计划")
Rows = dict[str, list[dict[str, Any]]]


def _notice(short: str, day: date, title: str, *, run_id: str = FIRST, version: str = "v1", **read: Any) -> Rows:
    """A notice with its page and an attachment; `tasks` are a plan's."""
    tasks: Sequence[str] = read.pop("tasks", ())
    place = {"portal_id": "lishi", "run_id": run_id, "notice_id": f"lishi-{short}", "version": version}
    grain = {**place, "document_id": f"lishi-{short}-{version}-0", "extractor_version": "0.1.0"}
    source = read.pop("source", "市民政局")
    page = {"title": title, "published_at": f"{day}T09:00:00+08:00", "source": source, "url": "", "fetched_at": NOW}
    rows: Rows = {"notice": [filled("notice", **place, **page, warc_file="", warc_offset=0)], "document": [], "plan_task": []}
    body = "".join(tasks) or read.pop("body_text", title)
    rows["document"].append(filled("document", **grain, title=title, body_text=body, **({"genre": "other"} | read)))
    rows["attachment"] = [filled("attachment", **place, seq=0, name="附件.xlsx", url="", status="archived")]
    units = {"lead_units": ["市民政局"], "support_units": ["市教育局"]}
    for seq, text in enumerate(tasks):
        span = {"span_start": body.index(text), "span_end": body.index(text) + len(text)}
        due = date(day.year, 11, 30)
        rows["plan_task"].append(filled("plan_task", **grain, seq=seq, path=["一"], text=text, due_date=due, **units, **span))
    return rows


def _plan(year: int, tasks: Sequence[str] = _TEXTS, **given: Any) -> Rows:
    title = f"例市{year}年政务公开工作要点"
    return _notice(f"plan{year}", date(year, 3, 20), title, tasks=tasks, genre="work_plan", plan_year=year, **given)


def _year(year: int) -> list[Rows]:
    """A plan, a notice that keeps each promise, one beside it, and the report of the year before."""
    kept = [_notice(f"{year}-{n}", date(year, 6 + n, 3), title) for n, title in enumerate(_TITLES)]
    said = "本年公布养老机构备案名单两批。"
    report = _notice(f"report{year}", date(year, 1, 20), "年度报告", genre="annual_report", report_year=year - 1, body_text=said)
    return [_plan(year), *kept, _notice(f"{year}-tax", date(year, 9, 9), "例市税收宣传"), report]


def _store(connection: Connection, notices: Iterable[Rows]) -> None:
    for rows in notices:
        with connection.transaction():
            for name, listed in rows.items():
                connection.append("silver", TABLES[name], TABLES[name].arrow(listed))
            seen = [{name: row[name] for name in SIGHTING.schema.names} for row in rows["notice"]]
            connection.append("silver", SIGHTING, SIGHTING.arrow(seen))


def _made(connection: Connection) -> list[list[tuple[Any, ...]]]:
    return [sorted(connection.query(f"SELECT * FROM silver.{table}"), key=repr) for table in _MADE]  # noqa: S608


def _anew(connection: Connection) -> list[list[tuple[Any, ...]]]:
    """What a warehouse says that makes all of it at once."""
    for table in COMMITMENT_TABLES:
        connection.execute(f"DELETE FROM silver.{table.name}")  # noqa: S608
    load_commitments(connection)
    return _made(connection)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A warehouse with the notices of 2021 to 2024."""
    with engine.writing() as opened:
        for table in (*TABLES.values(), SIGHTING, LOAD_LOG, PORTAL, *COMMITMENT_TABLES):
            opened.ensure_table("silver", table)
        place = dict.fromkeys(PORTAL.schema.names, "") | {"portal_id": "lishi", "name": "例市人民政府"}
        opened.append("silver", PORTAL, PORTAL.arrow([place]))
        _store(opened, itertools.chain.from_iterable(map(_year, range(2021, 2025))))
        assert load_commitments(opened) == 1
        yield opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Years of the plans whose promises were compared, and, as negative numbers, of the notices whose texts were read."""
    years: list[int] = []
    compare, read = Portal.evidence, Notices.papers

    def comparing(portal: Portal, promise: Any) -> Any:
        years.append(promise.begins.year)
        return compare(portal, promise)

    def reading(notices: Notices, notice_ids: Collection[str]) -> Iterator[Paper]:
        for paper in read(notices, notice_ids):
            assert paper.published
            years.append(-paper.published.year)
            yield paper

    monkeypatch.setattr(Portal, "evidence", comparing)
    monkeypatch.setattr(Notices, "papers", reading)
    return years


def _groups(connection: Connection) -> set[tuple[Any, ...]]:
    return set(connection.query("SELECT made, first_year, last_year, mark FROM silver.commitment_group"))


def test_news_of_a_year_touch_its_own_promises_alone(connection: Connection, asked: list[int]) -> None:
    before = _groups(connection)
    assert {row[:3] for row in before if row[0] == "commitment_match"} == {("commitment_match", y, y + 1) for y in range(2021, 2025)}
    connection.execute("UPDATE silver.commitment_match SET basis = 'as it was'")
    connection.execute("UPDATE silver.next_plan_task SET change = 'as it was'")
    connection.execute("UPDATE silver.report_mention SET report_state = 'as it was'")
    _store(connection, [_notice("late", date(2025, 1, 9), "例市养老机构备案名单（更新）")])
    assert load_commitments(connection) == 1
    assert (set(asked), len([y for y in asked if y > 0])) == ({2024, -2024, -2025}, 3)
    as_it_was = "SELECT DISTINCT c.plan_year FROM silver.{} AS m JOIN silver.commitment AS c USING (commitment_id) WHERE {} = 'as it was'"
    assert {y for (y,) in connection.query(as_it_was.format("commitment_match", "basis"))} == {2021, 2022, 2023}
    assert {y for (y,) in connection.query(as_it_was.format("next_plan_task", "change"))} == {2021, 2022, 2023, 2024}
    assert {y for (y,) in connection.query(as_it_was.format("report_mention", "report_state"))} == {2021, 2022, 2023, 2024}
    assert {row[:3] for row in before ^ _groups(connection)} == {("commitment_match", 2024, 2025)}
    late = "SELECT count(*) FROM silver.commitment_match WHERE notice_id = 'lishi-late'"
    assert connection.query(late) == [(1,)]
    assert load_commitments(connection) == 0


def test_a_next_plan_touches_the_follow_through_of_the_one_before(connection: Connection) -> None:
    connection.execute("UPDATE silver.next_plan_task SET change = 'as it was'")
    _store(connection, [_plan(2025)])
    load_commitments(connection)
    follow = "SELECT DISTINCT c.plan_year, f.change FROM silver.next_plan_task AS f JOIN silver.commitment AS c USING (commitment_id)"
    assert set(connection.query(follow)) == {
        *((year, "as it was") for year in (2021, 2022, 2023)),
        (2024, "repeated"),
        (2025, "no_next_plan"),
    }


def test_a_report_is_read_for_the_plans_of_its_year_which_are_not_compared_again(connection: Connection) -> None:
    for column in ("next_plan_task SET change", "report_mention SET report_state"):
        connection.execute(f"UPDATE silver.{column} = 'as it was'")
    _store(connection, [_notice("report", date(2023, 1, 25), "年度报告", genre="annual_report", report_year=2022, body_text=_TEXTS[0])])
    load_commitments(connection)
    assert connection.query("SELECT change, count(*) FROM silver.next_plan_task GROUP BY change") == [("as it was", 12)]
    said = "SELECT c.plan_year, m.report_state, count(*) FROM silver.report_mention AS m JOIN silver.commitment AS c USING (commitment_id)"
    as_it_was = [(year, "as it was", 3) for year in (2021, 2023, 2024)]
    assert sorted(connection.query(f"{said} GROUP BY 1, 2")) == sorted([*as_it_was, (2022, "mentioned", 1), (2022, "not_mentioned", 2)])


def test_another_version_of_a_plan_that_promises_the_same_leaves_what_followed(connection: Connection, asked: list[int]) -> None:
    connection.execute("UPDATE silver.next_plan_task SET change = 'as it was'")
    _store(connection, [_plan(2022, run_id=SECOND, version="v2")])
    load_commitments(connection)
    assert connection.query("SELECT change, count(*) FROM silver.next_plan_task GROUP BY change") == [("as it was", 12)]
    assert {year for year in asked if year > 0} == {2021, 2022}  # in whose windows it was published
    documents = "SELECT DISTINCT document_id FROM silver.commitment WHERE plan_year = 2022"
    assert connection.query(documents) == [("lishi-plan2022-v2-0",)]


def test_a_plan_for_another_year_leaves_nothing_where_it_was(connection: Connection) -> None:
    _store(connection, [_plan(2026), _notice("2027", date(2027, 1, 5), _TITLES[0])])
    load_commitments(connection)
    moved = _notice(
        "plan2026",
        date(2027, 3, 20),
        "例市2027年政务公开工作要点",
        tasks=_TEXTS,
        genre="work_plan",
        plan_year=2027,
        run_id=SECOND,
        version="v2",
    )
    _store(connection, [moved])
    load_commitments(connection)
    by_nights = _made(connection), _groups(connection)
    assert (_anew(connection), _groups(connection)) == by_nights


def test_a_body_that_publishes_for_the_first_time_is_told_of_old_promises(connection: Connection, asked: list[int]) -> None:
    finance = "UPDATE silver.plan_task SET lead_units = ARRAY['市财政局'] WHERE seq = 0"
    connection.execute(finance)
    publishing = "SELECT DISTINCT body_publishes FROM silver.commitment WHERE seq = 0"
    _anew(connection)
    assert connection.query(publishing) == [(False,)]
    asked.clear()
    _store(connection, [_notice("money", date(2030, 2, 1), "例市财政预算", source="市财政局")])
    assert load_commitments(connection) == 1
    assert (connection.query(publishing), asked) == ([(True,)], [])
    by_nights = _made(connection)
    assert _anew(connection) == by_nights


def test_promises_of_notices_that_stand_are_those_that_would_be_made_anew(connection: Connection) -> None:
    """Tasks that recur, name nobody or have no day; the same words in page and attachment; obligations beside tasks."""
    plan = _plan(2025, (*_TEXTS, "每季度公布财政收支。", "公布年报。"))
    page, tasks = plan["document"][0], plan["plan_task"]
    tasks[1] |= {"lead_units": None, "support_units": [], "due_date": None}
    tasks[3] |= {"recurrence": "quarterly", "due_date": None, "support_units": ["市审计局", "市财政局"]}
    tasks[4] |= {"span_start": None, "span_end": None}
    file = page | {
        "document_id": "lishi-plan2025-v1-1",
        "part": 1,
        "issuer": "市财政局",
        "body_text": f"{_TEXTS[0]}自公布之日起三十日内答复。",
    }
    plan["document"].append(file)
    tasks.append(tasks[0] | {"document_id": file["document_id"], "span_start": 0, "span_end": len(_TEXTS[0])})
    grain = {name: file[name] for name in ("portal_id", "run_id", "notice_id", "version", "document_id", "extractor_version")}
    limit = {"counts_from": "published", "amount": 30, "unit": "day", "subject_units": ["市政府办"], "span_start": 12, "span_end": 20}
    plan["obligation"] = [filled("obligation", **grain, seq=0, **limit)]
    _store(connection, [plan])
    load_commitments(connection)
    notices = Notices(connection, {"lishi": "例市人民政府"})
    ids = [notice_id for (notice_id,) in connection.query("SELECT notice_id FROM silver.notice")]
    anew = Promises(connection, notices, ids).of(ids)
    assert Promises(connection, notices, ()).of(ids) == anew
    assert [(one.row["kind"], one.row["seq"], one.row["document_id"][-1], one.row["recurrence"]) for one in anew[-7:]] == [
        *(("task", seq, "0", "quarterly" if seq == 3 else None) for seq in range(5)),
        ("task", 0, "1", None),
        ("obligation", 0, "1", None),
    ]
    connection.execute("UPDATE silver.commitment SET text = 'as it was'")
    assert {one.promise.text for one in Promises(connection, notices, ()).of(ids)} == {"as it was"}


def test_a_batch_that_was_made_anew_is_known_by_its_digest(connection: Connection) -> None:
    """Of the same run, with the same versions and the same extractor: one task is read otherwise, and a sentence of a report."""
    logged = dict.fromkeys(LOAD_LOG.schema.names, "") | {"portal_id": "lishi", "run_id": FIRST, "passed": True, "loaded_at": NOW}
    connection.append("silver", LOAD_LOG, LOAD_LOG.arrow([logged]))
    load_commitments(connection)
    connection.execute("DELETE FROM silver.plan_task WHERE seq = 2")
    connection.execute("UPDATE silver.document SET body_text = '无' WHERE genre = 'annual_report'")
    connection.execute("UPDATE silver.load_log SET digest = 'another'")
    assert load_commitments(connection) == 1
    by_nights = _made(connection)
    assert [len(rows) for rows in by_nights] == [8, 14, 8, 8]
    assert _anew(connection) == by_nights


def test_any_order_of_nights_gives_the_rows_of_one(connection: Connection) -> None:
    nights = [
        [_notice("old", date(2022, 8, 1), "例市食品安全监督抽检结果")],  # an old notice that was not known
        [_plan(2023, _TEXTS[1:], run_id=SECOND, version="v2")],  # a promise is gone
        [_plan(2024, (*_TEXTS, "公布公共厕所分布图。"), run_id=SECOND, version="v2")],
        _year(2025),
        [_notice("2021-0", date(2023, 1, 3), _TITLES[0], run_id=SECOND, version="v2")],  # another day: into other years
    ]
    for night in nights:
        _store(connection, night)
        assert load_commitments(connection) == 1
        by_nights = _made(connection), _groups(connection)
        assert (_anew(connection), _groups(connection)) == by_nights
    connection.execute("DELETE FROM silver.plan_task")
    load_commitments(connection)
    assert _made(connection) == [[], [], [], []]
    assert _groups(connection) == set()


def test_a_portal_that_is_gone_takes_its_rows_along(connection: Connection) -> None:
    connection.execute("DELETE FROM silver.portal")
    assert load_commitments(connection) == 1
    assert [connection.count("silver", table) for table in (*_MADE, "commitment_notice", "commitment_group")] == [0] * 6
    assert load_commitments(connection) == 0


def test_killed_within_a_transaction_the_next_build_goes_on(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _made(connection)
    _store(connection, _year(2025))
    with monkeypatch.context() as patch, pytest.raises(KeyError):
        patch.setattr(match, "COMMITMENT_GROUP", TABLES["notice"])
        load_commitments(connection)
    assert _made(connection) == before
    assert load_commitments(connection) == 1
    after = _made(connection)
    assert after == _anew(connection) != before


def test_other_rules_make_all_of_it_anew(connection: Connection, asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    other = commitment_rules().model_copy(update={"soon_days": 31})
    monkeypatch.setattr(match, "commitment_rules", lambda: other)
    assert load_commitments(connection) == 1
    assert {year for year in asked if year > 0} == {2021, 2022, 2023, 2024}
