"""URL dialects without a vendor: the same plain pages under many kinds of addresses, and the lists that are not plain pages."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from urllib.parse import parse_qsl

from gongkai.registry import Section
from samples.chrome import Chrome
from samples.dialects.plain import ZOOM, Plain, build, following, hex_id, notice_pages, rows_of
from samples.dialects.site import Answer, Site
from samples.model import NoticeContent

_IVS = ('<div class="con"><div id="ivs_content" class="Article_content">', "</div>")
_SEARCH = "/info_open/search"
_SITE_ID = "4"
Detail = Callable[[Site, NoticeContent], str]
Page = Callable[[Section, int, int], str]


@dataclass(frozen=True)
class Spoken:
    """A dialect as the town speaks it."""

    build: Callable[[Site], None]
    entry: Callable[[int], str]
    params: Mapping[str, str | int] = field(default_factory=dict)


def _column(site: Site, notice: NoticeContent) -> int:
    return [s.name for s in site.portal.sections].index(notice.section) + 1


def _numbered(section: Section, page: int, pages: int) -> str:
    """index.html, then index_2.html; a folder's page one is the folder."""
    folder, _, file = section.entry.rpartition("/")
    stem, _, extension = (file or "index.html").rpartition(".")
    return section.entry if page == 1 else f"{folder}/{stem}_{page}.{extension}"


def _bare(section: Section, page: int, pages: int) -> str:
    return section.entry if page == 1 else f"{section.entry.rpartition('/')[0]}/{page}.html"


def _index_pc(section: Section, page: int, pages: int) -> str:
    return section.entry if page == 1 else f"{section.entry}index_pc_{page}.html"


def _plain(detail: Detail, entry: Callable[[int], str], page: Page = _numbered, **more: object) -> Spoken:
    """Pages that differ in their addresses alone; page two is found by 下一页 unless `pager` says otherwise."""
    family = Plain(page, detail, **{"pager": following(page), **more})  # type: ignore[arg-type]  # Plain's own fields
    return Spoken(partial(build, family=family), entry)


def _silent(section: Section, page: int, pages: int, rows: int) -> str:
    """A pager that a script draws and that declares nothing: page two must be known by its name."""
    return '<div id="pager"></div><script>drawPager();</script>'


# 上海: index pages that link to one listing a year


def _shhex(site: Site, notice: NoticeContent) -> str:
    return f"/gw/{notice.published:%Y%m%d}/{hex_id(site, notice)}.html"


def _filed(notice: NoticeContent) -> int:
    """The year under which the portal files a notice: not always the one it was published in."""
    return notice.published.year - notice.id // 6 % 2


def _build_shhex(site: Site) -> None:
    """The index has no rows; each year's listing shows the years again, and says its pages in a script alone."""
    chrome = site.chrome(())
    notice_pages(site, chrome, _shhex, _IVS)
    for number, section in enumerate(site.portal.sections, 1):
        rows = site.listed(section.name)
        years = sorted({_filed(n) for n in rows}, reverse=True)
        tabs = "".join(f'<li><a href="/nw{number}70{year % 100}/index.html"><h4>{year}年</h4></a></li>' for year in years)
        site.put(section.entry, site.html(chrome.page(section.name, [], f'<ul class="years">{tabs}</ul>')))
        for year in years:
            _year(site, chrome, section.name, f"/nw{number}70{year % 100}", tabs, [n for n in rows if _filed(n) == year])


def _year(site: Site, chrome: Chrome, title: str, folder: str, tabs: str, rows: list[NoticeContent]) -> None:
    size = 2
    pages = ceil(len(rows) / size)
    script = f'<script>$(".pagination").pagination({{totalPage: {pages}}});</script>'
    for page in range(1, pages + 1):
        shown = rows_of(site, rows[(page - 1) * size : page * size], _shhex)
        main = f'<ul class="years">{tabs}</ul><div class="list">{shown}</div>{script}'
        name = "index.html" if page == 1 else f"index_{page}.html"
        site.put(f"{folder}/{name}", site.html(chrome.page(title, [], main)))


# 无锡: files, or a service asked by channel


def _intertid(site: Site, notice: NoticeContent) -> str:
    return f"/doc/{notice.published:%Y/%m/%d}/{notice.id}.shtml"


def _rows_without_days(site: Site, notices: list[NoticeContent], detail: Detail) -> str:
    items = "".join(f'<li><a href="{detail(site, n)}" title="{html.escape(n.title)}">{html.escape(n.title)}</a></li>' for n in notices)
    return f'<ul class="list">{items}</ul><p class="page"><a href="index_2.shtml">2</a></p>'


def _build_intertid(site: Site) -> None:
    """Lists without days whose second page is index_2; below /xxgk/ page one is a script. Entries that are ids ask the service."""
    chrome, size = site.chrome(()), site.content.style.page_size
    notice_pages(site, chrome, _intertid, ('<div class="con"><div id="Zoom">', "</div>"))
    for section in site.portal.sections:
        if section.entry.isdigit():
            continue
        rows = site.listed(section.name)
        for page in range(1, ceil(len(rows) / size) + 1):
            shown = _rows_without_days(site, rows[(page - 1) * size : page * size], _intertid)
            if page == 1 and section.entry.startswith("/xxgk/"):
                shown = "<div id='list'></div><script>getSearchList(1,20,4,allchildid,'1','openTime');</script>"
            site.put(_numbered(section, page, 0), site.html(chrome.page(section.name, [], shown)))
    site.services[_SEARCH] = partial(_search, site)


def _search(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    """Rows of a channel; another site's id, or an unknown channel, finds nothing."""
    form = dict(parse_qsl(body.decode()))
    section = next((s.name for s in site.portal.sections if s.entry == form.get("channelIds")), None)
    rows = site.listed(section) if section and form.get("siteId") == _SITE_ID else []
    size, page = min(int(form["pageSize"]), site.content.style.page_size), int(form["pageIndex"])
    found = [
        {
            "title": n.title,
            "url": site.base + _intertid(site, n),
            "writeTimeString": f"{n.published:%Y-%m-%d}",
            "indexId": n.index_number,
            "effectStatus": "有效",
        }
        for n in rows[(page - 1) * size : page * size]
    ]
    data = {"totalElements": len(rows), "totalPages": ceil(len(rows) / size), "page": page, "data": found}
    return Answer(json.dumps({"status": 0, "data": data}, ensure_ascii=False).encode(), "application/json")


# 丹东: a list that a script fills


def _glist(site: Site, notice: NoticeContent) -> str:
    return f"/html/LJSZF/{notice.published:%Y%m}/{notice.id}.html"


def _build_glist(site: Site) -> None:
    """Notices are pages; their lists are not."""
    chrome = site.chrome(())
    notice_pages(site, chrome, _glist, ZOOM)
    for section in site.portal.sections:
        shell = '<div id="glist"></div><script>$.ajax({url: "/els-service/search", success: draw});</script>'
        site.put(section.entry, site.html(chrome.page(section.name, [], shell)))


def _uuid(site: Site, notice: NoticeContent) -> str:
    key = hex_id(site, notice)
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


_COLUMN = "0f9f6cdc-69ca-4a72-bd39-66b553cc06{:02}"
SPOKEN: dict[str, Spoken] = {
    "x_shhex": Spoken(_build_shhex, lambda n: f"/nw{n}1407/"),
    "x_intertid": Spoken(_build_intertid, lambda n: f"/zfxxgk/lm{n}/index.shtml"),
    "x_intertid.search": Spoken(_build_intertid, lambda n: f"3408{n}", {"site_id": _SITE_ID}),
    "x_intertid.shell": Spoken(_build_intertid, lambda n: f"/xxgk/lm{n}/index.shtml"),
    "x_glist": Spoken(_build_glist, lambda n: f"/ljszf/lm{n}/glist.html"),
    "x_hbuuid": _plain(
        lambda site, n: f"/columns/{_COLUMN.format(_column(site, n))}/{n.published:%Y%m/%d}/{_uuid(site, n)}.html",
        lambda n: f"/columns/{_COLUMN.format(n)}/index.html",
    ),
    "x_gaiban": _plain(
        lambda site, n: f"/gk/lm{_column(site, n)}/{17 * 10**17 + n.id}.html",
        lambda n: f"/gk/lm{n}/1.html",
        _bare,
        pager=_silent,
    ),
    "x_ccontent": _plain(lambda site, n: f"/n6/n3{_column(site, n)}/c{n.id}/content.html", lambda n: f"/n6/n3{n}/index.html"),
    "x_channel_list": _plain(lambda site, n: f"/xx/{n.id}.html", lambda n: f"/channel/list/8{n}.html"),
    "x_tsid": _plain(
        lambda site, n: f"/czt/lm{_column(site, n)}/{n.published:%Y%m%d}{n.id}/index.shtml", lambda n: f"/czt/lm{n}/index.shtml"
    ),
    "x_numid": _plain(lambda site, n: f"/qzf/lm{_column(site, n)}/{n.id}/index.html", lambda n: f"/qzf/lm{n}/"),
    "x_schex": _plain(
        lambda site, n: f"/10462/{_column(site, n)}/{n.published.year}/{n.published.month}/{n.published.day}/{hex_id(site, n)}.shtml",
        lambda n: f"/10462/{n}/list.shtml",
    ),
    "x_index_pc": _plain(
        lambda site, n: f"/sjj/lm{_column(site, n)}/{n.published:%m%d}/{n.published:%Y%m%d}0900{n.id}_pc.html",
        lambda n: f"/sjj/lm{n}/list/",
        _index_pc,
        pager=lambda section, page, pages, rows: f"<script>$('.pages').pagination({{totalData: {rows}, showData: 5}});</script>",
    ),
}
BROKEN = ("x_glist", "x_intertid.shell")
