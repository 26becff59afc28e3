"""What a crawl writes: rows of a listing, notices, attachments, sections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class ListEntry:
    """One row seen in a section's listing during one run; the evidence for completeness and for removals."""

    portal_id: str
    run_id: str
    section: str
    position: int
    """Order in the section's listing, 0-based, over all pages."""
    page: int
    url: str
    notice_id: str | None
    """None for an outbound link (another host), which is kept as a reference and not fetched."""
    title: str
    date: date | None
    doc_number: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SectionOutcome:
    """What one section's listing declared and showed in one run."""

    portal_id: str
    run_id: str
    section: str
    kind: str
    since: int | None
    declared_total: int | None
    rows_seen: int
    rows_known: int
    """Rows the listing holds as far as we know: those seen, and those an early stop left unread."""
    walked_whole: bool
    """False where the walk stopped at a page of known rows (design.md 4.2)."""
    pages: int
    complete: bool
    findings: list[str]
    """What is wrong with the lists themselves, as `RULE: message` (L-TOTAL: the declared total is below the rows that are there)."""
    list_url: str | None = None
    """Where the first page of the listing came from; with the three below the proof of what it showed. None where no page came."""
    list_seen_at: datetime | None = None
    list_warc_file: str | None = None
    list_warc_offset: int | None = None
    meta_required: int | None = None
    """META tags that such a page must carry; None where that page is a service's answer, or none came."""
    meta_missing: list[str] | None = None
    """Those of them that it does not carry,"""
    meta_dirty: list[str] | None = None
    """or that say nothing there (transforms/pages/meta_conformance.py)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One published item (信息条目) in the version that was fetched in `run_id`."""

    portal_id: str
    run_id: str
    notice_id: str
    """Surrogate from (portal_id, native id or canonical URL); see gongkai/identity.py."""
    version: str
    """Hash of the normalised text, title, date and attachment list: counters and build times make no new version."""
    section: str
    native_id: str | None
    url: str
    canonical_url: str
    title: str
    list_title: str
    list_date: date | None
    published_at: str | None
    doc_number: str | None
    index_number: str | None
    source: str | None
    validity: Literal["in_force", "expired", "abolished"] | None
    content_type: str
    encoding: str
    fetched_at: datetime
    warc_file: str
    """File name inside the run's raw folder."""
    warc_offset: int
    payload_digest: str
    """sha256 of the payload as received."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """One attachment (附件) of a notice."""

    portal_id: str
    run_id: str
    notice_id: str
    version: str
    seq: int
    name: str
    url: str
    status: Literal["archived", "failed", "too_large", "refused"]
    reason: str | None
    content_type: str | None
    size: int | None
    warc_file: str | None
    warc_offset: int | None
    payload_digest: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """A notice that is no longer published (下线), or is again. The notice itself is kept."""

    portal_id: str
    run_id: str
    notice_id: str
    url: str
    title: str
    cause: Literal["http_404", "http_410", "soft_404", "redirected", "delisted", "restored"]
    """What its own address answered; `delisted`: still there, but in no listing; `restored`: back."""
    missed: int
    """Whole walks in a row that did not show it."""
    last_seen: str
    """Run id."""
    warc_file: str | None
    warc_offset: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkVisit:
    """One link of a home page, as a daily visit tried it."""

    portal_id: str
    run_id: str
    position: int
    """Order in which the visit tried its links, 0-based."""
    url: str
    outcome: Literal["answers", "gone", "error_page", "failed", "silent", "refused", "leads_away", "too_large", "unlinked"]
    """`gone`: 404 or 410; `error_page`: an error text sent with 200; `failed`: another error; `refused`: a challenge, a firewall or
    robots.txt; `unlinked`: it did not answer well before and the home page no longer has it, so it was not asked."""
    http_status: int | None
    cause: str | None
    drawn: bool
    """By the day's lot; False where it was asked again because it had not answered well."""
    page_links: int
    """Links to the portal's own pages that the home page had."""
    warc_file: str | None
    warc_offset: int | None
