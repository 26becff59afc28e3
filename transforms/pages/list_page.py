"""The list page that every family shares: a family refines rows, pager and native id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Self

from gongkai.registry import Portal, Section
from transforms.pages.contract import ListReading, ListRequest, ListRow
from transforms.pages.page import Page
from transforms.pages.pager import read_pager
from transforms.pages.refusals import refuse_empty_list, refuse_soft_error
from transforms.pages.rows import Group, find_groups, script_group
from transforms.pages.tree import Tree

_NOTHING = re.compile(
    r"暂无(?:数据|内容|信息|相关|记录)?|没有(?:找到|符合|相关)?.{0,10}(?:数据|内容|信息|记录)|无相关(?:数据|内容|信息|记录)"
)


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
        page.request, page.params = request or ListRequest(url=url), params or {}
        return page

    @classmethod
    def entry(cls, portal: Portal, section: Section) -> ListRequest:
        """What to ask for first: the section's entry is a path on the portal, or an address of its own host."""
        there = section.entry if "://" in section.entry else portal.base_url + section.entry
        return ListRequest(url=there)

    def read(self) -> ListReading:
        """Rows of the page's main list.

        Raises SoftError (an error page), PastTheEnd (no rows on a numbered page), NotThisLayout (no rows and nothing says there are none).
        """
        total, pages = read_pager(self.html)
        rows = self._rows(self.tree)
        if not rows:
            refuse_soft_error(self.tree, 0)
            if not (total == 0 or _NOTHING.search(self.html)):
                refuse_empty_list(self.html, self.url)
        return ListReading(rows=rows, declared_total=total, declared_pages=pages, next=self._next())

    def _next(self) -> ListRequest | None:
        """The following page; a family that can name it says how."""
        return None

    def _rows(self, tree: Tree) -> tuple[ListRow, ...]:
        groups = find_groups(tree, self._join, self.native_id)
        written = script_group(tree, self._join, self.native_id)
        best = max([*groups, *([written] if written else [])], key=Group.weight, default=None)
        if best is None or not (best.dated or best.weight()[1] >= 3):
            return ()
        return tuple({row.url: row for row in reversed(best.rows)}.values())[::-1]
