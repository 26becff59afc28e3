"""What a suite module is given, and what it hands over: frames with their expectations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from great_expectations.expectations.expectation import Expectation

from expectations.batch import Batch, History
from expectations.completeness import completeness
from expectations.thresholds import Thresholds
from gongkai.records.quality import CompletenessCell


@dataclass(frozen=True)
class Case:
    """One batch under audit with everything that is known about its portal."""

    batch: Batch
    history: History
    limits: Thresholds
    cells: Sequence[CompletenessCell]

    @classmethod
    def of(cls, batch: Batch, history: History, limits: Thresholds) -> Case:
        """The case of a batch that `history` already knows."""
        cells = completeness(
            batch.portal,
            run_id=batch.run_id,
            status=batch.crawl.status,
            today=batch.day,
            found=list(history.documents.values()),
            listed=history.listed,
        )
        return cls(batch, history, limits, cells)

    @property
    def days(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last plausible day of publication."""
        return (
            pd.Timestamp(int(self.limits.earliest_year), 1, 1),
            pd.Timestamp(self.batch.day) + pd.Timedelta(days=self.limits.future_days),
        )


@dataclass(frozen=True)
class Check:
    """A frame and what is expected of it. Each expectation carries its severity and, as description, its meaning."""

    suite: str
    frame: pd.DataFrame
    key: tuple[str, ...]
    """Columns that name an offending row."""
    expectations: tuple[Expectation, ...]

    def __post_init__(self) -> None:
        """Expectations on columns pass on no rows, by design of the library: only a row count keeps an empty frame from passing."""
        if not any(is_row_count(e) for e in self.expectations):
            raise ValueError(f"suite {self.suite} has no row-count expectation")


def is_row_count(expectation: Expectation) -> bool:
    return expectation.expectation_type.startswith("expect_table_row_count")
