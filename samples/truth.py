"""What a perfect night over the town would publish, derived from the content that the pages are printed from."""

from __future__ import annotations

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

    @property
    def published(self) -> date:
        return self.content.published.date()


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


def truth_of(portal: PortalContent) -> PortalTruth:
    """The truth about one portal; notices that cannot be read are not in it."""
    notices = []
    for notice in portal.readable():
        page, attachments = compose_notice(notice)
        parts = [page, *attachments]
        tasks = tuple(t for part in parts for t in part.tasks)
        notices.append(NoticeTruth(portal.id, notice, tasks, tuple(f for part in parts for f in part.figures)))
    said = portal.expected
    return PortalTruth(
        portal.id, said.status, said.reason, tuple(notices), portal.series, portal.declared, portal.outbound, portal.verdicts
    )


def town_truth() -> tuple[PortalTruth, ...]:
    """The truth about the whole town."""
    return tuple(truth_of(p) for p in load_content())
