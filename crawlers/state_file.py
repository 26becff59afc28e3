"""Where a portal's memory lies: `state.sqlite` beside the runs, a cache of what the committed runs changed (changes.py).

A run is one transaction on it, so that a killed or a discarded run leaves nothing. A run that was committed and not yet applied, a lost
or damaged file, a run's folder that somebody removed: all are made up for when it is opened.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from crawlers.changes import SCHEMA, Change, ChangeLog, apply, read_changes
from crawlers.old_state import OLD_STATE_NAME, old_changes
from crawlers.state import PortalState
from gongkai.errors import GongkaiError
from gongkai.layout import Layout

logger = logging.getLogger(__name__)
_FORMAT = 1  # PRAGMA user_version; another one is rebuilt from the runs
_CACHE_KIB = 4096


def open_state(layout: Layout, portal_id: str, run_id: str, folder: Path) -> PortalState:
    """The portal's memory after its committed runs, in a transaction that belongs to `run_id`, whose changes go into `folder`.

    The caller holds the portal's lock. Raises GongkaiError where a run's changes are needed and cannot be read.
    """
    path = layout.state(portal_id)
    runs = layout.raw_runs(portal_id)
    database = _usable(path, set(runs))
    if database is None:
        for leftover in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-journal")):
            leftover.unlink(missing_ok=True)
        database = _connect(path)
        database.executescript(f"{SCHEMA} PRAGMA user_version = {_FORMAT};")
    try:
        applied = {run for (run,) in database.execute("SELECT run_id FROM applied")}
        _catch_up(database, layout, portal_id, [run for run in runs if run not in applied])
        database.execute("BEGIN IMMEDIATE")
    except BaseException:
        database.close()
        raise
    return PortalState(database, run_id, ChangeLog(folder))


def _connect(path: Path) -> sqlite3.Connection:
    """The portal's lock keeps others out, so the write-ahead log needs no shared memory; a run's changes overflow into it."""
    database = sqlite3.connect(path, timeout=1, isolation_level=None)  # a person's own look at it
    try:
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", f"cache_size = -{_CACHE_KIB}"):
            database.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        database.close()
        raise
    return database


def _usable(path: Path, runs: set[str]) -> sqlite3.Connection | None:
    """The database, where it is whole, of this format, and made of runs that are all still there."""
    if not path.exists():
        return None
    database = None
    try:
        database = _connect(path)
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version != _FORMAT:
            logger.warning("%s has format %s, this version writes %s: it is rebuilt from the runs", path, version, _FORMAT)
        elif database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
            applied = {run for (run,) in database.execute("SELECT run_id FROM applied")}
            if applied <= runs:
                return database
            logger.warning("%s knows runs that are no longer there: it is rebuilt", path)
    except sqlite3.DatabaseError as error:
        logger.warning("%s cannot be read (%s): it is rebuilt from the runs", path, error)
    if database:
        database.close()
    return None


def _catch_up(database: sqlite3.Connection, layout: Layout, portal_id: str, missing: Iterable[str]) -> None:
    """Apply the changes of committed runs, oldest first, a transaction each."""
    waiting = list(missing)
    old = [run for run in waiting if (layout.raw_run(portal_id, run) / OLD_STATE_NAME).exists()]
    for run_id in waiting:
        folder = layout.raw_run(portal_id, run_id)
        database.execute("BEGIN IMMEDIATE")
        for change in _changes(folder, newest_old=bool(old) and run_id == old[-1], old=run_id in old):
            try:
                apply(database, run_id, change)
            except GongkaiError as error:
                raise GongkaiError(f"{folder}: {error}") from error
        database.execute("INSERT INTO applied VALUES (?)", (run_id,))
        database.execute("COMMIT")


def _changes(folder: Path, *, newest_old: bool, old: bool) -> Iterator[Change]:
    """A run's own changes; of the runs of before they were kept, the newest one's whole state speaks for all."""
    if newest_old:
        yield from old_changes(folder)
    elif not old:
        yield from read_changes(folder)
