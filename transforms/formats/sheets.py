"""A sheet of any kind of workbook to blocks: merged cells resolved, empty rows and columns dropped, title rows as paragraphs."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.blocks import clean_text
from transforms.body import BodyBuilder, RawCell
from transforms.grids import MAX_POSITIONS

Rows = list[list[RawCell | None]]
Area = tuple[tuple[int, int], tuple[int, int]]
"""First and last (row, column) of a merged cell, both included."""


def add_sheet(builder: BodyBuilder, rows: Rows, merged: Sequence[Area] = ()) -> None:
    """Add a sheet given as rows of equal width; rows above the table that hold one cell only (the table's title) become paragraphs."""
    _merge(rows, merged)
    rows = _without_empty(rows)
    while rows and len({id(cell) for cell in rows[0] if cell}) == 1:
        title = next(cell for cell in rows.pop(0) if cell)
        builder.paragraph(clean_text(title.text))
    builder.table(rows)


def cell_text(text: str) -> str:
    """A cell's lines, cleaned, without blank ones."""
    return "\n".join(line for line in map(clean_text, text.split("\n")) if line)


def _merge(rows: Rows, merged: Sequence[Area]) -> None:
    room = MAX_POSITIONS
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        cell = rows[top][left]
        if cell is None:
            continue
        bottom, right = min(bottom, len(rows) - 1), min(right, len(rows[top]) - 1)
        room -= (bottom - top + 1) * (right - left + 1)
        if room < 0:  # sound merges do not overlap: all of them cover less than the sheet
            return
        cell.row_span, cell.column_span = bottom - top + 1, right - left + 1
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [cell] * (right - left + 1)


def _without_empty(rows: Rows) -> Rows:
    """Drop rows and columns without any cell."""
    rows = [row for row in rows if any(row)]
    used = [c for c in range(len(rows[0]) if rows else 0) if any(row[c] for row in rows)]
    return [[row[c] for c in used] for row in rows]
