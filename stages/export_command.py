"""`gongkai export`, `dictionary`, `delta`: what is published as files, what its columns mean, what changed between two states."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gongkai.errors import GongkaiError
from gongkai.words import counted

if TYPE_CHECKING:
    from stages.context import RunContext
    from warehouse.engines import Connection


@click.command()
@click.option("--to", "folder", type=click.Path(path_type=Path), default=None, help="Folder; default: export/RUN below GONGKAI_HOME.")
@click.option("--table", "tables", multiple=True, help="A mart (may be given again); default: all.")
@click.option("--format", "forms", multiple=True, type=click.Choice(["parquet", "csv"]), help="May be given again; default: both.")
@click.option("--bom/--no-bom", default=False, help="Begin CSV with a byte order mark, for Excel.")
def export(folder: Path | None, tables: tuple[str, ...], forms: tuple[str, ...], bom: bool) -> None:
    """Write what is published as Parquet and CSV with datapackage.json, dictionary.csv, README.md and CHECKSUMS (docs/exports.md)."""
    from warehouse.export import FORMATS
    from warehouse.export import export as write
    from warehouse.package import release_of

    with _published() as (ctx, connection):
        target = folder or ctx.layout.export(release_of(connection).run_id)
        files = write(connection, target, tables=tables, forms=forms or FORMATS, bom=bom)
    click.echo(
        f"{target}: {counted(len(files), 'file')}, {counted(sum(f.rows for f in files), 'row')}, {sum(f.bytes for f in files)} bytes"
    )


@click.command()
@click.option("--csv", "as_csv", is_flag=True, help="A table instead of a page.")
def dictionary(as_csv: bool) -> None:
    """Print the dictionary of the published marts: every column in Chinese and English."""
    import csv
    import sys

    from warehouse.dictionary import dictionary as read
    from warehouse.dictionary import markdown, rows

    with _published() as (_, connection):
        marts = read(connection)
    if not as_csv:
        click.echo(markdown(marts), nl=False)
        return
    listed = list(rows(marts))
    writer = csv.DictWriter(sys.stdout, fieldnames=list(listed[0]))
    writer.writeheader()
    writer.writerows(listed)


@click.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@click.option("--to", "folder", type=click.Path(path_type=Path), default=None, help="Also write changes.parquet and changes.jsonl there.")
def delta(old: Path, new: Path, folder: Path | None) -> None:
    """Say what changed from OLD to NEW: two exports with Parquet, or two snapshot files (published/run=….duckdb)."""
    from warehouse.delta import delta as compare

    for line in compare(old, new, folder):
        click.echo(line)


@contextmanager
def _published() -> Iterator[tuple[RunContext, Connection]]:
    """What readers see. Raises GongkaiError where nothing is published."""
    from stages.context import open_context

    ctx = open_context()
    with ctx.engine.published() as connection:
        if connection is None:
            raise GongkaiError(f"nothing is published yet at {ctx.engine.published_place}")
        yield ctx, connection
