"""A silver batch as the suites see it, and what earlier batches of the same portal told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.completeness import GENRES, Found, Genre, years_named
from gongkai.errors import GongkaiError
from gongkai.layout import Layout, run_day
from gongkai.ledger import StageOutcome, read_outcome
from gongkai.registry import Portal
from gongkai.status import RunStatus
from gongkai.tables import TABLES


class BatchUnreadable(GongkaiError):
    """A silver file is missing, damaged, or has not its table's columns. Raised by `Batch`; quarantines this batch only."""


@dataclass
class Batch:
    """One portal's silver of one run; tables are read when first asked for."""

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

    def table(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """A silver table as a frame; `columns` is enough where no more is needed. Whole tables are kept."""
        if name in self._frames:
            return self._frames[name]
        path = self.layout.silver(name, self.portal.id, self.run_id)
        try:
            with pq.ParquetFile(path) as file:
                fits = file.schema_arrow.equals(TABLES[name].schema)
                frame: pd.DataFrame | None = file.read(columns).to_pandas() if fits else None
        except (OSError, pa.ArrowException) as error:
            raise BatchUnreadable(f"{name}: {error}") from error
        if frame is None:
            raise BatchUnreadable(f"{name}: columns or types are not those of gongkai/tables.py")
        if columns is None:
            self._frames[name] = frame
        return frame

    @cached_property
    def _frames(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Section name → kind, as the crawl met them."""
        sections = self.table("section_outcome", ["section", "kind"])
        return dict(zip(sections["section"], sections["kind"], strict=True))

    def unseen_notices(self) -> set[str]:
        """Notices with an attachment that was not archived, or with a part that could not be read."""
        attachments, findings = self.table("attachment"), self.table("finding")
        return set(attachments.loc[attachments["status"] != "archived", "notice_id"]) | set(
            findings.loc[findings["rule"] == "D-READ", "notice_id"]
        )


@dataclass
class History:
    """What batches up to now told about a portal; `add` them oldest first."""

    documents: dict[str, Found] = field(default_factory=dict)
    """Plans and reports by document id."""
    listed: dict[Genre, set[int]] = field(default_factory=lambda: {g: set() for g in GENRES})
    """Years that titles in the genre's sections name."""
    rows_known: dict[str, int] = field(default_factory=dict)
    """Rows of each section at its last whole walk."""

    def add(self, batch: Batch) -> None:
        """Take in documents and listed years of one more batch."""
        entries = batch.table("list_entry", ["section", "title"])
        for genre in GENRES:
            names = {name for name, kind in batch.kinds.items() if kind == genre}
            self.listed[genre] |= years_named(entries.loc[entries["section"].isin(names), "title"].dropna())
        self.documents |= {item.document_id: item for item in _found(batch)}

    def remember_sizes(self, batch: Batch) -> None:
        """Take in section sizes; apart from `add`, because a batch is compared with those before it."""
        whole = batch.table("section_outcome").query("complete")
        self.rows_known |= dict(zip(whole["section"], whole["rows_known"], strict=True))


def _found(batch: Batch) -> Iterator[Found]:
    documents = batch.table("document", ["document_id", "notice_id", "version", "genre", "plan_year", "report_year", "published_at"])
    notices = batch.table("notice", ["notice_id", "version", "list_date", "published_at"])
    joined = documents.merge(notices, on=["notice_id", "version"], how="left", suffixes=("", "_notice"))
    for genre, column in zip(GENRES, ("plan_year", "report_year"), strict=True):
        for row in joined[(joined["genre"] == genre) & joined[column].notna()].to_dict("records"):
            days = [_day(row[name]) for name in ("list_date", "published_at", "published_at_notice")]
            yield Found(genre=genre, year=int(row[column]), document_id=row["document_id"], dates=tuple(d for d in days if d))


def _day(value: object) -> date | None:
    """Date of a date column or of an ISO text; anything else names no day (the notices suite flags such texts)."""
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return None
