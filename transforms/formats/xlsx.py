"""Workbooks (xlsx, xls, et) to a body through calamine: each sheet a table, merged cells resolved."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, XmlError, ZipError

from gongkai.errors import UnreadableInput
from gongkai.records.document import Finding
from gongkai.status import ReadingStatus
from transforms.body import Body, BodyBuilder, RawCell
from transforms.formats.ole import workbook_reach
from transforms.formats.sheets import add_sheet, cell_text
from transforms.formats.zips import check_zip, entry_bytes, open_zip
from transforms.grids import MAX_COLUMNS, MAX_POSITIONS

_MAX_SHEETS = 200
_MAX_EXTENT = 20_000_000
_MAX_OLD_EXTENT = 8_000_000
"""calamine unpacks all sheets of an xls at once, and its formulas beside them."""
_ROW_OR_CELL = re.compile(
    rb"""<(?:[\w-]{1,30}:)?(?:(row)|c)\b(?=((?:\s{1,9}[\w:-]{1,40}=(?:"[^"<>]{0,99}"|'[^'<>]{0,99}')){0,9}\s{0,9}(?:/>|></(?:[\w-]{1,30}:)?c>))?)"""
    rb"""(?:[^<]{0,2000}?\br\s{0,9}=\s{0,9}["']([A-Z]{0,3})(\d{1,7})["'])?"""
)
"""A row's or cell's begin; the second group holds something for one that is surely empty, which calamine passes over."""

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
        raise UnreadableInput("an encrypted workbook", ReadingStatus.ENCRYPTED) from error
    except (CalamineError, XmlError, ZipError, OSError, ValueError) as error:
        raise UnreadableInput(f"a broken workbook: {error}") from error
    except BaseException as error:  # calamine panics at some damaged records; its PanicException is no Exception and cannot be imported
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableInput(f"a broken workbook: {error}") from error
    findings = []
    if cut or len(book.sheet_names) > _MAX_SHEETS:
        findings.append(Finding(rule="table_cut", severity="warning", message="a sheet is larger than the bound and was cut"))
    return builder.build(findings=findings)


def _check_extent(data: bytes) -> None:
    """calamine lays a sheet out densely: two cells at opposite corners would take gigabytes."""
    if not data.startswith(b"PK"):
        reach = workbook_reach(data)
        if not reach.sound:
            raise UnreadableInput("a broken workbook: what its sheets declare cannot be")
        if reach.area > _MAX_OLD_EXTENT:
            raise _too_far()
        return
    with open_zip(data) as archive:
        check_zip(archive)
        for entry in archive.infolist():  # a sheet may lie under any name
            if _extent(entry_bytes(archive, entry)) > _MAX_EXTENT:
                raise _too_far()


def _extent(content: bytes) -> int:
    """Rows x columns up to the last cell that holds something; what does not say where it stands stands behind the last row or cell."""
    rows = columns = row = column = 0
    for found in _ROW_OR_CELL.finditer(content):  # one at a time: a list of those that 200 MB can hold takes gigabytes
        is_row, empty, letters, number = found.groups()
        if is_row:
            row, column = int(number) if number else row + 1, 0
            continue
        if letters:
            row, column = int(number), _column(letters)
        else:
            column += 1
        if not empty:
            rows, columns = max(rows, row), max(columns, column)
    return rows * columns


def _too_far() -> UnreadableInput:
    return UnreadableInput("a workbook whose cells lie too far apart", ReadingStatus.TOO_LARGE)


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
    add_sheet(builder, [[_cell(value) for value in row[:width]] for row in values], sheet.merged_cell_ranges or ())
    return cut


def _cell(value: Value) -> RawCell | None:
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    text = cell_text(str(value))
    return RawCell(text) if text else None
