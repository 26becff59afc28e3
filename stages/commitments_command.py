"""`gongkai commitments …`: promises as published, with their evidence; confirm or reject a notice as evidence."""

from __future__ import annotations

import dataclasses
import getpass
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gongkai.ledger import printable

if TYPE_CHECKING:
    from warehouse.commitments.decisions import Verb

_STATUSES = ("not_due", "due", "evidenced", "overdue", "not_assessable")
_json_option = click.option("--json", "as_json", is_flag=True, help="JSON for machines.")


@click.group()
def commitments() -> None:
    """Promises of plans (承诺落实): which were due, which were kept, with what evidence; a person's word about the evidence."""


@commitments.command("list")
@click.argument("portals", nargs=-1)
@click.option("--status", "statuses", multiple=True, type=click.Choice(_STATUSES), help="May be given several times.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many at most.")
@_json_option
def commitments_list(portals: tuple[str, ...], statuses: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Promises of PORTALS (default: all), those due first at the top."""
    from stages.commitments import listed
    from stages.context import open_context

    found = listed(open_context(), portals, statuses, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(c) for c in found], ensure_ascii=False, default=str))
        return
    for c in found:
        due = c.due_date or "no date"
        click.echo(printable(f"{c.commitment_id} {c.portal_id} {due} {c.status}: {c.text[:60]} ({c.why})"))
    if not found:
        click.echo("no such commitment")
    if more:
        click.echo(f"more than {limit} found; --limit shows more")


@commitments.command("show")
@click.argument("commitment")
@_json_option
def commitments_show(commitment: str, as_json: bool) -> None:
    """One COMMITMENT: its status and why, since when, and every notice that may be evidence."""
    from stages.commitments import look
    from stages.context import open_context

    one, evidence, history = look(open_context(), commitment)
    if as_json:
        told = dataclasses.asdict(one) | {"evidence": [dataclasses.asdict(e) for e in evidence]}
        told |= {"history": [{"status": status, "since": since} for status, since in history]}
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    click.echo(printable(f"{one.text}"))
    click.echo(
        printable(f"{one.kind} of {one.portal_id}, lead {'、'.join(one.lead_units) or 'nobody named'}, due {one.due_date or 'no date'}")
    )
    click.echo(printable(f"{one.status}: {one.why}"))
    click.echo(printable(f"{one.url}"))
    for status, since in history:
        click.echo(f"since {since}: {status}")
    for e in evidence:
        score = "-" if e.score is None else f"{e.score:.2f}"
        word = "evidence" if e.counts else "not counted"
        click.echo()
        click.echo(printable(f"{e.notice_id} {score} {word}{', late' if e.late else ''}: {e.title} ({e.published_date})"))
        click.echo(printable(f"  {e.basis}"))
        if e.decision:
            click.echo(printable(f"  {e.decision} by {e.decided_by}: {e.reason}"))
        click.echo(printable(f"  {e.url}"))


def _decision(name: str, verb: Verb, doc: str) -> Callable[..., None]:
    """One of the three commands that write a decision."""

    def command(commitment: str, notice: str, reason: str, actor: str | None) -> None:
        from stages.commitments import decide
        from stages.context import open_context

        who = actor or getpass.getuser()
        decision, new = decide(open_context(), commitment, notice, verb, actor=who, reason=reason, now=datetime.now(UTC))
        said = "" if new else " already, nothing written"
        click.echo(printable(f"{commitment} {notice}: {decision.decision}{said}; `gongkai load` lets the warehouse follow"))

    command.__doc__ = doc
    command = click.option("--actor", default=None, help="Who decides; default: the user of the operating system.")(command)
    command = click.option("--reason", required=True, help="Why, in one sentence; it is published beside the evidence.")(command)
    command = click.argument("notice")(command)
    made: Callable[..., None] = commitments.command(name)(click.argument("commitment")(command))
    return made


confirm = _decision("confirm", "confirmed", "NOTICE shows that COMMITMENT was kept, whatever its score; it need not have been proposed.")
reject = _decision("reject", "rejected", "NOTICE is no evidence of COMMITMENT, whatever its score.")
withdraw = _decision("withdraw", "withdrawn", "Take a decision about NOTICE back: its score speaks again.")
