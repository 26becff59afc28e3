"""The attachments of one notice: fetched, archived, and told apart from those that lay under the same names before.

A file that is replaced under its name leaves the page as it was: whoever asks a known page again asks for its files again, too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from crawlers.article import instead_of_file
from crawlers.fetch import FetchFailed, Forbidden, Lane, LeadsAway, TooBig, Validators
from crawlers.notices import make_attachment, placed
from crawlers.own_url import own_url
from crawlers.removal import NOT_THERE
from crawlers.run import PortalRun
from crawlers.state import KnownNotice, KnownPage
from crawlers.warc import Exchange
from gongkai.errors import UnreadableInput
from gongkai.identity import canonical_url, digest
from gongkai.records.document import AttachmentLink
from gongkai.records.notice import Attachment, Notice


@dataclass
class Enclosed:
    """What became of the attachments, in the page's order."""

    before: dict[str, str]
    """Address → digest of the file as it was archived last."""
    rows: list[Attachment] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    """The same of now; of one that could not be fetched, as before."""
    passing: bool = False
    """One failed in a way that may pass."""

    @property
    def replaced(self) -> bool:
        """Another file lies under an address that was archived before."""
        return any(self.before.get(url, now) != now for url, now in self.files.items())

    def version(self, said: str) -> str:
        """Version of the notice, whose page says `said`, with these files."""
        return digest(said, *(f"{url}\x1e{now}" for url, now in sorted(self.files.items())))


async def fetch_enclosed(
    run: PortalRun, lane: Lane, notice: Notice, links: tuple[AttachmentLink, ...], known: KnownNotice | None
) -> Enclosed:
    """Fetch and archive; those of a known notice conditionally, unless the last time left something owed. Raises RunEnded."""
    enclosed = Enclosed(dict(known.files or {}) if known else {})
    for seq, link in enumerate(links):
        url = own_url(run.portal, link.url)
        if url is None:
            enclosed.rows.append(make_attachment(notice, seq, link, None, "refused", "on another host"))
            continue
        key = canonical_url(url)
        if key in enclosed.before:
            enclosed.files[key] = enclosed.before[key]
        try:
            page = await _ask(run, lane, url, conditionally=known is not None and not known.retry)
        except TooBig as error:
            row = make_attachment(notice, seq, link, None, "too_large", error.cause)
        except (LeadsAway, Forbidden) as error:
            row = make_attachment(notice, seq, link, None, "refused", error.cause)
        except FetchFailed as error:
            gone = error.status in NOT_THERE  # a fact about the source, not about this run
            if not gone:
                run.fail(error.told)
            row = make_attachment(notice, seq, link, None, "failed", error.cause)
            enclosed.passing |= error.passing and not gone
        else:
            stranger = instead_of_file(page)
            row = make_attachment(notice, seq, link, page, "failed" if stranger else "archived", stranger)
            if not stranger:
                enclosed.files[key] = hashlib.sha256(page.payload).hexdigest()[:20]
        enclosed.rows.append(row)
    return enclosed


async def _ask(run: PortalRun, lane: Lane, url: str, *, conditionally: bool) -> Exchange:
    known = run.state.page(url) if conditionally else None
    check = Validators(known.etag, known.last_modified, known.record) if known else None
    try:
        page = await lane.get(url, check=check, purpose="attachment")
    except FetchFailed:
        raise
    except UnreadableInput:  # a 304 that confirms what our archive cannot give back
        page = await lane.get(url, purpose="attachment")
    if not page.not_modified:
        etag, modified = page.headers.get("etag"), page.headers.get("last-modified")
        run.state.put_page(url, KnownPage(etag, modified, placed(page)) if etag or modified else None)
    return page
