"""Responsibility tables with cells: HTML, docx, xlsx, ruled PDF. Merged cells are one Cell object at several positions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gongkai.records.document import PlanTask
from transforms.body import Cell, Grid
from transforms.plans.columns import BLANK, DITTO, Column, column, has_doers, is_name, is_task_table
from transforms.plans.context import SECTION_RANKS, PlanContext, section_title
from transforms.plans.deadline_cells import read_deadline_cell
from transforms.plans.deadlines import Deadline
from transforms.plans.outline import parse_label
from transforms.plans.units import NamedUnit, Responsibility

_HEADER_ROWS = 6
_MAX_HEADER = 40
_TOTAL = re.compile(r"[合总小]\s?计")

Row = tuple[Cell | None, ...]


@dataclass(slots=True)
class _Table:
    """A grid whose columns are known."""

    rows: list[Row]
    kinds: list[Column | None]
    task: int
    """The column that holds the task's own text."""
    titles: list[int]
    """Text columns before it: item, category."""
    merges: set[int] = field(default_factory=set)
    """Columns in which the source itself merges cells; who merges where a value holds on leaves blank what has none."""
    name: str = ""


def read_grid(context: PlanContext, grid: Grid, caption: str = "", previous: list[Column | None] | None = None) -> list[PlanTask]:
    """The tasks of one table; [] for a table of another kind.

    `previous`: columns of the table before, for a table that goes on after a page break without a header of its own.
    """
    tasks: list[PlanTask] = []
    for kinds, rows in _tables(context, grid, previous):
        table = _recognise(context, kinds, rows, caption)
        if table is not None:
            tasks.extend(_read(context, table))
    return tasks


def grid_columns(context: PlanContext, grid: Grid, previous: list[Column | None] | None = None) -> list[Column | None] | None:
    """The kinds of a table's columns (of the last one where several stand in one grid), or None when no header is found."""
    return next((kinds for kinds, _ in reversed(list(_tables(context, grid, previous)))), None)


def _read(context: PlanContext, table: _Table) -> Iterator[PlanTask]:
    sections: tuple[tuple[int, str], ...] = ()
    above: dict[int, Cell] = {}
    last: dict[int, Cell] = {}
    for row in table.rows:
        heading = _section(context, row)
        if heading is not None:
            sections = (*(one for one in sections if one[0] < heading[0]), heading)
            above = {}
            continue
        if _repeats_header(context, table, row):
            continue
        values, guessed, same_item = _fill(context, table, row, above, last)
        if table.task not in values or any(_TOTAL.fullmatch(_folded(context, cell).strip()) for cell in values.values()):
            continue
        titles = (*(title for _, title in sections), *_item(context, table, values))
        yield from _row_tasks(context, table, values, titles, guessed and same_item)
        above = last = values


def _tables(context: PlanContext, grid: Grid, previous: list[Column | None] | None) -> Iterator[tuple[list[Column | None], list[Row]]]:
    """The grid's tables, one below the other (sheets hold several), with their rows without headers."""
    kinds = previous if previous and len(previous) == grid.width else None
    rows: list[Row] = []
    number = 0
    while number < len(grid.rows):
        header = _header(context, grid, number, inside=kinds is not None or number >= _HEADER_ROWS)
        if header is None:
            rows.append(grid.rows[number])
            number += 1
            continue
        if header[0] != kinds:
            if kinds is not None:
                yield kinds, rows
            kinds, rows = header[0], []
        number = header[1]
    if kinds is not None:
        yield kinds, rows


def _recognise(context: PlanContext, kinds: list[Column | None], rows: list[Row], caption: str) -> _Table | None:
    if not rows or not is_task_table(kinds) or not (has_doers(kinds) or "number" in kinds):
        return None
    kinds = [_number_if_counted(context, kind, [row[index] for row in rows]) for index, kind in enumerate(kinds)]
    text_columns = [index for index, kind in enumerate(kinds) if kind == "text"]
    if not text_columns:
        return None
    length = {index: _mean_length(rows, index) for index in text_columns}
    task = max(text_columns, key=lambda index: (length[index], index))
    merges = {
        index
        for index in range(len(kinds))
        if any(cell is not None and cell.row_span > 1 for cell in (row[index] for row in rows)) or _shared_cell(rows, index)
    }
    return _Table(rows, kinds, task, [index for index in text_columns if index < task], merges, caption)


def _number_if_counted(context: PlanContext, kind: Column | None, cells: list[Cell | None]) -> Column | None:
    """A column under a header that spans a category and its numbers (工作任务 over 加强… | 1)."""
    if kind != "text":
        return kind
    shown = [_folded(context, cell).strip() for cell in cells if cell is not None and cell.text.strip()]
    return "number" if shown and all(re.fullmatch(r"\d{1,3}[.、]?", text) for text in shown) else kind


def _mean_length(rows: list[Row], index: int) -> float:
    cells = [row[index] for row in rows]
    return sum(len(cell.text) for cell in cells if cell) / max(1, len(cells))


def _shared_cell(rows: list[Row], index: int) -> bool:
    return any(above[index] is not None and above[index] is below[index] for above, below in itertools.pairwise(rows))


def _header(context: PlanContext, grid: Grid, number: int, *, inside: bool) -> tuple[list[Column | None], int] | None:
    """Kinds of the columns and the first row below, where row `number` is a header; it may have two rows.

    `inside`: rows stand above it, so that its cells must be names and nothing else.
    """
    row = grid.rows[number]
    filled = [cell for cell in row if cell and cell.text.strip()]
    if len({id(cell) for cell in filled}) < 2 or any(len(cell.text) > _MAX_HEADER for cell in filled):
        return None
    kinds = [_kind(context, cell) for cell in row]
    named = sum(kind is not None for kind in kinds)
    if named < max(2, len(filled) * 0.6) or not ("foreign" in kinds or is_task_table(kinds) or _completes(context, grid, number, kinds)):
        return None
    if inside and "foreign" not in kinds and not all(is_name(_folded(context, cell)) for cell in filled):
        return None
    below = number + 1
    if below < len(grid.rows) and _is_second_header(context, row, grid.rows[below]):
        kinds = [_kind(context, lower) or upper for upper, lower in zip(kinds, grid.rows[below], strict=True)]
        below += 1
    return kinds, below


def _completes(context: PlanContext, grid: Grid, number: int, kinds: list[Column | None]) -> bool:
    """责任分工 over 主办 | 协办: the row below makes it a task table."""
    if number + 1 >= len(grid.rows) or "text" not in kinds:
        return False
    return is_task_table([*kinds, *(_kind(context, cell) for cell in grid.rows[number + 1])])


def _is_second_header(context: PlanContext, upper: Row, lower: Row) -> bool:
    own = [cell for above, cell in zip(upper, lower, strict=True) if cell is not None and cell is not above and cell.text.strip()]
    return bool(own) and all(_kind(context, cell) and len(cell.text) <= 12 for cell in own)


def _kind(context: PlanContext, cell: Cell | None) -> Column | None:
    return column(_folded(context, cell)) if cell else None


def _folded(context: PlanContext, cell: Cell) -> str:
    return context.body.folded[cell.start : cell.end]


def _section(context: PlanContext, row: Row) -> tuple[int, str] | None:
    """(rank, title) of a row that is one cell across the table; （一） stands under 一、."""
    cells = {id(cell): cell for cell in row if cell is not None and cell.text.strip()}
    if len(cells) != 1 or len(row) < 2:
        return None
    cell = next(iter(cells.values()))
    spans = sum(other is cell for other in row)
    label = parse_label(context.body.folded, cell.start, cell.end)
    if spans < max(2, len(row) - 1) and not (label and label.kind in SECTION_RANKS):
        return None
    return section_title(context, cell.start, cell.end)


def _repeats_header(context: PlanContext, table: _Table, row: Row) -> bool:
    kinds = [_kind(context, cell) for cell in row]
    matching = sum(kind is not None and kind == wanted and cell is not None and len(cell.text) <= 12
                   for kind, wanted, cell in zip(kinds, table.kinds, row, strict=True))  # fmt: skip
    return matching >= max(2, sum(kind is not None for kind in table.kinds) - 1)


def _fill(
    context: PlanContext, table: _Table, row: Row, above: dict[int, Cell], last: dict[int, Cell]
) -> tuple[dict[int, Cell], bool, bool]:
    """(cells by column with dittos and carried cells resolved, whether a blank was filled by inference, same item as above).

    `above` is the row above inside the section, `last` the row that 同上 points to.
    """
    values: dict[int, Cell] = {}
    blank: list[int] = []
    for index, cell in enumerate(row):
        if cell is None or not _folded(context, cell).strip():
            blank.append(index)
        elif DITTO.match(_folded(context, cell).strip()):
            if index in last:
                values[index] = last[index]
        else:
            values[index] = cell
    keys = [index for index, kind in enumerate(table.kinds) if kind == "number" or index in table.titles]
    same_item = bool(above) and (
        any(index in values and values[index] is above.get(index) for index in keys) or bool(keys and all(index in blank for index in keys))
    )
    guessed = False
    if same_item and table.task in values:
        for index in blank:
            carries = index in keys or table.kinds[index] in ("deadline", "lead", "units", "support")
            if index in above and carries and (index in keys or not table.merges):
                values[index] = above[index]
                guessed |= index not in keys
    return values, guessed, same_item


def _item(context: PlanContext, table: _Table, values: dict[int, Cell]) -> tuple[str, ...]:
    titles = []
    for index in table.titles:
        if index in values:
            cell = values[index]
            label = parse_label(context.body.folded, cell.start, cell.end)
            titles.append(context.body.text[label.end if label else cell.start : cell.end].strip().rstrip("。"))
    return tuple(titles)


def _row_tasks(context: PlanContext, table: _Table, values: dict[int, Cell], titles: tuple[str, ...], guessed: bool) -> list[PlanTask]:
    cell = values[table.task]
    number = next((_folded(context, values[i]).strip() for i, kind in enumerate(table.kinds) if kind == "number" and i in values), "")
    who = _doers(context, table, values)
    when = _deadline(context, table, values)
    out = []
    for start, end, label in context.sub_items(cell.start, cell.end):
        path = tuple(part for part in (number.rstrip(".、"), label.shown if label else "") if part)
        found = when or context.when(start, end)
        shown = tuple(title for title in (table.name, *titles) if title)
        out.append(context.task(path, shown, start, end, who, found, uncertain=guessed))
    return out


def _doers(context: PlanContext, table: _Table, values: dict[int, Cell]) -> Responsibility:
    """Lead column, else the plain 责任单位 column, beside a support column."""
    out = Responsibility()
    support: list[NamedUnit] = []
    for kind in ("lead", "units", "support"):
        for index, column_kind in enumerate(table.kinds):
            if column_kind != kind or index not in values or BLANK.match(_folded(context, values[index])):
                continue
            read = context.who(values[index].start, values[index].end)
            out.open_ended |= read.open_ended
            if kind == "support" or (kind == "units" and "lead" in table.kinds):
                support.extend([*read.lead, *read.support])
                continue
            out.lead.extend(unit for unit in read.lead if unit not in out.lead)
            support.extend(read.support)
            out.mode = "lead" if kind == "lead" and read.mode == "joint" else read.mode
    out.support = [unit for index, unit in enumerate(support) if unit not in out.lead and unit not in support[:index]]
    return out


def _deadline(context: PlanContext, table: _Table, values: dict[int, Cell]) -> Deadline | None:
    for index, kind in enumerate(table.kinds):
        if kind == "deadline" and index in values:
            found = read_deadline_cell(context.body.folded, values[index].start, values[index].end, context.year)
            if found:
                return found
    return None
