"""The walk over a section's listing: the same for every family, whose page class names the first page and each next one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from crawlers.either import read_either
from crawlers.fetch import FetchFailed
from crawlers.frontier import Seen, identify
from crawlers.memory import Memory
from crawlers.state import KnownListing
from gongkai.registry import Portal, Section
from transforms.pages import family_of, read_list
from transforms.pages.contract import ListReading, ListRequest, ListRow, NotThisLayout, PastTheEnd, SoftError

Fetch = Callable[[ListRequest], Awaitable[tuple[str, str]]]
"""Request → text and the address it came from after redirects."""
_MOST_PAGES = 5000  # a listing that never ends is left here
_MOST_LISTINGS = 500  # of one section


@dataclass
class Walk:
    """What a listing showed."""

    rows: list[Seen] = field(default_factory=list)
    pages: int = 0
    declared_total: int | None = None
    declared_pages: int | None = None
    whole: bool = True
    """False where it stopped early, at a page of rows that were all known and settled."""
    known: int = 0
    """Rows the listing holds as far as we know: those of this walk, and those it stopped before."""
    trouble: list[str] = field(default_factory=list)
    """Why it is not complete."""


def join(walks: Sequence[Walk]) -> Walk:
    """The listings of a section as one; a total is known only where every one declares one."""
    totals = [w.declared_total for w in walks]
    return Walk(
        rows=list({seen.key: seen for w in walks for seen in w.rows}.values()),
        pages=sum(w.pages for w in walks),
        declared_total=sum(t for t in totals if t is not None) if walks and None not in totals else None,
        whole=all(w.whole for w in walks),
        known=sum(w.known for w in walks),
        trouble=[t for w in walks for t in w.trouble],
    )


async def walk_section(portal: Portal, section: Section, fetch: Fetch, memory: Memory, walks: list[Walk]) -> None:
    """Walk every listing behind the section's entry; each is added to `walks` when it is done.

    Raises what reading an entry or a listing's page one raises; trouble on a later page is noted and keeps the rows so far.
    """
    family = portal.family_in(section.name)
    waiting = [family_of(family).list_page.entry(portal, section)]
    asked: set[ListRequest] = set()
    unread: list[str] = []
    while waiting and len(asked) < _MOST_LISTINGS:
        request = waiting.pop(0)
        if request in asked:
            continue
        asked.add(request)
        reading = await _read(portal, family, request, fetch)
        if reading.leads_to:
            waiting[:0] = reading.leads_to
        if reading.rows or not reading.leads_to:
            walks.append(await _walk(portal, family, request, reading, fetch, memory))
        else:
            unread += _owed(reading)
    if not walks:
        raise NotThisLayout(f"{len(asked)} pages that only lead to each other, and no list behind them")
    if unread and not _all_there(join(walks)):
        walks[-1].trouble += unread


async def _read(
    portal: Portal, family: str, request: ListRequest, fetch: Fetch, adds: Callable[[ListReading], bool] = lambda reading: True
) -> ListReading:
    async def read(asked: ListRequest) -> ListReading:
        return read_list(*await fetch(asked), family, request=asked, params=portal.params)

    return await read_either(request, read, adds)


async def _walk(portal: Portal, family: str, first: ListRequest, reading: ListReading, fetch: Fetch, memory: Memory) -> Walk:
    """All rows of a listing whose page one is `reading`, or those before a page of settled ones.

    A walk of several pages reads page one again at its end, because lists shift while we page.
    """
    found = Walk(pages=1)
    seen: dict[str, Seen] = {}
    remembered = memory.recall(first)
    prefix = urlsplit(first.url).path.rpartition("/")[0] + "/" if family_of(family).list_page.own_folder else None
    own_path = _adds(portal, reading.rows, 1, seen, prefix)
    _declare(found, reading)
    found.trouble += _owed(reading)
    number = first.page
    while reading.next is not None and _more(found, len(seen), number):
        if memory.sample is not None or (remembered and _settled(portal, reading, seen, found, remembered, memory)):
            found.whole = False
            break
        number += 1
        try:
            column = prefix if own_path else None
            reading = await _read(portal, family, reading.next, fetch, partial(_is_own, portal, number, seen, column))
        except (PastTheEnd, SoftError) as end:
            found.trouble += _too_early(found, len(seen), number, str(end))
            break
        except FetchFailed as error:
            found.trouble += _too_early(found, len(seen), number, error.cause) if error.status == 404 else [error.told]
            break
        except NotThisLayout as error:
            found.trouble.append(str(error))
            break
        if not _adds(portal, reading.rows, number, seen, prefix if own_path else None) and not (reading.left_out and found.declared_pages):
            break
        found.pages = number
        found.trouble += _owed(reading)
    if number > first.page:
        await _again(portal, family, first, fetch, found, seen)
    found.rows = list(seen.values())
    found.known = len(seen if found.whole or remembered is None else remembered.keys | seen.keys())
    if memory.sample is None:
        _compare(found)
    if not found.trouble:
        memory.remember(first, set(seen), found.declared_total, whole=found.whole)
    return found


async def _again(portal: Portal, family: str, first: ListRequest, fetch: Fetch, found: Walk, seen: dict[str, Seen]) -> None:
    try:
        reading = await _read(portal, family, first, fetch)
    except (FetchFailed, NotThisLayout, SoftError) as error:
        found.trouble.append(f"page one could not be read again: {error}")
    else:
        _adds(portal, reading.rows, 1, seen, None)
        _declare(found, reading)


def _settled(portal: Portal, reading: ListReading, seen: Mapping[str, Seen], found: Walk, remembered: KnownListing, memory: Memory) -> bool:
    """Whether nothing new can stand behind this page: all its rows are settled, and the declared total grew by the new rows alone."""
    rows = [identify(portal, row, 1) for row in reading.rows]
    if not rows or not all(memory.settled(row, remembered) for row in rows):
        return False
    if found.declared_total is None or remembered.declared is None:
        return found.declared_total == remembered.declared
    return found.declared_total - remembered.declared == len(seen.keys() - remembered.keys)


def _declare(found: Walk, reading: ListReading) -> None:
    found.declared_total, found.declared_pages = reading.declared_total, reading.declared_pages


def _more(found: Walk, rows: int, number: int) -> bool:
    """Whether a page after `number` is worth asking for."""
    if number >= _MOST_PAGES:
        found.trouble.append(f"left after {_MOST_PAGES} pages")
        return False
    if found.declared_pages is not None:
        return number < found.declared_pages
    return rows > 0 and (found.declared_total is None or rows < found.declared_total)


def _adds(portal: Portal, rows: tuple[ListRow, ...], page: int, seen: dict[str, Seen], prefix: str | None) -> bool:
    """Take the rows not seen yet; whether one of them lies under the column's own path (any, without a prefix).

    A page past the end repeats page one or shows another column: such a page adds nothing of this column's own.
    """
    fresh, own = _fresh(portal, rows, page, seen, prefix)
    if own or page == 1:
        seen.update(fresh)
    return own


def _fresh(
    portal: Portal, rows: tuple[ListRow, ...], page: int, seen: Mapping[str, Seen], prefix: str | None
) -> tuple[dict[str, Seen], bool]:
    """Rows not seen yet, and whether one of them lies under `prefix`."""
    fresh = {s.key: s for s in (identify(portal, row, page) for row in rows) if s.key not in seen}
    return fresh, any(prefix is None or urlsplit(s.url).path.startswith(prefix) for s in fresh.values())


def _is_own(portal: Portal, page: int, seen: Mapping[str, Seen], prefix: str | None, reading: ListReading) -> bool:
    return _fresh(portal, reading.rows, page, seen, prefix)[1]


def _owed(reading: ListReading) -> list[str]:
    """What a page says it has and cannot give."""
    return [f"{finding.rule}: {finding.message}" for finding in reading.findings if finding.severity == "warning"]


def _all_there(total: Walk) -> bool:
    return total.declared_total is not None and total.known >= total.declared_total


def _too_early(found: Walk, rows: int, number: int, cause: str) -> list[str]:
    """A list that ends is no trouble, unless it declared more."""
    short = (found.declared_total is not None and rows < found.declared_total) or (
        found.declared_pages is not None and number <= found.declared_pages
    )
    return [f"page {number}: {cause}"] if short else []


def _compare(found: Walk) -> None:
    if found.declared_total is not None and found.known < found.declared_total:
        found.trouble.append(f"{found.known} rows seen, {found.declared_total} declared")
    if found.whole and found.declared_pages is not None and found.pages < found.declared_pages and not found.trouble:
        found.trouble.append(f"{found.pages} pages with rows of this column, {found.declared_pages} declared")
