"""A lake: the loaded silver tables as Parquet, and the marts' queries, for an engine that works on many machines (docs/lake.md).

LAKE/silver/GENERATION/TABLE-00000.parquet …   immutable     LAKE/lake.json   names the newest generation; written last
The loaded tables and not the batches below `silver/`: what an older extractor read is in no batch any more, and which row of a
version counts is decided by the load, in one place.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from gongkai.errors import WarehouseError
from gongkai.layout import run_id_of
from warehouse.dbt_process import run_dbt
from warehouse.dictionary import arrow_type
from warehouse.engines.contract import Connection, DbtTarget, Engine
from warehouse.export import arrow_batches
from warehouse.publish import MART_BUILD
from warehouse.scorecards.tables import MADE
from warehouse.search_index import SEARCH_PASSAGE

MANIFEST = "lake.json"
_ROWS_IN_FILE = 200_000  # one task of the other engine
NOT_IN_A_LAKE = {
    SEARCH_PASSAGE.name: "cut and folded in Python after dbt (warehouse/search_index.py), for the index of the engine that searches",
    **{t.name: "reckoned in Python after dbt (warehouse/scorecards/refresh.py)" for t in MADE},
}
"""Marts that a lake does not hold, each with the reason."""
_INCREMENTAL_ONLY = {"touched_notice"}  # a lake's marts are built whole


@dataclass(frozen=True, kw_only=True)
class LakeTable:
    """One silver table of a generation."""

    rows: int
    files: list[str]
    """Below the lake's address, at least one."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A mart's query as dbt renders it for DuckDB; schemas `silver` and `mart` without a database."""

    name: str
    sql: str


@dataclass(frozen=True, kw_only=True)
class Queries:
    """What builds the marts."""

    marts: list[Model]
    """Each after those that it reads."""
    silver: list[str]
    """Tables that they read, beside the day of the build."""


@dataclass(frozen=True, kw_only=True)
class Lake:
    """What lake.json says."""

    generation: str
    as_of: str
    """The day against which commitments are due and data is old (ISO 8601)."""
    silver: dict[str, LakeTable]
    marts: list[Model]


def compiled() -> Queries:
    """The marts' queries as this release's dbt project has them. Raises WarehouseError: dbt gave up."""
    with tempfile.TemporaryDirectory(prefix="gongkai-lake-") as folder:
        target = DbtTarget(output={"type": "duckdb", "path": ":memory:", "schema": "mart", "threads": 1}, environment={})
        manifest = run_dbt("compile", target, Path(folder), "manifest.json")
    models = {n: node for n, node in manifest["nodes"].items() if node["resource_type"] == "model" and node["name"] not in NOT_IN_A_LAKE}
    if unfinished := sorted(node["name"] for node in models.values() if not node.get("compiled_code")):
        raise WarehouseError(f"marts: dbt compile gave no query for {', '.join(unfinished)}")
    needs = {name: [n for n in node["depends_on"]["nodes"] if n in models] for name, node in models.items()}
    sources = {n.rpartition(".")[2] for node in models.values() for n in node["depends_on"]["nodes"] if n.startswith("source.")}
    ordered = [models[name] for name in TopologicalSorter(dict(sorted(needs.items()))).static_order()]
    return Queries(
        marts=[Model(name=m["name"], sql=m["compiled_code"].replace('"memory".', "").strip()) for m in ordered],
        silver=sorted(sources - _INCREMENTAL_ONLY - {MART_BUILD.name}),
    )


def write_lake(engine: Engine, address: str, queries: Queries, *, as_of: date, now: datetime) -> Lake:
    """Write a new generation to a folder or URL (s3://bucket/path, what pyarrow knows). Readers see it whole or not at all.

    The generation before stays for whoever reads it; older ones, and what a killed call left, are removed. One process writes a lake.

    Raises:
        WarehouseError: nothing is loaded, another process writes the warehouse, or the address cannot be written.
    """
    try:
        files, root = pafs.FileSystem.from_uri(address if "://" in address else Path(address).absolute().as_uri())
        place = pafs.SubTreeFileSystem(root, files)
        before = _read(place)
        generation = run_id_of(now)
        if before and before["generation"] >= generation:  # a reader may be at work on files of that name
            raise WarehouseError(f"lake {address}: holds {before['generation']} already; {generation} is not newer")
        with engine.holding(), engine.reading() as connection:
            silver = {name: _write(place, generation, name, *_rows(connection, name)) for name in queries.silver}
        build = MART_BUILD.arrow([{"as_of": as_of, "started_at": now, "built_at": None}])
        silver[MART_BUILD.name] = _write(place, generation, MART_BUILD.name, MART_BUILD.schema, iter(build.to_batches()))
        lake = Lake(generation=generation, as_of=as_of.isoformat(), silver=silver, marts=queries.marts)
        _commit(place, lake)
        _tidy(place, {generation, *([before["generation"]] if before else [])})
    except (OSError, ValueError, pa.ArrowException) as error:  # ValueError: an address or a lake.json that cannot be read
        raise WarehouseError(f"lake {address}: {' '.join(str(error).split())}") from error
    return lake


def _rows(connection: Connection, table: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    kinds = connection.column_types("silver", table)
    if not kinds:
        raise WarehouseError(f"silver.{table} is not there: no warehouse yet, or of an older release; load first")
    schema = pa.schema([(name, arrow_type(kind)) for name, kind in kinds.items()])
    order = [name for name in ("portal_id", "run_id") if name in kinds]  # so that Parquet's statistics tell portals apart
    return schema, arrow_batches(connection, ("silver", table), schema, order)


def _write(place: pafs.FileSystem, generation: str, table: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> LakeTable:
    folder = f"silver/{generation}"
    place.create_dir(folder, recursive=True)
    written: list[str] = []
    rows, more = 0, next(batches, None)
    while more is not None or not written:
        path = f"{folder}/{table}-{len(written):05}.parquet"
        in_file = 0
        with place.open_output_stream(path) as stream, pq.ParquetWriter(stream, schema, compression="zstd") as writer:
            while more is not None and in_file < _ROWS_IN_FILE:
                writer.write_batch(more)
                in_file += more.num_rows
                more = next(batches, None)
        written.append(path)
        rows += in_file
    return LakeTable(rows=rows, files=written)


def _read(place: pafs.FileSystem) -> dict[str, Any] | None:
    if place.get_file_info(MANIFEST).type == pafs.FileType.NotFound:
        return None
    with place.open_input_stream(MANIFEST) as stream:
        known: dict[str, Any] = json.loads(stream.read())
    return known


def _commit(place: pafs.FileSystem, lake: Lake) -> None:
    with place.open_output_stream(f"{MANIFEST}.new") as stream:
        stream.write(json.dumps(asdict(lake), ensure_ascii=False, indent=1).encode())
    place.move(f"{MANIFEST}.new", MANIFEST)


def _tidy(place: pafs.FileSystem, keep: set[str]) -> None:
    for info in place.get_file_info(pafs.FileSelector("silver")):
        if info.base_name not in keep:
            place.delete_dir(info.path)
