"""What is published as files: Parquet and CSV of every mart, with `datapackage.json` (Frictionless), dictionary and checksums.

The same snapshot gives the same bytes: rows are ordered by their key, and no clock is read. A folder appears whole, by one rename.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from gongkai.errors import WarehouseError
from gongkai.layout import write_text_atomic
from warehouse.dictionary import Mart, dictionary, rows
from warehouse.engines.contract import Connection
from warehouse.package import describe, release_of

FORMATS = ("parquet", "csv")
_TOGETHER = 20_000  # rows that are written together, at most
_AT_ONCE = 64_000_000  # bytes of them, about
_FETCHED = 200  # rows that are Python objects at one time
_DANGEROUS = r"\A(['=+\-@\t\r\n＝＋－＠])"
"""How a text cell begins that a spreadsheet would run as a formula (OWASP, CSV Injection), its full-width forms, and our own mark."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """One file of an export."""

    path: str
    """Below the export's folder."""
    table: str
    form: str
    rows: int
    bytes: int
    sha256: str


def export(
    connection: Connection, folder: Path, *, tables: Sequence[str] = (), forms: Sequence[str] = FORMATS, bom: bool = False
) -> list[Exported]:
    """Write the marts `tables` (all where none is named) below `folder`, which is replaced where it exists.

    Args:
        connection: what readers see (`engine.published()`).
        bom: begin CSV files with a byte order mark, which Excel needs to take them for UTF-8.

    Raises:
        WarehouseError: a table is unknown, a form is neither `parquet` nor `csv`, a column is described nowhere, or `folder` holds files
            that are of no export.
    """
    marts = dictionary(connection)
    chosen = [m for m in marts if not tables or m.name in tables]
    if unknown := sorted(set(tables) - {m.name for m in marts}) or sorted(set(forms) - set(FORMATS)):
        raise WarehouseError(f"export: no table or form {unknown[0]!r}; there are {', '.join(m.name for m in marts)}; {', '.join(FORMATS)}")
    folder = folder.absolute()
    _refuse_others_files(folder)
    temporary = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(temporary, ignore_errors=True)
    made = [file for mart in chosen for file in _write(connection, mart, temporary, forms, bom=bom)]
    _write_dictionary(temporary / "dictionary.csv", chosen)
    describe(connection, temporary, chosen, made, release_of(connection), bom=bom)
    _checksums(temporary)
    _put_in_place(temporary, folder)
    return made


def safe(column: pa.Array) -> pa.Array:
    """Text cells that no spreadsheet runs: an apostrophe goes before one that begins with = + - @ tab CR LF, their full-width forms, or '.

    To undo it, take one apostrophe away wherever a text cell begins with one.
    """
    return pc.replace_substring_regex(column, _DANGEROUS, r"'\1")


def _write(connection: Connection, mart: Mart, folder: Path, forms: Sequence[str], *, bom: bool) -> Iterator[Exported]:
    schema = pa.schema([(c.name, c.kind) for c in mart.columns])
    paths = {form: folder / form / f"{mart.name}.{form}" for form in forms}
    writers: dict[str, Any] = {}
    for form, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        writers[form] = pq.ParquetWriter(path, schema, compression="zstd") if form == "parquet" else _CsvFile(path, schema, bom=bom)
    count = 0
    for batch in _batches(connection, mart, schema):
        count += batch.num_rows
        for writer in writers.values():
            writer.write_table(pa.Table.from_batches([batch]))
    for form, writer in writers.items():
        writer.close()
        content = paths[form]
        size = content.stat().st_size
        yield Exported(path=f"{form}/{content.name}", table=mart.name, form=form, rows=count, bytes=size, sha256=_sha256(content))


def _batches(connection: Connection, mart: Mart, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    return arrow_batches(connection, ("mart", mart.name), schema, mart.key or schema.names)


def arrow_batches(connection: Connection, table: tuple[str, str], schema: pa.Schema, order: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The columns `schema` of a table (its own schema, its name) by the columns `order`, a part at a time."""
    held: list[pa.RecordBatch] = []
    for part in connection.in_order(*table, schema.names, order, min(_FETCHED, _TOGETHER)):
        columns = [pa.array(list(values), type=f.type) for values, f in zip(zip(*part, strict=True), schema, strict=True)]
        held.append(pa.RecordBatch.from_arrays(columns, schema=schema))
        if sum(batch.num_rows for batch in held) >= _TOGETHER or sum(batch.nbytes for batch in held) >= _AT_ONCE:
            whole, held = pa.concat_batches(held), []  # not both while the caller works
            yield whole
    if held:
        yield pa.concat_batches(held)


class _CsvFile:
    """RFC 4180 with LF, UTF-8; lists as JSON, an empty cell is NULL, an empty text is written as \"\"."""

    def __init__(self, path: Path, schema: pa.Schema, *, bom: bool) -> None:
        self._file = path.open("wb")
        if bom:
            self._file.write(b"\xef\xbb\xbf")
        plain = pa.schema([(f.name, _plain_type(f.type)) for f in schema])
        self._writer = pacsv.CSVWriter(self._file, plain, write_options=pacsv.WriteOptions(quoting_style="needed"))
        self._schema = plain

    def write_table(self, table: pa.Table) -> None:
        columns = [_plain(column.combine_chunks(), kind) for column, kind in zip(table.columns, self._schema.types, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        self._writer.close()
        self._file.close()


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind) else pa.string()


def _plain(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return safe(column) if pa.types.is_string(kind) else column
    if pa.types.is_list(column.type):
        return pa.array([None if v is None else _json(v) for v in column.to_pylist()], type=pa.string())
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_decimal(column.type):
        return pa.array([None if v is None else format(v.normalize(), "f") for v in column.to_pylist()], type=pa.string())
    return column.cast(pa.string())


def _json(value: list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_dictionary(path: Path, marts: Iterable[Mart]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        listed = list(rows(list(marts)))
        writer = csv.DictWriter(file, fieldnames=list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checksums(folder: Path) -> None:
    """`sha256sum --check CHECKSUMS` proves a copy."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    write_text_atomic(folder / "CHECKSUMS", "".join(f"{_sha256(p)}  {p.relative_to(folder).as_posix()}\n" for p in files))


def _refuse_others_files(folder: Path) -> None:
    """What stands at `folder` goes: so it must be an older export and nothing beside it. Raises WarehouseError."""
    if not folder.exists():
        return
    sums = folder / "CHECKSUMS"
    known = {line.partition("  ")[2] for line in sums.read_text(encoding="utf-8").splitlines()} if sums.is_file() else set()
    others = sorted(p for p in folder.rglob("*") if not p.is_dir() and p != sums and p.relative_to(folder).as_posix() not in known)
    if not folder.is_dir() or others:
        raise WarehouseError(
            f"export: {others[0] if others else folder} is no file of an older export, and would be lost; choose another folder"
        )


def _put_in_place(temporary: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    temporary.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
