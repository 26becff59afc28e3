"""Ruled tables on PDF pages, written by hand: full control of page breaks, no font file (the viewer's STSong by its CMap)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

from table_files import Rows, spans

_WIDTH, _HEIGHT, _MARGIN, _SIZE, _LEADING, _PAD = 595.0, 842.0, 50.0, 10.0, 14.0, 4.0


def as_pdf(doc: list[Any], page_height: float = _HEIGHT) -> bytes:
    """Pages of `page_height` points; a row that does not fit is split at the page's end, the table's header is repeated."""
    sheet = Sheet(page_height)
    for part in doc:
        if isinstance(part, str):
            sheet.paragraph(part)
        else:
            sheet.table(part["table"])
    return _file([page for page in sheet.pages if page], page_height)


def wrapped(text: str, width: float) -> list[str]:
    """Lines no wider than `width` points; a Chinese character is as wide as the font is high, an ASCII one half of it."""
    out: list[str] = []
    for line in text.split("\n"):
        current, used = "", 0.0
        for char in line:
            wide = _SIZE if ord(char) > 255 else _SIZE / 2
            if used + wide > width:
                out.append(current)
                current, used = "", 0.0
            current, used = current + char, used + wide
        out.append(current)
    return out


@dataclass
class Sheet:
    """Paragraphs and tables laid out on pages; ruled_ofd.py draws the same with other words."""

    height: float
    pages: list[list[str]] = field(default_factory=lambda: [[]])
    y: float = _MARGIN
    """Distance from the top of the page."""

    def break_page(self) -> None:
        self.pages.append([])
        self.y = _MARGIN

    def paragraph(self, text: str) -> None:
        for line in wrapped(text, _WIDTH - 2 * _MARGIN):
            if self.y + _LEADING > self.height - _MARGIN:
                self.break_page()
            self.text(_MARGIN, self.y, line)
            self.y += _LEADING
        self.y += _LEADING / 2

    def text(self, x: float, y: float, line: str) -> None:
        if line:
            code = line.encode("utf-16-be").hex()
            self.pages[-1].append(f"BT /F1 {_SIZE} Tf {x:.1f} {self.height - y - _SIZE:.1f} Td <{code}> Tj ET")

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pages[-1].append(f"{x0:.1f} {self.height - y0:.1f} m {x1:.1f} {self.height - y1:.1f} l S")

    def table(self, rows: Rows) -> None:
        cells = list(spans(rows))
        weights = [
            max([4, *(min(24, len(cell.text)) for cell in cells if cell.width == 1 and cell.column == c)]) for c in range(len(rows[0]))
        ]
        room = _WIDTH - 2 * _MARGIN
        lefts = [_MARGIN + room * sum(weights[:c]) / sum(weights) for c in range(len(weights) + 1)]
        words = {
            (cell.row, cell.column): wrapped(cell.text, lefts[cell.column + cell.width] - lefts[cell.column] - 2 * _PAD) for cell in cells
        }
        tall = [1] * len(rows)
        for cell in cells:
            for r in range(cell.row, cell.row + cell.height):
                tall[r] = max(tall[r], -(-len(words[cell.row, cell.column]) // cell.height))
        header = max((cell.height for cell in cells if cell.row == 0), default=1)
        for r in range(len(rows)):
            left = tall[r]
            while left:
                if self.y + _LEADING + 2 * _PAD > self.height - _MARGIN:
                    self.break_page()
                    if r >= header:
                        for h in range(header):
                            self._row(rows, h, words, lefts, tall[h], h)
                fits = int((self.height - _MARGIN - self.y - 2 * _PAD) // _LEADING)
                self._row(rows, r, words, lefts, min(left, fits), r)
                left -= min(left, fits)
        self.y += _LEADING

    def _row(self, rows: Rows, r: int, words: dict[tuple[int, int], list[str]], lefts: list[float], lines: int, shown: int) -> None:
        """Draw `lines` text lines of row r, taking them off `words` unless the row is a header being repeated."""
        bottom = self.y + lines * _LEADING + 2 * _PAD
        for cell in spans(rows):
            if not cell.row <= r < cell.row + cell.height:
                continue
            x0, x1 = lefts[cell.column], lefts[cell.column + cell.width]
            self.rule(x0, self.y, x0, bottom)
            self.rule(x1, self.y, x1, bottom)
            first_here = r == cell.row or self.y < _MARGIN + 1
            last_here = r == cell.row + cell.height - 1 or bottom + _LEADING + 2 * _PAD > self.height - _MARGIN
            if first_here:
                self.rule(x0, self.y, x1, self.y)
            if last_here:
                self.rule(x0, bottom, x1, bottom)
            queue = words[cell.row, cell.column]
            for number, line in enumerate(queue[:lines] if r == cell.row or not _is_header(rows, r) else []):
                self.text(x0 + _PAD, self.y + _PAD + number * _LEADING, line)
            if r >= cell.row and not _is_header(rows, r):
                words[cell.row, cell.column] = queue[lines:]
        self.y = bottom


def _is_header(rows: Rows, r: int) -> bool:
    return r < max((cell.height for cell in spans(rows) if cell.row == 0), default=1)


def _file(pages: list[list[str]], height: float) -> bytes:
    kids = " ".join(f"{10 + 2 * i} 0 R" for i in range(len(pages)))
    objects: dict[int, bytes] = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        3: b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
        4: b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/W[1 95 500]/FontDescriptor 5 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>",
        5: b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -120 1000 880]/Ascent 880/Descent -120/ItalicAngle 0"
        b"/CapHeight 700/StemV 80>>",
    }
    for i, page in enumerate(pages):
        stream = zlib.compress("\n".join(page).encode("ascii"))
        objects[10 + 2 * i] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {_WIDTH} {height}]/Resources<</Font<</F1 3 0 R>>>>/Contents {11 + 2 * i} 0 R>>"
        ).encode()
        objects[11 + 2 * i] = f"<</Length {len(stream)}/Filter/FlateDecode>>stream\n".encode() + stream + b"\nendstream"
    out = bytearray(b"%PDF-1.4\n")
    places = {}
    for number, content in objects.items():
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    xref = len(out)
    entries = "".join(f"{number} 1\n{place:010d} 00000 n \n" for number, place in places.items())
    out += f"xref\n0 1\n0000000000 65535 f \n{entries}trailer<</Size {max(places) + 1}/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF".encode()
    return bytes(out)
