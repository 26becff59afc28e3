"""Memory: what a warehouse holds already, long texts and long backlogs cost the load no more than it may take."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from silver_night import FIRST, NOW, SECOND, THIRD, batch, portal, write

from gongkai import storable
from gongkai.layout import Layout
from gongkai.tables import Table
from warehouse import changes, examine, marts, series
from warehouse import load as loader
from warehouse.batches import Batch, waves
from warehouse.compare import content_of
from warehouse.engines import Connection, Engine
from warehouse.engines import duckdb as embedded
from warehouse.engines.contract import DbtTarget, OutOfMemory, statement
from warehouse.engines.duckdb import open_file
from warehouse.examine import Examined, examine_ahead
from warehouse.load import LoadSummary, load

IDS = ("lishi", "hushi", "shanshi", "haishi")
ROWS, WIDTH = 24_000, 3_000
WIDE = Table("wide", "宽", "", pa.schema({"id": pa.int64(), "run_id": pa.string(), "text": pa.string()}), ("id",))
BY_RUN = Table("by_run", "宽", "", WIDE.schema, ("id", "run_id"))


def _wide(path: Path, ids: Sequence[int], run_id: str, seed: int) -> Path:
    """Rows whose texts are all different and do not compress."""
    letters = np.random.default_rng(seed).integers(33, 127, len(ids) * WIDTH, np.uint8).tobytes().decode()
    texts = [letters[n * WIDTH : (n + 1) * WIDTH] for n in range(len(ids))]
    rows = {"id": list(ids), "run_id": [run_id] * len(ids), "text": texts}
    storable.write_rows(pa.Table.from_pydict(rows, schema=WIDE.schema), path)
    return path


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than a night's texts, and no more to be had."""
    monkeypatch.setattr(embedded, "_SPARING", {**embedded._SPARING, "memory_limit": "110MB", "threads": 2})
    monkeypatch.setattr(embedded, "_ROOMIER", ())


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("table", [WIDE, BY_RUN], ids=lambda table: table.name)
def test_a_night_as_large_as_the_warehouse_is_merged_within_the_limit(tmp_path: Path, table: Table) -> None:
    """A row that is known under a younger run gives way, one that is known under an older run stays; 72 MB each time."""
    third = ROWS // 3
    held = [_wide(tmp_path / "a.parquet", range(third), FIRST, 1), _wide(tmp_path / "b.parquet", range(third, ROWS), THIRD, 2)]
    brought = _wide(tmp_path / "c.parquet", range(2 * third, 2 * third + ROWS), SECOND, 3)
    late = _wide(tmp_path / "d.parquet", range(10), SECOND, 4)
    with open_file(tmp_path / "wide.duckdb") as connection:
        connection.ensure_table("silver", table)
        for files in (held, [brought], [late]):
            with connection.transaction():
                connection.merge("silver", table, files)
        counts = "SELECT run_id, count(*), count(DISTINCT id), sum(length(text)) FROM silver.{table} GROUP BY 1"
        found = connection.query(statement(counts, table=table.name))
        one = "SELECT text FROM silver.{table} WHERE id = $1 AND run_id = $2"
        texts = connection.query(statement(one, table=table.name), ROWS - 1, SECOND)
    kept = {FIRST: third, SECOND: ROWS, THIRD: third} if table is WIDE else {FIRST: third, SECOND: ROWS + 10, THIRD: ROWS - third}
    assert sorted(found) == [(run_id, rows, rows, rows * WIDTH) for run_id, rows in kept.items()]
    assert texts == [(pq.read_table(brought)["text"][ROWS - 1 - 2 * third].as_py(),)]


@pytest.mark.usefixtures("little_memory")
def test_memory_that_does_not_suffice_is_told_and_the_connection_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hungry = "CREATE TABLE t AS SELECT list(repeat(chr(65 + (i % 26)::integer), 9000000) || i) AS l FROM range(40) AS r (i)"
    with open_file(tmp_path / "a.duckdb") as connection:
        with pytest.raises(OutOfMemory), connection.transaction():
            connection.execute(hungry)
        assert connection.query("SELECT 1") == [(1,)]
        assert not connection.more_memory()
    monkeypatch.setattr(embedded, "_ROOMIER", ("2GB",))
    with open_file(tmp_path / "a.duckdb") as connection:
        connection.execute(hungry)  # a transaction of its own: asked again with more
        assert connection.query("SELECT length(l) FROM t") == [(40,)]


def _hungry(monkeypatch: pytest.MonkeyPatch, too_much: Any) -> list[int]:
    """`merge` that runs out of memory over some files; how many it got at a time."""
    merge, sizes = loader._merge, []

    def merged(connection: Connection, table: Table, files: list[Path]) -> None:
        if table.name == "notice":
            sizes.append(len(files))
        if too_much(files):
            raise OutOfMemory("no memory")
        merge(connection, table, files)

    monkeypatch.setattr(loader, "_merge", merged)
    return sizes


def _load(engine: Engine, layout: Layout) -> LoadSummary:
    for portal_id in IDS:
        write(layout, batch(portal_id))
    return load(engine, layout, [portal(i) for i in IDS], run_id=FIRST, now=NOW)


def test_a_wave_that_is_too_much_is_loaded_in_halves(layout: Layout, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    _hungry(monkeypatch, lambda files: len(files) > 1)
    assert len(_load(engine, layout).batches) == len(IDS)
    with engine.reading() as connection:
        assert connection.query("SELECT count(DISTINCT portal_id) FROM silver.notice") == [(len(IDS),)]


def test_a_batch_that_is_too_much_alone_says_what_to_do_and_the_others_are_loaded(
    layout: Layout, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hungry(monkeypatch, lambda files: any("portal=lishi" in str(f) for f in files))
    summary = _load(engine, layout)
    assert {b.portal_id for b in summary.batches} == set(IDS) - {"lishi"}
    assert [f.cause for f in summary.failed] == [
        "the engine refused it: no memory; every load tries this batch again until somebody drops it (gongkai quarantine)"
    ]
    monkeypatch.undo()
    assert [b.portal_id for b in load(engine, layout, [portal(i) for i in IDS], run_id=FIRST, now=NOW).batches] == ["lishi"]


def test_texts_that_are_read_in_small_portions_say_the_same(layout: Layout, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for portal_id in IDS:
        for run_id, version in ((FIRST, "v1"), (SECOND, "v2")):
            write(layout, batch(portal_id, run_id, version=version, title=version))
    load(engine, layout, [portal(i) for i in IDS], run_id=SECOND, now=NOW)
    with engine.writing() as connection:
        whole = content_of(connection)
        assert sum(whole["silver.notice_change"].values()) == 2 * len(IDS)
        connection.execute("DELETE FROM silver.notice_change")
        monkeypatch.setattr(changes, "_AT_ONCE", 1)
        monkeypatch.setattr(series, "_AT_ONCE", 1)
        changes.load_changes(connection)
        series.load_series(connection)
        assert content_of(connection) == whole


def _batches(count: int, portals: int = 1) -> list[Batch]:
    facts = {"digest": "", "extractor_version": "", "verdict": "", "passed": True}
    return [Batch(portal_id=f"p{n % portals}", run_id=f"r{n:05}", **facts) for n in range(count)]


@pytest.mark.parametrize("portals", [1, 300])
def test_of_a_long_backlog_little_is_looked_at_ahead(monkeypatch: pytest.MonkeyPatch, layout: Layout, portals: int) -> None:
    looked: list[str] = []

    def look(_: Layout, batch: Batch, __: datetime) -> Examined:
        looked.append(batch.run_id)
        return Examined(rows={batch.portal_id: 1}, offences=[])

    monkeypatch.setattr(examine, "examine", look)
    pending = _batches(5000, portals)
    done: list[str] = []
    with closing(examine_ahead(layout, waves(pending, 100, 1, lambda _: 0), NOW)) as looked_at:
        for wave, found in looked_at:
            assert found.keys() == {b.key for b in wave}
            assert len(looked) - len(done) <= 200
            done += [b.run_id for b in wave]
    assert sorted(done) == [b.run_id for b in pending]


def test_what_breaks_in_a_thread_ends_the_load_and_no_thread_stays(monkeypatch: pytest.MonkeyPatch, layout: Layout) -> None:
    def look(_: Layout, batch: Batch, __: datetime) -> Examined:
        if batch.run_id == "r00003":
            raise KeyboardInterrupt
        return Examined(rows={}, offences=[])

    monkeypatch.setattr(examine, "examine", look)
    seen = []
    with pytest.raises(KeyboardInterrupt), closing(examine_ahead(layout, [[b] for b in _batches(500)], NOW)) as looked_at:
        for wave, _ in looked_at:
            seen.append(wave[0].run_id)
    assert seen == ["r00000", "r00001", "r00002"]
    assert not [t for t in threading.enumerate() if t.name.startswith("examine")]


def test_waves_are_bounded_by_number_and_weight_and_hold_one_batch_of_a_portal() -> None:
    of_one, heavy = _batches(3), _batches(7, 7)
    assert [len(w) for w in waves(of_one, 100, 10, lambda _: 1)] == [1, 1, 1]
    assert [len(w) for w in waves(heavy, 3, 10, lambda _: 1)] == [3, 3, 1]
    assert [len(w) for w in waves(heavy, 100, 10, lambda b: 11 if b.portal_id == "p2" else 5)] == [2, 1, 2, 2]
    assert [b for w in waves(heavy, 2, 10, lambda _: 9) for b in w] == heavy


def test_long_texts_are_written_and_read_in_small_parts(tmp_path: Path) -> None:
    path = _wide(tmp_path / "long.parquet", range(ROWS), FIRST, 5)
    with storable.open_rows(path) as file:
        chunks = list(storable.chunks_of(file))
        assert file.num_row_groups > 1
    assert sum(chunk.num_rows for chunk in chunks) == ROWS
    assert max(chunk.nbytes for chunk in chunks) < 20_000_000


@pytest.mark.usefixtures("little_memory")
def test_more_texts_than_memory_come_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """144 MB of texts under a limit of 110 MB; of each run_id half of them, which are alike in it and need no sort."""
    monkeypatch.setattr(embedded, "_SORTED", 10_000_000)
    monkeypatch.setattr(embedded, "_READERS_LAST", ())
    files = [_wide(tmp_path / "a.parquet", range(ROWS), SECOND, 1), _wide(tmp_path / "b.parquet", range(ROWS, 2 * ROWS), FIRST, 2)]
    with open_file(tmp_path / "wide.duckdb") as connection:
        connection.ensure_table("silver", WIDE)
        for file in files:
            connection.append("silver", WIDE, pq.read_table(file))
        connection.execute("UPDATE silver.wide SET text = NULL WHERE id = 5")
    columns = list(WIDE.schema.names)
    expected = [row for file in reversed(files) for row in zip(*pq.read_table(file).to_pydict().values(), strict=True)]
    expected = [(n, run_id, None if n == 5 else text) for n, run_id, text in expected]
    orders = (["run_id", "id"], ["run_id"])
    with open_file(tmp_path / "wide.duckdb", read_only=True) as connection:
        ordered, grouped = (
            [row for part in connection.in_order("silver", "wide", columns, order, 200) for row in part] for order in orders
        )
    assert ordered == expected
    assert [run_id for _, run_id, _ in grouped] == [run_id for _, run_id, _ in expected]
    assert sorted(grouped) == sorted(expected)
    assert {p.name for p in tmp_path.iterdir()} == {"a.parquet", "b.parquet", "wide.duckdb"}


def test_marts_that_need_more_memory_are_built_with_more(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def first(*words: str) -> dict[str, Any]:
        asked.append(words)
        return {"results": [{"message": "Runtime Error Out of Memory Error: no"}]}

    def again(command: str, target: DbtTarget, _: Path, *words: str) -> dict[str, Any]:
        asked.append((command, *words))
        assert "memory_limit" not in target.output["settings"]
        return {"results": [{"message": None}]}

    monkeypatch.setattr(marts, "run_dbt", again)
    target = embedded.DuckDB(layout.warehouse, layout.published).dbt_target()
    assert target.output["settings"]["memory_limit"] == "1280MB"
    assert marts._dbt_build(first, target, layout, whole=True) == {"results": [{"message": None}]}
    assert asked == [("build", "run_results.json", "--full-refresh")] * 2
