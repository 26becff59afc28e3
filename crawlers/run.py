"""One portal's run on disk: collected in a partial folder under the portal's lock, committed by one rename, then told to the ledger."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crawlers.manifest import write_manifest
from crawlers.state import PortalState
from crawlers.state_file import open_state
from crawlers.streams import TableStream
from crawlers.tonight import Tonight
from crawlers.warc import ArchiveWriter
from gongkai.errors import PortalError
from gongkai.layout import Layout
from gongkai.ledger import StageOutcome, read_outcome, record
from gongkai.records.notice import SectionOutcome
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
    """What one run of one portal gathers. Rows go to disk as they come, into the partial folder."""

    layout: Layout
    portal: Portal
    run_id: str
    archive: ArchiveWriter
    state: PortalState
    tonight: Tonight
    started_at: str
    teaches: bool = True
    """False for a sample: a look must not make the next night believe that it crawled."""
    sections: list[SectionOutcome] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    """The first ones; `tell` counts the others."""
    _untold: int = 0

    def __post_init__(self) -> None:
        folder = self.layout.raw_partial(self.portal.id, self.run_id)
        self.entries, self.removals = TableStream(folder, "list_entry"), TableStream(folder, "removal")
        self.notices, self.attachments = TableStream(folder, "notice"), TableStream(folder, "attachment")
        self.held_notices, self.held_attachments = (
            TableStream(folder, "notice", "held_notice"),
            TableStream(folder, "attachment", "held_attachment"),
        )
        """New versions of known notices: part of the run once it is clear that the portal did not change as a whole (removal.py)."""

    def tell(self, reason: str) -> None:
        """Note why the status is not `complete`."""
        if len(self.reasons) < _MOST_REASONS:
            self.reasons.append(reason)
        else:
            self._untold += 1

    def fail(self, reason: str) -> None:
        """Note something that could not be read."""
        self.counts["failed"] += 1
        self.tell(reason)

    async def commit(self, status: RunStatus) -> StageOutcome:
        """Make the run visible by one rename and write its ledger row; the order makes a kill at any moment harmless.

        Waiting for the disk is done in a thread: it would hold up all the other lanes of the process.
        """
        folder = self.layout.raw_partial(self.portal.id, self.run_id)
        self.archive.close()
        if status is RunStatus.WRONG_SITE:  # evidence stays in the archive; nothing of another body becomes this portal's data
            for stream in (self.notices, self.attachments, self.entries, self.removals, self.held_notices, self.held_attachments):
                stream.drop()
        if status is RunStatus.WRONG_SITE or not self.teaches:
            self.state.forget_run()
        for stream in (self.notices, self.attachments, self.entries, self.removals):
            stream.close()
        sections = TableStream(folder, "section_outcome")
        for section in self.sections:
            sections.add(section)
        sections.close()
        self.state.finish()
        outcome = self._outcome(status)
        (folder / OUTCOME_NAME).write_text(json.dumps(asdict(outcome), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        write_manifest(folder, self.layout, self.portal.id, self.run_id)
        await asyncio.to_thread(_sync, folder)
        folder.rename(self.layout.raw_run(self.portal.id, self.run_id))
        await asyncio.to_thread(record, self.layout, outcome)
        self.state.commit()
        return outcome

    def _outcome(self, status: RunStatus) -> StageOutcome:
        self.counts.update(listed=self.entries.rows, requests=self.archive.requests, bytes=self.archive.received)
        return StageOutcome(
            run_id=self.run_id,
            portal_id=self.portal.id,
            stage="crawl",
            status=status,
            started_at=self.started_at,
            finished_at=_now(),
            reasons=self.reasons + ([f"and {self._untold} more"] if self._untold else []),
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


@contextmanager
def opened_run(layout: Layout, portal: Portal, run_id: str, *, teaches: bool = True) -> Iterator[PortalRun]:
    """A fresh partial folder and the portal's memory; the leftovers of a killed attempt at the same run are replaced.

    A run that is not committed inside the block leaves its folder as evidence, and nothing in the memory.

    Raises:
        PortalError: the portal has a later run. Everything goes on from the newest one, so that this one would be lost behind it.
    """
    newest = max(layout.raw_runs(portal.id), default=run_id)
    if newest > run_id:
        raise PortalError(
            portal.id,
            None,
            f"run {newest} is later than this one ({run_id}): the clock is behind, or was ahead then. Set the clock and wait until that "
            "moment is over, or move that run's folder out of the archive",
        )
    folder = layout.raw_partial(portal.id, run_id)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    with closing(open_state(layout, portal.id, run_id, folder)) as state:
        archive = ArchiveWriter(folder, portal.id, run_id, state.payloads)
        yield PortalRun(layout, portal, run_id, archive, state, Tonight(state), _now(), teaches)


def _sync(folder: Path) -> None:
    for path in [*folder.iterdir(), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _now() -> str:
    return datetime.now(UTC).isoformat()
