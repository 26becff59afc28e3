"""拓尔思 TRS WCM (cms-families.md section 5): static lists with createPageHTML, detail pages tYYYYMMDD_<id>."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlencode

from transforms.pages.answers import is_answer
from transforms.pages.contract import ListReading, ListRequest
from transforms.pages.list_findings import met
from transforms.pages.list_page import OWN_ROWS, ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.pager import list_model, named_by_variables
from transforms.pages.paging import counted_on, counter_of, followed, numbered, paged_file, with_query
from transforms.pages.tree import Tree, text_of

NATIVE_ID = re.compile(r"/(t(?:\d{8}_\d{1,12}|\d{4,12}))(?:_ext)?\.s?html?(?:[?#]|$)")
_WAS5 = "/was5/web/search"
_SEARCH = re.compile(r"""[\"'](/(?:[\w-]{1,30}/){1,3}search(?:\.jsp)?)[\"'?]""")
_CLIENT_PAGE = 15
_TEMPLATE_CODE = 100


class TrsNoticePage(NoticePage):
    """Detail page; the editor's div holds the text, the other containers are older templates."""

    family = "trs_wcm"
    native_id = NATIVE_ID
    body_selectors = (
        ".trs_editor", ".trs_editor_view", ".trs_ueditor", "#zoom", "#maintext", "#fontzoom", ".article_con",
        ".article_content", ".article-content", "#ucap-content", ".view", ".content",
    )  # fmt: skip
    markup: ClassVar = {
        "title": (".article_title", ".article-title"),
        "published_at": (".article_time", ".article-time"),
    }


class TrsListPage(ListPage):
    """A static list, a page whose rows a search service gives (listModel), or an answer of one (was5, ssp, igs, irs …)."""

    family = "trs_wcm"
    native_id = NATIVE_ID
    own_folder = True

    def read(self) -> ListReading:
        """Raises like ListPage.read."""
        if is_answer(self.html):
            return self._answered()
        service = self._service() if self.request.column != OWN_ROWS and self.request.page == 1 else None
        return service or self._shown_all(_without_placeholders(self._own_total(self._listed()), self.tree, self._join))

    def _own_total(self, reading: ListReading) -> ListReading:
        """What the service would list, where it could not be asked and the page's own rows are read instead."""
        if self.request.column != OWN_ROWS:
            return reading
        return replace(reading, findings=(*reading.findings, met("L-OWN-ROWS", f"{len(reading.rows)} rows")))

    def _service(self) -> ListReading | None:
        """The list behind listModel({…}), where the page shows fewer rows than recordCount; None for any other page."""
        named = list_model(self.html)
        if named is None:
            return None
        rows, total = self._rows(self.tree), named.records
        if total is not None and len(rows) >= total:
            return ListReading(rows=rows, declared_total=total)
        channel = named.channel or str(self.params.get("search_id", ""))
        if not channel:
            return None
        service = _SEARCH.search(self.html)
        query = {
            "channelid": channel,
            "templet": "docs.jsp",
            "sortfield": named.order,
            "classsql": named.where or self._own_channel(),
            "prepage": named.size,
            "page": 1,
        }
        request = ListRequest(url=self.request.url, column=OWN_ROWS)
        named_path = str(self.params.get("search", service[1] if service else _WAS5))
        for path in dict.fromkeys((_WAS5, named_path)):
            request = ListRequest(url=f"{self._join(path)}?{urlencode(query)}", otherwise=request)
        return ListReading(rows=(), leads_to=(request,))

    def _own_channel(self) -> str:
        """The channel of a page whose call names none: meta ChnlId."""
        metas = (meta.get("content") or "" for meta in self.tree.find("meta") if (meta.get("name") or "").lower() == "chnlid")
        return next((f"chnlid={value.strip()}" for value in metas if value.strip().isdigit()), "")

    def _shown_all(self, reading: ListReading) -> ListReading:
        """北京 ships every row in page one and pages in the browser: what createPageHTML counts are no files."""
        rows, pages = len(reading.rows), reading.declared_pages or 0
        placeholders = sum(int(f.actual or 0) for f in reading.findings if f.rule == "L-PLACEHOLDER")
        if placeholders and reading.declared_total is not None:
            reading = replace(reading, declared_total=reading.declared_total - placeholders)
        everything = reading.declared_total is not None and rows >= reading.declared_total and rows > _CLIENT_PAGE
        if self.request.page > 1 or pages < 2 or not (everything or (pages > 2 and -(-(rows + placeholders) // _CLIENT_PAGE) == pages)):
            return reading
        following = None if everything or reading.next is None else replace(reading.next, guessed=True)
        total = rows if everything else None
        findings = (*reading.findings, met("L-CLIENT-PAGES", rows))
        return replace(reading, declared_total=total, declared_pages=1 if everything else None, next=following, findings=findings)

    @classmethod
    def page_number(cls, url: str) -> int:
        """A number of three digits or more alone is a template's code (南京: index_222.html), not a page."""
        number = numbered(url)
        return super().page_number(url) if number < _TEMPLATE_CODE or counter_of(ListRequest(url=url)) is not None else 1

    def _next(self) -> ListRequest | None:
        """Page n is index_{n-1}.html, createPageHTML names stem and extension; a search (was5) counts in its query."""
        if "/was5/" in self.request.url:
            return counted_on(self.request) or ListRequest(
                url=with_query(self.request.url, page=self.request.page + 1), page=self.request.page + 1
            )
        named = paged_file(self.html) or named_by_variables(self.html)
        linked = super()._next() if named is None else None
        return linked or self._numbered_next(named, guessed=named is None and self._pager == (None, None))


def _without_placeholders(reading: ListReading, tree: Tree, join: Callable[[str], str]) -> ListReading:
    """Without the rows whose `<i class="flag">` is empty, where other rows have words in theirs (北京: tests and SEO texts)."""
    flags = tree.find("i.flag")
    if not any(text_of(flag) for flag in flags):
        return reading
    empty = {
        link.get("href") or "" for flag in flags if not text_of(flag) and (row := flag.getparent()) is not None for link in row.iter("a")
    }
    dropped = {join(href) for href in empty if followed(href)}
    rows = tuple(row for row in reading.rows if row.url not in dropped)
    gone = len(reading.rows) - len(rows)
    return replace(reading, rows=rows, findings=(*reading.findings, met("L-PLACEHOLDER", gone))) if gone else reading
