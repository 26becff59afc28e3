"""`gongkai scorecard …`: points of portals with every deduction's evidence, what changed between two days, notes beside an indicator."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from gongkai.layout import record_name
from gongkai.ledger import printable

if TYPE_CHECKING:
    from stages.scorecards import Change, Judged, Line

_json_option = click.option("--json", "as_json", is_flag=True, help="JSON for machines.")
_set_option = click.option("--set", "scorecard", default="plain", show_default=True, help="Id of the indicator set.")


@click.group()
def scorecard() -> None:
    """Scorecards of what is published (docs/scorecard.md): only what an archived page shows costs a point."""


@scorecard.command("list")
@click.option("--set", "scorecard", default=None, help="Only this indicator set.")
@_json_option
def list_(scorecard: str | None, as_json: bool) -> None:
    """Every portal's points, and its place among those that can be compared."""
    from stages.context import open_context
    from stages.scorecards import listed

    lines = listed(open_context(), scorecard)
    if as_json:
        _print(lines)
        return
    for line in lines:
        click.echo(printable(f"{line.scorecard} {line.version} {line.portal_id}: {_standing(line)}"))


def _standing(line: Line) -> str:
    place = f"place {line.place} of {line.among}" if line.place else "no place: not comparable"
    score = "nothing assessable" if line.score is None else f"{line.points} of {line.possible} points ({line.score} %)"
    return f"{score}, {line.share_assessable:.0%} assessable, {place}, as of {line.as_of}"


@scorecard.command()
@click.argument("portal")
@_set_option
@_json_option
def show(portal: str, scorecard: str, as_json: bool) -> None:
    """A portal's indicators with every deduction, its evidence, and notes."""
    from stages.context import open_context
    from stages.scorecards import listed, look

    context = open_context()
    items = look(context, portal, scorecard)
    if as_json:
        _print(items)
        return
    for one in listed(context, scorecard):
        if one.portal_id == portal:
            click.echo(printable(f"{one.portal_name} ({portal}), {one.scorecard_zh} {one.scorecard} {one.version}: {_standing(one)}"))
    for item in items:
        for line in _lines(portal, item):
            click.echo(printable(line))


def _lines(portal: str, item: Judged) -> list[str]:
    points = "—" if item.points is None else str(item.points)
    lines = [f"{item.indicator} {item.indicator_zh}: {points} of {item.max_points}, {item.verdict}: {item.reason}"]
    for d in item.deductions:
        found = f"found {d.observed or '-'}; wanted {d.threshold or '-'}"
        lines.append(f"  −{d.points} {d.measure} {d.subject_title or d.subject}: {d.reason} ({found})")
        record = record_name(portal, d.evidence_run_id, d.evidence_warc_file, d.evidence_warc_offset)
        lines.append(f"    {d.evidence_url}  archived as {record}")
    return lines + [f"  appeal by {a.actor}, {a.noted_at:%Y-%m-%d}: {a.note}" for a in item.appeals]


@scorecard.command()
@click.argument("portal")
@click.argument("indicator")
@_set_option
@click.option("--note", required=True, help="What is to be said, in one line.")
@click.option("--by", "actor", required=True, help="Who says it.")
def appeal(portal: str, indicator: str, scorecard: str, note: str, actor: str) -> None:
    """Put a note beside INDICATOR of PORTAL. It changes no point and is never taken away; marts show it after the next load."""
    from stages.context import open_context
    from stages.scorecards import appeal as write

    written = write(open_context(), portal, scorecard, indicator, note=note, actor=actor, now=datetime.now(UTC))
    click.echo(printable(f"{written.portal_id} {written.scorecard} {written.indicator}: noted for {written.actor}"))


@scorecard.command()
@click.argument("day1", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY1")
@click.argument("day2", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY2")
@click.option("--set", "scorecard", default=None, help="Only this indicator set.")
@_json_option
def diff(day1: datetime, day2: datetime, scorecard: str | None, as_json: bool) -> None:
    """Indicators that were another on DAY2 than on DAY1 (2026-11-01), with the subjects that made the difference."""
    from stages.context import open_context
    from stages.scorecards import changed

    changes = changed(open_context(), day1.date(), day2.date(), scorecard)
    if as_json:
        _print(changes)
        return
    for change in changes:
        click.echo(printable(_change(change)))
    click.echo(f"{len(changes)} indicators changed")
    if changes and all(change.before is None for change in changes):
        click.echo(f"nothing is on record of {day1:%Y-%m-%d}: all of them were judged for the first time after it")


def _change(change: Change) -> str:
    before, after = (_state(state) for state in (change.before, change.after))
    said = {"now failing": change.newly_failing, "no longer": change.no_longer_failing}
    subjects = [f"{what}: {', '.join(change.titles.get(s, s) for s in failing)}" for what, failing in said.items() if failing]
    return "; ".join([f"{change.portal_id} {change.scorecard} {change.version} {change.indicator}: {before} → {after}", *subjects])


def _state(state: tuple[str, Decimal | None] | None) -> str:
    if state is None:
        return "not judged"
    verdict, points = state
    return verdict if points is None else f"{verdict} {points}"


def _print(found: list[Any]) -> None:
    click.echo(json.dumps([dataclasses.asdict(one) for one in found], ensure_ascii=False, indent=1, default=_plain))


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)
