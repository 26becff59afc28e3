"""Which column each cell of a flattened table belongs to: the cheapest way to lay the cells out in rows under the header.

A cell goes on to a later column of its row, goes on with its own column (a paragraph more), or begins a new row; columns left out
cost what is odd about leaving them out, a cell in a column of another kind what is odd about it there. At some cell the table may
end. Linear in the number of cells.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from transforms.plans.columns import Column
from transforms.plans.flat_cells import FlatCell

_OMITTED: dict[Column, float] = {
    "number": 0.6, "text": 1.2, "deadline": 0.8, "lead": 1.0, "units": 1.0, "support": 0.4, "person": 0.3, "remark": 0.1, "other": 0.3,
    "start": 0.8, "foreign": 0.3,
}  # fmt: skip
"""What it costs that a row has no cell in such a column."""
_MERGED = 0.3
"""A number or title that the row shares with the row above."""
_NO_TEXT = 3.0
_NEW_ROW = 0.2
_MORE_TITLE, _MORE_LABELLED = 1.0, 0.4
_MORE: dict[Column, float] = {
    "text": 0.6,
    "lead": 0.3,
    "units": 0.3,
    "support": 0.3,
    "remark": 0.5,
    "other": 0.5,
    "person": 0.5,
    "deadline": 1.5,
}
_FAR = 9.0
_NEVER = 1e9
_NEXT_ITEM = 1.0
"""How much likelier the task's column is for 2., 3., ... than for other words."""
_SECTION, _SECTION_LENGTH = 0.3, 60
_ENDS, _BEHIND = 1.0, 0.45
"""The cost of the table's end and of each cell behind it."""


@dataclass(slots=True)
class FlatRow:
    """One row: the cells of each column, in order; or the title of a section."""

    cells: dict[int, list[FlatCell]] = field(default_factory=dict)
    section: FlatCell | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows, how many cells belong to the table, and how odd it all is."""

    rows: list[FlatRow]
    taken: int
    cost: float


def lay_out(kinds: list[Column], cells: list[FlatCell]) -> Layout:
    """The cheapest layout of the cells behind the header."""
    width = len(kinds)
    section, end = width, width + 1
    task = max(c for c, kind in enumerate(kinds) if kind == "text")
    within, fresh = _steps(kinds, task)
    costs = [_NEVER] * width + [0.0, _NEVER]
    back: list[list[tuple[int, bool]]] = []
    for index, cell in enumerate(cells):
        first = cell.row is None or index == 0 or cells[index - 1].row != cell.row
        lonely = cell.row is not None and first and (index + 1 == len(cells) or cells[index + 1].row != cell.row)
        fits = [cell.cost(kind) for kind in kinds]
        if cell.place is not None and cell.of == width:
            fits = [fit if c == cell.place else fit + _FAR for c, fit in enumerate(fits)]
        if cell.is_next_item:
            fits[task] -= _NEXT_ITEM
        new_costs: list[float] = []
        came: list[tuple[int, bool]] = []
        for c in range(width):
            best, source = _NEVER, (end, True)
            for before in range(width + 1):
                if not first or cell.row is None:
                    step = within[before][c]
                    if before == c and cells[index - 1].closed:
                        step = _FAR
                    elif before == c == task and cell.label:
                        step = _MORE_LABELLED
                    if costs[before] + step < best:
                        best, source = costs[before] + step, (before, False)
                if first and costs[before] + fresh[before][c] < best:
                    best, source = costs[before] + fresh[before][c], (before, True)
            new_costs.append(best + fits[c])
            came.append(source)
        titled = first and _is_section(cell, lonely)
        ended = [costs[before] + (fresh[before][section] if before < section else 0.0) for before in range(width + 1)]
        least = min(range(width + 1), key=ended.__getitem__)
        new_costs.append(ended[least] + _SECTION if titled else _NEVER)
        came.append((least, True))
        leave = ended[least] + _ENDS if index else _NEVER
        new_costs.append(min(costs[end], leave) + _BEHIND)
        came.append((end if costs[end] <= leave else least, True))
        costs = new_costs
        back.append(came)
    final = [costs[c] + (fresh[c][section] if c < section else 0.0) for c in range(width + 1)] + [costs[end]]
    return _trace(cells, back, min(range(width + 2), key=final.__getitem__), width, min(final))


def _is_section(cell: FlatCell, lonely: bool) -> bool:
    label = cell.label
    if len(cell.text) > _SECTION_LENGTH or cell.is_units or cell.deadline or cell.is_number:
        return False
    return lonely or (label is not None and label.kind in ("cn", "cn_paren", "part"))


def _steps(kinds: list[Column], task: int) -> tuple[list[list[float]], list[list[float]]]:
    """Costs from a column to the next cell's column, inside the row and into a new row; the last index stands for a section's title,
    as a target of `fresh` for the row's end alone."""
    width = len(kinds)
    texts = kinds.count("text")

    def left_out(low: int, high: int, *, leading: bool) -> float:
        cost = 0.0
        for c in range(low, high):
            merged = leading and (kinds[c] == "number" or (kinds[c] == "text" and c != task))
            cost += _MERGED if merged else _NO_TEXT if texts == 1 and c == task else _OMITTED[kinds[c]]
        return cost

    more = [_MORE_TITLE if kind == "text" and c != task else _MORE.get(kind, _FAR) for c, kind in enumerate(kinds)]
    within = [[left_out(a + 1, b, leading=False) if b > a else more[a] if a == b else _FAR for b in range(width)] for a in range(width)]
    within.append([_NEVER] * width)
    fresh = [
        [left_out(a + 1, width, leading=False) + _NEW_ROW + left_out(0, b, leading=True) for b in range(width)]
        + [left_out(a + 1, width, leading=False)]
        for a in range(width)
    ]
    fresh.append([_NEW_ROW + left_out(0, b, leading=True) for b in range(width)] + [0.0])
    return within, fresh


def _trace(cells: list[FlatCell], back: list[list[tuple[int, bool]]], state: int, width: int, cost: float) -> Layout:
    path: list[tuple[int, bool]] = []
    for came in reversed(back):
        before, is_new = came[state]
        path.append((state, is_new))
        state = before
    path.reverse()
    rows: list[FlatRow] = []
    taken = 0
    for cell, (at, is_new) in zip(cells, path, strict=True):
        if at > width:
            break
        taken += 1
        if is_new or not rows:
            rows.append(FlatRow())
        if at == width:
            rows[-1].section = cell
        else:
            rows[-1].cells.setdefault(at, []).append(cell)
    return Layout(rows, taken, cost)
