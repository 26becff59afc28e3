"""Tables of a report in reading order; a table that a page end cut in two is one part again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transforms.body import Block, Body, Cell
from transforms.reports.values import read_cell

_MAX_GAP = 60  # folded characters between two halves: a page mark or a repeated running title, not a paragraph
_WIDE, _WRONG_SPANS = 8, 2
"""A wide table may be that much wider or narrower in its second half: a span that was not mended when it was cut."""


@dataclass(frozen=True, slots=True)
class Row:
    """One table row: cells by column, and their folded text without blanks."""

    cells: tuple[Cell | None, ...]
    texts: tuple[str, ...]

    def distinct(self) -> Iterator[tuple[int, Cell, str]]:
        """First column, cell and text of each printed cell once."""
        seen: set[int] = set()
        for column, (cell, text) in enumerate(zip(self.cells, self.texts, strict=True)):
            if cell is not None and id(cell) not in seen:
                seen.add(id(cell))
                yield column, cell, text


@dataclass(frozen=True, slots=True)
class UnknownRow:
    """A row with figures whose label the dictionary does not know, kept as printed."""

    label: str
    cell: Cell
    figures: str


@dataclass(frozen=True, slots=True)
class Part:
    """A table as rows; `joins` are the rows with which a continued half begins."""

    rows: tuple[Row, ...]
    joins: tuple[int, ...] = ()


def table_parts(body: Body) -> list[Part]:
    """Every table of the body. A table without a heading row of its own goes on from the table before it."""
    parts: list[Part] = []
    last: Block | None = None
    for block in body.blocks:
        if block.grid is None or not block.grid.rows:
            continue
        rows = tuple(_row(body, cells) for cells in block.grid.rows)
        if parts and last is not None and _goes_on(body, last, block, parts[-1], rows):
            before = parts[-1]
            parts[-1] = Part(before.rows + rows, (*before.joins, len(before.rows)))
        else:
            parts.append(Part(rows))
        last = block
    return parts


def _row(body: Body, cells: tuple[Cell | None, ...]) -> Row:
    return Row(cells, tuple("".join(body.folded[c.start : c.end].split()) if c else "" for c in cells))


def _goes_on(body: Body, last: Block, block: Block, before: Part, rows: tuple[Row, ...]) -> bool:
    between = "".join(body.folded[last.end : block.start].split())
    above, below = len(before.rows[0].cells), len(rows[0].cells)
    same = above == below or (min(above, below) >= _WIDE and abs(above - below) <= _WRONG_SPANS)
    if not same or len(between) > _MAX_GAP or "。" in between:
        return False
    if last.page is not None and block.page is not None and block.page not in (last.page, last.page + 1):
        return False
    # A first row with values is data; a heading row has none.
    return any(read_cell(text).value is not None for text in rows[0].texts)
