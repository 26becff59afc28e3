"""Rows of list pages in the many layouts that columns of one family have: what is a row, its title, its date; and what pagers say."""

from __future__ import annotations

import pytest

from transforms.pages import read_list
from transforms.pages.contract import ListReading

COLUMN = "http://www.example.gov.cn/zwgk/tzgg/"
DAYS = (6, 5, 4, 3)
MENU = "<div id='nav'><ul>" + "".join(f"<li><a href='/c{i}/'>栏目名称示例之{i}</a></li>" for i in range(8)) + "</ul></div>"
FOOT = "<div class='footer'><a href='http://www.gov.cn'>上级政府门户网站链接</a><p>版权 2025-01-01</p></div>"


def listed(rows: str, family: str = "trs_wcm", url: str = COLUMN) -> ListReading:
    return read_list(f"<html><body>{MENU}<div class='main'>{rows}</div>{FOOT}</body></html>", url, family)


def each(layout: str, days: tuple[int, ...] = DAYS) -> str:
    """The layout once a row: `@` is the address, `#` the day of July, `~` the number in the title."""
    return "".join(
        layout.replace("@", f"./202507/t2025070{d}_100{d}.html").replace("#", f"2025-07-0{d}").replace("~", str(d)) for d in days
    )


LAYOUTS = {
    "link around title and date": "<ul>"
    + each("<li><a href='@'><span class='t'><font class='tit'>例市事项第~号通知</font><font>#</font></span></a></li>")
    + "</ul>",
    "links side by side in a box": "<div class='list'>" + each("<a href='@'><p>例市事项第~号通知</p><span>#</span></a>\n") + "</div>",
    "dates between bare links": "<div>" + each("<a href='@'>例市事项第~号通知</a><span>#</span>") + "</div>",
    "dates before bare links": "<div>" + each("<span>#</span><a href='@'>例市事项第~号通知</a>") + "</div>",
    "lines of a table cell": "<table><tr><td>" + each("<a href='@'>·例市事项第~号通知</a> (#)<br>") + "</td></tr></table>",
    "one dl, date behind": "<dl>" + each("<dd><a href='@'>例市事项第~号通知</a></dd><dd>#</dd>") + "</dl>",
    "one dl, date before": "<dl>" + each("<dt>#</dt><dd><a href='@'>例市事项第~号通知</a></dd>") + "</dl>",
    "date in an item of its own": "<ul>" + each("<li><a href='@'>例市事项第~号通知</a></li><li>#</li>") + "</ul>",
    "a list for each row": each("<ul><li class='nav04Left_content'><a href='@'>例市事项第~号通知</a></li><li>#</li></ul>"),
    "heading, summary, date": "<ul>" + each("<li><a href='@'><h3>例市事项第~号通知</h3><p>自2024年1月</p><i>#</i></a></li>") + "</ul>",
    "two rows a list": "".join(
        "<ul>" + each("<li><a href='@'>例市事项第~号通知</a> #</li>", d) + "</ul><hr>" for d in ((6, 5), (4, 3))
    ),
    "two rows a list in a wrapping": "".join(
        "<div ms-visible='x'><ul>" + each("<li><a href='@'>例市事项第~号通知</a> #</li>", d) + "</ul><div class='l'></div></div>"
        for d in ((6, 5), (4, 3))
    ),
    "favourites beside it": "<ul>" + each("<li><a href='@'>例市事项第~号通知</a><i>#</i></li>") + "</ul><div><ul>"
    + "".join(f"<li><a href='/hot/t20240101_{i}9999.html'>大家都在看的消息之{i}</a></li>" for i in range(10)) + "</ul></div>",
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_of_a_layout(layout: str) -> None:
    assert [(row.title, row.url, str(row.date)) for row in listed(LAYOUTS[layout]).rows] == [
        (f"例市事项第{d}号通知", f"{COLUMN}202507/t2025070{d}_100{d}.html", f"2025-07-0{d}") for d in DAYS
    ]


@pytest.mark.parametrize(
    "row", ["<div><a href='@'>例市事项第~号通知</a><i>#</i></div>", "<a href='@'><b>例市事项第~号通知</b><i>#</i></a>"]
)
def test_two_rows_are_two(row: str) -> None:
    assert [str(found.date) for found in listed("<div>" + each(row, (6, 3)) + "</div>").rows] == ["2025-07-06", "2025-07-03"]


def test_a_pinned_row_that_comes_again_stays_where_it_stood_first() -> None:
    row = "<li><a href='@'>例市事项第~号通知</a> #</li>"
    assert [found.title[5:7] for found in listed("<ul>" + each(row, (3, 6, 5, 3, 4)) + "</ul>").rows] == ["3号", "6号", "5号", "4号"]


@pytest.mark.parametrize("printed", ["发文字号：例政发〔2025〕~号", "（例政发〔2025〕~号）", "文　号: 例政发〔2025〕~号"])
def test_a_document_number_behind_its_label_or_in_brackets(printed: str) -> None:
    rows = listed("<ul>" + each(f"<li><a href='@'>例市事项第~号通知</a><p>{printed}</p><p>#</p></li>") + "</ul>").rows
    assert [row.doc_number for row in rows] == [f"例政发〔2025〕{d}号" for d in DAYS]


def test_a_short_date_takes_its_year_from_the_address() -> None:
    row = "<li><a href='/col/col7/art/2025/art_{}.html' title='关于例市事项的&lt;br/&gt;通知'>关于例市事项的…</a> 07-06</li>"
    rows = listed("<ul>" + "".join(row.format(f"{n:032x}") for n in DAYS) + "</ul>", "hanweb_jpaas").rows
    assert {(row.title, str(row.date)) for row in rows} == {("关于例市事项的通知", "2025-07-06")}


@pytest.mark.parametrize(
    "rows",
    [
        "<ul>" + each("<li><a href='/x/art_~.html'>例市事项第~号通知</a><p>发布日期：# 成文日期：2024-06-0~</p></li>") + "</ul>",
        "<table><tr><th>名称</th><th>发布日期</th><th>有效期至</th></tr>"
        + each("<tr><td><a href='/x/art_~.html'>例市事项第~号通知</a></td><td>#</td><td>2030-01-0~</td></tr>")
        + "</table>",
        "<ul>" + each("<li><a href='javascript:;' onclick=\"window.open('/x/art_~.html')\">例市事项第~号通知</a> #</li>") + "</ul>",
    ],
)
def test_the_day_of_publication_among_other_days(rows: str) -> None:
    assert [(row.url[-9:], str(row.date)) for row in listed(rows).rows] == [(f"rt_{d}.html", f"2025-07-0{d}") for d in DAYS]


@pytest.mark.parametrize(
    "row",
    [
        "<li title='例市事项第~号通知'><a href='@'>例市事项…</a> #</li>",
        "<li><a href='@'><span title='例市事项第~号通知'>例市事项...</span></a> #</li>",
    ],
)
def test_a_cut_title_that_stands_whole_beside_its_link(row: str) -> None:
    assert [found.title for found in listed("<ul>" + each(row) + "</ul>").rows] == [f"例市事项第{d}号通知" for d in DAYS]


def test_titles_of_three_characters_where_a_day_stands_beside() -> None:
    rows = listed("<ul>" + each("<li><a href='@'>公示~</a> #<a href='/z/~.html'>详情</a></li>") + "</ul>").rows
    assert [row.title for row in rows] == [f"公示{d}" for d in DAYS]


ROWS = "<ul>" + each("<li><a href='@'>例市事项第~号通知</a> #</li>") + "</ul>"


@pytest.mark.parametrize(
    ("call", "total", "pages", "second"),
    [
        ("createPageHtml(13, 0, 'index', 'html');", None, 13, "index_1.html"),
        ('createPageHTML("13", "0", "index", "html", "191");', 191, 13, "index_1.html"),
        ('createPageHTML(13, 0, "index", "html", 4);', None, 13, "index_1.html"),  # 4 rows a page, not in all
        ('createPageHTML(13, 0, "index", "html", 20);', None, 13, "index_1.html"),  # nor 20
        ('createPageHTML(13, 1, "index", "html");', None, 13, "index_2.html"),
        ('createPageHTML("page_div", 13, 1, "list", "shtml", 191);', 191, 13, "list_2.shtml"),
    ],
)
def test_calls_of_create_page(call: str, total: int | None, pages: int, second: str) -> None:
    reading = listed(f"{ROWS}<script>{call}</script>", url=f"{COLUMN}index.html")
    assert (reading.declared_total, reading.declared_pages) == (total, pages)
    assert reading.next is not None and reading.next.url == COLUMN + second


def test_a_page_counted_from_index_2() -> None:
    reading = listed(f'{ROWS}<script>createPageHTML(3, 1, "index", "html");</script>', "nfcms", f"{COLUMN}index_2.html")
    assert reading.next is not None and (reading.next.url, reading.next.page) == (f"{COLUMN}index_3.html", 3)
    assert [(found.rule, found.actual) for found in reading.findings] == [("L-PAGE-TWO", "_2")]


def test_a_broken_address_of_the_next_page_is_none() -> None:
    assert listed(ROWS + "<a href='http://['>下一页</a>", "nfcms").next is None


def test_a_pager_of_numbers_alone() -> None:
    pager = "<div><a href='./index.html'>1</a><a href='./index_2.html'>2</a><a href='/other/index_2.html'>2</a></div>"
    following = listed(ROWS + pager, "nfcms", f"{COLUMN}index.html").next
    assert following is not None and (following.url, following.guessed) == (f"{COLUMN}index_2.html", False)


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ("<p>总记录数：128 每页15条 第1/9页</p>", 128),
        ("<script>var m_nRecordCount = '128'; var m_nPageCount = 9;</script>", 128),
        ("<script>$('#p').pagination({totalData:128,showData:15,pageCount:9});</script>", 128),
        ("<p>共有 128 条记录 分 9 页</p>", 128),
        ("<p>共&nbsp;<b>128</b>&nbsp;条&nbsp;&nbsp;第1/<span>9</span>&nbsp;页</p>", 128),
    ],
)
def test_totals_of_other_pagers(said: str, total: int) -> None:
    reading = listed(ROWS + said)
    assert (reading.declared_total, reading.declared_pages) == (total, 9)
