"""Responsibility tables that lost their cells: one cell a line, as innerText gives them, or a row a line parted by bars or tabs. What a
blank or merged cell was must be inferred from the sequence; where the sequence cannot decide, the task is marked uncertain.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace

from gongkai.records.document import Mode, PlanTask
from transforms.plans.columns import Column
from transforms.plans.context import PlanContext, is_footer, section_title
from transforms.plans.deadlines import Deadline
from transforms.plans.flat_cells import FlatCell, cells_of
from transforms.plans.flat_header import FlatHeader, read_header
from transforms.plans.flat_rows import FlatRow, Layout, lay_out
from transforms.plans.outline import Label, Line
from transforms.plans.units import NamedUnit, Responsibility, unit_names

_WINDOW = 400
_ANNEX = re.compile(r"附件?\s?\d{0,2}\s?:?")
_TAIL = re.compile(r"(?:人民)?政府|管委会")


@dataclass(slots=True)
class _Row:
    start: int
    end: int
    label: Label | None
    number: str = ""
    deadline: Deadline | None = None
    no_deadline: bool = False
    """The cell says that there is none (—)."""
    cells: list[list[NamedUnit]] = field(default_factory=list)
    """Unit cells, one list of names each; lead before support."""
    worded: Responsibility | None = None
    """A cell that tells the roles itself: A牵头，B配合."""
    no_units: bool = False
    open_ended: bool = False

    @property
    def bare(self) -> bool:
        return self.deadline is None and not self.cells and self.worded is None


@dataclass(slots=True)
class _Item:
    number: str
    section: tuple[str, ...] = ()
    titles: tuple[FlatCell, ...] = ()
    rows: list[_Row] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    kinds: list[Column]
    name: str
    annex: bool
    task: int = 0
    items: list[_Item] = field(default_factory=list)


def read_flat(context: PlanContext, lines: list[Line]) -> list[PlanTask]:
    """The tasks of every flattened responsibility table among the lines; [] when there is none."""
    cells = cells_of(context, lines)
    headers = [read_header(cells, index) for index in range(len(cells))]
    tasks: list[PlanTask] = []
    at = 0
    while at < len(cells):
        header = headers[at]
        if header is None:
            at += 1
            continue
        if not header.of_tasks:
            at = header.end
            continue
        kinds, rows, at_end = _rows(header, cells, headers)
        before = cells[at - 1].text if at else ""
        annex = any(_ANNEX.fullmatch(cell.text) for cell in cells[max(0, at - 4) : at])
        table = _Table(kinds, before if 4 <= len(before) <= 60 else "", annex)
        _items(context, table, rows)
        tasks.extend(_decide(context, table))
        at = max(at_end, header.end)
    return tasks


def _rows(header: FlatHeader, cells: list[FlatCell], headers: list[FlatHeader | None]) -> tuple[list[Column], list[FlatRow], int]:
    """(columns, rows, the cell where the table ends). A wider window is tried only while the table fills it: work stays linear."""
    window = _WINDOW
    while True:
        ahead, at = _ahead(header, cells, headers, window)
        kinds, layout = _laid_out(header, [cells[place] for place in ahead])
        if len(ahead) < window or layout is None or layout.taken < 0.9 * window:
            break
        window *= 4
    if layout is None:
        return header.kinds, [], at
    return kinds, layout.rows, ahead[layout.taken] if layout.taken < len(ahead) else at


def _ahead(header: FlatHeader, cells: list[FlatCell], headers: list[FlatHeader | None], window: int) -> tuple[list[int], int]:
    """Places of the cells below a header, at most `window`, its repetitions left out; and where they end."""
    places: list[int] = []
    at = header.end
    while at < len(cells) and len(places) < window and not is_footer(cells[at].text):
        again = headers[at]
        if again and again.names == header.names:
            at = again.end
            continue
        if again:
            break
        if not _ANNEX.fullmatch(cells[at].text):  # above the next page's table
            places.append(at)
        at += 1
    return places, at


def _laid_out(header: FlatHeader, ahead: list[FlatCell]) -> tuple[list[Column], Layout | None]:
    """The cheapest layout and its columns; None without cells. A header over two columns may hide a column of numbers."""
    forms = [header.kinds]
    numbers = [int(cell.text) for cell in ahead if cell.text.isdecimal() and len(cell.text) < 4]
    if "number" not in header.kinds and numbers[:3] == [1, 2, 3]:
        texts = [c for c, kind in enumerate(header.kinds) if kind == "text"]
        forms = [[*header.kinds[:c], "number", *header.kinds[c:]] for c in texts]
    elif all(cell.closed or cell.row is not None for cell in ahead):  # 工作任务 may stand over a category and a task
        forms += [[*header.kinds[:c], "text", *header.kinds[c:]] for c, kind in enumerate(header.kinds) if kind == "text"]
    layouts = [(lay_out(kinds, ahead), kinds) for kinds in forms] if ahead else []
    if not layouts:
        return header.kinds, None
    best, kinds = min(layouts, key=lambda one: one[0].cost)
    return kinds, best


def _items(context: PlanContext, table: _Table, rows: list[FlatRow]) -> None:
    """Sort the rows into items: what shares a number or a title."""
    texts = [c for c, kind in enumerate(table.kinds) if kind == "text"]
    size = {c: sum(cell.end - cell.start for row in rows for cell in row.cells.get(c, [])) for c in texts}
    table.task = max(texts, key=lambda c: (size[c], c))
    keys = [c for c in range(table.task) if table.kinds[c] in ("number", "text")]
    number = table.kinds.index("number") if "number" in table.kinds else -1
    section: tuple[tuple[int, str], ...] = ()
    above: _Row | None = None
    item: _Item | None = None
    for row in rows:
        if row.section:
            rank, title = section_title(context, row.section.start, row.section.end)
            section = (*(one for one in section if one[0] < rank), (rank, title))
            item = None
            continue
        titles = tuple(cell for c in texts if c < table.task for cell in row.cells.get(c, []) if not cell.is_ditto)
        shown = row.cells[number][0].text.rstrip(".、") if number in row.cells else ""
        same = item is not None and tuple(cell.text for cell in titles) == tuple(cell.text for cell in item.titles)
        first = keys[0] if keys else -1
        begins = first in row.cells and not (table.kinds[first] == "text" and same) and not all(c.is_ditto for c in row.cells[first])
        if item is None or begins or not keys:
            inherits = () if item is None or (begins and first != number) else item.titles if not titles and first != number else ()
            item = _Item(shown if first == number else "", tuple(title for _, title in section), titles or inherits)
            table.items.append(item)
        elif titles and not same:
            item = _Item(shown if first == number and shown else item.number, item.section, titles)
            table.items.append(item)
        above = _add_row(context, table, item, row, shown if first != number else "", above)


def _add_row(context: PlanContext, table: _Table, item: _Item, row: FlatRow, number: str, above: _Row | None) -> _Row | None:
    """The row's tasks: one for each numbered paragraph of its text."""
    repeated = {title.text for title in item.titles}  # the title again, after a page break
    texts = [cell for cell in row.cells.get(table.task, []) if cell.text not in repeated]
    added: list[_Row] = []
    for cell in texts:
        last = added[-1] if added else item.rows[-1] if item.rows and item.rows[-1].bare and not row.cells.keys() - {table.task} else None
        if cell.label is None and last is not None and (added or not number):
            last.end = cell.end  # a second paragraph of the same cell
        else:
            added.extend(_Row(start, end, one, number) for start, end, one in _split(context, cell, cell.label))
    if not texts and not item.rows and item.titles:
        added.append(_Row(item.titles[-1].start, item.titles[-1].end, None, number))
    item.rows.extend(added)
    if not item.rows:
        return above
    together = not texts or texts[-1].closed or texts[-1].row is not None or len(texts) == 1
    for one in added if added and together else item.rows[-1:]:
        _attributes(context, table, row, one, above)
    if not item.rows[-1].bare:  # bare rows that stand before the first attributes of their item share them
        for one in itertools.takewhile(lambda one: one.bare, item.rows):
            _attributes(context, table, row, one, above)
    return item.rows[-1]


def _split(context: PlanContext, cell: FlatCell, label: Label | None) -> list[tuple[int, int, Label | None]]:
    """The numbered items that run on inside one cell, or the cell without its label."""
    return context.sub_items(cell.start, cell.end) if label else [(cell.start, cell.end, None)]


def _attributes(context: PlanContext, table: _Table, row: FlatRow, one: _Row, above: _Row | None) -> None:
    order = sorted(row.cells, key=lambda c: (("lead", "units", "support").index(table.kinds[c]) if table.kinds[c] in _UNITS else 0, c))
    for c in order:
        kind = table.kinds[c]
        for cell in row.cells[c]:
            if kind == "deadline":
                if cell.is_ditto:
                    one.deadline = above.deadline if above else None
                else:
                    one.deadline = one.deadline or cell.loose_deadline
                    one.no_deadline = cell.is_blank
            elif kind in _UNITS:
                if cell.is_ditto and above:
                    one.cells.extend(above.cells[len(one.cells) : len(one.cells) + 1])
                elif cell.is_blank:
                    one.no_units = True
                else:
                    _add_units(context, cell, one, closed=cell.closed or cell.row is not None)


_UNITS = ("lead", "units", "support")


def _add_units(context: PlanContext, cell: FlatCell, row: _Row, *, closed: bool) -> None:
    """A unit cell; a unit broken over two lines (各县(市、区) / 政府(管委会)) is put together, a repeated one dropped."""
    last = row.cells[-1] if row.cells else None
    if last and not closed and _TAIL.match(cell.text) and not last[-1].folded.endswith(("政府", "管委会", "局", "办公室")):
        last[-1] = replace(last[-1], name=last[-1].name + cell.printed, folded=last[-1].folded + cell.text, end=cell.end)
        return
    read = context.who(cell.start, cell.end)
    row.open_ended |= read.open_ended
    if read.support and not row.cells:
        row.worded = read
        return
    names, is_open = unit_names(context.body.text, context.body.folded, cell.start, cell.end, context.region)
    row.open_ended |= is_open
    seen = {name for one in row.cells for name in one}
    fresh = [name for name in names if name not in seen]
    if fresh:
        row.cells.append(fresh)


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
        for number, row in enumerate(item.rows):
            who, uncertain = _roles(
                row, above, supported, with_support=with_support, lead_column="lead" in table.kinds, first=first, second=second
            )
            found = row.deadline or (None if row.no_deadline else deadline) or context.when(row.start, row.end)
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
    if row.worded:
        support = [*row.worded.support, *(name for cell in row.cells for name in cell)]
        return Responsibility(row.worded.lead, support, row.worded.mode, row.open_ended), False
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
        doubt = bool(supported) and not supported & set(names) and not row.no_units  # blank, or merged with a row above
    return _made(lead, support, row.open_ended, lead_column), doubt


def _made(lead: list[NamedUnit], support: list[NamedUnit], is_open: bool, lead_column: bool) -> Responsibility:
    mode: Mode = "lead" if lead_column or len(lead) == 1 else "joint"
    return Responsibility(list(lead), [name for name in support if name not in lead], mode, is_open)


def _place_in_table(context: PlanContext, table: _Table, item: _Item, row: _Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(section titles, path)."""
    text = context.body.text
    titles = [
        text[cell.label.end if cell.label else cell.start : cell.end].strip().rstrip("。")
        for cell in item.titles
        if cell.start != row.start
    ]
    path = ("附件" if table.annex else "", item.number, row.number, row.label.shown if row.label else "")
    return tuple(part for part in (table.name, *item.section, *titles) if part), tuple(part for part in path if part)
