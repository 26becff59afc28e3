"""`gongkai samples …`: run the sample town, score a published snapshot against its truth.

A command imports what it needs when it runs: `gongkai --help` lists this group too.
"""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from gongkai.errors import GongkaiError

DEFAULT_PORT = 8700
_LOG_WIDTH = 160  # of tables that go into a file


@click.group()
def samples() -> None:
    """The sample town: invented portals on loopback, with known truth and chosen faults."""


@samples.command()
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65000), help="Port of every portal; 0 takes free ones."
)
@click.option(
    "--ports", is_flag=True, help="One port per portal on 127.0.0.1, from --port upwards (automatic where it is the only address)."
)
@click.option("--registry", type=click.Path(dir_okay=False, path_type=Path), help="Where the registry of the running town is written.")
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Also serve the real documents of this folder.")
@click.option("--later", is_flag=True, help="The town as it is after some pages were taken down and some days of publication forged.")
def serve(port: int, ports: bool, registry: Path | None, real: Path | None, later: bool) -> None:
    """Serve the town until SIGTERM or Ctrl-C; prints one line per portal when it is ready."""
    from gongkai.settings import Settings
    from samples.town import running_town

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    target = registry or Settings().home / "sample-registry.yaml"
    try:
        with running_town(registry=target, port=port, ports=ports, real=real, later=later) as town:
            for portal_id, address in town.addresses.items():
                click.echo(f"{'down ' if portal_id in town.down else 'ready'} {portal_id} {address}")
            click.echo(f"registry {target}")
            stop.wait()
    except OSError as error:
        raise GongkaiError(f"the sample town cannot listen: {error}; choose another --port") from error


@samples.command()
@click.option("--snapshot", type=click.Path(dir_okay=False, path_type=Path), help="Published DuckDB snapshot; default: what is published.")
@click.pass_context
def score(context: click.Context, snapshot: Path | None) -> None:
    """Compare the published snapshot with the town's truth; exit status 1 when something is missing or wrong."""
    from gongkai.layout import Layout
    from gongkai.settings import Settings
    from samples.score import score_snapshot

    settings = Settings()
    result = score_snapshot(snapshot or settings.warehouse.get_secret_value() or Layout(settings.home).published)
    for kind in result:
        click.echo(kind.line)
        for miss in kind.misses:
            click.echo(f"  {kind.name}: {miss}", err=True)
    context.exit(0 if all(kind.perfect for kind in result) else 1)


@samples.command()
@click.argument("names", nargs=-1)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the documentation's page instead of running anything.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep archive and logs in this folder.")
@click.pass_context
def scenarios(context: click.Context, names: tuple[str, ...], as_markdown: bool, keep: Path | None) -> None:
    """Crawl the portals with chosen faults (NAMES, or all) and compare with what must come out; exit status 1 where one differs."""
    from rich.console import Console

    from samples.scenarios import report
    from samples.scenarios.catalogue import SCENARIOS
    from samples.scenarios.run import run_scenarios

    if as_markdown:
        click.echo(report.markdown(), nl=False)
        return
    unknown = set(names) - {s.name for s in SCENARIOS}
    if unknown:
        raise GongkaiError(f"no scenario is called {', '.join(sorted(unknown))}")
    results = report.by_scenario(run_scenarios([s for s in SCENARIOS if not names or s.name in names], keep))
    console = Console()
    (console if console.is_terminal else Console(width=_LOG_WIDTH)).print(report.table(results))
    failed = sum(not all(r.passed for r in nights) for nights in results.values())
    click.echo(f"{len(results) - failed} passed, {failed} failed")
    context.exit(1 if failed else 0)


_real_option = click.option(
    "--real", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Also serve these real documents."
)


@samples.command()
@_real_option
@click.option("--later/--no-later", default=True, show_default=True, help="Visit the portals that changed afterwards twice more.")
@click.pass_context
def run(context: click.Context, real: Path | None, later: bool) -> None:
    """One night over the town through Airflow's `dags test`, two short ones after pages were taken down, summary and score (`make run`)."""
    from samples.local import run_night

    context.exit(run_night(real, later=later))


@samples.command()
@_real_option
def up(real: Path | None) -> None:
    """Start the town and Airflow with its UI in the background (`make up`)."""
    from samples.local import bring_up

    bring_up(real)


@samples.command()
def down() -> None:
    """Stop all that `up` or a killed `run` started (`make down`)."""
    from samples.local import bring_down

    bring_down()
