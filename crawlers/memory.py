"""What the walk over a listing may take for granted: where it stops early, where it goes on, and what it is remembered by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from crawlers.frontier import Due, Seen, due
from crawlers.state import KnownListing, PortalState, Resume
from crawlers.tonight import Tonight
from gongkai.identity import digest
from gongkai.layout import run_day
from transforms.pages.contract import ListRequest


@dataclass(frozen=True)
class Memory:
    """A portal's listings as they are remembered, and how old a memory may be."""

    state: PortalState
    tonight: Tonight
    whole_after: int
    """Days after which a listing is walked whole again, whatever its first page shows."""
    rewalk: bool = False
    """Walk everything whole and ask every known page again: the run that finds edits and removals."""
    sample: int | None = None
    """Only page one of each listing, and so many notices of each section: a look, not a crawl."""

    def recall(self, request: ListRequest) -> KnownListing | None:
        """The listing that starts with `request`; None where it must be walked whole: unknown or too old.

        A walk that waits to go on is never too old: a listing larger than some nights' budgets would not come to its end.
        """
        listing = self.state.listing(listing_name(request))
        if listing is None or self.rewalk:
            return None
        age = run_day(self.state.run_id) - run_day(listing.walked)
        return listing if listing.resume or age < timedelta(days=self.whole_after) else None

    def settled(self, seen: Seen, name: str, listing: KnownListing) -> bool:
        """Whether a row is older than the walk that found it, and known and unchanged or already owed by an earlier run.

        Rows behind it are, too, but for pinned ones.
        """
        if not self.state.in_listing(name, seen.key):
            return False
        if due(seen, self.state) not in (Due.KNOWN, Due.OUTBOUND, Due.DEAD) and self.state.fact("owed", seen.key) is None:
            return False
        return seen.row.date is None or seen.row.date < run_day(listing.walked)

    def remember(self, request: ListRequest, declared: int | None, *, walked: str | None, resume: Resume | None, since: str | None) -> None:
        """Note what a walk without trouble showed.

        `walked` is the run that read the listing from page one on; None where this walk stopped early, which adds to what was known.
        `since`: rows that no run from then on saw there are no longer the listing's; None where that cannot be said.
        """
        name = listing_name(request)
        before = self.state.listing(name)
        self.tonight.remember_shown(name)
        if since is not None:
            self.state.change("unlisted", name, since)
        walked = walked or (before.walked if before else self.state.run_id)
        self.state.put_listing(name, KnownListing(walked, declared, resume))

    def forget(self, request: ListRequest) -> None:
        """The walk could not go on where the last one ended: the next one is whole again."""
        self.state.drop("listing", listing_name(request))


def listing_name(request: ListRequest) -> str:
    """A listing's key in the state."""
    return digest(request.url, request.body or "", length=12)
