"""Tasks closed by a responsibility note: (市财政局负责落实), (责任单位：…), 责任单位：… on a line of its own.

One task per closing note; paragraphs that share a note are one task spanning them; several notes in a paragraph are several tasks.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import dataclass, replace

from gongkai.records.document import PlanTask
from transforms.dates import parse_date
from transforms.plans.context import PlanContext
from transforms.plans.deadline_cells import read_deadline_cells
from transforms.plans.notes import Note
from transforms.plans.outline import SENTENCE_END, Line, parse_label

_WHOLE_SECTION = 2
_WRAPPED = 18
"""A shorter line is not broken off at a page's width."""
_ADDRESS = re.compile(r"^(?:各|[\u4e00-\u9fff]{1,8}(?:政府|部门|单位|委|局|办))[^。;]{0,300}:$")


@dataclass(slots=True)
class _Open:
    """The stretch of text that waits for its note."""

    start: int
    line: Line


def read_marked(context: PlanContext, lines: list[Line], notes: list[list[Note]]) -> list[PlanTask]:
    """The tasks of a plan in which notes close tasks."""
    shared = _shared_starts(lines, notes)
    tasks: list[PlanTask] = []
    open_span: _Open | None = None
    heading: Line | None = None
    done = 0
    for index, line in enumerate(lines):
        if line.end <= done:  # inside a note of several lines
            continue
        found = notes[index]
        if found and found[0].start <= line.text_start and found[0].end >= line.end:
            span = open_span or (_Open(heading.text_start, heading) if heading else None)
            if span:
                tasks.append(_task(context, span, lines[index - 1].end, found[0]))
            open_span, heading, done = None, None, found[0].end
            continue
        if not (open_span and line.label is None and _goes_on(context, lines[index - 1])):
            open_span, heading = _enter(context, line, open_span, heading, bool(found), shared.get(index))
        for note in found:
            span = open_span or _Open(line.text_start, line)
            if _has_words(context.body.folded, span.start, note.start):
                tasks.append(_task(context, span, note.start, note))
            open_span = _behind(context, line, note.end)
    return tasks


def _behind(context: PlanContext, line: Line, at: int) -> _Open | None:
    """What follows a note on its line: the next task, perhaps under a number of its own (…负责)②开设专栏。"""
    if not _has_words(context.body.folded, at, line.end):
        return None
    label = parse_label(context.body.folded, at, line.end)
    if label is None:
        return _Open(at, line)
    above = line.path[:-1] if line.label and line.label.kind == label.kind else line.path
    return _Open(label.end, replace(line, label=label, path=(*above, label.shown)))


def _enter(
    context: PlanContext, line: Line, open_span: _Open | None, heading: Line | None, has_note: bool, shared: int | None
) -> tuple[_Open | None, Line | None]:
    """State on entering a line that is more than a note."""
    if shared is not None and shared < 0:  # inside a group that shares one note: keep what is open
        return open_span, heading
    if shared == _WHOLE_SECTION and open_span:  # what stands between the section's title and its first item is the task's too
        return open_span, None
    if line.label:
        if line.heading and not has_note and shared is None:
            return None, line
        return _Open(line.text_start, line), None
    if line.heading or _is_front_matter(context, line):
        return None, None
    return open_span or _Open(line.start, line), None


def _task(context: PlanContext, span: _Open, end: int, note: Note) -> PlanTask:
    who = context.who_in(note.parts)
    when = read_deadline_cells(context.body.folded, who.limits, context.year)
    line = span.line
    said = context.body.folded[span.start : end].strip().rstrip("。;:!?,")
    # a line that is the task as a whole is not its title
    own = line.label is not None and span.start == line.text_start and (line.heading or line.titles[-1:] == (said,))
    titles = line.titles[:-1] if own else line.titles
    return context.task(line.path, titles, span.start, end, who, when or context.when(span.start, end))


def _has_words(folded: str, start: int, end: int) -> bool:
    return any(char.isalnum() for char in folded[start : min(end, start + 200)])


def _goes_on(context: PlanContext, line: Line) -> bool:
    """Whether the sentence goes on in the next line: text whose lines are broken at a width."""
    return line.end - line.start >= _WRAPPED and context.body.folded[line.end - 1] not in "。;!?:)】〕”"


def _is_front_matter(context: PlanContext, line: Line) -> bool:
    """Titles, addresses, dates and signatures: lines that no task's text contains."""
    folded = context.body.folded
    text = folded[line.start : line.end].strip()
    if len(text) <= 60 and not SENTENCE_END.search(text) and not text.endswith((",", "、", ":", "”", ")")):
        return True
    return bool(_ADDRESS.match(text)) or parse_date(text) is not None


def _shared_starts(lines: list[Line], notes: list[list[Note]]) -> dict[int, int]:
    """Sibling items of which only the last carries a note share it, where the plan does so more often than not.

    A note on lines of its own behind the last item closes them all in any plan.
    Returns, per line index, 1 (or _WHOLE_SECTION) for the item that begins such a group and -1 for the lines that merely continue it.
    """
    groups: dict[tuple[int, tuple[str, ...], str], list[int]] = defaultdict(list)
    section = 0
    previous: dict[tuple[tuple[str, ...], str], int] = {}
    for index, line in enumerate(lines):
        if line.label is None:
            continue
        key = (line.path[:-1], line.label.kind)
        if line.label.number <= previous.get(key, 0):
            section += 1
        previous[key] = line.label.number
        groups[(section, *key)].append(index)
    before = [0, *itertools.accumulate(map(len, notes))]
    shared: list[list[int]] = []
    apart: list[list[int]] = []
    own = 0
    for members in groups.values():
        closing = [_closing(lines, notes, member) for member in members]
        last = closing[-1]
        if len(members) >= 2 and last is not None and before[members[0]] == before[members[-1]]:
            alone = last != members[-1] and notes[last][0].start == lines[last].start and len(lines[last].path) > 1
            (apart if alone else shared).append(members)
        elif sum(line is not None for line in closing) >= 2:
            own += 1
    out: dict[int, int] = {}
    for members in [*apart, *(shared if len(shared) + len(apart) > own else [])]:
        out.update(dict.fromkeys(range(members[0] + 1, members[-1] + 1), -1))
        out[members[0]] = _WHOLE_SECTION if members in apart else 1
    return out


def _closing(lines: list[Line], notes: list[list[Note]], index: int) -> int | None:
    """The line whose note closes the item at `index` with the unlabelled lines that follow it."""
    if notes[index]:
        return index
    for following in range(index + 1, min(index + 40, len(lines))):
        if lines[following].label:
            return None
        if notes[following]:
            return following
    return None
