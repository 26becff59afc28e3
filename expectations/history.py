"""What earlier batches of a portal told: the ranges that a batch is compared with. Grows with sections and documents, not with nights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from expectations.batch import FILLED, Batch
from expectations.completeness import GENRES, Found, Genre, years_named

_WALKS = 10  # whole walks of a section that are remembered


@dataclass
class History:
    """`add` a batch, judge it, then `remember` it; oldest first."""

    documents: dict[str, Found] = field(default_factory=dict)
    """Plans and reports by document id."""
    listed: dict[Genre, set[int]] = field(default_factory=lambda: {g: set() for g in GENRES})
    """Years that titles in the genre's sections name."""
    newest: dict[str, date] = field(default_factory=dict)
    """Newest day that each section's listing showed."""
    first_day: date | None = None
    """Day of the first run."""
    good_day: date | None = None
    """Day of the newest run whose crawl was whole."""
    walks: dict[str, list[int]] = field(default_factory=dict)
    """Rows of each section at its last whole walks."""
    fills: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    """Section → field → [notices that had it, notices], over all batches."""
    busiest: int = 0
    """Most notices that one run wrote."""

    def add(self, batch: Batch) -> None:
        """Take in what belongs to the state after the batch: documents, listed years, the newest days."""
        ahead = batch.day + timedelta(days=2)  # a misread day in the future would silence the section's age for ever
        kinds = batch.kinds
        for section, title, day in batch.rows("list_entry", "section", "title", "date"):
            kind = kinds.get(section)
            if title and kind in self.listed:
                self.listed[kind].update(years_named([title]))  # type: ignore[index]  # looked up in the line before
            if day is not None and day <= ahead and day > self.newest.get(section, date.min):
                self.newest[section] = day
        self.documents |= {item.document_id: item for item in batch.found()}
        self.first_day = self.first_day or batch.day
        if batch.crawl.status.is_whole:
            self.good_day = batch.day

    def remember(self, batch: Batch) -> None:
        """Take in sizes and fill rates; apart from `add`, because a batch is compared with those before it."""
        for section, rows, complete in batch.rows("section_outcome", "section", "rows_known", "complete"):
            if complete and rows is not None:
                self.walks[section] = [*self.walks.get(section, []), rows][-_WALKS:]
        for section, fills in batch.fills.items():
            known = self.fills.setdefault(section, {name: [0, 0] for name in FILLED})
            for name, counts in fills.items():
                known[name] = [a + b for a, b in zip(known[name], counts, strict=True)]
        self.busiest = max(self.busiest, batch.written)

    def to_json(self) -> dict[str, Any]:
        """As plain values; `from_json` reads them."""
        return {
            "documents": [[f.document_id, f.genre, f.year, [d.isoformat() for d in f.dates]] for f in self.documents.values()],
            "listed": {genre: sorted(years) for genre, years in self.listed.items()},
            "newest": {section: day.isoformat() for section, day in self.newest.items()},
            "first_day": self.first_day.isoformat() if self.first_day else None,
            "good_day": self.good_day.isoformat() if self.good_day else None,
            "walks": self.walks,
            "fills": self.fills,
            "busiest": self.busiest,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> History:
        """Raises KeyError, TypeError or ValueError for anything that `to_json` did not write."""
        documents = (Found(document_id=i, genre=g, year=y, dates=tuple(map(date.fromisoformat, d))) for i, g, y, d in raw["documents"])
        return cls(
            documents={found.document_id: found for found in documents},
            listed={genre: set(raw["listed"][genre]) for genre in GENRES},
            newest={section: date.fromisoformat(day) for section, day in raw["newest"].items()},
            first_day=date.fromisoformat(raw["first_day"]) if raw["first_day"] else None,
            good_day=date.fromisoformat(raw["good_day"]) if raw["good_day"] else None,
            walks={section: [int(rows) for rows in walks] for section, walks in raw["walks"].items()},
            fills={section: {name: [int(a), int(b)] for name, (a, b) in fields.items()} for section, fields in raw["fills"].items()},
            busiest=int(raw["busiest"]),
        )
