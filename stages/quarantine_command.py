"""`gongkai quarantine …`: list, look at, release or drop batches that the audit refused."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import click

from gongkai.errors import WarehouseError
from gongkai.ledger import printable
from gongkai.words import counted

if TYPE_CHECKING:
    from stages.context import RunContext
    from stages.quarantine import Held
    from stages.refused import Refused

_batch_argument = click.argument("batch", metavar="BATCH")
_json_option = click.option("--json", "as_json", is_flag=True, help="JSON for machines.")


@click.group()
def quarantine() -> None:
    """Batches that the audit refused: list them, look at them, release or drop them. BATCH is PORTAL/RUN."""


@quarantine.command("list")
@click.argument("portals", nargs=-1)
@click.option("--all", "decided", is_flag=True, help="Also those that somebody decided about.")
@_json_option
def quarantine_list(portals: tuple[str, ...], decided: bool, as_json: bool) -> None:
    """Batches of PORTALS (default: all) that are held back, with the first rule each broke; `not loaded`: the load refused it."""
    from stages.context import open_context
    from stages.quarantine import held

    ctx = open_context()
    found, refused = held(ctx.layout, portals, decided=decided), _refused(ctx, portals)
    if as_json:
        click.echo(json.dumps([*map(_summary, found), *map(_refusal, refused)], ensure_ascii=False))
        return
    for h in found:
        click.echo(printable(f"{h.batch}: {h.state}, {_notices(h)}: {_first(h.causes or ['sound'])}"))
    for r in refused:
        click.echo(printable(f"{r.batch}: not loaded: {_first(r.causes)}"))
    if not found and not refused:
        click.echo("nothing is held back")


@quarantine.command("show")
@_batch_argument
@_json_option
def quarantine_show(batch: str, as_json: bool) -> None:
    """What failed in BATCH, the offending rows with their values, where their pages are archived, and what was decided."""
    from stages.context import open_context
    from stages.quarantine import look

    ctx = open_context()
    layout, h = ctx.layout, look(ctx.layout, batch)
    refused = [r for r in _refused(ctx, [h.verdict.portal_id]) if r.batch == h.batch]
    folder = layout.raw_run(h.verdict.portal_id, h.verdict.run_id)
    if as_json:
        failures = [*_failures(h), *({"suite": "load"} | _refusal(r) for r in refused)]
        click.echo(json.dumps(_summary(h) | {"raw": str(folder), "failures": failures}, ensure_ascii=False, default=str))
        return
    click.echo(f"{h.batch}: {h.state}{' (a release is void: the rows were read anew)' if h.void else ''}")
    click.echo(f"crawl {h.verdict.crawl}, {_notices(h)}, {h.verdict.asked} rules asked, digest {h.verdict.digest}")
    click.echo(f"archive {folder}")
    for d in h.decisions:
        click.echo(printable(f"{d.decision} by {d.actor}, {d.decided_at:%Y-%m-%d %H:%M} UTC: {d.reason}"))
    for failure in _failures(h):
        click.echo(f"\n{failure['severity']}: {failure['suite']}: {failure['meaning']}")
        click.echo(printable(f"  observed {failure['observed']}, expected {failure['expected']}"))
        for row in failure["rows"]:
            click.echo(printable("  - " + ", ".join(f"{name}={value}" for name, value in row["values"].items())))
            if row["archive"] or row["url"]:
                click.echo(printable(f"    page {row['url'] or '?'} archived as {row['archive'] or '?'}"))
    for r in refused:
        click.echo("\nnot loaded, and tried again by every load:")
        for table, rule, column, number, value, row in r.rows:
            place = ".".join(filter(None, (table, column)))
            click.echo(printable(f"  - {place or 'batch'}: {rule}: {value or ''}{'' if number is None else f' in row {number}: {row}'}"))


def _decision(name: Literal["release", "drop", "undo"], doc: str) -> Callable[..., None]:
    """One of the three commands that write a decision."""

    def command(batch: str, reason: str, actor: str | None) -> None:
        from stages.context import open_context
        from stages.quarantine import settle

        h, new = settle(open_context(), batch, name, actor=actor or getpass.getuser(), reason=reason, now=datetime.now(UTC))
        click.echo(printable(f"{h.batch}: {h.state}{'' if new else ' already, nothing written'}; `gongkai load` lets the warehouse follow"))

    command.__doc__ = doc
    command = click.option("--actor", default=None, help="Who decides; default: the user of the operating system.")(command)
    command = click.option("--reason", required=True, help="Why, in one sentence; it is shown in Data Docs and loaded.")(command)
    made: Callable[..., None] = quarantine.command(name)(_batch_argument(command))
    return made


release = _decision("release", "Let BATCH be loaded although the audit refused it. Void as soon as its rows are read anew.")
drop = _decision("drop", "Keep BATCH out for good; its portal is no longer shown as quarantined for it.")
undo = _decision("undo", "Take a release or drop of BATCH back: the audit's verdict holds again.")


def _refused(ctx: RunContext, portals: Sequence[str]) -> list[Refused]:
    """What the load refused; a warehouse that cannot be read now does not keep the audit's own list from being shown."""
    from stages.refused import refused

    try:
        return refused(ctx, portals)
    except WarehouseError as error:
        click.echo(printable(f"what the load refused is not known: {error}"), err=True)
        return []


def _refusal(r: Refused) -> dict[str, Any]:
    names = ("table", "rule", "column", "row_number", "value", "row")
    return {"batch": r.batch, "state": "not_loaded", "causes": r.causes, "rows": [dict(zip(names, row, strict=True)) for row in r.rows]}


def _first(causes: Sequence[str]) -> str:
    return causes[0] + (f" (and {len(causes) - 1} more)" if causes[1:] else "")


def _notices(h: Held) -> str:
    return "unreadable" if h.verdict.notices is None else counted(h.verdict.notices, "notice")


def _summary(h: Held) -> dict[str, Any]:
    return {
        "batch": h.batch,
        "state": h.state,
        "release_void": h.void,
        "crawl": h.verdict.crawl,
        "notices": h.verdict.notices,
        "digest": h.verdict.digest,
        "causes": h.causes,
        "decisions": [
            {"decision": d.decision, "actor": d.actor, "decided_at": d.decided_at.isoformat(), "reason": d.reason, "digest": d.digest}
            for d in h.decisions
        ],
    }


def _failures(h: Held) -> list[dict[str, Any]]:
    """The critical failures with their rows, then the others by their keys."""
    order = {"critical": 0, "warning": 1, "info": 2}
    told = []
    for answer in sorted(h.verdict.failures, key=lambda a: order[a.result.severity]):
        r = answer.result
        rows = [{"values": o.row or {"key": o.key}, "url": o.url, "archive": o.archive} for o in answer.offenders]
        fields = {name: getattr(r, name) for name in ("severity", "suite", "meaning", "expectation", "observed", "expected")}
        told.append(fields | {"offending": answer.count, "rows": rows})
    return told
