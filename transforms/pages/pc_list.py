"""The pc/list.html platform of Jiangxi and others (cms-families.md section 10): rows and attachments as JSON in the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from html import unescape
from itertools import islice

from transforms.pages.answers import array_at, is_answer, load_answer
from transforms.pages.contract import ListReading, NotThisLayout
from transforms.pages.json_rows import read_json_rows
from transforms.pages.list_findings import met
from transforms.pages.list_page import ListPage
from transforms.pages.meta_tags import present
from transforms.pages.notice_page import NoticePage

NATIVE_ID = re.compile(r"/content_(\d{15,20})\.html?(?:[?#]|$)")
_NAMED = re.compile(r"articleList\b[^\[\];<>]{0,40}(?=\[)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\\"'/])")
_MOST = 5_000_000
_MOST_ARRAYS = 20


class PcListNoticePage(NoticePage):
    """Detail page."""

    family = "pc_list"
    native_id = NATIVE_ID
    body_selectors = ("#zoom", ".article-content", ".content-article", ".content", ".conTxt")


class PcListListPage(ListPage):
    """The array behind `articleList`: `urls` is JSON inside JSON, attachments come with the row.

    How older rows are paged is unconfirmed: 下一页 is followed where there is one, else a numbered file tried where more rows are declared.
    """

    family = "pc_list"
    native_id = NATIVE_ID
    first_file = 2

    def read(self) -> ListReading:
        """Raises like ListPage.read."""
        if is_answer(self.html):
            return super().read()
        arrays = list(self._read_arrays())
        reading = next((found for found in arrays if found.rows), None)
        if reading is None:
            try:
                return super().read()
            except NotThisLayout:
                if not arrays:
                    raise
                reading = arrays[0]
        total, pages = self._pager
        following, met_with = self._next(), "下一页 leads to them"
        if following is None and ((pages or 0) > self.request.page or (total or 0) > len(reading.rows)):
            following, met_with = self._numbered_next(guessed=True), "declared, and looked for in numbered files"
        if following is None:
            met_with = "none named: the page holds all it shows"
        findings = (*reading.findings, *((met("L-OLDER", met_with),) if self.request.page == 1 else ()))
        return replace(reading, next=following, declared_total=total, declared_pages=pages, findings=findings)

    def _read_arrays(self) -> Iterator[ListReading]:
        for array in self._arrays():
            with suppress(NotThisLayout):
                yield read_json_rows(self._addressed(array), self.url, self.native_id, self._rows_of, page=self.request.page)

    def _addressed(self, array: str) -> str:
        """The array, with the address that an id gives for items that name none."""
        items = load_answer(array).value
        folder, found, _ = self.url.partition("/pc/list")
        nameless = [item for item in items if isinstance(item, dict) and item.get("id") and not present(str(item.get("urls") or ""))]
        if not found or not nameless or not isinstance(items, list):
            return array
        for item in nameless:
            item.setdefault("url", f"{folder}/pc/content/content_{item['id']}.html")
        return json.dumps(items)

    def _arrays(self) -> Iterator[str]:
        """The arrays behind the word, as they stand, inside a string of a script, or inside an attribute."""
        for found in islice(_NAMED.finditer(self.html), _MOST_ARRAYS):
            start, text = found.end(), self.html
            opening = text[start : start + 40]
            if "&quot;" in opening or "&#34;" in opening:
                start, text = 0, unescape(text[start : start + _MOST])
            elif text[start - 1] in "\"'`":
                start, text = 0, _ESCAPED.sub(r"\1", text[start : start + _MOST])
            if (array := array_at(text, start, _MOST)) is not None:
                yield array
