"""A run's changes of what is remembered: one JSON line each, written into the run's folder and committed with it.

A portal's memory is the sum of these over its committed runs. `apply` is the one place that knows what a change does: the running
crawl and the replay of an older run go through it alike.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gongkai.errors import GongkaiError

CHANGES_NAME = "state.jsonl.gz"
SCHEMA = """
CREATE TABLE applied (run_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE notice (key TEXT NOT NULL UNIQUE, last_seen TEXT NOT NULL, missed INTEGER NOT NULL, gone TEXT, value TEXT NOT NULL);
CREATE INDEX notice_missed ON notice (missed) WHERE missed > 0;
CREATE TABLE listed (listing TEXT NOT NULL, key TEXT NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY (listing, key)) WITHOUT ROWID;
CREATE TABLE fact (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, key));
"""
"""`notice`: known notices, with what each walk updates in columns. `listed`: rows of each listing and the run that last saw them there.
`fact`: everything else, by kind (state.py)."""
_AT_ONCE = 256_000  # characters kept before they are packed and written

_PRINTED, _ESCAPED = (json.JSONEncoder(ensure_ascii=escaped, separators=(",", ":")) for escaped in (False, True))
_WAY_OUT = "Restore the run's folder from a backup, or move it out of the archive: what it learned is then learned anew"
_LEVEL = 6  # zlib; 9 costs twice the time for 1 % of the size

Change = tuple[Any, ...]


def apply(database: sqlite3.Connection, run_id: str, change: Change) -> None:
    """Do what one change says; its values are compact JSON already. Raises GongkaiError for one that this version does not know."""
    match change:
        case ("put", kind, key, value):
            database.execute("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", (kind, key, value))
        case ("drop", kind, key):
            database.execute("DELETE FROM fact WHERE kind = ? AND key = ?", (kind, key))
        case ("notice", key, value, last_seen, missed, gone):
            database.execute(
                "INSERT INTO notice VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) "
                "DO UPDATE SET last_seen = ?2, missed = ?3, gone = ?4, value = ?5",
                (key, last_seen, missed, gone, value),
            )
        case ("seen", keys):
            database.executemany("UPDATE notice SET last_seen = ?, missed = 0 WHERE key = ?", ((run_id, key) for key in keys))
        case ("missed",):  # a whole walk: every notice it did not show
            database.execute("UPDATE notice SET missed = missed + 1 WHERE last_seen <> ?", (run_id,))
        case ("listed", listing, keys):
            database.executemany("INSERT OR REPLACE INTO listed VALUES (?, ?, ?)", ((listing, key, run_id) for key in keys))
        case ("unlisted", listing, before):  # rows that a walk begun in run `before` or later did not show again
            database.execute("DELETE FROM listed WHERE listing = ? AND run_id < ?", (listing, before))
        case _:
            raise GongkaiError(f"unknown change {change[:2]!r}: a newer Gongkai wrote it, crawl with that one")


def compact(value: object) -> str:
    """JSON without spaces, Chinese as it is; escaped where it holds half a character, which no UTF-8 does."""
    text = _PRINTED.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _ESCAPED.encode(value)
    return text


class ChangeLog:
    """Writes the changes of a run as they happen. The file is open only while a part is written: many lanes share a process."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / CHANGES_NAME
        self._waiting: list[str] = []
        self._size = 0
        self.clear()

    def add(self, change: Change) -> None:
        """Note one change."""
        line = compact(change)
        self._waiting.append(line)
        self._size += len(line)
        if self._size >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what waits, as one gzip member; synced when the run is committed."""
        if self._waiting:
            with gzip.open(self._path, "ab", _LEVEL) as file:
                file.write(("\n".join(self._waiting) + "\n").encode())
        self._waiting, self._size = [], 0

    def clear(self) -> None:
        """Begin again with an empty file: a run that teaches nothing says so, too."""
        self._waiting, self._size = [], 0
        with gzip.open(self._path, "wb"):
            pass


def read_changes(folder: Path) -> Iterator[Change]:
    """The changes of a committed run, in order. Raises GongkaiError where the file is missing or damaged."""
    path = folder / CHANGES_NAME
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                yield tuple(json.loads(line))
    except FileNotFoundError as error:
        raise GongkaiError(f"{path} is missing: what this run learned cannot be read again. {_WAY_OUT}") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:  # BadGzipFile is an OSError
        raise GongkaiError(f"{path} is damaged: {error}. {_WAY_OUT}") from error
