"""大汉 jCMS (cms-families.md section 4.1): column pages, their rows as XML from dataproxy.jsp, details art_<column>_<id>."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlencode

from gongkai.records.document import Finding
from transforms.pages.contract import ListReading, ListRequest, NotThisLayout, PastTheEnd
from transforms.pages.datastore import is_datastore, next_window, read_datastore, window_of
from transforms.pages.list_findings import met
from transforms.pages.list_page import OWN_ROWS, ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import counted_on, with_query

NATIVE_ID = re.compile(r"/art_(\d{1,9}_\d{1,12})\.html?(?:[?#]|$)")
_PROXY = re.compile(r"[\"'](/[\w./-]{0,80}/dataproxy\.jsp)")
_SETTING = re.compile(
    r"\b(columnid|unitid|webid|path|webname|appid|sourceContentType|permissiontype|perpage)[\"']?\s{0,3}[:=]\s{0,3}[\"']?([^\"'&,;\s<>{}]{1,80})",
    re.IGNORECASE,
)
_DEFAULTS = {"col": "1", "appid": "1", "webid": "1", "path": "/", "sourceContentType": "1", "permissiontype": "0"}
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
        if is_datastore(self.html):
            return self._group()
        first = self._first_group() if self.request.column != OWN_ROWS and self.request.page == 1 else None
        return ListReading(rows=(), leads_to=(first,)) if first else self._own_rows()

    def _settings(self) -> dict[str, str]:
        """The settings of the call that lists this page's own column, where the page has several: else of the last one."""
        calls: list[dict[str, str]] = [{}]
        for name, value in _SETTING.findall(self.html):
            if name.lower() in calls[-1]:
                calls.append({})
            calls[-1][name.lower()] = value
        column = _COLUMN.search(self.url)
        own = [call for call in calls if "unitid" in call and (column is None or call.get("columnid") == column[1])]
        if own:
            return own[-1]
        return {name: value for call in calls for name, value in call.items()}

    def _first_group(self) -> ListRequest | None:
        """The proxy's first group, by the settings of the call in the page; None for a page without such a call.

        Where the proxy is closed, empty or encrypted, the column page's own rows are what there is.
        """
        proxy, settings, column = _PROXY.search(self.html), self._settings(), _COLUMN.search(self.url)
        if proxy is None or "unitid" not in settings:
            return None
        named = {name: settings.get(name.lower(), default) for name, default in _DEFAULTS.items()}
        named |= {"columnid": settings.get("columnid") or (column[1] if column else ""), "unitid": settings["unitid"]}
        named["webname"] = settings.get("webname", "")
        size = int(settings["perpage"]) if re.fullmatch(r"[0-9]{1,4}", settings.get("perpage", "")) else 15
        window = {"startrecord": 1, "endrecord": _GROUP * size, "perpage": size}
        own = replace(self.request, column=OWN_ROWS)
        return ListRequest(url=f"{self._join(proxy[1])}?{urlencode(window | named)}", otherwise=own)

    def _own_rows(self) -> ListReading:
        """Rows in the page: as HTML, or as the first group inside a script; then the static pages ?uid=UNIT&pageNum=N."""
        inline = read_datastore(self.html, self._rows_of)
        total = inline.total
        reading = ListReading(rows=inline.rows, declared_total=total, next=self._static_next()) if inline.rows else super().read()
        hidden = inline.encrypted and (total is None or total > len(reading.rows))
        if self.request.column != OWN_ROWS and not hidden:
            return reading
        found = met("L-ENCRYPTED" if hidden else "L-OWN-ROWS", f"{len(reading.rows)} rows inside the column page")
        following = reading.next or self._static_next()
        return replace(reading, declared_total=total or reading.declared_total, next=following, findings=(*reading.findings, found))

    def _static_next(self) -> ListRequest | None:
        unit, page = self._settings().get("unitid"), self.request.page + 1
        if unit is None:
            return super()._next()
        return ListRequest(url=with_query(self.request.url, uid=unit, pageNum=page), page=page, guessed=True, column=self.request.column)

    def _next_group(self, named: str | None, total: int | None, records: int) -> ListRequest | None:
        """What follows an answer to `page` alone: the group that it names, else the next number."""
        if total is not None and records >= total:
            return None
        url = self._joined(named) if named else None
        if url and "dataproxy.jsp" in url and url != self.request.url:
            return replace(self.request, url=url, page=self.request.page + 1)
        return counted_on(self.request)

    def _group(self) -> ListReading:
        group = read_datastore(self.html, self._rows_of)
        rows, total = group.rows, group.total
        if not rows and group.encrypted:
            raise NotThisLayout(f"{self.url}: the proxy gives encrypted groups only")
        if not rows and self.request.page > 1:
            raise PastTheEnd(f"no rows in the group of page {self.request.page}")
        if not rows and total != 0:
            raise NotThisLayout(f"{self.url}: the proxy gives no rows")
        findings: tuple[Finding, ...] = (met("L-ENCRYPTED", f"{len(rows)} rows in the first group"),) if group.encrypted else ()
        asked = window_of(self.request)
        if asked and self.request.page == 1 and (total is None or total > len(rows)):
            findings += (met("L-GROUP", "three pages" if group.records >= asked else f"{group.records} rows"),)
        following = next_window(self.request, group.records, total) if asked else self._next_group(group.group, total, group.records)
        return ListReading(rows=rows, declared_total=total, next=following, findings=findings)
