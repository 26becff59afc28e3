"""What is suspicious about a plan's time limits (P-DATE): the source is quoted, nothing is repaired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from gongkai.records.document import Finding, PlanTask, TaskDeadline

_FAR = 6
"""Years ahead of a plan that no plan reaches; five-year plans end within five."""
_MOST = 20
"""More findings than this say nothing new."""


def check_dates(tasks: Iterable[PlanTask], year: int | None, written: date | None) -> list[Finding]:
    """Findings about limits in another year than the plan's, before its own date, ending before they begin, or contradicting each other.

    A cell that several tasks share is reported once.
    """
    out: dict[tuple[int, str], Finding] = {}
    for task in tasks:
        for finding in _of_task(task, year, written):
            out.setdefault((finding.start or 0, finding.message), finding)
            if len(out) == _MOST:
                return list(out.values())
    return list(out.values())


def _of_task(task: PlanTask, year: int | None, written: date | None) -> Iterator[Finding]:
    for limit in task.deadlines:
        due = limit.due_date
        if due is None:
            continue
        if limit.start_date and limit.start_date > due:
            yield _finding(limit, "the period ends before it begins", None)
        elif year and due.year < year:
            yield _finding(limit, "the deadline lies in a year before the plan's", str(year))
        elif year and due.year >= year + _FAR:
            yield _finding(limit, "the deadline lies in a year far behind the plan's", str(year))
        elif written and due < written:
            yield _finding(limit, "the deadline was over when the plan was written", written.isoformat())
    yield from _contradictions(task)


def _contradictions(task: PlanTask) -> Iterator[Finding]:
    """A day in the text later than the one that the task's own cell or note sets."""
    inside = [limit for limit in task.deadlines if limit.type != "relative" and task.start <= limit.start < task.end]
    outside = [limit.due_date for limit in task.deadlines if limit.due_date and not task.start <= limit.start < task.end]
    if outside:
        for limit in inside:
            if limit.due_date and limit.due_date > max(outside):
                yield _finding(limit, "the task's text names a later day than its time limit", max(outside).isoformat())


def _finding(limit: TaskDeadline, message: str, expected: str | None) -> Finding:
    return Finding(
        rule="P-DATE", severity="warning", message=message, expected=expected, actual=limit.raw, start=limit.start, end=limit.end
    )
