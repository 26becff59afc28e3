"""`gongkai store …`: bring portals here from the store that machines share, or send what is only here."""

from __future__ import annotations

import click

from gongkai.words import counted

_portals_argument = click.argument("portals", nargs=-1)


@click.group()
def store() -> None:
    """The store that several machines share (GONGKAI_STORE). Stages fetch and send by themselves; this is for people."""


@store.command("fetch")
@_portals_argument
@click.option("--raw", is_flag=True, help="The archive, too.")
def store_fetch(portals: tuple[str, ...], raw: bool) -> None:
    """Bring PORTALS (default: all that the store holds) here: silver, verdicts and ledger."""
    from stages.context import open_context
    from stages.shared import fetched, stored_portals

    ctx = open_context()
    _require(ctx.settings.store)
    chosen = [p.id for p in ctx.portals(portals)] if portals else stored_portals(ctx)
    fetched(ctx, chosen, raw=raw)
    click.echo(f"{counted(len(chosen), 'portal')} fetched from {ctx.settings.store}")


@store.command("send")
@_portals_argument
def store_send(portals: tuple[str, ...]) -> None:
    """Send what was committed here of PORTALS (default: all archived here) and is not in the store: the first filling of a store."""
    from stages.context import open_context
    from stages.shared import shared

    ctx = open_context()
    _require(ctx.settings.store)
    chosen = [p.id for p in ctx.portals(portals)] if portals else ctx.layout.archived_portals()
    for portal_id in chosen:
        with shared(ctx, [portal_id]):
            pass  # fetched before, sent after
    click.echo(f"{counted(len(chosen), 'portal is', 'portals are')} in {ctx.settings.store}")


def _require(url: str) -> None:
    if not url:
        raise click.UsageError("no store is set (GONGKAI_STORE)")
