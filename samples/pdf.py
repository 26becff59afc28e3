"""A small PDF writer: Chinese text and ruled tables with a real text layer, without any font file.

Text is set in the predefined CID font STSong-Light (Adobe-GB1, encoding UniGB-UCS2-H, ISO 32000-1 section 9.7.5.2), which every
reader substitutes or maps to Unicode by itself; so the bytes depend on nothing that is installed, and are the same every time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from samples.paper import Block, Cell, Paragraph, Table

_WIDTH, _HEIGHT, _MARGIN = 595.0, 842.0, 60.0
_WORD = re.compile(r"[!-~]+|.")
_TEXT_SIZE, _CELL_SIZE, _LEAD, _PAD = 12.0, 9.0, 1.5, 3.0


@dataclass
class _Canvas:
    """Pages being drawn; `y` is the distance from the bottom where the next thing may start."""

    pages: list[list[str]] = field(default_factory=lambda: [[]])
    y: float = _HEIGHT - _MARGIN

    def new_page(self) -> None:
        self.pages.append([])
        self.y = _HEIGHT - _MARGIN

    def text(self, page: int, x: float, y: float, size: float, text: str) -> None:
        self.pages[page].append(f"BT /F1 {size:g} Tf {x:.2f} {y:.2f} Td <{text.encode('utf-16-be').hex()}> Tj ET")

    def rectangle(self, page: int, x: float, y: float, width: float, height: float) -> None:
        self.pages[page].append(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re S")


def make_pdf(title: str, blocks: Sequence[Block], moment: datetime) -> bytes:
    """The blocks on A4 pages with page marks, created at `moment`."""
    canvas = _Canvas()
    for block in blocks:
        if isinstance(block, Paragraph):
            _paragraph(canvas, block)
        else:
            _table(canvas, block)
    for number in range(len(canvas.pages)):
        mark = f"- {number + 1} -"
        canvas.text(number, (_WIDTH - _measure(mark, _CELL_SIZE)) / 2, _MARGIN / 2, _CELL_SIZE, mark)
    return _assemble(canvas.pages, title, moment)


def _measure(text: str, size: float) -> float:
    return sum(size / 2 if ord(c) < 128 else size for c in text)


def _wrap(text: str, size: float, width: float) -> list[str]:
    """Lines no wider than `width`; a number or Latin word is broken only where it fills more than a line."""
    lines: list[str] = []
    for piece in text.split("\n"):
        line = ""
        for word in _WORD.findall(piece):
            for part in [word] if _measure(word, size) <= width else word:
                if line and _measure(line + part, size) > width:
                    lines.append(line)
                    line = ""
                line += part
        lines.append(line)
    return lines


def _paragraph(canvas: _Canvas, block: Paragraph) -> None:
    room = _WIDTH - 2 * _MARGIN
    text = block.text if block.style in ("title", "sign") else "　　" + block.text
    for line in _wrap(text, _TEXT_SIZE, room):
        if canvas.y - _TEXT_SIZE * _LEAD < _MARGIN:
            canvas.new_page()
        canvas.y -= _TEXT_SIZE * _LEAD
        free = room - _measure(line, _TEXT_SIZE)
        shift = {"title": free / 2, "sign": free}.get(block.style, 0.0)
        canvas.text(-1, _MARGIN + shift, canvas.y, _TEXT_SIZE, line)
    canvas.y -= _PAD


def _column_widths(table: Table) -> list[float]:
    """Room shared by what the columns' own cells need, within bounds, so that labels get more than figures."""
    need = [2.0] * table.width
    for _, column, cell in table.placed():
        if cell.column_span == 1:
            need[column] = min(9.0, max(need[column], _measure(cell.text, 1.0) ** 0.5 * 1.6))
    room = _WIDTH - 2 * _MARGIN
    return [room * n / sum(need) for n in need]


def _row_heights(table: Table, widths: Sequence[float]) -> list[float]:
    heights = [_CELL_SIZE * _LEAD + 2 * _PAD] * len(table.rows)
    for row, column, cell in sorted(table.placed(), key=lambda p: p[2].row_span):
        lines = _cell_lines(cell, widths[column : column + cell.column_span])
        lack = len(lines) * _CELL_SIZE * _LEAD + 2 * _PAD - sum(heights[row : row + cell.row_span])
        heights[row + cell.row_span - 1] += max(0.0, lack)
    return heights


def _cell_lines(cell: Cell, widths: Iterable[float]) -> list[str]:
    return _wrap(cell.text, _CELL_SIZE, sum(widths) - 2 * _PAD)


def _table(canvas: _Canvas, table: Table) -> None:
    widths = _column_widths(table)
    heights = _row_heights(table, widths)
    at: list[tuple[int, float]] = []  # of each row: page, y of its lower edge
    for height in heights:
        if canvas.y - height < _MARGIN:
            canvas.new_page()
        canvas.y -= height
        at.append((len(canvas.pages) - 1, canvas.y))
    for row, column, cell in table.placed():
        x, width = _MARGIN + sum(widths[:column]), sum(widths[column : column + cell.column_span])
        rows = range(row, row + cell.row_span)
        for page in sorted({at[r][0] for r in rows}):  # a merged cell cut by the page end is drawn on both pages
            here = [r for r in rows if at[r][0] == page]
            canvas.rectangle(page, x, at[here[-1]][1], width, sum(heights[r] for r in here))
        page, top = at[row][0], at[row][1] + heights[row]
        for number, line in enumerate(_cell_lines(cell, widths[column : column + cell.column_span])):
            canvas.text(page, x + _PAD, top - _PAD - _CELL_SIZE * (1 + number * _LEAD), _CELL_SIZE, line)
    canvas.y -= _TEXT_SIZE


def _assemble(pages: Sequence[Sequence[str]], title: str, moment: datetime) -> bytes:
    kids = " ".join(f"{7 + 2 * i} 0 R" for i in range(len(pages)))
    stamp = f"D:{moment:%Y%m%d%H%M%S}+08'00'"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo"
        b" << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
        b" /DW 1000 /W [1 95 500] /FontDescriptor 5 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880"
        b" /Descent -120 /CapHeight 880 /StemV 93 >>",
        f"<< /Title <feff{title.encode('utf-16-be').hex()}> /Producer (Gongkai sample town) /CreationDate ({stamp}) >>".encode(),
    ]
    for number, drawing in enumerate(pages):
        stream = "\n".join(["0.6 w", *drawing]).encode()
        box = f"[0 0 {_WIDTH:g} {_HEIGHT:g}]"
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents {8 + 2 * number} 0 R {resources} >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
