"""What a conditional request is made of, and how far a portal's word is believed that a page has not changed.

Portals answer 304 for pages that did change: behind caches, with an ETag of the template, with a Last-Modified in the future. So a
confirmation is believed for a time only, never where the list itself says that the page is another, and never where a person asks
for a whole walk of the lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from crawlers.warc import Record
from gongkai.layout import run_day

LIST_DAYS, PAGE_DAYS = 7, 28
"""How long after the bytes came a portal may confirm a list page, a notice's page or a file."""
_PRINTABLE = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,200}")  # what may go back into a header


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request is made of, and the archived answer a 304 confirms."""

    etag: str | None
    last_modified: str | None
    record: Record

    @property
    def headers(self) -> dict[str, str]:
        """If-None-Match, If-Modified-Since. A Last-Modified later than its own answer confirms nothing and is not sent back."""
        out = {}
        if self.etag and _PRINTABLE.fullmatch(self.etag):
            out["If-None-Match"] = self.etag
        if self.last_modified and _PRINTABLE.fullmatch(self.last_modified) and _is_past(self.last_modified, self.record.date):
            out["If-Modified-Since"] = self.last_modified
        return out


def believed(etag: str | None, last_modified: str | None, record: Record | None, run_id: str, days: int) -> Validators | None:
    """What to ask with in run `run_id`; None where nothing is known or the bytes are older than `days`."""
    if record is None or run_day(run_id) - run_day(record.run_id) >= timedelta(days=days):
        return None
    return Validators(etag, last_modified, record)


def _is_past(last_modified: str, answered: str) -> bool:
    try:
        return parsedate_to_datetime(last_modified) <= datetime.fromisoformat(answered)
    except (TypeError, ValueError, OverflowError):  # no date, or one without a time zone
        return False
