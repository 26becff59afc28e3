"""Tasks closed by a responsibility note: (市财政局负责落实), (责任单位：…), 责任单位：… on a line of its own.

One task per closing note; paragraphs that share a note are one task spanning them; several notes in a paragraph are several tasks.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.records.document import PlanTask
from transforms.dates import parse_date
from transforms.plans.context import PlanContext
from transforms.plans.deadlines import read_deadline_cell
from transforms.plans.outline import SENTENCE_END, Line
from transforms.plans.units import any_label, is_certain_unit, is_label, is_lead_label, is_unit, read_responsibility

_MAX_NOTE = 600
_WHOLE_SECTION = 2
_OPENING = dict(zip("(【〔[", ")】〕]", strict=True))
_NO_NOTE = re.compile(r"\s*(?:以下|此件|附件?|含|详见|见|简称|下称|试行|不含|包括|除|如|即|例如|其中|暂定|略|注|自|不少于)")
_ROLE_WORD = re.compile(r"负责|牵头|落实|配合|承担|实施|主办|承办|协办|协助|参与|参加|为牵头")
_INLINE_LABEL = re.compile(
    r"(?<=[。;!?])\s{0,4}(?=(?:责任|牵头|主办|承办|负责|落实|主责|配合)(?:责任)?(?:单位|部门|科室|股室|处室)\s{0,2}:)"
)
_INNER = re.compile(r"[\u4e00-\u9fff]{0,12}(?:科|股|处|科室|处室|股室|办公室|分局|中心|大队|支队|总队)")
"""Offices inside a department, which print no level: 办公室, 政策法规科."""
_CUT = re.compile(r"[;,。\s]")
_ADDRESS = re.compile(r"^(?:各|[\u4e00-\u9fff]{1,8}(?:政府|部门|单位|委|局|办))[^。;]{0,300}:$")


@dataclass(frozen=True, slots=True)
class Note:
    """A closing note: `start:end` leaves the task's text, `parts` name the doers and the time limit."""

    start: int
    end: int
    parts: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Open:
    """The stretch of text that waits for its note."""

    start: int
    line: Line


def notes_by_line(context: PlanContext, lines: list[Line]) -> list[list[Note]]:
    """The closing notes of each line. Note lines that follow one another (责任单位：… / 完成时限：…, bracketed or bare) are one note, at
    the first; where the line before them ends with a note and they only add to it (配合单位：…), they belong to that one."""
    folded = context.body.folded
    notes = [list(_notes(context, line)) for line in lines]
    index = 0
    while index < len(lines):
        run, parts = index, list[tuple[int, int]]()
        while run < len(lines) and (inner := _note_line(folded, lines[run])):
            if is_lead_label(folded, *inner) and any(is_lead_label(folded, *part) for part in parts):
                break  # the next note
            parts.append(inner)
            run += 1
        if run == index:
            index += 1
            continue
        first, last = lines[index], lines[run - 1]
        named = any(is_label(folded, *part) for part in parts) or any(notes[index:run])
        for number in range(index, run):
            notes[number] = []
        before = notes[index - 1][-1] if index and notes[index - 1] else None
        if before and before.end >= lines[index - 1].end and not is_lead_label(folded, *parts[0]):
            notes[index - 1][-1] = Note(before.start, last.end, (*before.parts, *parts))
        elif named:
            notes[index] = [Note(first.start, last.end, tuple(parts))]
        index = run
    return notes


def _note_line(folded: str, line: Line) -> tuple[int, int] | None:
    """What a line that is nothing but a labelled note says, without its bracket."""
    start, end = line.start, line.end
    if folded[start] in _OPENING:
        pairs = list(_brackets(folded, start, end))
        if len(pairs) != 1 or folded[pairs[0][1] + 1 : end].strip("。;,. "):
            return None
        start, end = start + 1, pairs[0][1]
    return (start, end) if any_label(folded, start, end) else None


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
        open_span, heading = _enter(context, line, open_span, heading, bool(found), shared.get(index))
        for note in found:
            span = open_span or _Open(line.text_start, line)
            if _has_words(context.body.folded, span.start, note.start):
                tasks.append(_task(context, span, note.start, note))
            open_span = _Open(note.end, line) if _has_words(context.body.folded, note.end, line.end) else None
    return tasks


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
    when = None
    if who.deadline:
        when = read_deadline_cell(context.body.folded, *who.deadline, context.year)
    line = span.line
    own = line.heading and line.label is not None and span.start == line.text_start  # the line is the task, not its title
    titles = line.titles[:-1] if own else line.titles
    return context.task(line.path, titles, span.start, end, who, when or context.when(span.start, end))


def _notes(context: PlanContext, line: Line) -> Iterator[Note]:
    folded = context.body.folded
    if any_label(folded, line.start, line.end):
        if is_label(folded, line.start, line.end) or _label_inside(folded, line.start, line.end):
            yield Note(line.start, line.end, ((line.start, line.end),))
        return
    found = list(_bracket_notes(context, line))
    yield from found
    if not found:
        label = _INLINE_LABEL.search(folded, line.start, line.end)
        if label and line.end - label.end() <= _MAX_NOTE:
            yield Note(label.start(), line.end, ((label.end(), line.end),))


def _bracket_notes(context: PlanContext, line: Line) -> list[Note]:
    """Notes in brackets; brackets that touch and of which one adds to the other (完成时限：…) are one note."""
    folded = context.body.folded
    out: list[Note] = []
    extra: Note | None = None  # a time limit or the like, which makes no note of its own
    for begin, close in _brackets(folded, line.start, line.end):
        note = Note(begin, _after(folded, close + 1, line.end), ((begin + 1, close),))
        adds = any_label(folded, begin + 1, close) and not is_lead_label(folded, begin + 1, close)
        if adds and out and out[-1].end == begin:
            out[-1] = Note(out[-1].start, note.end, (*out[-1].parts, *note.parts))
        elif _is_note(context, begin + 1, close, line):
            if extra and extra.end == begin:
                note = Note(extra.start, note.end, (*extra.parts, *note.parts))
            out.append(note)
        elif adds:
            extra = note
    return out


def _label_inside(folded: str, start: int, end: int) -> bool:
    """A line that begins with a deadline or a person may name the doers further on."""
    return any(is_label(folded, cut.end(), end) for cut in _CUT.finditer(folded, start, min(end, start + _MAX_NOTE)))


def _brackets(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Outermost bracket pairs, as offsets of the two brackets. Full and half width mix; an unclosed bracket is left alone."""
    stack: list[tuple[str, int]] = []
    for at in range(start, end):
        char = folded[at]
        if char in _OPENING:
            stack.append((_OPENING[char], at))
        elif stack and char in ")】〕]":
            matching = next((depth for depth in range(len(stack) - 1, max(-1, len(stack) - 9), -1) if stack[depth][0] == char), None)
            if matching is None:
                continue
            begin = stack[matching][1]
            del stack[matching:]
            if not stack:
                yield begin, at


def _is_note(context: PlanContext, start: int, end: int, line: Line) -> bool:
    folded = context.body.folded
    if not 2 <= end - start <= _MAX_NOTE or _NO_NOTE.match(folded, start, end):
        return False
    if is_label(folded, start, end):
        return True
    if any_label(folded, start, end) and _label_inside(folded, start, end):
        return True
    inside = folded[start:end]
    if any(mark in inside for mark in "《》“”!?") or len(inside) > 400:
        return False
    who = read_responsibility(folded, folded, start, end, first_leads=False)
    names = [unit.name for unit in (*who.lead, *who.support)]
    if not names or not all(is_unit(name) for name in names):
        return False
    if _ROLE_WORD.search(inside):
        return any(is_certain_unit(name) or len(name) > 3 for name in names)
    before = folded[start - 2] if start - 2 >= line.start else ""
    if before in tuple("。;!?") and all(_INNER.fullmatch(name) or is_certain_unit(name) for name in names):
        return True
    closes = end + 1 >= line.end or not folded[end + 1 : line.end].strip("。;, ")
    return (before in "。;!?”" or closes) and all(is_certain_unit(name) for name in names)


def _after(folded: str, at: int, end: int) -> int:
    while at < end and (folded[at] in "。;,、." or folded[at].isspace()):
        at += 1
    return at


def _has_words(folded: str, start: int, end: int) -> bool:
    return any(char.isalnum() for char in folded[start : min(end, start + 200)])


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
