"""A full disk and a damaged file: one clear line, readers keep what they had, and the next load heals."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hand_made import FIVE, all_that_readers_see, make
from own_postgres import running
from silver_night import FIRST, NOW, SECOND, THIRD, batch, portal, write

from gongkai.errors import WarehouseError
from gongkai.layout import Layout
from warehouse.compare import Content, content_of
from warehouse.engines import Engine, engine_of
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


def test_a_damaged_file_is_named_and_a_new_one_is_loaded_from_silver(layout: Layout) -> None:
    engine = engine_of(layout)
    for run_id in (FIRST, SECOND, THIRD):
        write(layout, batch("lishi", run_id, notices=("n1", run_id)))
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    held, seen = _held(engine), all_that_readers_see(engine, None)
    content = bytearray(layout.warehouse.read_bytes())
    content[: 8 * 1024] = random.Random(2).randbytes(8 * 1024)
    layout.warehouse.write_bytes(content)

    with pytest.raises(WarehouseError, match=rf"^{layout.warehouse}: cannot be opened \("):
        load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    with pytest.raises(WarehouseError, match="cannot be opened"):
        publish(engine, run_id=FIRST, now=NOW)
    assert all_that_readers_see(engine, None) == seen

    layout.warehouse.unlink()
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    rebuilt = _held(engine)
    assert {k: v for k, v in rebuilt.items() if k.startswith("silver")} == {k: v for k, v in held.items() if k.startswith("silver")}
