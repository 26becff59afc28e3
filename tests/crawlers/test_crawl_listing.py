"""The walk over a listing: declared pages, shifting lists, pages past the end, lists that say what is not so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from crawlers import listing
from crawlers.fetch import FetchFailed
from crawlers.frontier import Seen
from crawlers.listing import SectionWalk, Walk, join
from crawlers.memory import Memory
from crawlers.state import PortalState
from crawlers.tonight import Tonight
from gongkai.registry import Portal, Section, SectionKind
from transforms.pages.contract import ListRequest

RUN = "20260301T183000Z"
PORTAL = Portal(
    id="p", name="例市", level="city", province="例省", division_code="990000", base_url="http://www.example.gov.cn", family="trs_wcm"
)
Pages = Mapping[str, str | int | list[str]]


def _list(numbers: list[int], pager: str = "", folder: str = "./202503") -> str:
    rows = "".join(
        f'<li><a href="{folder}/t20250304_{1000 + n}.html">例市第{n}号工作要点通知</a><span>2025-03-04</span></li>' for n in numbers
    )
    return f'<html><head></head><body><ul class="list">{rows}</ul>{pager}</body></html>'


def _walk(pages: Pages, state: PortalState | None = None, most: int = 1000, rewalk: bool = False) -> tuple[list[str], Walk, list[str]]:
    """Walk over prepared pages, a status in place of one that fails; a list of texts is used up answer by answer.

    `most`: requests after which the lists' part of the budget is spent.
    """
    asked: list[str] = []
    rows: list[Seen] = []

    async def fetch(request: ListRequest) -> tuple[str, str]:
        asked.append(request.url.rpartition("/")[2])
        found = pages.get(asked[-1], 404)
        if isinstance(found, int):
            raise FetchFailed("p", request.url, f"HTTP {found}", status=found, passing=False)
        return (found if isinstance(found, str) else found.pop(0)), request.url

    section = Section(name="要点", kind=SectionKind.WORK_PLAN, entry="/a/")
    state = state or PortalState.fresh(RUN)
    tonight = Tonight(state)
    walk = SectionWalk(
        PORTAL, section, fetch, Memory(state, tonight, 7, rewalk), rows.extend, lambda: "request" if len(asked) >= most else None
    )
    asyncio.run(walk.walk())
    numbers = [int(s.url.rpartition("_")[2][:4]) - 1000 for s in rows]
    return [str(n) for n in dict.fromkeys(numbers)], join(walk.walks), asked


def _pager(pages: int) -> str:
    return f'<script>createPageHTML({pages}, 0, "index", "html");</script>'


def test_walk_reads_declared_pages_and_page_one_again() -> None:
    rows, found, asked = _walk({"": _list([1, 2, 3], _pager(2)), "index_1.html": _list([4, 5, 6], _pager(2))})
    assert rows == ["1", "2", "3", "4", "5", "6"]
    assert asked == ["", "index_1.html", ""]
    assert found.trouble == []


def test_walk_catches_a_row_that_came_while_paging() -> None:
    pages: dict[str, str | int | list[str]] = {
        "": [_list([1, 2, 3], _pager(2)), _list([9, 1, 2], _pager(2))],
        "index_1.html": _list([3, 4, 5], _pager(2)),
    }
    rows, found, _ = _walk(pages)
    assert sorted(rows) == ["1", "2", "3", "4", "5", "9"]
    assert found.trouble == []


def test_walk_ends_where_a_page_shows_another_column() -> None:
    rows, found, _ = _walk({"": _list([1, 2, 3]), "index_1.html": _list([7, 8, 9], folder="/news/202503")})
    assert rows == ["1", "2", "3"]
    assert found.trouble == []


def test_walk_ends_without_trouble_at_404_unless_more_was_declared() -> None:
    assert _walk({"": _list([1, 2, 3])})[1].trouble == []
    rows, found, _ = _walk({"": _list([1, 2, 3], _pager(3)), "index_1.html": _list([4, 5, 6], _pager(3))})
    assert len(rows) == 6
    assert found.trouble == ["page 3: HTTP 404"]


def _total(total: int, pages: int) -> str:
    return f'<script>createPageHTML({total}, {pages}, 0, "index", "html");</script>'


def test_a_declared_page_of_foreign_rows_does_not_end_the_walk() -> None:
    """Page two leads to another department's folder throughout; the pager says there are three pages."""
    pages = {
        "": _list([1, 2, 3], _pager(3)),
        "index_1.html": _list([4, 5, 6], _pager(3), folder="/other/202503"),
        "index_2.html": _list([7, 8], _pager(3)),
    }
    rows, found, _ = _walk(pages)
    assert rows == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert (found.trouble, found.pages) == ([], 3)


def test_pages_that_add_nothing_are_bounded_though_more_are_declared() -> None:
    same = _list([1, 2, 3], _pager(400))
    rows, found, asked = _walk({"": same} | {f"index_{n}.html": same for n in range(1, 400)})
    assert rows == ["1", "2", "3"]
    assert len(asked) == 1 + 1 + 3 + 1, "page two by its other number too, three pages without a new row, and page one again"
    assert found.trouble == ["1 pages with rows of this column, 400 declared"]


@pytest.mark.parametrize(("total", "seen"), [(0, 5), (4, 5)])
def test_a_total_below_the_rows_is_not_believed(total: int, seen: int) -> None:
    printed = f"<p>共{total}条</p>"
    pages = {"": _list([1, 2, 3, 4, 5][:3], printed), "index_1.html": _list([4, 5], printed)}
    if total:
        pages = {"": _list([1, 2, 3, 4, 5], printed)}
    rows, found, _ = _walk(pages)
    assert len(rows) == seen
    assert found.declared_total is None
    assert found.trouble == []
    assert found.findings[-1] == f"L-TOTAL: {total} rows declared, {seen} seen: the total is not believed"


@pytest.mark.parametrize("status", [403, 405])
def test_a_refused_guess_is_the_end_of_the_list(status: int) -> None:
    assert _walk({"": _list([1, 2, 3]), "index_1.html": status})[1].trouble == []
    declared = _walk({"": _list([1, 2, 3], _pager(2)), "index_1.html": status})[1].trouble
    assert declared == [f"http://www.example.gov.cn/a/index_1.html: HTTP {status}"]


def test_a_row_pulled_to_a_page_already_read_is_found_by_a_second_walk() -> None:
    """While page two is read, row 2 is taken down: row 4 moves to page one, which was read before."""
    pages: dict[str, str | int | list[str]] = {
        "": [_list([1, 2, 3], _total(6, 2)), _list([1, 3, 4], _total(5, 2)), _list([1, 3, 4], _total(5, 2))],
        "index_1.html": [_list([5, 6], _total(5, 2)), _list([5, 6], _total(5, 2))],
    }
    rows, found, asked = _walk(pages)
    assert sorted(rows) == ["1", "2", "3", "4", "5", "6"]
    assert (found.trouble, found.findings, found.known, found.declared_total) == ([], ["L-PAGE-TWO: page two is _1"], 5, 5)
    assert asked == ["", "index_1.html", "", "index_1.html", ""]


def test_a_row_pulled_from_page_three_to_two_shows_in_the_total() -> None:
    pages: dict[str, str | int | list[str]] = {
        "": [_list([1, 2], _total(6, 3)), _list([1, 2], _total(5, 3)), _list([1, 2], _total(5, 3))],
        "index_1.html": [_list([3, 4], _total(6, 3)), _list([4, 5], _total(5, 3))],
        "index_2.html": [_list([6], _total(5, 3)), _list([6], _total(5, 3))],  # row 3 is gone, row 5 moved to page two
    }
    rows, found, _ = _walk(pages)
    assert sorted(rows) == ["1", "2", "3", "4", "5", "6"]
    assert (found.trouble, found.known) == ([], 5)


def test_a_list_that_never_stands_still_is_left_partial() -> None:
    pages: dict[str, str | int | list[str]] = {
        "": [_list([1, 2, 3], _total(9, 2)), _list([1, 3, 4], _total(8, 2)), _list([1, 4, 5], _total(7, 2))],
        "index_1.html": [_list([5, 6, 7, 8, 9], _total(8, 2)), _list([6, 7, 8, 9], _total(8, 2))],
    }
    assert _walk(pages)[1].trouble == ["the list shifted while it was read, twice: rows may be missing"]


def test_a_list_that_always_declares_too_much_is_not_walked_twice() -> None:
    pages = {"": _list([1, 2, 3], _total(9, 2)), "index_1.html": _list([4, 5], _total(9, 2))}
    _, found, asked = _walk(pages)
    assert (found.trouble, len(asked)) == (["5 rows seen, 9 declared"], 3)


# several listings


def _lists(monkeypatch: pytest.MonkeyPatch, names: list[str]) -> None:
    """Make the section's page an index of these lists."""
    read_list = listing.read_list

    def reading(text: str, url: str, family: str, **more: object) -> listing.ListReading:
        if text == "index":
            leads = tuple(ListRequest(url=f"http://www.example.gov.cn/a/{name}/") for name in names)
            return listing.ListReading(rows=(), leads_to=leads)
        return read_list(text, url, family, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(listing, "read_list", reading)


def _walk_lists(answers: Mapping[str, str | int]) -> tuple[list[int], SectionWalk]:
    rows: list[Seen] = []

    async def fetch(request: ListRequest) -> tuple[str, str]:
        found = answers.get(request.url.removeprefix("http://www.example.gov.cn/a/"), 404)
        if isinstance(found, int):
            raise FetchFailed("p", request.url, f"HTTP {found}", status=found, passing=False)
        return found, request.url

    state = PortalState.fresh(RUN)
    section = Section(name="要点", kind=SectionKind.WORK_PLAN, entry="/a/")
    walk = SectionWalk(PORTAL, section, fetch, Memory(state, Tonight(state), 7), rows.extend)
    asyncio.run(walk.walk())
    return [int(s.url.rpartition("_")[2][:4]) - 1000 for s in rows], walk


def test_a_list_that_fails_does_not_cost_those_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _lists(monkeypatch, ["one", "two", "three"])
    rows, walk = _walk_lists({"": "index", "one/": _list([1], _pager(1)), "two/": 500, "three/": _list([3], _pager(1))})
    assert rows == [1, 3]
    found = join(walk.walks)
    assert found.trouble == ["http://www.example.gov.cn/a/two/: HTTP 500"]
    assert not found.whole
    with pytest.raises(FetchFailed, match="HTTP 500"):
        _walk_lists({"": "index", "one/": 500, "two/": 500, "three/": 404})


def test_lists_beyond_the_bound_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_MOST_LISTINGS", 3)
    _lists(monkeypatch, ["l1", "l2", "l3", "l4"])
    rows, walk = _walk_lists({"": "index"} | {f"l{n}/": _list([n], _pager(1)) for n in range(1, 5)})
    assert rows == [1, 2]
    assert join(walk.walks).trouble == ["2 listings are left unread: 3 of one section are walked"]


# over several nights


def _night(state: PortalState, number: int) -> PortalState:
    """The same memory on a later night."""
    later = PortalState(state.database, f"202603{number:02d}T183000Z")
    for table in ("shown", "entry", "work", "held"):
        later.database.execute(f"DROP TABLE IF EXISTS {table}")
    return later


def _owe_all(state: PortalState) -> None:
    """As if the details of these rows had been left to a later run."""
    for seen in state.database.execute("SELECT key FROM shown").fetchall():
        state.put("owed", seen[0], {"section": "要点", "seen": {}, "tries": 0})


def test_a_walk_that_a_budget_ended_goes_on_there_the_next_night() -> None:
    """Nine pages, four list requests a night."""
    pages = {"" if n == 0 else f"index_{n}.html": _list([3 * n + 1, 3 * n + 2, 3 * n + 3], _pager(9)) for n in range(9)}
    state = PortalState.fresh("20260306T183000Z")  # later than the rows' day
    seen: set[str] = set()
    nights: list[list[str]] = []
    for number in range(6, 12):
        state = _night(state, number)
        rows, found, asked = _walk(pages, state, most=4)
        _owe_all(state)
        seen |= set(rows)
        nights.append(asked)
        if not found.trouble:
            break
        assert "the lists' part of the request budget is spent at page" in found.trouble[0]
    assert nights == [
        ["", "index_1.html", "index_2.html", "index_3.html"],
        ["", "index_3.html", "index_4.html", "index_5.html"],
        ["", "index_5.html", "index_6.html", "index_7.html"],
        ["", "index_7.html", "index_8.html", ""],
    ]
    assert seen == {str(n) for n in range(1, 28)}
    assert (found.known, found.whole) == (27, False)
    state = _night(state, 12)
    assert _walk(pages, state, most=4)[2] == [""], "a quiet night stops at page one again"


def test_a_walk_that_cannot_go_on_begins_anew() -> None:
    pages: dict[str, str | int | list[str]] = {
        "" if n == 0 else f"index_{n}.html": _list([3 * n + 1, 3 * n + 2, 3 * n + 3], _pager(6)) for n in range(6)
    }
    state = PortalState.fresh("20260306T183000Z")
    _owe_all(state := _after(state, pages, 6, most=4))
    pages["index_3.html"] = 500
    state = _night(state, 7)
    _, found, asked = _walk(pages, state, most=4)
    assert asked[:2] == ["", "index_3.html"]
    assert found.trouble == ["http://www.example.gov.cn/a/index_3.html: HTTP 500"]
    pages["index_3.html"] = _list([10, 11, 12], _pager(6))
    state = _night(state, 8)
    rows, found, asked = _walk(pages, state)
    assert (len(rows), found.whole, found.trouble, asked[1]) == (18, True, [], "index_1.html")


def _after(state: PortalState, pages: Pages, number: int, most: int) -> PortalState:
    state = _night(state, number)
    _walk(pages, state, most=most)
    return state


# pages that cannot give what they have


def _doc(numbers: list[int], more: str = "") -> str:
    rows = "".join(f'<li><a href="/doc/2025/03/04/{1000 + n}.shtml">例市第{n}号工作要点通知</a></li>' for n in numbers)
    return f"<html><body><ul>{rows}</ul>{more}</body></html>"


def _section(pages: Mapping[str, str]) -> Walk:
    """Walk a section of the dialect x_intertid over prepared pages."""
    portal = PORTAL.model_copy(update={"family": "generic", "params": {"dialect": "x_intertid"}})

    async def fetch(request: ListRequest) -> tuple[str, str]:
        found = pages.get(request.url.rpartition("/")[2])
        if found is None:
            raise FetchFailed("p", request.url, "HTTP 404", status=404, passing=False)
        return found, request.url

    section = Section(name="要点", kind=SectionKind.WORK_PLAN, entry="/a/index.shtml")
    state = PortalState.fresh(RUN)
    walk = SectionWalk(portal, section, fetch, Memory(state, Tonight(state), 7), lambda rows: None)
    asyncio.run(walk.walk())
    return join(walk.walks)


def test_an_unread_page_one_is_trouble_unless_the_totals_fit() -> None:
    shell = "<html><body><div id='list'></div><script>getSearchList(1,20,4,ids);</script></body></html>"
    unread = "L-SHELL: the rows of page one are drawn by script and were not read: http://www.example.gov.cn/a/index.shtml"
    found = _section({"index.shtml": shell, "index_2.shtml": _doc([1, 2, 3])})
    assert (found.rows, found.trouble) == (3, [unread])
    assert _section({"index.shtml": shell, "index_2.shtml": _doc([1, 2, 3], "共3条")}).trouble == []
    assert _section({"index.shtml": shell, "index_2.shtml": _doc([1, 2, 3], "共5条")}).trouble == [
        "page 3: HTTP 404",
        "3 rows seen, 5 declared",
        unread,
    ]


def test_the_last_page_that_can_be_had_is_no_end() -> None:
    pages = {f"index_{n}.shtml": _doc([n]) for n in range(2, 103)} | {"index.shtml": _doc([1])}
    found = _section(pages)
    assert (found.pages, found.rows) == (100, 100)
    assert found.trouble == ["L-CAP: pages after 100 were not read: the portal makes no more than 100 pages as files"]
