"""The command line: argument parsing, progress, exit status; nothing else. Every command calls the function a DAG task calls.

A command imports what it needs when it runs: `gongkai parse FILE` must not wait for dbt, Scrapy and pandas.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import click

from gongkai.errors import GongkaiError
from gongkai.layout import run_day
from gongkai.ledger import StageOutcome, printable
from gongkai.words import counted
from stages.archive_command import archive
from stages.commitments_command import commitments
from stages.export_command import delta, dictionary, export
from stages.lake_command import lake
from stages.parse_command import parse
from stages.portals_command import portals
from stages.quarantine_command import quarantine
from stages.reextract_command import reextract
from stages.rows_command import rows
from stages.scorecard_command import scorecard
from stages.search_command import search
from stages.store_command import store
from stages.verdicts_command import verdicts

if TYPE_CHECKING:
    from stages.context import RunContext

_run_option = click.option(
    "--run", "run_id", default=None, help="Run id (20260301T183000Z); default: a new run named by the present second."
)
_finished_option = click.option("--run", "run_id", default=None, help="Run id (20260301T183000Z); default: the newest run.")
_portals_argument = click.argument("portals", nargs=-1)


class _Commands(click.Group):
    """Our commands, and those that other rooms hang on by entry point; one of the latter is loaded when it is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *entry_points(group="gongkai.commands").names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in entry_points(group="gongkai.commands").names:
            return own
        loaded = entry_points(group="gongkai.commands")[cmd_name].load()
        return loaded if isinstance(loaded, click.Command) else None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gongkai")
def gongkai() -> None:
    """Gongkai (公开): what Chinese city governments promise to disclose, and what they did."""


gongkai.add_command(archive)
gongkai.add_command(commitments)
gongkai.add_command(delta)
gongkai.add_command(dictionary)
gongkai.add_command(export)
gongkai.add_command(lake)
gongkai.add_command(parse)
gongkai.add_command(reextract)
gongkai.add_command(rows)
gongkai.add_command(portals)
gongkai.add_command(quarantine)
gongkai.add_command(scorecard)
gongkai.add_command(search)
gongkai.add_command(store)
gongkai.add_command(verdicts)


def _report(outcomes: Sequence[StageOutcome]) -> None:
    """One line an outcome; exit status 1 where one is not whole."""
    for outcome in outcomes:
        counts = " ".join(f"{name}={count}" for name, count in outcome.counts.items())
        click.echo(f"{outcome.portal_id}: {outcome.stage}: {outcome.status.value} {counts}")
        for reason in outcome.reasons:
            click.echo(f"  {printable(reason)}", err=True)
    if not all(outcome.status.is_whole for outcome in outcomes):
        raise click.exceptions.Exit(1)


def _context(run_id: str | None = None) -> RunContext:
    from stages.context import open_context

    return open_context(run_id)


def _newest(run_id: str | None) -> RunContext:
    """The context of a named run, or of the newest that the ledger knows."""
    ctx = _context(run_id)
    return ctx if run_id else _context(max(ctx.layout.ledger_runs(), default=None))


def _chosen(portals: Sequence[str], ctx: RunContext) -> list[str]:
    return [p.id for p in ctx.portals(portals)]


@gongkai.command()
@_portals_argument
@_run_option
@click.option("--rewalk", is_flag=True, help="Walk every listing whole and ask every known page again: finds edits and removals.")
@click.option("--accept-mass-change", is_flag=True, help="Let a change or removal pass that is too large to be believed unseen.")
def crawl(portals: tuple[str, ...], run_id: str | None, rewalk: bool, accept_mass_change: bool) -> None:
    """Crawl PORTALS (default: those followed) and archive what they said."""
    from stages.batches import crawl_batches
    from stages.crawl import crawl as stage

    ctx = _context(run_id)
    batches = crawl_batches(portals, ctx)
    _report([o for batch in batches for o in stage(batch, ctx, rewalk=rewalk, accept_mass_change=accept_mass_change)])


@gongkai.command()
@_portals_argument
@_run_option
def extract(portals: tuple[str, ...], run_id: str | None) -> None:
    """Read the archived pages of PORTALS that were not read yet."""
    from stages.extract import extract as stage

    ctx = _context(run_id)
    _report([stage(portal, ctx) for portal in _chosen(portals, ctx)])


@gongkai.command()
@_portals_argument
@_run_option
def audit(portals: tuple[str, ...], run_id: str | None) -> None:
    """Validate the batches of PORTALS; refused ones are quarantined."""
    from stages.audit import audit as stage

    ctx = _context(run_id)
    _report(stage(_chosen(portals, ctx), ctx))


@gongkai.command()
@_run_option
def load(run_id: str | None) -> None:
    """Load every audited batch, build the marts and audit the whole. Exit status 1 where a batch was refused, the others being loaded."""
    from stages.audit import audit_whole
    from stages.load import build_marts
    from stages.load import load as stage

    ctx = _context(run_id)
    done = stage(ctx)
    click.echo(printable(done.words), err=bool(done.failed))
    build_marts(ctx)
    audit_whole(ctx)
    if done.failed:
        raise click.exceptions.Exit(1)


@gongkai.command()
@_run_option
def publish(run_id: str | None) -> None:
    """Publish the warehouse as a read-only snapshot, and tell the dead man's switch."""
    from stages.alert import beat
    from stages.publish import publish as stage

    ctx = _context(run_id)
    click.echo(str(stage(ctx)))
    beat(ctx)


@gongkai.command()
@_portals_argument
@_run_option
@click.option("--rewalk", is_flag=True, help="Walk every listing whole and ask every known page again: finds edits and removals.")
@click.pass_context
def night(command: click.Context, portals: tuple[str, ...], run_id: str | None, rewalk: bool) -> None:
    """The whole night without Airflow: crawl, extract, audit, load, publish. Exit status 1 where a portal is not whole."""
    ctx = _context(run_id)
    whole = True
    of_portals = {"portals": portals}
    for stage, how in ((crawl, of_portals | {"rewalk": rewalk}), (extract, of_portals), (audit, of_portals), (load, {})):
        try:
            command.invoke(stage, run_id=ctx.run_id, **how)
        except click.exceptions.Exit:
            whole = False
    command.invoke(publish, run_id=ctx.run_id)
    command.invoke(summary)
    if not whole:
        raise click.exceptions.Exit(1)


@gongkai.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
def summary(as_json: bool = False) -> None:
    """What the published night got, portal by portal, and where snapshot, report site, Data Docs and archive lie."""
    from rich.console import Console

    from stages.digest import print_summary
    from warehouse.summary import night_summary, published_run

    ctx = _context()
    if published_run(ctx.engine) is None:
        raise GongkaiError(f"nothing published yet in {ctx.engine.published_place} (run `make run` or `gongkai night`)")
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(line) for line in night_summary(ctx.engine)], ensure_ascii=False))
    else:
        print_summary(ctx, Console())


@gongkai.command()
@_portals_argument
@click.option("--visit", "ask", is_flag=True, help="Ask the home pages now, instead of only telling the last visits.")
def health(portals: tuple[str, ...], ask: bool) -> None:
    """How the home pages of PORTALS answered when they were last visited, and which stand still."""
    from stages.batches import crawl_batches
    from stages.health import stands_still, visit, visits

    ctx = _context()
    for batch in crawl_batches(portals, ctx) if ask else ():
        visit(batch, ctx)
    for portal_id in _chosen(portals, ctx):
        found = visits(ctx.layout, portal_id)
        said = f"{run_day(found[0].run_id)} {found[0].words}" if found else "never visited"
        still = stands_still(found)
        click.echo(printable(f"{portal_id}: {said}" + (f"; stands still: {still}" if still else "")))


@gongkai.command()
@_finished_option
def morning(run_id: str | None) -> None:
    """Write the page of this morning and the portals' pages. Prints its path."""
    from stages.morning import build

    click.echo(str(build(_newest(run_id))))


@gongkai.command()
def site() -> None:
    """Make the report site of what is published (docs/report-site.md). Prints its first page, what was written, and the heaviest page."""
    from stages.site import build_site

    ctx = _context()
    built = build_site(ctx)
    page, size = built.largest
    click.echo(f"{ctx.layout.site / 'index.html'}: {built.words}; heaviest page {page}, {size:,} bytes")


@gongkai.command()
@_finished_option
def alert(run_id: str | None) -> None:
    """Send the digests of a run to GONGKAI_ALERT_URLS; a text that was sent before is not sent again."""
    from stages.alert import send

    click.echo(send(_newest(run_id)))


@gongkai.command()
@click.option("--max-age", default=26.0, show_default=True, help="Hours.")
def heartbeat(max_age: float) -> None:
    """Exit status 1 where the newest published night is older than --max-age hours: for a watcher outside Airflow."""
    from datetime import UTC, datetime

    from stages.alert import age

    old = age(_context(), datetime.now(UTC))
    hours = None if old is None else old.total_seconds() / 3600
    click.echo("nothing was published yet" if hours is None else f"the newest published night began {hours:.1f} hours ago")
    if hours is None or hours > max_age:
        raise click.exceptions.Exit(1)


@gongkai.command()
@click.option("--portals", type=click.IntRange(1), help="So many portals; default: the table of docs/planner.md.")
@click.option("--lists", default=30, show_default=True, help="List requests a portal.")
@click.option("--pages", default=20, show_default=True, help="New pages a portal.")
@click.option("--delay", default=1.0, show_default=True, help="Seconds between two requests to one host.")
def plan(portals: int | None, lists: int, pages: int, delay: float) -> None:
    """What a night takes: requests, time, processor and storage, reckoned from measured unit costs."""
    from stages.plan import LOADS, Load, markdown
    from stages.plan import plan as reckon

    chosen = [Load(name=counted(portals, "portal"), portals=portals, lists=lists, pages=pages, delay=delay)] if portals else LOADS
    click.echo(markdown([reckon(load) for load in chosen]), nl=False)


@gongkai.command()
def maintain() -> None:
    """Remove what is old and no evidence, compact the warehouse, verify the archives whose turn it is, and tell the growth."""
    from stages import maintenance

    ctx = _context()
    for task in (maintenance.retention, maintenance.compact, maintenance.verify, maintenance.growth):
        click.echo(f"{task.__name__}: {task(ctx)}")


@gongkai.command("airflow-env")
def airflow_env() -> None:
    """Print `export` lines that make `airflow` on this machine see this project."""
    from gongkai.airflow_env import airflow_environment
    from gongkai.settings import Settings

    for name, value in airflow_environment(Settings()).items():
        click.echo(f"export {name}={shlex.quote(value)}")


def main() -> None:
    """Entry point. Errors meant for people end in one line on stderr and exit status 2."""
    try:
        sys.exit(gongkai.main(standalone_mode=False))  # click hands an exit status back instead of leaving with it
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except GongkaiError as error:
        click.echo(f"gongkai: {error}", err=True)
        sys.exit(2)
