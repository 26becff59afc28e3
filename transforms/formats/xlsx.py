"""Workbooks (xlsx, xlsb, xls) to a body through calamine: each sheet a table, merged cells resolved."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, XmlError, ZipError

from gongkai.errors import UnreadableInput
from gongkai.records.document import Finding
from transforms.blocks import clean_text
from transforms.body import Body, BodyBuilder, RawCell
from transforms.grids import MAX_COLUMNS, MAX_POSITIONS

_MAX_SHEETS = 200

Value = int | float | str | bool | time | date | datetime | timedelta


def xlsx_body(data: bytes) -> Body:
    """Read a workbook; rows above the table that hold one cell only (the table's title) become paragraphs.

    Raises:
        UnreadableInput: broken or encrypted.
    """
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


def _sheet(sheet: CalamineSheet, builder: BodyBuilder) -> bool:
    """Add one sheet; True if it was cut."""
    if not sheet.start or not sheet.end:
        return False
    width = min(sheet.total_width, MAX_COLUMNS)
    height = min(sheet.total_height, MAX_POSITIONS // max(1, sheet.total_width))
    cut = width < sheet.total_width or height < sheet.total_height
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
    for (top, left), (bottom, right) in ranges:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        cell = rows[top][left]
        if cell is None:
            continue
        bottom, right = min(bottom, len(rows) - 1), min(right, len(rows[top]) - 1)
        cell.row_span, cell.column_span = bottom - top + 1, right - left + 1
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [cell] * (right - left + 1)


def _without_empty(rows: list[list[RawCell | None]]) -> list[list[RawCell | None]]:
    """Drop rows and columns without any cell."""
    rows = [row for row in rows if any(row)]
    used = [c for c in range(len(rows[0]) if rows else 0) if any(row[c] for row in rows)]
    return [[row[c] for c in used] for row in rows]
