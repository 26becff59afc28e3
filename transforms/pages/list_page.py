"""The list page that every family shares: a family refines rows, pager and native id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Self

from gongkai.registry import Portal, Section
from transforms.pages.contract import ListReading, ListRequest, ListRow, NotThisLayout
from transforms.pages.json_rows import read_json_rows
from transforms.pages.page import Page
from transforms.pages.pager import read_pager
from transforms.pages.paging import followed, numbered, numbered_file, paged_file
from transforms.pages.refusals import refuse_empty_list, refuse_soft_error
from transforms.pages.rows import Group, find_groups, script_group
from transforms.pages.shells import list_behind
from transforms.pages.tree import Tree, squash, text_of

_NOTHING = re.compile(
    r"暂无(?:数据|内容|信息|相关|记录)?|没有(?:找到|符合|相关)?.{0,10}(?:数据|内容|信息|记录)|无相关(?:数据|内容|信息|记录)"
)

_FOLLOWING = frozenset(("下一页", "下页", "后一页", "下一頁", "下頁", "下一页>", "下一页>>", "下一页»", "Next", "next"))


class ListPage(Page):
    """Reads one list page."""

    family: ClassVar[str] = "generic"
    native_id: ClassVar[re.Pattern[str] | None] = None
    own_folder: ClassVar[bool] = False
    """True where a column's own notices lie below its first page's folder: a page past the end may show another column."""
    request: ListRequest
    params: Mapping[str, str | int]
    """The portal's family parameters."""

    @classmethod
    def of(cls, text: str, url: str, request: ListRequest | None = None, params: Mapping[str, str | int] | None = None) -> Self:
        """The page for decoded text; `request` is what it answers, where the address alone does not say it."""
        page = cls(text, url)
        page.request, page.params = request or ListRequest(url=url, page=cls.page_number(url)), params or {}
        return page

    @classmethod
    def page_number(cls, url: str) -> int:
        """Which page of its listing an address is, as far as the address says it: index_1.html is the second."""
        return numbered(url) + 1

    @classmethod
    def entry(cls, portal: Portal, section: Section) -> ListRequest:
        """What to ask for first: the section's entry is a path on the portal, or an address of its own host.

        Raises NotThisLayout for an entry that is neither (an id of a service that this family has no list strategy for).
        """
        if not section.entry.startswith(("/", "http://", "https://")):
            raise NotThisLayout(f"the entry {section.entry!r} is no address, and the family {cls.family} knows no other list")
        return ListRequest(url=section.entry if "://" in section.entry else portal.base_url + section.entry)

    def read(self) -> ListReading:
        """Rows of the page's main list, or of the answer of an API, whichever the text is.

        Raises SoftError (an error page, or an answer that reports an error), PastTheEnd (no rows on a numbered page),
        NotThisLayout (no rows and nothing says there are none, or only a jump to another host).
        """
        if self.html.lstrip()[:1] == "{":
            return replace(read_json_rows(self.html, self.url, self.native_id), next=self._next())
        total, pages = read_pager(self.html)
        rows = self._rows(self.tree)
        if not rows:
            refuse_soft_error(self.tree, 0)
            behind = list_behind(self.html, self.tree, self.url, self._join)
            if behind is not None:
                return ListReading(rows=(), leads_to=(ListRequest(url=behind),))
            if not (total == 0 or _NOTHING.search(self.html)):
                refuse_empty_list(self.html, self.url)
        return ListReading(rows=rows, declared_total=total, declared_pages=pages, next=self._next())

    def _next(self) -> ListRequest | None:
        """The following page: by the file name that createPageHTML builds, else where 下一页 leads."""
        page = self.request.page
        named = paged_file(self.html)
        if named:
            return ListRequest(url=numbered_file(self.request.url, page, page, named), page=page + 1)
        return self._linked()

    def _linked(self) -> ListRequest | None:
        """Where 下一页 leads."""
        href = next((h for link in self.tree.find("a") if squash(text_of(link)) in _FOLLOWING and (h := followed(link.get("href")))), None)
        return ListRequest(url=self._join(href), page=self.request.page + 1) if href else None

    def _rows(self, tree: Tree) -> tuple[ListRow, ...]:
        groups = find_groups(tree, self._join, self.native_id)
        written = script_group(tree, self._join, self.native_id)
        best = max([*groups, *([written] if written else [])], key=Group.weight, default=None)
        if best is None or not (best.dated or best.weight()[1] >= 3):
            return ()
        return tuple({row.url: row for row in reversed(best.rows)}.values())[::-1]
