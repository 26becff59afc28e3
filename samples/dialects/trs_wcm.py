"""拓尔思 TRS WCM: static list files, META tags, `TRS_Editor` bodies (cms-families.md section 5)."""

from __future__ import annotations

import html
from datetime import date
from math import ceil

from samples.chrome import Chrome
from samples.dialects.article import article_page
from samples.dialects.site import Answer, Site, attachment_answer
from samples.model import NoticeContent, Outbound


def detail_name(site: Site, notice: NoticeContent) -> str:
    """`202503/t20250304_100001.html`, below the section's folder."""
    day = notice.published
    return f"{day:%Y%m}/t{day:%Y%m%d}_{notice.id}.{site.content.style.extension}"


def build(site: Site) -> None:
    """Fill the site's paths."""
    chrome = site.chrome(tuple((s.name, site.base + s.entry) for s in site.portal.sections))
    links = [(s.entry, s.name) for s in site.portal.sections] + [(link.path, link.name) for link in site.content.home_links]
    home = "".join(f'<li><a href="{path}">{name}</a></li>' for path, name in links)
    for link in site.content.home_links:
        if link.answer == "page":
            site.put(link.path, site.html(chrome.page(link.name, [], f"<h2>{link.name}</h2>")))
        elif link.answer == "http_410":
            site.put(link.path, Answer(b"<html><body><h1>410 Gone</h1></body></html>", status=410))
    site.put("/", site.html(chrome.page("首页", [], f'<div class="home"><ul>{home}</ul></div>')))
    for section in site.portal.sections:
        _list_pages(site, chrome, section.name, section.entry)
    for notice in site.content.notices:
        folder = site.sections[notice.section].entry
        path = folder + detail_name(site, notice)
        site.put(path, site.html(_detail_page(site, chrome, notice), notice.published))
        if notice.fault:
            site.faulty[path] = notice.fault
        for number, enclosure in enumerate(notice.attachments):
            name = _attachment_name(notice, number)
            site.put(f"{folder}{notice.published:%Y%m}/{name}", attachment_answer(notice, enclosure, number))


def _attachment_name(notice: NoticeContent, number: int) -> str:
    return f"P0{notice.published:%Y%m%d%H%M%S}{notice.id % 10**5:05d}{number}.{notice.attachments[number].format}"


def _list_pages(site: Site, chrome: Chrome, section: str, folder: str) -> None:
    style = site.content.style
    rows: list[NoticeContent | Outbound] = [*site.listed(section), *(o for o in site.content.outbound if o.section == section)]
    pages = max(1, ceil(len(rows) / style.page_size))
    declared = len(rows) + site.content.faults.declares_more
    newest = max((n.published for n in site.listed(section)), default=None)
    for page in range(pages):
        shown = rows[page * style.page_size : (page + 1) * style.page_size]
        first = f"{declared}, {pages}" if style.paging == "records" else f"{pages}"
        call = f'<script>createPageHTML({first}, {page}, "index", "{style.extension}");</script>'
        main = f"""{chrome.breadcrumb(section)}
<div class="main list-page">
<h2 class="column">{section}</h2>
{_rows(site, shown)}
<div class="page">{call}</div>
</div>"""
        if site.content.faults.redesigned:
            main = '<div id="app" data-channel="1"></div><script src="/static/app.3f9c1e.js"></script>'
        text = chrome.page(section, chrome.column_metas(section), main)
        answer = site.html(text, newest)
        site.put(f"{folder}index{f'_{page}' if page else ''}.{style.extension}", answer)
        if page == 0:
            site.put(folder, answer)


def _day(day: date, form: str) -> str:
    match form:
        case "bracket":
            return f"[{day:%Y-%m-%d}]"
        case "chinese":
            return f"{day.year}年{day.month}月{day.day}日"
        case "month_day":
            return f"{day:%m-%d}"
    return f"{day:%Y-%m-%d}"


def _rows(site: Site, rows: list[NoticeContent | Outbound]) -> str:
    form = site.content.style.row
    if not rows:
        return '<ul class="list"></ul><p class="nodata">暂无信息</p>'
    if form == "dl":
        return "\n".join(f'<dl class="list"><dd>{_link(site, r)}</dd><dd class="date">{_date(r, form)}</dd></dl>' for r in rows)
    lines = "\n".join(f"<li>{_link(site, r)}<span>{_date(r, form)}</span></li>" for r in rows)
    return f'<ul class="list">\n{lines}\n</ul>'


def _date(row: NoticeContent | Outbound, form: str) -> str:
    return _day(row.published.date() if isinstance(row, NoticeContent) else row.published, form)


def _link(site: Site, row: NoticeContent | Outbound) -> str:
    style = site.content.style
    href = row.url if isinstance(row, Outbound) else "./" + detail_name(site, row)
    text = row.title if style.cut is None or len(row.title) <= style.cut else row.title[: style.cut] + "…"
    title = f' title="{html.escape(row.title)}"' if style.title_attribute else ""
    pin = '<em class="top">[置顶]</em>' if isinstance(row, NoticeContent) and row.pinned else ""
    return f'{pin}<a href="{html.escape(href)}"{title} target="_blank">{html.escape(text, quote=False)}</a>'


def _detail_page(site: Site, chrome: Chrome, notice: NoticeContent) -> str:
    return article_page(
        site,
        chrome,
        notice,
        container=('<div class="article_content"><div class="TRS_Editor">', "</div>"),
        file=lambda number: "./" + _attachment_name(notice, number),
        link=lambda other: "../" + detail_name(site, other),
    )
