"""Portals that several machines work on by turns: fetched before a stage, sent after it, and in nobody else's hands meanwhile.

The home folder is a working copy, the store is the truth. Where no store is set, nothing of this happens.
- A file is taken only if it is what its receipt says; a receipt is written after its files. So a killed push is not seen, and a unit
  that is being replaced is not seen half.
- What was committed here and did not reach the store (it did not answer) is sent by the next stage that works on the portal here, unless
  the store went on without it: then the store's word holds, and a crawl of ours that it does not know stays as a `partial=` folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from crawlers.manifest import sha256_of
from gongkai.errors import StoreError
from gongkai.layout import Layout, run_moment
from gongkai.registry import is_portal_id
from stages.context import RunContext
from stages.store import Store
from stages.store_units import STAGES, Book, Held, Receipt, Unit, read_receipt, receipts_of, units_of

_PATIENCE = 60.0
"""Seconds that we wait for another process of this machine which works on the portal."""
_LOOKS = 10
"""How often a unit is looked at that somebody replaces while we read it."""
_RAW = "raw/"
_AT_ONCE = 8  # portals
_Item = TypeVar("_Item")


@contextmanager
def shared(ctx: RunContext, portal_ids: Sequence[str]) -> Iterator[None]:
    """Inside the block the portals are here as the store has them, and ours alone; what the block committed is in the store after it.

    Ours alone on this machine by a file lock, among all machines by a lock of the warehouse's database (DuckDB has none: one machine).
    After an exception in the block nothing is sent; the next stage on these portals here does it.

    Raises:
        StoreError: the store does not answer or does not hold what it should, or another machine wrote a portal meanwhile.
        WarehouseError: another machine works on a portal, or the database and its lock were lost.
    """
    ids = sorted(set(portal_ids))
    if ctx.store is None or not ids:
        yield
        return
    with ExitStack() as stack:
        for portal_id in ids:
            stack.enter_context(_alone_here(ctx.layout, portal_id))
        still_ours = stack.enter_context(ctx.engine.claiming(ids))
        copies = [_Copy(ctx.layout, ctx.store, portal_id) for portal_id in ids]
        _all(_Copy.take_over, copies)
        yield
        still_ours()
        _all(_Copy.send, copies)


def fetched(ctx: RunContext, portal_ids: Collection[str], *, raw: bool = False) -> None:
    """Bring the portals here as the store has them, to read them: silver, verdicts and ledger, with `raw` the archive, too.

    Raises as `shared`.
    """
    _each_alone(ctx, portal_ids, lambda copy: copy.fetch(raw=raw))


def sent(ctx: RunContext, stage: str, portal_ids: Collection[str]) -> None:
    """Send what one stage wrote, where it is the only one that writes such units. Raises as `shared`."""
    _each_alone(ctx, portal_ids, lambda copy: copy.send((stage,)))


def stored_portals(ctx: RunContext) -> list[str]:
    """Portals of which the store holds anything, in the registry or not; none without a store."""
    names = ctx.store.names("receipts") if ctx.store else {}
    return sorted(name[7:] for name in names if name.startswith("portal=") and is_portal_id(name[7:]))


def archived_runs(ctx: RunContext, portal_id: str) -> list[str]:
    """Runs of a portal that were crawled, as the store knows them where there is one; oldest first."""
    if ctx.store is None:
        return ctx.layout.raw_runs(portal_id)
    return sorted(unit.run_id for unit in units_of(portal_id, ctx.store.names(receipts_of(portal_id))) if unit.stage == "crawl")


def _each_alone(ctx: RunContext, portal_ids: Collection[str], work: Callable[[_Copy], None]) -> None:
    """Do something with several portals at once, each under its lock here; nothing without a store."""
    store = ctx.store
    if store is None:
        return

    def one(portal_id: str) -> None:
        with _alone_here(ctx.layout, portal_id):
            work(_Copy(ctx.layout, store, portal_id))

    _all(one, sorted(portal_ids))


def _all(work: Callable[[_Item], None], items: Iterable[_Item]) -> None:
    """Several at once, since most of it is waiting for the store; the first error is told when all have ended."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in [pool.submit(work, item) for item in items]:
            done.result()


@contextmanager
def _alone_here(layout: Layout, portal_id: str) -> Iterator[None]:
    path = layout.store_lock(portal_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    limit = time.monotonic() + _PATIENCE
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > limit:
                    raise StoreError(f"{portal_id}: another process here works on it for more than {_PATIENCE:.0f} s ({path})") from error
            time.sleep(0.1)
        yield
    finally:
        os.close(handle)


class _Copy:
    """One portal here and in the store. The caller holds its locks as long as it uses the copy."""

    def __init__(self, layout: Layout, store: Store, portal_id: str) -> None:
        self.layout, self.store, self.portal_id = layout, store, portal_id
        self.book = Book.opened(layout, portal_id, store.place)

    def take_over(self) -> None:
        """Make this the place where the portal is worked on."""
        self.fetch()
        self._settle()

    def fetch(self, *, raw: bool = True) -> None:
        """Make what is here what the store has, but for what was committed here since and it does not know of."""
        listed = self._listed()
        self.book.receipts = {unit: receipt for unit, receipt in self.book.receipts.items() if unit in listed}
        try:
            for unit in sorted(listed, key=lambda u: (u.run_id, STAGES.index(u.stage))):
                self._take(unit, listed[unit], raw=raw)
        finally:
            self.book.write()

    def _listed(self) -> dict[Unit, str]:
        """Every unit in the store with its receipt's version."""
        names = self.store.names(receipts_of(self.portal_id))
        return {unit: names[name] for unit, name in units_of(self.portal_id, names).items()}

    def _take(self, unit: Unit, version: str, *, raw: bool) -> None:
        for look in range(_LOOKS):
            known = self.book.receipts.get(unit)
            if known is None or known.version != version or look:
                known = self._receipt(unit, version)
            elif self._newer_here(unit, known):
                return
            wrong = self._bring(unit, known, raw=raw)
            if not wrong:
                self.book.receipts[unit] = known
                return
            time.sleep(0.2 * look)
            version = self._listed().get(unit, "")
        raise StoreError(f"{self.store.place}/{wrong[0]}: is not what {unit.receipt} says of it")

    def _receipt(self, unit: Unit, version: str) -> Receipt:
        receipt = read_receipt(unit, self.store.read(unit.receipt), version, self.layout)
        before = self.book.receipts.get(unit, Receipt())
        for key, held in receipt.files.items():
            if key in before.files and before.files[key].sha256 == held.sha256:
                receipt.files[key] = before.files[key]
        return receipt

    def _newer_here(self, unit: Unit, known: Receipt) -> bool:
        """Whether this machine committed the unit after it last saw it in the store."""
        marker = unit.marker(self.layout)
        held = known.files.get(self._key(marker))
        if unit.stage == "crawl" and held is not None:
            return False  # a run is committed once
        return marker.exists() and (held is None or not held.is_here(marker))

    def _bring(self, unit: Unit, receipt: Receipt, *, raw: bool) -> list[str]:
        """Fetch what is not here as the receipt says; keys of what the store does not hold so."""
        marker = self._key(unit.marker(self.layout))
        lacking = {k: h for k, h in receipt.files.items() if (raw or not k.startswith(_RAW)) and not h.is_here(self.layout.home / k)}
        if any(k.startswith(_RAW) for k in lacking):
            wrong = self._bring_run(unit, receipt)
            lacking = {k: h for k, h in lacking.items() if not k.startswith(_RAW)}
            if wrong:
                return wrong
        if marker not in receipt.files or marker in lacking:
            self._uncommit(unit)
        for part in ([k for k in lacking if k != marker], [k for k in lacking if k == marker]):
            wrong = self._download(unit, {key: lacking[key] for key in part}, self.layout.home)
            if wrong:
                return wrong
        return []

    def _uncommit(self, unit: Unit) -> None:
        """What is here stops to count before it changes; a run's folder comes and goes as one."""
        if unit.stage in ("extract", "audit"):
            unit.marker(self.layout).unlink(missing_ok=True)

    def _bring_run(self, unit: Unit, receipt: Receipt) -> list[str]:
        """The run's folder as the store has it, by one rename. A folder of ours that says otherwise stays as evidence."""
        folder = self.layout.raw_run(self.portal_id, unit.run_id)
        self._set_aside(unit.run_id)
        home = self.layout.home / "store" / f"fetching={self.portal_id}"
        shutil.rmtree(home, ignore_errors=True)
        try:
            files = {key: held for key, held in receipt.files.items() if key.startswith(_RAW)}
            wrong = self._download(unit, files, home)
            if not wrong:
                folder.parent.mkdir(parents=True, exist_ok=True)
                (home / self._key(folder)).rename(folder)
            return wrong
        finally:
            shutil.rmtree(home, ignore_errors=True)

    def _download(self, unit: Unit, files: dict[str, Held], home: Path) -> list[str]:
        moment = run_moment(unit.run_id)  # not now: nobody may take it for what this night wrote here
        wrong = self.store.fetch(((key, held.sha256, home / key) for key, held in files.items()), moment)
        for key, held in files.items():
            if key not in wrong:
                found = (home / key).stat()
                held.size, held.mtime_ns = found.st_size, found.st_mtime_ns
        return wrong

    def _settle(self) -> None:
        """Put aside the crawls of ours that the store went on without: they would stand between two runs that follow each other."""
        crawls = {unit: receipt for unit, receipt in self.book.receipts.items() if unit.stage == "crawl"}
        stored = {unit.run_id for unit, receipt in crawls.items() if self._key(unit.marker(self.layout)) in receipt.files}
        for run_id in self.layout.raw_runs(self.portal_id):
            if run_id not in stored and run_id < max(stored, default=""):
                self._set_aside(run_id)

    def _set_aside(self, run_id: str) -> None:
        folder, aside = self.layout.raw_run(self.portal_id, run_id), self.layout.raw_partial(self.portal_id, run_id)
        if not folder.exists():
            return
        for stage in ("extract", "audit"):
            unit = Unit(self.portal_id, run_id, stage)
            if unit not in self.book.receipts:
                unit.marker(self.layout).unlink(missing_ok=True)
        self.layout.state(self.portal_id).unlink(missing_ok=True)  # made of it, too
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)

    def send(self, stages: Collection[str] = STAGES) -> None:
        """Bring the store what was committed here.

        Raises:
            StoreError: it does not answer, or another machine wrote one of these units after we fetched them.
        """
        runs = self.layout.portal_runs(self.portal_id)
        units = [Unit(self.portal_id, run, stage) for run in runs for stage in STAGES if stage in stages]
        news = {unit: changed for unit in units if (changed := self._news(unit))}
        if not news:
            return
        listed = self._listed()
        for unit in news:
            if listed.get(unit, "") != self.book.receipts.get(unit, Receipt()).version:
                raise StoreError(f"{self.store.place}/{unit.receipt}: another machine wrote it meanwhile; what is here stays here")
        try:
            for unit, changed in news.items():
                self._send(unit, changed)
        finally:
            self.book.write()

    def _news(self, unit: Unit) -> list[Path]:
        """Files here that are not in the store, the marker last. A run's folder is sent once and never again."""
        known = self.book.receipts.get(unit, Receipt()).files
        sealed = self._key(unit.marker(self.layout)) in known and unit.stage == "crawl"
        found = []
        for path in unit.files(self.layout):
            key = self._key(path)
            if not (sealed and key.startswith(_RAW)) and not (key in known and known[key].is_here(path)):
                found.append(path)
        return found

    def _send(self, unit: Unit, changed: list[Path]) -> None:
        """First the receipt forgets what is replaced, then come the files, the marker after the others, then the receipt knows them."""
        receipt = self.book.receipts.setdefault(unit, Receipt())
        keys = {self._key(path): path for path in changed}
        if any(key in receipt.files for key in keys):
            receipt.files = {key: held for key, held in receipt.files.items() if key not in keys}
            receipt.version = self.store.write(unit.receipt, receipt.told())
        marker = self._key(unit.marker(self.layout))
        sums = {key: _held(path) for key, path in keys.items()}
        self.store.send((path, key) for key, path in keys.items() if key != marker)
        self.store.send((path, key) for key, path in keys.items() if key == marker)
        receipt.files |= sums
        receipt.version = self.store.write(unit.receipt, receipt.told())

    def _key(self, path: Path) -> str:
        return path.relative_to(self.layout.home).as_posix()


def _held(path: Path) -> Held:
    found = path.stat()
    return Held(sha256=sha256_of(path), size=found.st_size, mtime_ns=found.st_mtime_ns)
