"""One labelled table written as every kind of file and text a plan may come in: html, docx, xlsx, ods, csv, and text that lost its cells.

Rows are as in the plan fixtures: "^" is the cell above, "<" the cell to the left.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import docx

Rows = list[list[str]]


@dataclass(frozen=True)
class Span:
    """A cell with the grid positions it covers."""

    row: int
    column: int
    height: int
    width: int
    text: str


def spans(rows: Rows) -> Iterator[Span]:
    """The cells of a table, row by row."""
    owner = [[(r, c) for c in range(len(row))] for r, row in enumerate(rows)]
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text in ("^", "<"):
                owner[r][c] = owner[r - 1][c] if text == "^" else owner[r][c - 1]
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if owner[r][c] == (r, c):
                covered = [(y, x) for y, line in enumerate(owner) for x, at in enumerate(line) if at == (r, c)]
                yield Span(r, c, max(y for y, _ in covered) - r + 1, max(x for _, x in covered) - c + 1, text)


def as_html(doc: list[Any]) -> str:
    parts = []
    for part in doc:
        if isinstance(part, str):
            parts.append(f"<p>{escape(part)}</p>")
            continue
        lines: list[str] = ["" for _ in part["table"]]
        for cell in spans(part["table"]):
            words = "".join(f"<p>{escape(line)}</p>" for line in cell.text.split("\n"))
            lines[cell.row] += f'<td rowspan="{cell.height}" colspan="{cell.width}">{words}</td>'
        parts.append(f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>")
    return f"<html><body><div>{''.join(parts)}</div></body></html>"


def as_docx(doc: list[Any]) -> bytes:
    document = docx.Document()
    for part in doc:
        if isinstance(part, str):
            document.add_paragraph(part)
            continue
        rows = part["table"]
        table = document.add_table(len(rows), len(rows[0]))
        for cell in spans(rows):
            first = table.cell(cell.row, cell.column)
            last = table.cell(cell.row + cell.height - 1, cell.column + cell.width - 1)
            merged = first.merge(last) if first is not last else first
            merged.text = ""
            for number, line in enumerate(cell.text.split("\n")):
                (merged.paragraphs[0] if number == 0 else merged.add_paragraph()).add_run(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def as_xlsx(doc: list[Any]) -> bytes:
    """One sheet; paragraphs in cells of their own row, merged over the table's width."""
    width = max(len(row) for part in doc if not isinstance(part, str) for row in part["table"])
    rows: list[str] = []
    merges: list[str] = []
    for part in doc:
        top = len(rows)
        if isinstance(part, str):
            rows.append(_sheet_cell(top, 0, part))
            merges.append(_area(top, 0, 1, width))
            continue
        rows.extend("" for _ in part["table"])
        for cell in spans(part["table"]):
            if cell.text:
                rows[top + cell.row] += _sheet_cell(top + cell.row, cell.column, cell.text)
            if cell.height > 1 or cell.width > 1:
                merges.append(_area(top + cell.row, cell.column, cell.height, cell.width))
    sheet = "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(rows, 1))
    merged = "".join(f'<mergeCell ref="{area}"/>' for area in merges)
    return workbook(sheet, f'<mergeCells count="{len(merges)}">{merged}</mergeCells>')


def workbook(rows: str, merges: str = "") -> bytes:
    """A minimal workbook around sheet XML."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def relation(kind: str, target: str) -> str:
        link = f'<Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{package}/relationships">{link}</Relationships>'

    sheets = '<sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets>'
    types = '<Default Extension="xml" ContentType="application/xml"/>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types">{types}</Types>')
        archive.writestr("_rels/.rels", relation("officeDocument", "xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{office}">{sheets}</workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml"))
        archive.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{merges}</worksheet>')
    return buffer.getvalue()


def as_ods(doc: list[Any]) -> bytes:
    """One sheet, as LibreOffice writes it: merged cells with covered ones behind them, then blanks to the sheet's last column and row."""
    width = max(len(row) for part in doc if not isinstance(part, str) for row in part["table"])
    rows: list[str] = []
    for part in doc:
        table = [[part, *["<"] * (width - 1)]] if isinstance(part, str) else part["table"]
        cells = {(cell.row, cell.column): cell for cell in spans(table)}
        for r, line in enumerate(table):
            shown = "".join(_ods_cell(cells.get((r, c))) for c in range(len(line)))
            rows.append(
                f'<table:table-row>{shown}<table:table-cell table:number-columns-repeated="{16384 - len(line)}"/></table:table-row>'
            )
    blank = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    return open_document(f'<table:table table:name="表">{"".join(rows)}{blank}</table:table>')


def _ods_cell(cell: Span | None) -> str:
    if cell is None:
        return "<table:covered-table-cell/>"
    words = "".join(f"<text:p>{escape(line)}</text:p>" for line in cell.text.split("\n"))
    extent = f'table:number-rows-spanned="{cell.height}" table:number-columns-spanned="{cell.width}"'
    return f"<table:table-cell {extent}>{words}</table:table-cell>"


def open_document(tables: str) -> bytes:
    """A minimal ods around its tables."""
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
    return buffer.getvalue()


def as_csv(doc: list[Any], delimiter: str = ",") -> str:
    """As Excel saves it: a merged cell stands in its first field, the others are blank."""
    width = max(len(row) for part in doc if not isinstance(part, str) for row in part["table"])
    buffer = io.StringIO()
    out = csv.writer(buffer, delimiter=delimiter)
    for part in doc:
        table = [[part, *["<"] * (width - 1)]] if isinstance(part, str) else part["table"]
        cells = {(cell.row, cell.column): cell.text for cell in spans(table)}
        out.writerows([[cells.get((r, c), "") for c in range(len(line))] for r, line in enumerate(table)])
    return buffer.getvalue()


def _letters(column: int) -> str:
    return chr(65 + column)


def _sheet_cell(row: int, column: int, text: str) -> str:
    return f'<c r="{_letters(column)}{row + 1}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _area(row: int, column: int, height: int, width: int) -> str:
    return f"{_letters(column)}{row + 1}:{_letters(column + width - 1)}{row + height}"


def _own_cells(rows: Rows) -> list[list[str]]:
    """Each row's own cells: a merged cell stands in its first row only, and nothing tells where it ended."""
    out: list[list[str]] = [[] for _ in rows]
    for cell in spans(rows):
        out[cell.row].append(cell.text)
    return out


def as_lines(doc: list[Any]) -> str:
    """innerText of cells made of paragraphs: one cell a line, blank ones gone."""
    lines: list[str] = []
    for part in doc:
        rows = [[part]] if isinstance(part, str) else _own_cells(part["table"])
        lines += [text for row in rows for text in row if text]
    return "\n".join(lines)


def as_bars(doc: list[Any]) -> str:
    """A cell, then a line with the bar that ended it."""
    lines: list[str] = []
    for part in doc:
        if isinstance(part, str):
            lines.append(part)
        else:
            lines += [line for row in _own_cells(part["table"]) for text in row for line in (text, "|") if line]
    return "\n".join(lines)


def as_pipes(doc: list[Any]) -> str:
    """A row a line, cells closed by bars; short rows are filled up at their end."""
    lines: list[str] = []
    for part in doc:
        if isinstance(part, str):
            lines.append(part)
            continue
        width = len(part["table"][0])
        for row in _own_cells(part["table"]):
            cells = [text.replace("\n", " ") for text in row]
            lines.append(" | ".join([*cells, *[""] * (width - len(cells))]) + " |")
    return "\n".join(lines)


def as_tabs(doc: list[Any]) -> str:
    """innerText of plain cells: a row a line, cells parted by tabs."""
    lines: list[str] = []
    for part in doc:
        lines += (
            [part] if isinstance(part, str) else ["\t".join(text.replace("\n", "") for text in row) for row in _own_cells(part["table"])]
        )
    return "\n".join(lines)
