"""gkmlpt, Guangdong's 政府信息公开目录管理平台: `_CONFIG` pages and a JSON list (cms-families.md section 3)."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from datetime import datetime, time
from functools import partial
from math import ceil
from typing import Any

from samples.chrome import CLICKS, Chrome, header_table, related
from samples.dialects.site import Answer, Site, attachment_answer, body_html
from samples.model import CHINA, NoticeContent, Outbound

_ROWS_FROM = 50000
"""Ids of rows without a notice (outbound links)."""


def detail_path(number: int) -> str:
    """`/gkmlpt/content/9/9103/post_9103540.html`."""
    return f"/gkmlpt/content/{number // 10**6}/{number // 10**3}/post_{number}.html"


def build(site: Site) -> None:
    """Fill the site's paths; a department's lie below its prefix (the registry's `dept`)."""
    prefix = f"/{site.portal.params['dept']}" if "dept" in site.portal.params else ""
    chrome = site.chrome((("政府信息公开", f"{site.base}{prefix}/gkmlpt/index"),))
    index = _index_page(site, chrome)
    site.put(f"{prefix}/gkmlpt/index", site.html(index))
    site.put("/", site.html(chrome.page("首页", [], '<div class="home"><a href="/gkmlpt/index">政府信息公开目录</a></div>')))
    for section in (s for s in site.portal.sections if s.entry.isdigit()):
        _list_pages(site, section.name, section.entry, prefix)
    for notice in site.content.notices:
        path = detail_path(notice.id)
        site.put(path, site.html(_detail_page(site, chrome, notice), notice.published))
        if notice.fault:
            site.faulty[path] = notice.fault
        for number, enclosure in enumerate(notice.attachments):
            site.put(_attachment_path(notice, number), attachment_answer(notice, enclosure, number))


def build_search(site: Site) -> None:
    """Columns that are searches: an entry is the search's own address; a page past the end is a 404."""
    build(site)
    for section in site.portal.sections:
        site.services[section.entry.partition("?")[0]] = partial(_search, site)


def _search(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    section = next((s for s in site.portal.sections if f"classify={query.get('classify')}&" in s.entry), None)
    if section is None:
        return Answer(b'{"errcode": 40001, "errmessage": "no such classify", "data": {"list": [], "total": 0}}', "application/json")
    rows, size, page = _rows(site, section.name), site.content.style.page_size, max(int(query["page"]), 1)
    shown = [_article(site, section.name, "10000", r, i) for i, r in enumerate(rows)][(page - 1) * size : page * size]
    found = {"errcode": 0, "errmessage": "ok", "data": {"list": shown, "total": len(rows), "replace_keyword": ""}}
    return Answer(json.dumps(found, ensure_ascii=False).encode(), "application/json", 200 if shown else 404)


def _attachment_path(notice: NoticeContent, number: int) -> str:
    return f"/attachment/0/{notice.id // 1000}/{notice.id}{number + 1}/{notice.id}.{notice.attachments[number].format}"


def _config(site: Site, members: str) -> str:
    return f"""<script>
window._CONFIG = {{
  SID: '{site.portal.params["sid"]}',
  SERVICE_AREA_ID: '{str(site.portal.params["sid"])[:3]}',
  SITE_NAME: '{site.identity[1]}',
{members}
}};
</script>"""


def _tree(site: Site) -> list[dict[str, Any]]:
    def node(number: int, name: str, parent: int, count: int, jump: str = "", children: list[Any] | None = None) -> dict[str, Any]:
        return {"id": number, "name": name, "parent": parent, "post_count": count, "jump_url": jump, "children": children or []}

    numbered = [s for s in site.portal.sections if s.entry.isdigit()]
    leaves = [node(int(s.entry), s.name, 1, len(_rows(site, s.name))) for s in numbered]
    if site.content.external_column:
        leaves.append(node(1999, site.content.external_column, 1, 0, "https://service.example.org/fw/"))
    return [node(1, "政府信息公开", 0, sum(n["post_count"] for n in leaves), children=leaves)]


def _index_page(site: Site, chrome: Chrome) -> str:
    tree = json.dumps(_tree(site), ensure_ascii=False)
    main = '<div class="wrap"><div class="sidebar" id="tree"></div><div class="list" id="list"></div></div>'
    return chrome.page("政府信息公开", [("ColumnName", "政府信息公开目录")], main, _config(site, f"  TREE: {tree}"))


def _rows(site: Site, section: str) -> list[NoticeContent | Outbound]:
    outbound = [o for o in site.content.outbound if o.section == section]
    return [*site.listed(section), *outbound]


def _list_pages(site: Site, section: str, category: str, prefix: str) -> None:
    """Pages 0 and 1 are the same; a page past the end is a 404."""
    rows = _rows(site, section)
    size, sid = site.content.style.page_size, site.portal.params["sid"]
    total = len(rows) + site.content.faults.declares_more
    for page in range(1, max(1, ceil(len(rows) / size)) + 1):
        articles = [_article(site, section, category, r, i) for i, r in enumerate(rows)][(page - 1) * size : page * size]
        classify = {"id": int(category), "name": section, "post_count": total}
        body = json.dumps({"classify": classify, "total": total, "articles": articles}, ensure_ascii=False).encode()
        for number in (0, 1) if page == 1 else (page,):
            site.put(f"{prefix}/gkmlpt/api/all/{category}?page={number}&sid={sid}", Answer(body, "application/json"))


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _article(site: Site, section: str, category: str, row: NoticeContent | Outbound, position: int) -> dict[str, Any]:
    common = {"keywords": "", "abstract": "", "classify_main": int(category), "classify_main_name": section, "relation": "[]"}
    if isinstance(row, Outbound):
        moment = _epoch(datetime.combine(row.published, time(), CHINA))
        return common | {
            "id": _ROWS_FROM + int(category) % 1000 * 100 + position, "title": row.title, "document_number": "", "identifier": "",
            "publisher": "", "date": moment, "create_time": moment, "created_at": f"{row.published} 00:00:00",
            "display_publish_time": moment, "classify_genre_name": "", "classify_theme_name": "", "is_expired": 0, "is_abolished": 0,
            "url": row.url, "post_url": row.url, "attachment": [],
        }  # fmt: skip
    url = site.base + detail_path(row.id)
    return common | {
        "id": row.id,
        "title": row.title,
        "document_number": row.doc_number or "",
        "identifier": row.index_number or "",
        "publisher": row.issuer,
        "date": _epoch(datetime.combine(row.written, time(), CHINA)),
        "create_time": _epoch(row.published),
        "created_at": f"{row.published:%Y-%m-%d %H:%M:%S}",
        "display_publish_time": _epoch(row.published),
        "classify_genre_name": "其他" if row.genre == "annual_report" else "通知",
        "classify_theme_name": row.theme,
        "is_expired": int(row.validity == "expired"),
        "is_abolished": int(row.validity == "abolished"),
        "url": url,
        "post_url": url,
        "attachment": _attachments(site, row),
    }


def _attachments(site: Site, notice: NoticeContent) -> list[dict[str, Any]]:
    out = []
    for number, enclosure in enumerate(notice.attachments):
        path = _attachment_path(notice, number)
        made = attachment_answer(notice, enclosure, number)
        entry = {"id": number + 1, "name": f"{enclosure.name}.{enclosure.format}", "type": enclosure.format}
        out.append(entry | {"mime": made.content_type, "size": len(made.body), "url": site.base + path})
    return out


def _detail_page(site: Site, chrome: Chrome, notice: NoticeContent) -> str:
    inner = body_html(notice)
    links = [
        f'<p class="attach"><a href="{site.base}{_attachment_path(notice, i)}">附件{i + 1}：{html.escape(e.name)}.{e.format}</a></p>'
        for i, e in enumerate(notice.attachments)
    ]
    inner = "\n".join([inner, *links])
    article = site.content.style.body == "article"
    detail = {"id": notice.id, "title": notice.title, "content": "" if article else inner, "publisher": notice.issuer}
    script = json.dumps(detail, ensure_ascii=False).replace("<", "\\u003C").replace(">", "\\u003E")
    others = [n for n in site.listed(notice.section) if n.id != notice.id and not n.fault][:2]
    see_also = related([(n.title, site.base + detail_path(n.id)) for n in others])
    container = (
        f'<div class="article-content">\n{inner}\n{see_also}</div>' if article else f'<div class="content" id="content"></div>\n{see_also}'
    )
    head = "" if site.content.style.header == "line" else f'<div class="classify">{header_table(notice, notice.section)}</div>'
    main = f"""{chrome.breadcrumb(notice.section)}
<div class="main">
{head}
<h1 class="title">{html.escape(notice.title)}</h1>
<div class="date-row">发布日期：{notice.published:%Y-%m-%d %H:%M}　浏览次数：<span id="hits">{CLICKS}</span></div>
{container}
</div>"""
    return chrome.page(notice.title, chrome.article_metas(notice, notice.section), main, _config(site, f"  DETAIL: {script}"))
