"""How lists are paged: counters in queries and bodies, numbered files, windows, and findings about what is unconfirmed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.registry import Portal, Section, SectionKind
from transforms.pages import FAMILIES, family_of, read_list
from transforms.pages.contract import ListRequest, NotThisLayout
from transforms.pages.list_findings import LIST_RULES, met
from transforms.pages.paging import counted_on, counter_of, page_size, query_of, with_query

HOST = "http://www.example.gov.cn"


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        (f"{HOST}/s?word=%C0%FD%CA%D0&page=1", f"{HOST}/s?word=%C0%FD%CA%D0&page=2"),
        (f"{HOST}/s?a=1+2&b=%7e&page=1&flag&c=", f"{HOST}/s?a=1+2&b=%7e&page=2&flag&c="),
        (f"{HOST}/s?page=1&page=1#top", f"{HOST}/s?page=2&page=1"),
        (f"{HOST}/s", f"{HOST}/s?page=2"),
    ],
)
def test_foreign_parameters_stay_byte_for_byte(url: str, changed: str) -> None:
    assert with_query(url, page=2) == changed


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "页"]), st.text(max_size=5)), max_size=4))
def test_what_is_set_is_read_back(pairs: list[tuple[str, str]]) -> None:
    url = f"{HOST}/s"
    for name, value in pairs:
        url = with_query(url, **{name: value})
    assert query_of(url.partition("?")[2]) == dict(pairs)


@pytest.mark.parametrize(
    ("query", "following"),
    [
        ("pageIndex=0", "pageIndex=1"), ("currpage=3", "currpage=4"), ("p=2&pg=10", "p=3&pg=10"), ("page_num=9", "page_num=10"),
        ("paramJson=%7B%22pageNo%22%3A2%2C%22pageSize%22%3A15%7D", "paramJson=%7B%22pageNo%22%3A+3%2C+%22pageSize%22%3A+15%7D"),
        ("p=2", None), ("page=x", None), ("page=%C2%B2", None), ("", None),
    ],
)  # fmt: skip
def test_the_counter_of_a_query(query: str, following: str | None) -> None:
    asked = counted_on(ListRequest(url=f"{HOST}/s?{query}"))
    assert (asked.url if asked else None) == (f"{HOST}/s?{following}" if following else None)


@pytest.mark.parametrize(
    ("body", "following"),
    [
        ("a=%C0%FD&pageIndex=1", "a=%C0%FD&pageIndex=2"),
        ('{"params": {"pageIndex": 0, "n": "x"}}', '{"params": {"pageIndex": 1, "n": "x"}}'),
        ('{"pageNo": "4"}', '{"pageNo": "5"}'),
        ('{"pn": 20, "rn": "10"}', '{"pn": 30, "rn": "10"}'),
        ("[1]", None),
        ("{", None),
    ],
)
def test_the_counter_of_a_body(body: str, following: str | None) -> None:
    asked = counted_on(ListRequest(url=f"{HOST}/s", body=body))
    assert (asked.body if asked else None) == following


def test_pages_nought_and_one_are_the_same() -> None:
    for page in (0, 1):
        asked = counted_on(ListRequest(url=f"{HOST}/api/all/1?page={page}&sid=9"), first=2)
        assert asked is not None
        assert (asked.url, asked.page) == (f"{HOST}/api/all/1?page=2&sid=9", 2)


def test_sizes_and_counters() -> None:
    assert page_size(ListRequest(url=f"{HOST}/s?_pageSize=15&page=1")) == 15
    assert page_size(ListRequest(url=f"{HOST}/s", body="pageIndex=1&pageSize=20")) == 20
    assert counter_of(ListRequest(url=f"{HOST}/s", body='{"params": {"pageIndex": 3}}')) == 3
    assert counter_of(ListRequest(url=f"{HOST}/index_3.html")) is None


def listing(url: str, family: str, body: str, page: int = 1) -> ListRequest | None:
    rows = "".join(f'<li><a href="/zw/{n}.html">例市第{n}批便民服务事项清单</a><span>2025-03-0{n}</span></li>' for n in (4, 3, 2))
    return read_list(f"<ul>{rows}</ul>{body}", url, family, request=ListRequest(url=url, page=page)).next


@pytest.mark.parametrize(
    ("family", "url", "page", "following", "otherwise"),
    [
        ("trs_wcm", "/zw/", 1, "/zw/index_1.html", "/zw/index_2.html"),
        ("trs_wcm", "/zw/index_1.html", 2, "/zw/index_2.html", None),
        ("trs_wcm", "/zw/index_2.html", 2, "/zw/index_3.html", None),
        ("siteserver", "/channels/7.html", 1, "/channels/7_2.html", "/channels/7_1.html"),
        ("siteserver", "/channels/7_1.html", 2, "/channels/7_2.html", None),
        ("ucap", "/z/c100001/list.shtml", 1, "/z/c100001/list_2.shtml", "/z/c100001/list_1.shtml"),
    ],
)
def test_both_numbers_of_page_two(family: str, url: str, page: int, following: str, otherwise: str | None) -> None:
    asked = listing(HOST + url, family, "", page)
    assert asked is not None
    assert asked.url == HOST + following
    assert (asked.otherwise.url if asked.otherwise else None) == (HOST + otherwise if otherwise else None)


NEXT_LINKS = (
    '<a href="n2.html">下一页&gt;</a>',
    '<a href="n2.html" title="下一页"><i></i></a>',
    '<a rel="next" href="n2.html">2</a>',
    '<a href="n2.html"><img alt="下一页"></a>',
    '<a href="n2.html">»</a>',
)


@pytest.mark.parametrize("link", NEXT_LINKS)
def test_every_next_link(link: str) -> None:
    asked = listing(f"{HOST}/zw/n1.html", "generic", link)
    assert asked is not None
    assert asked.url == f"{HOST}/zw/n2.html"


def test_an_answer_without_a_counter_has_no_next_page_unless_more_is_declared() -> None:
    rows = [{"title": "例市便民服务事项清单", "url": "/zw/1.html"}]
    assert read_list(json.dumps({"total": 1, "list": rows}), f"{HOST}/s", "generic").next is None
    asked = read_list(json.dumps({"total": 9, "list": rows}), f"{HOST}/s", "generic").next
    assert asked is not None
    assert (asked.url, asked.guessed) == (f"{HOST}/s?page=2", True)
    assert (
        read_list(json.dumps({"total": 9, "list": rows}), f"{HOST}/s", "generic", request=ListRequest(url=f"{HOST}/s", body="x=1")).next
        is None
    )


def chain(request: ListRequest | None) -> list[tuple[str, str | None]]:
    found = []
    while request is not None:
        found.append((request.url.partition("?")[0].removeprefix(HOST), request.body))
        request = request.otherwise
    return found


def portal(family: str, entry: str, **params: str | int) -> tuple[Portal, Section]:
    section = Section(name="文件", kind=SectionKind.NEWS, entry=entry)
    made = Portal(id="x", name="例市", level="city", province="岚江省", base_url=HOST, family=family, params=params, sections=(section,))
    return made, section


def test_what_else_is_asked_for_an_entry() -> None:
    channel = "ab" * 16
    found = chain(family_of("ucap").list_page.entry(*portal("ucap", channel)))
    assert [url for url, _ in found] == [f"/common/search/{channel}", f"/search/{channel}", f"/searchList/{channel}"]
    assert [u for u, _ in chain(family_of("ucap").list_page.entry(*portal("ucap", channel, search="so")))] == [f"/so/{channel}"]
    found = chain(family_of("epoint_ewb").list_page.entry(*portal("epoint_ewb", "001", wrap="params")))
    bodies = [json.loads(body) for _, body in found[1:] if body]
    assert found[0] == ("/js/webBuilderCommon.js", None)
    assert [("params" in b, (b.get("params") or b)["pageIndex"]) for b in bodies] == [(True, 0), (True, 1), (False, 0), (False, 1)]
    assert chain(family_of("gkmlpt").list_page.entry(*portal("gkmlpt", "10001", dept="/zjfgj/")))[0][0] == "/zjfgj/gkmlpt/index"
    with pytest.raises(NotThisLayout):
        family_of("hanweb_jpaas").list_page.entry(*portal("hanweb_jpaas", channel))
    asked = family_of("hanweb_jpaas").list_page.entry(*portal("hanweb_jpaas", channel, web_id="29e9", tpl_set_id="9cd7", tag_id="列表"))
    assert "pageId=" + channel in asked.url


def test_the_table_of_findings_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "add-a-portal.md").read_text(encoding="utf-8")
    assert [rule for rule in LIST_RULES if f"| `{rule}`" not in text] == []
    assert all(rule.id == name and rule.section for name, rule in LIST_RULES.items())
    assert met("L-WINDOW", 20, 50).message == "asked for 50 rows, the service gives 20"
    assert {rule for rule in LIST_RULES if met(rule, 1, 2).severity != "info"} == {"L-SHELL", "L-CAP"}
    assert len(FAMILIES) == 18


@pytest.mark.parametrize(
    ("url", "href"),
    [("http://e/?m=content&c=index&a=lists&catid=10", "?m=content&c=index&a=lists&catid=10&page=2"), ("http://e/tzgg/", "/tzgg/?page=2")],
)
def test_where_a_next_link_leads_is_not_rewritten_into_a_file(url: str, href: str) -> None:
    rows = "".join(f'<li><a href="/2025/xx_0304/{n}.html">例市关于事项{n}的通知</a><span>2025-03-04</span></li>' for n in (1, 2, 3))
    following = read_list(f'<ul>{rows}</ul><a href="{href.replace("&", "&amp;")}">下一页</a>', url, "phpcms").next
    assert following is not None and following.url == f"http://e/{href.lstrip('/')}"
