"""What a suite module hands over: a frame over many batches with the rules asked of its rows and of each batch."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from expectations.chunk import BATCH
from expectations.suites.rules import Count, Rule


@dataclass(frozen=True)
class Check:
    """A frame, what is expected of its rows, and how many of them each batch must have."""

    suite: str
    frame: pd.DataFrame
    """Has the column `batch`."""
    key: tuple[str, ...]
    """Columns that name an offending row."""
    counts: tuple[Count, ...]
    rules: tuple[Rule, ...] = ()
    may_be_empty: str = ""
    """Why a batch may have no row here, where nothing says how many there should be."""

    def __post_init__(self) -> None:
        """Rules on rows pass on no rows, by design of the library: only a count keeps an empty batch from passing."""
        if not self.counts and not self.may_be_empty:
            raise ValueError(f"suite {self.suite} has no row count, and no reason why it may be empty")
        if BATCH not in self.frame:
            raise ValueError(f"suite {self.suite}: its frame does not say which batch a row belongs to")
