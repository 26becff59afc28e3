"""The list page that every family shares: web-poet page class; a family refines rows, pager and native id."""

from __future__ import annotations

import re
from typing import ClassVar

import web_poet
from web_poet import HttpResponse

from transforms.pages.contract import ListReading, ListRow
from transforms.pages.pager import read_pager
from transforms.pages.refusals import refuse_empty_list, refuse_soft_error
from transforms.pages.rows import Group, find_groups, script_group
from transforms.pages.tree import Tree

_NOTHING = re.compile(
    r"暂无(?:数据|内容|信息|相关|记录)?|没有(?:找到|符合|相关)?.{0,10}(?:数据|内容|信息|记录)|无相关(?:数据|内容|信息|记录)"
)


class ListPage(web_poet.WebPage[ListReading]):
    """Reads one list page. Build it with an HttpResponse of already decoded text: `encoding="utf-8"`."""

    family: ClassVar[str] = "generic"
    native_id: ClassVar[re.Pattern[str] | None] = None

    @classmethod
    def of(cls, text: str, url: str) -> ListPage:
        """The page for decoded text."""
        return cls(HttpResponse(url, text.encode("utf-8", "replace"), encoding="utf-8"))

    async def to_item(self) -> ListReading:
        """web-poet's name for `read`."""
        return self.read()

    def read(self) -> ListReading:
        """Rows of the page's main list.

        Raises SoftError (an error page), PastTheEnd (no rows on a numbered page), NotThisLayout (no rows and nothing says there are none).
        """
        html, url = self.response.text, str(self.response.url)
        tree = Tree.of(self.response.text)
        total, pages = read_pager(html)
        rows = self._rows(tree)
        if not rows:
            refuse_soft_error(tree, 0)
            if not (total == 0 or _NOTHING.search(html)):
                refuse_empty_list(html, url)
        return ListReading(rows=rows, declared_total=total, declared_pages=pages)

    def _rows(self, tree: Tree) -> tuple[ListRow, ...]:
        groups = find_groups(tree, self._join, self.native_id)
        written = script_group(tree, self._join, self.native_id)
        best = max([*groups, *([written] if written else [])], key=Group.weight, default=None)
        if best is None or not (best.dated or best.weight()[1] >= 3):
            return ()
        return tuple({row.url: row for row in reversed(best.rows)}.values())[::-1]

    def _join(self, href: str) -> str:
        return str(self.urljoin(href))
