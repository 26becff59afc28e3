"""One portal's crawl as a straight line: robots → sections → list pages → what is due → attachments → verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypedDict
from urllib.parse import urljoin

from crawlers.article import is_front
from crawlers.aside import read_aside
from crawlers.blocking import Identity, RunEnded, identity_mismatch, identity_of
from crawlers.budget import LISTS
from crawlers.details import Details
from crawlers.fetch import FetchFailed, Forbidden, Lane, LeadsAway, NoAnswer, RedirectsForEver
from crawlers.frontier import Due, Seen
from crawlers.links import try_links
from crawlers.listing import SectionWalk, Walk, join
from crawlers.manners import read_robots
from crawlers.memory import Memory
from crawlers.notices import placed
from crawlers.removal import mark_removals, settle_changes
from crawlers.run import PortalRun
from crawlers.state import KnownPage
from crawlers.validators import LIST_DAYS, believed
from crawlers.warc import Exchange
from gongkai.errors import UnreadableInput
from gongkai.records.notice import ListEntry, Notice, SectionOutcome
from gongkai.registry import Section
from gongkai.status import RunStatus, worst
from transforms.decode import decode
from transforms.pages.contract import ForeignSite, ListRequest
from transforms.pages.meta_conformance import NOT_READ, MetaColumns, read_conformance


class _Proof(TypedDict, total=False):
    list_url: str
    list_seen_at: datetime
    list_warc_file: str
    list_warc_offset: int


def _proof(page: Exchange | None) -> _Proof:
    """Where a section's first list page lies in the archive."""
    if page is None:
        return {}
    record = placed(page)
    return {"list_url": page.url, "list_seen_at": page.fetched_at, "list_warc_file": record.file, "list_warc_offset": record.offset}


@dataclass
class PortalCrawl:
    """The steps of one portal's run; everything it learns goes into `run`."""

    run: PortalRun
    lane: Lane
    user_agent: str
    slow_down: Callable[[float], None]
    """Told robots.txt's Crawl-delay in seconds."""
    publish: Callable[[Notice], None]
    """Told every notice as it is read."""
    memory: Memory
    accept: bool = False
    """A person has looked at a mass change or removal and lets it pass."""
    links: int = 0
    """Links of the last section's first page that are tried, at most: for visits to home pages."""
    _indexes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Index pages that serve several sections, by address."""
    _first_list: Exchange | None = None
    """The first page that came of the section that is walked; an index leads to lists and is none."""
    _first_meta: MetaColumns = field(default_factory=lambda: NOT_READ)
    """Its META tags."""
    _looked: bool = False
    """Every known page was asked for."""
    _matched: int = 0
    _whole: bool = True
    """Every listing was walked to its end: only then a row's absence means something."""

    async def crawl(self) -> RunStatus:
        """The whole run; returns the status to commit. Rows that were read before an early end are kept."""
        portal, run = self.run.portal, self.run
        try:
            if not portal.sections:
                raise RunEnded(portal.id, None, RunStatus.BROKEN, "the registry lists no section of this portal")
            status = await self._steps()
        except RunEnded as end:
            run.reasons.insert(0, end.cause if end.url is None else f"{end.url}: {end.cause}")
            status = end.status
        if status is not RunStatus.WRONG_SITE:
            looked = self._looked or (self.accept and self.memory.rewalk)
            if not settle_changes(run, looked=looked, accept=self.accept) and self.memory.sample is None:
                status = worst([status, RunStatus.PARTIAL])
            run.tonight.owe_the_rest()
        run.counts["not_modified"] = self.lane.not_modified
        return status

    async def _steps(self) -> RunStatus:
        run, tonight = self.run, self.run.tonight
        await self._robots()
        statuses = await self._sections()
        run.counts["missing"] = tonight.mark_seen(whole=self._whole)
        if self.memory.sample is None:
            tonight.add_owed(section.name for section in run.portal.sections)
        if self.memory.rewalk and not self._whole:
            tonight.add_unlisted()
        counts = tonight.counts()
        run.counts["known"] = counts.get(Due.KNOWN, 0) + counts.get(Due.RECHECK, 0)
        run.counts["rechecked"], run.counts["dead"] = counts.get(Due.RECHECK, 0), counts.get(Due.DEAD, 0)
        details = Details(run, self.lane, self._identify, self.publish, self.memory.sample)
        await details.read()
        if self.memory.sample is None and not await mark_removals(run, self.lane, whole=self._whole, accept=self.accept):
            statuses.append(RunStatus.PARTIAL)
        self._looked = self.memory.rewalk
        if self.links and self._first_list:
            await try_links(run, self.lane, self._first_list, self.links)
        return self._verdict(statuses, strange=details.strange)

    async def _robots(self) -> None:
        portal = self.run.portal
        url = urljoin(portal.base_url, "/robots.txt")
        try:
            answer = await self.lane.get(url, purpose="robots")
            robots = read_robots(answer.status, answer.payload, self.user_agent)
        except (LeadsAway, RedirectsForEver):
            robots = read_robots(404, b"", self.user_agent)  # no robots.txt of this host (RFC 9309, 2.3.1.2)
        except (NoAnswer, Forbidden) as error:
            raise RunEnded(portal.id, url, RunStatus.UNREACHABLE, error.cause) from error
        except FetchFailed as error:
            if error.status is None:  # too large, damaged: rules that nobody can read
                raise RunEnded(portal.id, url, RunStatus.BLOCKED, f"robots.txt cannot be read, so we stay away: {error.cause}") from error
            robots = read_robots(error.status, b"", self.user_agent)
        if robots is None:
            raise RunEnded(portal.id, url, RunStatus.BLOCKED, "robots.txt answers an error, which means: stay away (RFC 9309, 2.3.1.4)")
        if robots.asked_delay > robots.delay:
            self.run.tell(f"robots.txt asks for {robots.asked_delay:g} s between requests, we keep {robots.delay:g} s")
        self.lane.robots = robots
        self.slow_down(robots.delay)

    # lists

    async def _sections(self) -> list[RunStatus]:
        """Walk every section; a status each. Lists may use a part of each budget, which the sections share in order."""
        statuses, sections = [], self.run.portal.sections
        for number, section in enumerate(sections, 1):
            before, self._first_list, self._first_meta = self.run.entries.rows, None, NOT_READ
            found, status = await self._section(section, LISTS * number / len(sections))
            statuses.append(status)
            self._whole = self._whole and found.whole and status.is_whole
            self.run.sections.append(
                SectionOutcome(
                    portal_id=self.run.portal.id,
                    run_id=self.run.run_id,
                    section=section.name,
                    kind=section.kind.value,
                    since=section.since,
                    declared_total=found.declared_total,
                    rows_seen=self.run.entries.rows - before,
                    rows_known=found.known,
                    walked_whole=found.whole,
                    pages=found.pages,
                    complete=status in (RunStatus.COMPLETE, RunStatus.EMPTY),
                    findings=found.findings,
                    **_proof(self._first_list),
                    **self._first_meta,
                )
            )
            self.run.counts["declared"] += found.declared_total or 0
        return statuses

    async def _section(self, section: Section, part: float) -> tuple[Walk, RunStatus]:
        portal = self.run.portal
        begun = self.run.entries.rows
        walk = SectionWalk(portal, section, self._page, self.memory, partial(self._enter, section, begun), partial(self.lane.spent, part))
        try:
            await walk.walk()
        except LeadsAway as error:
            if not self.lane.answered:
                raise RunEnded(portal.id, error.url, RunStatus.WRONG_SITE, error.cause) from error
            status, cause = RunStatus.BROKEN, error.told
        except Forbidden as error:
            status, cause = RunStatus.BLOCKED, error.told
        except FetchFailed as error:
            status, cause = self._no_list(error), error.told
        except ForeignSite as error:
            raise RunEnded(portal.id, None, RunStatus.WRONG_SITE, str(error)) from error
        except UnreadableInput as error:  # NotThisLayout, SoftError, PastTheEnd on page one, or bytes that are no text
            status, cause = RunStatus.BROKEN, str(error)
        else:
            total = join(walk.walks)
            for trouble in total.trouble:
                self.run.tell(f"{section.name}: {trouble}")
            if total.trouble:
                return total, RunStatus.PARTIAL if total.rows else RunStatus.BROKEN
            return total, RunStatus.COMPLETE if total.rows else RunStatus.EMPTY
        self.run.tell(f"{section.name}: {cause}")
        return join(walk.walks), status

    def _no_list(self, error: FetchFailed) -> RunStatus:
        """A list's first page did not come: one section's trouble where the portal answers otherwise."""
        if error.status in (404, 410):
            return RunStatus.BROKEN  # the column has moved: the registry's entry is no longer right
        if self.lane.answered:
            return RunStatus.PARTIAL
        raise RunEnded(self.run.portal.id, error.url, RunStatus.UNREACHABLE, error.cause) from error

    async def _page(self, request: ListRequest) -> tuple[str, str]:
        """A list page's text and address; an index that serves several sections is asked for once."""
        if request.column is None:
            text, page = await self._text(request)
            if self._first_list is None:
                self._first_list, self._first_meta = page, self._meta(text, page.url)
            return text, page.url
        if request.url not in self._indexes:
            text, page = await self._text(request)
            self._indexes[request.url] = (text, page.url)
        return self._indexes[request.url]

    def _meta(self, text: str, url: str) -> MetaColumns:
        reading = read_conformance(text, "home" if is_front(url) else "column", self.run.portal.site_name)
        return reading.columns() if reading else NOT_READ

    async def _text(self, request: ListRequest) -> tuple[str, Exchange]:
        """A list page and its text, asked for conditionally where we have an earlier answer to the same GET."""
        url = request.url
        known = self.run.state.page(url) if request.body is None and not self.memory.rewalk else None
        check = believed(known.etag, known.last_modified, known.record, self.run.run_id, LIST_DAYS) if known else None
        page = await self.lane.get(url, check=check, purpose="list", body=request.body, headers=dict(request.headers))
        etag, modified = page.headers.get("etag"), page.headers.get("last-modified")
        if request.body is None and not page.not_modified:
            self.run.state.put_page(url, KnownPage(etag, modified, placed(page)) if etag or modified else None)
        text = decode(page.payload, page.charset).text
        self._identify(url, await read_aside(text, lambda: identity_of(text)))
        return text, page

    def _enter(self, section: Section, begun: int, rows: Sequence[Seen]) -> None:
        """Write down a section's rows, each once, and what is due of them. `begun`: rows of the sections before."""
        for seen, what in self.run.tonight.enter(section.name, rows, recheck=self.memory.rewalk):
            outbound = what is Due.OUTBOUND
            self.run.counts["outbound"] += outbound
            self.run.entries.add(
                ListEntry(
                    portal_id=self.run.portal.id,
                    run_id=self.run.run_id,
                    section=section.name,
                    position=self.run.entries.rows - begun,
                    page=seen.page,
                    url=seen.url,
                    notice_id=None if outbound else seen.notice_id,
                    title=seen.row.title,
                    date=seen.row.date,
                    doc_number=seen.row.doc_number,
                )
            )

    # verdict

    def _identify(self, url: str, page: Identity) -> bool:
        """Check that a page is the portal's own.

        The first page that names another body ends the run; after pages that matched, it is that page's trouble alone (a copied template).
        """
        foreign = identity_mismatch(self.run.portal, page)
        if foreign is None:
            self._matched += bool(page.code or page.name or page.domain)
            return True
        if not self._matched:
            raise RunEnded(self.run.portal.id, url, RunStatus.WRONG_SITE, foreign)
        self.run.fail(f"{url}: {foreign}")
        return False

    def _verdict(self, sections: list[RunStatus], *, strange: bool) -> RunStatus:
        """The gravest of the sections' words; an empty section beside a full one is no trouble. `strange`: of another layout."""
        run = self.run
        found: list[RunStatus] = [s for s in sections if s is not RunStatus.EMPTY] or [RunStatus.EMPTY]
        if not run.entries.rows and (known := run.state.count()):
            run.tell(f"nothing is listed, {known} notices were known")
            found.append(RunStatus.PARTIAL)
        if run.counts["failed"]:
            fetched = run.notices.rows + run.held_notices.rows
            found.append(RunStatus.BROKEN if strange and not fetched and not run.counts["known"] else RunStatus.PARTIAL)
        return worst(found)
