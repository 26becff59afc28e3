"""One listing in the markup of many templates: the same titles, addresses and days come out of each."""

from __future__ import annotations

from datetime import date

import pytest

from transforms.pages import read_list

HOST = "http://www.example.gov.cn"
TITLES = ("例市人民政府办公室关于印发便民服务点布局方案的通知", "例市关于公布惠企措施清单的公告", "例市便民服务热线办理情况通报")
DAYS = (date(2025, 3, 4), date(2025, 2, 28), date(2025, 2, 11))
MARKUP = {
    "day and cut title inside the link": '<li><a href="/zw/{i}.html" title="{t}"><span class="date">{d}</span><p>{s}…</p></a></li>',
    "day and em inside the link": '<li><a href="/zw/{i}.html"><span>{d}</span><em>{t}</em></a></li>',
    "words of the text inside the link": '<li><a href="/zw/{i}.html"><h3>{t}</h3><p>自2024年1月1日起执行，现予公布。</p></a> {d}</li>',
    "boxed day inside the link": '<li><a href="/zw/{i}.html"><div><b>{dd}</b><i>{ym}</i></div><div class="txt">{t}</div></a></li>',
    "labelled day inside the link": '<li><a href="/zw/{i}.html"><p class="tit">{t}</p><p>来源：例市 发布时间：{d} 09:10</p></a></li>',
    "clicks in the title attribute": '<li><a href="/zw/{i}.html" title="标题：{t}&#13;点击数：7">{s}…</a><span>{d}</span></li>',
    "items as cells": '<div><ul><li><a href="/zw/{i}.html" title="{t}">{s}..</a></li><li>例政发〔2025〕1号</li><li>{d}</li></ul></div>',
    "day before the title": '<li><a href="/zw/{i}.html">[{d}] {t}</a></li>',
    "bullet and day before the title": '<li><a href="/zw/{i}.html">· {d} {t}</a></li>',
    "year below the day": '<li><div><b>{md}</b><span>{y}</span></div><a href="/zw/{i}.html">{t}</a></li>',
    "year above the day": '<li><i>{y}</i><em>{md}</em><a href="/zw/{i}.html">{t}</a></li>',
    "markup in the title attribute": '<li><a href="/zw/{i}.html" title="&lt;b&gt;{t}&lt;/b&gt;">{s}…</a> {d}</li>',
    "labelled days": '<li><a href="/zw/{i}.html">{t}</a><p>发布日期：{d}　成文日期：2024-12-01　有效期至：2030-12-31</p></li>',
    "links with days behind them": '<a href="/zw/{i}.html">{t}</a> {d}<br>',
    "items inside links": '<a href="/zw/{i}.html"><li><span>{t}</span><i>{d}</i></li></a>',
    "dd as rows": '<dd><a href="/zw/{i}.html">{t}</a><span>{d}</span></dd>',
    "dt with the day in dd": '<dt><a href="/zw/{i}.html">{t}</a></dt><dd>{d}</dd>',
    "a list called nav": '<li class="nav_con"><a href="/zw/{i}.html">{t}</a><span>{d}</span></li>',
    "attributes in single quotes, over lines": "<li><a\n title='{t}'\n href='/zw/{i}.html'>{s}…</a>\n<span>[{d}]</span></li>",
    "attributes without quotes, items without an end": "<LI><A HREF=/zw/{i}.html TITLE={t}>{s}…</A> <SPAN>{d}</SPAN>",
    "a marked word inside the title": '<li><a href="/zw/{i}.html"><font color="red">例市</font>{rest}</a> <span>{d}</span></li>',
}


@pytest.mark.parametrize("name", MARKUP)
def test_every_markup(name: str) -> None:
    rows = "".join(
        MARKUP[name].format(
            i=i, t=title, s=title[:9], rest=title[2:], d=day, dd=f"{day:%d}", ym=f"{day:%Y-%m}", y=day.year, md=f"{day:%m-%d}"
        )
        for i, (title, day) in enumerate(zip(TITLES, DAYS, strict=True))
    )
    around = "dl" if MARKUP[name].startswith(("<dd", "<dt")) else "div" if MARKUP[name].startswith("<div") else "ul"
    reading = read_list(f"<body><{around}>{rows}</{around}></body>", f"{HOST}/zw/", "generic")
    found = [(row.title, row.url, row.date) for row in reading.rows]
    assert found == [(title, f"{HOST}/zw/{i}.html", day) for i, (title, day) in enumerate(zip(TITLES, DAYS, strict=True))]


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("/2025_03/04_09/content-123.html", date(2025, 3, 4)),
        ("/a/tongzhi/20250304/12.html", date(2025, 3, 4)),
        ("/html/tongzhi/2025/0304/12.html", date(2025, 3, 4)),
        ("/2025/tzgg_0304/12.html", date(2025, 3, 4)),
        ("/2025/tzgg_0344/12.html", None),
        ("/zw/20250304/index.html", None),
        ("/2025/1304/12.html", None),
    ],
)
def test_the_day_in_an_address(url: str, day: date | None) -> None:
    items = "".join(f'<li><a href="{url}?n={n}">{title}</a></li>' for n, title in enumerate(TITLES))
    assert {row.date for row in read_list(f"<ul>{items}</ul>", f"{HOST}/zw/", "generic").rows} == {day}


@pytest.mark.parametrize("heads", ["发布日期 成文日期", "成文日期 发布日期", "有效期至 发布时间"])
def test_the_head_of_a_table_says_which_day_is_publication(heads: str) -> None:
    head = "".join(f"<th>{words}</th>" for words in ("名称", *heads.split()))
    cells = ("{published}", "2024-12-01") if heads.startswith("发布") else ("2024-12-01", "{published}")
    body = "".join(
        f'<tr><td><a href="/zw/{i}.html">{title}</a></td>' + "".join(f"<td>{cell.format(published=day)}</td>" for cell in cells) + "</tr>"
        for i, (title, day) in enumerate(zip(TITLES, DAYS, strict=True))
    )
    reading = read_list(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", f"{HOST}/zw/", "generic")
    assert tuple(row.date for row in reading.rows) == DAYS


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ("例市<span>2025年3月4日</span>至<span>2025年4月1日</span>审批公示", "例市2025年3月4日至2025年4月1日审批公示"),
        ("关于<b>12</b>家单位办理情况的通报", "关于12家单位办理情况的通报"),
        ("<em>2024</em>年例市统计公报", "2024年例市统计公报"),
        ("例市统计公报（<em>2024</em>）", "例市统计公报（2024）"),
        ("<span>[通知公告]</span><span>例市便民服务点布局方案</span><span>2025-03-04</span>", "例市便民服务点布局方案"),
    ],
)
def test_numbers_that_a_search_marks_stay_in_the_title(link: str, title: str) -> None:
    rows = "".join(f'<li><a href="/zw/{i}.html">{link}</a><i>2025-03-04</i></li>' for i in range(3))
    assert {row.title for row in read_list(f"<ul>{rows}</ul>", f"{HOST}/zw/", "generic").rows} == {title}
