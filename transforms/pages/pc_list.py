"""The pc/list.html platform of Jiangxi and others (cms-families.md section 10): rows and attachments as JSON in the page."""

from __future__ import annotations

import re
from dataclasses import replace

from transforms.pages.answers import array_at
from transforms.pages.contract import ListReading
from transforms.pages.json_rows import read_json_rows
from transforms.pages.list_findings import met
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.pager import read_pager

NATIVE_ID = re.compile(r"/content_(\d{15,20})\.html?(?:[?#]|$)")
_ROWS = re.compile(r"articleList[\"']?\s{0,5}[:=]\s{0,5}(?=\[)")
_MOST = 5_000_000


class PcListNoticePage(NoticePage):
    """Detail page."""

    family = "pc_list"
    native_id = NATIVE_ID
    body_selectors = ("#zoom", ".article-content", ".content-article", ".content", ".conTxt")


class PcListListPage(ListPage):
    """The array behind `articleList`: `urls` is JSON inside JSON, attachments come with the row.

    How older rows are paged is unconfirmed: 下一页 is followed where there is one.
    """

    family = "pc_list"
    native_id = NATIVE_ID

    def read(self) -> ListReading:
        """Raises like ListPage.read."""
        found = _ROWS.search(self.html)
        array = array_at(self.html, found.end(), _MOST) if found else None
        if array is None:
            return super().read()
        reading = read_json_rows(array, self.url, self.native_id, self._rows_of, page=self.request.page)
        total, pages = read_pager(self.html)
        following = self._next()
        met_with = "下一页 leads to them" if following else "none named: the page holds all it shows"
        findings = (*reading.findings, *((met("L-OLDER", met_with),) if self.request.page == 1 else ()))
        return replace(reading, next=following, declared_total=total, declared_pages=pages, findings=findings)
