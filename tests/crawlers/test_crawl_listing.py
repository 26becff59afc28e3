"""The walk over a listing: declared pages, shifting lists, pages past the end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from crawlers.fetch import FetchFailed
from crawlers.listing import Walk, join, walk_section
from crawlers.memory import Memory
from crawlers.state import PortalState
from gongkai.registry import Portal, Section, SectionKind
from transforms.pages.contract import ListRequest

RUN = "20260301T183000Z"
PORTAL = Portal(
    id="p", name="例市", level="city", province="例省", division_code="990000", base_url="http://www.example.gov.cn", family="trs_wcm"
)


def _list(numbers: list[int], pager: str = "", folder: str = "./202503") -> str:
    rows = "".join(
        f'<li><a href="{folder}/t20250304_{1000 + n}.html">例市第{n}号工作要点通知</a><span>2025-03-04</span></li>' for n in numbers
    )
    return f'<html><head></head><body><ul class="list">{rows}</ul>{pager}</body></html>'


def _walk(pages: Mapping[str, str | list[str]]) -> tuple[list[str], Any, list[str]]:
    """Walk over prepared pages; a list of texts is used up answer by answer."""
    asked: list[str] = []

    async def fetch(request: ListRequest) -> tuple[str, str]:
        asked.append(request.url.rpartition("/")[2])
        found = pages.get(asked[-1])
        if found is None:
            raise FetchFailed("p", request.url, "HTTP 404", status=404, passing=False)
        return (found if isinstance(found, str) else found.pop(0)), request.url

    walks: list[Walk] = []
    section = Section(name="要点", kind=SectionKind.WORK_PLAN, entry="/a/")
    asyncio.run(walk_section(PORTAL, section, fetch, Memory(PortalState(), RUN, 7), walks))
    found = join(walks)
    return [s.url.rpartition("_")[2][:4] for s in found.rows], found, asked


def _pager(pages: int) -> str:
    return f'<script>createPageHTML({pages}, 0, "index", "html");</script>'


def test_walk_reads_declared_pages_and_page_one_again() -> None:
    rows, found, asked = _walk({"": _list([1, 2, 3], _pager(2)), "index_1.html": _list([4, 5, 6], _pager(2))})
    assert rows == ["1001", "1002", "1003", "1004", "1005", "1006"]
    assert asked == ["", "index_1.html", ""]
    assert found.trouble == []


def test_walk_catches_a_row_that_came_while_paging() -> None:
    pages: dict[str, str | list[str]] = {
        "": [_list([1, 2, 3], _pager(2)), _list([9, 1, 2], _pager(2))],
        "index_1.html": _list([3, 4, 5], _pager(2)),
    }
    rows, found, _ = _walk(pages)
    assert sorted(rows) == ["1001", "1002", "1003", "1004", "1005", "1009"]
    assert found.trouble == []


def test_walk_ends_where_a_page_shows_another_column() -> None:
    rows, found, _ = _walk({"": _list([1, 2, 3]), "index_1.html": _list([7, 8, 9], folder="/news/202503")})
    assert rows == ["1001", "1002", "1003"]
    assert found.trouble == []


def test_walk_ends_without_trouble_at_404_unless_more_was_declared() -> None:
    assert _walk({"": _list([1, 2, 3])})[1].trouble == []
    rows, found, _ = _walk({"": _list([1, 2, 3], _pager(3)), "index_1.html": _list([4, 5, 6], _pager(3))})
    assert len(rows) == 6
    assert found.trouble == ["page 3: HTTP 404"]


def _doc(numbers: list[int], more: str = "") -> str:
    rows = "".join(f'<li><a href="/doc/2025/03/04/{1000 + n}.shtml">例市第{n}号工作要点通知</a></li>' for n in numbers)
    return f"<html><body><ul>{rows}</ul>{more}</body></html>"


def _section(pages: Mapping[str, str]) -> Any:
    """Walk a section of the dialect x_intertid over prepared pages."""
    portal = PORTAL.model_copy(update={"family": "generic", "params": {"dialect": "x_intertid"}})

    async def fetch(request: ListRequest) -> tuple[str, str]:
        found = pages.get(request.url.rpartition("/")[2])
        if found is None:
            raise FetchFailed("p", request.url, "HTTP 404", status=404, passing=False)
        return found, request.url

    walks: list[Walk] = []
    section = Section(name="要点", kind=SectionKind.WORK_PLAN, entry="/a/index.shtml")
    asyncio.run(walk_section(portal, section, fetch, Memory(PortalState(), RUN, 7), walks))
    return join(walks)


def test_an_unread_page_one_is_trouble_unless_the_totals_fit() -> None:
    shell = "<html><body><div id='list'></div><script>getSearchList(1,20,4,ids);</script></body></html>"
    unread = "L-SHELL: the rows of page one are drawn by script and were not read: http://www.example.gov.cn/a/index.shtml"
    found = _section({"index.shtml": shell, "index_2.shtml": _doc([1, 2, 3])})
    assert (len(found.rows), found.trouble) == (3, [unread])
    assert _section({"index.shtml": shell, "index_2.shtml": _doc([1, 2, 3], "共3条")}).trouble == []
    assert _section({"index.shtml": shell, "index_2.shtml": _doc([1, 2, 3], "共5条")}).trouble == [
        "page 3: HTTP 404",
        "3 rows seen, 5 declared",
        unread,
    ]


def test_the_last_page_that_can_be_had_is_no_end() -> None:
    pages = {f"index_{n}.shtml": _doc([n]) for n in range(2, 103)} | {"index.shtml": _doc([1])}
    found = _section(pages)
    assert (found.pages, len(found.rows)) == (100, 100)
    assert found.trouble == ["L-CAP: pages after 100 were not read: the portal makes no more than 100 pages as files"]
