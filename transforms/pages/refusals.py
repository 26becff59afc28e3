"""Pages that are no page: error texts sent with status 200, error answers of an API, stubs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from transforms.decode import without_surrogates
from transforms.pages.contract import NotThisLayout, PastTheEnd, SoftError
from transforms.pages.tree import Tree, text_of

_ERROR = re.compile(
    r"(?:页面|网页|文件|栏目|文章|信息|内容|资源)(?:已?不存在|未找到|找不到|已被?删除|无法访问|已失效)|(?:找不到|不存在|无法找到)(?:您|你)?(?:要?访问|请求|查[看找])?的?(?:页面|网页|文件|资源|内容)"
    r"|\b404\b|not\s+found|\b(?:403\s+forbidden|50[0-4]\s+(?:internal|bad|service|gateway)|bad\s+gateway|service\s+unavailable)|(?:系统|网站|服务器)(?:正在)?(?:维护|升级|繁忙|出错|错误)|访问(?:的页面)?出错",
    re.IGNORECASE,
)
_SMALL = 2000  # characters of visible text; cms-families.md section 2.6
_STUB = 700  # bytes of a page beyond the end
_PAGE_NUMBER = re.compile(
    r"(?:index|list|page)_?(\d{1,5})\.\w{3,5}$|[?&](?:page|pageNo|pageIndex|PageNo|currpage)=(\d{1,5})", re.IGNORECASE
)
_DRAWN = re.compile(
    r"\$\s?\.\s?(?:ajax|getJSON|get|post)\s?\(|\baxios\b|\bfetch\s?\(|XMLHttpRequest|\bv-for\s?=|\bng-repeat\s?=|id=[\"']app[\"']"
    r"|\bgetSearchList\s?\(|\blaytpl\b|\blaypage\b|text/x-handlebars|text/x?-?template|\.render\s?\(|appendChild\s?\(|\.innerHTML\s?[+=]"
)
"""Signs that a script fills a page: requests it sends, and the templates it fills."""
_GOOD_CODES = frozenset(("0", "1", "200", "ok", "success", "none", ""))


def refuse_soft_error(tree: Tree, body_length: int) -> None:
    """Raise SoftError for a short page that says it is an error; a page with a real body may mention 404."""
    if body_length >= 100:
        return
    text = text_of(tree.root)
    said = _ERROR.search(text[:_SMALL]) or next((m for t in tree.find("title") if (m := _ERROR.search(text_of(t)))), None)
    if said and len(text) < _SMALL:
        raise SoftError(f"an error page sent as a good one: {said.group()}")


def refuse_empty_list(html: str, url: str) -> None:
    """Raise for a list page without rows: beyond the end where the address has a page number, else not this layout.

    The reason says where a script would draw the rows: such a list needs a service, or stays unread.
    """
    number = _PAGE_NUMBER.search(url)
    if number and int(number[1] or number[2]) > 0:
        raise PastTheEnd(f"no rows on page {number[1] or number[2]}")
    drawn = _DRAWN.search(html)
    if drawn:
        raise NotThisLayout(f"rows are drawn by script ({drawn.group().strip()}): no list rows found in {len(html)} characters")
    raise NotThisLayout(f"no list rows found in {len(html)} characters" + (" (a stub)" if len(html) < _STUB else ""))


def load_answer(text: str) -> dict[str, Any]:
    """A JSON answer of an API, control characters tolerated. Raises NotThisLayout (no JSON object) or SoftError (it reports an error)."""
    try:
        answer = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise NotThisLayout(f"the answer is no JSON: {str(error)[:80]}") from error
    if not isinstance(answer, Mapping):
        raise NotThisLayout(f"the answer is a JSON {type(answer).__name__}, not an object")
    for key in ("errcode", "errorCode", "code", "status", "error"):
        code = answer.get(key)
        bad = isinstance(code, int | str) and not isinstance(code, bool) and str(code).lower() not in _GOOD_CODES
        if bad or (key == "error" and code is True):
            said = next((str(answer[k]) for k in ("errmessage", "errmsg", "message", "msg") if answer.get(k)), "")
            raise SoftError(without_surrogates(f"the API answers {key}={code} {said}")[:200])
    if answer.get("success") is False:
        raise SoftError("the API answers success=false")
    return dict(answer)
