"""A silver batch as the audit reads it: whole, once, before anything is judged."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.completeness import GENRES, Found
from gongkai.errors import GongkaiError
from gongkai.layout import Layout, run_day
from gongkai.ledger import StageOutcome, read_outcome
from gongkai.registry import Portal
from gongkai.status import RunStatus
from gongkai.storable import CHUNK, Offence, chunks_of, look_through, wrong_columns
from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES, TABLES

FILLED = ("title", "date", "doc_number", "index_number", "source")
"""Fields of a notice whose fill rates are compared with the section's own history; `date` is the page's or the list's."""

_EMPTY: dict[str, bytes] = {}
"""By table: a file without rows that was read and found whole. Most files of a quiet night are the same to the byte."""

Fills = dict[str, dict[str, tuple[int, int]]]
"""Section → field → (notices that have it, notices)."""


class BatchUnreadable(GongkaiError):
    """A silver file is missing, damaged, or holds what no engine can store. Raised by `Batch`; quarantines this batch only."""

    def __init__(self, cause: str, offences: Sequence[Offence] = ()) -> None:
        self.offences = offences
        """What cannot be stored, with its rows; empty where the files could not be read."""
        super().__init__(cause)


@dataclass
class Batch:
    """One portal's silver of one run."""

    portal: Portal
    run_id: str
    layout: Layout

    @cached_property
    def commit(self) -> dict[str, object]:
        path = self.layout.silver_commit(self.portal.id, self.run_id)
        try:
            commit = json.loads(path.read_text(encoding="utf-8"))
            return {"digest": str(commit["digest"]), "counts": dict(commit["counts"])}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BatchUnreadable(f"{path.name}: {error}") from error

    @property
    def digest(self) -> str:
        return str(self.commit["digest"])

    def committed(self, name: str) -> int:
        """What extract says it wrote."""
        counts = self.commit["counts"]
        if not isinstance(counts, dict) or not isinstance(counts.get(name), int):
            raise BatchUnreadable(f"silver commit does not count {name!r}")
        return int(counts[name])

    @cached_property
    def crawl(self) -> StageOutcome:
        path = self.layout.outcome(self.run_id, self.portal.id, "crawl")
        if not path.exists():  # killed between commit and ledger: the run's own folder holds the same row
            path = self.layout.raw_run(self.portal.id, self.run_id) / "outcome.json"
        try:
            return read_outcome(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BatchUnreadable(f"ledger holds no crawl outcome of {self.portal.id} in {self.run_id}: {error}") from error

    @property
    def written(self) -> int:
        """Notices that the crawl says it wrote in this run. A count it does not give is 0: rows without a count then fail."""
        if self.crawl.status is RunStatus.WRONG_SITE:  # what was fetched belongs to another body and is dropped
            return 0
        return self.crawl.counts.get("new", 0) + self.crawl.counts.get("changed", 0)

    @property
    def saw_the_portal(self) -> bool:
        """False where the crawl itself says that it met no listing (blocked, unreachable, …): nothing to count then."""
        return self.crawl.status in (RunStatus.COMPLETE, RunStatus.EMPTY, RunStatus.STALE, RunStatus.PARTIAL)

    @property
    def day(self) -> date:
        """The night's calendar day in China."""
        return run_day(self.run_id)

    @cached_property
    def size(self) -> int:
        """Bytes of its files: how much of the task's memory it will ask for."""
        paths = (self.layout.silver(name, self.portal.id, self.run_id) for name in (*CRAWL_TABLES, *DOCUMENT_TABLES))
        return sum(path.stat().st_size for path in paths if path.exists())

    @cached_property
    def tables(self) -> dict[str, pa.Table]:
        """Every table that extract wrote.

        Raises:
            BatchUnreadable: one is missing, damaged, or holds what cannot be stored; or commit or ledger row are missing or damaged.
        """
        tables, offences = {}, []
        for name in (*CRAWL_TABLES, *DOCUMENT_TABLES):
            tables[name], found = self._read(name)
            offences += found
        if offences:
            raise BatchUnreadable("; ".join(f"{o.table}: {o.cause}" for o in offences), offences)
        for count in ("documents", "tasks", "metrics", "findings"):
            self.committed(count)
        _ = self.crawl
        return tables

    def _read(self, name: str) -> tuple[pa.Table, list[Offence]]:
        table = TABLES[name]
        try:
            content = self.layout.silver(name, self.portal.id, self.run_id).read_bytes()
            if content == _EMPTY.get(name):
                return table.schema.empty_table(), []
            with pq.ParquetFile(pa.BufferReader(content)) as file:
                if wrong := wrong_columns(table, file.schema_arrow, chunks_of(file)):
                    return table.schema.empty_table(), [wrong]
                if not file.metadata.num_rows:
                    _EMPTY[name] = content
                    return table.schema.empty_table(), []
                read = file.read(use_threads=False)  # threads cost more than they bring on a few hundred rows
                return read, look_through(table, read.to_batches(CHUNK), None)[0]
        except Exception as error:  # whatever a reader makes of a file, it costs its own batch
            raise BatchUnreadable(f"{name}: {type(error).__name__}: {error}") from error

    def rows(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Some columns of a table, row by row."""
        held = self.tables[table]
        return zip(*(held[column].to_pylist() for column in columns), strict=True)

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Section name → kind, as the crawl met them."""
        return dict(self.rows("section_outcome", "section", "kind"))

    @cached_property
    def unseen_notices(self) -> set[str]:
        """Notices with an attachment that was not archived, or with a part that could not be read."""
        owed = {notice for notice, status in self.rows("attachment", "notice_id", "status") if status != "archived"}
        return owed | {notice for notice, rule in self.rows("finding", "notice_id", "rule") if rule == "D-READ"}

    @cached_property
    def fills(self) -> Fills:
        """How many of the notices of each section have each field."""
        counted: dict[str, list[int]] = defaultdict(lambda: [0] * (len(FILLED) + 1))
        fields = ("section", "title", "list_date", "published_at", "doc_number", "index_number", "source")
        for section, title, listed, published, *others in self.rows("notice", *fields):
            for place, value in enumerate((title, listed or published, *others, True)):
                counted[section][place] += bool(value)
        return {section: {name: (counts[i], counts[-1]) for i, name in enumerate(FILLED)} for section, counts in counted.items()}

    def found(self) -> Iterator[Found]:
        """Plans and reports that were read, by document."""
        fields = ("document_id", "notice_id", "version", "genre", "plan_year", "report_year", "published_at")
        wanted = [row for row in self.rows("document", *fields) if row[3] in GENRES]
        if not wanted:
            return
        days = {(n, v): claims for n, v, *claims in self.rows("notice", "notice_id", "version", "list_date", "published_at")}
        for document, notice, version, genre, plan_year, report_year, published in wanted:
            year = plan_year if genre == "work_plan" else report_year
            if year is not None:
                claims = (day_of(claim) for claim in (*days.get((notice, version), ()), published))
                yield Found(genre=genre, year=year, document_id=document, dates=tuple(day for day in claims if day))


def day_of(value: object) -> date | None:
    """Date of a date column or of an ISO text; anything else names no day (the notices suite flags such texts)."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return None
