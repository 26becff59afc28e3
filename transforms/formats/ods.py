"""OpenDocument sheets (ods) to a body. calamine reads them too, but does not tell merged cells and repeats cells without bound."""

from __future__ import annotations

from collections.abc import Mapping

from gongkai.errors import UnreadableInput
from gongkai.records.document import Finding
from gongkai.status import ReadingStatus
from transforms.body import Body, BodyBuilder, RawCell
from transforms.formats.sheets import Area, Rows, add_sheet, cell_text
from transforms.formats.xml_scan import scan_xml
from transforms.formats.zips import check_zip, entry_bytes, open_zip
from transforms.grids import MAX_COLUMNS, MAX_POSITIONS

_MAX_SHEETS = 200
_MAX_ROWS = 131_072


def ods_body(data: bytes) -> Body:
    """Read a workbook, each sheet as a table with the text its cells show.

    Raises:
        UnreadableInput: broken, encrypted, or beyond the bounds of check_zip and scan_xml.
    """
    with open_zip(data) as archive:
        check_zip(archive)
        entries = {entry.filename: entry for entry in archive.infolist()}
        if "content.xml" not in entries:
            raise UnreadableInput("a broken workbook: no content.xml in it")
        manifest = entries.get("META-INF/manifest.xml")
        if manifest and b"encryption-data" in entry_bytes(archive, manifest):
            raise UnreadableInput("an encrypted workbook", ReadingStatus.ENCRYPTED)
        content = entry_bytes(archive, entries["content.xml"])
    reader = _Reader()
    scan_xml(content, reader)
    findings = []
    if reader.cut:
        findings.append(Finding(rule="table_cut", severity="warning", message="a sheet is larger than the bound and was cut"))
    return reader.builder.build(findings=findings)


class _Reader:
    """Lays rows out as they come. What is repeated is written out as far as it holds words or lies under a merged cell."""

    def __init__(self) -> None:
        self.builder = BodyBuilder()
        self.cut = False
        self._sheets = self._depth = 0
        self._skip = 0
        self._positions = MAX_POSITIONS
        """What may still be laid out, over all sheets."""
        self._rows: Rows = []
        self._merged: list[Area] = []
        self._row: list[RawCell | None] = []
        self._row_repeat = self._reach = 0
        self._cell: Mapping[str, str] | None = None
        self._lines: list[str] = []
        self._in_line = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._skip or tag in ("annotation", "tracked-changes", "shapes"):
            self._skip += 1
        elif tag == "table":
            self._depth += 1
        elif self._depth != 1:
            return
        elif tag == "table-row":
            self._row, self._row_repeat = [], _count(attributes.get("number-rows-repeated"))
        elif tag in ("table-cell", "covered-table-cell"):
            self._cell, self._lines = attributes, []
        elif self._cell is not None:
            self._text(tag)

    def _text(self, tag: str) -> None:
        if tag in ("p", "h"):
            self._in_line += 1
            self._lines.append("")
        elif self._in_line and tag in ("s", "tab"):
            self._lines[-1] += " "
        elif self._in_line and tag == "line-break":
            self._lines.append("")

    def data(self, text: str) -> None:
        if self._in_line and not self._skip:
            self._lines[-1] += text

    def end(self, tag: str) -> None:
        if self._skip:
            self._skip -= 1
        elif tag == "table":
            self._depth -= 1
            if self._depth == 0:
                self._end_sheet()
        elif self._depth != 1:
            return
        elif tag in ("p", "h") and self._in_line:
            self._in_line -= 1
        elif tag in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
            self._cell, self._in_line = None, 0
        elif tag == "table-row":
            self._end_row()

    def _end_cell(self, attributes: Mapping[str, str]) -> None:
        text = cell_text("\n".join(self._lines))
        repeat = _count(attributes.get("number-columns-repeated"))
        room = MAX_COLUMNS - len(self._row)
        if text and repeat > room:
            self.cut = True
        if text and room:
            down, right = (_count(attributes.get(f"number-{way}-spanned")) for way in ("rows", "columns"))
            if down > 1 or right > 1:
                at = (len(self._rows), len(self._row))
                self._merged.append((at, (at[0] + down - 1, at[1] + right - 1)))
                self._reach = max(self._reach, at[0] + down)
        self._row += [RawCell(text) if text else None for _ in range(min(repeat, room))]

    def _end_row(self) -> None:
        while self._row and self._row[-1] is None:
            self._row.pop()
        width = len(self._row)
        wanted = self._row_repeat if width else min(self._row_repeat, max(1, self._reach - len(self._rows)))
        room = min(_MAX_ROWS - len(self._rows), self._positions // max(1, width))
        if width and wanted > room:
            self.cut = True
        for again in range(min(wanted, room)):
            self._rows.append(self._row if not again else [RawCell(cell.text) if cell else None for cell in self._row])
            self._positions -= width

    def _end_sheet(self) -> None:
        self._sheets += 1
        if self._sheets > _MAX_SHEETS:
            self.cut = True
        else:
            width = max(map(len, self._rows), default=0)
            add_sheet(self.builder, [[*row, *[None] * (width - len(row))] for row in self._rows], self._merged)
        self._rows, self._merged, self._reach = [], [], 0


def _count(value: str | None) -> int:
    """A positive number of at most nine digits; 1 for anything else."""
    return max(1, int(value)) if value and value.isascii() and value.isdigit() and len(value) < 10 else 1
