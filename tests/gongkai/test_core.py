"""Status ranking, run names, atomic writes, ids, table rows."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.identity import canonical_url, notice_id
from gongkai.layout import Layout, is_run_id, open_atomic, run_id_of, write_text_atomic
from gongkai.ledger import StageOutcome, printable, read_outcome, record
from gongkai.records.document import MetricValue
from gongkai.status import RunStatus, worst
from gongkai.tables import TABLES, row


def test_the_gravest_status_wins() -> None:
    assert worst([RunStatus.COMPLETE, RunStatus.PARTIAL, RunStatus.EMPTY]) is RunStatus.PARTIAL
    assert worst([RunStatus.BLOCKED, RunStatus.QUARANTINED]) is RunStatus.BLOCKED
    assert [s for s in RunStatus if s.is_whole] == [RunStatus.COMPLETE, RunStatus.EMPTY]
    with pytest.raises(ValueError, match="was not seen"):
        worst([])


def test_a_run_is_named_in_utc() -> None:
    moment = datetime(2026, 3, 2, 2, 30, tzinfo=timezone(timedelta(hours=8)))
    assert run_id_of(moment) == "20260301T183000Z"


@given(st.integers(0, 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC)), st.integers(1, 10**8))
def test_run_names_sort_like_time(moment: datetime, seconds: int) -> None:
    first, second = (run_id_of(m) for m in (moment, moment + timedelta(seconds=seconds)))
    assert is_run_id(first)
    assert first < second


@pytest.mark.parametrize("text", ["20261399T999999Z", "20260230T000000Z", "20260301T183000", "2026031T183000Z", " 20260301T183000Z", ""])
def test_what_is_no_moment_is_no_run(text: str) -> None:
    assert not is_run_id(text)  # one such run in the ledger would fail every later build of the marts


def test_a_reason_cannot_steer_the_terminal() -> None:
    assert printable("页面\x1b[31m红\x1b]0;x\x07\n\u202e不存在") == "页面 [31m红 ]0;x   不存在"


def test_a_failed_write_leaves_the_old_file_and_no_scrap(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.json"
    write_text_atomic(path, "old")

    def fail() -> None:
        with open_atomic(path) as temporary:
            temporary.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert path.read_text() == "old"
    assert [p.name for p in path.parent.iterdir()] == ["x.json"]


def test_the_ledger_keeps_one_row_a_stage(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    outcome = StageOutcome(
        run_id="20260301T183000Z",
        portal_id="xx-a",
        stage="crawl",
        status=RunStatus.PARTIAL,
        started_at="s",
        finished_at="f",
        reasons=["500"],
    )
    assert read_outcome(record(layout, outcome)) == outcome
    record(layout, outcome)
    assert [read_outcome(path) for path in layout.outcomes(outcome.run_id)] == [outcome]


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.Example.com:80/a/b.html#top", "www.example.com/a/b.html"),
        ("https://www.example.com", "www.example.com/"),
        ("https://www.example.com/a?id=7&utm_source=x", "www.example.com/a?id=7"),
        ("http://127.0.0.1:8700/a", "127.0.0.1:8700/a"),
    ],
)
def test_canonical_urls(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


def test_ids_survive_a_move_to_https_and_differ_between_portals() -> None:
    assert notice_id("xx-a", None, "http://old.example.com/a/t1.html") == notice_id("xx-a", None, "https://new.example.com/a/t1.html#x")
    assert notice_id("xx-a", "77", "http://e.com/1") == notice_id("xx-a", "77", "http://e.com/2")
    assert notice_id("xx-a", "77", "http://e.com/1") != notice_id("xx-b", "77", "http://e.com/1")


def test_a_row_has_exactly_the_columns_of_its_table() -> None:
    metric = MetricValue(
        code="app_received_total",
        label="收到申请",
        value=Decimal("2.5"),
        unit="万元",
        state="number",
        dimensions={"b": "2", "a": "1"},
        start=3,
        end=9,
    )
    grain = dict.fromkeys(("portal_id", "run_id", "notice_id", "version", "document_id", "extractor_version"), "x")
    table = TABLES["metric_value"]
    arrow = table.arrow([{"seq": 0} | row(metric, **grain)])
    assert arrow.schema.equals(table.schema)
    got = arrow.to_pylist()[0]
    assert (got["value"], got["span_start"], got["span_end"]) == (Decimal("2.500000"), 3, 9)
    assert got["dimensions"] == '{"a": "1", "b": "2"}'
    with pytest.raises(KeyError, match="colour"):
        table.arrow([{"seq": 0, "colour": "red"} | row(metric, **grain)])


def test_text_that_no_engine_stores_is_made_storable() -> None:
    table = TABLES["list_entry"]
    full = dict.fromkeys(table.schema.names) | {"title": "a\x00b\ud800c", "date": date(2026, 1, 2), "position": 0, "page": 1}
    assert table.arrow([full]).column("title").to_pylist() == ["a\ufffdb?c"]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_keys_are_columns_and_every_table_says_what_a_row_is(table: object) -> None:
    assert isinstance(table.schema, pa.Schema)  # type: ignore[attr-defined]
    assert set(table.key) <= set(table.schema.names)  # type: ignore[attr-defined]
    assert table.doc.endswith(".") and table.zh  # type: ignore[attr-defined]
