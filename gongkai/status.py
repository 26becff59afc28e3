"""The status vocabulary (design.md section 7): one enum from crawl to BI."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class RunStatus(StrEnum):
    """How a stage, or a whole run, of one portal ended. Order of definition is the order of gravity, best first."""

    COMPLETE = "complete"  # everything the portal declares was seen and read
    EMPTY = "empty"  # the portal really lists nothing
    STALE = "stale"  # last good content is older than expected
    PARTIAL = "partial"  # good rows were kept, but fewer than declared, or with errors
    QUARANTINED = "quarantined"  # the audit refused the batch; yesterday's data stays published
    BROKEN = "broken"  # the layout is no longer understood
    WRONG_SITE = "wrong_site"  # the identity check failed: another body answers here
    BLOCKED = "blocked"  # challenge page, 403/412/521, robots.txt
    UNREACHABLE = "unreachable"  # no connection, DNS failure, time-out of the entry page

    @property
    def is_whole(self) -> bool:
        """True where nothing needs a person's eyes; anything else turns the portal's task red."""
        return self in (RunStatus.COMPLETE, RunStatus.EMPTY)


class ReadingStatus(StrEnum):
    """What became of one attachment, or of one file inside an archive. The first four are ends; the next two wait for a tool."""

    READ = "read"  # its words and tables are in silver
    UNPACKED = "unpacked"  # an archive: each file in it has a row of its own, which counts in its stead
    EMPTY = "empty"  # no bytes, or not a word in them
    REFUSED = "refused"  # not opened on principle: another host, a web page in place of the file, an archive in an archive
    UNCONVERTED = "unconverted"  # a format that is read only after conversion (.doc, .wps), or not at all yet
    NEEDS_OCR = "needs_ocr"  # pictures of text
    ENCRYPTED = "encrypted"  # behind a password
    TOO_LARGE = "too_large"  # larger than a bound, as sent or unpacked
    UNREADABLE = "unreadable"  # broken, cut short, or no document
    FAILED = "failed"  # could not be fetched, or its conversion failed: another night may bring it


class Severity(StrEnum):
    """Gravity of a finding or a failed expectation; `critical` exists for audits only and quarantines the batch."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


def worst(statuses: Iterable[RunStatus]) -> RunStatus:
    """The gravest of some statuses; raises ValueError on none, because no evidence is not `complete`."""
    order = list(RunStatus)
    found = list(statuses)
    if not found:
        raise ValueError("no status to rank: a portal without any outcome was not seen")
    return max(found, key=order.index)
