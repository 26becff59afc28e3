"""The fallback family: any portal whose system we do not know, by the names most systems give their parts, then by weight.

A URL dialect (`params.dialect`, gongkai/data/dialects.yaml) tells which links are notices, their day and id, and where page n lies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import ClassVar, Self

from gongkai.dialects import Dialect, day_in, load_dialects, period_in
from gongkai.records.document import Finding
from gongkai.registry import Portal, Section
from transforms.pages.contract import ListReading, ListRequest, ListRow, NotThisLayout
from transforms.pages.dialect_api import first_request, following_request, read_answer
from transforms.pages.dialect_links import is_elsewhere, is_pager_file, matched, yearly
from transforms.pages.list_findings import met
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import with_query
from transforms.pages.rows import Group, each_once, find_groups, script_group
from transforms.pages.tree import Tree


class GenericNoticePage(NoticePage):
    """Containers of many systems, best known first; without any of them the heaviest block of text.

    Id and day in the address are those of the first dialect whose notices look like it.
    """

    family = "generic"
    body_selectors = (
        "ucapcontent", "#ucap-content", ".trs_editor", ".trs_editor_view", "#vsb_content", ".v_news_content", ".j-fontcontent", "#zoomcon",
        "#zoom", "#ivs_content", ".article-content", ".article_content", ".article-body", ".artile_zw", ".con_text", ".main-txt",
        ".zc_article_con", ".news_cont_d_wrap", ".content_article", ".wzcon", "#fontzoom", "#maintext", ".pages_content",
        ".view.trs_ueditor", ".txt_txt", "#bodylabel", ".detail-content", ".three_xilan_07",
    )  # fmt: skip
    markup: ClassVar = {
        "title": ("ucaptitle", ".article-title", ".article_title"),
        "published_at": ("publishtime", ".article_time", ".pubtime", ".publish-time"),
    }

    def _native(self) -> str | None:
        found = matched(self.url)
        return found.groupdict().get("id") if found else None

    def _address_day(self) -> date | None:
        found = matched(self.url)
        return super()._address_day() or (day_in(found) if found else None)


class GenericListPage(ListPage):
    """Rows of the block that looks most like a listing; with a dialect, of the block that holds most of its notices."""

    family = "generic"

    @classmethod
    def of(cls, text: str, url: str, request: ListRequest | None = None, params: Mapping[str, str | int] | None = None) -> Self:
        """As every list page's; without `request` the dialect says which page an address is."""
        page = super().of(text, url, request, params)
        if request is None and page.dialect and page.dialect.pages:
            page.request = ListRequest(url=url, page=page.dialect.pages.number(url) or 1)
        return page

    @classmethod
    def entry(cls, portal: Portal, section: Section) -> ListRequest:
        """What the dialect's service wants for an id, else an address. Raises NotThisLayout, also for a parameter the registry lacks."""
        dialect = load_dialects().get(str(portal.params.get("dialect", "")))
        if dialect and dialect.api and re.fullmatch(dialect.api.entry, section.entry):
            return first_request(dialect.api, portal.base_url, section.entry, portal.params)
        return super().entry(portal, section)

    @cached_property
    def dialect(self) -> Dialect | None:
        """The dialect that the registry's parameters name."""
        return load_dialects().get(str(self.params.get("dialect", "")))

    def read(self) -> ListReading:
        """Raises like ListPage.read."""
        dialect = self.dialect
        if dialect is None:
            return super().read()
        if dialect.api and self.html.lstrip()[:1] in ("{", "["):
            return replace(read_answer(dialect.api, self.html, self.url, dialect), next=self._next())
        years = tuple(ListRequest(url=url) for url in yearly(self.tree, self.url, self._join)) if dialect.archives else ()
        try:
            reading = super().read()
        except NotThisLayout as error:
            if years:
                return ListReading(rows=(), leads_to=years)
            return self._behind_the_shell(dialect, error)
        rows, pages = self._declared(dialect)
        return replace(
            reading,
            declared_total=reading.declared_total if rows is None else rows,
            declared_pages=reading.declared_pages if pages is None else pages,
            leads_to=(*years, *reading.leads_to),
            findings=(*reading.findings, *self._cut_off(dialect, reading)),
        )

    def _declared(self, dialect: Dialect) -> tuple[int | None, int | None]:
        """Rows and pages that the page declares in the dialect's own words."""
        said = (re.search(pattern, self.html) if pattern else None for pattern in (dialect.declares.rows, dialect.declares.pages))
        rows, pages = (int(found[1]) if found else None for found in said)
        return rows, pages

    def _behind_the_shell(self, dialect: Dialect, error: NotThisLayout) -> ListReading:
        """Page two of a list whose page one a script draws, and L-SHELL; raises where the dialect knows of none."""
        second = dialect.pages.file_url(self.request.url, 2) if dialect.pages else None
        if not dialect.shell_first or self.request.page != 1 or second is None:
            raise NotThisLayout(f"{error}; {dialect.note}" if dialect.note else str(error)) from error
        return ListReading(rows=(), leads_to=(ListRequest(url=second, page=2),), findings=(met("L-SHELL", self.request.url),))

    def _cut_off(self, dialect: Dialect, reading: ListReading) -> tuple[Finding, ...]:
        """L-CAP on the last page that can be had, where more are announced or may exist."""
        pages = dialect.pages
        if pages is None or pages.most is None or self.request.page < pages.most or not reading.rows:
            return ()
        announced = reading.declared_pages or (pages.most + 1 if pages.most > 1 or self._linked else 1)
        if announced <= pages.most:
            return ()
        return (met("L-CAP", pages.most, pages.why),)

    def _next(self) -> ListRequest | None:
        """Where the page's own words lead, else page n as the dialect names it; guessed where the list does not say that it exists."""
        dialect, page = self.dialect, self.request.page + 1
        if dialect and dialect.api and self.html.lstrip()[:1] in ("{", "["):
            return following_request(dialect.api, self.request)
        pages = dialect.pages if dialect else None
        if pages is None:
            return super()._next()
        if pages.most is not None and page > pages.most:
            return None
        printed = re.search(pages.printed.replace("{page}", str(page)), self.html) if pages.printed else None
        if printed:
            return ListRequest(url=self._join(printed["href"]), page=page)
        if linked := self._linked:
            return linked
        guessed = self._pager[1] is None and (dialect is None or self._declared(dialect) == (None, None))
        if pages.query:
            return ListRequest(url=with_query(self.request.url, **{pages.query: page}), page=page, guessed=guessed)
        url = pages.file_url(self.request.url, page)
        return ListRequest(url=url, page=page, guessed=guessed) if url else super()._next()

    def _rows(self, tree: Tree, *, few: bool = False) -> tuple[ListRow, ...]:
        """The block with most notices of the dialect, first of dated ones; a page without any is read as one without a dialect."""
        dialect = self.dialect
        if dialect is None or dialect.article is None:
            read = super()._rows(tree, few=few)
            return tuple(row for row in read if dialect is None or not dialect.is_list(row.url))
        written = script_group(tree, self._join, None)
        groups = [*find_groups(tree, self._join, None), *([written] if written else [])]
        best = max(groups, key=lambda group: self._notices(dialect, group), default=None)
        if best is None or not self._notices(dialect, best)[2]:
            return () if dialect.shell_first else super()._rows(tree, few=few)
        rows = [kept for row in best.rows if (kept := self._kept(dialect, row))]
        return each_once(rows)

    @staticmethod
    def _notices(dialect: Dialect, group: Group) -> tuple[bool, int, int]:
        mine = [row for row in group.rows if dialect.match(row.url)]
        return bool(mine) and not group.beside, sum(row.date is not None for row in mine), len(mine)

    def _kept(self, dialect: Dialect, row: ListRow) -> ListRow | None:
        """The row with what its address says; None for a link of the pager or to another column.

        A dated row of another shape is an older notice, and a link to another host a reference.
        """
        found = dialect.match(row.url)
        if found:
            return replace(row, native_id=found.groupdict().get("id"), date=row.date or day_in(found), period=period_in(found))
        dated = row.date is not None and not is_pager_file(row.url) and not dialect.is_list(row.url)
        return row if dated or is_elsewhere(row.url, self.url) else None
