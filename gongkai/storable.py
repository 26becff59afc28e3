"""What rows must be so that every engine can store them: one look at a file, taken by the audit and again before the load.

Both engines refuse the same rows: what PostgreSQL cannot store (NUL, a key too long for an index) never gets into DuckDB either.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gongkai.tables import Table

LONGEST_TEXT = 8_000_000
"""Bytes of UTF-8 in one value: about 2,700,000 characters. A longer "text" is a file that was read as what it is not."""
LONGEST_KEY = 500
"""Bytes in a column of a key: PostgreSQL's index takes 2,704 for all of them."""
KEPT = 20
"""Rows of evidence for one rule in one column."""
CHUNK = 8192
"""Rows that are looked at together, at most."""
_CHUNK_BYTES = 16_000_000
"""What the rows that are read together weigh, about: texts are of 20 bytes or of millions."""
_READ_BYTES = 1 << 20
_GROUP_ROWS, _GROUP_BYTES = 1 << 20, 64_000_000
_PAGE_ROWS, _PAGE_BYTES = 1024, 1_000_000
"""Rows of a row group and of a page: as many as the writer itself would take, fewer where they are long."""
RULES = {
    "columns": "the columns and types of gongkai/tables.py",
    "key_missing": "a value in each column of the key",
    "nul": "no NUL in a text",
    "not_utf8": "texts in UTF-8",
    "too_long": f"at most {LONGEST_TEXT} bytes of text, {LONGEST_KEY} in a column of the key",
    "not_finite": "no NaN and no infinity",
    "out_of_range": "a number, day or moment that its column can hold",
    "clock": "no moment later than now",
}
"""Each rule with what it asks for."""
_SHOWN = 200  # characters of a value in evidence

KeptRow = tuple[int, Any, dict[str, Any]]
"""A row's number in its file from 0, the offending value, the row."""


@dataclass(frozen=True, kw_only=True)
class Offence:
    """One broken rule in one file."""

    table: str
    rule: str
    cause: str
    column: str | None = None
    total: int = 0
    """Values or rows that break it; `rows` are at most KEPT of them."""
    rows: Sequence[KeptRow] = ()


def open_rows(path: Path) -> pq.ParquetFile:
    """A file of rows that is read a piece at a time: left alone, the reader fetches all columns ahead and keeps what it has read."""
    return pq.ParquetFile(path, pre_buffer=False, buffer_size=_READ_BYTES)


def chunks_of(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """The rows of a file, as many together as a bounded memory holds."""
    groups = (file.metadata.row_group(n) for n in range(file.num_row_groups))
    row = max((group.total_byte_size // group.num_rows for group in groups if group.num_rows), default=0)
    # Threads cost more than they bring on files of a few hundred rows.
    chunks: Iterator[pa.RecordBatch] = file.iter_batches(min(CHUNK, _CHUNK_BYTES // (row + 1) + 1), use_threads=False)
    return chunks


def write_rows(rows: pa.Table, path: Path) -> None:
    """A Parquet file in parts that a bounded memory reads: a writer left alone puts 1,024 texts into one page, however long they are."""
    row = rows.nbytes // max(rows.num_rows, 1) + 1
    group, page = (max(1, min(most, size // row)) for most, size in ((_GROUP_ROWS, _GROUP_BYTES), (_PAGE_ROWS, _PAGE_BYTES)))
    pq.write_table(rows, path, compression="zstd", row_group_size=group, write_batch_size=page)


def wrong_columns(table: Table, schema: pa.Schema, chunks: Iterable[pa.RecordBatch]) -> Offence | None:
    """Columns too many or too few, or of other types; evidence are rows whose values do not fit, or else the first ones."""
    if schema.equals(table.schema):
        return None
    wanted, there = ({f.name: f.type for f in s} for s in (table.schema, schema))
    other = {name: wanted[name] for name in there if name in wanted and there[name] != wanted[name]}
    said = [f"{name} is {there[name]}, not {kind}" for name, kind in other.items()]
    said += [f"{name} is missing" for name in wanted if name not in there] + [f"{name} is unknown" for name in there if name not in wanted]
    wrong = ", ".join(said) or "in another order"
    misfits: list[KeptRow] = []
    first: list[KeptRow] = []
    for start, chunk in _numbered(chunks):
        first += [(start + n, wrong, as_python(chunk, n)) for n in range(min(len(chunk), KEPT - len(first)))]
        numbers = sorted({n for name, kind in other.items() for n in _misfits(chunk[name], kind)})
        misfits += [(start + n, wrong, as_python(chunk, n)) for n in numbers[: KEPT - len(misfits)]]
    cause = f"columns are not those of gongkai/tables.py ({wrong}); extract the batch again"
    return Offence(table=table.name, rule="columns", cause=cause, total=len(misfits or first), rows=misfits or first)


def look_through(table: Table, chunks: Iterable[pa.RecordBatch], latest: datetime | None) -> tuple[list[Offence], pa.Table]:
    """What cannot be stored of rows that have the table's columns; and of all rows the key, portal and run.

    A column is looked at value by value only where it may hold an offence. `latest`: the last moment that may be named; None: any.
    """
    found: dict[tuple[str, str | None], list[KeptRow]] = {}
    total: Counter[tuple[str, str | None]] = Counter()
    keys: list[pa.RecordBatch] = []

    def note(rule: str, column: str | None, number: int, value: Any, row: dict[str, Any]) -> None:
        total[rule, column] += 1
        kept = found.setdefault((rule, column), [])
        if len(kept) < KEPT:
            kept.append((number, value, row))

    for start, chunk in _numbered(chunks):
        for field in table.schema:
            longest = LONGEST_KEY if field.name in table.key else LONGEST_TEXT
            if _suspicious(chunk[field.name], longest, latest):
                for n, value in enumerate(map(_value, chunk[field.name])):
                    if rule := _broken_rule(value, field.type, longest, latest):
                        note(rule, field.name, start + n, value, as_python(chunk, n))
        for n in _keyless(table, chunk):
            note("key_missing", None, start + n, None, as_python(chunk, n))
        keys.append(chunk.select(sorted({*table.key, "portal_id", "run_id"})))
    told = [
        Offence(table=table.name, rule=rule, cause=_cause(table, rule, column, count), column=column, total=count, rows=found[rule, column])
        for (rule, column), count in total.items()
    ]
    return told, pa.Table.from_batches(keys)


def as_python(chunk: pa.RecordBatch, number: int) -> dict[str, Any]:
    """One row; what Python has no value for as bytes or integers."""
    return {name: _value(column[number]) for name, column in zip(chunk.schema.names, chunk.columns, strict=True)}


def shown(value: Any) -> Any:
    """Bounded and printable, whatever it is."""
    if isinstance(value, dict):
        return {name: shown(v) for name, v in value.items()}
    if value is None or isinstance(value, bool | int):
        return value
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


def _cause(table: Table, rule: str, column: str | None, total: int) -> str:
    if column is None:
        return f"{total} rows have no key ({', '.join(table.key)})"
    return f"{total} values of {column} are not storable: {rule}"


def _numbered(chunks: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Each chunk with the number of its first row."""
    first = 0
    for chunk in chunks:
        yield first, chunk
        first += chunk.num_rows


def _keyless(table: Table, chunk: pa.RecordBatch) -> list[int]:
    nulls = [chunk[name].is_null() for name in table.key if chunk[name].null_count]
    return [n for n in range(len(chunk)) if any(column[n].as_py() for column in nulls)] if nulls else []


def _misfits(column: pa.Array, kind: pa.DataType) -> list[int]:
    """Rows whose value does not become one of another type without loss."""

    def fits(part: pa.Array) -> bool:
        try:
            part.cast(kind)
        except pa.ArrowException:
            return False
        return True

    return [] if fits(column) else [n for n in range(len(column)) if not fits(column.slice(n, 1))]


def _suspicious(column: pa.Array, longest: int, latest: datetime | None) -> bool:
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
        return low is not None and not (
            _FIRST[kind] <= low and high <= (_stamp(latest or _LAST) if pa.types.is_timestamp(kind) else _LAST_DAY)
        )
    return False


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR = datetime(1, 1, 1, tzinfo=UTC)
_FIRST = {pa.date32(): (_FIRST_YEAR - _EPOCH).days, pa.timestamp("us", tz="UTC"): (_FIRST_YEAR - _EPOCH) // timedelta(microseconds=1)}
_LAST_DAY = (date.max - _EPOCH.date()).days
_LAST = datetime.max.replace(tzinfo=UTC)


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


def _broken_rule(value: Any, kind: pa.DataType, longest: int, latest: datetime | None) -> str | None:
    if isinstance(value, list):
        return next((rule for v in value if (rule := _broken_rule(v, kind.value_type, longest, latest))), None)
    if isinstance(value, str | bytes):
        return _broken_text_rule(value if isinstance(value, bytes) else value.encode(), longest)
    if isinstance(value, datetime):
        return "clock" if latest and value > latest else None
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
