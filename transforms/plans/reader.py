"""Read a work plan: which form it has, its tasks, its roster, and whether the count it declares about itself holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from gongkai.records.document import Finding, PlanTask, RosterMember
from transforms.body import Body
from transforms.plans.columns import Column
from transforms.plans.context import PlanContext, is_footer
from transforms.plans.date_checks import check_dates
from transforms.plans.flat_tasks import read_flat
from transforms.plans.grid_tasks import grid_columns, read_grid
from transforms.plans.marked_tasks import read_marked
from transforms.plans.notes import joined, notes_by_line
from transforms.plans.outline import Line, lines
from transforms.plans.prose_tasks import read_prose
from transforms.plans.reconcile import reconcile
from transforms.plans.roster import read_roster
from transforms.plans.unknown_units import unknown_units

_HEAD = 40
_SAME = 8
"""So many characters in a row are no chance."""


@dataclass(frozen=True, slots=True)
class PlanReading:
    """What a work plan contains."""

    tasks: list[PlanTask]
    roster: list[RosterMember]
    findings: list[Finding]


def read_plan(body: Body, *, plan_year: int | None, written: date | None, published: date | None, region: str | None) -> PlanReading:
    """Read the tasks of a plan in whichever of the four forms it has (tables, flattened tables, closing notes, prose).

    Months without a year are resolved against `plan_year`, else the year written, else published; without any they stay open.
    A body without a recognisable task gives no task and finding P-NONE.
    """
    context = PlanContext.of(body, plan_year, written, published, region)
    found = _without_frame(context, lines(body))
    tasks = _grid_tasks(context)
    whole = joined(body.folded, found)
    notes = notes_by_line(context, whole)
    outlined = False
    if tasks:
        if sum(map(len, notes)) > 1 and not _repeats(tasks, marked := read_marked(context, whole, notes)):
            tasks, outlined = sorted([*tasks, *marked], key=lambda task: task.start), True
    elif not (tasks := read_flat(context, found)):
        marked = read_marked(context, whole, notes) if any(notes) else []
        prose = read_prose(context, found) if len(marked) < 2 else []
        tasks, outlined = (marked if len(marked) >= max(1, len(prose) / 4) else prose), True
    tasks = [replace(task, seq=number) for number, task in enumerate(tasks, 1)]
    dates = check_dates(tasks, plan_year, written)
    findings = [*context.findings, *reconcile(body, tasks, found if outlined else []), *dates, *unknown_units(tasks)]
    return PlanReading(tasks, read_roster(body, found), findings)


def _without_frame(context: PlanContext, found: list[Line]) -> list[Line]:
    """The lines above the page's footer, which begins with the first footer line of the last third."""
    for index in range(len(found) * 2 // 3, len(found)):
        if is_footer(context.body.folded[found[index].start : found[index].end]):
            return found[:index]
    return found


def _grid_tasks(context: PlanContext) -> list[PlanTask]:
    tasks: list[PlanTask] = []
    columns: list[Column | None] | None = None
    caption = ""
    for block in context.body.blocks:
        if block.grid is None:
            line = context.body.folded[block.start : block.end]
            if len(line) <= 60:
                caption = context.body.text[block.start : block.end]
            continue
        tasks.extend(read_grid(context, block.grid, block.grid.caption or caption, columns))
        columns = grid_columns(context, block.grid, columns) or columns
        caption = ""
    return tasks


def _repeats(table: list[PlanTask], body: list[PlanTask]) -> bool:
    """Whether a table only restates the tasks of the text above it (任务分解表)."""
    said = _words("".join(task.text for task in body))
    known = {said[at : at + _SAME] for at in range(len(said))}
    heads = [_words(task.text[:_HEAD]) for task in table]
    return 2 * sum(any(head[at : at + _SAME] in known for at in range(len(head) - _SAME + 1)) for head in heads) >= len(heads)


def _words(text: str) -> str:
    return re.sub(r"\W", "", text)
