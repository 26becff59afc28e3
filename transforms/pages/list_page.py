"""The list page that every family shares: a family refines rows, pager and native id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import ClassVar, Self
from urllib.parse import urlsplit

from gongkai.records.document import Finding
from gongkai.registry import Portal, Section
from transforms.pages.answers import is_answer
from transforms.pages.contract import ListReading, ListRequest, ListRow, NotThisLayout
from transforms.pages.json_rows import read_json_rows
from transforms.pages.list_findings import met
from transforms.pages.more_link import more_link
from transforms.pages.opened_link import opened
from transforms.pages.other_page import refuse_other_page
from transforms.pages.page import Page
from transforms.pages.pager import current_page, read_pager, read_position
from transforms.pages.paging import counted_on, counter_of, followed, numbered, numbered_file, paged_file, with_query
from transforms.pages.refusals import refuse_empty_list, refuse_soft_error
from transforms.pages.rows import Group, each_once, find_groups, script_group
from transforms.pages.shells import list_behind
from transforms.pages.tree import Element, Tree, squash, text_of

_NOTHING = re.compile(
    r"暂无(?:数据|内容|信息|相关|记录)?|没有(?:找到|符合|相关)?.{0,10}(?:数据|内容|信息|记录)|无相关(?:数据|内容|信息|记录)"
)

_FOLLOWING = re.compile(r"[\[(]?(?:[下后](?:一)?[页頁]|next(?:page)?|[»›>]{1,2})[\])]?[>»→›]{0,2}", re.IGNORECASE)
_PREVIOUS = re.compile(r"[\[(]?[«‹<←]{0,2}(?:[上前](?:一)?[页頁]|prev(?:ious)?(?:page)?)[\])]?", re.IGNORECASE)
OWN_ROWS = "rows of this page"
"""As the column of a request: read the rows that the page has itself, not the service that it names."""


class ListPage(Page):
    """Reads one list page."""

    family: ClassVar[str] = "generic"
    native_id: ClassVar[re.Pattern[str] | None] = None
    own_folder: ClassVar[bool] = False
    """True where a column's own notices lie below its first page's folder: a page past the end may show another column."""
    first_file: ClassVar[int] = 1
    """Number that the second page's file has in this family as a rule; the other one of 1 and 2 is tried where it is not there."""
    page_rows: ClassVar[int | None] = None
    """Rows a page that the family's service always gives: the last page shows fewer."""
    request: ListRequest
    params: Mapping[str, str | int]
    """The portal's family parameters."""

    @classmethod
    def of(cls, text: str, url: str, request: ListRequest | None = None, params: Mapping[str, str | int] | None = None) -> Self:
        """The page for decoded text; `request` is what it answers, where the address alone does not say it."""
        page = cls(text, url)
        page.request, page.params = request or ListRequest(url=url, page=page._own_number()), params or {}
        return page

    def _own_number(self) -> int:
        """Which page of its listing it is: as its pager prints it, else by its address; createPageHTML tells files counted from index_2."""
        number = self.page_number(self.url)
        if is_answer(self.html):
            return number
        if position := read_position(self.html):
            return position[0]
        file = numbered(self.url)
        counted = current_page(self.html) if file > 1 and number == file + 1 else None
        return file if counted is not None and counted + 1 == file else number

    @cached_property
    def _main_rows(self) -> tuple[ListRow, ...]:
        """Rows that the page has itself."""
        return self._rows(self.tree)

    @cached_property
    def _pager(self) -> tuple[int | None, int | None]:
        """(declared rows, declared pages) of the page."""
        return read_pager(self.html, len(self._main_rows))

    @classmethod
    def page_number(cls, url: str) -> int:
        """Which page of its listing an address is, as far as the address says it: index_1.html is the second, page=3 the third."""
        counter = counter_of(ListRequest(url=url))
        return max(1, counter) if counter is not None else numbered(url) + 1

    @classmethod
    def entry(cls, portal: Portal, section: Section) -> ListRequest:
        """What to ask for first: the section's entry is a path on the portal, or an address of its own host.

        Raises NotThisLayout for an entry that is neither (an id of a service that this family has no list strategy for).
        """
        if not section.entry.startswith(("/", "http://", "https://")):
            raise NotThisLayout(f"the entry {section.entry!r} is no address, and the family {cls.family} knows no other list")
        return ListRequest(url=section.entry if "://" in section.entry else portal.base_url + section.entry)

    def read(self) -> ListReading:
        """Rows of the page's main list, or of the answer of a service, whichever the text is.

        Raises SoftError (an error page, or an answer that reports an error), PastTheEnd (no rows on a numbered page),
        NotThisLayout (no rows and nothing says there are none, or only a jump to another host).
        """
        return self._answered() if is_answer(self.html) else self._listed()

    def _answered(self) -> ListReading:
        """The answer of a service: any service's, whatever family was named."""
        reading = read_json_rows(self.html, self.url, self.native_id, self._rows_of, page=self.request.page)
        return replace(reading, next=self._next_answer(reading))

    def _next_answer(self, reading: ListReading) -> ListRequest | None:
        """The request with its counter one higher; page two as a guess where it has none and more rows are declared."""
        following = counted_on(self.request)
        if following or self.request.body is not None or not reading.rows or (reading.declared_total or 0) <= len(reading.rows):
            return following
        return ListRequest(url=with_query(self.request.url, page=2), headers=self.request.headers, page=2, guessed=True)

    def _listed(self) -> ListReading:
        rows, (total, pages) = self._main_rows, self._pager
        if not rows:
            refuse_soft_error(self.tree, 0)
            behind = list_behind(self.html, self.tree, self.url, self._join)
            if behind is not None:
                return ListReading(rows=(), leads_to=(ListRequest(url=behind),))
            if not (total == 0 or _NOTHING.search(self.html)):
                refuse_empty_list(self.html, self.url, self.request.page)
        refuse_other_page(self.tree, rows)
        following = self._next()
        more = None
        if rows and self.request.page == 1 and pages is None and (following is None or following.guessed):
            more = more_link(self.tree, {row.url for row in rows}, self._join)
        findings = (*self._page_two(rows), *((met("L-MORE", more),) if more else ()))
        return ListReading(rows=rows, declared_total=total, declared_pages=pages, next=following, more=more, findings=findings)

    def _page_two(self, rows: tuple[ListRow, ...]) -> tuple[Finding, ...]:
        number = numbered(self.request.url)
        return (met("L-PAGE-TWO", f"_{number}"),) if rows and self.request.page == 2 and number in (1, 2) else ()

    def _next(self) -> ListRequest | None:
        """The following page: by the file name that createPageHTML builds, else where 下一页 leads."""
        named = paged_file(self.html)
        if named:
            return self._numbered_next(named)
        return self._linked

    @cached_property
    def _following_links(self) -> list[Element]:
        return [link for link in self.tree.find("a") if _is_following(link)]

    @cached_property
    def _linked(self) -> ListRequest | None:
        """Where 下一页 leads, else the next number of a pager of numbers, else what the script of 下一页 opens.

        On the last page some systems link 下一页 to that page itself.
        """
        links, following = self.tree.find("a"), self._following_links
        href = next((h for link in following if (h := followed(link.get("href")))), None)
        href = href or next((h for link in links if (h := followed(link.get("href"))) and self._is_numbered(link, h)), None)
        href = href or next((h for link in following if (h := opened(link))), None)
        url = self._joined(href) if href else None
        return ListRequest(url=url, page=self.request.page + 1) if url and url != self.request.url else None

    def _is_numbered(self, link: Element, href: str) -> bool:
        """Whether a link is the number of the following page: it leads to a numbered file of this list's own folder."""
        if squash(text_of(link)) != str(self.request.page + 1):
            return False
        url = self._joined(href)
        if url is None:
            return False
        here, there = urlsplit(self.request.url), urlsplit(url)
        folders = {(parts.hostname, parts.path.rpartition("/")[0]) for parts in (here, there)}
        return len(folders) == 1 and numbered(there.path) > 0

    def _ends_here(self) -> bool:
        """Whether the pager leads back and not on, and no more pages are declared: the last page."""
        pages = self._pager[1]
        declared = pages is not None and pages > self.request.page
        return (
            not declared
            and self._linked is None
            and any(_says(link, _PREVIOUS) and followed(link.get("href")) for link in self.tree.find("a"))
        )

    def _numbered_next(self, named: tuple[str, str] | None = None, *, guessed: bool = False) -> ListRequest:
        """The next numbered file: page two has the family's usual number, otherwise the other one; later pages count on from there."""
        url, page = self.request.url, self.request.page
        if page > 1:
            number = numbered(url) + 1 if numbered(url) else page - 1 + self.first_file
            return ListRequest(url=numbered_file(url, page, number), page=page + 1, guessed=guessed)
        first = 2 if current_page(self.html) == 1 else self.first_file  # page one counts as 1: so do the files
        other = ListRequest(url=numbered_file(url, 1, 3 - first, named), page=2, guessed=True)
        return ListRequest(url=numbered_file(url, 1, first, named), page=2, guessed=guessed, otherwise=other)

    def _rows_of(self, markup: str) -> tuple[ListRow, ...]:
        return self._rows(Tree.of_fragment(markup), few=True)

    def _rows(self, tree: Tree, *, few: bool = False) -> tuple[ListRow, ...]:
        """Rows of the tree's best block. One or two short rows without a date are no list in a page; in an answer (`few`) they are."""
        groups = find_groups(tree, self._join, self.native_id)
        written = script_group(tree, self._join, self.native_id)
        best = max([*groups, *([written] if written else [])], key=Group.weight, default=None)
        if best is None or not (few or best.dated or best.weight()[2] >= 3):
            return ()
        return each_once(best.rows)


def _is_following(link: Element) -> bool:
    """Whether a link says that it leads to the next page: in its text, its title, its rel or its picture."""
    return link.get("rel") == "next" or _says(link, _FOLLOWING)


def _says(link: Element, words: re.Pattern[str]) -> bool:
    said = (text_of(link), link.get("title") or "", *(img.get("alt") or "" for img in link.iter("img")))
    return any(words.fullmatch(squash(part)) for part in said)
