"""A look at a batch's files before they are loaded. What breaks a promise keeps the whole batch out; the offending rows stay as evidence.

Both engines refuse the same rows: what PostgreSQL cannot store (NUL, a key too long for an index) never gets into DuckDB either.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gongkai.layout import Layout, run_moment
from gongkai.tables import AUDIT_TABLES, TABLES, Table
from warehouse.batches import Batch

LONGEST_TEXT = 8_000_000
"""Bytes of UTF-8 in one value: about 2,700,000 characters. A longer "text" is a file that was read as what it is not."""
LONGEST_KEY = 500
"""Bytes in a column of a key: PostgreSQL's index takes 2,704 for all of them."""
CLOCK_TOLERANCE = timedelta(days=1)
"""Machines disagree by minutes and time zones by hours; a moment further ahead comes from a clock that was set back since."""
_KEPT = 20  # rows of evidence for one rule in one column
_SHOWN = 200  # characters of a value in it
_CHUNK = 8192

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

_Kept = tuple[int, Any, dict[str, Any]]
"""A row's number in its file from 0, the offending value, the row."""


@dataclass(frozen=True, kw_only=True)
class Offence:
    """One broken rule in one file."""

    table: str
    rule: str
    cause: str
    column: str | None = None
    rows: Sequence[_Kept] = ()


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A batch's rows by table, and why it cannot be loaded (nothing: it can)."""

    rows: dict[str, int]
    offences: list[Offence]

    @property
    def cause(self) -> str | None:
        return self.offences[0].cause + (f" (and {len(self.offences) - 1} more)" if self.offences[1:] else "") if self.offences else None


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
            offences += found
    return Examined(rows=rows, offences=offences)


def evidence(batch: Batch, offences: Sequence[Offence]) -> list[dict[str, Any]]:
    """Rows of `silver.refused_row`; an offence of a whole file has one."""
    told: list[dict[str, Any]] = []
    for o in offences:
        place = {"table_name": o.table, "rule": o.rule, "column_name": o.column}
        told += [
            place | {"row_number": n, "value": None if v is None else str(_shown(v)), "row": json.dumps(_shown(r), ensure_ascii=False)}
            for n, v, r in o.rows
        ] or [place | {"row_number": None, "value": o.cause, "row": None}]
    return [{"portal_id": batch.portal_id, "run_id": batch.run_id, "seq": seq, **row} for seq, row in enumerate(told)]


def _examine_file(table: Table, batch: Batch, path: Path, now: datetime) -> tuple[int, list[Offence]]:
    def offence(rule: str, cause: str, **more: Any) -> Offence:
        return Offence(table=table.name, rule=rule, cause=f"{path}: {cause}", **more)

    try:
        with pq.ParquetFile(path) as file:
            if wrong := _wrong_columns(table, file.schema_arrow):
                first = next(file.iter_batches(_KEPT), None)
                rows = [(n, wrong, row) for n, row in enumerate(first.to_pylist() if first else [])]
                return 0, [offence("columns", f"columns are not those of gongkai/tables.py ({wrong}); extract the batch again", rows=rows)]
            if not file.metadata.num_rows:
                return 0, []
            values, keys = _look_through(table, file, now)
            found = [offence(*f[:2], rows=_rows_of(file, f[2])) for f in _key_faults(table, batch, keys)]
            found += [offence(*f[:2], column=f[2], rows=f[3]) for f in values]
            return file.metadata.num_rows, found
    except (pa.ArrowInvalid, OSError) as error:
        return 0, [offence("unreadable", f"not readable as Parquet: {error}")]


def _wrong_columns(table: Table, schema: pa.Schema) -> str:
    if schema.equals(table.schema):
        return ""
    wanted, there = ({f.name: f.type for f in s} for s in (table.schema, schema))
    said = [f"{name} is {there[name]}, not {wanted[name]}" for name in there if name in wanted and there[name] != wanted[name]]
    said += [f"{name} is missing" for name in wanted if name not in there] + [f"{name} is unknown" for name in there if name not in wanted]
    return ", ".join(said) or "in another order"


def _key_faults(table: Table, batch: Batch, keys: pa.Table) -> Iterator[tuple[str, str, list[int]]]:
    """(rule, cause, numbers of offending rows)"""
    named = ", ".join(table.key)
    for column, value in (("portal_id", batch.portal_id), ("run_id", batch.run_id)):
        if keys[column].unique().to_pylist() != [value]:
            yield "foreign", "holds rows of another portal or run", [n for n, v in enumerate(keys[column].to_pylist()) if v != value]
    if any(keys[name].null_count for name in table.key):
        missing = [n for n, row in enumerate(keys.select(list(table.key)).to_pylist()) if None in row.values()]
        yield "key_missing", f"a row has no key ({named})", missing
    doubled = keys.num_rows - keys.group_by(list(table.key), use_threads=False).aggregate([]).num_rows
    if doubled:
        listed = [tuple(row.values()) for row in keys.select(list(table.key)).to_pylist()]
        times = Counter(listed)
        repeated = [n for n, key in enumerate(listed) if times[key] > 1]
        yield "key_repeated", f"{doubled} rows repeat the key ({named}) of another row", repeated


def _rows_of(file: pq.ParquetFile, numbers: Sequence[int]) -> list[tuple[int, None, dict[str, Any]]]:
    wanted, first, rows = numbers[:_KEPT], 0, []
    for chunk in file.iter_batches(_CHUNK, use_threads=False):
        rows += [(n, None, chunk.slice(n - first, 1).to_pylist()[0]) for n in wanted if first <= n < first + chunk.num_rows]
        first += chunk.num_rows
    return rows


def _look_through(table: Table, file: pq.ParquetFile, now: datetime) -> tuple[list[tuple[str, str, str, list[_Kept]]], pa.Table]:
    """(rule, cause, column, rows) of values that cannot be stored, and the columns of the keys of all rows.

    A column is looked at value by value only where it may hold an offence.
    """
    latest = now + CLOCK_TOLERANCE
    found: dict[tuple[str, str], list[_Kept]] = {}
    total: Counter[tuple[str, str]] = Counter()
    keys: list[pa.RecordBatch] = []
    first = 0
    # Threads cost more than they bring on files of a few hundred rows.
    for chunk in file.iter_batches(_CHUNK, use_threads=False):
        for field in table.schema:
            longest = LONGEST_KEY if field.name in table.key else LONGEST_TEXT
            if _suspicious(chunk[field.name], longest, latest):
                for n, value in enumerate(map(_value, chunk[field.name])):
                    if rule := _broken_rule(value, field.type, longest, latest):
                        total[rule, field.name] += 1
                        rows = found.setdefault((rule, field.name), [])
                        if len(rows) < _KEPT:
                            rows.append((first + n, value, {name: _value(chunk[name][n]) for name in table.schema.names}))
        keys.append(chunk.select(sorted({*table.key, "portal_id", "run_id"})))
        first += chunk.num_rows
    faults = [
        (rule, f"{total[rule, column]} values of {column} are not storable: {rule}", column, rows) for (rule, column), rows in found.items()
    ]
    return faults, pa.Table.from_batches(keys)


def _suspicious(column: pa.Array, longest: int, latest: datetime) -> bool:
    """Quick and on the safe side."""
    kind = column.type
    if pa.types.is_list(kind):
        return _suspicious(column.flatten(), longest, latest)
    try:
        column.validate(full=True)  # UTF-8, digits of decimals
    except pa.ArrowInvalid:
        return True
    if pa.types.is_string(kind):
        _, offsets, data = column.buffers()
        bounds = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
        text = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]] if data and len(column) else np.empty(0, np.uint8)
        return bool(text.size and (text.min() == 0 or (text.size > longest and np.diff(bounds).max() > longest)))
    if pa.types.is_floating(kind):
        return not pc.all(pc.is_finite(column)).as_py() and column.null_count < len(column)
    if pa.types.is_temporal(kind):
        ends = pc.min_max(column.cast(pa.int32() if pa.types.is_date(kind) else pa.int64()))
        low, high = ends["min"].as_py(), ends["max"].as_py()
        return low is not None and not (_FIRST[kind] <= low and high <= (_stamp(latest) if pa.types.is_timestamp(kind) else _LAST_DAY))
    return False


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR = datetime(1, 1, 1, tzinfo=UTC)
_FIRST = {pa.date32(): (_FIRST_YEAR - _EPOCH).days, pa.timestamp("us", tz="UTC"): (_FIRST_YEAR - _EPOCH) // timedelta(microseconds=1)}
_LAST_DAY = (date.max - _EPOCH.date()).days


def _stamp(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _value(scalar: pa.Scalar) -> Any:
    """As Python has it; text that is no UTF-8 as bytes, moments and days that Python has no name for as integers."""
    if isinstance(scalar, pa.ListScalar):
        return None if scalar.values is None else [_value(v) for v in scalar.values]
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes()
    except (ValueError, OverflowError):
        return scalar.value


def _broken_rule(value: Any, kind: pa.DataType, longest: int, latest: datetime) -> str | None:
    if isinstance(value, list):
        return next((rule for v in value if (rule := _broken_rule(v, kind.value_type, longest, latest))), None)
    if isinstance(value, str | bytes):
        return _broken_text_rule(value if isinstance(value, bytes) else value.encode(), longest)
    if isinstance(value, datetime):
        return "clock" if value > latest else None
    if isinstance(value, int) and pa.types.is_temporal(kind):
        return "out_of_range"
    if isinstance(value, float):
        return None if math.isfinite(value) else "not_finite"
    if isinstance(value, Decimal):
        return "out_of_range" if not value.is_finite() or abs(value) >= 10 ** (kind.precision - kind.scale) else None
    return None


def _broken_text_rule(text: bytes, longest: int) -> str | None:
    if b"\0" in text:
        return "nul"
    try:
        text.decode()
    except UnicodeDecodeError:
        return "not_utf8"
    return "too_long" if len(text) > longest else None


def _shown(value: Any) -> Any:
    """Bounded and printable, whatever it is."""
    if isinstance(value, dict):
        return {name: _shown(v) for name, v in value.items()}
    if value is None or isinstance(value, bool | int):
        return value
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
