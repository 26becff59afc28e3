"""List strategies: which pages a section's listing has, and the walk over them that is the same for every family."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawlers.blocking import RunEnded, sid_mismatch
from crawlers.fetch import FetchFailed
from crawlers.frontier import Seen, identify
from gongkai.errors import GongkaiError
from gongkai.registry import Portal, Section
from gongkai.status import RunStatus
from transforms.pages import read_list
from transforms.pages.contract import ListReading, ListRow, NotThisLayout, PastTheEnd, SoftError
from transforms.pages.gkmlpt import GkmlptIndex, read_gkmlpt_index
from transforms.pages.static_paging import paged_file

ReadText = Callable[[str], Awaitable[tuple[str, str]]]
"""Address → text and the address it came from after redirects."""
_MOST_PAGES = 5000  # a listing that never ends is left here


@dataclass(frozen=True)
class Column:
    """One listing of a portal: its first page, its page n (from 2, given page one's text), the path its own rows lie under."""

    first: str
    page: Callable[[int, str], str]
    prefix: str | None = None


@dataclass
class Walk:
    """What a listing showed."""

    rows: list[Seen] = field(default_factory=list)
    pages: int = 0
    declared_total: int | None = None
    declared_pages: int | None = None
    trouble: list[str] = field(default_factory=list)
    """Why it is not complete."""


def join(walks: Sequence[Walk]) -> Walk:
    """The listings of a section's columns as one; a total is known only where every column declares one."""
    totals = [w.declared_total for w in walks]
    return Walk(
        rows=list({seen.key: seen for w in walks for seen in w.rows}.values()),
        pages=sum(w.pages for w in walks),
        declared_total=sum(t for t in totals if t is not None) if walks and None not in totals else None,
        trouble=[t for w in walks for t in w.trouble],
    )


async def columns_of(portal: Portal, section: Section, read_text: ReadText, cache: dict[str, GkmlptIndex]) -> list[Column]:
    """The columns behind a section's entry.

    Raises:
        RunEnded: gkmlpt answers for another site.
        NotThisLayout: the entry is not in the site's tree.
        GongkaiError: no strategy for the portal's family.
    """
    if portal.family == "gkmlpt":
        return await _gkmlpt(portal, section, read_text, cache)
    if portal.family == "trs_wcm":
        return [_trs_wcm(portal, section)]
    raise GongkaiError(f"{portal.id}: no list strategy for the family {portal.family!r}")


async def _gkmlpt(portal: Portal, section: Section, read_text: ReadText, cache: dict[str, GkmlptIndex]) -> list[Column]:
    """Index page → SID and tree; the leaves below the entry are the columns; `page` counts from 1 (cms-families.md section 3)."""
    url = f"{portal.base_url}/gkmlpt/index"
    if url not in cache:
        cache[url] = read_gkmlpt_index(*await read_text(url))
    index = cache[url]
    foreign = sid_mismatch(portal.params, index.sid)
    if foreign:
        raise RunEnded(portal.id, url, RunStatus.WRONG_SITE, foreign)
    leaves = _leaves(index, section.entry)
    if not leaves:
        raise NotThisLayout(f"{url}: no column {section.entry} in the tree")

    def column(leaf: int) -> Column:
        url = f"{portal.base_url}/gkmlpt/api/all/{leaf}?page={{}}&sid={index.sid}"
        return Column(url.format(1), lambda n, _: url.format(n))

    return [column(leaf) for leaf in leaves]


def _leaves(index: GkmlptIndex, entry: str) -> list[int]:
    """Ids of the columns at or below `entry` that hold posts of their own; columns that lead elsewhere are left out."""
    inside = {c.id for c in index.columns if str(c.id) == entry}
    found = []
    for column in index.columns:  # depth first: a parent comes before its children
        if column.parent in inside:
            inside.add(column.id)
        if column.id in inside and column.leaf and not column.external:
            found.append(column.id)
    return found


def _trs_wcm(portal: Portal, section: Section) -> Column:
    """Static files: the folder, then index_1.html, index_2.html, … (cms-families.md section 5); page one names stem and extension."""
    first = portal.base_url + section.entry
    folder, _, file = first.rpartition("/")
    stem, _, extension = (file or "index.html").rpartition(".")

    def page(n: int, page_one: str) -> str:
        named_stem, named_extension = paged_file(page_one) or (stem, extension)
        return f"{folder}/{named_stem}_{n - 1}.{named_extension}"

    return Column(first, page, prefix=urlsplit(folder).path + "/")


async def walk(portal: Portal, column: Column, read_text: ReadText) -> Walk:
    """All rows of a listing. Page one is read again at the end, because lists shift while we page.

    Raises what reading page one raises; trouble on a later page is noted and keeps the rows so far.
    """
    found = Walk()
    seen: dict[str, Seen] = {}
    page_one, address = await read_text(column.first)
    reading = read_list(page_one, address, portal.family)
    own_path = _adds(portal, reading.rows, 1, seen, column.prefix)
    _declare(found, reading)
    number = 1
    while _more(found, len(seen), number):
        number += 1
        try:
            reading = read_list(*await read_text(column.page(number, page_one)), portal.family)
        except (PastTheEnd, SoftError) as end:
            found.trouble += _too_early(found, len(seen), number, str(end))
            break
        except FetchFailed as error:
            found.trouble += _too_early(found, len(seen), number, error.cause) if error.status == 404 else [error.told]
            break
        except NotThisLayout as error:
            found.trouble.append(str(error))
            break
        if not _adds(portal, reading.rows, number, seen, column.prefix if own_path else None):
            break
        found.pages = number
    if number > 1:
        try:
            reading = read_list(*await read_text(column.first), portal.family)
        except (FetchFailed, NotThisLayout, SoftError) as error:
            found.trouble.append(f"page one could not be read again: {error}")
        else:
            _adds(portal, reading.rows, 1, seen, None)
            _declare(found, reading)
    found.rows = list(seen.values())
    _compare(found)
    return found


def _declare(found: Walk, reading: ListReading) -> None:
    found.pages = max(found.pages, 1)
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
    fresh = {s.key: s for s in (identify(portal, row, page) for row in rows) if s.key not in seen}
    own = any(prefix is None or urlsplit(s.url).path.startswith(prefix) for s in fresh.values())
    if own or page == 1:
        seen.update(fresh)
    return own


def _too_early(found: Walk, rows: int, number: int, cause: str) -> list[str]:
    """A list that ends is no trouble, unless it declared more."""
    short = (found.declared_total is not None and rows < found.declared_total) or (
        found.declared_pages is not None and number <= found.declared_pages
    )
    return [f"page {number}: {cause}"] if short else []


def _compare(found: Walk) -> None:
    if found.declared_total is not None and len(found.rows) < found.declared_total:
        found.trouble.append(f"{len(found.rows)} rows seen, {found.declared_total} declared")
    if found.declared_pages is not None and found.pages < found.declared_pages and not found.trouble:
        found.trouble.append(f"{found.pages} pages with rows of this column, {found.declared_pages} declared")
