"""The walk over a section's listings: the same for every family, whose page class names the first page and each next one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawlers.aside import read_aside
from crawlers.either import read_either
from crawlers.fetch import FetchFailed
from crawlers.frontier import Seen, identify
from crawlers.memory import Memory, listing_name
from crawlers.state import KnownListing, Resume
from gongkai.errors import UnreadableInput
from gongkai.registry import Portal, Section
from transforms.pages import family_of, read_list
from transforms.pages.contract import ForeignSite, ListReading, ListRequest, NotThisLayout, PastTheEnd, SoftError

Fetch = Callable[[ListRequest], Awaitable[tuple[str, str]]]
"""Request → text and the address it came from after redirects."""
_MOST_PAGES = 5000  # a listing that never ends is left here
_MOST_LISTINGS = 500  # of one section
_IDLE_PAGES = 3  # pages in a row without a new row, though more is declared
_MOST_FINDINGS = 20  # of one listing
_NO_PAGE = frozenset({404, 410})
_REFUSED_GUESS = _NO_PAGE | {400, 403, 405}  # what nothing led to, a portal may refuse as well as not have


@dataclass
class Walk:
    """What a listing showed."""

    rows: int = 0
    pages: int = 0
    declared_total: int | None = None
    declared_pages: int | None = None
    whole: bool = True
    """False where it left pages out: it stopped at a page of settled rows, or went on where an earlier run had ended."""
    known: int = 0
    """Rows the listing holds as far as we know: those of this walk, and those it left out."""
    trouble: list[str] = field(default_factory=list)
    """Why it is not complete."""
    findings: list[str] = field(default_factory=list)
    """`RULE: message` of what is wrong with the list itself."""


def join(walks: Sequence[Walk]) -> Walk:
    """The listings of a section as one; a total is known only where every one declares one."""
    totals = [w.declared_total for w in walks]
    return Walk(
        rows=sum(w.rows for w in walks),
        pages=sum(w.pages for w in walks),
        declared_total=sum(t for t in totals if t is not None) if walks and None not in totals else None,
        whole=all(w.whole for w in walks),
        known=sum(w.known for w in walks),
        trouble=[t for w in walks for t in w.trouble],
        findings=list(dict.fromkeys(f for w in walks for f in w.findings)),
    )


@dataclass
class SectionWalk:
    """Every listing behind a section's entry; each is added to `walks` when it is done."""

    portal: Portal
    section: Section
    fetch: Fetch
    memory: Memory
    take: Callable[[Sequence[Seen]], None]
    """Told the rows of each page."""
    spent: Callable[[], str | None] = lambda: None
    """The budget of which lists have used up their part; page one is read nevertheless."""
    walks: list[Walk] = field(default_factory=list)

    async def walk(self) -> None:
        """Raises what reading the entry raises, or the first listing where none can be read; other trouble is noted."""
        waiting = [family_of(self.family).list_page.entry(self.portal, self.section)]
        asked: set[ListRequest] = set()
        failed: list[FetchFailed | UnreadableInput] = []
        unread: list[str] = []
        while waiting and len(asked) < _MOST_LISTINGS:
            request = waiting.pop(0)
            if request in asked:
                continue
            asked.add(request)
            try:
                reading = await self.read(request)
            except (FetchFailed, UnreadableInput) as error:
                if len(asked) == 1 or isinstance(error, ForeignSite):
                    raise
                failed.append(error)
                continue
            waiting[:0] = reading.leads_to
            if reading.rows or not reading.leads_to:
                self.walks.append(await ListingWalk(self, request).walk(reading))
            else:
                unread += _owed(reading)
        if failed and not self.walks:
            raise failed[0]
        if not self.walks:
            raise NotThisLayout(f"{len(asked)} pages that only lead to each other, and no list behind them")
        trouble = [e.told if isinstance(e, FetchFailed) else str(e) for e in failed]
        trouble += [] if _all_there(join(self.walks)) else unread
        if left := len(set(waiting) - asked):
            trouble.append(f"{left} listings are left unread: {_MOST_LISTINGS} of one section are walked")
        if trouble:
            self.walks.append(Walk(trouble=trouble, whole=False))

    @property
    def family(self) -> str:
        return self.portal.family_in(self.section.name)

    async def read(self, request: ListRequest, adds: Callable[[ListReading], bool] = lambda reading: True) -> ListReading:
        """One page of a listing; of two readings of an unconfirmed rule the one that is there and `adds` something."""
        return await read_either(request, self._read_one, adds)

    async def _read_one(self, request: ListRequest) -> ListReading:
        text, url = await self.fetch(request)
        return await read_aside(text, lambda: read_list(text, url, self.family, request=request, params=self.portal.params))


def _owed(reading: ListReading) -> list[str]:
    """What a page says it has and cannot give."""
    return [f"{found.rule}: {found.message}" for found in reading.findings if found.severity == "warning"]


def _all_there(total: Walk) -> bool:
    return total.declared_total is not None and total.known >= total.declared_total


class ListingWalk:
    """All rows of one listing, or those before a page of settled ones.

    A walk of several pages reads page one again at its end, because lists shift while we page; where rows moved to pages
    already read, it goes over the listing once more.
    """

    def __init__(self, section: SectionWalk, first: ListRequest) -> None:
        self._section, self._first = section, first
        self._memory, self._tonight, self._name = section.memory, section.memory.tonight, listing_name(first)
        self._remembered: KnownListing | None = self._memory.recall(first)
        self._folder = urlsplit(first.url).path.rpartition("/")[0] + "/" if family_of(section.family).list_page.own_folder else None
        self._found = Walk()
        self._totals: list[int | None] = []
        """What page one declared, at the walk's begin and end."""
        self._rows = 0
        """Rows of this walk, and of its earlier parts where it goes on with one."""
        self._at = (first.page, first)
        """The last page read, or the one to go on with."""
        self._jumped = False
        self._cut: Resume | None = None

    async def walk(self, reading: ListReading) -> Walk:
        """Walk on from page one as read; trouble on a later page is noted and keeps the rows so far."""
        found = self._found
        number = await self._pass(reading)
        if number > self._first.page and (again := await self._again()) and self._moved(again) and found.whole:
            self._remembered, found.trouble = None, []
            if await self._pass(again) > self._first.page and (last := await self._again()) and self._moved(last):
                found.trouble.append("the list shifted while it was read, twice: rows may be missing")
        return self._finished()

    async def _pass(self, reading: ListReading) -> int:
        """From page one to the end, or to where it may stop; the number of the last page asked for."""
        found, number, idle = self._found, self._first.page, 0
        self._tonight.begin_listing()
        self._totals, self._rows, self._at = [], 0, (number, self._first)
        fresh = self._fresh(reading, number)
        folder = self._folder if self._own(fresh, self._folder) else None
        self._declare(reading)
        self._take(reading, fresh)
        found.pages = 1
        while reading.next is not None and self._more(number):
            following = self._following(reading, number, reading.next)
            if following is None or self._spent():
                break
            number, request = following
            next_reading = await self._later(number, request, folder)
            if next_reading is None:
                break
            reading, self._at = next_reading, following
            if self._adds(reading, number, folder):
                self._take(reading, self._fresh(reading, number))
                found.pages, idle = number, 0
            elif not (reading.left_out and self._declared(number)) and ((idle := idle + 1) >= _IDLE_PAGES or not self._declared(number)):
                break
        return number

    async def _later(self, number: int, request: ListRequest, folder: str | None) -> ListReading | None:
        """A page behind page one; None where the walk ends with it, in trouble or not."""
        try:
            return await self._section.read(request, lambda page: self._adds(page, number, folder))
        except (PastTheEnd, SoftError) as end:
            self._end(number, str(end))
        except FetchFailed as error:
            if error.status in (_REFUSED_GUESS if request.guessed else _NO_PAGE):
                self._end(number, error.cause)
            else:
                self._found.trouble.append(error.told)
        except ForeignSite:
            raise
        except UnreadableInput as error:  # NotThisLayout, or bytes that are no text
            self._found.trouble.append(f"page {number}: {error}")
        return None

    def _following(self, reading: ListReading, number: int, request: ListRequest) -> tuple[int, ListRequest] | None:
        """The page after `number`, or the one on which the last walk ended, where the pages between hold nothing new; None to stop."""
        resume = self._remembered.resume if self._remembered else None
        if self._memory.sample is not None:
            self._found.whole = False
            return None
        if not self._jumped and self._remembered and (resume is None or number < resume.number) and self._settled(reading):
            self._found.whole = False
            if resume is None:
                return None
            self._jumped = True
            self._rows = self._tonight.count_known(self._name, self._since())
            self._at = (resume.number, resume.request)
            return self._at
        return number + 1, request

    def _settled(self, reading: ListReading) -> bool:
        """Whether nothing new can stand behind this page: all its rows are settled, and the declared total grew by the new rows alone."""
        listing = self._remembered
        rows = [identify(self._section.portal, row, 1) for row in reading.rows]
        if listing is None or not rows or not all(self._memory.settled(row, self._name, listing) for row in rows):
            return False
        total = self._total()
        if listing.resume:
            return True  # the totals are compared when the walk has come to its end
        if total is None or listing.declared is None:
            return total == listing.declared
        return total - listing.declared == self._tonight.count_unremembered(self._name)

    def _spent(self) -> bool:
        """Whether the lists' part of a budget is spent, so that the next run has to go on here."""
        cause = self._section.spent()
        if cause is None:
            return False
        number, at = self._at
        self._cut = Resume(number, at.url, at.body, [list(pair) for pair in at.headers], self._since(), at.column)
        self._found.trouble.append(f"{at.url}: the lists' part of the {cause} budget is spent at page {number}; the next run goes on there")
        return True

    def _since(self) -> str:
        """The run with which this walk of the listing began."""
        if self._remembered is None:
            return self._memory.state.run_id
        return self._remembered.resume.since if self._remembered.resume else self._remembered.walked

    # rows

    def _fresh(self, reading: ListReading, number: int) -> list[Seen]:
        return self._tonight.fresh(identify(self._section.portal, row, number) for row in reading.rows)

    def _adds(self, reading: ListReading, number: int, folder: str | None) -> bool:
        """Whether a page belongs to the list.

        A page past the end repeats page one or shows another column: where nothing declared it, it must add a row under the column's
        own path. A page that was declared belongs to the list, whatever its new rows lead to.
        """
        fresh = self._fresh(reading, number)
        return self._own(fresh, folder) or (bool(fresh) and self._declared(number))

    def _own(self, rows: Sequence[Seen], folder: str | None) -> bool:
        """Whether a row lies under the column's own path (any, where the family has none)."""
        return any(folder is None or urlsplit(seen.url).path.startswith(folder) for seen in rows)

    def _take(self, reading: ListReading, fresh: Sequence[Seen]) -> None:
        """Take a page's new rows, and what its reading found wrong."""
        since = self._since() if self._jumped else ""
        self._rows += sum(not (self._jumped and self._memory.state.in_listing(self._name, seen.key, since)) for seen in fresh)
        self._tonight.show(fresh)
        self._section.take(fresh)
        for found in reading.findings:
            line = f"{found.rule}: {found.message}"
            if line not in self._found.findings and len(self._found.findings) < _MOST_FINDINGS:
                self._found.findings.append(line)
        self._found.trouble += [line for line in _owed(reading) if line not in self._found.trouble]

    # totals

    def _declare(self, reading: ListReading) -> None:
        total = None if reading.counts_others else reading.declared_total
        self._totals.append(total)
        self._found.declared_total, self._found.declared_pages = total, reading.declared_pages

    def _total(self) -> int | None:
        """The declared total, unless more rows were seen: then it counts something else, and says nothing."""
        most = max((t for t in self._totals if t is not None), default=None)
        return self._found.declared_total if most is not None and self._rows <= most else None

    def _declared(self, number: int) -> bool:
        """Whether the portal itself says that there is a page of this number."""
        if self._found.declared_pages is not None:
            return number <= self._found.declared_pages
        total = self._total()
        return total is not None and self._rows < total

    def _more(self, number: int) -> bool:
        """Whether a page after `number` is worth asking for."""
        if number >= _MOST_PAGES:
            self._found.trouble.append(f"left after {_MOST_PAGES} pages")
            return False
        if self._found.declared_pages is not None:
            return number < self._found.declared_pages
        total = self._total()
        return self._rows > 0 and (total is None or self._rows < total)

    def _end(self, number: int, cause: str) -> None:
        """A list that ends is no trouble, unless it declared more."""
        if self._declared(number):
            self._found.trouble.append(f"page {number}: {cause}")

    # the end

    async def _again(self) -> ListReading | None:
        """Page one once more; None where the walk did not come to its end."""
        if self._cut:
            return None
        try:
            return await self._section.read(self._first)
        except ForeignSite:
            raise
        except (FetchFailed, UnreadableInput) as error:
            self._found.trouble.append(f"page one could not be read again: {error}")
        return None

    def _moved(self, again: ListReading) -> bool:
        """Take page one's new rows; whether rows may have moved, unseen, from pages not yet read to pages that were.

        That is so where the list lost a row: its total fell, or page one shows a row that stood on a later page.
        """
        one = self._first.page
        pulled = any((self._tonight.page_of(identify(self._section.portal, row, one).key) or one) > one for row in again.rows)
        self._declare(again)
        self._take(again, self._fresh(again, one))
        first, last = self._totals[0], self._totals[-1]
        if first is None or last is None:
            return pulled
        return pulled or last < first or (last != first and self._rows < last)

    def _finished(self) -> Walk:
        """Compare with what was declared, and remember."""
        found, memory = self._found, self._memory
        found.rows = self._tonight.count_shown()
        left_out = self._remembered is not None and (not found.whole or self._cut is not None)
        found.known = self._tonight.count_known(self._name, self._since()) if left_out else found.rows
        if self._total() is None and found.declared_total is not None:
            found.findings.append(f"L-TOTAL: {found.declared_total} rows declared, {self._rows} seen: the total is not believed")
            found.declared_total = None
        if memory.sample is not None:
            return found
        if self._cut is None:
            self._compare()
        if self._cut or not found.trouble:
            self._remember()
        elif self._jumped:
            memory.forget(self._first)
        return found

    def _compare(self) -> None:
        found = self._found
        if found.declared_total is not None and found.known < found.declared_total:
            found.trouble.append(f"{found.known} rows seen, {found.declared_total} declared")
        if found.whole and found.declared_pages is not None and found.pages < found.declared_pages and not found.trouble:
            found.trouble.append(f"{found.pages} pages with rows of this column, {found.declared_pages} declared")

    def _remember(self) -> None:
        run_id, found = self._memory.state.run_id, self._found
        walked = run_id if found.whole and (self._remembered is None or self._cut is None) else None
        since = None
        if self._cut is None and found.whole:
            since = run_id
        elif self._cut is None and self._jumped:
            since = self._since()
        self._memory.remember(self._first, found.declared_total, walked=walked, resume=self._cut, since=since)
