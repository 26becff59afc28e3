"""Build a lake's marts with Spark (docs/lake.md): `python build.py ADDRESS`, or `spark-submit build.py ADDRESS` on a cluster.

Silver is read where it lies and the marts are written beside it, by the workers, through pyarrow: Spark as the registries carry it
knows no object store. LAKE/mart/BUILD/NAME/part-….parquet are immutable; LAKE/marts.json names them and is written last.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from dialect import VIEW, spark_sql
from pyspark import TaskContext
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import IntegerType
from sqlglot.errors import SqlglotError

Batches = Iterable[pa.RecordBatch]
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
}


class LakeError(Exception):
    """One line for people: which mart or file, and why."""


def opened(address: str) -> pafs.FileSystem:
    """The folder or URL as the root of a file system."""
    files, root = pafs.FileSystem.from_uri(address if "://" in address else Path(address).absolute().as_uri())
    return pafs.SubTreeFileSystem(root, files)


def reader(address: str, files: list[str]) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """For a worker: the rows of the files whose numbers it is given."""

    def read(numbers: Batches) -> Iterator[pa.RecordBatch]:
        place = opened(address)
        for number in (n for batch in numbers for n in batch.column(0).to_pylist()):
            with place.open_input_file(files[number]) as file:
                yield from pq.ParquetFile(file).iter_batches(batch_size=10_000)

    return read


def writer(address: str, folder: str) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """For a worker: write its rows to a file of its own; gives the file's path and rows. A file that no row names was a lost attempt's."""

    def write(batches: Batches) -> Iterator[pa.RecordBatch]:
        task = TaskContext.get()
        path, rows, place, out = f"{folder}/part-{task.partitionId():05}-{task.taskAttemptId()}.parquet", 0, opened(address), None
        for batch in batches:
            if out is None:
                place.create_dir(folder, recursive=True)
                stream = place.open_output_stream(path)
                out = pq.ParquetWriter(stream, batch.schema, compression="zstd")
            out.write_batch(batch)
            rows += batch.num_rows
        if out is not None:
            out.close()
            stream.close()
            yield pa.RecordBatch.from_pydict({"path": [path], "rows": [rows]})

    return write


def show(spark: SparkSession, address: str, schema: str, name: str, files: list[str]) -> None:
    """Make files a table that queries can name."""
    with opened(address).open_input_file(files[0]) as file:
        columns = from_arrow_schema(pq.read_schema(file), prefer_timestamp_ntz=True)
    numbers = spark.range(len(files), numPartitions=len(files))
    numbers.mapInArrow(reader(address, files), columns).createOrReplaceTempView(VIEW.format(schema=schema, table=name))


def write(frame: DataFrame, address: str, folder: str) -> dict[str, Any]:
    """Write a mart; gives its files and rows. Whole numbers are 64 bits wide, as in the warehouse (Spark counts rows in 32).

    A mart without rows has a file that tells its columns.
    """
    frame = frame.select(*(frame[f.name].cast("long") if f.dataType == IntegerType() else frame[f.name] for f in frame.schema))
    parts = sorted((row.path, row.rows) for row in frame.mapInArrow(writer(address, folder), "path string, rows long").collect())
    if not parts:
        place = opened(address)
        place.create_dir(folder, recursive=True)
        parts = [(f"{folder}/part-none.parquet", 0)]
        with place.open_output_stream(parts[0][0]) as stream:
            pq.write_table(frame.limit(0).toArrow(), stream)
    return {"rows": sum(rows for _, rows in parts), "files": [path for path, _ in parts]}


def build(spark: SparkSession, address: str) -> dict[str, Any]:
    """Every mart of the lake's newest generation. Raises LakeError; readers keep the marts they had."""
    place = opened(address)
    with place.open_input_stream("lake.json") as stream:
        lake = json.loads(stream.read())
    name = f"{lake['generation']}-{uuid.uuid4().hex[:8]}"
    for table, known in lake["silver"].items():
        show(spark, address, "silver", table, known["files"])
    marts: dict[str, Any] = {}
    for model in lake["marts"]:
        started = time.monotonic()
        try:
            made = write(spark.sql(spark_sql(model["sql"])), address, f"mart/{name}/{model['name']}")
        except (PySparkException, SqlglotError, NotImplementedError) as error:
            raise LakeError(f"mart {model['name']}: {' '.join(str(error).split())[:1500]}") from error
        show(spark, address, "mart", model["name"], made["files"])
        marts[model["name"]] = made
        print(f"{model['name']}: {made['rows']} rows, {time.monotonic() - started:.1f} s", flush=True)
    return {"build": name, "generation": lake["generation"], "as_of": lake["as_of"], "marts": marts}


def commit(address: str, built: dict[str, Any]) -> None:
    """Make a build what readers see; the build before stays for whoever reads it, older and broken ones go."""
    place = opened(address)
    keep = {built["build"]}
    if place.get_file_info("marts.json").type != pafs.FileType.NotFound:
        with place.open_input_stream("marts.json") as stream:
            keep.add(json.loads(stream.read())["build"])
    with place.open_output_stream("marts.json.new") as stream:
        stream.write(json.dumps(built, indent=1).encode())
    place.move("marts.json.new", "marts.json")
    for info in place.get_file_info(pafs.FileSelector("mart")):
        if info.base_name not in keep:
            place.delete_dir(info.path)


def main(address: str) -> None:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.appName("gongkai marts")
    for name, value in _SETTINGS.items():
        session = session.config(name, value)
    spark = session.getOrCreate()
    try:
        commit(address, build(spark, address))
    except OSError as error:
        raise LakeError(f"{address}: {' '.join(str(error).split())}") from error
    finally:
        spark.stop()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except LakeError as error:
        sys.exit(f"lake: {error}")
