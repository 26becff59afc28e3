"""Families whose lists are plain pages: what differs is where a page and a notice lie, the pager, and the container of the text."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

from gongkai.registry import Section
from samples.chrome import Chrome
from samples.dialects.article import article_page
from samples.dialects.site import Site, attachment_answer
from samples.model import NoticeContent

ZOOM = ('<div class="con"><div id="zoom">', "</div>")


@dataclass(frozen=True)
class Plain:
    """One family's addresses."""

    page: Callable[[Section, int, int], str]
    """Section, page from 1, number of pages → path (with query where the pages differ by it)."""
    detail: Callable[[Site, NoticeContent], str]
    pager: Callable[[Section, int, int, int], str] = lambda section, page, pages, rows: ""
    """Section, page, pages, rows → markup under the list."""
    container: tuple[str, str] = ZOOM
    head: str = ""
    """Markup that only this family's pages carry."""


def build(site: Site, family: Plain) -> None:
    """Fill the site's paths."""
    chrome = site.chrome(tuple((s.name, site.base + family.page(s, 1, 1)) for s in site.portal.sections))
    site.put("/", site.html(chrome.page("首页", [], '<div class="home"></div>')))
    for section in site.portal.sections:
        _list_pages(site, chrome, section, family)
    notice_pages(site, chrome, family.detail, family.container, family.head)


def notice_pages(
    site: Site, chrome: Chrome, detail: Callable[[Site, NoticeContent], str], container: tuple[str, str], head: str = ""
) -> None:
    """Every notice's page and its attachments."""
    for notice in site.content.notices:
        path = detail(site, notice)
        file = partial(attachment_path, notice)
        page = article_page(site, chrome, notice, container=container, file=file, link=partial(detail, site))
        site.put(path, site.html(page.replace("</head>", f"{head}</head>"), notice.published))
        if notice.fault:
            site.faulty[path] = notice.fault
        for number, enclosure in enumerate(notice.attachments):
            site.put(attachment_path(notice, number), attachment_answer(notice, enclosure, number))


def attachment_path(notice: NoticeContent, number: int) -> str:
    return f"/files/{notice.id}{number}.{notice.attachments[number].format}"


def rows_of(site: Site, notices: list[NoticeContent], detail: Callable[[Site, NoticeContent], str]) -> str:
    """A list of links with their days."""
    items = "".join(
        f'<li><a href="{html.escape(detail(site, n))}" title="{html.escape(n.title)}">{html.escape(n.title)}</a>'
        f"<span>{n.published:%Y-%m-%d}</span></li>"
        for n in notices
    )
    return f'<ul class="list">{items}</ul>'


def _list_pages(site: Site, chrome: Chrome, section: Section, family: Plain) -> None:
    rows, size = site.listed(section.name), site.content.style.page_size
    pages = max(1, ceil(len(rows) / size))
    for page in range(1, pages + 1):
        shown = rows_of(site, rows[(page - 1) * size : page * size], family.detail) if rows else "<p>暂无信息</p>"
        main = f"{chrome.breadcrumb(section.name)}\n<div>{shown}{family.pager(section, page, pages, len(rows))}</div>"
        text = chrome.page(section.name, [("ColumnName", section.name)], main).replace("</head>", f"{family.head}</head>")
        site.put(family.page(section, page, pages), site.html(text))


def body_text(notice: NoticeContent) -> str:
    """The notice's words, for services that send them along."""
    return "".join(part for part in notice.body if isinstance(part, str))


def hex_id(site: Site, notice: NoticeContent) -> str:
    """Thirty-two hexadecimal digits, the same on every start."""
    return hashlib.md5(f"{site.portal.id}/{notice.id}".encode(), usedforsecurity=False).hexdigest()


def following(path: Callable[[Section, int, int], str]) -> Callable[[Section, int, int, int], str]:
    """A pager with 上一页 and 下一页."""

    def pager(section: Section, page: int, pages: int, rows: int) -> str:
        back = f'<a href="{html.escape(path(section, page - 1, pages))}">上一页</a>' if page > 1 else ""
        on = f'<a href="{html.escape(path(section, page + 1, pages))}">下一页</a>' if page < pages else "<span>下一页</span>"
        return f'<div class="pager">共{rows}条 {back} {on}</div>'

    return pager


def _numbered(first: int) -> Callable[[Section, int, int], str]:
    """`list.shtml`, then `list_2.shtml` (`first` is the number of the second page)."""

    def path(section: Section, page: int, pages: int) -> str:
        stem, _, extension = section.entry.rpartition(".")
        return section.entry if page == 1 else f"{stem}_{page - 2 + first}.{extension}"

    return path


def _descending(section: Section, page: int, pages: int) -> str:
    return section.entry if page == 1 else f"{section.entry.removesuffix('.htm')}/{pages - page + 1}.htm"


def _descending_links(section: Section, page: int, pages: int, rows: int) -> str:
    """博达's newer pager: 下页 leads to the file, the position stands behind it."""
    up = "" if page == 1 else "../"
    stem = f"{up}{section.entry.rpartition('/')[2].removesuffix('.htm')}"
    on = (
        f'<span class="p_next"><a href="{stem}/{pages - page}.htm">下页</a></span>'
        if page < pages
        else '<span class="p_next_d">下页</span>'
    )
    return f'<div class="pb_sys_common"><span class="p_t">共{rows}条</span> {on} <span class="p_t">{page}/{pages}</span></div>'


def _without_an_end(section: Section, page: int, pages: int, rows: int) -> str:
    """PHPCMS: on the last page 下一页 leads to that page itself."""
    links = [(max(1, page - 1), "上一页"), (min(pages, page + 1), "下一页")]
    return (
        f'<div id="pages"><a class="a1">{rows}条</a> '
        + " ".join(f'<a href="{html.escape(f"{section.entry}&page={number}")}" class="a1">{words}</a>' for number, words in links)
        + "</div>"
    )


def _page_div(section: Section, page: int, pages: int, rows: int) -> str:
    """UCAP: the pager's element first, pages counted from 1."""
    stem, _, extension = section.entry.rpartition("/")[2].rpartition(".")
    return f"<script>createPageHTML('page_div',{pages}, {page},'{stem}','{extension}',{rows});</script>"


def _query(name: str) -> Callable[[Section, int, int], str]:
    return lambda section, page, pages: section.entry if page == 1 else f"{section.entry}&{name}={page}"


def _number(site: Site, notice: NoticeContent) -> int:
    """The section's number, from 1."""
    return [s.name for s in site.portal.sections].index(notice.section) + 1


_siteserver = _numbered(2)
PLAIN = {
    "ucap": Plain(
        _numbered(2),
        lambda site, n: f"/zf/c10000{_number(site, n)}/{n.published:%Y%m}/{hex_id(site, n)}.shtml",
        _page_div,
        container=('<div class="article-content" id="zoomcon"><ucapcontent>', "</ucapcontent>"),
        head='<meta name="template,templategroup,version" content="c1,default,1.0">',
    ),
    "vsb": Plain(
        _descending,
        lambda site, n: f"/info/100{_number(site, n)}/{n.id}.htm",
        lambda section, page, pages, rows: f'<table><tr><td id="fanye1">共{rows}条&nbsp;&nbsp;{page}/{pages}</td></tr></table>',
        container=('<form name="_newscontent_fromname"><div id="vsb_content"><div class="v_news_content">', "</div></div></form>"),
        head='<script src="/system/resource/js/counter.js"></script>',
    ),
    "openness": Plain(
        lambda section, page, pages: section.entry.replace("page_1", f"page_{page}"),
        lambda site, n: f"/OpennessContent/show/{n.id}.html",
        container=('<div class="wrap"><div class="content-article">', "</div>"),
    ),
    "nfcms": Plain(
        _numbered(1),
        lambda site, n: f"/xxgk/lm{_number(site, n)}/content/post_{n.id}.html",
        lambda section, page, pages, rows: f'<script>createPageHTML({pages}, {page - 1}, "index", "html");</script>',
        container=('<div class="wrap"><div class="news_cont_d_wrap">', "</div>"),
        head="<script>var NFCMS_SITE_ID = '990001';</script>",
    ),
    "siteserver": Plain(
        _siteserver,
        lambda site, n: f"/contents/3170{_number(site, n)}/{n.id}.html",
        following(_siteserver),
        container=('<div class="wrap"><div class="content-body">', "</div>"),
    ),
    "dedecms": Plain(
        _query("PageNo"),
        lambda site, n: f"/a/tongzhi/{n.published:%Y%m%d}/{n.id}.html",
        following(_query("PageNo")),
        container=('<div class="viewbox"><div class="content">', "</div>"),
        head='<link href="/plus/list.php?tid=0" rel="up">',
    ),
    "phpcms": Plain(
        _query("page"),
        lambda site, n: f"/{n.published:%Y}/tz_{n.published:%m%d}/{n.id}.html",
        _without_an_end,
        container=('<div class="wrap"><div id="article">', "</div>"),
        head='<link href="/index.php?m=content&c=index" rel="up">',
    ),
    "p8": Plain(
        _query("page"),
        lambda site, n: f"/{n.published:%Y_%m/%d_%H}/content-{n.id}.html",
        following(_query("page")),
    ),
}
PLAIN_VARIANTS = {
    "ucap.one": replace(PLAIN["ucap"], page=_numbered(1), pager=lambda section, page, pages, rows: ""),
    "vsb.linked": replace(PLAIN["vsb"], pager=_descending_links),
    "nfcms.two": replace(PLAIN["nfcms"], page=_numbered(2)),
    "siteserver.one": replace(PLAIN["siteserver"], page=_numbered(1), pager=lambda section, page, pages, rows: f"<p>共{rows}条</p>"),
}
"""The other reading of what cms-families.md leaves unconfirmed (the number of the second page), and another pager of 博达."""
