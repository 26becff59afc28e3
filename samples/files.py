"""Attachments made at the town's start: docx, xlsx and PDF with the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from xml.sax.saxutils import escape

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH

from samples.paper import Block, Paragraph
from samples.pdf import make_pdf

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def make_file(format: Literal["docx", "xlsx", "pdf"], title: str, blocks: Sequence[Block], moment: datetime) -> bytes:
    """The blocks as a file of this format, dated `moment`."""
    if format == "pdf":
        return make_pdf(title, blocks, moment)
    return make_docx(title, blocks, moment) if format == "docx" else make_xlsx(blocks)


def make_docx(title: str, blocks: Sequence[Block], moment: datetime) -> bytes:
    """Paragraphs and tables with merged cells, by python-docx."""
    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.author = ""
    document.core_properties.created = document.core_properties.modified = moment.replace(tzinfo=None)
    for block in blocks:
        if isinstance(block, Paragraph):
            paragraph = document.add_paragraph(block.text)
            if block.style in ("title", "sign"):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if block.style == "title" else WD_ALIGN_PARAGRAPH.RIGHT
        else:
            grid = document.add_table(rows=len(block.rows), cols=block.width, style="Table Grid")
            for row, column, cell in block.placed():
                corner = grid.cell(row, column)
                if cell.row_span > 1 or cell.column_span > 1:
                    corner = corner.merge(grid.cell(row + cell.row_span - 1, column + cell.column_span - 1))
                corner.text = cell.text
    raw = io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as package:  # python-docx stamps its members with the clock
        return _zip({name: package.read(name) for name in package.namelist()})


def _zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, body)
    return out.getvalue()


_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def make_xlsx(blocks: Sequence[Block]) -> bytes:
    """One sheet: a paragraph fills the first cell of a row, tables follow with their merged cells; figures are numbers."""
    cells: dict[int, dict[int, str]] = {}
    merged: list[str] = []
    top = 0
    for block in blocks:
        if isinstance(block, Paragraph):
            cells[top] = {0: block.text}
            top += 1
            continue
        for row, column, cell in block.placed():
            cells.setdefault(top + row, {})[column] = cell.text
            if cell.row_span > 1 or cell.column_span > 1:
                merged.append(f"{_name(top + row, column)}:{_name(top + row + cell.row_span - 1, column + cell.column_span - 1)}")
        top += len(block.rows)
    rows = "".join(
        f'<row r="{r + 1}">' + "".join(_cell(_name(r, c), text) for c, text in sorted(line.items())) + "</row>"
        for r, line in sorted(cells.items())
    )
    spans = f'<mergeCells count="{len(merged)}">' + "".join(f'<mergeCell ref="{m}"/>' for m in merged) + "</mergeCells>" if merged else ""
    sheet = f'<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData>{spans}</worksheet>'
    return _zip({name: (_DECLARATION + text).encode() for name, text in {**_XLSX_FRAME, "xl/worksheets/sheet1.xml": sheet}.items()})


def _name(row: int, column: int) -> str:
    if column >= 26:
        raise ValueError("the town's sheets have at most 26 columns")
    return f"{chr(65 + column)}{row + 1}"


def _cell(name: str, text: str) -> str:
    if _NUMBER.fullmatch(text):
        return f'<c r="{name}"><v>{text}</v></c>'
    return f'<c r="{name}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


_XLSX_FRAME = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
