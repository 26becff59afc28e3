"""Answers of the services behind gkmlpt, Hanweb and TRS lists, in the forms that their readers' own fixtures do not show."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from transforms.pages import detect, read_list
from transforms.pages.contract import ListReading, ListRequest, NotThisLayout, SoftError
from transforms.pages.gkmlpt import read_gkmlpt_index
from transforms.pages.list_page import OWN_ROWS

SITE = "http://www.example.gov.cn"
GKMLPT = f"{SITE}/gkmlpt/api/all/501?page=1&sid=999001"
PROXY = f"{SITE}/module/web/jpage/dataproxy.jsp?startrecord=1&endrecord=45&perpage=15&columnid=22&unitid=33"
UNIT = f"{SITE}/api-gateway/jpaas-publish-server/front/page/build/unit?webId=1&tplSetId=x&tagId=l&pageId=7"
SEARCH = f"{SITE}/was5/web/search?channelid=222&classsql=chnlid%3D18&prepage=15&page=1"


def titles(reading: ListReading) -> list[tuple[str, str]]:
    return [(row.title, str(row.date)) for row in reading.rows]


def article(number: int, **other: object) -> dict[str, object]:
    url = f"{SITE}/gkmlpt/content/9/9000/post_{number}.html"
    return {"id": number, "title": f"例市事项第{number}号通知", "url": url, "display_publish_time": 1735747200} | other


def gkmlpt(articles: object, **other: object) -> str:
    return json.dumps({"classify": {"post_count": 2}, "total": 2, "articles": articles} | other)


TWO = [("例市事项第6号通知", "2025-01-02"), ("例市事项第3号通知", "2025-01-02")]


@pytest.mark.parametrize(
    "around", ["{}\n<!-- 12 ms -->", "{};", "<html><head></head><body><pre style='x'>{}</pre></body></html>", "/**/cb({});", "\ufeff\n{}"]
)
def test_what_stands_around_an_answer(around: str) -> None:
    text = around.replace("{}", gkmlpt([article(6), article(3)]), 1)
    assert titles(read_list(text, GKMLPT, "gkmlpt")) == TWO
    assert detect(gkmlpt([article(6)]).replace("/", "\\/"), None) == "gkmlpt"


def test_an_epoch_is_a_time_in_china() -> None:
    rows = read_list(
        gkmlpt([article(6, display_publish_time=1735747199), article(3, display_publish_time="1735747200")]), GKMLPT, "gkmlpt"
    ).rows
    assert [row.date for row in rows] == [date(2025, 1, 1), date(2025, 1, 2)]


def test_a_list_that_is_null_is_empty_only_where_no_rows_are_declared() -> None:
    assert read_list(gkmlpt(None, total=0, classify={"post_count": 0}), GKMLPT, "gkmlpt") == ListReading(
        rows=(), declared_total=0, next=ListRequest(url=GKMLPT.replace("page=1", "page=2"), page=2)
    )
    with pytest.raises(NotThisLayout):
        read_list(gkmlpt(None), GKMLPT, "gkmlpt")
    with pytest.raises(NotThisLayout):
        read_list('{"success": true, "code": "200", "data": null}', UNIT, "hanweb_jpaas")


@pytest.mark.parametrize(
    "answer",
    [
        '{"code": "E0001", "articles": []}',
        '{"code": 0, "message": "sid 无效", "articles": []}',
        '{"articles": [], "total": 0, "msg": "参数 page 不能为空"}',
        '{"message": "Unauthorized", "articles": []}',
    ],
)
def test_complaints_are_errors(answer: str) -> None:
    with pytest.raises(SoftError):
        read_list(answer, GKMLPT, "gkmlpt")


def datastore(*records: str, total: str = "<totalrecord>2</totalrecord>", tag: str = "<record>") -> str:
    inside = "".join(f"{tag}<![CDATA[{record}]]></record>" for record in records)
    return f"<datastore>{total}<recordset>{inside}</recordset></datastore>"


def record(number: int, markup: str = "<li><a href='@' title='例市事项第~号通知'>例市事项…</a><b>2025-01-02</b></li>") -> str:
    return markup.replace("@", f"/art/2025/1/2/art_22_{number}.html").replace("~", str(number))


@pytest.mark.parametrize(
    "xml",
    [
        datastore(*(record(n, "<a href='@'>例市事项第~号通知</a><span>2025-01-02</span>") for n in (6, 3))),
        datastore(*(record(n, "<tr><td><a href='@'>例市事项第~号通知</a></td><td>2025-01-02</td></tr>") for n in (6, 3))),
        datastore(record(6), record(3), tag='<record id="1">'),
        datastore(record(6), record(3), "<li><font> · </font><span>无链接</span></li>"),
        datastore(record(6), record(3), total="<totalrecord><![CDATA[2]]></totalrecord>"),
        datastore(record(6), record(3)).replace("<![CDATA[<li>", "&lt;li&gt;").replace("]]>", "").replace("<a ", "&lt;a "),
    ],
)
def test_records_of_every_make(xml: str) -> None:
    reading = read_list(xml, PROXY, "hanweb_jcms")
    assert (titles(reading), reading.declared_total, reading.next) == (TWO, 2, None)


def test_no_window_begins_behind_the_total() -> None:
    window = datastore(record(6), record(3), total="<totalrecord>92</totalrecord>")
    last = PROXY.replace("startrecord=1&endrecord=45", "startrecord=91&endrecord=135")
    middle = PROXY.replace("startrecord=1&endrecord=45", "startrecord=46&endrecord=90")
    assert read_list(window, last, "hanweb_jcms").next is None
    following = read_list(window, middle, "hanweb_jcms").next
    assert following is not None and "startrecord=48&endrecord=92" in following.url


def test_truecms_may_call_with_the_xml_itself() -> None:
    asked = f"{SITE}/truecms/messageController/getMessage.do?startrecord=1&endrecord=20&perpage=20&columnId=a&callback=cb"
    reading = read_list(f"cb({json.dumps(datastore(record(6), record(3)))})", asked, "hanweb_truecms")
    assert (titles(reading), reading.declared_total) == (TWO, 2)


BLOCK = "<ul><li><a href='/art/2025/art_{0}.html'>例市事项第6号通知</a><b>2025-01-02</b></li></ul>".replace("{0}", "0" * 32)


def built(pager: str, url: str = UNIT) -> ListReading:
    return read_list(json.dumps({"success": True, "data": {"html": BLOCK + pager}}), url, "hanweb_jpaas")


@pytest.mark.parametrize(
    "pager",
    [
        """<div PAGENO='1' ROWS='15' querydata="{'webId':'1'}" COUNT='40'></div>""",
        """<div queryData="{'rows':'15','count':'40','pageNo':'1'}"></div>""",
        """<div rows=15 count=40 pageNo=1></div>""",
    ],
)
def test_pagers_of_a_built_block(pager: str) -> None:
    reading = built(pager)
    assert reading.declared_total == 40
    assert reading.next is not None and reading.next.url.endswith("paramJson=%7B%22pageNo%22%3A2%2C%22pageSize%22%3A15%7D")


def test_the_page_of_a_built_block_is_in_its_parameters_and_not_in_page_id() -> None:
    pager = "<div count='40' rows='15'></div>"
    second, third = (built(pager, f"{UNIT}&paramJson=%7B%22pageNo%22%3A{n}%2C%22pageSize%22%3A15%7D").next for n in (2, 3))
    assert second is not None and "pageNo%22%3A3" in second.url
    assert third is None  # 45 of 40


def test_a_column_page_that_names_its_blocks_in_scripts() -> None:
    block = """<script url="/api-gateway/jpaas-publish-server/front/page/build/unit"
      queryData="{'parseType':'buildstatic','webId':'1','tplSetId':'x','pageType':'column','tagId':'%s','pageId':'7'}"></script>"""
    page = f"<html><body>{block % '导航'}{block % '当前栏目_list'}</body></html>"
    (first,) = read_list(page, f"{SITE}/col/col7/index.html", "hanweb_jpaas").leads_to
    assert "tagId=%E5%BD%93%E5%89%8D%E6%A0%8F%E7%9B%AE_list" in first.url and "parseType=buildstatic" in first.url
    assert first.otherwise is not None and "tagId=%E5%AF%BC%E8%88%AA" in first.otherwise.url


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"title":"关于例市…","title2":"关于例市第6号事项的通知"', "关于例市第6号事项的通知"),
        ('"title":"关于印发"例市六条"的通知"', '关于印发"例市六条"的通知'),
    ],
)
def test_titles_of_a_template_that_escapes_nothing(written: str, read: str) -> None:
    row = f'{{{written},"url":"/a/202501/t20250102_1006.html","time":"2025-01-02"}}'
    text = f'{{"count":"1","docs":[{row}]}}\r\n<!--END-->'
    assert titles(read_list(text, SEARCH, "trs_wcm")) == [(read, "2025-01-02")]


@pytest.mark.parametrize(
    ("text", "url", "family"),
    [
        ("<datastore></datastore>", None, "hanweb_jcms"),
        ("", PROXY, "hanweb_jcms"),
        ("{}", UNIT, "hanweb_jpaas"),
        ("", f"{SITE}/module/xxgk/subjectinfo.jsp?currpage=1", "hanweb_xxgk"),
    ],
)
def test_services_are_known_by_address_or_answer(text: str, url: str | None, family: str) -> None:
    assert detect(text, url) == family


def test_a_search_of_several_columns_declares_a_total_that_is_not_this_columns() -> None:
    row: Any = "<tr><td><a href='/art/2025/1/2/art_22_6.html'>例市事项第6号通知</a></td><td>2025-01-02</td></tr>"
    reading = read_list(f"<table>{row}</table><p>共120条 共8页</p>", f"{SITE}/module/xxgk/search.jsp?divid=div22&currpage=1", "hanweb_xxgk")
    assert (reading.declared_total, reading.declared_pages, reading.counts_others) == (120, 8, True)


def test_a_directory_tree_written_as_javascript() -> None:
    leaf = "{id: 2, name: '规范性文件', children: [], post_count: '7', jump_url: ''}"
    page = (
        f"<script>window._CONFIG = {{SID: '999001', TREE: [{{id: 1, name: '公开', children: [{leaf}], post_count: 7}},], X: 1}};</script>"
    )
    index = read_gkmlpt_index(page, f"{SITE}/gkmlpt/index")
    assert [(c.id, c.name, c.post_count, c.leaf, c.parent) for c in index.columns] == [
        (1, "公开", 7, False, None),
        (2, "规范性文件", 7, True, 1),
    ]
    (only,) = read_list(page, f"{SITE}/gkmlpt/index", "gkmlpt").leads_to
    assert only.url == f"{SITE}/gkmlpt/api/all/2?page=1&sid=999001"


def test_a_list_page_beside_gkmlpt_whose_rows_lead_there() -> None:
    rows = "".join(f"<li><a href='/gkmlpt/content/0/0/post_{n}.html'>例市事项第{n}号通知</a> 2025-01-02</li>" for n in (6, 3))
    page = f"<script>window.NFCMS_SITE_ID = 999001;</script><ul>{rows}</ul>"
    assert detect(page, f"{SITE}/zfwj/index.html") == "nfcms"
    for family in ("nfcms", "gkmlpt"):
        assert titles(read_list(page, f"{SITE}/zfwj/index.html", family)) == TWO
    with pytest.raises(NotThisLayout):  # where an answer is due, a page is none
        read_list(page, GKMLPT, "gkmlpt")


def test_of_several_calls_the_one_of_the_pages_own_column() -> None:
    calls = "".join(
        f"$('#{n}').jpage({{proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:{n},ajaxParam:{{columnid:{column},unitid:'{n}1'}}}});"
        for n, column in ((10, 22), (5, 44))
    )
    (first,) = read_list(f"<script>{calls}</script>", f"{SITE}/col/col22/index.html", "hanweb_jcms").leads_to
    assert "endrecord=30&perpage=10" in first.url and "columnid=22&unitid=101" in first.url


def test_a_column_that_a_datacall_draws_says_so() -> None:
    page = "<html><body><script src='/jact/front/datacall/showJsContent.do?iid=5'></script></body></html>"
    with pytest.raises(NotThisLayout, match="drawn by script"):
        read_list(page, f"{SITE}/col/col22/index.html", "hanweb_jcms")


def test_a_group_names_the_next_where_no_window_was_asked_for() -> None:
    following = "<nextgroup><![CDATA[<a href='./dataproxy.jsp?page=2&columnid=22&unitid=33'></a>]]></nextgroup><recordset>"
    group = datastore(record(6), record(3), total="<totalrecord>92</totalrecord>").replace("<recordset>", following)
    reading = read_list(group, f"{SITE}/module/web/jpage/dataproxy.jsp?page=1&columnid=22&unitid=33", "hanweb_jcms")
    assert reading.next is not None and reading.next.url == f"{SITE}/module/web/jpage/dataproxy.jsp?page=2&columnid=22&unitid=33"


def test_the_next_window_of_a_post_posts_the_same() -> None:
    request = ListRequest(url=PROXY, body="columnid=22&unitid=33")
    group = datastore(record(6), record(3), total="<totalrecord>92</totalrecord>")
    following = read_list(group, PROXY, "hanweb_jcms", request=request).next
    assert following is not None and following.body == "columnid=22&unitid=33"


def test_the_channel_of_a_search_may_stand_in_a_meta_tag_alone() -> None:
    call = "listModel({listArgs: {channelid: 222}, pagebar: {prepage: 10, recordCount: '20'}})"
    page = f"<html><head><META NAME=ChnlId CONTENT=18></head><body><script>{call}</script></body></html>"
    (first,) = read_list(page, f"{SITE}/a/", "trs_wcm").leads_to
    assert "channelid=222" in first.url and "classsql=chnlid%3D18&" in first.url


def test_the_first_group_may_be_an_array_of_markup() -> None:
    cells = [record(n, "<tr><td><a href=\\'@\\' title=\"例市事项第~号通知\">例市事...</a></td><td>[2025-01-02]</td></tr>") for n in (6, 3)]
    rows = ",".join(f"'<table>{cell}</table>'" for cell in cells)
    call = "$('#9').jpage({totalRecord:92,dataStore:InitData9,proxyUrl:'/module/jslib/jquery/jpage/dataproxy.jsp',ajaxParam:{unitid:'9'}});"
    page = f"<script>var InitData9=[{rows}];{call}</script>"
    url = f"{SITE}/col/col22/index.html"
    reading = read_list(page, url, "hanweb_jcms", request=ListRequest(url=url, column=OWN_ROWS))
    assert (titles(reading), reading.declared_total) == (TWO, 92)


@pytest.mark.parametrize("message", ["请输入验证码", "您的访问已被拦截", "请先登录"])
def test_a_service_that_turns_visitors_away_is_not_empty(message: str) -> None:
    with pytest.raises(SoftError):
        read_list(json.dumps({"data": [], "msg": message}), SEARCH, "trs_wcm")
