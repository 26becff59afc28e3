"""大汉 信息公开 module (cms-families.md section 4.2): rows by POST from search.jsp, which does not filter by column."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from transforms.pages.contract import ListReading, ListRequest, PastTheEnd
from transforms.pages.hanweb_jcms import NATIVE_ID, HanwebJcmsNoticePage
from transforms.pages.list_findings import met
from transforms.pages.list_page import OWN_ROWS, ListPage
from transforms.pages.pager import read_pager
from transforms.pages.paging import counted_on, query_of
from transforms.pages.refusals import refuse_soft_error

_SEARCH = "/module/xxgk/search.jsp"
_COLUMN = re.compile(r"/col(\d{1,9})/")
_AREA = re.compile(r"(?:tree|search)\.jsp\?[^\"'\s<>]{0,300}?\barea=([0-9A-Za-z-]{1,40})|\bvc_xxgkarea=([0-9A-Za-z-]{1,40})", re.IGNORECASE)
_NAMED = re.compile(r"\b(jdid|divid|infotypeId|sortfield|standardXxgk)[\"']?\s{0,3}[:=]\s{0,3}[\"']?([\w:,]{1,60})", re.IGNORECASE)
_FORM = (("Content-Type", "application/x-www-form-urlencoded"), ("X-Requested-With", "XMLHttpRequest"))
_OF_COLUMN = re.compile(r"/art_(\d{1,9})_\d{1,12}\.html?")


class HanwebXxgkNoticePage(HanwebJcmsNoticePage):
    """Detail page, as jCMS has it."""

    family = "hanweb_xxgk"


class HanwebXxgkListPage(ListPage):
    """A column page, which leads to search.jsp, or one page of the search; of that only rows art_{column}_ belong to the column."""

    family = "hanweb_xxgk"
    native_id: ClassVar = NATIVE_ID

    def read(self) -> ListReading:
        """Raises like ListPage.read; PastTheEnd for a page of the search without any rows."""
        if _SEARCH in self.request.url:
            return self._found()
        first = self._search() if self.request.column != OWN_ROWS else None
        return ListReading(rows=(), leads_to=(first,)) if first else super().read()

    def _search(self) -> ListRequest | None:
        """Page one of the search: area and number from the column's address, the rest from the calls in the page."""
        query, column = query_of(urlsplit(self.url).query), _COLUMN.search(self.url)
        if "/module/xxgk/" not in self.html and "vc_xxgkarea" not in query:
            return None
        said = {name.lower(): value for name, value in reversed(_NAMED.findall(self.html))}
        area = _AREA.search(self.html)
        form = {
            "infotypeId": query.get("number") or said.get("infotypeid", ""),
            "jdid": str(self.params.get("jdid", said.get("jdid", "1"))),
            "area": query.get("vc_xxgkarea") or str(self.params.get("area", "")) or ((area[1] or area[2]) if area else ""),
            "divid": said.get("divid") or (f"div{column[1]}" if column else ""),
            "vc_title": "", "vc_number": "", "vc_filenumber": "", "vc_all": "", "texttype": "", "fbtime": "",
            "sortfield": said.get("sortfield", ""), "currpage": "1", "standardXxgk": said.get("standardxxgk", "1"),
        }  # fmt: skip
        url = self._join(_SEARCH)
        own = ListRequest(url=self.request.url, column=OWN_ROWS)
        return ListRequest(url=url, body=urlencode(form), headers=(*_FORM, ("Referer", self.request.url)), otherwise=own)

    def _found(self) -> ListReading:
        rows, (total, pages) = self._rows(self.tree, few=True), read_pager(self.html)
        if not rows and self.request.page > 1:
            raise PastTheEnd(f"no rows on page {self.request.page} of the search")
        if not rows:
            refuse_soft_error(self.tree, 0)
            return super().read() if total != 0 else ListReading(rows=(), declared_total=0)
        column = self._column()
        own = tuple(r for r in rows if column is None or ((found := _OF_COLUMN.search(r.url)) and found[1] == column))
        if not own and not self._came():  # only divid says the column, and it is one above those of the rows
            column, own = None, rows
        others = len(rows) - len(own)
        return ListReading(
            rows=own,
            declared_total=total,
            counts_others=bool(others) or self.request.page > 1 or pages not in (None, 1),
            declared_pages=pages,
            next=counted_on(self.request),
            left_out=others,
            findings=(met("L-FILTER", others),) if others else (),
        )

    def _column(self) -> str | None:
        """The column that was asked for: that of the page we came from, else `divid`; None for a search of a whole area."""
        divid = query_of(self.request.body or urlsplit(self.request.url).query).get("divid", "")
        named = re.fullmatch(r"div([0-9]{1,9})", divid)
        return self._came() or (named[1] if named else None)

    def _came(self) -> str | None:
        """The column whose page sent the request."""
        came = _COLUMN.search(dict(self.request.headers).get("Referer", ""))
        return came[1] if came else None
