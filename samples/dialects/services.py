"""Families whose lists come from a service: the column page is a shell, rows are asked for as fragments, JSON, or by POST."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from functools import partial

from samples.dialects.parts import json_answer, notices, section_by, window
from samples.dialects.plain import attachment_path, hex_id, rows_of
from samples.dialects.site import Answer, Site
from samples.model import NoticeContent

_GUID = "7eb5f7f1-0000-4000-8000-9041ad55ad8c"
_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_EPOINT = "/{project}/rest/lightfrontaction/getgovinfolist"


# JPAAS: blocks built by the publishing server


def _jpaas_path(site: Site, notice: NoticeContent) -> str:
    return f"/art/{notice.published:%Y}/art_{hex_id(site, notice)}.html"


def build_jpaas(site: Site, kind: str = "counted") -> None:
    """Column pages with their first rows inline; `uncounted`: without a count, `shell`: nothing but the block's ids in a script."""
    chrome = site.chrome(())
    for section in site.portal.sections:
        ids = ", ".join(f"{name}: '{value}'" for name, value in _ids(site, section.name).items())
        shell = f'<div id="list"></div><script>var unit = {{url: "{_UNIT}", {ids}}};</script>'
        main = shell if kind == "shell" else _block(site, section.name, 1, kind)
        site.put(section.entry, site.html(chrome.page(section.name, [], main)))
    notices(site, chrome, _jpaas_path, ('<div class="wrap"><div id="zoomcon">', "</div>"))
    site.services[_UNIT] = partial(_unit, site, kind)


def _ids(site: Site, section: str) -> dict[str, str]:
    return {"webId": "1", "pageId": site.sections[section].entry.split("/")[2].removeprefix("col"), "tagId": "列表", "tplSetId": "x9"}


def _block(site: Site, section: str, page: int, kind: str) -> str:
    rows, size = site.listed(section), site.content.style.page_size
    query = html.escape(str(_ids(site, section)), quote=True)
    count = "" if kind == "uncounted" else f'count="{len(rows)}" '
    shown = rows_of(site, window(site, section, page, size), _jpaas_path)
    return f'{shown}<div class="pagination" {count}rows="{size}" pageNo="{page}" queryData="{query}"></div>'


def _unit(site: Site, kind: str, query: Mapping[str, str], body: bytes) -> Answer:
    """A bare pageNo is ignored: only paramJson counts."""
    section = section_by(site, f"/col{query.get('pageId', '')}/")
    if section is None:
        return Answer(b'{"success": false, "code": "500", "message": "no such page"}', "application/json")
    page = json.loads(query.get("paramJson", "{}")).get("pageNo", 1)
    built = {"success": True, "code": "200", "data": {"html": _block(site, section, int(page), kind)}}
    return json_answer(built)


# Epoint: JSON by POST


def _epoint_path(site: Site, notice: NoticeContent) -> str:
    key = hex_id(site, notice)
    return f"/zwgk/{notice.published:%Y%m%d}/{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}.html"


def build_epoint(site: Site, first: int = 0, wrapped: bool = False) -> None:
    """Nothing but the service: an entry is a catalogue number.

    `first` is what pageIndex counts from; `wrapped`: bodies are {"params": …}, and siteGuid has to be right.
    """
    project = "EWB_YK_Mid" if wrapped else "EWB-FRONT"
    if wrapped:
        script = f'var siteInfo = {{"siteGuid": "{_GUID}", "projectName": "/{project}"}};'
        site.put("/js/webBuilderCommon.js", Answer(script.encode(), "text/javascript"))
    chrome = site.chrome(())
    notices(site, chrome, _epoint_path, ('<div class="wrap"><div class="mian-cont">', '</div><script src="/EWB-FRONT/js/a.js"></script>'))
    site.services[_EPOINT.format(project=project)] = partial(_govinfo, site, first, wrapped)


def _govinfo(site: Site, first: int, wrapped: bool, query: Mapping[str, str], body: bytes) -> Answer:
    """A server that counts from 1 shows nothing on page 0."""
    asked = json.loads(body)
    if wrapped != ("params" in asked) or (wrapped and asked["params"]["siteGuid"] != _GUID):
        return json_answer({"custom": {"code": "0", "text": "参数错误"}, "status": {"code": 500, "text": "error"}})
    asked = asked.get("params") or asked
    index = asked["pageIndex"] - first
    section = next((s.name for s in site.portal.sections if s.entry == asked["categorynum"]), None)
    rows = site.listed(section) if section else []
    size = min(int(asked["pageSize"]), site.content.style.page_size)
    data = [
        {"title": n.title, "realtitle": "", "infourl": _epoint_path(site, n), "infodate": f"{n.published:%Y-%m-%d}", "handsdate": ""}
        for n in (rows[index * size : (index + 1) * size] if index >= 0 else [])
    ]
    return json_answer({"custom": {"total": len(rows), "data": data}})


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
                "articleFiles": [
                    {"fileName": f"{e.name}.{e.format}", "filePath": attachment_path(n, i), "fileId": str(i), "domainName": site.base}
                    for i, e in enumerate(n.attachments)
                ],
            }
            for n in site.listed(section.name)
        ]
        script = f"<script>var articleList = {json.dumps(items, ensure_ascii=False)};</script>"
        site.put(section.entry, site.html(chrome.page(section.name, [], f'<div id="list"></div>{script}')))
    notices(site, chrome, _pc_path)
