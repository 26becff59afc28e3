"""大汉 jCMS (cms-families.md section 4.1): column pages, their rows as XML from dataproxy.jsp, details art_<column>_<id>."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from transforms.pages.contract import ListReading, ListRequest, NotThisLayout, PastTheEnd
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import with_query
from transforms.pages.tree import Tree

NATIVE_ID = re.compile(r"/art_(\d{1,9}_\d{1,12})\.html?(?:[?#]|$)")
_PROXY = re.compile(r"[\"'](/[\w./-]{0,80}/dataproxy\.jsp)")
_SETTING = re.compile(
    r"\b(columnid|unitid|webid|path|webname|appid|sourceContentType|permissiontype|perpage)[\"']?\s{0,3}[:=]\s{0,3}[\"']?([^\"'&,;\s<>{}]{1,80})",
    re.IGNORECASE,
)
_DEFAULTS = {"col": "1", "appid": "1", "webid": "1", "path": "/", "sourceContentType": "1", "permissiontype": "0"}
_RECORD = re.compile(r"<record>\s{0,9}<!\[CDATA\[(.*?)\]\]>\s{0,9}</record>", re.DOTALL | re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord>\s{0,9}(\d{1,9})", re.IGNORECASE)
_COLUMN = re.compile(r"/col(\d{1,9})/")
_GROUP = 3
"""The server answers with three pages at once, whatever is asked."""


class HanwebJcmsNoticePage(NoticePage):
    """Detail page; #zoom holds the text, the other containers are older templates."""

    family = "hanweb_jcms"
    native_id = NATIVE_ID
    body_selectors = ("#zoom", ".artile_zw", ".article-body", ".con_text", ".main-txt", ".trs_editor", ".bt_content")
    markup: ClassVar = {"title": (".title", ".article_title"), "published_at": (".article_time", ".date")}


class HanwebJcmsListPage(ListPage):
    """A column page, which leads to the proxy or lists its rows itself, or an answer of the proxy."""

    family = "hanweb_jcms"
    native_id = NATIVE_ID

    def read(self) -> ListReading:
        """Raises like ListPage.read; PastTheEnd for the proxy's empty answer, NotThisLayout for its encrypted one."""
        if self.html.lstrip().lower().startswith(("<datastore>", "<?xml")):
            return self._answer()
        first = self._first_group()
        return ListReading(rows=(), leads_to=(first,)) if first else super().read()

    def _first_group(self) -> ListRequest | None:
        """The proxy's first group, by the settings of the call in the page; None for a page without such a call."""
        proxy = _PROXY.search(self.html)
        settings = {name.lower(): value for name, value in _SETTING.findall(self.html)}
        column = _COLUMN.search(self.url)
        if proxy is None or "unitid" not in settings:
            return None
        named = {name: settings.get(name.lower(), default) for name, default in _DEFAULTS.items()}
        named |= {"columnid": settings.get("columnid") or (column[1] if column else ""), "unitid": settings["unitid"]}
        named["webname"] = settings.get("webname", "")
        size = int(settings["perpage"]) if settings.get("perpage", "").isdigit() else 15
        window = {"startrecord": 1, "endrecord": _GROUP * size, "perpage": size}
        return ListRequest(url=f"{self._join(proxy[1])}?{urlencode(window | named)}")

    def _answer(self) -> ListReading:
        rows = self._rows(Tree.of_fragment("<ul>" + "".join(_RECORD.findall(self.html)) + "</ul>"))
        total = _TOTAL.search(self.html)
        if not rows and "<nextgroup>" in self.html:
            raise NotThisLayout(f"{self.url}: the proxy gives encrypted groups only")
        if not rows and self.request.page > 1:
            raise PastTheEnd(f"no rows in the group of page {self.request.page}")
        return ListReading(rows=rows, declared_total=int(total[1]) if total else None, next=self._next())

    def _next(self) -> ListRequest | None:
        """The following group: the window moves on by its own size. Some servers obey only `page`, which others ignore."""
        query = dict(parse_qsl(urlsplit(self.request.url).query))
        if not (query.get("startrecord", "").isdigit() and query.get("endrecord", "").isdigit()):
            return super()._next()
        start, end, page = int(query["startrecord"]), int(query["endrecord"]), self.request.page + 1
        return ListRequest(url=with_query(self.request.url, startrecord=end + 1, endrecord=2 * end - start + 1, page=page), page=page)
