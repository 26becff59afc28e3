"""What this run's listings showed, and what is due of it: in temporary tables, so that a portal's size costs no memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crawlers.changes import compact
from crawlers.frontier import Due, Seen, as_listed, due, unpacked
from crawlers.state import BATCH, KnownNotice, PortalState, unpacked_notice

_ASKED = (Due.NEW, Due.CHANGED, Due.RECHECK)
_LAST = 1000  # rank of rechecks: behind everything that was never read
_TABLES = """
CREATE TEMP TABLE shown (key TEXT PRIMARY KEY, page INTEGER NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE entry (section TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (section, key)) WITHOUT ROWID;
CREATE TEMP TABLE work (
    n INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, rank INTEGER, checked TEXT, page INTEGER, place INTEGER, section TEXT, due TEXT,
    seen TEXT, done INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX work_order ON work (rank, checked, page, place, n) WHERE seen IS NOT NULL;
CREATE TEMP TABLE held (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
"""`shown`: rows of the listing that is being walked. `entry`: rows of each section. `work`: each row once, under the first section that
shows it. `held`: the memory of notices that changed."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row whose page is to be asked for."""

    section: str
    seen: Seen
    due: Due


class Tonight:
    """The run's own tables, beside the portal's state and in its connection."""

    def __init__(self, state: PortalState) -> None:
        self.state, self._database, self._place = state, state.database, 0
        for statement in filter(str.strip, _TABLES.split(";")):  # executescript would commit the run's transaction
            self._database.execute(statement)

    # one listing

    def begin_listing(self) -> None:
        """Another listing, or the same once more: nothing of it was shown yet."""
        self._database.execute("DELETE FROM shown")

    def fresh(self, rows: Iterable[Seen]) -> list[Seen]:
        """The rows that the listing did not show before, each once."""
        return list({seen.key: seen for seen in rows if self.page_of(seen.key) is None}.values())

    def show(self, rows: Sequence[Seen]) -> None:
        """Take fresh rows of a listing."""
        self._database.executemany("INSERT OR IGNORE INTO shown VALUES (?, ?)", ((seen.key, seen.page) for seen in rows))

    def page_of(self, key: str) -> int | None:
        """The page of the listing that first showed a row."""
        found = self._database.execute("SELECT page FROM shown WHERE key = ?", (key,)).fetchone()
        return int(found[0]) if found else None

    def count_shown(self) -> int:
        return self._number("SELECT count(*) FROM shown")

    def count_unremembered(self, listing: str) -> int:
        """Rows shown that the listing did not have before."""
        return self._number(
            "SELECT count(*) FROM shown WHERE NOT EXISTS (SELECT 1 FROM listed WHERE listing = ? AND key = shown.key)", listing
        )

    def count_known(self, listing: str, since: str = "") -> int:
        """Rows that the listing has as far as we know: shown now, or in run `since` or later."""
        sql = "SELECT count(*) FROM listed WHERE listing = ? AND run_id >= ? AND NOT EXISTS (SELECT 1 FROM shown WHERE key = listed.key)"
        return self.count_shown() + self._number(sql, listing, since)

    def remember_shown(self, listing: str) -> None:
        """The rows shown belong to the listing."""
        last = ""
        sql = "SELECT key FROM shown WHERE key > ? ORDER BY key LIMIT ?"
        while batch := self._database.execute(sql, (last, BATCH)).fetchall():
            self.state.change("listed", listing, [key for (key,) in batch])
            (last,) = batch[-1]

    # the portal

    def enter(self, section: str, rows: Iterable[Seen], *, recheck: bool) -> Iterator[tuple[Seen, Due]]:
        """Note a section's rows and what each asks for; yields those that the section did not show before."""
        for seen in rows:
            if self._database.execute("INSERT OR IGNORE INTO entry VALUES (?, ?)", (section, seen.key)).rowcount:
                what = due(seen, self.state, recheck=recheck)
                self._place += 1
                if seen.notice_id:
                    self._want(section, seen, what, self._place)
                yield seen, what

    def _want(self, section: str, seen: Seen, what: Due, place: int) -> None:
        rank, checked, packed = 0, "", None
        if what in _ASKED:
            packed = compact(seen.packed())
            if what is Due.RECHECK:  # those read longest ago go first
                known = self.state.notice(seen.key)
                rank, checked = _LAST, known.checked if known else ""
            else:  # what failed before goes behind what was never tried
                owed = self.state.fact("owed", seen.key)
                rank = owed["tries"] if owed else 0
        self._database.execute(
            "INSERT OR IGNORE INTO work (key, rank, checked, page, place, section, due, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (seen.key, rank, checked, seen.page, place, section, what.value, packed),
        )

    def counts(self) -> dict[Due, int]:
        """Rows by what they ask for."""
        return {Due(what): number for what, number in self._database.execute("SELECT due, count(*) FROM work GROUP BY due")}

    def mark_seen(self, *, whole: bool) -> int:
        """Note which known notices were shown. Returns the number of those missing, which only whole listings can tell.

        What an early stop or a failed page left unread is not missing.
        """
        n = 0
        sql = "SELECT n, key FROM work WHERE n > ? AND EXISTS (SELECT 1 FROM notice WHERE key = work.key) ORDER BY n LIMIT ?"
        while batch := self._database.execute(sql, (n, BATCH)).fetchall():
            self.state.change("seen", [key for _, key in batch])
            n = batch[-1][0]
        if not whole:
            return 0
        self.state.change("missed")
        for key in self.state.keys("owed"):
            if not self._number("SELECT count(*) FROM work WHERE key = ?", key):
                self.state.drop("owed", key)
        return self._number("SELECT count(*) FROM notice WHERE last_seen <> ? AND gone IS NULL", self.state.run_id)

    def add_owed(self, sections: Iterable[str]) -> None:
        """Rows that earlier runs left unread and that tonight's part of the listings did not show."""
        followed = set(sections)
        for key in self.state.keys("owed"):
            owed = self.state.fact("owed", key)
            seen = unpacked(key, owed["seen"])
            what = due(seen, self.state)
            if owed["section"] in followed and what in _ASKED:
                self._want(owed["section"], seen, what, owed["place"])
            else:
                self.state.drop("owed", key)

    def add_unlisted(self) -> None:
        """For a re-walk whose listings are not whole: known notices that they did not show are asked as well."""
        rowid = 0
        sql = (
            "SELECT rowid, key FROM notice WHERE rowid > ? AND gone IS NULL AND NOT EXISTS (SELECT 1 FROM work WHERE key = notice.key) "
            "ORDER BY rowid LIMIT ?"
        )
        while batch := self._database.execute(sql, (rowid, BATCH)).fetchall():
            for _, key in batch:
                known = self.state.notice(key)
                if known and known.section:
                    self._want(known.section, as_listed(key, known), Due.RECHECK, 0)
            rowid = batch[-1][0]

    def waiting(self) -> Iterator[Item]:
        """What is to be asked for: new and changed rows from the lists' first pages on, then known ones."""
        last: tuple[Any, ...] = (-1, "", -1, -1, -1)
        sql = (
            "SELECT rank, checked, page, place, n, key, section, due, seen FROM work "
            "WHERE seen IS NOT NULL AND (rank, checked, page, place, n) > (?, ?, ?, ?, ?) ORDER BY rank, checked, page, place, n LIMIT ?"
        )
        while batch := self._database.execute(sql, (*last, BATCH)).fetchall():
            for *_, key, section, what, seen in batch:
                yield Item(section, unpacked(key, json.loads(seen)), Due(what))
            last = batch[-1][:5]

    def done(self, key: str, *, owed: bool = False) -> None:
        """A row was asked for; `owed` where it has to be asked again."""
        self._database.execute("UPDATE work SET done = ? WHERE key = ?", (2 if owed else 1, key))
        if not owed:
            self.state.drop("owed", key)

    def owe_the_rest(self) -> None:
        """Remember the new and changed rows that were not read, and what has to be read again, for the next run."""
        n = 0
        sql = (
            "SELECT n, key, section, rank, place, seen, done FROM work WHERE n > ? AND (done = 2 OR (done = 0 AND due IN (?, ?))) "
            "ORDER BY n LIMIT ?"
        )
        while batch := self._database.execute(sql, (n, Due.NEW, Due.CHANGED, BATCH)).fetchall():
            for _, key, section, rank, place, seen, done in batch:
                tries = min(rank % _LAST + (done == 2), _LAST - 1)
                owed = {"section": section, "seen": json.loads(seen), "place": place, "tries": tries}
                if self.state.fact("owed", key) != owed:
                    self.state.put("owed", key, owed)
            n = batch[-1][0]

    # changed notices

    def hold(self, key: str, notice: KnownNotice) -> None:
        """Keep the new memory of a changed notice until it is clear that the portal did not change as a whole."""
        self._database.execute("INSERT OR REPLACE INTO held VALUES (?, ?)", (key, compact(asdict(notice))))

    def count_held(self) -> int:
        return self._number("SELECT count(*) FROM held")

    def held(self) -> Iterator[tuple[str, KnownNotice]]:
        last = ""
        sql = "SELECT key, value FROM held WHERE key > ? ORDER BY key LIMIT ?"
        while batch := self._database.execute(sql, (last, BATCH)).fetchall():
            for key, value in batch:
                yield key, unpacked_notice(json.loads(value))
            last = batch[-1][0]

    def _number(self, sql: str, *values: str) -> int:
        return int(self._database.execute(sql, values).fetchone()[0])
