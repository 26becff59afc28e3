"""`gongkai lake ADDRESS`: the loaded silver tables and the marts' queries as files, for an engine that works on many machines."""

from __future__ import annotations

import click

from gongkai.words import counted


@click.command()
@click.argument("address", default="")
def lake(address: str) -> None:
    """Write what is loaded as Parquet to ADDRESS (a folder, or s3://bucket/path), from which Spark builds the marts (docs/lake.md).

    Default: the folder `lake` below GONGKAI_HOME.
    """
    from stages.context import open_context
    from warehouse.lake import compiled, write_lake
    from warehouse.marts import derive

    ctx = open_context()
    derive(ctx.engine)
    target = address or str(ctx.layout.lake)
    written = write_lake(ctx.engine, target, compiled(), as_of=ctx.today, now=ctx.now)
    rows = sum(table.rows for table in written.silver.values())
    click.echo(f"{target}: {written.generation}, {len(written.silver)} tables, {counted(rows, 'row')}, {len(written.marts)} marts to build")
