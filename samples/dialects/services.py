"""Families whose lists come from a service: the column page is a shell, rows are asked for as fragments, JSON, or by POST."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from functools import partial

from samples.chrome import Chrome
from samples.dialects.article import article_page
from samples.dialects.plain import ZOOM, attachment_path, hex_id, rows_of
from samples.dialects.site import Answer, Site, attachment_answer
from samples.model import NoticeContent

_LABEL = "/site/label/8888"
_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_EPOINT = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
_Detail = Callable[[Site, NoticeContent], str]


def _notices(site: Site, chrome: Chrome, detail: _Detail, container: tuple[str, str] = ZOOM) -> None:
    for notice in site.content.notices:
        file = partial(attachment_path, notice)
        page = article_page(site, chrome, notice, container=container, file=file, link=partial(detail, site))
        site.put(detail(site, notice), site.html(page, notice.published))
        for number, enclosure in enumerate(notice.attachments):
            site.put(attachment_path(notice, number), attachment_answer(notice, enclosure, number))


def _window(site: Site, section: str, page: int, size: int) -> list[NoticeContent]:
    return site.listed(section)[(page - 1) * size : page * size]


def _section_by(site: Site, part: str) -> str | None:
    """The section whose entry holds `part`."""
    return next((s.name for s in site.portal.sections if part and part in s.entry), None)


# LonSun: a fragment by organ and catalogue


def _lonsun_path(site: Site, notice: NoticeContent) -> str:
    return f"/public/6600001/{notice.id}.html"


def build_lonsun(site: Site) -> None:
    """Column pages that load /site/label/8888."""
    chrome = site.chrome(())
    script = f"<script>$.ajax({{url: '{_LABEL}', data: {{siteId: '6600', file: '/c1/city/publicInfoList_newest'}}}});</script>"
    for section in site.portal.sections:
        site.put(section.entry, site.html(chrome.page(section.name, [], f'<div id="list"></div>{script}')))
    _notices(site, chrome, _lonsun_path, ('<div class="wrap"><div class="j-fontContent">', "</div>"))
    site.services[_LABEL] = partial(_label, site)


def _label(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    """Rows of a catalogue; titles are cut at `length`; an unknown site or a page past the end shows the `result` text."""
    section = _section_by(site, f"catId={query.get('catId', '')}&")
    page, size = int(query.get("pageIndex", "1")), int(query.get("pageSize", "20"))
    rows = _window(site, section, page, min(size, site.content.style.page_size)) if section and query.get("siteId") == "6600" else []
    shown = rows_of(site, rows, _lonsun_path) if rows else html.escape(query.get("result", ""))
    return Answer(f"<div>{shown}</div>".encode())


# JPAAS: blocks built by the publishing server


def _jpaas_path(site: Site, notice: NoticeContent) -> str:
    return f"/art/{notice.published:%Y}/art_{hex_id(site, notice)}.html"


def build_jpaas(site: Site) -> None:
    """Column pages with their first rows inline."""
    chrome = site.chrome(())
    for section in site.portal.sections:
        site.put(section.entry, site.html(chrome.page(section.name, [], _block(site, section.name, 1))))
    _notices(site, chrome, _jpaas_path, ('<div class="wrap"><div id="zoomcon">', "</div>"))
    site.services[_UNIT] = partial(_unit, site)


def _block(site: Site, section: str, page: int) -> str:
    rows, size = site.listed(section), site.content.style.page_size
    ids = {"webId": "1", "pageId": site.sections[section].entry.split("/")[2].removeprefix("col"), "tagId": "列表", "tplSetId": "x9"}
    query = html.escape(str(ids), quote=True)
    shown = rows_of(site, _window(site, section, page, size), _jpaas_path)
    return f'{shown}<div class="pagination" count="{len(rows)}" rows="{size}" pageNo="{page}" queryData="{query}"></div>'


def _unit(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    """A bare pageNo is ignored: only paramJson counts."""
    section = _section_by(site, f"/col{query.get('pageId', '')}/")
    if section is None:
        return Answer(b'{"success": false, "code": "500", "message": "no such page"}', "application/json")
    page = json.loads(query.get("paramJson", "{}")).get("pageNo", 1)
    built = {"success": True, "code": "200", "data": {"html": _block(site, section, int(page))}}
    return Answer(json.dumps(built, ensure_ascii=False).encode(), "application/json")


# Epoint: JSON by POST


def _epoint_path(site: Site, notice: NoticeContent) -> str:
    key = hex_id(site, notice)
    return f"/zwgk/{notice.published:%Y%m%d}/{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}.html"


def build_epoint(site: Site) -> None:
    """Nothing but the service: an entry is a catalogue number."""
    chrome = site.chrome(())
    _notices(site, chrome, _epoint_path, ('<div class="wrap"><div class="mian-cont">', '</div><script src="/EWB-FRONT/js/a.js"></script>'))
    site.services[_EPOINT] = partial(_govinfo, site)


def _govinfo(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    """pageIndex counts from 0."""
    asked = json.loads(body)
    asked = asked.get("params") or asked
    section = next((s.name for s in site.portal.sections if s.entry == asked["categorynum"]), None)
    rows = site.listed(section) if section else []
    size = min(int(asked["pageSize"]), site.content.style.page_size)
    data = [
        {"title": n.title, "realtitle": "", "infourl": _epoint_path(site, n), "infodate": f"{n.published:%Y-%m-%d}", "handsdate": ""}
        for n in rows[asked["pageIndex"] * size : (asked["pageIndex"] + 1) * size]
    ]
    return Answer(json.dumps({"custom": {"total": len(rows), "data": data}}, ensure_ascii=False).encode(), "application/json")


# pc/list.html: rows as JSON in the page


def _pc_path(site: Site, notice: NoticeContent) -> str:
    return f"/zf/c0100{site.sections[notice.section].entry.split('/')[2][-1]}/pc/content/content_{10**18 + notice.id}.html"


def build_pc_list(site: Site) -> None:
    """List pages that hold all their rows."""
    chrome = site.chrome(())
    for section in site.portal.sections:
        items = [
            {
                "id": str(10**18 + n.id),
                "title": n.title,
                "pubDate": f"{n.published:%Y-%m-%d %H:%M:%S}",
                "urls": json.dumps({"pc": _pc_path(site, n)}),
            }
            for n in site.listed(section.name)
        ]
        script = f"<script>var articleList = {json.dumps(items, ensure_ascii=False)};</script>"
        site.put(section.entry, site.html(chrome.page(section.name, [], f'<div id="list"></div>{script}')))
    _notices(site, chrome, _pc_path)
