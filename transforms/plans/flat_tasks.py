"""Responsibility tables that lost their cells: one cell a line, as innerText gives them. What a blank or merged cell was must be
inferred from the sequence; where the sequence cannot decide, the task is marked uncertain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from gongkai.records.document import Mode, PlanTask
from transforms.plans.columns import Column, column, has_doers, is_task_table, joined
from transforms.plans.context import PlanContext, is_footer
from transforms.plans.deadline_cells import read_deadline_line
from transforms.plans.deadlines import Deadline
from transforms.plans.outline import Label, Line, parse_label
from transforms.plans.units import NamedUnit, Responsibility, is_unit, unit_names

_MAX_DEADLINE = 30
_MAX_UNITS = 120
_MAX_NAME = 16
_NUMBER = re.compile(r"\d{1,3}")
_ANNEX = re.compile(r"附件?\s?\d{0,2}\s?:?")
_TAIL = re.compile(r"(?:人民)?政府|管委会")


@dataclass(slots=True)
class _Row:
    start: int
    end: int
    label: Label | None
    deadline: Deadline | None = None
    cells: list[list[NamedUnit]] = field(default_factory=list)
    """Unit cells, one list of names each."""
    open_ended: bool = False

    @property
    def bare(self) -> bool:
        return self.deadline is None and not self.cells


@dataclass(slots=True)
class _Item:
    number: str
    title: tuple[int, int] | None = None
    rows: list[_Row] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    kinds: list[Column | None]
    header: list[str]
    name: str
    annex: bool
    items: list[_Item] = field(default_factory=list)


def read_flat(context: PlanContext, lines: list[Line]) -> list[PlanTask]:
    """The tasks of every flattened responsibility table among the lines; [] when there is none."""
    tasks: list[PlanTask] = []
    index = 0
    while index < len(lines):
        header = _header(context, lines, index)
        if header is None:
            index += 1
            continue
        kinds, names, after = header
        before = _text(context, lines[index - 1]) if index else ""
        table = _Table(kinds, names, before if 4 <= len(before) <= 60 else "", _after_annex(context, lines, index))
        index = _collect(context, lines, after, table)
        tasks.extend(_decide(context, table))
    return tasks


def _text(context: PlanContext, line: Line) -> str:
    return context.body.folded[line.start : line.end].strip()


def _header(context: PlanContext, lines: list[Line], index: int) -> tuple[list[Column | None], list[str], int] | None:
    """Column kinds, names and the line behind the header that begins at `index`."""
    kinds: list[Column | None] = []
    names: list[str] = []
    at = index
    while at < len(lines) and len(kinds) < 12 and lines[at].end - lines[at].start <= _MAX_NAME:
        name = _text(context, lines[at])
        width = 1
        if at + 1 < len(lines) and joined(name, _text(context, lines[at + 1])):
            name, width = name + _text(context, lines[at + 1]), 2
        kind = column(name)
        if kind is None or (is_unit(name) and not re.search("单位|部门|科室|股室|处室|机构", name)):
            break
        kinds.append(kind)
        names.append(re.sub(r"\s", "", name))
        at += width
    if "number" in kinds[1:]:  # a table's title may look like a column; numbers stand first
        first = kinds.index("number", 1)
        kinds, names = kinds[first:], names[first:]
    if len(kinds) >= 3 and is_task_table(kinds) and has_doers(kinds):
        return kinds, names, at
    return None


def _after_annex(context: PlanContext, lines: list[Line], index: int) -> bool:
    return any(_ANNEX.fullmatch(_text(context, line)) for line in lines[max(0, index - 4) : index])


def _collect(context: PlanContext, lines: list[Line], at: int, table: _Table) -> int:
    """Sort the lines behind the header into items, rows and cells; returns the line where the table ends."""
    numbered = "number" in table.kinds
    item: _Item | None = None if numbered else _Item("")
    while at < len(lines):
        line = lines[at]
        text = _text(context, line)
        if is_footer(text):
            break
        repeated = _header(context, lines, at)
        if repeated and repeated[1] == table.header:
            at = repeated[2]
            continue
        if numbered and _NUMBER.fullmatch(text) and int(text) in (1, *([int(item.number) + 1] if item else [])):
            if item and int(text) == 1 and item.number != "0":
                break  # numbering begins again: another table
            item = _Item(text)
            table.items.append(item)
        elif item is None:
            if at + 1 < len(lines) and len(text) > 60:
                break
        else:
            if not numbered and not table.items:
                table.items.append(item)
            if not _place(context, lines, at, item, table):
                break
            item = table.items[-1]
        at += 1
    return at


def _place(context: PlanContext, lines: list[Line], at: int, item: _Item, table: _Table) -> bool:
    """Put one line into the item; False where the table has ended."""
    line = lines[at]
    text = _text(context, line)
    has_text = bool(item.rows) or item.title is not None
    if has_text and (cell := _deadline(context, line)) is not None:
        _row_for_attribute(item).deadline = cell
        return True
    if has_text and _is_units(context, line):
        _add_units(context, line, _row_for_attribute(item))
        return True
    label = parse_label(context.body.folded, line.start, line.end)
    if label and label.kind not in ("number", "number_paren", "circled"):
        label = None
    row = item.rows[-1] if item.rows else None
    if label:
        item.rows.append(_Row(label.end, line.end, label))
    elif item.title is not None and text == context.body.folded[item.title[0] : item.title[1]]:
        pass  # the title again, after a page break
    elif item.title is None and not item.rows and table.kinds.count("text") > 1:
        item.title = (line.start, line.end)
    elif row and row.bare:
        row.end = line.end  # a second paragraph of the same cell
    elif row and not _attributes_follow(context, lines, at):
        return False
    elif row and "number" not in table.kinds and table.kinds.count("text") > 1 and _is_text(context, lines, at + 1):
        table.items.append(_Item("", (line.start, line.end)))  # a title with its text below it: the next item
    else:
        item.rows.append(_Row(line.start, line.end, None))
    return True


def _row_for_attribute(item: _Item) -> _Row:
    """The row a cell belongs to; where the item has only a title, the title is the task."""
    if not item.rows:
        start, end = item.title or (0, 0)
        item.rows.append(_Row(start, end, None))
    return item.rows[-1]


def _deadline(context: PlanContext, line: Line) -> Deadline | None:
    if line.end - line.start > _MAX_DEADLINE or is_unit(_text(context, line)):
        return None
    return read_deadline_line(context.body.folded, line.start, line.end, context.year)


def _is_units(context: PlanContext, line: Line) -> bool:
    folded = context.body.folded
    if line.end - line.start > _MAX_UNITS or re.search(r"[。;!?《]", folded[line.start : line.end]):
        return False
    names, _ = unit_names(folded, folded, line.start, line.end)
    return bool(names) and all(is_unit(unit.name) or re.fullmatch(r"各[^,。]{1,12}\)", unit.name) for unit in names)


def _add_units(context: PlanContext, line: Line, row: _Row) -> None:
    """A unit cell; a unit broken over two lines (各县(市、区) / 政府(管委会)) is put together, a repeated one dropped."""
    text = _text(context, line)
    last = row.cells[-1] if row.cells else None
    if last and _TAIL.match(text) and not last[-1].folded.endswith(("政府", "管委会", "局", "办公室")):
        printed = context.body.text[line.start : line.end].strip()
        last[-1] = replace(last[-1], name=last[-1].name + printed, folded=last[-1].folded + text, end=line.end)
        return
    names, is_open = unit_names(context.body.text, context.body.folded, line.start, line.end, context.region)
    row.open_ended |= is_open
    seen = {name for cell in row.cells for name in cell}
    fresh = [name for name in names if name not in seen]
    if fresh:
        row.cells.append(fresh)


def _attributes_follow(context: PlanContext, lines: list[Line], at: int) -> bool:
    """Whether a deadline or unit line stands within the next few: else the table is over."""
    for line in lines[at + 1 : at + 4]:
        if _NUMBER.fullmatch(_text(context, line)):
            return False
        if _deadline(context, line) or _is_units(context, line):
            return True
    return False


def _is_text(context: PlanContext, lines: list[Line], at: int) -> bool:
    return at < len(lines) and _deadline(context, lines[at]) is None and not _is_units(context, lines[at])


def _decide(context: PlanContext, table: _Table) -> list[PlanTask]:
    """Roles of the unit cells and inherited cells, row by row; never across items."""
    with_support = bool({"support", "units"} & set(table.kinds)) if "lead" in table.kinds else "support" in table.kinds
    pairs = [row.cells for item in table.items for row in item.rows if len(row.cells) == 2]
    first = {name for item in table.items for row in item.rows if len(row.cells) > 1 for name in row.cells[0]}
    second = {name for cells in pairs for name in cells[1]}
    tasks = []
    for item in table.items:
        above = Responsibility()
        supported: set[NamedUnit] = set()
        deadline: Deadline | None = None
        for number, row in enumerate(item.rows or ([_Row(*item.title, None)] if item.title else [])):
            who, uncertain = _roles(
                row, above, supported, with_support=with_support, lead_column="lead" in table.kinds, first=first, second=second
            )
            found = row.deadline or deadline or context.when(row.start, row.end)
            if found is None and "deadline" in table.kinds and any(later.deadline for later in item.rows[number:]):
                uncertain = True
            deadline = row.deadline or deadline
            titles, path = _place_in_table(context, table, item, row)
            tasks.append(context.task(path, titles, row.start, row.end, who, found, uncertain=uncertain))
            above = who
            supported |= set(who.support)
    return tasks


def _roles(
    row: _Row,
    inherited: Responsibility,
    supported: set[NamedUnit],
    *,
    with_support: bool,
    lead_column: bool,
    first: set[NamedUnit],
    second: set[NamedUnit],
) -> tuple[Responsibility, bool]:
    """(doers, whether the sequence leaves a doubt)."""
    if not row.cells:
        # merged with the row above; a support cell may also be blank
        who = Responsibility(inherited.lead, inherited.support, inherited.mode, inherited.open_ended)
        return who, not inherited.lead or bool(inherited.support)
    names = [name for cell in row.cells for name in cell]
    if not with_support:
        return _made(names, [], row.open_ended, lead_column), False
    supports = all(name in second and name not in first for name in names)
    if len(row.cells) == 1 and supports and inherited.lead and names != inherited.lead:
        return _made(inherited.lead, names, row.open_ended, True), True
    lead, support = row.cells[0], [name for cell in row.cells[1:] for name in cell]
    doubt = len(row.cells) > 2 and row.cells[1][0] not in second
    if len(row.cells) == 1:
        doubt = bool(supported) and not supported & set(names)  # blank, or merged with a row above
    return _made(lead, support, row.open_ended, True), doubt


def _made(lead: list[NamedUnit], support: list[NamedUnit], is_open: bool, lead_column: bool) -> Responsibility:
    mode: Mode = "lead" if lead_column or len(lead) == 1 else "joint"
    return Responsibility(list(lead), [name for name in support if name not in lead], mode, is_open)


def _place_in_table(context: PlanContext, table: _Table, item: _Item, row: _Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(section titles, path)."""
    text = context.body.text
    title = text[item.title[0] : item.title[1]].strip().rstrip("。") if item.title and item.title[0] != row.start else ""
    path = ("附件" if table.annex else "", item.number, row.label.shown if row.label else "")
    return tuple(part for part in (table.name, title) if part), tuple(part for part in path if part)
