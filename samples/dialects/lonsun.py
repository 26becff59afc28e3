"""龙讯 LonSun: column pages that load a fragment, news columns, searches in JSON (cms-families.md section 7)."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from functools import partial

from samples.dialects.parts import NOT_FOUND, json_answer, notices, section_by, window
from samples.dialects.plain import rows_of
from samples.dialects.site import Answer, Site
from samples.model import NoticeContent

_LABEL = "/site/label/8888"
_SITE = "6600"
_BODY = ('<div class="wrap"><div class="j-fontContent">', "</div>")


def public_path(site: Site, notice: NoticeContent) -> str:
    """A notice of a public column."""
    return f"/public/6600001/{notice.id}.html"


def article_path(site: Site, notice: NoticeContent) -> str:
    """A notice of a news column."""
    return f"/content/article/{notice.id}"


def build(site: Site) -> None:
    """Column pages that load /site/label/8888."""
    _shells(site, "")
    site.services[_LABEL] = partial(_label, site)


def build_table(site: Site) -> None:
    """The same by POST alone; rows as `table.r_xh_b`, with 成文日期 where others have the day of publication (人社厅)."""
    _shells(site, "type: 'post', ")
    site.services[_LABEL] = partial(_table, site)


def _shells(site: Site, method: str) -> None:
    chrome = site.chrome(())
    script = f"<script>$.ajax({{url: '{_LABEL}', {method}data: {{siteId: '{_SITE}', file: '/c1/city/publicInfoList_newest'}}}});</script>"
    for section in site.portal.sections:
        site.put(section.entry, site.html(chrome.page(section.name, [], f'<div id="list"></div>{script}')))
    notices(site, chrome, public_path, _BODY)


def _asked(site: Site, query: Mapping[str, str], catalogue: str) -> list[NoticeContent]:
    section = section_by(site, f"catId={catalogue}&")
    page, size = int(query.get("pageIndex", "1")), int(query.get("pageSize", "20"))
    known = section is not None and query.get("siteId") == _SITE
    return window(site, section, page, min(size, site.content.style.page_size)) if known and section else []


def _label(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    """Rows of a catalogue; an unknown site or a page past the end shows the `result` text."""
    rows = _asked(site, query, query.get("catId", ""))
    shown = rows_of(site, rows, public_path) if rows else html.escape(query.get("result", ""))
    own = shown.replace('class="list"', 'class="xxgk_nav_list"')
    return Answer(f'<div class="xxgk_nav_con">{own}</div>'.encode())


def _table(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    form = site.form(body)
    if not form:
        return NOT_FOUND
    rows = _asked(site, form, form.get("catIds", ""))
    lines = "".join(
        f'<tr><td><a href="{public_path(site, n)}" title="{html.escape(n.title)}">{html.escape(n.title[:12])}…</a>'
        f'<p class="subTitle"><span>成文日期：{n.written:%Y-%m-%d}</span></p></td></tr>'
        for n in rows
    )
    return Answer((f'<table class="r_xh_b">{lines}</table>' if rows else form.get("result", "")).encode())


def build_column(site: Site) -> None:
    """News columns: /content/column/N?pageIndex=P, articles /content/article/N."""
    chrome = site.chrome(())
    notices(site, chrome, article_path, _BODY)
    for section in site.portal.sections:
        site.services[section.entry.partition("?")[0]] = partial(_column, site, section.name)


def _column(site: Site, section: str, query: Mapping[str, str], body: bytes) -> Answer:
    page, size, total = int(query.get("pageIndex", "1")), site.content.style.page_size, len(site.listed(section))
    rows = rows_of(site, window(site, section, page, size), article_path)
    main = f"<div>{rows}</div><div class='pager'>共{total}条 {page}/{-(-total // size)}页</div>"
    return site.html(site.chrome(()).page(section, [("ColumnName", section)], main))


Wrap = Callable[[list[dict[str, str]], int], object]
"""Rows and total → the answer around them."""
WRAPS: dict[str, tuple[str, str, str, Wrap]] = {
    "search": (
        "link",
        "publishDate",
        _LABEL,
        lambda rows, n: {"status": 1, "desc": "", "data": {"pageIndex": 0, "total": n, "data": rows}},
    ),
    "so": ("url", "trs_time", "/s/so", lambda rows, n: {"page": {"content": rows, "total": str(n), "totalPages": -(-n // 5)}}),
    "so_nested": ("url", "publishDate", "/s/so", lambda rows, n: {"status": 1, "data": {"pageData": {"data": rows, "total": n}}}),
}
"""Names of address and day, path, and what stands around the rows: searchDataList, /s/so of 黄冈, /s/so of 陇南."""


def build_search(site: Site, kind: str) -> None:
    """Lists that are searches: an entry is the search's own address."""
    notices(site, site.chrome(()), public_path, _BODY)
    site.services[WRAPS[kind][2]] = partial(_search, site, kind)


def _search(site: Site, kind: str, query: Mapping[str, str], body: bytes) -> Answer:
    address, day, _, wrap = WRAPS[kind]
    section = section_by(site, f"columnId={query.get('columnId', '')}&")
    if section is None or query.get("siteId") != _SITE:
        return json_answer({"status": 0, "desc": "参数错误", "data": None})
    page = int(query.get("pageIndex", "1"))
    rows = [
        {"title": f"<em>{n.title[:2]}</em>{n.title[2:]}", address: public_path(site, n), day: f"{n.published:%Y-%m-%d %H:%M:%S}"}
        for n in window(site, section, page, site.content.style.page_size)
    ]
    return json_answer(wrap(rows, len(site.listed(section))))
