"""`mart.search` on both engines: what is found, in which order, by which filter, with which evidence; and both say the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
import search_marts
from own_postgres import Server
from silver_night import FIRST, NOW, SECOND, Rows, batch, filled, portal, write

from gongkai.errors import GongkaiError, WarehouseError
from gongkai.layout import Layout
from transforms.search_fold import search_fold
from warehouse import marts, search_index
from warehouse.engines import Connection, Engine, engine_of
from warehouse.load import load
from warehouse.publish import publish
from warehouse.search import Filters, Found, search
from warehouse.search_sql import Hit

PORTALS = [
    portal("lishi"),
    portal("hushi", "湖市人民政府").model_copy(update={"province": "湖省", "division_code": "440800"}),
]
HOSTILE = '报送<script>alert("x")</script>&数据 开放ＡＢＣ，完成率100%_甲。'
FAR = "甲乙丙丁" * 300 + "天枢计划" + "戊己庚辛" * 300
RANDOM = random.Random(6)
_ALPHABET = "公开開数數据據a ，"


def _document(rows: Rows, run: str, portal_id: str, short: str, title: str, body: str | None, **more: Any) -> None:
    """A notice with its page; body None: the page could not be read."""
    base = batch(portal_id, run, notices=(short,), tasks=0, metrics=0)
    for name in ("list_entry", "notice"):
        rows[name].append({**base[name][0], "title": title, **more.get(name, {})})
    rows["list_entry"][-1]["position"] = len(rows["list_entry"])
    if body is not None:
        rows["document"].append({**base["document"][0], "title": title, "body_text": body, **more.get("document", {})})


def _nights() -> list[Rows]:
    """lishi's first night has what is asked about below, the second takes n4 away; hushi has noise that must be told apart."""
    first = {**batch("lishi", FIRST, notices=(), tasks=0, metrics=0), "completeness": []}
    plan = "一、推进公共数据开放。完善平台。二、加强解读。"
    _document(first, FIRST, "lishi", "n1", "例市2026年工作要点", plan, document={"issuer": "例市政务办"})
    grain = {k: first["document"][0][k] for k in ("portal_id", "run_id", "notice_id", "version", "document_id", "extractor_version")}
    first["plan_task"].append(filled("plan_task", **grain, seq=0, text="推进公共数据开放。", span_start=2, span_end=11, due_date=None))
    first["task_unit"].append(
        filled("task_unit", **grain, task_seq=0, seq=0, name="市统计局", printed="市统计局", role="lead", agency="statistics")
    )
    attachment = {
        **first["document"][0],
        "document_id": "lishi-n1-v1-1",
        "part": 1,
        "title": "附件：分工",
        "issuer": None,
        "body_text": "工作要点分工表",
    }
    first["document"].append(attachment)
    report = {"genre": "annual_report", "plan_year": None, "report_year": 2024, "script": "hant", "issuer": "例市審計局"}
    _document(first, FIRST, "lishi", "n2", "例市政府資訊公開報告", "本年度受理政府資訊公開申請３件。", document=report)
    other = {"genre": "announcement", "plan_year": None}
    early = {"list_date": date(2025, 5, 6), "published_at": "2025-05-06"}
    _document(first, FIRST, "lishi", "n3", "关于报送的公告", HOSTILE, document=other, notice=early)
    _document(first, FIRST, "lishi", "n4", "公共数据开放办法", "办法全文", document=other)
    _document(first, FIRST, "lishi", "n5", "天枢计划旧城公告", None)
    _document(first, FIRST, "lishi", "n6", "长文", FAR, document=other, notice=early)
    second = {**batch("lishi", SECOND, notices=(), tasks=0, metrics=0), "completeness": []}
    gone = {"portal_id": "lishi", "url": "http://127.0.0.1:8001/x", "last_seen": FIRST, "missed": 2}
    second["removal"].append(filled("removal", **gone, notice_id="lishi-n4", run_id=SECOND, cause="http_404"))
    noise = {**batch("hushi", FIRST, notices=(), tasks=0, metrics=0), "completeness": []}
    for number in range(120):
        text = "".join(RANDOM.choices(_ALPHABET, k=RANDOM.choice((5, 40, 600))))
        _document(noise, FIRST, "hushi", f"r{number}", f"湖{text[:3]}", text, document={**other, "plan_year": 2020 + number % 3})
    return [first, second, noise]


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    layout = Layout(tmp_path_factory.mktemp("search"))
    url = request.getfixturevalue("postgres").database() if request.param == "postgresql" else ""
    engine = engine_of(layout, url)
    for night in _nights():
        write(layout, night)
    assert load(engine, layout, PORTALS, run_id=SECOND, now=NOW).failed == []
    marts.build(engine, layout, as_of=date(2026, 3, 4), now=NOW)
    publish(engine, run_id=SECOND, now=NOW)
    return engine


@pytest.fixture
def snapshot(engine: Engine) -> Iterator[Connection]:
    with engine.published() as connection:
        assert connection is not None
        yield connection


def ask(engine: Engine, query: str, limit: int = 100, **filters: Any) -> Found:
    return search(engine, query, Filters(**filters), limit=limit)


def ids(found: Found) -> list[str]:
    return [hit.document_id or hit.notice_id for hit in found.hits]


def test_a_title_outranks_a_task_and_a_task_the_text(engine: Engine) -> None:
    found = ask(engine, "数据开放", portal="lishi")
    assert [(h.notice_id, h.score, h.found_in) for h in found.hits] == [("lishi-n4", 4, "title"), ("lishi-n1", 2, "task")]
    everywhere = ask(engine, "公告", portal="lishi")  # both in titles: the newest first, then by key
    assert ids(everywhere) == ["lishi-n5", "lishi-n3-v1-0"]


def test_a_hit_carries_its_evidence(engine: Engine, snapshot: Connection) -> None:
    (hit,) = ask(engine, "公共数据", agency="statistics").hits
    assert hit == Hit(
        score=2,
        found_in="task",
        title="例市2026年工作要点",
        snippet="推进公共数据开放。",
        snippet_html="推进<mark>公共数据</mark>开放。",
        portal_id="lishi",
        portal_name="例市人民政府",
        province="例省",
        published_date=date(2026, 2, 28),
        genre="work_plan",
        year=2026,
        url="http://127.0.0.1:8001/zwgk/n1.html",
        notice_title="例市2026年工作要点",
        notice_url="http://127.0.0.1:8001/zwgk/n1.html",
        state="published",
        gone_at=None,
        gone_cause=None,
        notice_id="lishi-n1",
        document_id="lishi-n1-v1-0",
        task_seq=0,
        span_start=4,
        span_end=8,
        archive_run_id=FIRST,
        warc_file="pages.warc.gz",
        warc_offset=100,
    )
    assert hit.archived == f"lishi/{FIRST}/pages.warc.gz@100"
    sentence = "SELECT substr(body_text, 5, 4) FROM mart.document_text WHERE document_id = 'lishi-n1-v1-0'"
    assert snapshot.query(sentence) == [("公共数据",)]


def test_a_removed_notice_is_found_and_says_so(engine: Engine) -> None:
    (hit,) = ask(engine, "开放办法").hits
    assert (hit.state, hit.gone_cause) == ("removed", "http_404")
    assert hit.gone_at is not None
    assert hit.gone_at.date() == date(2026, 3, 2)


def test_a_page_that_could_not_be_read_is_found_by_its_title(engine: Engine) -> None:
    (unread, far) = ask(engine, "天枢计划").hits
    assert (unread.notice_id, unread.document_id, unread.genre, unread.year) == ("lishi-n5", None, None, 2026)
    assert far.notice_id == "lishi-n6"
    assert (far.span_start, far.snippet) == (1200, f"…{FAR[1170:1294]}…")


@pytest.mark.parametrize("query", ["資訊公開", "资讯公开", "政府資訊公开", '"申請３件"', "申请3件"])
def test_scripts_and_widths_find_each_other(engine: Engine, query: str) -> None:
    (hit,) = ask(engine, query).hits
    assert (hit.notice_id, hit.year, hit.genre) == ("lishi-n2", 2024, "annual_report")
    assert "資訊公開申請３件" in hit.snippet or hit.found_in == "title"  # as printed, not folded


@pytest.mark.parametrize("query", ["100%_甲", "%_", "abc", "Ａｂｃ", "数据\u3000开放abc", '"数据 开放"', '"数据\n开放"', "<SCRIPT>alert"])
def test_what_is_no_word_of_ours_is_found_as_it_stands(engine: Engine, query: str) -> None:
    (hit,) = ask(engine, query, portal="lishi").hits
    assert hit.notice_id == "lishi-n3"
    assert "<script>" not in hit.snippet_html


@pytest.mark.parametrize("query", ["%", "_甲", "1__%", "' OR 1=1 --", "\\", "$1", "{words}", "(", "[^", "*", "数据  开放办"])
def test_no_character_of_a_query_is_an_operator(engine: Engine, query: str) -> None:
    expected = {"%": ["lishi-n3-v1-0"], "_甲": ["lishi-n3-v1-0"], "(": ["lishi-n3-v1-0"], "数据  开放办": ["lishi-n4-v1-0"]}
    assert ids(ask(engine, query, portal="lishi")) == expected.get(query, [])


def test_several_words_must_all_occur_in_whatever_field(engine: Engine) -> None:
    assert ids(ask(engine, "要点 解读")) == ["lishi-n1-v1-0"]  # one in the title, one in the text
    assert ids(ask(engine, "要点 要点 分工表")) == ["lishi-n1-v1-1"]
    assert ids(ask(engine, "要点 天枢")) == []
    assert ask(engine, '数据 ""  数据开放', agency="统计局").words in (["数据", "数据开放"], ["数据开放", "数据"])


def test_filters(engine: Engine) -> None:
    assert ids(ask(engine, "公告", year=2025)) == ["lishi-n3-v1-0"]
    assert ids(ask(engine, "报告", genre="annual_report")) == ["lishi-n2-v1-0"]
    assert ids(ask(engine, "报告", genre="work_plan")) == []
    assert ids(ask(engine, "工作要点", agency="政务办")) == ["lishi-n1-v1-0"]
    assert ids(ask(engine, "工作要点", agency="統計局")) == ["lishi-n1-v1-0"]
    assert ids(ask(engine, "工作要点", agency="statistics")) == ["lishi-n1-v1-0"]
    for printed_or_not in ("審計局", "审计局"):  # the issuer is printed in traditional characters
        assert ids(ask(engine, "报告", agency=printed_or_not)) == ["lishi-n2-v1-0"]
    for part in ("%", "_", "stat", "s"):  # an id is one as a whole: land is no landscape, sport no transport
        assert ids(ask(engine, "工作要点", agency=part)) == []
    for place, portals in (
        ("湖市", {"hushi"}),
        ("湖省", {"hushi"}),
        ("44", {"hushi"}),
        ("99", {"lishi"}),
        ("人民政府", {"hushi", "lishi"}),
    ):
        assert {h.portal_id for h in ask(engine, "公", place=place, limit=200).hits} == portals
    assert {h.year for h in ask(engine, "湖", year=2021).hits} == {2021}


def test_two_agencies_of_one_document_are_not_one_name(engine: Engine, snapshot: Connection) -> None:
    """They stand on lines of one text, and folding makes a blank of a line's end."""
    (names,) = snapshot.query("SELECT agencies FROM mart.search_item WHERE document_id = 'lishi-n1-v1-0'")[0]
    assert names == "statistics\n例市政务办\n市统计局"
    assert ids(ask(engine, "工作要点", agency="政务办 市统计局")) == []


def test_folding_in_the_database_is_folding_in_python(snapshot: Connection) -> None:
    text = "例市審計局ＡＢＣ\n(x) ^]-[\\ 资讯ａ０"
    assert snapshot.query("SELECT mart.search_fold($1::text), mart.search_fold('审计局a')", text) == [(search_fold(text), "审计局a")]
    assert snapshot.query("SELECT mart.search_fold(NULL)") == [(None,)]


def test_recall_against_exact_substrings_is_whole(engine: Engine, snapshot: Connection) -> None:
    """One character or more; every document that holds the words, and no other."""
    items = snapshot.query(
        "SELECT i.item_id, i.title, t.body_text FROM mart.search_item AS i LEFT JOIN mart.document_text AS t USING (document_id)"
    )
    texts = {item: [search_fold(title), search_fold(body or "")] for item, title, body in items}
    assert len(texts) == 127
    sizes = []
    for length in (1, 2, 3, 4, 5, 2, 3, 2, 3, 4):
        for words in range(1, 4):
            query = " ".join("".join(RANDOM.choices(_ALPHABET.replace(" ", ""), k=length)) for _ in range(words))
            expected = {item for item, fields in texts.items() if all(any(w in f for f in fields) for w in search_fold(query).split())}
            found = ids(ask(engine, query, limit=1000))
            assert len(found) == len(set(found))
            assert set(found) - {"lishi-n1-v1-0"} == expected - {"lishi-n1-v1-0"}, query
            sizes.append(len(expected))
    assert 0 in sizes
    assert max(sizes) > 50


def test_the_number_of_results_is_bounded_and_told(engine: Engine, snapshot: Connection) -> None:
    found = ask(engine, "湖", limit=3)
    assert (len(found.hits), found.more) == (3, True)
    assert found.hits == ask(engine, "湖", limit=1000).hits[:3]
    assert snapshot.query("SELECT count(*) FROM mart.search('湖')") == [(120,)]  # without a limit all
    assert snapshot.query("SELECT count(*) FROM mart.search('湖', in_portal := 'lishi')") == [(0,)]


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        ("公" * 10_000_000, "a query has at most 200 characters"),
        ("公" * 65, "a word has at most 64 characters"),
        ("一 二 三 四 五 六 七 八 九", "a query has at most 8 words"),
        ("公\x00开", "NUL"),
        ("公\udce4开", "no UTF-8"),
        ('  "" ', "no word to search for"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused_in_one_line(engine: Engine, query: str, cause: str) -> None:
    with pytest.raises(GongkaiError, match=cause) as refused:
        ask(engine, query)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 120


def test_the_database_refuses_by_itself_what_is_too_long(engine: Engine) -> None:
    for query, cause in (("公" * 10_000_000, "at most 200"), ("公" * 65, "at most 64"), ("一 二 三 四 五 六 七 八 九", "at most 8")):
        with pytest.raises(WarehouseError, match=cause), engine.published() as connection:
            assert connection is not None
            connection.query("SELECT * FROM mart.search($1::text)", query)


def test_nothing_comes_of_no_word(snapshot: Connection) -> None:
    assert snapshot.query("SELECT * FROM mart.search('')") == []
    assert snapshot.query("SELECT * FROM mart.search(NULL)") == []


def test_columns_are_those_of_a_hit(engine: Engine, snapshot: Connection) -> None:
    names = [f.name for f in fields(Hit)]
    rows = snapshot.query("SELECT * FROM mart.search('要点')")
    assert [Hit(**dict(zip(names, row, strict=True))) for row in rows] == ask(engine, "要点").hits


def test_the_marts_made_by_hand_have_the_columns_of_the_real_ones(snapshot: Connection) -> None:
    for table, columns in search_marts.TABLES.items():
        made = [column.split()[0] for column in columns.split(", ")]
        real = list(snapshot.column_types("mart", table))
        assert made == (real if table == "search_item" else [name for name in real if name in made])


def test_the_reader_of_postgresql_may_search(engine: Engine, postgres: Server) -> None:
    if engine.name != "postgresql":
        pytest.skip("DuckDB has no roles")
    with engine.published() as connection:
        assert connection is not None
        connection.execute("SET ROLE gongkai_reader")
        assert connection.query("SELECT count(*) FROM mart.search('数据开放')")[0][0] >= 2


def test_an_unpublished_warehouse_says_so(layout: Layout, url: str) -> None:
    with pytest.raises(GongkaiError, match="nothing published yet"):
        ask(engine_of(layout, url), "公开")


def test_a_second_build_cuts_only_what_changed(engine: Engine) -> None:
    assert search_index.refresh(engine) == 0
