"""Read a work plan: which form it has, its tasks, its roster, and whether the count it declares about itself holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from gongkai.records.document import Finding, PlanTask, RosterMember
from transforms.body import Body
from transforms.dates import MONTH, YEAR, month_end
from transforms.numerals import parse_int
from transforms.plans.columns import Column
from transforms.plans.context import PlanContext, is_footer
from transforms.plans.flat_tasks import read_flat
from transforms.plans.grid_tasks import grid_columns, read_grid
from transforms.plans.marked_tasks import notes_by_line, read_marked
from transforms.plans.outline import Line, lines
from transforms.plans.prose_tasks import read_prose
from transforms.plans.roster import read_roster

_COUNT = r"(?P<n>\d{1,4}|[一二三四五六七八九十百]{1,5})"
_DECLARED = re.compile(
    rf"(?:共计?|合计|总计|明确了?|提出了?|确定了?|部署了?|安排了?|分解为|细化为|梳理出)(?:有|为)?\s?{_COUNT}\s?[项条](?:具体|重点|主要|年度)?"
    r"(?:工作任务|重点任务|任务|工作|措施|举措|要点|内容)"
    rf"|共计?\s?(?P<m>\d{{1,4}})\s?项"
)


_SLIP = re.compile(rf"(?P<slip>{YEAR})月(?=\s?{MONTH}\s?月)|(?<![\d一二三四五六七八九十])(?P<month>{MONTH})月(?P<day>\d{{1,2}})[日号]")
_LEAP_YEAR = 2000


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
    tasks = _grid_tasks(context) or read_flat(context, found)
    if not tasks:
        notes = notes_by_line(context, found)
        count = sum(map(len, notes))
        marked = read_marked(context, found, notes) if count else []
        prose = read_prose(context, found) if len(marked) < 2 else []
        tasks = marked if len(marked) >= max(1, len(prose) / 4) else prose
    tasks = [replace(task, seq=number) for number, task in enumerate(tasks, 1)]
    return PlanReading(tasks, read_roster(body, found), [*context.findings, *_typos(body), *_checks(context, tasks)])


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
        columns = grid_columns(context, block.grid) or columns
        caption = ""
    return tasks


def _typos(body: Body) -> list[Finding]:
    """Dates that the source misprints: 2014月9月 (read as 2014年9月), 6月31日 (not read)."""
    out = []
    for match in _SLIP.finditer(body.folded):
        month, day = parse_int(match["month"] or ""), parse_int(match["day"] or "")
        if match["slip"]:
            message, expected = "月 stands where 年 must", match["slip"] + "年"
        elif month and day and day > month_end(_LEAP_YEAR, month).day:
            message, expected = "no month has this day", None
        else:
            continue
        span = {"start": match.start(), "end": match.end()}
        printed = body.text[match.start() : match.end()]
        out.append(Finding(rule="P-TYPO", severity="warning", message=message, expected=expected, actual=printed, **span))
    return out


def _checks(context: PlanContext, tasks: list[PlanTask]) -> list[Finding]:
    if not tasks:
        return [Finding(rule="P-NONE", severity="warning", message="a work plan in which no task was recognised")]
    out = []
    for match in _DECLARED.finditer(context.body.folded):
        declared = parse_int(match["n"] or match["m"])
        if declared is not None and declared > 1 and declared != len(tasks):
            out.append(
                Finding(
                    rule="P-COUNT",
                    severity="warning",
                    message="the plan declares another number of tasks than was read",
                    expected=str(declared),
                    actual=str(len(tasks)),
                    start=match.start(),
                    end=match.end(),
                )
            )
    return out
