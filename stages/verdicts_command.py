"""`gongkai verdicts [PORTAL]`: which rules a portal keeps or breaks, why, and where the archived proof lies."""

from __future__ import annotations

import dataclasses
import json
from itertools import groupby
from typing import TYPE_CHECKING

import click

from gongkai.ledger import printable

if TYPE_CHECKING:
    from warehouse.verdicts import Verdict

_COLOURS = {"fail": "red", "pass": "green", "uncertain": "yellow", "not_assessable": "white"}


@click.command()
@click.argument("portal", required=False)
@click.option("--rule", default=None, help="Id of a rule (gongkai/data/rules.yaml, docs/verdicts.md).")
@click.option("--only", "which", multiple=True, type=click.Choice(list(_COLOURS)), help="Only these verdicts; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
def verdicts(portal: str | None, rule: str | None, which: tuple[str, ...], as_json: bool) -> None:
    """Print the published verdicts on PORTAL (default: all), each with its reason, its basis and its archived page."""
    from stages.context import open_context
    from warehouse.verdicts import verdicts as ask

    found = ask(open_context().engine, portal, rule=rule, which=which or tuple(_COLOURS))
    if as_json:
        rows = [dataclasses.asdict(v) | {"archived": v.archived} for v in found]
        click.echo(json.dumps(rows, ensure_ascii=False, default=lambda day: day.isoformat()))
        return
    for (portal_id, name), own in groupby(found, lambda v: (v.portal_id, v.portal_name)):
        click.echo(printable(f"{name} ({portal_id})"))
        for verdict in own:
            _print(verdict)
    counts = [f"{sum(v.verdict == word for v in found)} {word}" for word in _COLOURS]
    click.echo(", ".join(counts) + (f"; as of {found[0].as_of}" if found else ""))


def _print(v: Verdict) -> None:
    what = f" {v.subject_title or v.subject}" if v.subject != v.portal_id else ""
    click.echo("  " + click.style(f"{v.verdict:14}", fg=_COLOURS[v.verdict]) + printable(f" {v.rule}{what}"))
    click.echo(printable(f"    {v.reason}"))
    click.echo(printable(f"    {v.basis} [{v.confidence or '-'}]; observed {v.observed or '-'}, wanted {v.threshold or '-'}"))
    if v.evidence_url:
        click.echo(printable(f"    {v.evidence_url}  archived as {v.archived or '?'}"))
