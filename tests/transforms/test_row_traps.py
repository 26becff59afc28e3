"""Lists as real portals print them, rewritten: rows in script arrays, addresses with backslashes or in scripts, days in pieces."""

from __future__ import annotations

from datetime import date

import pytest

from transforms.pages import read_list
from transforms.pages.contract import ListReading, SoftError
from transforms.pages.stamps import row_day

BASE = "http://www.example.gov.cn/zwgk/tzgg/index.html"


def read(body: str, url: str = BASE, family: str = "generic") -> ListReading:
    return read_list(f"<html><body>{body}</body></html>", url, family)


def test_rows_kept_in_script_arrays_each_from_its_own_piece() -> None:
    pieces = "".join(f"urls[i]='/art/2026/9/{n}/art_1_{n}00.html';headers[i]='例市第{n}号公告';i++;" for n in (3, 2, 1))
    shown = "<a href='/art/2026/9/3/art_1_300.html'>例市第3号公告</a>"
    reading = read(f"{shown}<script>var urls=new Array();var headers=new Array();var i=0;{pieces}</script>", family="hanweb_jcms")
    assert [(row.title, row.url[-11:], row.date) for row in reading.rows] == [
        (f"例市第{n}号公告", f"_1_{n}00.html", date(2026, 9, n)) for n in (3, 2, 1)
    ]


def test_a_script_row_takes_no_date_of_the_next() -> None:
    rows = "var url='a1.html';var title='例市第一号通知';write();var url='a2.html';var title='例市第二号通知';write('2025-03-04');"
    assert [row.date for row in read(f"<script>{rows}</script>").rows] == [None, date(2025, 3, 4)]


def test_backslashes_in_an_address_are_slashes_and_date_a_short_day() -> None:
    items = "".join(rf'<li><span>0{n}-15</span><a href="/News\2018\0{n}15\AB{n}.shtml">例市考试报名通知之{n}</a></li>' for n in (3, 2, 1))
    rows = read(f"<ul>{items}</ul>").rows
    assert (rows[0].url, rows[0].date) == ("http://www.example.gov.cn/News/2018/0315/AB3.shtml", date(2018, 3, 15))


@pytest.mark.parametrize(
    ("text", "url", "day"),
    [
        ("[19-12-24]", "http://e/art/2019/12/25/art_1_2.html", date(2019, 12, 24)),
        ("03-15", "http://e/News/2018/0315/AB3.shtml", date(2018, 3, 15)),
        ("24-13-01", "http://e/n1.html", None),
        ("共3-5 2022-2023学年", "http://e/n1.html", None),
    ],
)
def test_days_in_pieces(text: str, url: str, day: date | None) -> None:
    assert row_day(text, url) == day


@pytest.mark.parametrize(
    "link",
    [
        """<a onclick="query(this,'/zwgk/2189/index2.html')" tagname="/zwgk/2189/index2.html">下一页</a>""",
        """<a tagname="/zwgk/2189/index2.html">下一页</a>""",
        """<a href="javascript:location.href='/zwgk/2189/index2.html'">下一页</a>""",
    ],
)
def test_the_next_page_named_by_a_script_or_a_pager(link: str) -> None:
    items = "".join(f'<li><a href="n{n}.html">例市第{n}号通知公告</a><span>2025-03-0{n}</span></li>' for n in (3, 2, 1))
    following = read(f'<ul>{items}</ul><a tagname="[PREVIOUSPAGE]">上一页</a>{link}').next
    assert following is not None
    assert following.url == "http://www.example.gov.cn/zwgk/2189/index2.html"


def test_the_title_is_not_the_reading_of_it_behind() -> None:
    said = "例局关于申报事项的公告"
    items = "".join(
        f'<li><a href="n{n}.html" title="{said}{n}"><font>{said}{n}</font> <em>关于《{said}{n}》的解读</em></a>2025-03-0{n}</li>'
        for n in (2, 1)
    )
    assert [row.title for row in read(f"<ul>{items}</ul>").rows] == [f"{said}2", f"{said}1"]


def test_an_address_under_a_name_of_content_and_a_counter_called_p() -> None:
    answer = '[{"title": "例市关于加强建设的通知", "content_url": "/gk/bmwj/30301.htm", "released_dtime": "2012-07-19 15:25:29"}]'
    reading = read_list(answer, "http://www.example.gov.cn/data?t=gw&p=1&n=5", "generic")
    assert reading.rows[0].url == "http://www.example.gov.cn/gk/bmwj/30301.htm"
    assert reading.next is not None
    assert reading.next.url.endswith("&p=2&n=5")


def test_a_search_by_the_column_above_keeps_its_rows() -> None:
    rows = "".join(
        f"<tr class='tr_main_value_odd'><td><a href='/art/2020/2/1{n}/art_45_{n}.html'>例省关于第{n}项批复</a></td></tr>" for n in (2, 1)
    )
    reading = read(f"<table>{rows}</table>", "http://www.example.gov.cn/module/xxgk/search.jsp?divid=div94&currpage=1", "hanweb_xxgk")
    assert (len(reading.rows), reading.left_out) == (2, 0)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<form><input type="password" name="p"></form>', "login"),
        ("<h1>您访问的页面不存在</h1>", "页面不存在"),
    ],
)
def test_links_of_a_login_or_error_page_are_no_rows(body: str, said: str) -> None:
    links = "".join(f'<li><a href="/c{n}/">信息公开目录栏目导航{n}</a></li>' for n in range(9))
    with pytest.raises(SoftError, match=said):
        read(f"{body}<ul>{links}</ul>")


@pytest.mark.parametrize("beside", ['<form><input type="password" name="p"></form>', "<h2>网站维护通知</h2>"])
def test_undated_rows_beside_a_login_box_are_a_list(beside: str) -> None:
    links = "".join(f'<li><a href="nb/bao{n}.html">例市政府信息公开工作年度报告（20{n}年）</a></li>' for n in range(15, 25))
    assert len(read(f"{beside}<ul>{links}</ul>").rows) == 10


def test_every_row_in_a_table_of_its_own() -> None:
    menu = "".join(f'<tr><td><a href="/x{n}/">例市组织机构与职能{n}</a></td></tr>' for n in range(5))
    inner = '<table><tr><td><img></td><td><a href="n{n}.jsp">例市财政局第{n}批资金的通知</a></td><td>20{n}-05-06</td></tr></table>'
    rows = "".join(f"<tr><td>{inner.format(n=n)}</td></tr><tr><td height=1></td></tr>" for n in (19, 18, 17))
    reading = read(f"<table><tr><td><table>{menu}</table></td><td><table>{rows}</table></td></tr></table>")
    assert [(row.title, row.date) for row in reading.rows] == [(f"例市财政局第{n}批资金的通知", date(2000 + n, 5, 6)) for n in (19, 18, 17)]


def test_the_document_number_in_an_attribute() -> None:
    items = "".join(
        f"<tr><td><a href='n{n}.html' mc='例省关于第{n}项任命的通知' wh='例政干〔2019〕4{n} 号' rq='2019-12-30'>例省关于…</a></td></tr>"
        for n in (2, 1)
    )
    assert [row.doc_number for row in read(f"<table>{items}</table>").rows] == ["例政干〔2019〕42 号", "例政干〔2019〕41 号"]


def test_texts_sent_as_arrays_of_one() -> None:
    answer = '{"response": {"numFound": 77, "docs": [{"title": ["例市关于加强建设的公告"], "url": ["/1.html"], "pubdate": "2021-03-04"}]}}'
    reading = read_list(answer, BASE, "generic")
    assert (reading.rows[0].title, reading.rows[0].url, reading.declared_total) == (
        "例市关于加强建设的公告",
        "http://www.example.gov.cn/1.html",
        77,
    )
