"""拓尔思 TRS WCM: pagers and rows of single portals, and the searches in front of it (cms-families.md sections 5 and 5.1)."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil

from gongkai.registry import Section
from samples.dialects.parts import json_answer, notices, section_by, window
from samples.dialects.plain import rows_of
from samples.dialects.site import Answer, Site
from samples.dialects.trs_wcm import detail_name
from samples.model import NoticeContent

_BODY = ('<div class="article_content"><div class="TRS_Editor">', "</div>")


def folder_of(section: Section) -> str:
    """The section's folder, which its notices lie below."""
    return section.entry.partition("?")[0].rpartition("/")[0] + "/"


def detail_path(site: Site, notice: NoticeContent) -> str:
    """The usual address, `…/202503/t20250304_100001.html`."""
    return folder_of(site.sections[notice.section]) + detail_name(site, notice)


def _undated_path(site: Site, notice: NoticeContent) -> str:
    return f"{folder_of(site.sections[notice.section])}t{notice.id}.shtml"


def _plain_rows(site: Site, rows: list[NoticeContent]) -> str:
    return rows_of(site, rows, detail_path)


def _undated_rows(site: Site, rows: list[NoticeContent]) -> str:
    return rows_of(site, rows, _undated_path)


def _flagged_rows(site: Site, rows: list[NoticeContent]) -> str:
    """北京: an empty flag marks a placeholder."""
    lines = "".join(
        f'<li><i class="flag">规范性文件</i><a href="{detail_path(site, n)}">{html.escape(n.title)}</a>'
        f"<span>{n.published:%Y-%m-%d}</span></li>"
        for n in rows
    )
    placeholder = '<li><i class="flag"></i><a href="./202601/t20260101_999999.html">占位信息请勿理会</a><span>2026-01-01</span></li>'
    return f'<ul class="list">{placeholder}{lines}</ul>'


def _written_rows(site: Site, rows: list[NoticeContent]) -> str:
    """武汉: a script writes the rows one by one."""
    blocks = "\n".join(
        f"var url = '{detail_path(site, n)}'; var title = '{n.title}'; var FILENUM = '{n.doc_number}';\n"
        f"document.writeln('<li><a href=\"' + url + '\">' + title + '</a><span>{n.published:%Y-%m-%d}</span></li>');"
        for n in rows
    )
    return f"<ul><script>{blocks}</script></ul>"


def _valid_rows(site: Site, rows: list[NoticeContent]) -> str:
    """南京: 有效期 stands before 发布日期."""
    lines = "".join(
        f'<li><a href="{detail_path(site, n)}">{html.escape(n.title)}</a><span>{n.published.year + 5}-12-31</span>'
        f"<span>{n.written:%Y-%m-%d}</span></li>"
        for n in rows
    )
    return f'<ul class="list">{lines}</ul>'


@dataclass(frozen=True)
class Listing:
    """How a portal pages its static list, and shows its rows."""

    file: Callable[[int], str]
    """Page from 1 → file name."""
    pager: Callable[[int, int, int], str]
    """Page, pages, rows → script."""
    rows: Callable[[Site, list[NoticeContent]], str] = _plain_rows
    detail: Callable[[Site, NoticeContent], str] = detail_path
    whole: bool = False
    """Page one holds every row."""


def _files(stem: str, extension: str) -> Callable[[int], str]:
    return lambda page: f"{stem}.{extension}" if page == 1 else f"{stem}_{page - 1}.{extension}"


def _call(stem: str, extension: str) -> Callable[[int, int, int], str]:
    """createPageHTML(pages, current, stem, extension)."""
    return lambda page, pages, rows: f'createPageHTML({pages}, {page - 1}, "{stem}", "{extension}");'


def _with_records(page: int, pages: int, rows: int) -> str:
    return f'createPageHTML({rows}, {pages}, {page - 1}, "index", "shtml");'


def _with_element(page: int, pages: int, rows: int) -> str:
    return f"createPageHTML('pager',{pages},{page - 1},'index','html',{rows});"


def _of_client(page: int, pages: int, rows: int) -> str:
    """The placeholder counts as a row."""
    return f'createPageHTML({rows + 1}, {ceil((rows + 1) / 15)}, 0, "index", "html");'


def _by_variables(page: int, pages: int, rows: int) -> str:
    return f"var currentPage = {page - 1}; var countPage = {pages}; var pageId = 6829; var ext = '.shtml';"


LISTINGS = {
    "records": Listing(_files("index", "shtml"), _with_records),
    "element": Listing(_files("index", "html"), _with_element),
    "createpage": Listing(_files("index", "html"), lambda page, pages, rows: f'createPage({pages}, {page - 1}, "index", "html");'),
    "countpage": Listing(lambda page: "index.shtml" if page == 1 else f"index_6829_{page - 1}.shtml", _by_variables),
    "client": Listing(_files("index", "html"), _of_client, rows=_flagged_rows, whole=True),
    "written": Listing(_files("index", "html"), _call("index", "html"), rows=_written_rows),
    "template": Listing(_files("index_222", "html"), _call("index_222", "html"), rows=_valid_rows),
    "undated": Listing(_files("index", "shtml"), _call("index", "shtml"), rows=_undated_rows, detail=_undated_path),
    "two": Listing(lambda page: "index.html" if page == 1 else f"index_{page}.html", lambda page, pages, rows: f"var countPage = {pages};"),
}


def build_listing(site: Site, kind: str) -> None:
    """Static lists of one kind."""
    listing, chrome = LISTINGS[kind], site.chrome(())
    notices(site, chrome, listing.detail, _BODY)
    for section in site.portal.sections:
        rows = site.listed(section.name)
        size = len(rows) if listing.whole else site.content.style.page_size
        pages = ceil(len(rows) / size)
        for page in range(1, pages + 1):
            shown = listing.rows(site, window(site, section.name, page, size))
            main = f"<div class='list-page'>{shown}<script>{listing.pager(page, pages, len(rows))}</script></div>"
            answer = site.html(chrome.page(section.name, [("ColumnName", section.name)], main))
            site.put(folder_of(section) + listing.file(page), answer)
            if page == 1:
                site.put(folder_of(section), answer)


# searches


def build_list_model(site: Site) -> None:
    """Column pages with their first rows and a listModel call; the rest comes from was5, as JSON that is none."""
    chrome = site.chrome(())
    notices(site, chrome, detail_path, _BODY)
    for section in site.portal.sections:
        rows = site.listed(section.name)
        first = "".join(
            f'<dl><dd><a title="{html.escape(n.title)}" href="{detail_path(site, n)}">{n.title[:8]}…</a></dd>'
            f"<dd>{n.published:%Y-%m-%d}</dd></dl>"
            for n in rows[:3]
        )
        call = f"""<script>var SiteInfo = {{searchId: '2001', name: 'TRS_Editor'}};
listModel({{quickMode: "动静结合", maxStaticIndex: 1, listArgs: {{channelid: SiteInfo.searchId, classsql: "chnlid=18{_number(section)}",
  sortfield: "-docorderpri,-docreltime"}}, pagebar: {{prepage: {site.content.style.page_size}, recordCount: '{len(rows)}'}}}});</script>"""
        site.put(section.entry, site.html(chrome.page(section.name, [("ColumnName", section.name)], f"<div>{first}</div>{call}")))
    site.services["/was5/web/search"] = partial(_was5, site)


def _number(section: Section) -> str:
    return folder_of(section).rstrip("/")[-1]


def _was5(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    """Raw tabs and newlines inside strings, values in single quotes."""
    section = section_by(site, f"lm{query.get('classsql', '').removeprefix('chnlid=18')}/")
    if section is None or query.get("channelid") != "2001":
        return json_answer({"error": "TRS Server: no such channel", "docs": []})
    docs = ",\n".join(
        f'{{"title":{json.dumps(n.title, ensure_ascii=False)},"title2":"{n.title}","url":"{detail_path(site, n)}","summary":"甲\t乙\n丙",'
        f'"time":"{n.published:%Y-%m-%d}","py":\'###pypy###\',"docid":"{n.id}"}}'
        for n in window(site, section, int(query["page"]), int(query["prepage"]))
    )
    return Answer(f'{{"count":"{len(site.listed(section))}","chnlname":"{section}","pagenum":"{query["page"]}","docs":[{docs}]}}'.encode())


def build_search(site: Site, kind: str) -> None:
    """Lists that are searches: an entry is the search's own address."""
    notices(site, site.chrome(()), detail_path, _BODY)
    path = site.portal.sections[0].entry.partition("?")[0]
    site.services[path] = partial({"pagecount": _page_count, "ssp": _ssp, "was5_html": _was5_html}[kind], site)


def _found(site: Site, query: Mapping[str, str]) -> tuple[str | None, list[NoticeContent]]:
    section = section_by(site, f"={query.get('channelid', query.get('sourceType', ''))}&")
    return section, window(site, section, int(query["page"]), site.content.style.page_size) if section else []


def _page_count(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    """The later service: 文号 and 索引号 in the row."""
    section, rows = _found(site, query)
    if section is None:
        return json_answer({"code": 500, "msg": "检索失败", "data": []})
    docs = [
        {
            "doctitle": n.title,
            "docpuburl": site.base + detail_path(site, n),
            "chnldocurl": detail_path(site, n),
            "pubdate": f"{n.published:%Y-%m-%d}",
            "docreltime": f"{n.written:%Y-%m-%d} 00:00:00",
            "fileno": n.doc_number,
            "puborg": n.issuer,
            "idxid": n.index_number,
        }
        for n in rows
    ]
    return json_answer({"pageCount": ceil(len(site.listed(section)) / site.content.style.page_size), "data": docs})


def _ssp(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    section, rows = _found(site, query)
    if section is None:
        return json_answer({"success": False, "datas": []})
    datas = [{"title": n.title, "url": detail_path(site, n), "docpubtime": int(n.published.timestamp() * 1000)} for n in rows]
    return json_answer({"datas": datas, "total": len(site.listed(section))})


def _was5_html(site: Site, query: Mapping[str, str], body: bytes) -> Answer:
    section, rows = _found(site, query)
    shown = rows_of(site, rows, detail_path) if rows else "<p>没有找到相关信息</p>"
    total = len(site.listed(section)) if section else 0
    return site.html(site.chrome(()).page("检索", [], f"<div>{shown}</div><div class='outlinepage'>共{total}条</div>"))
