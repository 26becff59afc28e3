"""开普 UCAP: searches by channel in JSON, and 苏州's layer by POST (cms-families.md section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from samples.dialects.parts import NOT_FOUND, json_answer, notices, window
from samples.dialects.plain import PLAIN, body_text
from samples.dialects.site import Answer, Site
from samples.model import NoticeContent

_STATIC = PLAIN["ucap"]
_LAYER = "/szinf/xxgk/interfacesWebZcwj/loadData"


def build_search(site: Site, path: str) -> None:
    """The search by channel, at one path alone; an entry is a channel id."""
    _notices(site)
    for section in site.portal.sections:
        site.services[f"{path}/{section.entry}"] = partial(_results, site, section.name)


def build_layer(site: Site) -> None:
    """苏州's layer by POST."""
    _notices(site)
    site.services[_LAYER] = partial(_layer, site)


def _notices(site: Site) -> None:
    chrome = site.chrome(())
    notices(site, chrome, _STATIC.detail, (_STATIC.head + _STATIC.container[0], _STATIC.container[1]))


def _results(site: Site, section: str, query: Mapping[str, str], body: bytes) -> Answer:
    """The whole text comes with the list; "null" means nothing."""
    if query.get("_isJson") != "true":
        return NOT_FOUND
    page, size = int(query["page"]), site.content.style.page_size
    results = [
        {
            "title": n.title,
            "subTitle": "",
            "url": _STATIC.detail(site, n),
            "channelName": section,
            "publishedTimeStr": f"{n.published:%Y-%m-%d %H:%M:%S}",
            "content": body_text(n),
            "contentHtml": f"<p>{body_text(n)}</p>",
            "domainMetaList": [{"resultList": [{"key": "refno", "value": n.doc_number}, {"key": "indexnumber", "value": "null"}]}],
        }
        for n in window(site, section, page, size)
    ]
    return json_answer({"data": {"total": len(site.listed(section)), "page": page, "rows": size, "results": results}})


def _layer(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    form = site.form(body)
    section = next((s.name for s in site.portal.sections if s.entry == form.get("channel_id")), None)
    if section is None:
        return json_answer({"code": 500, "message": "频道不存在", "data": None})
    size, total = site.content.style.page_size, len(site.listed(section))
    rows = [_fields(site, n) for n in window(site, section, int(form["pageIndex"]), size)]
    return json_answer({"data": {"allRow": total, "totalPage": -(-total // size), "list": rows}})


def _fields(site: Site, notice: NoticeContent) -> dict[str, str | None]:
    return {
        "TITLE": notice.title,
        "URL": _STATIC.detail(site, notice),
        "C_WJBH": notice.doc_number,
        "C_SYH": notice.index_number,
        "C_FWRQ_FORMAT": f"{notice.written:%Y-%m-%d}",
        "PUBLISHED_TIME_FORMAT": f"{notice.published:%Y-%m-%d}",
        "CHANNEL_ID": "",
        "MANUSCRIPT_ID": str(notice.id),
    }
