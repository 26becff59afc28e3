"""The cells of a table that was flattened to text: one a line, or parted by bars or tabs; and what each of them looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from transforms.plans.columns import BLANK, DITTO, Column, is_name
from transforms.plans.context import PlanContext
from transforms.plans.deadline_cells import read_deadline_cell, read_deadline_line
from transforms.plans.deadlines import Deadline
from transforms.plans.outline import Label, Line, parse_label
from transforms.plans.units import is_unit, unit_names

_MAX_DEADLINE = 30
_MAX_UNITS = 120
_SHORT = 30
_NUMBER = re.compile(r"\d{1,3}[.、]?|[A-Za-z]\d{1,2}|\d{1,2}[-.]\d{1,2}")
_PERSONS = re.compile(r"[\u4e00-\u9fff]{2,4}(?:[、,\s][\u4e00-\u9fff]{2,4}){0,4}")
_TIME = re.compile(r"[年月日季旬周期前后内时]$|[月日季周]")
_ONLY_BARS = re.compile(r"[|\s]+")
_PARTED = re.compile(r"[|\t]")
_FAR = 9.0
"""A cost that nothing outweighs."""


@dataclass(frozen=True)
class FlatCell:
    """One cell's span in the body. `row`: the printed line it stands in, where a line is a row; `closed`: the cell's end is known."""

    context: PlanContext
    start: int
    end: int
    line: int
    row: int | None = None
    closed: bool = False
    place: int | None = None
    """Its position among the row's cells, counting blank ones."""
    of: int = 0
    """How many cells the row has, blank ones at its end not counted."""

    @cached_property
    def text(self) -> str:
        """Folded."""
        return self.context.body.folded[self.start : self.end]

    @cached_property
    def printed(self) -> str:
        return self.context.body.text[self.start : self.end]

    @cached_property
    def is_number(self) -> bool:
        return _NUMBER.fullmatch(self.text) is not None

    @cached_property
    def is_ditto(self) -> bool:
        return DITTO.match(self.text) is not None

    @cached_property
    def is_blank(self) -> bool:
        return BLANK.match(self.text) is not None

    @cached_property
    def label(self) -> Label | None:
        return parse_label(self.context.body.folded, self.start, self.end)

    @cached_property
    def deadline(self) -> Deadline | None:
        """The limit, for a cell that is nothing but one."""
        if len(self.text) > _MAX_DEADLINE or is_unit(self.text):
            return None
        return read_deadline_line(self.context.body.folded, self.start, self.end, self.context.year)

    @cached_property
    def loose_deadline(self) -> Deadline | None:
        """The limit that a cell of a deadline column states, whatever else it says."""
        if self.deadline or len(self.text) > 2 * _MAX_DEADLINE:
            return self.deadline
        return read_deadline_cell(self.context.body.folded, self.start, self.end, self.context.year)

    @cached_property
    def is_units(self) -> bool:
        """Nothing but names of bodies."""
        if len(self.text) > _MAX_UNITS or re.search(r"[。;!?《]", self.text) or self.is_number:
            return False
        names, _ = unit_names(self.text, self.text, 0, len(self.text))
        return bool(names) and all(is_unit(unit.name) or re.fullmatch(r"各[^,。]{1,12}\)", unit.name) for unit in names)

    @cached_property
    def is_next_item(self) -> bool:
        """2. or (3): the items before it stand above; its other cells may be merged with theirs."""
        return self.label is not None and self.label.number > 1 and self.label.kind in ("number", "number_paren", "circled")

    def cost(self, kind: Column) -> float:
        """How badly the cell fits a column of this kind."""
        if self.is_ditto or self.is_blank:
            return {"number": 3.0, "text": 1.0}.get(kind, 0.4)
        if kind == "number":
            return 0.0 if self.is_number else _FAR
        if kind == "deadline":
            timely = len(self.text) <= 12 and _TIME.search(self.text) is not None
            return 0.0 if self.deadline else 0.8 if self.loose_deadline or timely else 3.0 if len(self.text) <= _SHORT else _FAR
        if kind == "start":
            return 0.0 if self.deadline else 3.0
        if kind in ("lead", "units", "support"):
            return 0.0 if self.is_units else 2.5 if len(self.text) <= 12 and self.deadline is None and not self.is_number else _FAR
        if kind == "text":
            return 4.0 if self.is_number else 3.0 if self.deadline else 2.0 if self.is_units else 0.0
        plain = not (self.is_number or self.deadline or self.is_units)
        if kind == "person":
            return (0.0 if plain else 1.2) if _PERSONS.fullmatch(self.text) else 3.0
        return (0.6 if plain else 1.1) if len(self.text) <= _SHORT else 2.5


def cells_of(context: PlanContext, lines: list[Line]) -> list[FlatCell]:
    """The lines' cells in order."""
    barred = sum(_ONLY_BARS.fullmatch(context.body.folded, line.start, line.end) is not None for line in lines)
    out: list[FlatCell] = []
    for index, line in enumerate(lines):
        folded = context.body.folded[line.start : line.end]
        if _ONLY_BARS.fullmatch(folded):
            continue
        if not _PARTED.search(folded):
            before = lines[index - 1] if index else None
            closed = barred >= _MANY_BARS and index + 1 < len(lines) and _is_bars(context, lines[index + 1])
            if (
                closed
                and before
                and out
                and out[-1].line == index - 1
                and not out[-1].closed
                and _opens(context, lines, index - 1)
                and not is_name(folded)
            ):
                out[-1] = FlatCell(context, out[-1].start, line.end, index, closed=True)
            else:
                out.append(FlatCell(context, line.start, line.end, index, closed=closed))
            continue
        out.extend(_parted(context, line, index))
    return out


_MANY_BARS = 6


def _is_bars(context: PlanContext, line: Line) -> bool:
    return _ONLY_BARS.fullmatch(context.body.folded, line.start, line.end) is not None


def _opens(context: PlanContext, lines: list[Line], index: int) -> bool:
    """Whether a cell begins with this line: a bar closed the one before."""
    return index > 0 and _is_bars(context, lines[index - 1])


def _parted(context: PlanContext, line: Line, index: int) -> Iterator[FlatCell]:
    folded = context.body.folded
    spans = []
    at = line.start
    for piece in _PARTED.split(folded[line.start : line.end]):
        begin, stop = at, at + len(piece)
        at = stop + 1
        while begin < stop and folded[begin].isspace():
            begin += 1
        while stop > begin and folded[stop - 1].isspace():
            stop -= 1
        spans.append((begin, stop))
    if folded[line.start] == "|":  # | a | b |
        spans = spans[1:]
    while spans and spans[-1][0] == spans[-1][1]:
        spans.pop()
    for place, (begin, stop) in enumerate(spans):
        if begin < stop and not re.fullmatch(r":?-{2,}:?", folded[begin:stop]):
            yield FlatCell(context, begin, stop, index, index, True, place, len(spans))
