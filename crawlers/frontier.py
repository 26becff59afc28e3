"""What is due: pure decisions from a listing's rows and what we know. The crawl never stops at the first known row (置顶 rows)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from crawlers.guard import own_url
from crawlers.state import KnownNotice, PortalState
from gongkai.identity import canonical_url, notice_id
from gongkai.registry import Portal
from transforms.pages.contract import ListRow

DEAD_AFTER = 3
"""Runs in a row after which a row whose page is not there is asked again only by a re-walk."""


class Due(StrEnum):
    """What a row asks of the crawl."""

    NEW = "new"
    CHANGED = "changed"  # the list's title, date or number differs, or an attachment is still owed
    KNOWN = "known"
    RECHECK = "recheck"  # known, and asked again because this run looks for edits
    DEAD = "dead"  # its page was not there, several runs in a row
    OUTBOUND = "outbound"  # another host: kept as a reference, not fetched


@dataclass(frozen=True, slots=True)
class Seen:
    """A row with its identity. `notice_id` is None for an outbound row; `key` tells rows of one listing apart."""

    row: ListRow
    url: str
    notice_id: str | None
    page: int

    @property
    def key(self) -> str:
        return self.notice_id or canonical_url(self.url)


def identify(portal: Portal, row: ListRow, page: int) -> Seen:
    """The row under our key, its address in the portal's own transport."""
    own = own_url(portal, row.url)
    if own is None:
        return Seen(row, row.url, None, page)
    return Seen(row, own, notice_id(portal.id, row.native_id, own), page)


def due(seen: Seen, state: PortalState, *, recheck: bool = False) -> Due:
    """Compare what the list says now with what it said when the page was read. `recheck` asks known and dead pages again."""
    if seen.notice_id is None or seen.notice_id in state.outbound:
        return Due.OUTBOUND
    before = state.notices.get(seen.notice_id)
    if before is None:
        dead = state.dead.get(seen.notice_id)
        return Due.DEAD if dead and dead.tries >= DEAD_AFTER and not recheck else Due.NEW
    now = (seen.row.title, seen.row.date.isoformat() if seen.row.date else None, seen.row.doc_number)
    if now != (before.title, before.date, before.doc_number) or before.retry or before.gone:
        return Due.CHANGED
    return Due.RECHECK if recheck else Due.KNOWN


def mark_seen(known: Mapping[str, KnownNotice], listed: Iterable[str], run_id: str, *, complete: bool) -> int:
    """Note which known notices this run's listing showed; the number missing from it.

    Only a complete listing counts a miss: a short one is no sign of a removal.
    """
    shown = set(listed)
    missing = 0
    for key, notice in known.items():
        if key in shown:
            notice.last_seen, notice.missed = run_id, 0
        else:
            missing += 1
            notice.missed += complete
    return missing
