"""What a perfect night over the town would publish, derived from the content that the pages are printed from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from gongkai.status import RunStatus
from samples.compose import TaskTruth, compose_notice
from samples.model import Declared, Figure, Judged, NoticeContent, Outbound, PortalContent, Series, load_content


@dataclass(frozen=True)
class NoticeTruth:
    """One notice and everything read in it, page and attachments together."""

    portal_id: str
    content: NoticeContent
    tasks: tuple[TaskTruth, ...]
    figures: tuple[Figure, ...]
    later: bool = False

    @property
    def published(self) -> date:
        """The day that its page prints, the forged one in the town as it is later."""
        return ((self.later and self.content.redated) or self.content.published).date()


@dataclass(frozen=True)
class PortalTruth:
    """One portal's night."""

    portal_id: str
    status: RunStatus
    reason: str
    notices: tuple[NoticeTruth, ...]
    series: tuple[Series, ...] = ()
    declared: tuple[Declared, ...] = ()
    outbound: tuple[Outbound, ...] = ()
    verdicts: tuple[Judged, ...] = ()


def truth_of(portal: PortalContent, *, later: bool = False) -> PortalTruth:
    """The truth about one portal; notices that cannot be read are not in it.

    `later`: after walks over the town as it is later, too. What was taken down stays in the truth, as it stays in the warehouse.
    """
    notices = []
    for notice in (*portal.readable(), *(portal.backdated if later else ())):
        page, attachments = compose_notice(notice)
        parts = [page, *attachments]
        tasks = tuple(t for part in parts for t in part.tasks)
        notices.append(NoticeTruth(portal.id, notice, tasks, tuple(f for part in parts for f in part.figures), later))
    said, judged = portal.expected, portal.verdicts
    if later:
        forged = (("date-unchanged", [n for n in portal.notices if n.redated]), ("date-credible", portal.backdated))
        judged += tuple(Judged(rule=rule, subject=n.id, verdict="fail") for rule, found in forged for n in found)
    return PortalTruth(portal.id, said.status, said.reason, tuple(notices), portal.series, portal.declared, portal.outbound, judged)


def town_truth(later: Collection[str] = ()) -> tuple[PortalTruth, ...]:
    """The truth about the whole town; `later` names the portals that were walked as they are later, too."""
    return tuple(truth_of(p, later=p.id in later) for p in load_content())
