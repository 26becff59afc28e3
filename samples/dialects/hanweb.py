"""大汉's younger lists: the 信息公开 module and truecms (cms-families.md sections 4.2 and 4.4)."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from functools import partial

from samples.dialects.hanweb_jcms import detail_path
from samples.dialects.parts import NOT_FOUND, notices, window
from samples.dialects.plain import hex_id, rows_of
from samples.dialects.site import Answer, Site
from samples.model import NoticeContent

_SEARCH = "/module/xxgk/search.jsp"
_AREA = "990900001"
_HEAD = '<script src="/module/xxgk/js/xxgk.js"></script>'


def build_xxgk(site: Site) -> None:
    """Column pages that ask search.jsp, which answers with the rows of every column of the area."""
    chrome = site.chrome(())
    for section in site.portal.sections:
        column = section.entry.split("/")[2].removeprefix("col")
        call = f"loadDynamic('/module/xxgk/search.jsp?standardXxgk=1&area={_AREA}', 'div{column}', '0'); var jdid = '7';"
        tree = f'<iframe src="/module/xxgk/tree.jsp?area={_AREA}&amp;divid=div{column}"></iframe>'
        main = f'{tree}<div id="div{column}"></div><script>{call}</script>'
        site.put(section.entry, site.html(chrome.page(section.name, [("ColumnName", section.name)], main)))
    notices(site, chrome, detail_path, (f'{_HEAD}<div class="main-txt"><div id="zoom">', "</div>"))
    site.services[_SEARCH] = partial(_search, site)


def _search(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    """By POST; the columns' rows mixed, newest first."""
    form = site.form(body)
    if form.get("area") != _AREA or form.get("jdid") != "7":
        return Answer("<div>没有找到相关信息</div>".encode())
    rows = sorted(site.content.notices, key=lambda n: n.published, reverse=True)
    page, size = int(form.get("currpage") or "1"), site.content.style.page_size
    pages = -(-len(rows) // size)
    lines = "".join(
        f'<tr class="tr_main_value_{"even" if i % 2 else "odd"}"><td>{i + 1}</td><td><a href="{detail_path(site, n)}" '
        f'mc="{html.escape(n.title)}" syh="{n.index_number}" rq="{n.published:%Y-%m-%d}">{html.escape(n.title[:10])}…</a></td>'
        f"<td>{n.published:%Y-%m-%d}</td></tr>"
        for i, n in enumerate(rows[(page - 1) * size : page * size])
    )
    pager = f'<table><tr><td class="tb_title">共{len(rows)}条&nbsp;&nbsp;共{pages}页&nbsp;第{page}页</td></tr></table>'
    return Answer(f'<table width="100%">{lines}</table>{pager}'.encode())


# truecms


_GET = "/truecms/messageController/getMessage.do"


def _uuid(site: Site, notice: NoticeContent) -> str:
    key = hex_id(site, notice)
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


def truecms_path(site: Site, notice: NoticeContent) -> str:
    """`/lm1/content/<uuid>.html`."""
    return f"{site.sections[notice.section].entry.rpartition('/')[0]}/content/{_uuid(site, notice)}.html"


def build_truecms(site: Site, largest: int, silent: bool) -> None:
    """Column pages with a jpage call. `largest` window; a larger one is answered by nothing (`silent`) or by 404; 0: closed for good."""
    chrome = site.chrome(())
    for section in site.portal.sections:
        number = section.entry[3]
        call = f"""<script>$("#pager").jpage({{totalRecord: {len(site.listed(section.name))}, proxyUrl: '{_GET}', perPage: 10, groupSize: 3,
  ajaxParam: {{columnId: '{number * 8}-0000-4000-8000-{number * 12}'}}}});</script>"""
        inside = rows_of(site, window(site, section.name, 1, 60), truecms_path)
        main = f'<div id="pager"></div><div id="initData" style="display:none">{inside}</div>{call}'
        site.put(section.entry, site.html(chrome.page(section.name, [("ColumnName", section.name)], main)))
    notices(site, chrome, truecms_path, ('<div class="wrap"><div id="zoomcon">', "</div>"))
    site.services[_GET] = partial(_message, site, largest, silent)


def _message(site: Site, largest: int, silent: bool, query: Mapping[str, str], body: bytes) -> Answer:
    number = query.get("columnId", "x")[0]
    section = next((s for s in site.portal.sections if s.entry[3] == number), None)
    size = int(query.get("perpage", "0"))
    if section is None or not site.headers.get("referer", "").endswith(section.entry) or (size > largest and not silent):
        return NOT_FOUND
    start, end = int(query["startrecord"]), int(query["endrecord"])
    rows = [] if size > largest else site.listed(section.name)[start - 1 : end]
    records = "".join(
        f'<record><![CDATA[<li><a href="{truecms_path(site, n)}" title="{html.escape(n.title)}">{html.escape(n.title)}</a>'
        f"<span>{n.published:%Y-%m-%d}</span></li>]]></record>"
        for n in rows
    )
    total = f"<totalrecord>{len(site.listed(section.name))}</totalrecord>"
    result = f"<datastore>{total}<recordset>{records}</recordset></datastore>" if rows else ""
    return Answer(f"{query['callback']}({json.dumps({'result': result}, ensure_ascii=False)});".encode(), "text/javascript")
