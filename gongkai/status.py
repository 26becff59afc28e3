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
