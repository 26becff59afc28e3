"""Pages that only lead on: a column that is a shell, a notice that jumps away, one that jumps within the portal, links through a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from small_servers import RUNS, Request, Servers, Site
from small_servers import Answer as Page

from gongkai.ledger import StageOutcome
from gongkai.status import RunStatus
from stages.crawl import crawl

PROXIED = "https://www-example-gov-cnx45c0a.ipv6best.cn/zwgk/gzyd/202503/t20250301_9.html"
Crawled = tuple[Servers, list[dict[str, StageOutcome]]]


def _jump(target: str) -> str:
    return f'<script>window.location.href = "{target}";</script>'


def _by_date_alone(request: Request) -> Page:
    """The page that jumps, from a server that knows Last-Modified alone and never changes this page."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Last-Modified": "Sat, 01 Mar 2025 00:00:00 GMT"}
    return Page(b"", 304, headers) if "if-modified-since" in request.headers else Page(_jump("/real/2.html").encode(), headers=headers)


@pytest.fixture(scope="module")
def crawled(servers: Servers) -> Iterator[Crawled]:
    sections = [
        {"name": name, "kind": "work_plan", "entry": entry}
        for name, entry in (("转向", "/a/index.html"), ("框架", "/b/"), ("脚本", "/c/redirect_firstChannel.shtml"))
    ]
    shells = servers.add("shells", sections=sections)
    shells.trs(3)
    shells.html("/a/index.html", "<p>正在跳转</p>", extra='<meta http-equiv="refresh" content="0;url=/zwgk/gzyd/">')
    shells.html("/b/", '<div class="nav"><a href="/">首页</a></div><iframe src="/zwgk/gzyd/index.html" width="100%"></iframe>')
    shells.html("/c/redirect_firstChannel.shtml", _jump("../zwgk/gzyd/"))
    loop = servers.add("loop", sections=[{"name": "环", "kind": "news", "entry": "/a/"}])
    loop.html("/a/", _jump("/b/"))
    loop.html("/b/", _jump("/a/"))
    away = servers.add("away", sections=[{"name": "外", "kind": "news", "entry": "/a/"}])
    away.html("/a/", _jump("https://www.other.gov.cn/zwgk/"))
    _jumping(servers.add("jumping", family="vsb"))
    twice = servers.add("twice")
    twice.trs(2)
    twice.html(f"/zwgk/gzyd{twice.path(1)}", _jump("/x/1.html"))
    twice.html("/x/1.html", _jump("/x/2.html"))
    servers.start()
    nights = []
    for run in RUNS[:2]:
        context = servers.context(run)
        nights.append({o.portal_id: o for o in crawl(list(context.registry), context)})
        servers.sites["jumping"].html("/real/2.html", _body("办法的新文本"), extra='<meta name="ArticleTitle" content="例市第2号工作要点">')
    yield servers, nights


def _body(said: str) -> str:
    return f'<div id="vsb_content"><p>{said}{"，各部门要按照职责分工抓好落实" * 8}。</p></div>'


def _jumping(site: Site) -> None:
    site.trs(3)
    rows = [site.row(i) for i in range(3)] + [site.row(9, href=PROXIED)]
    site.html("/zwgk/gzyd/", f'<ul class="list">{"".join(rows)}</ul>')
    away = f'<div id="vsb_content"></div><script>newsSkip("https://www.other.gov.cn/1.html");</script>{"<p>网站地图</p>" * 90}'
    site.html(f"/zwgk/gzyd{site.path(1)}", away)
    site.paths[f"/zwgk/gzyd{site.path(2)}"] = _by_date_alone
    site.html("/real/2.html", _body("办法的旧文本"), extra='<meta name="ArticleTitle" content="例市第2号工作要点">')
    real = site.paths["/real/2.html"]
    assert isinstance(real, Page)
    real.headers["Last-Modified"] = "Sat, 01 Mar 2025 00:00:00 GMT"


def _rows(crawled: Crawled, portal: str, table: str, night: int = 0) -> list[dict[str, Any]]:
    path = crawled[0].context(RUNS[night]).layout.raw_run(portal, RUNS[night]) / f"{table}.parquet"
    return list(pq.read_table(path).to_pylist())


def test_a_column_that_only_leads_on_is_read_behind_the_shell(crawled: Crawled) -> None:
    outcome = crawled[1][0]["shells"]
    assert (outcome.status, outcome.reasons) == (RunStatus.COMPLETE, [])
    sections = _rows(crawled, "shells", "section_outcome")
    assert [(s["section"], s["rows_seen"], s["declared_total"]) for s in sections] == [("转向", 3, 3), ("框架", 3, 3), ("脚本", 3, 3)]


def test_shells_that_lead_to_each_other_are_no_empty_list(crawled: Crawled) -> None:
    outcome = crawled[1][0]["loop"]
    assert (outcome.status, outcome.reasons) == (RunStatus.BROKEN, ["环: 2 pages that only lead to each other, and no list behind them"])


def test_a_column_that_leads_to_another_host_is_not_followed(crawled: Crawled) -> None:
    outcome = crawled[1][0]["away"]
    assert (outcome.status, outcome.reasons) == (RunStatus.BROKEN, ["外: only a jump to https://www.other.gov.cn/zwgk/, on another host"])


def test_a_notice_that_jumps_away_is_outbound_and_one_that_jumps_within_is_followed_once(crawled: Crawled) -> None:
    first = crawled[1][0]["jumping"]
    assert (first.status, first.reasons, first.counts["outbound"]) == (RunStatus.COMPLETE, [], 2)
    notices = _rows(crawled, "jumping", "notice")
    site = crawled[0].sites["jumping"]
    assert sorted(n["url"] for n in notices) == sorted(f"{site.base}/zwgk/gzyd{site.path(i)}" for i in (0, 2))
    assert crawled[1][1]["jumping"].counts["new"] == 0  # the notice that jumps away is not asked again


def test_a_proxys_link_is_kept_as_printed_and_not_fetched(crawled: Crawled) -> None:
    entries = {e["url"]: e["notice_id"] for e in _rows(crawled, "jumping", "list_entry")}
    assert entries[PROXIED] is None


def test_an_edit_behind_a_page_that_jumps_is_seen(crawled: Crawled) -> None:
    """The jumping page's own 304 must not speak for the page behind it."""
    servers, _ = crawled
    context = servers.context(RUNS[2])
    (outcome,) = crawl(["jumping"], context, rewalk=True)
    assert outcome.status is RunStatus.COMPLETE
    changed = _rows(crawled, "jumping", "notice", 2)
    assert [n["title"] for n in changed] == ["例市第2号工作要点"]
    assert len(servers.sites["jumping"].asked("/real/2.html")) == 2


def test_a_second_jump_is_not_followed(crawled: Crawled) -> None:
    outcome = crawled[1][0]["twice"]
    site = crawled[0].sites["twice"]
    assert outcome.status is RunStatus.PARTIAL
    assert outcome.reasons == [f"{site.base}/zwgk/gzyd{site.path(1)}: only a jump to {site.base}/x/2.html"]
    assert site.asked("/x/2.html") == []
