"""龙讯 LonSun (cms-families.md section 7): column pages that load their rows from /site/label/8888, searches that answer in JSON."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from transforms.pages.answers import is_answer
from transforms.pages.contract import ListReading, ListRequest, NotThisLayout, PastTheEnd
from transforms.pages.list_page import OWN_ROWS, ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.pager import read_pager
from transforms.pages.paging import counted_on, query_of, with_query
from transforms.pages.tree import squash, text_of

NATIVE_ID = re.compile(r"/(?:public/\d{1,12}|content/article|[a-z]{2,20})/(\d{4,12})(?:\.html?)?(?:[?#]|$)")
_SITE = re.compile(
    r"""\bsiteId[\"']?\s{0,3}[:=]\s{0,3}[\"']?(\d{3,12})"""
    r"""|<meta\s[^<>]{0,40}\bname=[\"']?siteid[\"']?\s{1,5}content=[\"']?(\d{3,12})""",
    re.IGNORECASE,
)
_FILE = re.compile(r"""\bfile[\"']?\s{0,3}[:=]\s{0,3}[\"'](/[\w./-]{1,120})[\"']""")
_ENDPOINT = re.compile(r"""[\"'](/[\w/-]{0,40}site/label/8888)""")
_ANY_COLUMN = re.compile(r"/(content|public)/column/\d")
_COLUMN = re.compile(r"/public/column/(\d{1,12})")
_EMPTY = "暂无信息"
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
_LABEL = "/site/label/8888"
_LONG = 500
"""`length` is where the server cuts a title."""


class LonsunNoticePage(NoticePage):
    """Detail page; containers of several templates."""

    family = "lonsun"
    native_id = NATIVE_ID
    body_selectors = (".j-fontcontent", ".wzcon", ".secnr", ".wenzhang", "#zoom", ".gkwz_contnet", ".article-content")
    markup: ClassVar = {"title": (".wztit", ".article-title", ".title"), "published_at": (".wzfbxx", ".date", ".time")}


class LonsunListPage(ListPage):
    """A column page (its rows, or the fragment it loads them from), the fragment itself, or a search's JSON."""

    family = "lonsun"
    native_id = NATIVE_ID

    def read(self) -> ListReading:
        """Raises like ListPage.read; PastTheEnd for the fragment's empty text."""
        if "label/8888" in self.request.url:
            return self._fragment()
        first = self._first_fragment() if self.request.column != OWN_ROWS and self.request.page == 1 else None
        if first and "label/8888" in self.html:
            return ListReading(rows=(), leads_to=(first,))
        try:
            return super().read()
        except NotThisLayout:  # the call stands in a script of its own, but the registry knows the site
            if first is None or "site_id" not in self.params:
                raise
            return ListReading(rows=(), leads_to=(first,))

    def _fragment(self) -> ListReading:
        if is_answer(self.html):
            return self._answered()
        rows = self._rows(self.tree, few=True)
        if not rows and self.request.page > 1:
            raise PastTheEnd(f"no rows in the fragment of page {self.request.page}")
        if not rows and _EMPTY not in self.html and squash(text_of(self.tree.root)) != self._empty_text():
            return super().read()
        total, pages = read_pager(self.html)
        return ListReading(rows=rows, declared_total=total, declared_pages=pages, next=counted_on(self.request))

    def _empty_text(self) -> str | None:
        """The words that the request itself names for a list without rows."""
        asked = query_of(self.request.body or urlsplit(self.request.url).query)
        return squash(asked["result"]) if asked.get("result") else None

    def _first_fragment(self) -> ListRequest | None:
        """The fragment behind a public column: site and template from the page, organ and catalogue from its address.

        Some servers take the same fields by POST only; where neither is answered, the column page's own rows are what there is.
        """
        column, query = _COLUMN.search(self.url), query_of(urlsplit(self.url).query)
        site = str(self.params.get("site_id", "")) or ((found := _SITE.search(self.html)) and (found[1] or found[2])) or ""
        if column is None or not site:
            return None
        file, endpoint = _FILE.search(self.html), _ENDPOINT.search(self.html)
        kind = query.get("type", "4")
        catalogue = (
            {"catIds": query.get("catId", ""), "sortType": "1", "isInvalid": ""}
            if kind == "6"
            else {"catId": query.get("catId", ""), "cId": ""}
        )
        named = {
            "IsAjax": "1", "dataType": "html", "labelName": "publicInfoList", "siteId": site, "pageSize": "20", "pageIndex": "1",
            "action": "list", "isDate": "true", "dateFormat": "yyyy-MM-dd", "length": str(_LONG), "organId": column[1],
            "type": kind, **catalogue, "result": _EMPTY, "file": file[1] if file else str(self.params.get("template", "")),
        }  # fmt: skip
        site_path = urlsplit(self.url).path.partition("/public/column/")[0]
        paths = [endpoint[1]] if endpoint else list(dict.fromkeys([_LABEL, site_path + _LABEL]))
        form = urlencode(named)
        asked = [ListRequest(url=f"{self._join(path)}?{form}") for path in paths]
        posted = [ListRequest(url=self._join(path), body=form, headers=_FORM) for path in paths]
        request = ListRequest(url=self.request.url, column=OWN_ROWS)
        for before in reversed(posted + asked if kind == "6" else asked + posted):
            request = replace(before, otherwise=request)
        return request

    def _next(self) -> ListRequest | None:
        following = counted_on(self.request) or super()._next()
        column = _ANY_COLUMN.search(self.request.url)
        if following or column is None or self._ends_here():
            return following
        page = self.request.page + 1
        guessed = column[1] == "public" and self._pager == (None, None)
        return ListRequest(url=with_query(self.request.url, pageIndex=page), page=page, guessed=guessed)
