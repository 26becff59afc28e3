"""Loading: idempotent, whole, one row a key, refused and broken batches kept out."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from silver_night import FIRST, NOW, SECOND, THIRD, Rows, batch, outcome, portal, write

from gongkai.errors import WarehouseError
from gongkai.layout import Layout
from gongkai.ledger import read_outcome
from gongkai.status import RunStatus
from gongkai.tables import TABLES
from warehouse import load as loader
from warehouse.compare import Content, all_rows, content_of, differences
from warehouse.engines import Connection, Engine, engine_of
from warehouse.load import LoadSummary, load


def held(engine: Engine) -> Content:
    with engine.reading() as connection:
        return content_of(connection)


LoadAll = Callable[..., LoadSummary]
Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def load_all(engine: Engine, layout: Layout) -> LoadAll:
    def load_some(*ids: str, run_id: str = FIRST) -> LoadSummary:
        return load(engine, layout, [portal(i) for i in ids or ("lishi",)], run_id=run_id, now=NOW)

    return load_some


@pytest.fixture
def ask(engine: Engine) -> Ask:
    def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with engine.reading() as connection:
            return connection.query(sql, *values)

    return query


def count(engine: Engine, table: str) -> int:
    with engine.reading() as connection:
        return connection.count("silver", table)


def test_a_batch_is_loaded_with_all_its_tables(layout: Layout, engine: Engine, load_all: LoadAll, ask: Ask) -> None:
    rows = batch()
    write(layout, rows)

    summary = load_all()

    assert [(b.portal_id, b.run_id) for b in summary.batches] == [("lishi", FIRST)]
    assert summary.batches[0].rows == {name: len(listed) for name, listed in rows.items()}
    assert {name: count(engine, name) for name in rows} == {name: len(listed) for name, listed in rows.items()}
    assert ask("SELECT value, state, dimensions FROM silver.metric_value WHERE notice_id = 'lishi-n1' ORDER BY seq") == [
        (Decimal(0), "number", "{}"),
        (Decimal(1), "number", '{"applicant": "自然人", "stated_in": "narrative"}'),
        (None, "blank", '{"applicant": "自然人"}'),
    ]
    assert ask("SELECT DISTINCT lead_units, path FROM silver.plan_task WHERE seq = 1") == [(["市统计局"], ["一", "1"])]
    assert ask("SELECT name, level, family FROM silver.portal") == [("例市人民政府", "city", "trs_wcm")]


def test_loading_twice_is_loading_once(layout: Layout, engine: Engine, load_all: LoadAll) -> None:
    write(layout, batch())
    outcome(layout, "lishi", FIRST, "crawl", RunStatus.COMPLETE, listed=2)
    load_all()
    once = held(engine)

    again = load_all(run_id=SECOND)

    assert not again.batches
    assert differences(once, held(engine)) == []
    assert count(engine, "stage_outcome") == 2  # crawl, and the load's own


def test_a_corrected_batch_replaces_its_rows(layout: Layout, load_all: LoadAll, ask: Ask) -> None:
    write(layout, batch(tasks=3, extractor="0.1.0"))
    load_all()

    write(layout, batch(tasks=1, extractor="0.1.0"))
    load_all()

    assert ask("SELECT extractor_version, count(*) FROM silver.plan_task GROUP BY 1") == [("0.1.0", 2)]


def test_what_an_older_extractor_read_stays_beside_the_new_reading(layout: Layout, load_all: LoadAll, ask: Ask) -> None:
    """The older reading is history; a correction of the newer one replaces the newer one alone."""
    write(layout, batch(tasks=3, extractor="0.1.0"))
    write(layout, batch(run_id=SECOND, notices=("n2",), tasks=3, extractor="0.1.0"))
    load_all()
    for tasks in (2, 1):
        write(layout, batch(tasks=tasks, title="例市2026年工作要点", extractor="0.2.0"), extractor="0.2.0")
        load_all()

    query = "SELECT extractor_version, count(*) FROM silver.{} GROUP BY 1 ORDER BY 1"
    assert ask(query.format("plan_task")) == [("0.1.0", 6), ("0.2.0", 2)]
    assert ask(query.format("document")) == [("0.1.0", 2), ("0.2.0", 2)]
    assert ask("SELECT run_id, extractor_version FROM silver.load_log ORDER BY 1") == [(FIRST, "0.2.0"), (SECOND, "0.1.0")]
    assert ask("SELECT DISTINCT title FROM silver.notice") == [("例市2026年工作要点",)]
    assert not load_all().batches


def test_a_version_seen_again_does_not_double_and_keeps_its_first_run(layout: Layout, engine: Engine, load_all: LoadAll, ask: Ask) -> None:
    write(layout, batch(run_id=SECOND))
    load_all()
    write(layout, batch(run_id=FIRST))  # released later, but older
    load_all()

    assert ask("SELECT run_id, count(*) FROM silver.notice GROUP BY 1") == [(FIRST, 2)]
    assert ask("SELECT run_id, count(*) FROM silver.plan_task GROUP BY 1") == [(FIRST, 4)]
    assert count(engine, "list_entry") == 4  # evidence of both runs
    assert count(engine, "notice_sighting") == 4


def test_a_row_that_a_correction_drops_survives_under_the_later_run_that_has_it(layout: Layout, load_all: LoadAll, ask: Ask) -> None:
    write(layout, batch(run_id=FIRST, notices=("n1", "n2")))
    write(layout, batch(run_id=SECOND, notices=("n2",)))
    load_all()

    write(layout, batch(run_id=FIRST, notices=("n1",)))
    load_all()

    assert ask("SELECT notice_id, run_id FROM silver.notice ORDER BY 1") == [("lishi-n1", FIRST), ("lishi-n2", SECOND)]


def test_order_of_loading_does_not_matter(tmp_path: Path, engine_for: Callable[[Layout], Engine]) -> None:
    nights: list[Rows] = [
        batch(run_id=FIRST, notices=("n1", "n2")),
        batch(run_id=SECOND, notices=("n1",), version="v2"),
        batch(run_id=THIRD, notices=("n1", "n3")),
    ]
    contents = []
    for name, order in (("forwards", nights), ("backwards", nights[::-1])):
        layout = Layout(tmp_path / name)
        engine = engine_for(layout)
        for night in order:
            write(layout, night)
            load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
        with engine.reading() as connection:
            columns = [c for c in TABLES["notice"].schema.names if c != "fetched_at"]
            contents.append(all_rows(connection, "silver", "notice", columns))
    assert contents[0] == contents[1]
    assert contents[0].total() == 4


def test_a_refused_batch_leaves_its_evidence_only(layout: Layout, load_all: LoadAll, ask: Ask) -> None:
    write(layout, batch("hushi"), passed=False)
    write(layout, batch("lishi"))
    outcome(layout, "hushi", FIRST, "audit", RunStatus.QUARANTINED, "no rows")

    summary = load_all("lishi", "hushi")

    assert summary.quarantined == [("hushi", FIRST)]
    assert ask("SELECT DISTINCT portal_id FROM silver.notice") == [("lishi",)]
    assert ask("SELECT portal_id FROM silver.audit_result ORDER BY 1") == [("hushi",), ("lishi",)]
    assert ask("SELECT status, reasons FROM silver.stage_outcome WHERE portal_id = 'hushi'") == [("quarantined", ["no rows"])]
    assert not layout.outcome(FIRST, "hushi", "load").exists()


def test_a_refused_correction_keeps_the_old_rows_until_it_is_released(layout: Layout, engine: Engine, load_all: LoadAll) -> None:
    write(layout, batch(tasks=3))
    load_all()
    write(layout, batch(tasks=1), passed=False)
    load_all()
    assert count(engine, "plan_task") == 6

    write(layout, batch(tasks=1), passed=True)
    load_all()
    assert count(engine, "plan_task") == 2


def test_a_batch_without_a_verdict_on_its_present_rows_waits(layout: Layout, engine: Engine, load_all: LoadAll) -> None:
    write(layout, batch("lishi"))
    layout.verdict("lishi", FIRST).write_text('{"digest": "of other rows", "passed": true}')
    write(layout, batch("hushi"))
    layout.verdict("hushi", FIRST).unlink()

    summary = load_all("lishi", "hushi")

    assert summary.waiting == [("lishi", FIRST), ("hushi", FIRST)]
    assert count(engine, "notice") == 0


def _double(rows: Rows) -> None:
    rows["plan_task"].append(dict(rows["plan_task"][0]))


def _foreign(rows: Rows) -> None:
    rows["notice"][0]["portal_id"] = "hushi"


def _keyless(rows: Rows) -> None:
    rows["document"][0]["document_id"] = None


@pytest.mark.parametrize(
    ("spoil", "cause"), [(_double, "1 rows repeat the key"), (_foreign, "rows of another portal or run"), (_keyless, "1 rows have no key")]
)
def test_a_batch_that_breaks_its_promises_is_not_loaded_and_the_others_are(
    layout: Layout, spoil: Any, cause: str, load_all: LoadAll, ask: Ask
) -> None:
    bad = batch("lishi")
    spoil(bad)
    write(layout, bad)
    write(layout, batch("hushi"))

    summary = load_all("lishi", "hushi")

    assert [f.portal_id for f in summary.failed] == ["lishi"]
    assert cause in summary.failed[0].cause
    assert ask("SELECT DISTINCT portal_id FROM silver.notice") == [("hushi",)]
    assert read_outcome(layout.outcome(FIRST, "lishi", "load")).status is RunStatus.BROKEN
    write(layout, batch("lishi"))
    assert not load_all("lishi", "hushi").failed
    assert read_outcome(layout.outcome(FIRST, "lishi", "load")).status is RunStatus.COMPLETE


def test_a_file_of_another_shape_or_no_parquet_fails_its_batch_only(layout: Layout, load_all: LoadAll) -> None:
    for name, held_there in (("lishi", None), ("hushi", b"not parquet")):
        write(layout, batch(name))
        path = layout.silver("plan_task", name, FIRST)
        if held_there is None:
            pq.write_table(pa.table({"portal_id": ["lishi"]}), path)
        else:
            path.write_bytes(held_there)
    write(layout, batch("xinshi"))

    summary = load_all("lishi", "hushi", "xinshi")

    assert {f.portal_id: f.cause.rpartition(": ")[2][:20] for f in summary.failed}.keys() == {"lishi", "hushi"}
    assert [b.portal_id for b in summary.batches] == ["xinshi"]


def test_ledger_rows_follow_the_ledger(layout: Layout, load_all: LoadAll, ask: Ask) -> None:
    outcome(layout, "lishi", FIRST, "crawl", RunStatus.BLOCKED, "403 everywhere", listed=0)
    load_all()
    outcome(layout, "lishi", FIRST, "crawl", RunStatus.COMPLETE, listed=7)
    outcome(layout, "lishi", SECOND, "crawl", RunStatus.EMPTY)
    load_all()

    assert ask("SELECT run_id, status, reasons, counts FROM silver.stage_outcome ORDER BY 1") == [
        (FIRST, "complete", [], '{"listed": 7}'),
        (SECOND, "empty", [], "{}"),
    ]


def test_text_that_looks_like_sql_stays_text(layout: Layout, load_all: LoadAll, ask: Ask) -> None:
    title = '\'; DROP TABLE silver.notice; -- {table} "x"'
    write(layout, batch(title=title))
    load_all()
    assert ask("SELECT DISTINCT title FROM silver.notice") == [(title,)]


def test_columns_that_a_newer_release_brings_are_added_in_their_order(layout: Layout, engine: Engine, load_all: LoadAll) -> None:
    write(layout, batch())
    load_all()
    with engine.writing() as connection:
        for column in ("validity", "source"):
            connection.execute(f"ALTER TABLE silver.notice DROP COLUMN {column}")
    write(layout, batch(run_id=SECOND, notices=("n9",)))
    load_all()
    assert count(engine, "notice") == 3
    with engine.reading() as connection:
        assert list(connection.column_types("silver", "notice"))[-2:] == ["source", "validity"]


def test_a_warehouse_of_another_shape_says_what_to_do(engine: Engine, load_all: LoadAll) -> None:
    load_all()
    with engine.writing() as connection:
        connection.execute("ALTER TABLE silver.notice ADD COLUMN colour VARCHAR")
    with pytest.raises(WarehouseError, match=r"silver\.notice has another shape.*(delete the warehouse file|drop schema silver)"):
        load_all()


def test_an_unreadable_file_is_named(layout: Layout) -> None:
    layout.warehouse.parent.mkdir(parents=True)
    layout.warehouse.write_bytes(b"no database" * 1000)
    with pytest.raises(WarehouseError, match=r"gongkai\.duckdb: cannot be opened"):
        load(engine_of(layout), layout, [portal("lishi")], run_id=FIRST, now=NOW)


def test_a_damaged_commit_holds_back_its_batch_only(layout: Layout, load_all: LoadAll, ask: Ask) -> None:
    for portal_id in ("lishi", "hushi"):
        write(layout, batch(portal_id))
    layout.silver_commit("lishi", FIRST).write_text("{")

    assert load_all("lishi", "hushi").waiting == [("lishi", FIRST)]

    verdict = {"portal_id": "lishi", "run_id": FIRST, "digest": "", "passed": False, "results": []}  # what the audit says of it
    layout.verdict("lishi", FIRST).write_text(json.dumps(verdict))
    assert load_all("lishi", "hushi").quarantined == [("lishi", FIRST)]
    assert ask("SELECT DISTINCT portal_id FROM silver.notice") == [("hushi",)]


def test_an_engine_that_gives_up_is_a_clear_error_and_rolls_back(
    layout: Layout, engine: Engine, load_all: LoadAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(layout, batch())

    def vanish(connection: Connection, *_: Any) -> None:
        connection.execute("DELETE FROM silver.gone")

    monkeypatch.setattr(loader, "_merge", vanish)
    with pytest.raises(WarehouseError, match=r"^(/.*gongkai\.duckdb|postgresql://.*): .*gone"):
        load_all()
    monkeypatch.undo()
    assert count(engine, "load_log") == 0
    assert load_all().batches
