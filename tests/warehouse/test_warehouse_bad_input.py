"""Batches that hold what a warehouse must not: refused whole on both engines, with the offending rows kept; the others are loaded."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from silver_night import FIRST, NOW, SECOND, batch, portal, write

from gongkai.layout import Layout
from gongkai.ledger import read_outcome
from gongkai.status import RunStatus
from gongkai.storable import LONGEST_KEY, LONGEST_TEXT
from gongkai.tables import TABLES, Table
from warehouse import load as loader
from warehouse.engines import Connection, Engine
from warehouse.engines.contract import DataRefused
from warehouse.load import LoadSummary, load

PORTALS = [portal("lishi"), portal("hushi")]


def _spoil(layout: Layout, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change one file of lishi's batch behind the back of gongkai/tables.py, as a foreign or damaged extractor would."""
    path = layout.silver(table, "lishi", FIRST)
    pq.write_table(change(pq.read_table(path, partitioning=None)), path)


def _with(column: str, value: Any, row: int = 0, kind: pa.DataType | None = None) -> Callable[[pa.Table], pa.Table]:
    def change(rows: pa.Table) -> pa.Table:
        place = rows.schema.get_field_index(column)
        values = rows[column].to_pylist()
        if kind == pa.float64():
            values = [None if v is None else float(v) for v in values]
        values[row] = value
        array = pa.array(values, type=kind or rows.schema.field(place).type)
        return rows.set_column(place, pa.field(column, array.type), array)

    return change


def _not_utf8(rows: pa.Table) -> pa.Table:
    raw = pa.array([b"\xc4\xe3" if n == 1 else b"text" for n in range(rows.num_rows)], type=pa.binary())
    text = pa.StringArray.from_buffers(len(raw), raw.buffers()[1], raw.buffers()[2])
    return rows.set_column(rows.schema.get_field_index("text"), pa.field("text", pa.string()), text)


def _far(column: str, kind: pa.DataType, count: int) -> Callable[[pa.Table], pa.Table]:
    """A day or moment that no calendar of ours names."""

    def change(rows: pa.Table) -> pa.Table:
        plain = pa.int32() if pa.types.is_date(kind) else pa.int64()
        array = pa.array([count if n == 1 else 20_000 for n in range(rows.num_rows)], type=plain).cast(kind)
        return rows.set_column(rows.schema.get_field_index(column), pa.field(column, kind), array)

    return change


def _decimal_too_large(rows: pa.Table) -> pa.Table:
    """Parquet stores 11 bytes for 24 digits, which hold more than 24."""
    raw = b"".join(n.to_bytes(16, "little") for n in [10**25] + [0] * (rows.num_rows - 1))
    array = pa.Array.from_buffers(pa.decimal128(24, 6), rows.num_rows, [None, pa.py_buffer(raw)])
    return rows.set_column(rows.schema.get_field_index("value"), pa.field("value", array.type), array)


TEN_MB = "长" * 3_500_000
CASES: dict[str, tuple[str, Callable[[pa.Table], pa.Table], str, str | None, int | None, str]] = {
    # table, change → rule, column, row, what the evidence shows
    "a wrong type": ("metric_value", _with("seq", 0.5, kind=pa.float64()), "columns", None, 0, "seq is double, not int64"),
    "NaN where a decimal stands": (
        "metric_value", _with("value", math.nan, kind=pa.float64()), "columns", None, 0, "value is double, not decimal128(24, 6)",
    ),
    "a column too many": (
        "plan_task", lambda t: t.append_column("colour", pa.array(["红"] * t.num_rows)), "columns", None, 3, "colour is unknown",
    ),
    "a column too few": ("plan_task", lambda t: t.drop_columns(["text"]), "columns", None, 3, "text is missing"),
    "a key twice": ("plan_task", _with("seq", 0, row=1), "key_repeated", None, 1, ""),
    "no key": ("document", _with("document_id", None, row=1), "key_missing", None, 1, ""),
    "a foreign row": ("notice", _with("portal_id", "hushi", row=1), "foreign", None, 1, ""),
    "a NUL": ("plan_task", _with("text", "任\0务", row=2), "nul", "text", 2, "任\0务"),
    "a NUL in a list": ("plan_task", _with("lead_units", ["市统计局", "\0"], row=2), "nul", "lead_units", 2, "['市统计局', '\\x00']"),
    "text that is no UTF-8": ("plan_task", _not_utf8, "not_utf8", "text", 1, "��"),
    "10 MB of text": ("document", _with("body_text", TEN_MB, row=1), "too_long", "body_text", 1, "长" * 200 + "… (3500000 characters)"),
    "a key too long for an index": (
        "list_entry", _with("section", "栏" * 200, row=1), "too_long", "section", 1, "栏" * 200,
    ),
    "a day out of range": ("plan_task", _far("due_date", pa.date32(), 5_000_000), "out_of_range", "due_date", 1, "5000000"),
    "a moment before the year 1": (
        "notice", _far("fetched_at", pa.timestamp("us", tz="UTC"), -(10**17)), "out_of_range", "fetched_at", 1, "-100000000000000000",
    ),
    "a number out of range": ("metric_value", _decimal_too_large, "out_of_range", "value", 0, "10000000000000000000.000000"),
    "a moment that is still to come": (
        "notice", _with("fetched_at", datetime(2026, 3, 6, tzinfo=UTC), row=1), "clock", "fetched_at", 1, "2026-03-06 00:00:00+00:00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_batch_is_refused_with_its_rows_kept_and_the_others_are_loaded(layout: Layout, engine: Engine, case: str) -> None:
    table, change, rule, column, row, shown = CASES[case]
    for portal_id in ("lishi", "hushi"):
        write(layout, batch(portal_id))
    _spoil(layout, table, change)

    summary = load(engine, layout, PORTALS, run_id=FIRST, now=NOW)

    assert [f.portal_id for f in summary.failed] == ["lishi"]
    assert str(layout.silver(table, "lishi", FIRST)) in summary.failed[0].cause
    assert [b.portal_id for b in summary.batches] == ["hushi"]
    assert read_outcome(layout.outcome(FIRST, "lishi", "load")).status is RunStatus.BROKEN
    with engine.reading() as connection:
        assert connection.query("SELECT DISTINCT portal_id FROM silver.notice") == [("hushi",)]
        kept = connection.query(
            "SELECT table_name, rule, column_name, row_number, value, row FROM silver.refused_row WHERE portal_id = 'lishi' ORDER BY seq"
        )
    told = {(t, r, c, n): (value, content) for t, r, c, n, value, content in kept}
    assert (table, rule, column, row) in told, told.keys()
    value, content = told[table, rule, column, row]
    assert (value or "") == shown.replace("\0", "�")
    assert json.loads(content)["portal_id"] in {"lishi", "hushi"}
    assert len(content) < 6000

    write(layout, batch("lishi"))
    assert not load(engine, layout, PORTALS, run_id=FIRST, now=NOW).failed
    with engine.reading() as connection:
        assert connection.count("silver", "refused_row") == 0
        assert connection.count("silver", "notice") == 4


def test_a_correction_that_cannot_be_loaded_leaves_the_rows_it_would_replace(layout: Layout, engine: Engine) -> None:
    for run_id in (FIRST, SECOND):
        write(layout, batch("lishi", run_id, tasks=3))
    load(engine, layout, PORTALS, run_id=FIRST, now=NOW)
    for run_id in (FIRST, SECOND):
        write(layout, batch("lishi", run_id, tasks=1))
    _spoil(layout, "document", _with("title", "\0"))

    for _ in range(2):
        summary = load(engine, layout, PORTALS, run_id=FIRST, now=NOW)
        assert [(f.portal_id, f.run_id) for f in summary.failed] == [("lishi", FIRST)]
        assert summary.batches == []
        with engine.reading() as connection:
            assert connection.count("silver", "plan_task") == 6
            assert connection.count("silver", "refused_row") == 1

    write(layout, batch("lishi", FIRST, tasks=1))
    assert len(load(engine, layout, PORTALS, run_id=FIRST, now=NOW).batches) == 2
    with engine.reading() as connection:
        assert connection.count("silver", "plan_task") == 2
        assert connection.count("silver", "refused_row") == 0


def test_at_most_twenty_rows_are_kept_for_one_rule(layout: Layout, engine: Engine) -> None:
    write(layout, batch("lishi", tasks=40))
    _spoil(layout, "plan_task", lambda t: t.set_column(t.schema.get_field_index("text"), "text", pa.array(["\0"] * t.num_rows)))
    (failure,) = load(engine, layout, PORTALS, run_id=FIRST, now=NOW).failed
    assert "80 values of text are not storable: nul" in failure.cause
    with engine.reading() as connection:
        assert connection.count("silver", "refused_row") == 20


def test_a_run_from_the_future_was_named_by_a_clock_that_was_set_back(layout: Layout, engine: Engine) -> None:
    write(layout, batch("lishi", "20270101T000000Z"))
    write(layout, batch("hushi", SECOND))
    (failure,) = load(engine, layout, PORTALS, run_id=FIRST, now=NOW).failed
    assert failure.cause == "run 20270101T000000Z is later than now (2026-03-04 02:30 UTC)"
    with engine.reading() as connection:
        assert connection.query("SELECT rule, row_number FROM silver.refused_row") == [("clock", None)]
        assert connection.query("SELECT DISTINCT portal_id FROM silver.notice") == [("hushi",)]


def test_what_nobody_foresaw_is_found_batch_by_batch(layout: Layout, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for portal_id in ("lishi", "hushi"):
        write(layout, batch(portal_id))
    merge = loader._merge

    def strict(connection: Connection, table: Table, files: list[Path]) -> None:
        merge(connection, table, files)
        if any("portal=lishi" in str(f) for f in files):
            connection.execute("SELECT CAST('x' AS BIGINT)")

    monkeypatch.setattr(loader, "_merge", strict)
    summary: LoadSummary = load(engine, layout, PORTALS, run_id=FIRST, now=NOW)
    assert [b.portal_id for b in summary.batches] == ["hushi"]
    assert summary.failed[0].portal_id == "lishi"
    assert summary.failed[0].cause.startswith("the engine refused it: ")
    with engine.reading() as connection:
        assert connection.query("SELECT DISTINCT portal_id FROM silver.notice") == [("hushi",)]
        assert connection.query("SELECT portal_id, rule FROM silver.refused_row") == [("lishi", "engine")]


MOMENT = pa.timestamp("us", tz="UTC")
ODD = Table(
    "odd",
    "怪",
    "Every type with the values that get lost on the way.",
    pa.schema(
        {
            "id": pa.int64(),
            "text": pa.string(),
            "list": pa.list_(pa.string()),
            "number": pa.decimal128(24, 6),
            "ratio": pa.float64(),
            "yes": pa.bool_(),
            "day": pa.date32(),
            "moment": MOMENT,
            "run_id": pa.string(),
        }
    ),
    ("id",),
)
_EMPTY: dict[str, Any] = {**dict.fromkeys(ODD.schema.names), "run_id": FIRST}
ODD_ROWS: list[dict[str, Any]] = [
    {**_EMPTY, "id": -(2**63), "text": "", "list": [], "number": Decimal("-999999999999999999.999999"), "ratio": math.inf, "yes": False},
    {
        **_EMPTY,
        "id": 1,
        "text": "x" * 10_000_000,
        "list": ["", "NULL", "{\"a\\,b'}", None, "长" * 99_000],
        "ratio": -math.inf,
        "yes": True,
    },
    {**_EMPTY, "id": 2, "text": '{"a": "\\\\", "引": "\t\r\n"}', "list": [None], "number": Decimal("0.000001"), "ratio": math.nan},
    {**_EMPTY, "id": 3, "text": "\ufffd𠮷\u200b\ufeff", "day": date(1, 1, 1), "moment": datetime(1, 1, 1, tzinfo=UTC), "ratio": 0.1},
    {**_EMPTY, "id": 2**63 - 1, "day": date(9999, 12, 31), "moment": datetime(9999, 12, 31, 23, 59, 59, 999999, UTC), "ratio": -5e-324},
]


@pytest.mark.parametrize("way", ["append", "merge"])
def test_values_arrive_as_they_were_sent(engine: Engine, tmp_path: Path, way: str) -> None:
    with engine.writing() as connection:
        connection.ensure_table("silver", ODD)
        with connection.transaction():
            if way == "append":
                connection.append("silver", ODD, ODD.arrow(ODD_ROWS))
            else:
                pq.write_table(ODD.arrow(ODD_ROWS), tmp_path / "odd.parquet")
                connection.merge("silver", ODD, [tmp_path / "odd.parquet"])
                connection.merge("silver", ODD, [tmp_path / "odd.parquet"])
        names = ODD.schema.names
        found = [dict(zip(names, row, strict=True)) for row in connection.query("SELECT * FROM silver.odd ORDER BY id")]
    assert math.isnan(found[2].pop("ratio"))
    assert found == [{k: v for k, v in row.items() if not (row["id"] == 2 and k == "ratio")} for row in ODD_ROWS]


def test_no_text_is_lost_between_quotes_commas_braces_and_backslashes(engine: Engine, tmp_path: Path) -> None:
    numbers = random.Random(6)
    pieces = ["", '"', '""', "\\", "\\.", "\\N", ",", "{", "}", "NULL", "\n", "\r\n", "\t", " ", "'", "长", "𠮷", "a"]

    def text() -> str | None:
        return None if numbers.random() < 0.1 else "".join(numbers.choices(pieces, k=numbers.randrange(4)))

    rows = [_EMPTY | {"id": n, "text": text(), "list": [text() for _ in range(numbers.randrange(4))]} for n in range(3000)]
    pq.write_table(ODD.arrow(rows), tmp_path / "odd.parquet")
    with engine.writing() as connection:
        connection.ensure_table("silver", ODD)
        connection.merge("silver", ODD, [tmp_path / "odd.parquet"])
        found = connection.query("SELECT id, text, list FROM silver.odd ORDER BY id")
    assert found == [(row["id"], row["text"], row["list"]) for row in rows]


def test_nul_and_lone_surrogates_become_replacement_characters_on_the_way_to_silver() -> None:
    table = TABLES["finding"]
    row = {**dict.fromkeys(table.schema.names), "message": "a\0b\ud800", "seq": 0}
    assert table.arrow([row])["message"].to_pylist() == ["a�b?"]


def test_limits_are_what_the_engines_bear(engine: Engine) -> None:
    """A key of the longest allowed columns fits PostgreSQL's index, and the longest text its column."""
    names = ("k0", "k1", "k2", "k3")
    key = Table("key", "键", "", pa.schema(dict.fromkeys((*names, "run_id"), pa.string())), names)
    text = bytes(33 + (n * 7919) % 90 for n in range(LONGEST_KEY)).decode()
    with engine.writing() as connection:
        connection.ensure_table("silver", key)
        row = {f"k{n}": text[n:] + text[:n] for n in range(4)} | {"run_id": "长" * (LONGEST_TEXT // 3)}
        connection.append("silver", key, key.arrow([row]))
        assert connection.query("SELECT length(k0), length(run_id) FROM silver.key") == [(LONGEST_KEY, LONGEST_TEXT // 3)]


def test_data_that_an_engine_refuses_leaves_the_connection_usable(engine: Engine) -> None:
    with engine.writing() as connection:
        connection.ensure_table("silver", ODD)
        with pytest.raises(DataRefused), connection.transaction():
            connection.append("silver", ODD, ODD.arrow(ODD_ROWS[:1]))
            connection.execute("INSERT INTO silver.odd (id, day) VALUES (7, CAST('2026-02-30' AS DATE))")
        assert connection.count("silver", "odd") == 0
