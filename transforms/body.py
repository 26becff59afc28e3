"""The body of a document as every reader sees it: one text, and blocks that point into it.

`Body.text` is the printed text: one line a paragraph, table cells joined by TAB inside a row, rows by newline.
`Body.folded` has the same length, in simplified characters and half width (script.py), and is what rules match on:
an offset found in `folded` is an offset in `text`, so evidence is always quoted in the source's own script.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gongkai.records.document import AttachmentLink, Finding
from transforms.script import fold


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; a merged cell is one object that stands at every grid position it covers."""

    text: str
    start: int
    end: int
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    header: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with spans resolved: every row has the same width; None where the source has no cell at all."""

    rows: tuple[tuple[Cell | None, ...], ...]
    caption: str | None = None

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    def texts(self) -> list[list[str]]:
        """Cell texts, "" for no cell."""
        return [[cell.text if cell else "" for cell in row] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading by markup, or a table. `body.text[start:end]` is its text, without surrounding blanks."""

    kind: Literal["paragraph", "heading", "table"]
    start: int
    end: int
    grid: Grid | None = None
    page: int | None = None
    """Page number of a PDF, from 1."""


@dataclass(frozen=True, slots=True)
class Body:
    """Text and blocks of one document, with what was met while reading it."""

    text: str
    blocks: tuple[Block, ...]
    folded: str
    script: Literal["hans", "hant"]
    attachments: tuple[AttachmentLink, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
    flattened: bool = False
    """True for plain text: table cells may stand one a line."""
    images: int = 0
    """Pictures of the body whose words nobody reads, icons left out."""

    def line(self, block: Block) -> str:
        """The block's folded text."""
        return self.folded[block.start : block.end]


class BodyBuilder:
    """Collects paragraphs and tables and gives each its offsets."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []

    def _append(self, text: str) -> tuple[int, int]:
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start, self._length

    def paragraph(self, text: str, kind: Literal["paragraph", "heading"] = "paragraph", page: int | None = None) -> None:
        """Add one paragraph; blank ones are dropped."""
        text = text.strip()
        if not text:
            return
        if self._parts:
            self._append("\n")
        start, end = self._append(text)
        self._blocks.append(Block(kind, start, end, page=page))

    def table(self, rows: Sequence[Sequence[RawCell | None]], caption: str | None = None, page: int | None = None) -> None:
        """Add one table given as a full grid; the same RawCell object at several positions is one merged cell.

        A merged cell's text is written once, at its first position.
        """
        if not rows:
            return
        if self._parts:
            self._append("\n")
        start = self._length
        done: dict[int, Cell] = {}
        grid: list[tuple[Cell | None, ...]] = []
        for r, raw_row in enumerate(rows):
            if r:
                self._append("\n")
            grid.append(self._row(raw_row, r, done))
        self._blocks.append(Block("table", start, self._length, grid=Grid(tuple(grid), caption), page=page))

    def _row(self, raw_row: Sequence[RawCell | None], r: int, done: dict[int, Cell]) -> tuple[Cell | None, ...]:
        out: list[Cell | None] = []
        first = True
        for c, raw in enumerate(raw_row):
            if raw is None:
                out.append(None)
                continue
            if id(raw) not in done:
                if not first:
                    self._append("\t")
                start, end = self._append(raw.text)
                done[id(raw)] = Cell(raw.text, start, end, r, c, raw.row_span, raw.column_span, raw.header)
                first = False
            out.append(done[id(raw)])
        return tuple(out)

    def build(
        self, attachments: Iterable[AttachmentLink] = (), findings: Iterable[Finding] = (), flattened: bool = False, images: int = 0
    ) -> Body:
        """The finished body."""
        text = "".join(self._parts)
        folded, script = fold(text)
        return Body(text, tuple(self._blocks), folded, script, tuple(attachments), tuple(findings), flattened, images)


@dataclass(slots=True, eq=False)
class RawCell:
    """A cell before it has offsets. Compared by identity: the same object at two positions is one merged cell."""

    text: str
    row_span: int = 1
    column_span: int = 1
    header: bool = False
