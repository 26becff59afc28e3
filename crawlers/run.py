"""One portal's run on disk: collected in a partial folder under the portal's lock, committed by one rename, then told to the ledger."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crawlers.manifest import write_manifest
from crawlers.notices import write_table
from crawlers.state import STATE_NAME, PortalState, read_state, write_state
from crawlers.warc import ArchiveWriter
from gongkai.errors import PortalError
from gongkai.layout import Layout
from gongkai.ledger import StageOutcome, read_outcome, record
from gongkai.records.notice import Attachment, ListEntry, Notice, Removal, SectionOutcome
from gongkai.registry import Portal
from gongkai.status import RunStatus

OUTCOME_NAME = "outcome.json"
COUNTED = (
    "listed",
    "declared",
    "outbound",
    "new",
    "changed",
    "known",
    "rechecked",
    "missing",
    "removed",
    "dead",
    "failed",
    "attachments",
    "not_modified",
    "requests",
    "bytes",
)
_MOST_REASONS = 50


class PortalBusy(PortalError):
    """Another worker holds the portal's lock for longer than we wait."""


@dataclass
class PortalRun:
    """What one run of one portal gathers."""

    layout: Layout
    portal: Portal
    run_id: str
    archive: ArchiveWriter
    state: PortalState
    started_at: str
    entries: list[ListEntry] = field(default_factory=list)
    sections: list[SectionOutcome] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)

    def commit(self, status: RunStatus) -> StageOutcome:
        """Make the run visible by one rename and write its ledger row; the order makes a kill at any moment harmless."""
        folder = self.layout.raw_partial(self.portal.id, self.run_id)
        self.archive.close()
        if status is RunStatus.WRONG_SITE:  # evidence stays in the archive; nothing of another body becomes this portal's data
            self.notices, self.attachments, self.entries, self.removals = [], [], [], []
            self.state = read_state(self.layout, self.portal.id)
        write_table(folder, "list_entry", self.entries)
        write_table(folder, "section_outcome", self.sections)
        write_table(folder, "notice", self.notices)
        write_table(folder, "attachment", self.attachments)
        write_table(folder, "removal", self.removals)
        write_state(self.state, folder / STATE_NAME)
        outcome = self._outcome(status)
        (folder / OUTCOME_NAME).write_text(json.dumps(asdict(outcome), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        write_manifest(folder, self.layout, self.portal.id, self.run_id)
        _sync(folder)
        folder.rename(self.layout.raw_run(self.portal.id, self.run_id))
        record(self.layout, outcome)
        return outcome

    def _outcome(self, status: RunStatus) -> StageOutcome:
        self.counts.update(listed=len(self.entries), requests=self.archive.requests, bytes=self.archive.received)
        more = len(self.reasons) - _MOST_REASONS
        return StageOutcome(
            run_id=self.run_id,
            portal_id=self.portal.id,
            stage="crawl",
            status=status,
            started_at=self.started_at,
            finished_at=_now(),
            reasons=self.reasons[:_MOST_REASONS] + ([f"and {more} more"] if more > 0 else []),
            counts={name: self.counts[name] for name in COUNTED},
        )


@asynccontextmanager
async def locked(layout: Layout, portal: Portal, wait: float) -> AsyncIterator[None]:
    """Hold the portal's lock, which the kernel lets go when the process dies; wait at most `wait` seconds for another worker.

    Raises:
        PortalBusy: it is still held after that.
    """
    path = layout.crawl_lock(portal.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    limit = time.monotonic() + wait
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > limit:
                    raise PortalBusy(portal.id, None, f"another worker holds {path} for more than {wait:.0f} s") from error
            await asyncio.sleep(0.2)
        yield
    finally:
        os.close(handle)


def committed_outcome(layout: Layout, portal_id: str, run_id: str) -> StageOutcome | None:
    """The outcome of a run that is already committed (its ledger row is written again, should a kill have lost it), else None."""
    path = layout.raw_run(portal_id, run_id) / OUTCOME_NAME
    if not path.exists():
        return None
    outcome = read_outcome(path)
    record(layout, outcome)
    return outcome


def open_run(layout: Layout, portal: Portal, run_id: str) -> PortalRun:
    """A fresh partial folder and the portal's memory; the leftovers of a killed attempt at the same run are replaced."""
    folder = layout.raw_partial(portal.id, run_id)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    state = read_state(layout, portal.id)
    return PortalRun(layout, portal, run_id, ArchiveWriter(folder, portal.id, run_id, state.payloads), state, _now())


def _sync(folder: Path) -> None:
    for path in [*folder.iterdir(), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _now() -> str:
    return datetime.now(UTC).isoformat()
