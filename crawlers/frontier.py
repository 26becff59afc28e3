"""What is due: pure decisions from a listing's rows and what we know. The crawl never stops at the first known row (置顶 rows)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from crawlers.own_url import own_url
from crawlers.state import KnownNotice, PortalState
from gongkai.identity import canonical_url, notice_id
from gongkai.records.document import AttachmentLink
from gongkai.registry import Portal
from transforms.pages.contract import ListRow

_OF_ROW = [f.name for f in fields(ListRow)]
DEAD_AFTER = 3
"""Runs in a row after which a row whose page is not there is asked again only by a re-walk."""


class Due(StrEnum):
    """What a row asks of the crawl."""

    NEW = "new"
    CHANGED = "changed"  # the list's title, date, number or validity differs, or an attachment is still owed
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

    def packed(self) -> dict[str, Any]:
        """As JSON can hold it."""
        row = {name: value for name in _OF_ROW if (value := getattr(self.row, name)) not in (None, False, ())}
        row |= {"date": self.row.date.isoformat()} if self.row.date else {}
        row |= {"attachments": [[link.name, link.url] for link in self.row.attachments]} if self.row.attachments else {}
        return {"row": row, "url": self.url, "page": self.page}


def unpacked(notice_id: str, packed: dict[str, Any]) -> Seen:
    """The row that `Seen.packed` kept."""
    row = packed["row"]
    day = date.fromisoformat(row["date"]) if "date" in row else None
    links = tuple(AttachmentLink(name=name, url=url) for name, url in row.get("attachments", ()))
    return Seen(ListRow(**{**row, "date": day, "attachments": links}), packed["url"], notice_id, packed["page"])


def as_listed(key: str, notice: KnownNotice) -> Seen:
    """A known notice as the row that its list last showed."""
    day = date.fromisoformat(notice.date) if notice.date else None
    row = ListRow(title=notice.title, url=notice.url, date=day, doc_number=notice.doc_number, validity=notice.validity)
    return Seen(row, notice.url, key, 0)


def identify(portal: Portal, row: ListRow, page: int) -> Seen:
    """The row under our key, its address in the portal's own transport."""
    own = own_url(portal, row.url)
    if own is None:
        return Seen(row, row.url, None, page)
    return Seen(row, own, notice_id(portal.id, row.native_id, own), page)


def due(seen: Seen, state: PortalState, *, recheck: bool = False) -> Due:
    """Compare what the list says now with what it said when the page was read. `recheck` asks known and dead pages again."""
    if seen.notice_id is None or state.is_outbound(seen.notice_id):
        return Due.OUTBOUND
    before = state.notice(seen.notice_id)
    if before is None:
        dead = state.dead(seen.notice_id)
        return Due.DEAD if dead and dead.tries >= DEAD_AFTER and not recheck else Due.NEW
    row = seen.row
    now = (row.title, row.date.isoformat() if row.date else None, row.doc_number, row.validity)
    if now != (before.title, before.date, before.doc_number, before.validity) or before.retry or before.gone:
        return Due.CHANGED
    return Due.RECHECK if recheck else Due.KNOWN
