"""Batches that are judged together: their tables as one frame each, and what each batch has for itself as one row of a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.batch import Batch
from expectations.completeness import Genre, completeness
from expectations.history import History
from expectations.thresholds import Thresholds
from gongkai.records.quality import CompletenessCell
from gongkai.status import RunStatus

BATCH = "batch"
"""Column of every frame: the place of the row's batch among those judged together."""
_SPANS = {
    "plan_task": "text",
    "task_unit": "printed",
    "task_deadline": "raw",
    "metric_value": "raw",
    "obligation": "raw",
}
"""Tables whose rows quote their document, and the column that quotes: compared with the text before the texts are let go."""


@dataclass(frozen=True)
class Case:
    """One batch under audit with everything that is known about its portal at this point of its history."""

    batch: Batch
    cells: Sequence[CompletenessCell]
    walks: Mapping[str, Sequence[int]]
    """Rows of each section at its last whole walks before this one."""
    fills: Mapping[str, Mapping[str, Sequence[int]]]
    """Fill rates of the batches before: section → field → (had it, notices)."""
    newest: Mapping[str, date]
    busiest: int
    first_day: date
    good_day: date | None

    @classmethod
    def of(cls, batch: Batch, history: History) -> Case:
        """The case of a batch that `history` has added, but not yet remembered. Keeps nothing that changes with later batches."""
        cells = completeness(
            batch.portal,
            run_id=batch.run_id,
            status=batch.crawl.status,
            today=batch.day,
            found=list(history.documents.values()),
            listed=history.listed,
        )
        return cls(
            batch,
            cells,
            walks=dict(history.walks),
            fills={section: {name: tuple(counts) for name, counts in fields.items()} for section, fields in history.fills.items()},
            newest=dict(history.newest),
            busiest=history.busiest,
            first_day=history.first_day or batch.day,
            good_day=history.good_day,
        )

    @cached_property
    def quotes(self) -> dict[str, pa.Array]:
        """By table of `_SPANS`, for each row: does the document's text hold it at its span, blanks aside? Null: nothing quoted."""
        bodies = dict(self.batch.rows("document", "document_id", "body_text"))
        held = {}
        for table, column in _SPANS.items():
            rows = self.batch.rows(table, "document_id", "span_start", "span_end", column)
            verdicts = [_bare(bodies.get(d, "")[max(s, 0) : e]) == _bare(printed) if printed else None for d, s, e, printed in rows]
            held[table] = pa.array(verdicts, type=pa.bool_())
        return held


class Chunk:
    """Some cases, judged together. A row's batch is its case's place."""

    def __init__(self, cases: Sequence[Case], limits: Thresholds) -> None:
        self.cases = cases
        self.limits = limits
        self._frames: dict[str, pd.DataFrame] = {}

    def frame(self, table: str) -> pd.DataFrame:
        """The rows of all batches with the column `batch`, for the caller to add to; quoting tables have `in_text`, documents `length`."""
        if table not in self._frames:
            self._frames[table] = self._joined(table)
        return self._frames[table].copy(deep=False)

    def _joined(self, table: str) -> pd.DataFrame:
        parts = [case.batch.tables[table] for case in self.cases]
        joined = pa.concat_tables(parts)
        if table == "document":  # texts are most of the bytes, and nothing below needs more of them than their length
            joined = joined.append_column("length", pc.utf8_length(joined["body_text"])).drop_columns(["body_text"])
        if table in _SPANS:
            joined = joined.append_column("in_text", pa.chunked_array([case.quotes[table] for case in self.cases]))
        frame: pd.DataFrame = joined.to_pandas(date_as_object=False)
        frame.insert(0, BATCH, np.repeat(np.arange(len(parts)), [part.num_rows for part in parts]))
        return frame

    def each(self, what: Callable[[Case], Any]) -> pd.Series:
        """One value a batch."""
        return pd.Series([what(case) for case in self.cases])

    def of_batch(self, frame: pd.DataFrame, what: Callable[[Case], Any]) -> pd.Series:
        """The batch's value beside each of its rows."""
        return frame[BATCH].map(self.each(what))

    def rows(self, frame: pd.DataFrame) -> pd.Series:
        """Rows of each batch."""
        return pd.Series(np.bincount(frame[BATCH].to_numpy(dtype=np.int64), minlength=len(self.cases)))

    def among(self, frame: pd.DataFrame, columns: Sequence[str], others: pd.DataFrame, theirs: Sequence[str] | None = None) -> pd.Series:
        """For each row: does `others` hold a row of the same batch with the same values?"""
        listed = pd.MultiIndex.from_frame(others[[BATCH, *(theirs or columns)]])
        return pd.Series(pd.MultiIndex.from_frame(frame[[BATCH, *columns]]).isin(listed), index=frame.index)

    def looked_up(self, frame: pd.DataFrame, what: Callable[[Case, Any], Any], column: str) -> pd.Series:
        """For each row what its case says about the row's value in `column`."""
        return pd.Series(
            [what(self.cases[batch], value) for batch, value in zip(frame[BATCH], frame[column], strict=True)],
            index=frame.index,
            dtype=object,
        )

    @cached_property
    def claims(self) -> list[bool]:
        """By batch: did the crawl call itself complete?"""
        return [case.batch.crawl.status is RunStatus.COMPLETE for case in self.cases]

    def first_day(self) -> pd.Timestamp:
        """The first plausible day of publication."""
        return pd.Timestamp(int(self.limits.earliest_year), 1, 1)

    def last_day(self, frame: pd.DataFrame) -> pd.Series:
        """The last plausible day of publication, beside each row."""
        ahead = timedelta(days=self.limits.future_days)
        return pd.to_datetime(self.of_batch(frame, lambda case: pd.Timestamp(case.batch.day + ahead)))

    @cached_property
    def unseen(self) -> pd.DataFrame:
        """Notices with a part that was not archived or not read."""
        return self.table([BATCH, "notice_id"], ((n, i) for n, case in enumerate(self.cases) for i in sorted(case.batch.unseen_notices)))

    def readable(self, genre: Genre) -> pd.Series:
        """New notices in sections of the genre that were wholly seen: what the reader could have recognised."""
        notices = self.frame("notice")
        of_kind = self.looked_up(notices, lambda case, section: case.batch.kinds.get(section) == genre, "section").astype(bool)
        return self.rows(notices[of_kind & ~self.among(notices, ["notice_id"], self.unseen)])

    @staticmethod
    def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
        """A frame of derived rows; an empty one has its columns too."""
        return pd.DataFrame(list(rows), columns=list(columns))

    @cached_property
    def _pages(self) -> dict[tuple[int, str], tuple[str, str, int]]:
        notices = self.frame("notice")
        values = zip(*(notices[name] for name in (BATCH, "notice_id", "url", "warc_file", "warc_offset")), strict=True)
        return {(batch, notice): (url, file, offset) for batch, notice, url, file, offset in values}

    def source(self, batch: int, row: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """Address and archive place of the page that a row was read from."""
        page = self._pages.get((batch, row.get("notice_id", "")))
        if page is None:
            return row.get("url"), None
        return page[0], f"{page[1]}@{page[2]}"


def _bare(text: str) -> str:
    return "".join(text.split())
