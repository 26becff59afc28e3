"""What a portal's crawl remembers, as a run reads and changes it. It lives with the archive and dies with no process."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator, MutableMapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from crawlers.changes import SCHEMA, ChangeLog, apply, compact
from crawlers.warc import Record
from gongkai.errors import GongkaiError
from transforms.pages.contract import ListRequest

_OF_RECORD = [f.name for f in fields(Record)]
logger = logging.getLogger(__name__)
BATCH = 500
"""Rows that are read from the database, or told in one change, at a time."""


@dataclass(slots=True)
class KnownFile:
    """An attachment as it was archived."""

    sha256: str
    """Of the file, its content encoding undone."""
    etag: str | None
    last_modified: str | None
    record: Record

    @property
    def has_validator(self) -> bool:
        """Whether it can be asked for conditionally."""
        return bool(self.etag or self.last_modified)


@dataclass(slots=True)
class KnownNotice:
    """A notice whose page was read once; the list's words are kept to see when they change."""

    url: str
    title: str
    date: str | None
    doc_number: str | None
    version: str
    first_seen: str
    last_seen: str
    """Run ids."""
    validity: str | None = None
    """As the list gives it."""
    section: str = ""
    """Under which it was read; empty in memories of before it was kept."""
    checked: str = ""
    """Run id of the last reading of its page."""
    missed: int = 0
    """Whole walks in a row that did not show it (removal.py decides by it)."""
    gone: str | None = None
    """Why it counts as removed; None while it is there."""
    retry: bool = False
    """An attachment failed in a way that may pass: read the notice again."""
    etag: str | None = None
    last_modified: str | None = None
    record: Record | None = None
    page: str = ""
    """Version of the page by itself, where a replaced file or the list's date made the notice's version another; else empty."""
    number: str | None = None
    """The page's own document number; empty where it has none, None in memories of before it was kept."""
    files: dict[str, KnownFile] | None = None
    """Its archived attachments by address; None in memories of before they were kept."""


@dataclass(slots=True)
class KnownPage:
    """A list page that can be asked for conditionally."""

    etag: str | None
    last_modified: str | None
    record: Record


@dataclass(slots=True)
class Resume:
    """The last page of a walk that a spent budget ended: the next run goes on there."""

    number: int
    url: str
    body: str | None
    headers: list[list[str]]
    since: str
    """Run id of the walk's first part."""
    column: str | None = None

    @property
    def request(self) -> ListRequest:
        """What to ask for."""
        headers = tuple((name, value) for name, value in self.headers)
        return ListRequest(url=self.url, body=self.body, headers=headers, page=self.number, column=self.column)


@dataclass(slots=True)
class KnownListing:
    """A listing as it was last walked; its rows are told apart by `PortalState.in_listing`."""

    walked: str
    """Run id of the last walk that began at page one and read on to the end, or to `resume`."""
    declared: int | None
    resume: Resume | None = None


@dataclass(slots=True)
class DeadRow:
    """A row that leads to a page which is not there."""

    url: str
    since: str
    """Run id of the first failure."""
    tries: int = 1


_COLUMNS = {"last_seen", "missed", "gone"}
_NAMES = {f.name for f in fields(KnownNotice)}
_OF_NOTICE = [(f.name, f.default) for f in fields(KnownNotice) if f.name not in _COLUMNS]


class PortalState:
    """Cumulative memory of one portal, as a run sees and changes it. Nothing of it is held in memory."""

    def __init__(self, database: sqlite3.Connection, run_id: str, log: ChangeLog | None = None) -> None:
        self.database, self.run_id, self._log = database, run_id, log
        self.payloads: MutableMapping[str, Record] = Payloads(self)
        """sha256 → where the archive holds it; for revisit records."""

    @classmethod
    def fresh(cls, run_id: str) -> PortalState:
        """The memory of a portal nobody has crawled; it ends with the process."""
        database = sqlite3.connect(":memory:", isolation_level=None)
        database.executescript(SCHEMA)
        return cls(database, run_id)

    # reading

    def notice(self, key: str) -> KnownNotice | None:
        found = self.database.execute("SELECT last_seen, missed, gone, value FROM notice WHERE key = ?", (key,)).fetchone()
        if found is None:
            return None
        last_seen, missed, gone, value = found
        return unpacked_notice(json.loads(value) | {"last_seen": last_seen, "missed": missed, "gone": gone})

    def count(self) -> int:
        """Known notices."""
        return int(self.database.execute("SELECT count(*) FROM notice").fetchone()[0])

    def missed(self, least: int) -> list[str]:
        """Keys of the notices that at least so many whole walks in a row did not show, and that do not count as removed yet."""
        rows = self.database.execute("SELECT key FROM notice WHERE missed > 0 AND missed >= ? AND gone IS NULL ORDER BY rowid", (least,))
        return [key for (key,) in rows]

    def page(self, url: str) -> KnownPage | None:
        value = self.fact("page", url)
        return KnownPage(value["etag"], value["last_modified"], Record(**value["record"])) if value else None

    def dead(self, key: str) -> DeadRow | None:
        value = self.fact("dead", key)
        return DeadRow(**value) if value else None

    def is_outbound(self, key: str) -> bool:
        """Whether a row on our host turned out to lead to another one."""
        return self.fact("outbound", key) is not None

    def listing(self, name: str) -> KnownListing | None:
        value = self.fact("listing", name)
        if value is None:
            return None
        return KnownListing(value["walked"], value["declared"], Resume(**value["resume"]) if value["resume"] else None)

    def in_listing(self, name: str, key: str, since: str = "") -> bool:
        """Whether a listing showed a row, in run `since` or later."""
        sql = "SELECT 1 FROM listed WHERE listing = ? AND key = ? AND run_id >= ?"
        return self.database.execute(sql, (name, key, since)).fetchone() is not None

    def fact(self, kind: str, key: str) -> Any:
        """The JSON value kept under a key, or None."""
        found = self.database.execute("SELECT value FROM fact WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return json.loads(found[0]) if found else None

    def keys(self, kind: str) -> Iterator[str]:
        """Keys of one kind, in order, read in batches: they may be changed meanwhile."""
        last = ""
        sql = "SELECT key FROM fact WHERE kind = ? AND key > ? ORDER BY key LIMIT ?"
        while batch := self.database.execute(sql, (kind, last, BATCH)).fetchall():
            yield from (key for (key,) in batch)
            (last,) = batch[-1]

    # changing

    def change(self, *change: Any) -> None:
        """Change the memory and note the change for the run's folder."""
        apply(self.database, self.run_id, change)
        if self._log:
            self._log.add(change)

    def put(self, kind: str, key: str, value: object) -> None:
        """Keep a JSON value under a key."""
        self.change("put", kind, key, compact(value))

    def drop(self, kind: str, key: str) -> None:
        """Forget what is kept under a key, if anything is."""
        if self.fact(kind, key) is not None:
            self.change("drop", kind, key)

    def put_notice(self, key: str, notice: KnownNotice) -> None:
        self.change("notice", key, compact(_value(notice)), notice.last_seen, notice.missed, notice.gone)

    def put_page(self, url: str, page: KnownPage | None) -> None:
        """Remember a list page, or (None) forget it."""
        if page is None:
            self.drop("page", url)
        else:
            self.put("page", url, asdict(page))

    def put_dead(self, key: str, row: DeadRow) -> None:
        """Remember a row without a page."""
        self.put("dead", key, asdict(row))

    def put_outbound(self, key: str) -> None:
        self.put("outbound", key, True)

    def put_listing(self, name: str, listing: KnownListing) -> None:
        """Remember how a listing was walked."""
        self.put("listing", name, asdict(listing))

    # the run's end

    def forget_run(self) -> None:
        """Undo every change of this run: it was another body's site, or only a look."""
        self.database.execute("ROLLBACK")
        self.database.execute("BEGIN IMMEDIATE")
        if self._log:
            self._log.clear()

    def finish(self) -> None:
        """Write out the last changes, before the run's folder is committed."""
        if self._log:
            self._log.flush()

    def commit(self) -> None:
        """The run's folder is committed: so is what it learned. A failure here harms nothing, the next opening makes up for it."""
        try:
            self.database.execute("INSERT OR REPLACE INTO applied VALUES (?)", (self.run_id,))
            self.database.execute("COMMIT")
        except sqlite3.Error as error:
            logger.warning("run %s is committed, the cache of the state is not (%s); it is made up for at the next run", self.run_id, error)

    def close(self) -> None:
        """Without `commit`, nothing of the run stays."""
        self.database.close()


class Payloads(MutableMapping[str, Record]):
    """The archive's index of payloads, by sha256, inside the state."""

    def __init__(self, state: PortalState) -> None:
        self._state = state

    def __getitem__(self, digest: str) -> Record:
        value = self._state.fact("payload", digest)
        if value is None:
            raise KeyError(digest)
        return Record(**value)

    def __setitem__(self, digest: str, record: Record) -> None:
        self._state.put("payload", digest, _unfolded(record))

    def __delitem__(self, digest: str) -> None:
        self._state.drop("payload", digest)

    def __iter__(self) -> Iterator[str]:
        return self._state.keys("payload")

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _value(notice: KnownNotice) -> dict[str, Any]:
    """Without the columns of the table, and without what is as it is by default."""
    value = {name: kept for name, default in _OF_NOTICE if (kept := getattr(notice, name)) != default}
    if notice.record:
        value["record"] = _unfolded(notice.record)
    if notice.files is not None:
        value["files"] = {url: asdict(file) for url, file in notice.files.items()}
    return value


def _unfolded(record: Record) -> dict[str, Any]:
    """As `asdict` would; it is done for every page, and has nothing to copy."""
    return {name: getattr(record, name) for name in _OF_RECORD}


def unpacked_notice(raw: dict[str, Any]) -> KnownNotice:
    """The notice that `asdict` unfolded. Raises GongkaiError for one that a newer version wrote."""
    if unknown := raw.keys() - _NAMES:
        raise GongkaiError(f"the memory of a notice holds {', '.join(sorted(unknown))}: a newer Gongkai wrote it, crawl with that one")
    record, files = raw.get("record"), raw.get("files")
    known = KnownNotice(**{**raw, "record": Record(**record) if record else None})
    if files is not None:
        known.files = {url: KnownFile(**{**file, "record": Record(**file["record"])}) for url, file in files.items()}
    return known
