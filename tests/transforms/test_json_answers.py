"""Made answers of services in many JSON dialects: rows, totals, and errors that must not look like an empty list."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.errors import UnreadableInput
from gongkai.json_names import JsonNames, json_names
from transforms.pages import FAMILIES, read_list
from transforms.pages.answers import is_answer, load_answer
from transforms.pages.contract import ListReading, NotThisLayout, SoftError
from transforms.pages.json_fields import moment
from transforms.pages.json_lists import number

BASE = "http://www.example.gov.cn/so/search"
ONE, TWO = "例市关于公布便民服务点的通告", "例市养老服务设施布局规划（2025年版）"
URL1, URL2 = "http://www.example.gov.cn/zw/202503/1.html", "http://www.example.gov.cn/zw/202502/2.html"
DAY1, DAY2 = date(2025, 3, 4), date(2025, 2, 28)
NUMBER = "例政发〔2025〕1号"


def read(answer: object, family: str = "generic", url: str = BASE) -> ListReading:
    return read_list(answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False), url, family)


ANSWERS = sorted((Path(__file__).parents[1] / "fixtures" / "answers").glob("*.json"))
"""Each {"declared_total", "answer"}: the same two rows in one dialect; an answer that is no JSON stands as a text."""


def made(path: Path) -> tuple[Any, int | None]:
    case = json.loads(path.read_text(encoding="utf-8"))
    return case["answer"], case["declared_total"]


@pytest.mark.parametrize("path", ANSWERS, ids=lambda p: p.stem)
@pytest.mark.parametrize("family", ["generic", "trs_wcm", "hanweb_truecms", "lonsun"])
def test_a_dialect_is_read_whatever_the_family(path: Path, family: str) -> None:
    answer, total = made(path)
    reading = read(answer, family)
    assert [(row.title, row.url, row.date) for row in reading.rows] == [(ONE, URL1, DAY1), (TWO, URL2, DAY2)]
    assert reading.declared_total == total


def test_numbers_come_with_the_rows() -> None:
    wanted = {"groups_by_channel", "pinyin", "names_nobody_knows"}
    assert {path.stem for path in ANSWERS if read(made(path)[0]).rows[0].doc_number == NUMBER} == wanted
    assert all(read(made(path)[0]).rows[1].doc_number is None for path in ANSWERS)


ERRORS: list[tuple[str, Any]] = [
    ("gkmlpt", {"errcode": 40001, "errmessage": "too many requests", "data": {"list": [], "total": 0}}),
    ("jpaas", {"success": False, "code": "500", "message": "系统异常", "data": None}),
    ("ucap", {"code": 500, "msg": "频道不存在", "data": {"total": 0, "results": []}}),
    ("szinf", {"resultCode": "-1", "data": {"list": []}}),
    ("lonsun", {"status": 0, "desc": "参数错误", "data": []}),
    ("epoint", {"custom": {"code": "0", "text": "failed"}, "status": {"code": 300, "text": "token error"}, "error": "token 失效"}),
    ("was5", {"error": "TRS Server is not available", "docs": []}),
    ("irs", {"code": 403, "data": {"middle": {"listAndBox": [], "pager": {"total": 0}}}}),
    ("spring", {"timestamp": "2025-03-04T00:00:00", "status": 404, "error": "Not Found", "path": "/x"}),
    ("inner", {"code": 0, "data": {"errcode": 9, "errmsg": "查询失败", "list": []}}),
    ("a flag", {"hasError": True, "data": {"list": []}}),
    ("an error that is true", {"error": True, "list": []}),
    ("no success", {"isSuccess": "N", "list": []}),
    ("a result in a word", {"result": "fail", "rows": []}),
    ("a return code", {"returnCode": "9999", "returnMsg": "系统异常", "data": {"rows": []}}),
    ("epoint's text", {"custom": {"total": 0, "data": []}, "status": {"code": "0", "text": "token无效"}}),
    ("words only", {"message": "查询超时，请稍后再试", "rows": []}),
    ("jsonp", 'cb({"success":"false","list":[]})'),
]


@pytest.mark.parametrize("answer", [e[1] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_an_error_answer_is_an_error(answer: Any) -> None:
    with pytest.raises(SoftError):
        read(answer)


@pytest.mark.parametrize(
    "answer",
    [
        {"errcode": 0, "errmessage": "ok", "data": {"list": [], "total": None}},
        {"status": 1, "desc": "查询成功", "data": []},
        {"code": 20000, "msg": "操作成功", "data": {"items": []}},
        {"status": 1, "data": {"total": 0, "data": []}},
        {"code": 1, "msg": "", "rows": [], "total": 0},
        {"error": None, "results": []},
        {"error": 0, "list": []},
        {"total": 0, "rows": None},
        {"custom": {"total": 0, "data": []}, "status": {"code": "200", "text": "请求成功"}},
        {"success": "true", "result": {"rows": [], "total": 0}, "text": ""},
        [],
    ],
)
def test_an_empty_list_is_empty(answer: Any) -> None:
    assert read(answer).rows == ()


def test_rows_declared_and_none_shown_are_no_empty_list() -> None:
    with pytest.raises(NotThisLayout, match="declares 40 rows"):
        read({"custom": {"total": 40, "data": []}})


def test_mended_answers_say_so() -> None:
    second = f'{{"title":"甲\t乙\n丙丁戊己","url":"{URL2}","time":"2025-02-28","p":"c:\\dir"}}'
    first = f'{{"title":"{ONE}","url":"{URL1}","time":"2025-03-04","x":\'###p"y###\'}}'
    reading = read(f'{{"count":"2","docs":[{first},\n{second},]}}')
    assert [row.title for row in reading.rows] == [ONE, "甲 乙 丙丁戊己"]
    assert [f.rule for f in reading.findings] == ["L-NOT-JSON"]
    assert read({"list": []}).findings == ()


def test_what_is_an_answer() -> None:
    assert all(map(is_answer, ('\ufeff {"a":1}', "[]", "cb( [1])", "/**/jQuery1_2({})", "var x = {")))
    assert not any(map(is_answer, ("<html>[", "暂无信息", "", "cb(1)")))
    assert load_answer("cb({'a':\"it's\"})").value == {"a": "it's"}


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("²", None), ("9" * 5000, None), ("1,227", 1227), (" 12 ", 12), (12.0, 12), (12.5, None), (True, None), (-1, None),
        ({"value": 7}, 7), ("", None), (10**12, None),
    ],
)  # fmt: skip
def test_totals(value: object, count: int | None) -> None:
    assert number(value) == count
    answer = {"total": value, "list": [{"title": ONE, "url": URL1}]}
    assert read(answer).declared_total == count


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (1741017600, DAY1), (1741017600000, DAY1), ("1741017600000", DAY1), (20250304, DAY1), ("20250304093000", DAY1), ("20250304", DAY1),
        ([2025, 3, 4, 9, 30], DAY1), ([2025, 13, 4], None), ({"time": 1741017600000}, DAY1), ({"time": {"time": 1}}, None),
        ("/Date(1741017600000+0800)/", DAY1), ("²", None), ("2025年3月4日", DAY1), (None, None), (True, None),
    ],
)  # fmt: skip
def test_times(value: object, day: date | None) -> None:
    stamp = moment(value)
    assert (stamp.day if stamp else None) == day


def test_the_names_are_checked() -> None:
    good = json_names().model_dump()
    for key, wrong in (("title", ("Title",)), ("url", ("a", "a")), ("weak", {"no_such"})):
        with pytest.raises(ValueError):
            JsonNames.model_validate({**good, key: wrong})


ODD = [ONE, URL1, "2025-03-04", NUMBER, "²", "{", '{"a":[]}', "<a href=x>甲乙丙丁</a>", "http://[", "\ud800"]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12) | st.sampled_from(ODD)
KINDS = ("title", "url", "data", "list", "total", "code", "message", "html", "result", "pubDate", "_source", "domainMetaList", "attachment")
KEYS = st.sampled_from([*KINDS, "classify"]) | st.text(max_size=3)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=40)


@given(VALUES, st.sampled_from([*FAMILIES]))
def test_any_json_is_read_or_refused(value: Any, family: str) -> None:
    with suppress(UnreadableInput):
        read(json.dumps(value), family)


@given(st.text(alphabet="{}[]()'\",:\\abcn1 <", max_size=60))
def test_any_broken_json_is_read_or_refused(text: str) -> None:
    with suppress(UnreadableInput):
        read("{" + text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("family", ["trs_wcm", "pc_list", "hanweb_jcms"])
@pytest.mark.parametrize(
    "text",
    [
        '{"a":' + '"\\' * 100_000,
        "{'a':" + "'\\" * 100_000,
        "<script>articleList = [" + '"\\' * 100_000,
        "<datastore>" + "<record><![CDATA[" * 30_000,
        "<datastore>" + "<nextgroup>x" * 30_000,
        "{," + " " * 500_000,
        "[" * 100_000,
    ],
    ids=["double", "single", "array", "records", "groups", "blanks", "deep"],
)
def test_a_hostile_answer_costs_no_more_than_its_length(family: str, text: str) -> None:
    with pytest.raises(UnreadableInput):
        read_list(text, BASE, family)
