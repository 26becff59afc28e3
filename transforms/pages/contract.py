"""What every CMS family gives: a reading of a list page and a reading of a notice page, from bytes and a URL, without a framework.

The same classes serve the live crawl, the re-read from the archive and a frozen fixture. Three different refusals:
`NotThisLayout` (the family's layout is not there any more → `broken`), `SoftError` (an error page sent with status 200),
`PastTheEnd` (the portal answers a page number beyond its list with something else).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from gongkai.errors import UnreadableInput
from gongkai.records.document import AttachmentLink, Finding


class NotThisLayout(UnreadableInput):
    """The page lacks what this family's pages always have."""


class SoftError(UnreadableInput):
    """An error page (找不到, 页面不存在, maintenance) that was sent with status 200, or an error answer of an API."""


class PastTheEnd(UnreadableInput):
    """A page number beyond the list: empty answer, stub, or another column."""


class ForeignSite(UnreadableInput):
    """The page names another site than the registry's parameters do (gkmlpt's SID)."""


class JumpsTo(UnreadableInput):
    """The page is only a jump, by script or meta refresh, to `target`."""

    def __init__(self, target: str) -> None:
        self.target = target
        super().__init__(f"only a jump to {target}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRequest:
    """One page of a listing to ask for; with `body` it is a POST."""

    url: str
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    page: int = 1
    """Number of the page in its listing, from 1, whatever the portal counts from."""
    column: str | None = None
    """The registry's entry, where one index page serves several sections."""
    guessed: bool = False
    """True where nothing on the page before says that this one exists: it is asked to be sure."""
    otherwise: ListRequest | None = None
    """Asked instead where this one is not there (404), is refused or shows nothing new: the other reading of an unconfirmed rule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRow:
    """One row of a list page. `url` is absolute; `title` is the full title where the page gives it (title= attribute)."""

    title: str
    url: str
    date: date | None
    period: str | None = None
    """Month or year (2025-03, 2025) that the address gives where no day is known."""
    native_id: str | None = None
    doc_number: str | None = None
    index_number: str | None = None
    validity: str | None = None
    """in_force | expired | abolished, where the list says so."""
    pinned: bool = False
    attachments: tuple[AttachmentLink, ...] = ()
    """Attachments that come with the list (pc_list, gkmlpt)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListReading:
    """A list page as read. `declared_total` counts rows, `declared_pages` counts pages, as the portal itself says."""

    rows: tuple[ListRow, ...]
    declared_total: int | None = None
    counts_others: bool = False
    """The total counts rows of other columns too: the rows of this one need not reach it."""
    declared_pages: int | None = None
    next: ListRequest | None = None
    """The following page of this listing, where the family or the page can name it; whether it is worth asking for, the totals say."""
    leads_to: tuple[ListRequest, ...] = ()
    """First pages of the listings behind a page that is only their index or shell."""
    left_out: int = 0
    """Rows of other columns that stood on the page: one without rows of its own is not yet the end of a list whose pages are counted."""
    more: str | None = None
    """Where the whole list stands, when this page says that it shows a part of it (更多); nobody follows it by himself."""
    findings: tuple[Finding, ...] = ()
    """A warning says that rows exist which cannot be read: the listing is not whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A value for a field and where it was seen: meta:PubDate, header:发布日期, family:#publish-time, generic:h1."""

    source: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PageFields:
    """A notice page as read. Every field was picked from `candidates` by one rule a field; disagreements are findings."""

    title: str | None
    published_at: str | None
    """ISO 8601: date, or date and time with +08:00."""
    source: str | None = None
    index_number: str | None = None
    doc_number: str | None = None
    written_date: date | None = None
    issuer: str | None = None
    subject_words: str | None = None
    disclosure_note: str | None = None
    validity: str | None = None
    site_id_code: str | None = None
    site_name: str | None = None
    column_name: str | None = None
    native_id: str | None = None
    body_html: str | None = None
    """Inner HTML of the body container, related-links blocks trimmed; None where no body was found."""
    attachments: tuple[AttachmentLink, ...] = ()
    meta_tags: dict[str, tuple[str, ...]] | None = None
    """META tags of gongkai/data/meta_tags.yaml as printed, names in small letters; None where the text is no page."""
    candidates: dict[str, tuple[Candidate, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
