"""Pages that are no page: error texts sent with status 200, stubs."""

from __future__ import annotations

import re

from transforms.pages.contract import NotThisLayout, PastTheEnd, SoftError
from transforms.pages.tree import Tree, text_of

_ERROR = re.compile(
    r"(?:页面|网页|文件|栏目|文章|信息|内容|资源)(?:已?不存在|未找到|找不到|已被?删除|无法访问|已失效)|(?:找不到|不存在|无法找到)(?:您|你)?(?:要?访问|请求|查[看找])?的?(?:页面|网页|文件|资源|内容)"
    r"|\b404\b|not\s+found|\b(?:403\s+forbidden|50[0-4]\s+(?:internal|bad|service|gateway)|bad\s+gateway|service\s+unavailable)|(?:系统|网站|服务器)(?:正在)?(?:维护|升级|繁忙|出错|错误)|访问(?:的页面)?出错",
    re.IGNORECASE,
)
_SMALL = 2000  # characters of visible text; cms-families.md section 2.6
_STUB = 700  # bytes of a page beyond the end
_PAGE_NUMBER = re.compile(r"(index|list|page)_?(\d{1,5})\.\w{3,5}$|[?&](?:page|pageNo|pageIndex|PageNo|currpage)=(\d{1,5})", re.IGNORECASE)
_DRAWN = re.compile(
    r"\$\s?\.\s?(?:ajax|getJSON|get|post)\s?\(|\baxios\b|\bfetch\s?\(|XMLHttpRequest|\bv-for\s?=|\bng-repeat\s?=|id=[\"']app[\"']"
    r"|\bgetSearchList\s?\(|\blaytpl\b|\blaypage\b|text/x-handlebars|text/x?-?template|\.render\s?\(|/datacall/showJsContent|appendChild\s?\(|\.innerHTML\s?[+=]"
)
"""Signs that a script fills a page: requests it sends, and the templates it fills."""


def refuse_soft_error(tree: Tree, body_length: int) -> None:
    """Raise SoftError for a short page that says it is an error; a page with a real body may mention 404."""
    if body_length >= 100:
        return
    text = text_of(tree.root)
    said = _ERROR.search(text[:_SMALL]) or next((m for t in tree.find("title") if (m := _ERROR.search(text_of(t)))), None)
    if said and len(text) < _SMALL:
        raise SoftError(f"an error page sent as a good one: {said.group()}")


def refuse_empty_list(html: str, url: str, page: int = 1) -> None:
    """Raise for a list page without rows: beyond the end where request or address name a later page, else not this layout.

    The reason says where a script would draw the rows: such a list needs a service, or stays unread.
    """
    number = _PAGE_NUMBER.search(url)
    said = int(number[2] or number[3]) if number else 0
    if page > 1 or (number and said > (0 if number[1] in ("index", "list") else 1)):
        raise PastTheEnd(f"no rows on page {max(page, said)}")
    drawn = _DRAWN.search(html)
    if drawn:
        raise NotThisLayout(f"rows are drawn by script ({drawn.group().strip()}): no list rows found in {len(html)} characters")
    raise NotThisLayout(f"no list rows found in {len(html)} characters" + (" (a stub)" if len(html) < _STUB else ""))
