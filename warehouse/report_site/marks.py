"""A document's text with what was read in it marked, cut into pages that a phone loads: pure functions of text and marks."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from transforms.marked_text import Mark, Piece, Pieces

CHARACTERS = 14_000
"""Most characters of a page: a page with all its marks and notes stays below 300 kB (benchmarks/report_site.py measures it)."""
MARKS = 260
"""Most marks of a page."""


class MarkedPiece(Piece):
    """A piece with each kind and tip of what lies over it said once."""

    __slots__ = ()

    @property
    def classes(self) -> str:
        return " ".join(dict.fromkeys(mark.kind for mark in self.marks))

    @property
    def tip(self) -> str:
        return "\n".join(dict.fromkeys(mark.tip for mark in self.marks))


@dataclass(slots=True)
class Block:
    """A paragraph (one row of one cell) or a table: consecutive lines whose cells are separated by tabs."""

    table: bool
    rows: list[list[list[MarkedPiece]]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Cells that most rows have. A row of another number had merged cells, of which the text does not tell where: it is no grid row."""
        return Counter(len(row) for row in self.rows).most_common(1)[0][0]


@dataclass(frozen=True, slots=True)
class Part:
    """`text[start:end]` as one page."""

    start: int
    end: int
    marks: tuple[Mark, ...]
    """Those that begin here."""


def parts(text: str, marks: Sequence[Mark]) -> list[Part]:
    """The text cut at line ends, so that no part has more than CHARACTERS, nor begins more than MARKS where a line end allows it."""
    ordered = sorted((m for m in marks if 0 <= m.start < m.end <= len(text)), key=lambda m: (m.start, -m.end, m.name))
    starts = [mark.start for mark in ordered]
    cut = 0
    found: list[Part] = []
    while cut < len(text) or not found:
        first = bisect_right(starts, cut - 1)
        most = starts[first + MARKS] if first + MARKS < len(starts) else len(text)
        end = _line_end(text, cut, min(cut + CHARACTERS, most))
        found.append(Part(cut, end, tuple(ordered[first : bisect_right(starts, end - 1)])))
        cut = end
    return found


def _line_end(text: str, start: int, most: int) -> int:
    if most >= len(text):
        return len(text)
    end = text.rfind("\n", start + 1, most)
    return end + 1 if end > start else min(len(text), max(most, start + 1000))


def blocks(text: str, marks: Sequence[Mark], start: int, end: int) -> list[Block]:
    """Paragraphs and tables of `text[start:end]`; marks that reach in from before count, too."""
    reaching = sorted((m for m in marks if m.start < end and m.end > start), key=lambda m: (m.start, -m.end))
    pieces = Pieces(text, reaching, MarkedPiece)
    found: list[Block] = []
    at = start
    for line in text[start:end].split("\n"):
        cells = line.split("\t")
        row, place = [], at
        for cell in cells:
            row.append(pieces.between(place, place + len(cell)))
            place += len(cell) + 1
        at += len(line) + 1
        if not line.strip():
            continue
        if len(cells) > 1 and found and found[-1].table:
            found[-1].rows.append(row)
        else:
            found.append(Block(len(cells) > 1, [row]))
    return found
