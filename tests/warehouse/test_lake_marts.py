"""A real Spark builds every mart from a lake, and each equals DuckDB's row by row (`make test-lake`; not part of `make test`).

Three nights in a folder with two executors, each a process of its own; in an S3 server on loopback two nights of planted faults and of
silence, portals that keep or break each rule by one day, and a promise with its evidence.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import planted_verdicts
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest
from lake_rows import rows_of
from own_s3 import BUCKET, running_s3
from planted_silence import LINSHI, WUSHI, plant_silence
from planted_years import HUSHI, LISHI, Night, plant
from silver_night import NOW, SECOND, THIRD, portal, write
from three_nights import AS_OF, PORTALS, nights

from gongkai.layout import Layout
from gongkai.settings import PROJECT
from warehouse import marts
from warehouse.compare import all_rows
from warehouse.dictionary import arrow_type
from warehouse.engines import Engine, engine_of
from warehouse.lake import NOT_IN_A_LAKE, Model, Queries, compiled, write_lake
from warehouse.load import load

pytestmark = [pytest.mark.lake, pytest.mark.timeout(1200)]
SPARK = PROJECT / "docker" / "lake"
# Of a few rows a query is interpreted sooner than compiled; Spark's own traffic stays on loopback.
SMALL = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


@dataclass(frozen=True)
class Built:
    """A warehouse, and the lake with what Spark made of it."""

    engine: Engine
    place: pafs.FileSystem
    said: dict[str, Any]
    """marts.json"""


def spark(address: str, master: str) -> subprocess.CompletedProcess[str]:
    options = [word for name, value in SMALL.items() for word in ("--conf", f"{name}={value}")]
    environment = {**os.environ, "PATH": f"{SPARK / '.venv' / 'bin'}:{os.environ['PATH']}", "SPARK_LOCAL_IP": "127.0.0.1"}
    command = ["spark-submit", "--master", master, *options, str(SPARK / "build.py"), address]
    # spark-submit shows what the script says on its own standard output
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)


def bare(kind: pa.DataType) -> pa.DataType:
    """A type without the remark that a list's elements are never NULL, which only some engines make."""
    return pa.list_(kind.value_type) if pa.types.is_list(kind) else kind


def promise(layout: Layout) -> None:
    """A plan's task, and the notice that shows that it was done."""
    night, task = Night("nuoshi", SECOND), "公布义务教育学校招生范围和招生计划。"
    read = night.page("plan", "诺市2025年政务公开工作要点", "2025-04-02", "work_plan", task, plan_year=2025, issuer="诺市人民政府办公室")
    span = {"span_start": 0, "span_end": len(task)}
    night.add("plan_task", read, seq=0, path=["一"], text=task, lead_units=["市教育局"], due_date=date(2025, 8, 31), **span)
    title = "诺市2025年义务教育学校招生计划和招生范围公告"
    night.page("school", title, "2025-09-04", "announcement", title)
    night.rows["notice"][-1]["source"] = "市教育局"
    write(layout, night.rows)


@pytest.fixture(scope="module")
def queries() -> Queries:
    return compiled()


@pytest.fixture(scope="module")
def built(queries: Queries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Built]]:
    def three_nights(engine: Engine, layout: Layout) -> None:
        nights(layout, lambda: load(engine, layout, PORTALS, run_id=THIRD, now=NOW))

    def years(engine: Engine, layout: Layout) -> None:
        plant(layout)
        plant_silence(layout)
        planted_verdicts.plant(layout)
        promise(layout)
        portals = [LISHI, HUSHI, LINSHI, WUSHI, *planted_verdicts.PORTALS, portal("nuoshi", "诺市人民政府")]
        assert load(engine, layout, portals, run_id=THIRD, now=NOW).failed == []

    def make(filled: Callable[[Engine, Layout], None], address: str, master: str) -> Built:
        layout = Layout(tmp_path_factory.mktemp("lake"))
        engine, place = engine_of(layout), address or str(layout.lake)
        filled(engine, layout)
        marts.build(engine, layout, as_of=AS_OF, now=NOW)
        write_lake(engine, place, queries, as_of=AS_OF, now=NOW)
        done = spark(place, master)
        assert done.returncode == 0, done.stdout + done.stderr
        files, root = pafs.FileSystem.from_uri(place if address else layout.lake.as_uri())
        with pafs.SubTreeFileSystem(root, files).open_input_stream("marts.json") as stream:
            return Built(engine, pafs.SubTreeFileSystem(root, files), json.loads(stream.read()))

    with running_s3():
        yield {"folder": make(three_nights, "", "local-cluster[2,1,1024]"), "s3": make(years, f"s3://{BUCKET}/lake", "local[2]")}


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_every_mart_equals_duckdbs(built: dict[str, Built], where: str) -> None:
    one = built[where]
    assert one.said["generation"] == "20260304T023000Z"
    with one.engine.reading() as connection:
        tables = {name: columns for (_, name), columns in connection.tables("mart").items()}
        assert tables.keys() - one.said["marts"].keys() == NOT_IN_A_LAKE.keys()
        assert one.said["marts"].keys() <= tables.keys()
        for name, made in one.said["marts"].items():
            parts = [pq.read_table(file, filesystem=one.place) for file in made["files"]]
            kinds = connection.column_types("mart", name)
            assert parts[0].schema.names == tables[name], name
            assert {f.name: bare(f.type) for f in parts[0].schema} == {c: arrow_type(kinds[c]) for c in tables[name]}, name
            ours, theirs = rows_of(pa.concat_tables(parts)), all_rows(connection, "mart", name, tables[name])
            assert (ours - theirs, theirs - ours) == (Counter(), Counter()), name
            assert made["rows"] == ours.total(), name


def test_no_mart_was_equal_for_want_of_rows(built: dict[str, Built]) -> None:
    empty = [{name for name, made in one.said["marts"].items() if not made["rows"]} for one in built.values()]
    assert empty[0] & empty[1] == set()


def test_a_build_that_fails_says_why_in_one_line_and_leaves_the_old_marts(built: dict[str, Built], tmp_path: Path) -> None:
    folder, days = tmp_path / "lake", iter(range(9))

    def next_night(sql: str) -> subprocess.CompletedProcess[str]:
        query = Queries(marts=[Model(name="who", sql=sql)], silver=["portal"])
        write_lake(built["folder"].engine, str(folder), query, as_of=AS_OF, now=NOW + timedelta(days=next(days)))
        return spark(str(folder), "local[1]")

    assert spark(str(folder), "local[1]").stdout.splitlines()[-1].startswith(f"lake: {folder}: ")  # nothing there yet
    assert next_night("select name from silver.portal").returncode == 0
    first = (folder / "marts.json").read_bytes()
    failed = next_night("select nix from silver.portal")
    assert failed.returncode == 1
    assert failed.stdout.splitlines()[-1].startswith("lake: mart who: [UNRESOLVED_COLUMN.WITH_SUGGESTION]")
    assert (folder / "marts.json").read_bytes() == first
    assert next_night("select level from silver.portal").returncode == 0
    builds = [json.loads(text)["build"] for text in (first, (folder / "marts.json").read_bytes())]
    assert sorted(p.name for p in (folder / "mart").iterdir()) == sorted(builds)  # the older one stays for whoever reads it
