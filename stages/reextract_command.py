"""`gongkai reextract`: what today's readers would read otherwise in what is archived, and on wish the new silver."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, get_args

import click

from gongkai.errors import GongkaiError
from gongkai.records.document import Genre
from gongkai.words import counted

if TYPE_CHECKING:
    from stages.reextract import Reextraction


@click.command()
@click.argument("portals", nargs=-1)
@click.option("--since", default=None, help="First run (20260301T183000Z).")
@click.option("--until", default=None, help="Last run.")
@click.option("--genre", type=click.Choice(get_args(Genre)), default=None, help="Only notices that are, or hold, such a document by now.")
@click.option("--year", type=click.IntRange(1990, 2100), default=None, help="Only notices published in that year.")
@click.option("--apply", is_flag=True, help="Let the new reading replace silver; the next audit and load take it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def reextract(
    portals: tuple[str, ...], since: str | None, until: str | None, genre: str | None, year: int | None, apply: bool, as_json: bool
) -> None:
    """Read the archived pages of PORTALS (default: all) again, without the network, and print what changes. Without --apply nothing does.

    Exit status 1 where a page cannot be read, or the archive does not hold what was written (such a batch is left as it is).
    """
    from rich.console import Console
    from rich.progress import Progress

    from gongkai.layout import is_run_id
    from stages.context import open_context
    from stages.reextract import Wanted
    from stages.reextract import reextract as stage

    for run_id in (since, until):
        if run_id is not None and not is_run_id(run_id):
            raise GongkaiError(f"{run_id!r} is no run id (expected a moment of the form 20260301T183000Z)")
    ctx = open_context()
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("reextract", total=None)
        report = stage(
            portals,
            ctx,
            Wanted(since=since, until=until, genre=genre, year=year, apply=apply),
            passed=lambda done, whole: progress.update(task, completed=done, total=whole),
        )
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        _print(report, apply=apply)
        click.echo(f"every change: {ctx.layout.reextraction(ctx.run_id) / 'changes.parquet'}")
    if report.failed or report.unreadable:
        raise click.exceptions.Exit(1)


def _print(report: Reextraction, *, apply: bool) -> None:
    from gongkai.ledger import printable

    versions = ", ".join(sorted({b.before or "none" for b in report.batches}))
    differing = sum(b.differs for b in report.batches)
    done = f"{sum(b.applied for b in report.batches)} applied" if apply else "nothing applied"
    read = f"{counted(len(report.batches), 'batch', 'batches')} read again (extractor {versions} → {report.extractor_version})"
    click.echo(f"{read}, {counted(differing, 'differs', 'differ')}, {done}")
    for name, diff in report.tables.items():
        if not diff.differs:
            continue
        click.echo(f"{name}: " + "  ".join(f"{word} {getattr(diff, word)}" for word in ("same", "moved", "changed", "added", "removed")))
        for kind, field, count in [*(("changed", *item) for item in diff.fields.most_common()), ("added", None, 0), ("removed", None, 0)]:
            if field is not None:
                click.echo(f"  {field}: {count}")
            for example in report.examples:
                if (example["table"], example["kind"], example["field"]) == (name, kind, field):
                    click.echo(printable(f"    {_example(example)}"))
    for place, cause in report.failed.items():
        click.echo(printable(f"{place}: left as it is: {cause}"), err=True)
    for told in report.unreadable:
        click.echo(printable(f"unreadable: {told}"), err=True)
    if report.unregistered:
        click.echo(f"not in the registry, left out: {', '.join(report.unregistered)}", err=True)


def _example(change: dict[str, str | None]) -> str:
    said = {"added": f"+ {change['new']}", "removed": f"- {change['old']}", "changed": f"{change['old']} → {change['new']}"}
    return f"{said[str(change['kind'])]}   ({change['portal_id']}: {change['notice_title']}, {change['url']})"
