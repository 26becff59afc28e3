"""What the walk over a listing may take for granted: where it stops early, and what it is remembered by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from crawlers.frontier import DEAD_AFTER, Due, Seen, due
from crawlers.state import KnownListing, PortalState
from gongkai.layout import run_day
from transforms.pages.contract import ListRequest


@dataclass(frozen=True)
class Memory:
    """A portal's listings as they are remembered, and how old a memory may be."""

    state: PortalState
    run_id: str
    whole_after: int
    """Days after which a listing is walked whole again, whatever its first page shows."""
    rewalk: bool = False
    """Walk everything whole and ask every known page again: the run that finds edits and removals."""
    sample: int | None = None
    """Only page one of each listing, and so many notices of each section: a look, not a crawl."""

    def recall(self, request: ListRequest) -> KnownListing | None:
        """The listing that starts with `request`; None where it must be walked whole: unknown, too old, or with rows still owed."""
        listing = self.state.listings.get(_name(request))
        if listing is None or self.rewalk or run_day(self.run_id) - run_day(listing.walked) >= timedelta(days=self.whole_after):
            return None
        return None if any(self._owed(key) for key in listing.keys) else listing

    def _owed(self, key: str) -> bool:
        """Whether a row's page still has to be read; rows of other hosts are known by their address and never read."""
        notice, dead = self.state.notices.get(key), self.state.dead.get(key)
        if notice:
            return notice.retry
        return "/" not in key and key not in self.state.outbound and not (dead and dead.tries >= DEAD_AFTER)

    def settled(self, seen: Seen, listing: KnownListing) -> bool:
        """Whether a row is known, unchanged and older than the walk that found it: rows behind it are, too, but for pinned ones."""
        if seen.key not in listing.keys or due(seen, self.state) not in (Due.KNOWN, Due.OUTBOUND, Due.DEAD):
            return False
        return seen.row.date is None or seen.row.date < run_day(listing.walked)

    def remember(self, request: ListRequest, keys: set[str], declared: int | None, *, whole: bool) -> None:
        """Note what a walk without trouble showed; one that stopped early adds to what was known."""
        before = self.state.listings.get(_name(request))
        if whole or before is None:
            self.state.listings[_name(request)] = KnownListing(self.run_id, keys, declared)
        else:
            before.keys |= keys
            before.declared = declared


def _name(request: ListRequest) -> str:
    return request.url if request.body is None else f"{request.url} {request.body}"
