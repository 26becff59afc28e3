"""A full disk and a damaged file: one clear line, readers keep what they had, and the next load heals."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import duckdb
import pytest
from hand_made import FIVE, all_that_readers_see, make
from own_postgres import running
from silver_night import FIRST, NOW, SECOND, THIRD, batch, portal, write

from gongkai.errors import WarehouseError
from gongkai.layout import Layout
from gongkai.settings import Settings
from stages.audit import audit_whole
from stages.context import RunContext
from warehouse import marts
from warehouse.compare import Content, content_of
from warehouse.dbt_process import run_dbt
from warehouse.engines import Engine, engine_of
from warehouse.engines.duckdb import Damaged
from warehouse.load import load
from warehouse.publish import publish

HERE = Path(__file__).resolve().parent


def _large(layout: Layout) -> None:
    """A batch that does not compress: about 24 MB."""
    numbers = random.Random(1)
    rows = batch("lishi", SECOND, notices=("n7",), tasks=16_000)
    for row in rows["plan_task"]:
        row["text"] = numbers.randbytes(700).hex()
    write(layout, rows)


def _held(engine: Engine) -> Content:
    with engine.reading() as connection:
        return content_of(connection)


def test_a_full_disk_under_duckdb_leaves_both_files_as_they_were(layout: Layout) -> None:
    engine = engine_of(layout)
    write(layout, batch())
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    held, seen = _held(engine), all_that_readers_see(engine, None)
    _large(layout)

    def on_a_small_disk(what: str) -> str:
        limit = 4_000_000
        program = (
            f"import sys, resource; sys.path[:0] = {[str(HERE), str(HERE.parent), str(HERE.parents[1])]!r}\n"
            "from pathlib import Path\n"
            "import silver_night as s\n"
            "from gongkai.layout import Layout\n"
            "from warehouse.engines import engine_of\n"
            "from warehouse.load import load\n"
            "from warehouse.publish import publish\n"
            f"layout = Layout(Path({str(layout.home)!r}))\n"
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
            f"try:\n    {what}\nexcept Exception as error:\n    print(type(error).__name__, error)\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        return done.stdout

    said = on_a_small_disk("load(engine_of(layout), layout, [s.portal('lishi')], run_id=s.SECOND, now=s.NOW)")
    assert said.startswith(f"WarehouseError {layout.warehouse}: "), said
    assert "File too large" in said
    assert said.count("\n") == 1
    assert _held(engine) == held
    assert all_that_readers_see(engine, None) == seen

    assert [b.run_id for b in load(engine, layout, [portal("lishi")], run_id=SECOND, now=NOW).batches] == [SECOND]
    make(engine, layout, FIVE)
    said = on_a_small_disk("publish(engine_of(layout), run_id=s.SECOND, now=s.NOW)")
    assert said.startswith("WarehouseError "), said
    assert "File too large" in said
    assert all_that_readers_see(engine, None) == seen
    publish(engine, run_id=SECOND, now=NOW)
    assert [p.name for p in layout.published.parent.iterdir()] == [layout.published.name]


def test_a_full_disk_under_postgresql_rolls_the_wave_back(layout: Layout) -> None:
    with running(largest_file=18_000_000) as server:
        engine = engine_of(layout, server.database())
        write(layout, batch())
        make(engine, layout, FIVE)
        publish(engine, run_id=FIRST, now=NOW)
        held, seen = _held(engine), all_that_readers_see(engine, server)
        _large(layout)
        with pytest.raises(
            WarehouseError, match=r"^postgresql://postgres@/test_\d+\?host=\S+: could not extend file .*Check free disk space"
        ):
            load(engine, layout, [portal("lishi")], run_id=SECOND, now=NOW)
        assert _held(engine) == held
        assert all_that_readers_see(engine, server) == seen

        write(layout, batch("lishi", SECOND, notices=("n7",)))  # there is room for this one
        assert [b.run_id for b in load(engine, layout, [portal("lishi")], run_id=SECOND, now=NOW).batches] == [SECOND]


def _no_database(content: bytearray) -> None:
    content[:] = b"no database" * 1000


def _cut(content: bytearray) -> None:
    del content[len(content) // 2 :]


def _turned(content: bytearray) -> None:
    """Every place that may hold something is another one."""
    for place in range(12 * 1024, len(content), 4096):
        content[place] ^= 0xFF


def _spoil(path: Path, how: Callable[[bytearray], None]) -> None:
    content = bytearray(path.read_bytes())
    how(content)
    path.unlink()  # a hard link to it would be spoiled, too
    path.write_bytes(content)


@pytest.mark.parametrize("how", [_no_database, _cut, _turned])
def test_a_damaged_file_is_named_and_the_next_load_goes_on_from_what_is_published(layout: Layout, how: Callable[[bytearray], None]) -> None:
    engine = engine_of(layout)
    for run_id in (FIRST, SECOND):
        write(layout, batch("lishi", run_id, notices=("n1", run_id)))
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    write(layout, batch("lishi", THIRD, notices=("n1", THIRD)))
    load(engine, layout, [portal("lishi")], run_id=THIRD, now=NOW)
    held, seen, published = _held(engine), all_that_readers_see(engine, None), layout.published.read_bytes()
    _spoil(layout.warehouse, how)

    with pytest.raises(
        WarehouseError, match=rf"^{layout.warehouse}: cannot be opened \((?!.*let it finish).*goes on from what is published$"
    ):
        load(engine, layout, [portal("lishi")], run_id=THIRD, now=NOW)
    with pytest.raises(WarehouseError, match="not published: since the last load"):
        publish(engine, run_id=THIRD, now=NOW)
    assert (all_that_readers_see(engine, None), layout.published.read_bytes()) == (seen, published)
    assert layout.warehouse.with_name("gongkai.duckdb.damaged").exists()

    assert [b.run_id for b in load(engine, layout, [portal("lishi")], run_id=THIRD, now=NOW).batches] == [THIRD]
    again = _held(engine)
    assert {k: v for k, v in again.items() if k.startswith("silver")} == {k: v for k, v in held.items() if k.startswith("silver")}
    make(engine, layout, FIVE)
    publish(engine, run_id=THIRD, now=NOW)


def test_where_nothing_is_published_a_new_file_is_loaded_from_silver(layout: Layout) -> None:
    engine = engine_of(layout)
    write(layout, batch())
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    held = _held(engine)
    _spoil(layout.warehouse, _no_database)
    with pytest.raises(
        WarehouseError, match=r"put aside as gongkai\.duckdb\.damaged, and the next `gongkai load` makes a new one from silver$"
    ):
        load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    assert _held(engine) == held


def test_damage_that_is_met_on_the_way_is_told_and_mended_too(layout: Layout) -> None:
    engine = engine_of(layout)
    write(layout, batch())
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    with pytest.raises(WarehouseError, match="put aside"), engine.writing():
        raise Damaged(layout.warehouse, "Corrupt database file")
    with pytest.raises(Damaged), engine.writing():
        raise Damaged(layout.published, "Corrupt database file")  # of another file: this one stays
    assert layout.warehouse.exists()


def test_damage_is_that_of_the_file_it_was_met_in_and_what_was_put_aside_is_kept(layout: Layout) -> None:
    engine = engine_of(layout)
    write(layout, batch())
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    seen, lost = layout.published.read_bytes(), duckdb.IOException("Corrupt database file: a block is not what was written")
    with pytest.raises(WarehouseError, match="goes on from what is published"), engine.writing() as working, engine.published(mend=True):
        working._raw = Mock(execute=Mock(side_effect=lost), close=working._raw.close)  # type: ignore[attr-defined]
        working.query("SELECT 1")
    assert layout.published.read_bytes() == seen
    _spoil(layout.warehouse, _no_database)
    with pytest.raises(WarehouseError, match=r"put aside as gongkai\.duckdb\.damaged\.1, .* goes on from what is published"):
        load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)


def test_a_damaged_snapshot_is_put_aside_by_the_audit_and_the_next_night_publishes(layout: Layout) -> None:
    ctx = RunContext(Settings(home=layout.home), layout, {"lishi": portal("lishi")}, FIRST, NOW)
    write(layout, batch())
    make(ctx.engine, layout, FIVE)
    audit_whole(ctx)
    publish(ctx.engine, run_id=FIRST, now=NOW)
    _spoil(layout.published, _turned)
    with pytest.raises(WarehouseError, match="cannot be opened"), ctx.engine.published():
        pass
    assert layout.published.exists()  # a reader puts nothing aside
    with pytest.raises(WarehouseError, match=r"put aside as current\.duckdb\.damaged; load and publish again"):
        audit_whole(ctx)
    audit_whole(ctx)
    publish(ctx.engine, run_id=FIRST, now=NOW)
    assert all_that_readers_see(ctx.engine, None)


def test_of_a_build_that_broke_off_the_causes_are_told_and_not_all_that_was_left_out() -> None:
    bad = [{"unique_id": f"model.gongkai.m{n}", "status": "error", "message": "connection\n  lost"} for n in range(7)]
    bad[3:3] = [{"unique_id": f"test.gongkai.t{n}", "status": "skipped", "message": None} for n in range(300)]
    told = marts._causes(bad, lambda _: "")
    assert told.startswith("model.gongkai.m0 error: connection lost; model.gongkai.m1 error: ")
    assert told.endswith("model.gongkai.m4 error: connection lost; 2 more; 300 skipped for it")
    assert marts._causes(bad[:1], lambda _: "") == "model.gongkai.m0 error: connection lost"


def test_a_load_that_comes_between_is_told_in_one_line_and_not_by_dbt(layout: Layout) -> None:
    write(layout, batch("lishi"))
    engine = engine_of(layout)
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    with engine.writing(), pytest.raises(WarehouseError, match=r"^marts: the warehouse is locked: another process writes it"):
        run_dbt("build", engine.dbt_target(), layout.dbt, "run_results.json")
