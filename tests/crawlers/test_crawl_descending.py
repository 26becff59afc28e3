"""博达's lists: the last page's file is 1.htm, so every file's number shifts when the list grows (cms-families.md section 9)."""

from __future__ import annotations

import asyncio

import pytest

from crawlers.fetch import FetchFailed
from crawlers.frontier import Seen
from crawlers.listing import SectionWalk, Walk, join
from crawlers.memory import Memory
from crawlers.state import PortalState
from crawlers.tonight import Tonight
from gongkai.registry import Portal, Section, SectionKind
from transforms.pages.contract import ListRequest

PORTAL = Portal(
    id="p", name="例市", level="city", province="例省", division_code="990000", base_url="http://www.example.gov.cn", family="vsb"
)
SIZE = 3


def site(total: int, pager: str) -> dict[str, str]:
    """File → page of a list of `total` rows, the newest has the highest number."""
    numbers, pages = list(range(total, 0, -1)), -(-total // SIZE)
    made = {}
    for page in range(1, pages + 1):
        rows = "".join(
            f'<li><a href="/info/1001/{n}.htm">例市第{n}批便民服务事项清单</a><span>2025-03-04</span></li>'
            for n in numbers[(page - 1) * SIZE : page * SIZE]
        )
        file = "lm.htm" if page == 1 else f"{pages - page + 1}.htm"
        folder = "lm/" if page == 1 else ""
        link = f'<a href="{folder}{pages - page}.htm">下页</a>' if page < pages else "下页"
        made[file] = f"<ul>{rows}</ul>" + pager.format(total=total, page=page, pages=pages, link=link)
    return made


@pytest.mark.parametrize(
    "pager",
    [
        '<td id="fanye1">共{total}条 {page}/{pages}</td>',
        '<span class="p_t">共{total}条</span>{link}<span class="p_t">{page}/{pages}</span>',
    ],
)
@pytest.mark.parametrize("grown_after", [1, 2, 99])
def test_a_list_that_grows_by_a_page_while_it_is_read_is_whole(pager: str, grown_after: int) -> None:
    before, after = site(9, pager), site(10, pager)
    asked: list[str] = []
    rows: list[Seen] = []

    async def fetch(request: ListRequest) -> tuple[str, str]:
        asked.append(request.url.rpartition("/")[2])
        found = (before if len(asked) <= grown_after else after).get(asked[-1])
        if found is None:
            raise FetchFailed("p", request.url, "HTTP 404", status=404, passing=False)
        return found, request.url

    state = PortalState.fresh("20260301T183000Z")
    section = Section(name="要点", kind=SectionKind.WORK_PLAN, entry="/zwgk/lm.htm")
    walk = SectionWalk(PORTAL, section, fetch, Memory(state, Tonight(state), 7, False), rows.extend, lambda: None)
    asyncio.run(walk.walk())
    found: Walk = join(walk.walks)
    there = 10 if len(asked) > grown_after else 9
    assert {int(seen.url.rpartition("/")[2][:-4]) for seen in rows} == set(range(1, there + 1))
    assert found.trouble == []
    assert asked[:3] == ["lm.htm", "2.htm", "1.htm"]
