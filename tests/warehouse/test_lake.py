"""A lake holds what is loaded, whole or not at all; what Spark makes of it: test_lake_marts.py."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lake_rows import rows_of
from silver_night import FIRST, NOW, SECOND, batch, portal, write

from gongkai.errors import WarehouseError
from gongkai.layout import Layout
from warehouse import lake
from warehouse.compare import all_rows
from warehouse.dictionary import PROJECT
from warehouse.engines import Engine
from warehouse.lake import Model, Queries, write_lake
from warehouse.load import load

QUERIES = Queries(marts=[Model(name="one", sql="select 1 as one")], silver=["notice", "plan_task", "portal", "removal"])
LATER = NOW + timedelta(days=1)


@pytest.fixture
def loaded(engine: Engine, layout: Layout) -> Engine:
    write(layout, batch("lishi", FIRST, notices=("n1", "n2")))
    load(engine, layout, [portal("lishi")], run_id=SECOND, now=NOW)
    return engine


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_lake_holds_every_row_and_column(loaded: Engine, tmp_path: Path) -> None:
    written = write_lake(loaded, str(tmp_path / "lake"), QUERIES, as_of=NOW.date(), now=NOW)
    known = json.loads((tmp_path / "lake" / "lake.json").read_text(encoding="utf-8"))
    assert known["marts"] == [{"name": "one", "sql": "select 1 as one"}]
    assert {name: table.rows for name, table in written.silver.items()} == {
        "notice": 2,
        "plan_task": 4,
        "portal": 1,
        "removal": 0,
        "mart_build": 1,
    }
    with loaded.reading() as connection:
        for name in QUERIES.silver:
            stored = pq.read_table(tmp_path / "lake" / known["silver"][name]["files"][0], partitioning=None)
            assert stored.column_names == list(connection.column_types("silver", name))  # a table without rows too
            assert rows_of(stored) == all_rows(connection, "silver", name, stored.column_names)
    assert pq.read_table(tmp_path / "lake" / known["silver"]["mart_build"]["files"][0])["as_of"].to_pylist() == [NOW.date()]


def test_large_tables_lie_in_several_files(loaded: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake, "_ROWS_IN_FILE", 1)
    monkeypatch.setattr("warehouse.export._TOGETHER", 1)
    notice = write_lake(loaded, str(tmp_path / "lake"), QUERIES, as_of=NOW.date(), now=NOW).silver["notice"]
    assert notice.files == [f"silver/20260304T023000Z/notice-0000{n}.parquet" for n in (0, 1)]
    assert [pq.read_metadata(tmp_path / "lake" / f).num_rows for f in notice.files] == [1, 1]


def test_a_write_that_ends_half_way_changes_nothing_for_readers(loaded: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    write_lake(loaded, str(folder), QUERIES, as_of=NOW.date(), now=NOW)
    before = (folder / "lake.json").read_bytes()
    broken = Queries(marts=QUERIES.marts, silver=["notice", "nix"])
    with pytest.raises(WarehouseError, match=r"silver\.nix is not there"):
        write_lake(loaded, str(folder), broken, as_of=NOW.date(), now=LATER)
    assert (folder / "lake.json").read_bytes() == before
    assert any("20260305" in name for name in files(folder))  # what was written until then
    for day in (2, 3):
        write_lake(loaded, str(folder), QUERIES, as_of=NOW.date(), now=NOW + timedelta(days=day))
    generations = {name.split("/")[1] for name in files(folder) if "/" in name}
    assert generations == {"20260306T023000Z", "20260307T023000Z"}  # the newest, and the one that a reader may still use


@pytest.mark.parametrize("url", [""])  # DuckDB: the engine is no matter here
def test_bad_addresses_and_times_end_in_one_line(loaded: Engine, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"lake nix://bucket: "):
        write_lake(loaded, "nix://bucket", QUERIES, as_of=NOW.date(), now=NOW)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WarehouseError, match=r"lake .*/file: "):
        write_lake(loaded, str(tmp_path / "file"), QUERIES, as_of=NOW.date(), now=NOW)
    write_lake(loaded, str(tmp_path / "lake"), QUERIES, as_of=NOW.date(), now=NOW)
    with pytest.raises(WarehouseError, match="holds 20260304T023000Z already; 20260304T023000Z is not newer"):
        write_lake(loaded, str(tmp_path / "lake"), QUERIES, as_of=NOW.date(), now=NOW)
    (tmp_path / "lake" / "lake.json").write_text("{")
    with pytest.raises(WarehouseError, match=r"lake .*: Expecting property name"):
        write_lake(loaded, str(tmp_path / "lake"), QUERIES, as_of=NOW.date(), now=LATER)


def test_no_query_subtracts_a_day_from_a_day() -> None:
    """Spark calls that an interval: `days_between` says it for every engine. Days are known by their names."""
    day = r"(?:\b\w+\.)?\w*(?:_on|_date|_day|\bday|as_of)\b(?:\(\) *\}\})?"
    subtraction = re.compile(rf"{day}\s+-\s+(?:\{{\{{ )?{day}")
    assert subtraction.search("{{ as_of() }} - h.visited_on > 3")
    assert not subtraction.search("s.seen_on - {{ limit_number('days') }} as first_day, l.visited_on - l.days")
    texts = {p.name: re.sub(r"\{#.*?#\}", "", p.read_text(encoding="utf-8"), flags=re.DOTALL) for p in sorted(PROJECT.rglob("*.sql"))}
    assert {name: found[0] for name, text in texts.items() if (found := subtraction.search(text))} == {}
