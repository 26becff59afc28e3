"""One portal's crawl as a straight line: robots → sections → list pages → what is due → attachments → verdict."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

from crawlers.blocking import RunEnded, identity_mismatch, identity_of
from crawlers.fetch import FetchFailed, Forbidden, Lane, LeadsAway, TooBig, Validators
from crawlers.frontier import DEAD_AFTER, Due, Seen, due, mark_seen
from crawlers.guard import own_url
from crawlers.listing import Walk, join, walk_section
from crawlers.manners import read_robots
from crawlers.memory import Memory
from crawlers.notices import make_attachment, make_notice, placed
from crawlers.removal import NOT_THERE, mark_removals, restored, withhold_mass_change
from crawlers.run import PortalRun
from crawlers.state import DeadRow, KnownNotice, KnownPage
from crawlers.warc import Exchange
from gongkai.errors import UnreadableInput
from gongkai.records.document import AttachmentLink
from gongkai.records.notice import Attachment, ListEntry, Notice, SectionOutcome
from gongkai.registry import Section
from gongkai.status import RunStatus, worst
from transforms.decode import decode
from transforms.pages import read_notice
from transforms.pages.contract import ForeignSite, JumpsTo, ListRequest, NotThisLayout, PageFields, SoftError

_ASKED = (Due.NEW, Due.CHANGED, Due.RECHECK)


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
    _before: dict[str, KnownNotice] = field(default_factory=dict)
    """Memory of the notices whose new version this run read."""
    _indexes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Index pages that serve several sections, by address."""
    _matched: int = 0
    _whole: bool = True
    """Every listing was walked to its end: only then a row's absence means something."""
    _strange: list[str] = field(default_factory=list)
    """Details that did not have the family's layout."""

    async def crawl(self) -> RunStatus:
        """The whole run; returns the status to commit. Rows that were read before an early end are kept."""
        portal = self.run.portal
        try:
            if not portal.sections:
                raise RunEnded(portal.id, None, RunStatus.BROKEN, "the registry lists no section of this portal")
            await self._robots()
            listed, statuses = await self._sections()
            await self._details(listed)
            if self._whole and not await mark_removals(self.run, self.lane, accept=self.accept):
                statuses.append(RunStatus.PARTIAL)
            if withhold_mass_change(self.run, self._before, accept=self.accept):
                statuses.append(RunStatus.PARTIAL)
        except RunEnded as end:
            self.run.reasons.insert(0, end.cause if end.url is None else f"{end.url}: {end.cause}")
            return end.status
        finally:
            self.run.counts["not_modified"] = self.lane.not_modified
            self.run.counts["removed"] = sum(r.cause != "restored" for r in self.run.removals)
        return self._verdict(statuses)

    async def _robots(self) -> None:
        portal = self.run.portal
        url = urljoin(portal.base_url, "/robots.txt")
        try:
            answer = await self.lane.get(url, purpose="robots")
            robots = read_robots(answer.status, answer.payload, self.user_agent)
        except LeadsAway:
            robots = read_robots(404, b"", self.user_agent)  # no robots.txt of this host
        except FetchFailed as error:
            if error.status is None:
                raise RunEnded(portal.id, url, RunStatus.UNREACHABLE, error.cause) from error
            robots = read_robots(error.status, b"", self.user_agent)
        if robots is None:
            raise RunEnded(
                portal.id, url, RunStatus.BLOCKED, "robots.txt answers a server error, which means: stay away (RFC 9309, 2.3.1.4)"
            )
        self.lane.robots = robots
        self.slow_down(robots.delay)

    # lists

    async def _sections(self) -> tuple[dict[str, tuple[Section, Seen]], list[RunStatus]]:
        """Walk every section. Returns the rows by notice, under the first section that shows them, and a status a section."""
        listed: dict[str, tuple[Section, Seen]] = {}
        statuses = []
        for section in self.run.portal.sections:
            found, status = await self._section(section)
            statuses.append(status)
            self._whole = self._whole and found.whole and status.is_whole
            for position, seen in enumerate(found.rows):
                self.run.entries.append(self._entry(section, position, seen))
                if seen.notice_id:
                    listed.setdefault(seen.notice_id, (section, seen))
            self.run.sections.append(
                SectionOutcome(
                    portal_id=self.run.portal.id,
                    run_id=self.run.run_id,
                    section=section.name,
                    kind=section.kind.value,
                    since=section.since,
                    declared_total=found.declared_total,
                    rows_seen=len(found.rows),
                    rows_known=found.known,
                    walked_whole=found.whole,
                    pages=found.pages,
                    complete=status in (RunStatus.COMPLETE, RunStatus.EMPTY),
                )
            )
            self.run.counts["declared"] += found.declared_total or 0
        self.run.counts["missing"] = mark_seen(self.run.state.notices, listed, self.run.run_id, complete=self._whole)
        return listed, statuses

    async def _section(self, section: Section) -> tuple[Walk, RunStatus]:
        portal, walks = self.run.portal, list[Walk]()
        try:
            await walk_section(portal, section, self._page, self.memory, walks)
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
            total = join(walks)
            self.run.reasons += [f"{section.name}: {t}" for t in total.trouble]
            if total.trouble:
                return total, RunStatus.PARTIAL if total.rows else RunStatus.BROKEN
            return total, RunStatus.COMPLETE if total.rows else RunStatus.EMPTY
        self.run.reasons.append(f"{section.name}: {cause}")
        return join(walks), status

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
            return await self._text(request)
        if request.url not in self._indexes:
            self._indexes[request.url] = await self._text(request)
        return self._indexes[request.url]

    async def _text(self, request: ListRequest) -> tuple[str, str]:
        """A list page's text and address, asked for conditionally where we have an earlier answer to the same GET."""
        url = request.url
        known = self.run.state.pages.get(url) if request.body is None else None
        check = Validators(known.etag, known.last_modified, known.record) if known else None
        page = await self.lane.get(url, check=check, purpose="list", body=request.body, headers=dict(request.headers))
        etag, modified = page.headers.get("etag"), page.headers.get("last-modified")
        if request.body is None and not page.not_modified:
            self.run.state.pages.pop(url, None)
            if etag or modified:
                self.run.state.pages[url] = KnownPage(etag, modified, placed(page))
        text = decode(page.payload, page.charset).text
        self._identify(url, *identity_of(text))
        return text, page.url

    def _entry(self, section: Section, position: int, seen: Seen) -> ListEntry:
        outbound = due(seen, self.run.state) is Due.OUTBOUND
        return ListEntry(
            portal_id=self.run.portal.id,
            run_id=self.run.run_id,
            section=section.name,
            position=position,
            page=seen.page,
            url=seen.url,
            notice_id=None if outbound else seen.notice_id,
            title=seen.row.title,
            date=seen.row.date,
            doc_number=seen.row.doc_number,
        )

    # details

    async def _details(self, listed: dict[str, tuple[Section, Seen]]) -> None:
        """Fetch what is due, as many at a time as the portal's manners allow."""
        decisions = {key: due(seen, self.run.state, recheck=self.memory.rewalk) for key, (_, seen) in listed.items()}
        self.run.counts["known"] = sum(d in (Due.KNOWN, Due.RECHECK) for d in decisions.values())
        self.run.counts["rechecked"] = sum(d is Due.RECHECK for d in decisions.values())
        self.run.counts["dead"] = sum(d is Due.DEAD for d in decisions.values())
        self.run.counts["outbound"] = sum(entry.notice_id is None for entry in self.run.entries)
        waiting = iter([(*listed[key], decision) for key, decision in decisions.items() if decision in _ASKED])
        waiting = self._sampled(waiting) if self.memory.sample is not None else waiting

        ends: list[RunEnded] = []

        async def worker() -> None:
            for section, seen, decision in waiting:
                try:
                    await self._detail(section, seen, decision)
                except RunEnded as end:
                    ends.append(end)
                if ends:
                    return

        async with asyncio.TaskGroup() as group:
            for _ in range(self.run.portal.manners.concurrency):
                group.create_task(worker())
        if ends:
            raise ends[0]

    def _sampled(self, waiting: Iterator[tuple[Section, Seen, Due]]) -> Iterator[tuple[Section, Seen, Due]]:
        """The first few of each section."""
        taken: Counter[str] = Counter()
        for item in waiting:
            taken[item[0].name] += 1
            if taken[item[0].name] <= (self.memory.sample or 0):
                yield item

    async def _detail(self, section: Section, seen: Seen, decision: Due) -> None:
        key = str(seen.notice_id)
        known = self.run.state.notices.get(key)
        check = Validators(known.etag, known.last_modified, known.record) if known and known.record and not known.retry else None
        try:
            page, encoding, fields = await self._opened(seen.url, check, self.run.portal.family_in(section.name))
        except LeadsAway:
            self.run.state.outbound.add(key)
            self.run.counts["outbound"] += 1
            return
        except FetchFailed as error:
            self._lost(key, seen, error.told, missing=error.status in NOT_THERE)
            return
        except NotThisLayout as error:
            self._strange.append(seen.url)
            self._failed(f"{seen.url}: {error}")
            return
        except UnreadableInput as error:  # an error page sent with 200, or bytes that are no text
            self._lost(key, seen, f"{seen.url}: {error}", missing=isinstance(error, SoftError))
            return
        self.run.state.dead.pop(key, None)
        if not self._identify(seen.url, fields.site_id_code, fields.site_name):
            return
        notice = make_notice(self.run.portal, self.run.run_id, section.name, seen, fields, page, encoding)
        passing = False
        if known is None or known.version != notice.version or known.retry:
            passing = await self._attachments(notice, fields.attachments)
            self.run.notices.append(notice)
            self.run.counts[Due.CHANGED if known else Due.NEW] += 1
            self.publish(notice)
            if known and known.version != notice.version:
                self._before[key] = known
        if known and known.gone:
            restored(self.run, key, known)
        self.run.state.notices[key] = self._remember(seen, notice, page, known, passing)

    async def _opened(self, url: str, check: Validators | None, family: str) -> tuple[Exchange, str, PageFields]:
        """A detail page, its encoding and what it says; behind a page that only jumps within the portal, the one it jumps to, once.

        Raises LeadsAway for a jump to another host, and what fetching and reading raise.
        """
        page = await self.lane.get(url, check=check, purpose="detail")
        text = decode(page.payload, page.charset)
        try:
            return page, text.encoding, read_notice(text.text, page.url, family)
        except JumpsTo as jump:
            own = own_url(self.run.portal, jump.target)
            if own is None:
                raise LeadsAway(self.run.portal.id, url, f"{jump}, on another host") from jump
        page = await self.lane.get(own, purpose="detail")
        text = decode(page.payload, page.charset)
        # The next conditional request goes to the page that jumps: this one's validators say nothing about it.
        page = replace(page, headers={name: value for name, value in page.headers.items() if name not in ("etag", "last-modified")})
        return page, text.encoding, read_notice(text.text, page.url, family)

    def _remember(self, seen: Seen, notice: Notice, page: Exchange, known: KnownNotice | None, retry: bool) -> KnownNotice:
        etag, modified = page.headers.get("etag"), page.headers.get("last-modified")
        kept = known.record if known and page.not_modified else placed(page)
        return KnownNotice(
            url=seen.url,
            title=seen.row.title,
            date=seen.row.date.isoformat() if seen.row.date else None,
            doc_number=seen.row.doc_number,
            version=notice.version,
            first_seen=known.first_seen if known else self.run.run_id,
            last_seen=self.run.run_id,
            retry=retry,
            etag=etag,
            last_modified=modified,
            record=kept if etag or modified else None,
        )

    def _lost(self, key: str, seen: Seen, cause: str, *, missing: bool) -> None:
        """A detail that could not be read; one whose page is not there again and again is a dead link, a fact about the source."""
        row = self.run.state.dead.get(key)
        if missing and key not in self.run.state.notices:
            row = self.run.state.dead[key] = DeadRow(seen.url, row.since if row else self.run.run_id, row.tries + 1 if row else 1)
            if row.tries >= DEAD_AFTER:
                self.run.counts["dead"] += 1
                self.run.reasons.append(f"{cause} (since {row.since}: a dead link)")
                return
        self._failed(cause)

    def _failed(self, cause: str) -> None:
        self.run.counts["failed"] += 1
        self.run.reasons.append(cause)

    async def _attachments(self, notice: Notice, links: tuple[AttachmentLink, ...]) -> bool:
        """Fetch and archive; True where one failed in a way that may pass, so that the notice is read again next time."""
        passing = False
        for seq, link in enumerate(links):
            item, again = await self._attachment(notice, seq, link)
            self.run.attachments.append(item)
            self.run.counts["attachments"] += item.status == "archived"
            passing = passing or again
        return passing

    async def _attachment(self, notice: Notice, seq: int, link: AttachmentLink) -> tuple[Attachment, bool]:
        url = own_url(self.run.portal, link.url)
        if url is None:
            return make_attachment(notice, seq, link, None, "refused", "on another host"), False
        try:
            page = await self.lane.get(url, purpose="attachment")
        except TooBig as error:
            return make_attachment(notice, seq, link, None, "too_large", error.cause), False
        except (LeadsAway, Forbidden) as error:
            return make_attachment(notice, seq, link, None, "refused", error.cause), False
        except FetchFailed as error:
            gone = error.status in NOT_THERE  # a fact about the source, not about this run
            if not gone:
                self._failed(error.told)
            return make_attachment(notice, seq, link, None, "failed", error.cause), error.passing and not gone
        return make_attachment(notice, seq, link, page, "archived", None), False

    # verdict

    def _identify(self, url: str, code: str | None, name: str | None) -> bool:
        """Check that a page is the portal's own.

        The first page that names another body ends the run; after pages that matched, it is that page's trouble alone (a copied template).
        """
        foreign = identity_mismatch(self.run.portal, code, name)
        if foreign is None:
            self._matched += bool(code or name)
            return True
        if not self._matched:
            raise RunEnded(self.run.portal.id, url, RunStatus.WRONG_SITE, foreign)
        self._failed(f"{url}: {foreign}")
        return False

    def _verdict(self, sections: list[RunStatus]) -> RunStatus:
        """The gravest of the sections' words; an empty section beside a full one is no trouble."""
        found: list[RunStatus] = [s for s in sections if s is not RunStatus.EMPTY] or [RunStatus.EMPTY]
        if not self.run.entries and self.run.state.notices:
            self.run.reasons.append(f"nothing is listed, {len(self.run.state.notices)} notices were known")
            found.append(RunStatus.PARTIAL)
        if self.run.counts["failed"]:
            fetched = len(self.run.notices)
            found.append(RunStatus.BROKEN if self._strange and not fetched and not self.run.counts["known"] else RunStatus.PARTIAL)
        return worst(found)
