"""Rows that no engine can store: the audit holds the batch back and keeps them; other portals' batches pass."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.audit import audit
from expectations.history import History
from expectations.verdict import Verdict
from gongkai.storable import LONGEST_TEXT

pytestmark = pytest.mark.usefixtures("one_auditor")

MakeTown = Callable[..., Any]


def _set(column: str, value: Any, row: int, kind: pa.DataType | None = None) -> Callable[[pa.Table], pa.Table]:
    def change(rows: pa.Table) -> pa.Table:
        field = rows.schema.field(column)
        values = [float(v) if kind == pa.float64() and v is not None else v for v in rows[column].to_pylist()]
        values[row] = value
        return rows.set_column(
            rows.schema.get_field_index(column), pa.field(column, kind or field.type), pa.array(values, kind or field.type)
        )

    return change


def _bytes(rows: pa.Table) -> pa.Table:
    raw = pa.array([b"\xc4\xe3" if n == 1 else b"text" for n in range(rows.num_rows)], type=pa.binary())
    text = pa.StringArray.from_buffers(len(raw), raw.buffers()[1], raw.buffers()[2])
    return rows.set_column(rows.schema.get_field_index("raw"), pa.field("raw", pa.string()), text)


def _far_day(rows: pa.Table) -> pa.Table:
    days = pa.array([5_000_000 if n == 1 else 19_000 for n in range(rows.num_rows)], type=pa.int32()).cast(pa.date32())
    return rows.set_column(rows.schema.get_field_index("due_date"), pa.field("due_date", pa.date32()), days)


LONG = "长" * (LONGEST_TEXT // 3 + 1)
# change of a table → column of the result, what it says, number of the row that is kept and what it shows
CASES: dict[str, tuple[str, Callable[[pa.Table], pa.Table], str | None, str, int, tuple[str, str]]] = {
    "a wrong type": (
        "metric_value", _set("seq", 0.5, 1, pa.float64()), None,
        "columns are not those of gongkai/tables.py (seq is double, not int64)", 1, ("seq", "0.5"),
    ),
    "NaN": (
        "metric_value", _set("value", math.nan, 2, pa.float64()), None,
        "columns are not those of gongkai/tables.py (value is double, not decimal128(24, 6))", 2, ("value", "nan"),
    ),
    "infinity": (
        "metric_value", _set("value", math.inf, 2, pa.float64()), None,
        "columns are not those of gongkai/tables.py (value is double, not decimal128(24, 6))", 2, ("value", "inf"),
    ),
    "a column too many": (
        "plan_task", lambda t: t.append_column("colour", pa.array(["红"] * t.num_rows)), None,
        "columns are not those of gongkai/tables.py (colour is unknown)", 0, ("colour", "红"),
    ),
    "no key": ("document", _set("document_id", None, 1), None, "1 rows have no key (document_id, extractor_version)", 1, ("part", "0")),
    "NUL": ("plan_task", _set("text", "任\0务", 1), "text", "1 values of text are not storable: nul", 1, ("text", "任\0务")),
    "no UTF-8": ("metric_value", _bytes, "raw", "1 values of raw are not storable: not_utf8", 1, ("raw", "��")),
    "10 MB": (
        "document", _set("body_text", LONG, 1), "body_text",
        "1 values of body_text are not storable: too_long", 1, ("body_text", f"{LONG[:200]}… ({len(LONG)} characters)"),
    ),
    "a day of no calendar": (
        "task_deadline", _far_day, "due_date", "1 values of due_date are not storable: out_of_range", 1, ("due_date", "5000000"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_stored_is_held_back_with_its_rows(town: MakeTown, case: str) -> None:
    table, change, column, said, number, (name, value) = CASES[case]
    made = [town(f"gd-{n}").write() for n in range(3)]
    path = made[1].layout.silver(table, "gd-1", made[1].run_id)
    pq.write_table(change(pq.read_table(path, partitioning=None)), path)

    verdicts = audit([t.portal for t in made], layout=made[0].layout)

    assert [v.passed for v in verdicts] == [True, False, True]
    (failure,) = verdicts[1].failures
    result = failure.result
    assert (result.suite, result.expectation, result.severity, result.column) == ("batch", "rows_can_be_stored", "critical", column)
    assert result.observed.startswith(f"{table}: {said}")
    kept = failure.offenders[0]
    assert (kept.row["row"], kept.row[name]) == (str(number), value)
    assert result.failing[0] == kept.key and f'"row": {number}' in kept.key
    assert all(len(text) < 300 for text in kept.row.values())
    assert verdicts[1].crawl == "complete"
    assert verdicts[1].notices is None  # so that nobody can release it


def test_all_that_is_wrong_is_told_at_once(town: MakeTown) -> None:
    made = town().write()
    for table, column in (("plan_task", "text"), ("metric_value", "raw")):
        path = made.layout.silver(table, "gd-li", made.run_id)
        pq.write_table(_set(column, "\0", 0)(pq.read_table(path, partitioning=None)), path)
    (verdict,) = audit([made.portal], layout=made.layout)
    assert [r.observed.partition(":")[0] for r in verdict.results] == ["plan_task", "metric_value"]


def test_data_that_nobody_foresaw_costs_its_own_batch_only(town: MakeTown, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [town(f"gd-{n}").write() for n in range(3)]
    real = History.add

    def add(self: History, batch: Any) -> None:
        if batch.portal.id == "gd-1":
            raise TypeError("'<' not supported")
        real(self, batch)

    monkeypatch.setattr(History, "add", add)
    verdicts: list[Verdict] = audit([t.portal for t in made], layout=made[0].layout)
    assert [v.passed for v in verdicts] == [True, False, True]
    assert verdicts[1].results[0].observed == "cannot be judged: TypeError(\"'<' not supported\")"
    monkeypatch.undo()
    (again,) = audit([t.portal for t in made], layout=made[0].layout)  # what could not be judged is tried again
    assert (again.portal_id, again.passed) == ("gd-1", True)
