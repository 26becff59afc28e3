"""What a plan says of itself against what was read: its counts, its numbering, its dates, the same task given twice. Findings only;
the text and the tasks stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gongkai.records.document import Finding, PlanTask
from transforms.body import Body
from transforms.dates import MONTH, YEAR, month_end
from transforms.numerals import parse_int
from transforms.plans.outline import Line

_N = r"(?:\d{1,4}|[一二三四五六七八九十百]{1,5})"
_TOLD = r"(?:共计?|合计|总计|明确|提出|确定|部署|安排|分解为|细化为|梳理出)(?:了|的)?(?:有|为)?\s?"
_PARTS = r"(?:个方面|大方面|大类|个部分|个大项|大项|个类别|个板块|大板块)"
_TASKS = re.compile(
    rf"{_TOLD}(?P<n>{_N})\s?[项条](?:具体|重点|主要|年度|建设){{0,2}}(?:工作任务|重点任务|任务|工作|措施|举措|要点|内容)"
    rf"|共计?\s?(?P<m>\d{{1,4}})\s?项|{_N}\s?{_PARTS}[、,共计]{{0,3}}(?P<k>{_N})\s?[项条]"
)
_SECTIONS = re.compile(rf"(?:{_TOLD}|(?:包括|分为|涉及|从)了?)(?P<n>{_N})\s?{_PARTS}|(?P<m>{_N})\s?{_PARTS}[、,共计]{{0,3}}{_N}\s?[项条]")
_SLIP = re.compile(rf"(?P<slip>{YEAR})月(?=\s?{MONTH}\s?月)|(?<![\d一二三四五六七八九十])(?P<month>{MONTH})月(?P<day>\d{{1,2}})[日号]")
_LEAP_YEAR = 2000
_NUMBERED = ("chapter", "article", "cn", "cn_paren", "number")
_SAME_TEXT = 10
_MOST = 20
"""More numbering findings than this say nothing new."""


def reconcile(body: Body, tasks: list[PlanTask], lines: list[Line]) -> list[Finding]:
    """P-TYPO, P-COUNT, P-SECTIONS, P-OUTLINE, P-CONFLICT. `lines`: the outline the tasks were read from, empty for tables."""
    if not tasks:
        return [*_typos(body), Finding(rule="P-NONE", severity="warning", message="a work plan in which no task was recognised")]
    return [*_typos(body), *_counts(body, tasks), *_sections(body, tasks), *_numbering(body, tasks, lines), *_conflicts(tasks)]


def _typos(body: Body) -> Iterator[Finding]:
    """Dates that the source misprints: 2014月9月 (read as 2014年9月), 6月31日 (not read)."""
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
        yield Finding(rule="P-TYPO", severity="warning", message=message, expected=expected, actual=printed, **span)


def _counts(body: Body, tasks: list[PlanTask]) -> Iterator[Finding]:
    for match in _TASKS.finditer(body.folded):
        declared = parse_int(match["n"] or match["m"] or match["k"])
        if declared is not None and declared > 1 and declared != len(tasks):
            yield Finding(
                rule="P-COUNT",
                severity="warning",
                message="the plan declares another number of tasks than was read",
                expected=str(declared),
                actual=str(len(tasks)),
                start=match.start(),
                end=match.end(),
            )


def _sections(body: Body, tasks: list[PlanTask]) -> Iterator[Finding]:
    """六个方面, 5大类: must be the number of sections with tasks, on whichever level the plan means."""
    levels = [len({task.path[0] for task in tasks if task.path})]
    levels += [len({tuple(task.path[:depth]) for task in tasks if len(task.path) >= depth}) for depth in (2, 3)]
    levels.append(len({tuple(task.section_titles) for task in tasks if task.section_titles}))
    for match in _SECTIONS.finditer(body.folded):
        declared = parse_int(match["n"] or match["m"])
        if declared is not None and declared > 1 and any(levels) and declared not in levels:
            yield Finding(
                rule="P-SECTIONS",
                severity="info",
                message="the plan declares another number of sections than was read",
                expected=str(declared),
                actual=str(levels[0]),
                start=match.start(),
                end=match.end(),
            )


def _numbering(body: Body, tasks: list[PlanTask], lines: list[Line]) -> Iterator[Finding]:
    """Outline numbers that are missing (一、二、四) or stand twice; a list may begin again, or run on over its sections."""
    last: dict[tuple[tuple[str, ...], str] | str, int] = {}
    end = max(task.end for task in tasks)
    found = 0
    for line in lines:
        label = line.label
        if label is None or label.kind not in _NUMBERED or line.start >= end:
            continue
        siblings = (line.path[:-1], label.kind)
        before = last.get(siblings)
        if label.number != 1 and label.kind in last and label.number - 1 not in (before, last[label.kind]) and found < _MOST:
            found += 1
            above = last[label.kind] if before is None else before
            yield Finding(
                rule="P-OUTLINE",
                severity="info",
                message="an outline number stands twice" if label.number == above else "an outline number does not follow the one before",
                expected=str(above + 1),
                actual=body.text[line.start : label.end].strip(),
                start=line.start,
                end=label.end,
            )
        last[siblings] = last[label.kind] = label.number


def _conflicts(tasks: list[PlanTask]) -> Iterator[Finding]:
    """The same words given to other leads or by another day."""
    seen: dict[str, PlanTask] = {}
    for task in tasks:
        words = re.sub(r"\W", "", task.text)
        first = seen.setdefault(words, task)
        if first is task or len(words) < _SAME_TEXT:
            continue
        for name, one, other in (
            ("leads", "、".join(first.lead_units), "、".join(task.lead_units)),
            ("due dates", str(first.due_date or ""), str(task.due_date or "")),
        ):
            if one and other and one != other:
                yield Finding(
                    rule="P-CONFLICT",
                    severity="warning",
                    message=f"task {first.seq} stands here again with other {name}",
                    expected=one,
                    actual=other,
                    start=task.start,
                    end=task.end,
                )
