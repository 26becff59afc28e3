"""The pages of the notices that are due, and their attachments: fetched, read, remembered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crawlers.article import instead_of_file, read_article
from crawlers.blocking import Identity, RunEnded
from crawlers.fetch import FetchFailed, Forbidden, Lane, LeadsAway, TooBig, Validators
from crawlers.frontier import DEAD_AFTER, Due, Seen
from crawlers.notices import make_attachment, make_notice, placed
from crawlers.own_url import own_url
from crawlers.removal import NOT_THERE, restored
from crawlers.run import PortalRun
from crawlers.state import DeadRow, KnownNotice
from crawlers.tonight import Item
from crawlers.warc import Exchange
from gongkai.errors import UnreadableInput
from gongkai.identity import canonical_url
from gongkai.records.document import AttachmentLink
from gongkai.records.notice import Attachment, Notice
from transforms.pages.contract import NotThisLayout, SoftError


@dataclass
class Details:
    """One run's reading of what is due."""

    run: PortalRun
    lane: Lane
    identify: Callable[[str, Identity], bool]
    """Told the address of each page and whose it says it is; False where it is not the portal's own."""
    publish: Callable[[Notice], None]
    """Told every notice as it is read."""
    sample: int | None = None
    """Only so many of each section."""
    strange: bool = False
    """A page did not have the family's layout."""

    async def read(self) -> None:
        """Fetch what is due, as many at a time as the portal's manners allow. Raises RunEnded."""
        waiting = self.run.tonight.waiting() if self.sample is None else self._sampled(self.sample)
        ends: list[RunEnded] = []

        async def worker() -> None:
            for item in waiting:
                try:
                    await self._detail(item)
                except RunEnded as end:
                    ends.append(end)
                if ends:
                    return

        async with asyncio.TaskGroup() as group:
            for _ in range(self.run.portal.manners.concurrency):
                group.create_task(worker())
        if ends:
            raise ends[0]

    def _sampled(self, most: int) -> Iterator[Item]:
        """The first few of each section."""
        taken: Counter[str] = Counter()
        for item in self.run.tonight.waiting():
            taken[item.section] += 1
            if taken[item.section] <= most:
                yield item

    async def _detail(self, item: Item) -> None:
        seen, state = item.seen, self.run.state
        key = str(seen.notice_id)
        known = state.notice(key)
        check = Validators(known.etag, known.last_modified, known.record) if known and known.record and not known.retry else None
        try:
            page, encoding, fields = await read_article(self.lane, seen, self.run.portal.family_in(item.section), check)
        except LeadsAway:
            state.put_outbound(key)
            self.run.tonight.done(key)
            self.run.counts["outbound"] += 1
            return
        except FetchFailed as error:
            self._lost(key, seen, error.told, missing=error.status in NOT_THERE)
            return
        except NotThisLayout as error:
            self.strange = True
            self._owe(key, f"{seen.url}: {error}")
            return
        except UnreadableInput as error:  # an error page sent with 200, a list instead of the article, or bytes that are no text
            self._lost(key, seen, f"{seen.url}: {error}", missing=isinstance(error, SoftError))
            return
        state.drop("dead", key)
        domains = (fields.meta_tags or {}).get("sitedomain", ())
        if not self.identify(seen.url, Identity(fields.site_id_code, fields.site_name, next(iter(domains), None))):
            self.run.tonight.done(key, owed=True)
            return
        notice = make_notice(self.run.portal, self.run.run_id, item.section, seen, fields, page, encoding)
        changed = known is not None and known.version != notice.version
        passing = False
        if known is None or changed or known.retry:
            attachments, passing = await self._attachments(notice, _with_listed(fields.attachments, seen.row.attachments))
            (self.run.held_notices if changed else self.run.notices).add(notice)
            for attachment in attachments:
                (self.run.held_attachments if changed else self.run.attachments).add(attachment)
            self.run.counts[Due.CHANGED if known else Due.NEW] += 1
            self.publish(notice)
        memory = self._remembered(seen, notice, page, known, passing)
        self.run.tonight.done(key, owed=passing)
        if changed:
            self.run.tonight.hold(key, memory)
            return
        if known and known.gone:
            restored(self.run, key, known)
        state.put_notice(key, memory)

    def _remembered(self, seen: Seen, notice: Notice, page: Exchange, known: KnownNotice | None, retry: bool) -> KnownNotice:
        etag, modified = page.headers.get("etag"), page.headers.get("last-modified")
        kept = known.record if known and page.not_modified else placed(page)
        return KnownNotice(
            url=seen.url,
            title=seen.row.title,
            date=seen.row.date.isoformat() if seen.row.date else None,
            doc_number=seen.row.doc_number,
            validity=seen.row.validity,
            version=notice.version,
            section=notice.section,
            first_seen=known.first_seen if known else self.run.run_id,
            last_seen=self.run.run_id,
            checked=self.run.run_id,
            retry=retry,
            etag=etag,
            last_modified=modified,
            record=kept if etag or modified else None,
        )

    def _lost(self, key: str, seen: Seen, cause: str, *, missing: bool) -> None:
        """A detail that could not be read; one whose page is not there again and again is a dead link, a fact about the source."""
        state = self.run.state
        if missing and state.notice(key) is None:
            row = state.dead(key)
            row = DeadRow(seen.url, row.since if row else self.run.run_id, row.tries + 1 if row else 1)
            state.put_dead(key, row)
            if row.tries >= DEAD_AFTER:
                self.run.tonight.done(key)
                self.run.counts["dead"] += 1
                self.run.tell(f"{cause} (since {row.since}: a dead link)")
                return
        self._owe(key, cause)

    def _owe(self, key: str, cause: str) -> None:
        self.run.tonight.done(key, owed=True)
        self.run.fail(cause)

    async def _attachments(self, notice: Notice, links: tuple[AttachmentLink, ...]) -> tuple[list[Attachment], bool]:
        """Fetch and archive; True where one failed in a way that may pass, so that the notice is read again next time."""
        items, passing = [], False
        for seq, link in enumerate(links):
            item, again = await self._attachment(notice, seq, link)
            items.append(item)
            self.run.counts["attachments"] += item.status == "archived"
            passing = passing or again
        return items, passing

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
                self.run.fail(error.told)
            return make_attachment(notice, seq, link, None, "failed", error.cause), error.passing and not gone
        stranger = instead_of_file(page)
        return make_attachment(notice, seq, link, page, "failed" if stranger else "archived", stranger), False


def _with_listed(linked: tuple[AttachmentLink, ...], listed: tuple[AttachmentLink, ...]) -> tuple[AttachmentLink, ...]:
    """The page's attachments, and those that only its list names. The latter make no new version: a re-walk may not see the row."""
    there = {canonical_url(link.url) for link in linked}
    return (*linked, *(link for link in listed if canonical_url(link.url) not in there))
