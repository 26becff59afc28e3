"""大汉 jCMS: column pages that fetch their rows as XML from dataproxy.jsp, details art_<column>_<id> (cms-families.md section 4.1)."""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import partial

from samples.chrome import Chrome
from samples.dialects.article import article_page
from samples.dialects.plain import rows_of
from samples.dialects.site import Answer, Site, attachment_answer
from samples.model import NoticeContent

_PROXY = "/module/web/jpage/dataproxy.jsp"
_UNIT = 8000


_ENCRYPTED = '<nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&q=8f3a91"></a>]]></nextgroup>'


def build(site: Site, kind: str = "group") -> None:
    """Fill the site's paths and the proxy.

    What the proxy does: `group` gives three pages at once, `page` obeys page and perpage alone, `encrypted` names further groups by secrets
    only; `inline`: there is none, and ?uid=&pageNum= leads on.
    """
    chrome = site.chrome(tuple((s.name, site.base + s.entry) for s in site.portal.sections))
    site.put("/", site.html(chrome.page("首页", [], '<div class="home"></div>')))
    for section in site.portal.sections:
        page = _inline_page if kind in ("inline", "encrypted") else _column_page
        site.put(section.entry, site.html(page(site, chrome, section.name, kind)))
        if kind == "inline":
            _static_pages(site, chrome, section.name, section.entry)
    for notice in site.content.notices:
        site.put(detail_path(site, notice), site.html(_detail_page(site, chrome, notice), notice.published))
        for number, enclosure in enumerate(notice.attachments):
            site.put(_file(notice, number), attachment_answer(notice, enclosure, number))
    if kind != "inline":
        site.services[_PROXY] = partial(_proxy, site, kind)


def _column(site: Site, section: str) -> str:
    """`col11` of /col/col11/index.html as `11`."""
    return site.sections[section].entry.split("/")[2].removeprefix("col")


def detail_path(site: Site, notice: NoticeContent) -> str:
    """`/art/2025/3/4/art_11_22.html`: month and day without zeros."""
    day = notice.published
    return f"/art/{day.year}/{day.month}/{day.day}/art_{_column(site, notice.section)}_{notice.id}.html"


def _file(notice: NoticeContent, number: int) -> str:
    return f"/attach/0/{notice.id}{number}.{notice.attachments[number].format}"


def _column_page(site: Site, chrome: Chrome, section: str, kind: str) -> str:
    """The first group stands inline; a script asks for the others."""
    size, column = site.content.style.page_size, _column(site, section)
    first = _datastore(site, section, 1, 3 * size, size)
    script = f"""<script type="text/xml" id="{_UNIT}">{first}</script>
<script>$("#{_UNIT}").jpage({{
  totalRecord: {len(site.listed(section))}, proxyUrl: '{_PROXY}', perPage: {size}, columnid: '{column}', unitid: '{_UNIT}', webid: '1',
  path: '/', webname: '{html.escape(site.identity[1])}', appid: '1', sourceContentType: '1', permissiontype: '0'
}});</script>"""
    main = f'{chrome.breadcrumb(section)}\n<div class="main" id="{_UNIT}"></div>\n{script}'
    return chrome.page(section, [("ColumnName", section)], main)


def _inline_page(site: Site, chrome: Chrome, section: str, kind: str) -> str:
    """Rows inside the page: all of them beside encrypted groups, else the first page."""
    rows, size = site.listed(section), site.content.style.page_size
    end = len(rows) if kind == "encrypted" else size
    store = _datastore(site, section, 1, end, size).replace("<recordset>", f"{_ENCRYPTED if kind == 'encrypted' else ''}<recordset>")
    proxy = f" proxyUrl: '{_PROXY}'," if kind == "encrypted" else ""
    script = f"""<script type="text/xml" id="{_UNIT}">{store}</script>
<script>$("#{_UNIT}").jpage({{totalRecord: {len(rows)},{proxy} perPage: {size}, columnid: '{_column(site, section)}',
  unitid: '{_UNIT}'}});</script>"""
    return chrome.page(section, [("ColumnName", section)], f'<div class="main" id="{_UNIT}"></div>\n{script}')


def _static_pages(site: Site, chrome: Chrome, section: str, entry: str) -> None:
    size = site.content.style.page_size
    for page in range(2, -(-len(site.listed(section)) // size) + 1):
        shown = rows_of(site, site.listed(section)[(page - 1) * size : page * size], detail_path)
        main = f"<div class='default_pgContainer'>{shown}</div><script>var unitid = '{_UNIT}'; // dataproxy.jsp is closed</script>"
        site.put(f"{entry}?uid={_UNIT}&pageNum={page}", site.html(chrome.page(section, [], main)))


def _proxy(site: Site, kind: str, query: Mapping[str, str], body: bytes) -> Answer:
    """Rows startrecord..endrecord; an unknown column or a start beyond the end gives the short empty answer."""
    section = next((s.name for s in site.portal.sections if _column(site, s.name) == query.get("columnid")), None)
    numbers = [int(v) for name in ("startrecord", "endrecord", "perpage") if (v := query.get(name, "")).isdigit()]
    empty = "<datastore><recordset></recordset></datastore>"
    if kind == "encrypted":
        return Answer(f"<datastore><totalrecord>500</totalrecord>{_ENCRYPTED}<recordset></recordset></datastore>".encode(), "text/xml")
    if kind == "page" and len(numbers) == 3:
        size, page = numbers[2], int(query.get("page", "1"))
        numbers = [(page - 1) * size + 1, page * size, size]
    text = _datastore(site, section, *numbers) if section and len(numbers) == 3 and query.get("unitid") == str(_UNIT) else empty
    return Answer(text.encode(), "text/xml")


def _datastore(site: Site, section: str, start: int, end: int, size: int) -> str:
    rows = site.listed(section)
    records = "".join(
        f'<record><![CDATA[<li><a href="{detail_path(site, n)}" title="{html.escape(n.title)}">{html.escape(n.title[:20])}</a>'
        f"<span>{n.published:%Y-%m-%d}</span></li>]]></record>"
        for n in rows[start - 1 : end]
    )
    pages = -(-len(rows) // size)
    return f"<datastore><totalrecord>{len(rows)}</totalrecord><totalpage>{pages}</totalpage><recordset>{records}</recordset></datastore>"


def _detail_page(site: Site, chrome: Chrome, notice: NoticeContent) -> str:
    return article_page(
        site,
        chrome,
        notice,
        container=('<div class="main-txt"><div id="zoom">', "</div>"),
        file=lambda number: _file(notice, number),
        link=lambda other: detail_path(site, other),
    )
