"""Pages of placed characters and rulings (PDF, OFD) to a body: text lines joined into paragraphs, ruled tables as grids.

A page is anything that offers pdfplumber's `chars`, `edges`, `height`, `find_tables`, `filter` and `extract_text_lines`, in points. A table
that goes on at the top of the next page, with the same columns, is one grid; a header printed again and a row cut in two are put together.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pdfplumber.utils.text import chars_to_textmap

from gongkai.records.document import Finding
from transforms.blocks import clean_text
from transforms.body import Body, BodyBuilder, RawCell
from transforms.formats.page_ends import join_rows

MAX_PAGES = 500
MAX_CHARS = 200_000
"""Characters of one page that are laid out."""
_MAX_EDGES = 20_000
_PADDING = 6.0
"""Points between a cell's ruling and its words."""
# One body a line, in a column as narrow as their names.
_BODY_ENDS, _BODY_BEGINS = re.compile(r"[局委办厅室府会部院行]$"), re.compile(r"[省市县区州旗盟][^、，。；：）]|各[乡镇街县市区]")
_ROOM = 2.2
"""A line that had room for so many characters more was broken by its author."""
_PAGE_MARK = re.compile(r"\s*(?:[-—–·]\s*\d{1,4}\s*[-—–·]|第\s*\d{1,4}\s*页(?:\s*共\s*\d{1,4}\s*页)?|\d{1,4}(?:\s*/\s*\d{1,4})?)\s*")
# Justified setting puts gaps between characters; a blank beside a Chinese character is such a gap.
_GAP = re.compile(r"(?<=[\u3000-\u9fff\uf900-\uffef\u2014\u2018-\u201d]) +| +(?=[\u3000-\u9fff\uf900-\uffef\u2014\u2018-\u201d])")


@dataclass(slots=True)
class _Line:
    text: str
    x0: float
    x1: float
    top: float
    bottom: float


@dataclass(slots=True)
class _TableAt:
    top: float
    rows: list[list[RawCell | None]]
    columns: list[float]
    """Where its columns begin."""
    full: set[int]
    """Ids of the cells whose last line leaves no room: they may go on behind a page end."""


class LaidOut:
    """Takes pages in order and makes the body of them."""

    def __init__(self) -> None:
        self._builder = BodyBuilder()
        self._paragraphs = _Paragraphs(self._builder)
        self._empty: list[int] = []

    def page(self, page: Any, number: int) -> None:
        """Add one page; `number` counts from 1."""
        if not _page(page, number, self._paragraphs):
            self._empty.append(number)

    def build(self, pages: int, findings: Sequence[Finding] = ()) -> Body:
        """The body. `pages`: how many the document has, read or not; `findings`: what its reader met."""
        self._paragraphs.end()
        findings = list(findings)
        if pages > MAX_PAGES:
            message = f"only the first {MAX_PAGES} pages were read"
            findings.append(Finding(rule="pdf_cut", severity="warning", message=message, actual=str(pages)))
        if self._empty:
            listed = ", ".join(map(str, self._empty[:20]))
            message = f"no text layer on page {listed}; nothing was read there"
            findings.append(Finding(rule="needs_ocr", severity="warning", message=message))
        return self._builder.build(findings=findings)


def _page(page: Any, number: int, paragraphs: _Paragraphs) -> bool:
    """Read one page; False if it has no text layer."""
    if not any(char["text"].strip() for char in page.chars[:MAX_CHARS]):
        return False
    found = page.find_tables() if len(page.edges) <= _MAX_EDGES and len(page.chars) <= MAX_CHARS else []
    tables = [(table, grid) for table in found if (grid := _grid(table)) is not None]
    boxes = [table.bbox for table, _ in tables]
    rest = page.filter(lambda item: item["object_type"] != "char" or not _inside(item, boxes)) if boxes else page
    items: list[_Line | _TableAt] = [grid for _, grid in tables]
    for found_line in rest.extract_text_lines(return_chars=False):
        line = _Line(_join_gaps(found_line["text"]), found_line["x0"], found_line["x1"], found_line["top"], found_line["bottom"])
        if not (_PAGE_MARK.fullmatch(line.text) and (line.top > page.height * 0.88 or line.bottom < page.height * 0.1)):
            items.append(line)
    paragraphs.page(sorted(items, key=lambda item: item.top), number)
    return True


def _inside(char: dict[str, Any], boxes: list[tuple[float, float, float, float]]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)


def _join_gaps(text: str) -> str:
    return clean_text(_GAP.sub("", text))


class _Paragraphs:
    """Joins lines: a new paragraph begins after a short line, at an indent, or below a gap."""

    def __init__(self, builder: BodyBuilder) -> None:
        self._builder = builder
        self._text = ""
        self._number = 1
        self._last: _Line | None = None
        self._table: _TableAt | None = None
        self._table_page = 1

    def page(self, items: list[_Line | _TableAt], number: int) -> None:
        """Add the lines and tables of one page, in reading order."""
        lines = [item for item in items if isinstance(item, _Line)]
        left = min((line.x0 for line in lines), default=0.0)
        right = max((line.x1 for line in lines), default=0.0)
        new_page = True
        for item in items:
            if isinstance(item, _TableAt):
                goes_on = new_page and self._table is not None and not self._text and _same_columns(self._table, item)
                if goes_on and self._table is not None:
                    join_rows(self._table.rows, item.rows, self._table.full)
                    self._table.full = item.full
                else:
                    self.end()
                    self._table, self._table_page = item, number
            else:
                if self._table is not None:
                    self.end()
                if not self._goes_on(item, left, right, new_page):
                    self.end()
                    self._number = number
                self._text += (" " if self._text and self._text[-1].isascii() and item.text[:1].isascii() else "") + item.text
                self._last = item
            new_page = False

    def _goes_on(self, line: _Line, left: float, right: float, new_page: bool) -> bool:
        last = self._last
        if last is None:
            return False
        size = max(line.bottom - line.top, 1.0)
        if line.x0 > left + 1.2 * size or last.x1 < right - 1.6 * size:
            return False
        return new_page or (-0.5 * size < line.top - last.bottom < 1.8 * size and abs((last.bottom - last.top) - size) < 0.25 * size)

    def end(self) -> None:
        """Close the running paragraph or table."""
        if self._table is not None:
            self._builder.table(self._table.rows, page=self._table_page)
            self._table = None
        self._builder.paragraph(self._text, page=self._number)
        self._text, self._last = "", None


def _same_columns(upper: _TableAt, lower: _TableAt) -> bool:
    return len(upper.columns) == len(lower.columns) and all(abs(a - b) <= 3 for a, b in zip(upper.columns, lower.columns, strict=True))


def _grid(table: Any) -> _TableAt | None:
    """Cells of a ruled table at every position their box covers; None for a mere frame around text."""
    full: set[int] = set()
    boxes: dict[tuple[float, float, float, float], RawCell] = {}
    for row in table.rows:
        chars = [char for char in table.page.chars if _inside(char, [row.bbox])]
        for box in row.cells:
            if box is not None:
                text, is_full = _cell_text([char for char in chars if _inside(char, [box])], box[2] - box[0])
                boxes[box] = RawCell(text)
                if is_full:
                    full.add(id(boxes[box]))
    columns, rows = _starts([box[0] for box in boxes]), _starts([box[1] for box in boxes])
    if len(columns) < 2 or len(boxes) < 3:
        return None
    grid: list[list[RawCell | None]] = [[None] * len(columns) for _ in rows]
    for (x0, top, x1, bottom), cell in boxes.items():
        first_column, end_column = _index(columns, x0), bisect_left(columns, x1 - 2)
        first_row, end_row = _index(rows, top), bisect_left(rows, bottom - 2)
        cell.column_span, cell.row_span = max(1, end_column - first_column), max(1, end_row - first_row)
        for grid_row in grid[first_row : first_row + cell.row_span]:
            for column in range(first_column, first_column + cell.column_span):
                grid_row[column] = cell
    return _TableAt(table.bbox[1], grid, columns, full)


def _cell_text(chars: list[dict[str, Any]], width: float) -> tuple[str, bool]:
    """The cell's text and whether its last line is full. Lines broken by the width are joined, those their author broke are kept."""
    if not chars:
        return "", False
    lines = chars_to_textmap(chars).extract_text_lines(return_chars=False)
    room = max([width - 2 * _PADDING, *(line["x1"] - line["x0"] for line in lines)])
    out = ""
    full = False
    for number, line in enumerate(lines):
        text = line["text"] if line["text"][-1:].isascii() else line["text"].strip()
        full = (line["x1"] - line["x0"]) + _ROOM * (line["bottom"] - line["top"]) >= room
        out += text
        if number + 1 < len(lines) and (not full or (_BODY_ENDS.search(text) and _BODY_BEGINS.match(lines[number + 1]["text"]))):
            out += "\n"
    return "\n".join(map(_join_gaps, out.split("\n"))), full


def _starts(values: list[float]) -> list[float]:
    """Sorted positions; those closer than 2 points are one ruling."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > 2:
            out.append(value)
    return out


def _index(starts: list[float], value: float) -> int:
    return max(0, bisect_left(starts, value + 0.01) - 1)
