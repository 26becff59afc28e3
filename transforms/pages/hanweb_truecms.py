"""大汉 truecms (cms-families.md section 4.4; 南通, 如皋, 连云港): rows as XML inside JSONP, windows no larger than the server allows."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urlencode

from transforms.pages.answers import is_answer, load_answer, parsed
from transforms.pages.contract import ListReading, ListRequest, NotThisLayout, PastTheEnd
from transforms.pages.datastore import is_datastore, next_window, read_datastore, window_of
from transforms.pages.list_findings import met
from transforms.pages.list_page import OWN_ROWS, ListPage
from transforms.pages.notice_page import NoticePage

NATIVE_ID = re.compile(r"/content/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4,19})\.html?(?:[?#]|$)")
_PROXY = re.compile(r"[\"']([^\"'<>\s]{0,120}/messageController/getMessage\.do)", re.IGNORECASE)
_COLUMN = re.compile(r"\bcolumnId[\"']?\s{0,3}[:=]\s{0,3}[\"']?([\w-]{1,60})", re.IGNORECASE)
_STRING = re.compile(r"\s{0,9}[\w$.]{1,99}\s{0,9}\(\s{0,9}(\".*\")\s{0,9}\)\s{0,9};?\s{0,9}", re.DOTALL)
"""A call whose argument is the XML itself."""
_WINDOWS = (50, 20, 10)
"""Rows asked for at once, largest first: 南通 gives 50, 如皋 answers 404 to it; a window too large is answered by nothing (section 4.4)."""


class HanwebTruecmsNoticePage(NoticePage):
    """Detail page."""

    family = "hanweb_truecms"
    native_id = NATIVE_ID
    body_selectors = ("#zoom", "#zoomcon", ".zoomcon", ".article-content", ".article_content", ".main-txt", ".content")
    markup: ClassVar = {"title": (".article-title", ".title"), "published_at": (".article-time", ".date", ".time")}


class HanwebTruecmsListPage(ListPage):
    """A column page, which leads to getMessage.do (only with the page as Referer) or has its newest rows inside; or the answer."""

    family = "hanweb_truecms"
    native_id = NATIVE_ID

    def read(self) -> ListReading:
        """Raises like ListPage.read; NotThisLayout for the empty answer to a window that is too large."""
        if window_of(self.request) or is_answer(self.html) or is_datastore(self.html):
            return self._window()
        first = self._first_window() if self.request.column != OWN_ROWS else None
        return ListReading(rows=(), leads_to=(first,)) if first else self._own_rows()

    def _first_window(self) -> ListRequest | None:
        """Page one in the largest window, otherwise in the next smaller ones, otherwise what the column page holds."""
        proxy, column = _PROXY.search(self.html), _COLUMN.search(self.html)
        service = self._joined(proxy[1]) if proxy else None
        if service is None or column is None:
            return None
        request = ListRequest(url=self.request.url, column=OWN_ROWS)
        for size in reversed(_WINDOWS):
            query = {"startrecord": 1, "endrecord": size, "perpage": size, "columnId": column[1], "callback": "rows"}
            url = f"{service}?{urlencode(query)}"
            request = ListRequest(url=url, headers=(("Referer", self.request.url),), otherwise=request)
        return request

    def _own_rows(self) -> ListReading:
        """What the column page itself holds: `<datastore>` in a script, or a hidden list."""
        inline = read_datastore(self.html, self._rows_of)
        reading = ListReading(rows=inline.rows) if inline.rows else super().read()
        found = (met("L-OWN-ROWS", f"{len(reading.rows)} rows"),) if self.request.column == OWN_ROWS else ()
        return ListReading(rows=reading.rows, declared_total=inline.total or reading.declared_total, next=reading.next, findings=found)

    def _window(self) -> ListReading:
        text = self._result()
        if text is None:
            return self._answered()
        window = read_datastore(text, self._rows_of)
        total = window.total
        rows = window.rows or (self._rows_of(text) if "<a" in text else ())
        asked = window_of(self.request)
        if not rows and self.request.page > 1:
            raise PastTheEnd(f"no rows in the window of page {self.request.page}")
        if not rows and total != 0:
            raise NotThisLayout(f"{self.url}: nothing in a window of {asked or 'unknown'} rows")
        cut = asked and len(rows) < asked and (total or 0) > len(rows) and self.request.page == 1
        smaller = asked is not None and asked < _WINDOWS[0] and self.request.page == 1 and bool(self.request.headers)
        findings = (met("L-WINDOW", len(rows), asked),) if cut else (met("L-WINDOW", asked, _WINDOWS[0]),) if smaller else ()
        following = next_window(self.request, len(rows), total) if rows and (total is not None or len(rows) >= (asked or 0)) else None
        return ListReading(rows=rows, declared_total=total, next=following, findings=findings)

    def _result(self) -> str | None:
        """The XML, out of the JSONP that carries it; None for the answer of another service."""
        called = _STRING.match(self.html)
        if called:
            value = parsed(called[1])
            return value if isinstance(value, str) else None
        if not is_answer(self.html):
            return self.html
        answer = load_answer(self.html).value
        text = answer.get("result") if isinstance(answer, dict) else None
        return text if isinstance(text, str) else None
