"""Word (docx) to a body: paragraphs and tables in document order, merged cells resolved, automatic numbers written out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml import etree

from gongkai.errors import UnreadableInput
from gongkai.records.document import Finding
from transforms.blocks import clean_text
from transforms.body import Body, BodyBuilder, RawCell
from transforms.formats.docx_numbering import Numbering
from transforms.formats.zips import BROKEN, check_zip, open_zip
from transforms.grids import MAX_COLUMNS, resolve_spans

_P, _TBL, _TR, _TC, _SDT = (qn(f"w:{name}") for name in ("p", "tbl", "tr", "tc", "sdt"))
_T, _TAB, _BR, _CR, _VAL = (qn(f"w:{name}") for name in ("t", "tab", "br", "cr", "val"))
_DROPPED = frozenset(qn(f"w:{name}") for name in ("del", "moveFrom", "txbxContent", "pict", "object", "instrText"))
_PICTURES = (qn("a:blip"), "{urn:schemas-microsoft-com:vml}imagedata")
_WRAPPERS = frozenset(qn(f"w:{name}") for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))


def docx_body(data: bytes) -> Body:
    """Read a Word file.

    Raises:
        UnreadableInput: broken, encrypted, or beyond the bounds of check_zip.
    """
    try:
        with open_zip(data) as archive:
            check_zip(archive)
        document = docx.Document(io.BytesIO(data))
        body, numbering = document.element.body, Numbering.of(*(_part(document, kind) for kind in ("numbering", "styles")))
    except (*BROKEN, PackageNotFoundError, KeyError, AttributeError, etree.LxmlError) as error:
        raise UnreadableInput(f"a broken Word file: {error}") from error
    builder = BodyBuilder()
    findings = []
    reader = _Reader(builder, numbering)
    cut = False
    for element in _content(body):
        if element.tag == _P:
            for line in reader.lines(element):
                builder.paragraph(line, "heading" if _is_heading(element) else "paragraph")
        else:
            cut = reader.table(element) or cut
    if reader.numbered:
        message = f"Word numbers {reader.numbered} paragraphs by itself; these numbers were counted anew"
        findings.append(Finding(rule="docx_auto_numbering", severity="info", message=message))
    if cut:
        findings.append(Finding(rule="table_cut", severity="warning", message="a table is larger than the bound and was cut"))
    return builder.build(findings=findings, images=sum(1 for _ in body.iter(*_PICTURES)))


def _content(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables directly below, looking through content controls and tracked insertions."""
    for child in parent.iterchildren():
        if child.tag in (_P, _TBL):
            yield child
        elif child.tag in _WRAPPERS:
            yield from _content(child)


def _is_heading(paragraph: etree._Element) -> bool:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    name = str(style.get(_VAL) or "") if style is not None else ""
    return name.lower().startswith("heading") or name in {"1", "2", "3", "4"}  # Chinese Word names its heading styles by number


def _part(document: docx.document.Document, kind: str) -> etree._Element | None:
    """A part beside the document (numbering, styles), parsed; None where the file has none."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith(f"/{kind}") and not relation.is_external:
            part: etree._Element = parse_xml(relation.target_part.blob)
            return part
    return None


@dataclass(slots=True)
class _Reader:
    """Paragraphs in document order, which automatic numbers are counted in."""

    builder: BodyBuilder
    numbering: Numbering
    numbered: int = 0

    def lines(self, paragraph: etree._Element) -> list[str]:
        """Visible text, one entry a manual line break, behind the number Word prints."""
        lines = _lines(paragraph)
        label = self.numbering.label(paragraph) if lines else ""
        if label:
            self.numbered += 1
            lines[0] = label + lines[0]
        return lines

    def cell_text(self, cell: etree._Element) -> str:
        lines: list[str] = []
        for element in _content(cell):
            if element.tag == _P:
                lines.extend(self.lines(element))
            else:
                lines.extend(line for inner in element.iter(_P) for line in self.lines(inner))
        return "\n".join(lines)

    def table(self, table: etree._Element) -> bool:
        """Add a table; a single cell is opened as paragraphs. True if it was cut."""
        rows: list[list[RawCell]] = []
        hanging: dict[int, RawCell] = {}
        for row in _inside(table, _TR):
            cells: list[RawCell] = []
            column = _grid_offset(row)
            for cell in _inside(row, _TC):
                span = _int(cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}"))
                merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
                if merge is not None and merge.get(_VAL) != "restart" and column in hanging:
                    hanging[column].row_span += 1
                else:
                    raw = RawCell(self.cell_text(cell), 1, span)
                    cells.append(raw)
                    for c in range(column, min(column + span, MAX_COLUMNS)):
                        hanging.pop(c, None)
                    if merge is not None:
                        hanging[column] = raw
                column += span
            rows.append(cells)
        if sum(1 for row in rows for cell in row if cell.text) <= 1:
            for line in (line for row in rows for cell in row for line in cell.text.split("\n")):
                self.builder.paragraph(line)
            return False
        resolved = resolve_spans(rows)
        self.builder.table(resolved.rows)
        return resolved.cut


def _lines(paragraph: etree._Element) -> list[str]:
    """Visible text, one entry a manual line break."""
    parts: list[str] = []
    walk = etree.iterwalk(paragraph, events=("start",))
    for _, element in walk:
        if element.tag in _DROPPED:
            walk.skip_subtree()
        elif element.tag == _T:
            parts.append(element.text or "")
        elif element.tag == _TAB:
            parts.append(" ")
        elif element.tag in (_BR, _CR):
            parts.append("\n")
    return [line for line in (clean_text(part) for part in "".join(parts).split("\n")) if line]


def _inside(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    for child in parent.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, tag)


def _grid_offset(row: etree._Element) -> int:
    return _int(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"), default=0)


def _int(element: etree._Element | None, default: int = 1) -> int:
    value = str(element.get(_VAL) or "") if element is not None else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 5 else default
