"""A document as neutral blocks, before it becomes HTML, docx, xlsx or PDF; one content, many prints."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Style = Literal["text", "title", "heading", "sign"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One printed paragraph."""

    text: str
    style: Style = "text"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; a merged one stands once, at its top left position."""

    text: str
    row_span: int = 1
    column_span: int = 1
    header: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: rows of cells in HTML order."""

    rows: tuple[tuple[Cell, ...], ...]

    @property
    def width(self) -> int:
        """Columns of the grid: the first row has no cell above it that reaches in."""
        return sum(cell.column_span for cell in self.rows[0])

    def placed(self) -> list[tuple[int, int, Cell]]:
        """Cells with the (row, column) of their top left corner."""
        taken: set[tuple[int, int]] = set()
        out = []
        for r, row in enumerate(self.rows):
            column = 0
            for cell in row:
                while (r, column) in taken:
                    column += 1
                out.append((r, column, cell))
                taken |= {(r + i, column + j) for i in range(cell.row_span) for j in range(cell.column_span)}
                column += cell.column_span
        return out


Block = Paragraph | Table

_CLASSES = {
    "text": ' style="text-indent: 2em"',
    "title": ' style="text-align: center"',
    "heading": ' style="text-indent: 2em"',
    "sign": ' style="text-align: right"',
}


def to_html(blocks: Iterable[Block]) -> str:
    """Blocks as the inner HTML of a body container."""
    return "\n".join(_paragraph(b) if isinstance(b, Paragraph) else _table(b) for b in blocks)


def _paragraph(block: Paragraph) -> str:
    text = html.escape(block.text, quote=False)
    if block.style in ("title", "heading"):
        text = f"<strong>{text}</strong>"
    return f"<p{_CLASSES[block.style]}>{text}</p>"


def _table(table: Table) -> str:
    rows = "\n".join(f"<tr>{''.join(_cell(c) for c in row)}</tr>" for row in table.rows)
    return f'<table border="1" cellspacing="0" cellpadding="0"><tbody>\n{rows}\n</tbody></table>'


def _cell(cell: Cell) -> str:
    spans = (f' rowspan="{cell.row_span}"' if cell.row_span > 1 else "") + (
        f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    )
    text = html.escape(cell.text, quote=False).replace("\n", "<br>") or "&nbsp;"
    return f"<td{spans}><p>{f'<strong>{text}</strong>' if cell.header else text}</p></td>"


def row(*texts: str, header: bool = False) -> tuple[Cell, ...]:
    """A row without merged cells."""
    return tuple(Cell(t, header=header) for t in texts)
