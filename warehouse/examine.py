"""A look at a batch's files before they are loaded. What breaks a promise keeps the whole batch out; the offending rows stay as evidence.

The audit looked at the same (gongkai/storable.py); here it is asked once more of what lies on disk now, with keys, owners and the clock.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.layout import Layout, run_moment
from gongkai.storable import KEPT, Offence, as_python, chunks_of, look_through, open_rows, shown, wrong_columns
from gongkai.tables import AUDIT_TABLES, TABLES, Table
from warehouse.batches import Batch, BatchKey

CLOCK_TOLERANCE = timedelta(days=1)
"""Machines disagree by minutes and time zones by hours; a moment further ahead comes from a clock that was set back since."""
_EYES = 2  # batches that are looked at beside each other
_AHEAD = 100  # batches that may have been looked at before their turn: a wave, or many small ones; what is found is kept until then

BATCH_TABLES = tuple(t for t in TABLES.values() if t.name != "stage_outcome")
REFUSED_ROW = Table(
    "refused_row",
    "拒收行",
    "Rows for which a batch was not loaded, at most 20 for one rule in one column; gone as soon as the batch is loaded.",
    pa.schema(
        [
            (name, pa.int64() if name in ("seq", "row_number") else pa.string())
            for name in ("portal_id", "run_id", "seq", "table_name", "rule", "column_name", "row_number", "value", "row")
        ]
    ),
    ("portal_id", "run_id", "seq"),
)


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A batch's rows by table, and why it cannot be loaded (nothing: it can); of offending rows only what is shown."""

    rows: dict[str, int]
    offences: list[Offence]

    @property
    def cause(self) -> str | None:
        return self.offences[0].cause + (f" (and {len(self.offences) - 1} more)" if self.offences[1:] else "") if self.offences else None


_Looked = tuple[Sequence[Batch], dict[BatchKey, Examined]]


def examine(layout: Layout, batch: Batch, now: datetime) -> Examined:
    """All files of one batch. Of a batch that the audit refused only what the audit itself wrote."""
    rows: dict[str, int] = {}
    offences: list[Offence] = []
    if run_moment(batch.run_id) > now + CLOCK_TOLERANCE:
        offences.append(Offence(table="", rule="clock", cause=f"run {batch.run_id} is later than now ({now:%Y-%m-%d %H:%M} UTC)"))
    for table in BATCH_TABLES:
        path = layout.silver(table.name, *batch.key)
        if (batch.passed or table.name in AUDIT_TABLES) and path.exists():
            rows[table.name], found = _examine_file(table, batch, path, now)
            offences += [replace(o, cause=f"{path}: {o.cause}", rows=[(n, shown(v), shown(r)) for n, v, r in o.rows]) for o in found]
    return Examined(rows=rows, offences=offences)


def examine_ahead(layout: Layout, waves: Sequence[Sequence[Batch]], now: datetime) -> Generator[_Looked]:
    """Each wave with a look at its batches. The engine writes one wave while the next is looked at, and few after it."""
    ahead: deque[tuple[Sequence[Batch], list[Future[Examined]]]] = deque()
    pool = ThreadPoolExecutor(_EYES, thread_name_prefix="examine")  # the reader of Parquet lets other threads run
    try:
        for wave in waves:
            ahead.append((wave, [pool.submit(examine, layout, batch, now) for batch in wave]))
            if sum(len(looks) for _, looks in ahead) > _AHEAD:
                yield _looked_at(*ahead.popleft())
        while ahead:
            yield _looked_at(*ahead.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _looked_at(wave: Sequence[Batch], looks: Sequence[Future[Examined]]) -> _Looked:
    return wave, {batch.key: look.result() for batch, look in zip(wave, looks, strict=True)}


def evidence(batch: Batch, offences: Sequence[Offence]) -> list[dict[str, Any]]:
    """Rows of `silver.refused_row`; an offence of a whole file has one."""
    told: list[dict[str, Any]] = []
    for o in offences:
        place = {"table_name": o.table, "rule": o.rule, "column_name": o.column}
        told += [
            place | {"row_number": n, "value": None if v is None else str(v), "row": json.dumps(r, ensure_ascii=False)}
            for n, v, r in o.rows
        ] or [place | {"row_number": None, "value": o.cause, "row": None}]
    return [{"portal_id": batch.portal_id, "run_id": batch.run_id, "seq": seq, **row} for seq, row in enumerate(told)]


def _examine_file(table: Table, batch: Batch, path: Path, now: datetime) -> tuple[int, list[Offence]]:
    try:
        with open_rows(path) as file:
            if wrong := wrong_columns(table, file.schema_arrow, chunks_of(file)):
                return 0, [wrong]
            if not file.metadata.num_rows:
                return 0, []
            values, keys = look_through(table, chunks_of(file), now + CLOCK_TOLERANCE)
            found = [
                Offence(table=table.name, rule=rule, cause=cause, total=len(numbers), rows=_rows_of(file, numbers))
                for rule, cause, numbers in _key_faults(table, batch, keys)
            ]
            return file.metadata.num_rows, found + values
    except Exception as error:  # noqa: BLE001  whatever the reader makes of a file, it costs its own batch
        return 0, [Offence(table=table.name, rule="unreadable", cause=f"not readable as Parquet: {error}")]


def _key_faults(table: Table, batch: Batch, keys: pa.Table) -> Iterator[tuple[str, str, list[int]]]:
    """(rule, cause, numbers of offending rows)"""
    for column, value in (("portal_id", batch.portal_id), ("run_id", batch.run_id)):
        if keys[column].unique().to_pylist() != [value]:
            yield "foreign", "holds rows of another portal or run", [n for n, v in enumerate(keys[column].to_pylist()) if v != value]
    doubled = keys.num_rows - keys.group_by(list(table.key), use_threads=False).aggregate([]).num_rows
    if doubled:
        listed = [tuple(row.values()) for row in keys.select(list(table.key)).to_pylist()]
        times = Counter(listed)
        repeated = [n for n, key in enumerate(listed) if times[key] > 1]
        yield "key_repeated", f"{doubled} rows repeat the key ({', '.join(table.key)}) of another row", repeated


def _rows_of(file: pq.ParquetFile, numbers: Sequence[int]) -> list[tuple[int, None, dict[str, Any]]]:
    wanted, first, rows = numbers[:KEPT], 0, []
    for chunk in chunks_of(file):
        rows += [(n, None, as_python(chunk, n - first)) for n in wanted if first <= n < first + chunk.num_rows]
        first += chunk.num_rows
    return rows
