"""Where a responsibility note stands: (市财政局负责落实), (责任单位：…), 责任单位：… on lines of its own, an unclosed bracket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from transforms.plans.context import PlanContext
from transforms.plans.outline import SENTENCE_END, Line
from transforms.plans.units import any_label, is_bare_label, is_certain_unit, is_label, is_lead_label, is_unit, read_responsibility

_MAX_NOTE = 600
_OPENING = dict(zip("(【〔[", ")】〕]", strict=True))
_CLOSING = ")】〕]"
_MAX_STATEMENT = 200
_MAX_VALUE = 60
_MAX_JOINED = 1500
_DASH = re.compile(r"\s{0,4}[—-]{1,2}\s{0,2}")
_NO_NOTE = re.compile(r"\s*(?:以下|此件|附件?|含|详见|见|简称|下称|试行|不含|包括|除|如|即|例如|其中|暂定|略|注|自|不少于)")
_ROLE_WORD = re.compile(r"负责|牵头|落实|配合|承担|实施|主办|承办|协办|协助|参与|参加|为牵头")
_LABELLED = r"(?:责任|牵头|主办|承办|负责|落实|主责|配合)(?:责任)?(?:单位|部门|科室|股室|处室)"
_INLINE_LABEL = re.compile(rf"(?<=[。;!?])\s{{0,4}}(?={_LABELLED}\s{{0,2}}:)|(?=[【〔\[]{_LABELLED}[】〕\]])")
_INNER = re.compile(r"[\u4e00-\u9fff]{0,12}(?:科|股|处|科室|处室|股室|办公室|分局|中心|大队|支队|总队)")
"""Offices inside a department, which print no level: 办公室, 政策法规科."""
_ALLOTTED = re.compile(r"第\s?\(?[\d一二三四五六七八九十]{1,3}\)?[、至到\-—\d一二三四五六七八九十()]{0,20}[项条款]")
"""第(一)项由…负责: says of the items above one by one."""
_CUT = re.compile(r"[;,。\s]")


@dataclass(frozen=True, slots=True)
class Note:
    """A closing note: `start:end` leaves the task's text, `parts` name the doers and the time limit."""

    start: int
    end: int
    parts: tuple[tuple[int, int], ...]


def joined(folded: str, lines: list[Line]) -> list[Line]:
    """The lines, with a note that breaks over two of them in one: its bracket opens at the end of one and closes in the next."""
    out: list[Line] = []
    for line in lines:
        above = out[-1] if out else None
        if above and line.label is None and line.end - above.start <= _MAX_JOINED:
            pairs = _brackets(folded, above.start, above.end)
            opened = (
                pairs[-1][0] if pairs and pairs[-1][1] >= above.end - 1 and folded[pairs[-1][1] : above.end].strip(",、 ") == "" else None
            )
            close = _first_close(folded, line)
            if opened is not None and folded[above.end - 1] not in _CLOSING and close is not None:
                out[-1] = replace(above, end=line.end)
                continue
        out.append(line)
    return out


def _first_close(folded: str, line: Line) -> int | None:
    """A closing bracket before which the line opens none."""
    for at in range(line.start, line.end):
        if folded[at] in _OPENING:
            return None
        if folded[at] in _CLOSING:
            return at
    return None


def notes_by_line(context: PlanContext, lines: list[Line]) -> list[list[Note]]:
    """The closing notes of each line. Note lines that follow one another (责任单位：… / 完成时限：…, bracketed or bare) are one note, at
    the first; where the line before them ends with a note and they only add to it (配合单位：…), they belong to that one."""
    folded = context.body.folded
    notes = [list(_notes(context, line)) for line in lines]
    index = 0
    while index < len(lines):
        parts, run = _note_lines(context, lines, index)
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


def _note_lines(context: PlanContext, lines: list[Line], index: int) -> tuple[list[tuple[int, int]], int]:
    """The parts of the note that lines from `index` on are, and the line behind it; a second lead label begins the next note."""
    folded = context.body.folded
    parts: list[tuple[int, int]] = []
    run = index
    while run < len(lines) and (inner := _note_line(context, lines[run])):
        if is_lead_label(folded, *inner) and any(is_lead_label(folded, *part) for part in parts):
            break
        if not any_label(folded, *inner) and parts:
            break
        start, end = inner
        run += 1
        while run < len(lines) and _is_continued(folded, start, end) and _is_value(context, lines[run], (start, end)):
            end = lines[run].end
            run += 1
        parts.append((start, end))
    return parts, run


def _note_line(context: PlanContext, line: Line) -> tuple[int, int] | None:
    """What a line that is nothing but a note says, without its bracket: a labelled one, or 以上由市财政局负责。"""
    folded = context.body.folded
    start, end = line.start, line.end
    if any_label(folded, start, end):  # also 【责任单位】市财政局
        return start, end
    if folded[start] in _OPENING:
        pairs = _brackets(folded, start, end)
        if len(pairs) != 1 or folded[pairs[0][1] + 1 : end].strip("。;,. "):
            return None
        start, end = start + 1, pairs[0][1]
    elif line.label is None and _is_statement(context, line):
        return start, end
    return (start, end) if any_label(folded, start, end) else None


def _is_statement(context: PlanContext, line: Line) -> bool:
    folded = context.body.folded
    end = line.end
    while end > line.start and folded[end - 1] in "。;":
        end -= 1
    said = _ROLE_WORD.search(folded, line.start, end)
    return said is not None and end - line.start <= _MAX_STATEMENT and _is_note(context, line.start, end, line)


def _is_continued(folded: str, start: int, end: int) -> bool:
    """A label alone, or a list that breaks off: the next line goes on."""
    return is_bare_label(folded, start, end) or folded[end - 1] in "、,"


def _is_value(context: PlanContext, line: Line, above: tuple[int, int]) -> bool:
    """Whether the line is what the label above it announces: bodies, or something short."""
    folded = context.body.folded
    size = line.end - line.start
    if line.label is not None or any_label(folded, line.start, line.end) or SENTENCE_END.search(folded, line.start, line.end - 1):
        return False
    if not is_label(folded, *above):
        return size <= _MAX_VALUE
    who = read_responsibility(folded, folded, line.start, line.end, first_leads=False)
    names = [unit.name for unit in (*who.lead, *who.support)]
    return size <= _MAX_NOTE and bool(names) and all(is_unit(name) or _INNER.fullmatch(name) for name in names)


def _notes(context: PlanContext, line: Line) -> Iterator[Note]:
    folded = context.body.folded
    if any_label(folded, line.start, line.end):
        if is_label(folded, line.start, line.end) or _label_inside(folded, line.start, line.end):
            yield Note(line.start, line.end, ((line.start, line.end),))
        return
    if line.label is None and _is_statement(context, line):
        yield Note(line.start, line.end, ((line.start, line.end),))
        return
    found = _bracket_notes(context, line)
    yield from found
    if found:
        return
    label = _INLINE_LABEL.search(folded, line.start, line.end)
    if label and line.end - label.end() <= _MAX_NOTE:
        yield Note(label.start(), line.end, ((label.end(), line.end),))
    elif tail := _unbracketed(context, line):
        yield tail


def _unbracketed(context: PlanContext, line: Line) -> Note | None:
    """A last sentence that is a note behind a dash (——市财政局负责) or before a bracket that was never opened."""
    folded = context.body.folded
    end = line.end
    while end > line.start and folded[end - 1] in "。;, ":
        end -= 1
    close = end - 1 if folded[end - 1] in _CLOSING else end
    sentence = next((at for at in range(close - 2, max(line.start, close - _MAX_NOTE), -1) if folded[at] in "。;!?"), None)
    if sentence is None or _has_words(folded, end, line.end):
        return None
    dash = _DASH.match(folded, sentence + 1, close)
    start = dash.end() if dash else sentence + 1
    if (dash is None) == (close == end) or not _ROLE_WORD.search(folded, start, close) or not _is_note(context, start, close, line):
        return None
    return Note(sentence + 1, line.end, ((start, close),))


def _bracket_notes(context: PlanContext, line: Line) -> list[Note]:
    """Notes in brackets; brackets that touch and of which one adds to the other (完成时限：…) are one note."""
    folded = context.body.folded
    out: list[Note] = []
    extra: Note | None = None  # a time limit or the like, which makes no note of its own
    for begin, close in _brackets(folded, line.start, line.end):
        note = Note(begin, _after(folded, min(close + 1, line.end), line.end), tuple(_sentences(folded, begin + 1, close)))
        adds = any_label(folded, begin + 1, close) and not is_lead_label(folded, begin + 1, close)
        if adds and out and out[-1].end == begin:
            out[-1] = Note(out[-1].start, note.end, (*out[-1].parts, *note.parts))
        elif _is_note(context, *note.parts[0], line):
            if extra and extra.end == begin:
                note = Note(extra.start, note.end, (*extra.parts, *note.parts))
            out.append(note)
        elif adds:
            extra = note
    return out


def _sentences(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The note up to the first sentence that no longer says who does what (具体任务均涉及各县，不再分工，下同。)."""
    at = start
    while at < end:
        stop = folded.find("。", at, end)
        stop = end if stop < 0 else stop
        if at > start and not (any_label(folded, at, stop) or _ROLE_WORD.search(folded, at, stop)):
            return
        yield at, stop
        at = stop + 1
    if start == end:
        yield start, end


def _label_inside(folded: str, start: int, end: int) -> bool:
    """A line that begins with a deadline or a person may name the doers further on."""
    return any(is_label(folded, cut.end(), end) for cut in _CUT.finditer(folded, start, min(end, start + _MAX_NOTE)))


def _brackets(folded: str, start: int, end: int) -> list[tuple[int, int]]:
    """Outermost bracket pairs, as offsets of the two brackets. Full and half width mix. A bracket that is never closed holds no pair
    inside it together; the last one, with nothing behind it, ends with the line."""
    stack: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for at in range(start, end):
        char = folded[at]
        if char in _OPENING:
            stack.append((_OPENING[char], at))
        elif stack and char in _CLOSING:
            matching = next((depth for depth in range(len(stack) - 1, max(-1, len(stack) - 9), -1) if stack[depth][0] == char), None)
            if matching is None:
                continue
            begin = stack[matching][1]
            del stack[matching:]
            while pairs and pairs[-1][0] > begin:
                pairs.pop()
            pairs.append((begin, at))
    if stack and (not pairs or stack[-1][1] > pairs[-1][1]):
        close = end
        while close > stack[-1][1] + 1 and (folded[close - 1] in _CLOSING or folded[close - 1] in "。;,. "):
            close -= 1
        pairs.append((stack[-1][1], close))
    return pairs


def _is_note(context: PlanContext, start: int, end: int, line: Line) -> bool:
    folded = context.body.folded
    if not 2 <= end - start <= _MAX_NOTE or _NO_NOTE.match(folded, start, end):
        return False
    if is_label(folded, start, end):
        return not is_bare_label(folded, start, end)
    if any_label(folded, start, end) and _label_inside(folded, start, end):
        return True
    inside = folded[start:end]
    if any(mark in inside for mark in "《》“”!?") or len(inside) > 400 or _ALLOTTED.search(inside):
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
    return any(char.isalnum() for char in folded[start:end])
