"""Workbooks (xlsx, xls) to a body through calamine: each sheet a table, merged cells resolved."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, XmlError, ZipError

from gongkai.errors import UnreadableInput
from gongkai.records.document import Finding
from transforms.blocks import clean_text
from transforms.body import Body, BodyBuilder, RawCell
from transforms.formats.sniff import check_zip
from transforms.grids import MAX_COLUMNS, MAX_POSITIONS

_MAX_SHEETS = 200
_MAX_EXTENT = 20_000_000
_REFERENCE = re.compile(rb"""\br\s{0,9}=\s{0,9}["']([A-Z]{1,3})(\d{1,7})["']""")

Value = int | float | str | bool | time | date | datetime | timedelta


def xlsx_body(data: bytes) -> Body:
    """Read a workbook; rows above the table that hold one cell only (the table's title) become paragraphs.

    Raises:
        UnreadableInput: broken, encrypted, or cells so far apart that the area between them exceeds the bound.
    """
    _check_extent(data)
    builder = BodyBuilder()
    cut = False
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names[:_MAX_SHEETS]:
            cut = _sheet(book.get_sheet_by_name(name), builder) or cut
    except PasswordError as error:
        raise UnreadableInput("an encrypted workbook") from error
    except (CalamineError, XmlError, ZipError, OSError, ValueError) as error:
        raise UnreadableInput(f"a broken workbook: {error}") from error
    findings = []
    if cut or len(book.sheet_names) > _MAX_SHEETS:
        findings.append(Finding(rule="table_cut", severity="warning", message="a sheet is larger than the bound and was cut"))
    return builder.build(findings=findings)


def _check_extent(data: bytes) -> None:
    """calamine lays a sheet out densely: two cells at opposite corners would take gigabytes. (xls cannot grow that far.)"""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_zip(archive)
            for entry in archive.namelist():
                if entry.startswith("xl/worksheets/") and entry.endswith(".xml"):
                    cells = [(_column(m[1]), int(m[2])) for m in _REFERENCE.finditer(archive.read(entry))]
                    if cells and max(c for c, _ in cells) * max(r for _, r in cells) > _MAX_EXTENT:
                        raise UnreadableInput("a workbook whose cells lie too far apart")
    except (zipfile.BadZipFile, NotImplementedError, ValueError, zlib.error) as error:
        raise UnreadableInput(f"a broken workbook: {error}") from error


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet(sheet: CalamineSheet, builder: BodyBuilder) -> bool:
    """Add one sheet; True if it was cut."""
    if not sheet.start or not sheet.end:
        return False
    all_rows, all_columns = sheet.end[0] + 1, sheet.end[1] + 1
    width, height = min(all_columns, MAX_COLUMNS), min(all_rows, MAX_POSITIONS // all_columns)
    cut = width < all_columns or height < all_rows
    values = sheet.to_python(skip_empty_area=False, nrows=height)
    rows: list[list[RawCell | None]] = [[_cell(value) for value in row[:width]] for row in values]
    _merge(rows, sheet.merged_cell_ranges or ())
    rows = _without_empty(rows)
    while rows and len({id(cell) for cell in rows[0] if cell}) == 1:
        title = next(cell for cell in rows.pop(0) if cell)
        builder.paragraph(clean_text(title.text))
    builder.table(rows)
    return cut


def _cell(value: Value) -> RawCell | None:
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    text = "\n".join(line for line in map(clean_text, str(value).split("\n")) if line)
    return RawCell(text) if text else None


def _merge(rows: list[list[RawCell | None]], ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    room = MAX_POSITIONS
    for (top, left), (bottom, right) in ranges:
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


def _without_empty(rows: list[list[RawCell | None]]) -> list[list[RawCell | None]]:
    """Drop rows and columns without any cell."""
    rows = [row for row in rows if any(row)]
    used = [c for c in range(len(rows[0]) if rows else 0) if any(row[c] for row in rows)]
    return [[row[c] for c in used] for row in rows]
