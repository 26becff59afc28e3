"""Resolve the spans of a table (rowspan, colspan; merged cells) into a full grid, within bounds.

A source cell becomes one RawCell that stands at every position it covers. Columns and rows in which no cell begins say nothing
(Excel exports are full of them) and are dropped; spans are then counted in what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.body import RawCell

MAX_COLUMNS = 256
MAX_COLUMN_SPAN = 64
"""A wider span is a wrong number on a page (colspan=1000), not a wide table."""
MAX_POSITIONS = 2_000_000
"""Rows x columns; beyond it a table is cut and the cut is said."""

RawGrid = list[list[RawCell | None]]


@dataclass(frozen=True, slots=True)
class ResolvedTable:
    """Rows of equal width; `cut` tells that the bounds were met and cells are missing."""

    rows: RawGrid
    cut: bool = False


def resolve_spans(source: Sequence[Sequence[RawCell]]) -> ResolvedTable:
    """Lay source rows out as HTML does: each cell in the first free column, hanging into the rows below.

    A row span of 0 reaches to the last row (HTML 4.9.11); spans never reach outside the table and never overlap another cell.
    """
    rows: list[dict[int, RawCell]] = []
    hanging: dict[int, tuple[RawCell, int]] = {}
    positions, cut = 0, False
    for r, cells in enumerate(source):
        placed = {column: cell for column, (cell, _) in hanging.items()}
        hanging = {column: (cell, left - 1) for column, (cell, left) in hanging.items() if left > 1}
        column = 0
        for cell in cells:
            while column in placed:
                column += 1
            if column >= MAX_COLUMNS:
                cut = True
                break
            below = _below(cell.row_span, len(source) - r)
            end = min(column + max(1, min(cell.column_span, MAX_COLUMN_SPAN)), MAX_COLUMNS)
            while column < end and column not in placed:
                placed[column] = cell
                if below:
                    hanging[column] = (cell, below)
                column += 1
        positions += len(placed)
        if positions > MAX_POSITIONS:
            cut = True
            break
        rows.append(placed)
    return ResolvedTable(_compact(rows), cut)


def _below(row_span: int, rows_left: int) -> int:
    return rows_left - 1 if row_span == 0 else max(0, min(row_span, rows_left) - 1)


def _compact(rows: list[dict[int, RawCell]]) -> RawGrid:
    """Keep the rows and columns in which a cell begins, and count each cell's spans in them."""
    keep_rows: list[int] = []
    columns: set[int] = set()
    seen: set[int] = set()
    for r, row in enumerate(rows):
        begun = False
        for column in sorted(row):
            if id(row[column]) not in seen:
                seen.add(id(row[column]))
                columns.add(column)
                begun = True
        if begun:
            keep_rows.append(r)
    order = sorted(columns)
    grid: RawGrid = [[rows[r].get(column) for column in order] for r in keep_rows]
    _count_spans(grid)
    return grid


def _count_spans(grid: RawGrid) -> None:
    extent: dict[int, tuple[RawCell, int, int, int, int]] = {}
    for r, row in enumerate(grid):
        for c, cell in enumerate(row):
            if cell is not None:
                _, top, left, _, right = extent.get(id(cell), (cell, r, c, r, c))
                extent[id(cell)] = (cell, top, min(left, c), r, max(right, c))
    for cell, top, left, bottom, right in extent.values():
        cell.row_span, cell.column_span = bottom - top + 1, right - left + 1
