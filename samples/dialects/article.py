"""The detail page that most families' templates amount to: metadata block, title, date line, body container, attachments, related links."""

from __future__ import annotations

import html
from collections.abc import Callable

from samples.chrome import CLICKS, Chrome, header_strong, header_table, published, related
from samples.dialects.site import Site, body_html
from samples.model import NoticeContent


def article_page(
    site: Site,
    chrome: Chrome,
    notice: NoticeContent,
    *,
    container: tuple[str, str],
    file: Callable[[int], str],
    link: Callable[[NoticeContent], str],
) -> str:
    """A whole page. `container` opens and closes the text itself, one more `</div>` closes what stands around it with the attachments.

    `file` and `link` give the href of the nth attachment and of another notice of the section.
    """
    head = {"table": header_table, "strong": header_strong}.get(site.content.style.header)
    files = "\n".join(
        f'<p><a href="{file(i)}" target="_blank">附件{i + 1}：{html.escape(e.name)}.{e.format}</a></p>'
        for i, e in enumerate(notice.attachments)
    )
    others = [n for n in site.listed(notice.section) if n.id != notice.id and not n.fault][:2]
    see_also = related([(n.title, link(n)) for n in others])
    main = f"""{chrome.breadcrumb(notice.section)}
<div class="main article">
{head(notice, notice.section) if head else ""}
<h1 class="article_title">{html.escape(notice.title, quote=False)}</h1>
<div class="article_info"><span class="article_source">来源：{html.escape(notice.issuer)}</span>
<span class="article_time">时间：{published(notice, "minute")}</span> <span>点击数：{CLICKS}</span></div>
{container[0]}
{body_html(notice)}
{container[1]}
{files}
{see_also}</div>
<div class="share">【打印】【关闭】</div>
</div>"""
    return chrome.page(notice.title, chrome.article_metas(notice, notice.section), main)
