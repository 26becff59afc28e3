"""A notice's attachments: fetched with it, and looked at again whenever its page is, for a file may be replaced under its old name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from crawlers.article import instead_of_file
from crawlers.fetch import FetchFailed, Forbidden, Lane, LeadsAway, TooBig
from crawlers.notices import make_attachment, placed
from crawlers.own_url import own_url
from crawlers.removal import NOT_THERE
from crawlers.run import PortalRun
from crawlers.state import KnownFile
from crawlers.unstable import stable_url
from crawlers.validators import PAGE_DAYS, believed
from crawlers.warc import Exchange
from gongkai.errors import UnreadableInput
from gongkai.records.document import AttachmentLink
from gongkai.records.notice import Attachment, Notice

Links = tuple[AttachmentLink, ...]


@dataclass
class Fetched:
    """What came of a notice's attachments."""

    rows: list[Attachment] = field(default_factory=list)
    files: dict[str, KnownFile] = field(default_factory=dict)
    """By address, as the state keeps them."""
    passing: bool = False
    """One failed in a way that may pass, so that the notice is read again next time."""


@dataclass(frozen=True)
class Files:
    """One run's attachments."""

    run: PortalRun
    lane: Lane

    async def fetch(self, notice: Notice, links: Links) -> Fetched:
        """Fetch and archive all of them."""
        out = Fetched()
        for seq, link in enumerate(links):
            row, again = await self._one(notice, seq, link, out.files)
            out.rows.append(row)
            self.run.counts["attachments"] += row.status == "archived"
            out.passing = out.passing or again
        return out

    async def look_again(self, links: Links, known: dict[str, KnownFile]) -> dict[str, KnownFile]:
        """The files that were archived before, as they are now. One that does not come stays as it was: could not see is not changed."""
        now = dict(known)
        for link in links:
            before, url = known.get(stable_url(link.url)), own_url(self.run.portal, link.url)
            if before is None or url is None:
                continue
            try:
                page = await self._asked(url, before)
            except FetchFailed as error:
                if error.status not in NOT_THERE and not isinstance(error, TooBig | LeadsAway | Forbidden):
                    self.run.fail(error.told)
                continue
            if not page.not_modified and instead_of_file(page) is None:
                now[stable_url(link.url)] = _remembered(page)
        return now

    async def _asked(self, url: str, before: KnownFile) -> Exchange:
        check = believed(before.etag, before.last_modified, before.record, self.run.run_id, PAGE_DAYS) if before.has_validator else None
        try:
            return await self.lane.get(url, check=check, purpose="attachment")
        except UnreadableInput:  # the archived answer that a 304 confirms cannot be read
            return await self.lane.get(url, purpose="attachment")

    async def _one(self, notice: Notice, seq: int, link: AttachmentLink, files: dict[str, KnownFile]) -> tuple[Attachment, bool]:
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
        if stranger is None:
            files[stable_url(link.url)] = _remembered(page)
        return make_attachment(notice, seq, link, page, "failed" if stranger else "archived", stranger), False


def replaced(before: dict[str, KnownFile], now: dict[str, KnownFile]) -> list[str]:
    """What a version counts of the files that are no longer what they were."""
    return sorted(f"{url}\x1e{file.sha256}" for url, file in now.items() if url in before and before[url].sha256 != file.sha256)


def _remembered(page: Exchange) -> KnownFile:
    etag, modified = page.headers.get("etag"), page.headers.get("last-modified")
    return KnownFile(hashlib.sha256(page.payload).hexdigest(), etag, modified, placed(page))
