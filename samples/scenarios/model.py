"""What a scenario is: a small portal, what it does on each of its nights, and what a correct crawl makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gongkai.layout import Layout
from gongkai.registry import Portal
from gongkai.status import RunStatus
from samples.model import NoticeContent, Outbound, Style
from samples.scenarios.front import Asked, Front

RUNS = ("20260301T183000Z", "20260302T183000Z", "20260303T183000Z", "20260304T183000Z")
"""Run ids of the nights."""
REWALK = 2
"""Index of the night on which every listing is walked whole and every known page is asked again."""
SECTION = "工作要点"
COUNTED = Style(paging="records")
"""trs_wcm pages whose pager names the number of rows."""


@dataclass(frozen=True)
class Watch:
    """What a witness may look at: everything the portals were asked, and what the crawl wrote."""

    portal: Portal
    run_id: str
    asked: tuple[Asked, ...]
    """Requests of this portal in this night."""
    others: tuple[Asked, ...]
    """Requests of all other portals in this night."""
    trap: int
    """Connections so far at the address that nobody may contact."""
    layout: Layout
    rows: Mapping[str, tuple[dict[str, Any], ...]]
    """The run's tables by name: notice, list_entry, section_outcome, attachment, removal."""
    counts: Mapping[str, int]

    def paths(self, part: str = "") -> list[str]:
        """Paths of this portal that were asked and hold `part`."""
        return [a.path for a in self.asked if part in a.path]


Witness = Callable[[Watch], str | None]
"""Looks closer than statuses and rows; says what is wrong, or None."""


Fault = Callable[[Front], None]
"""Changes what a portal answers."""


def _no_witness(watch: Watch) -> str | None:
    return None


def _no_fault(front: Front) -> None:
    return None


@dataclass(frozen=True)
class Expected:
    """What one night of one portal must end with."""

    status: RunStatus
    read: tuple[int, ...] | None = None
    """Ids of the notices that are written this night, exactly; None: all that the portal publishes."""
    says: str = ""
    """Stands in the reasons."""
    complete: tuple[bool, ...] | None = None
    """Per section, whether its listing was complete."""
    removals: Mapping[int, str] = field(default_factory=dict)
    """Id → cause, exactly."""
    attachments: tuple[str, ...] | None = None
    """Statuses of the attachments, in order."""
    days: tuple[str, ...] | None = None
    """Days of the list's rows as read, in order."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Counts of the run that matter here."""
    witness: Witness = _no_witness


@dataclass(frozen=True)
class Night:
    """One night of a portal: what it publishes, what goes wrong, what the crawl must make of it."""

    expected: Expected
    notices: tuple[NoticeContent, ...] = ()
    fault: Fault = _no_fault
    outbound: tuple[Outbound, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A portal with a fault."""

    name: str
    """Also the portal's id."""
    does: str
    """What the portal does, in one line."""
    nights: tuple[Night, ...]
    family: str = "trs_wcm"
    style: Style = COUNTED
    disallow: tuple[str, ...] = ()
    registry: Mapping[str, Any] = field(default_factory=dict)
    """Values of the registry's entry that differ."""
    base: str | None = None
    """Base URL in the registry where it is not the portal's address; `{port}` is the portal's port."""
    down: bool = False
    """Nobody listens at the portal's address."""
