"""Files to bodies: sniffing by content, Word, workbooks, PDF, text, WARC; broken and hostile ones are refused with a reason."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import get_args

import docx
import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from gongkai.errors import UnreadableInput
from transforms.body import Body
from transforms.formats.archive import first_response
from transforms.formats.docx import docx_body
from transforms.formats.pdf import pdf_body
from transforms.formats.sniff import Format, charset_of, sniff
from transforms.formats.text import text_body
from transforms.formats.xlsx import xlsx_body
from transforms.parse import parse

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _lines(body: Body) -> list[str]:
    return [body.text[b.start : b.end] for b in body.blocks if b.kind != "table"]


def _tables(body: Body) -> list[list[list[str]]]:
    return [b.grid.texts() for b in body.blocks if b.grid]


# --- sniff ---------------------------------------------------------------------------------------------------------------


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.4 ...", "pdf"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>x", "html"),
        ("<p style='text-align:left'>各镇</p>".encode("gb18030"), "html"),
        ("\ufeff<html><body>x</body></html>".encode("utf-16-le"), "html"),
        ("各镇人民政府：\n正文".encode(), "text"),
        ("各镇人民政府：\n正文".encode("gb18030"), "text"),
        (b"WARC/1.1\r\n", "warc"),
        (gzip.compress(b"WARC/1.0\r\n", mtime=0), "warc"),
        (_zip(**{"word/document.xml": b"<x/>"}), "docx"),
        (_zip(**{"[Content_Types].xml": b"<x/>", "word/document2.xml": b"<x/>"}), "docx"),
        (_zip(**{"word/分工表.doc": b"x"}), "zip"),
        (_zip(**{"xl/workbook.xml": b"<x/>"}), "xlsx"),
        (_zip(**{"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}), "ods"),
        (_zip(**{"META-INF/manifest.xml": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}), "odt"),
        (_zip(**{"OFD.xml": b"<x/>"}), "ofd"),
        (_zip(a__txt=b"x"), "zip"),
        (b"PK\x03\x04 broken", "zip"),
        ("任务\t单位\n公开预算\t市财政局\n公开决算\t市审计局\n".encode("gb18030"), "csv"),
        ("序号,任务,单位\n1,公开预算,市财政局\n2,公开决算,市审计局\n".encode("utf-16-le"), "csv"),
        ("一是加强领导;\n二是压实责任;\n三是严格考核;\n".encode(), "text"),
        ("各位,请知悉。\n此致,敬礼。\n即日,办理。\n".encode(), "text"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"{\\rtf1 x}", "rtf"),
        (b"Rar!\x1a\x07\x01\0", "rar"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x", "mhtml"),
        (b"<?xml version='1.0'?><?mso-application progid=\"Word.Document\"?><w:wordDocument/>", "word_xml"),
        (b"<?xml version='1.0'?><?mso-application progid=\"Excel.Sheet\"?><Workbook/>", "excel_xml"),
        (_OLE + "WordDocument".encode("utf-16-le"), "doc"),
        (_OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0", "binary"),
    ],
)
def test_sniff(data: bytes, kind: str) -> None:
    assert sniff(data) == kind


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (b"", "empty", "empty"),
        (b" \r\n\0", "empty", "empty"),
        (b"\x89PNG\r\n\x1a\n", "needs_ocr", "an image"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0", "unreadable", "binary"),
        (b'{"total": 3}', "refused", "JSON"),
        (b"{\\rtf1 x}", "unconverted", "RTF"),
        (b"<?xml version='1.0'?><rss/>", "unreadable", "XML"),
        (gzip.compress(b"other", mtime=0), "unreadable", "gzip"),
        (b"\x1f\x8b broken", "unreadable", "gzip"),
        (b"PK\x03\x04 broken", "unreadable", "broken zip"),
        (_zip(a__txt=b"x"), "refused", "zip archive"),
        (_zip(**{"OFD.xml": b"<x/>"}), "unreadable", "broken OFD"),
        (_OLE + "WordDocument".encode("utf-16-le"), "unconverted", "old binary"),
        (_OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted", "encrypted"),
        (_OLE + bytes(600), "unreadable", "OLE"),
    ],
)
def test_foreign_files_are_named(data: bytes, status: str, reason: str) -> None:
    with pytest.raises(UnreadableInput, match=reason) as refused:
        parse(data)
    assert refused.value.status == status


def test_zip_bomb_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="unpacks to more than"):
        parse(_zip(**{"word/document.xml": b"\0" * 201_000_000}))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_format_or_unreadable(data: bytes) -> None:
    try:
        assert sniff(data) in get_args(Format)
    except UnreadableInput as error:
        assert error.status == "empty"


# --- text ----------------------------------------------------------------------------------------------------------------


def test_text_is_one_paragraph_a_line() -> None:
    body = text_body("\ufeff标题\r\n\n\u3000\u3000一、 甲\n乙\t丙\n")
    assert _lines(body) == ["标题", "一、 甲", "乙\t丙"]
    assert body.flattened


def test_text_without_line_breaks_is_opened() -> None:
    filler = "做好各项工作，" * 60
    text = (
        "样例市人民政府关于加快发展的意见样府发〔2019〕17号各区县人民政府，有关单位：现提出如下意见。"
        f"一、总体要求（一）目标。{filler}完成。（二）原则。稳妥。（责任单位：市某局）二、任务（一）{filler}结束。"
        "样例市人民政府   2019年6月28日   （此件公开发布）"
    )
    lines = _lines(text_body(text))
    assert lines[:4] == ["样例市人民政府关于加快发展的意见", "样府发〔2019〕17号", "各区县人民政府，有关单位：", "现提出如下意见。"]
    assert "一、总体要求" in lines
    assert lines[-3:] == ["样例市人民政府", "2019年6月28日", "（此件公开发布）"]
    assert "".join(lines) == text.replace(" ", "")


# --- docx ----------------------------------------------------------------------------------------------------------------


def _docx(document: docx.document.Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_docx_in_document_order_with_merged_cells() -> None:
    document = docx.Document()
    document.add_heading("标题", 1)
    document.add_paragraph("第一段\n手动换行")
    table = document.add_table(rows=3, cols=3)
    for r, row in enumerate([("任务", "单位", "时限"), ("公开预算", "市财政局", "6月底"), ("", "市审计局", "长期")]):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    document.add_paragraph("最后")
    body = docx_body(_docx(document))
    assert _lines(body) == ["标题", "第一段", "手动换行", "最后"]
    assert [b.kind for b in body.blocks] == ["heading", "paragraph", "paragraph", "table", "paragraph"]
    assert _tables(body) == [[["任务", "单位\n时限", "单位\n时限"], ["公开预算", "市财政局", "6月底"], ["公开预算", "市审计局", "长期"]]]


def test_docx_frame_of_one_cell_is_opened() -> None:
    document = docx.Document()
    document.add_table(rows=1, cols=1).cell(0, 0).text = "框内"
    assert _lines(docx_body(_docx(document))) == ["框内"]


@pytest.mark.parametrize("data", [_zip(word__document__xml=b"<x/>"), b"PK\x03\x04", b""])
def test_broken_docx(data: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"broken (?:Word file|zip archive)"):
        docx_body(data)


# --- xlsx ----------------------------------------------------------------------------------------------------------------


def _sheet(rows: str, merges: str = "") -> bytes:
    """A minimal workbook; `rows` is sheet XML with inline strings."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def relation(kind: str, target: str) -> bytes:
        link = f'<Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{package}/relationships">{link}</Relationships>'.encode()

    sheets = '<sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets>'
    types = '<Default Extension="xml" ContentType="application/xml"/>'
    return _zip(
        **{
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">{types}</Types>'.encode(),
            "_rels/.rels": relation("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{sheets}</workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": relation("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{merges}</worksheet>'.encode(),
        }
    )


def _row(number: int, **cells: str | float) -> str:
    def one(column: str, value: str | float) -> str:
        if isinstance(value, str):
            return f'<c r="{column}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c r="{column}{number}"><v>{value}</v></c>'

    return f'<row r="{number}">{"".join(one(c, v) for c, v in cells.items())}</row>'


def test_xlsx_title_row_merged_cells_and_numbers() -> None:
    data = _sheet(
        _row(1, B="责任分解表")
        + _row(3, B="任务", C="单位", D="数")
        + _row(4, B="公开预算", C="市财政局", D=3.0)
        + _row(5, C="市审计局", D=2.5),
        '<mergeCells count="2"><mergeCell ref="B1:D1"/><mergeCell ref="B4:B5"/></mergeCells>',
    )
    assert sniff(data) == "xlsx"
    body = xlsx_body(data)
    assert _lines(body) == ["责任分解表"]
    assert _tables(body) == [[["任务", "单位", "数"], ["公开预算", "市财政局", "3"], ["公开预算", "市审计局", "2.5"]]]


def test_cells_too_far_apart_are_refused() -> None:
    with pytest.raises(UnreadableInput, match="too far apart"):
        xlsx_body(_sheet(_row(1, A="x") + _row(1_000_000, XFD="y")))


def test_empty_cells_are_no_distance() -> None:
    """A region that was only formatted, to the sheet's last corner; an attribute that looks like a cell's end hides none."""
    styled = "".join(f'<row r="{n}"><c r="XFD{n}" s="1"/><c s="1"></c></row>' for n in range(3, 1_048_577, 50_000))
    body = xlsx_body(_sheet(_row(1, A="任务", B="单位") + _row(2, A="公开预算", B="市财政局") + styled))
    assert _tables(body) == [[["任务", "单位"], ["公开预算", "市财政局"]]]
    with pytest.raises(UnreadableInput, match="too far apart"):
        xlsx_body(_sheet(_row(1, A="x") + '<row r="1000000"><c r="XFD1000000" s="/>"><v>1</v></c></row>'))


def test_broken_xlsx() -> None:
    with pytest.raises(UnreadableInput, match="broken workbook"):
        xlsx_body(_zip(xl__workbook__xml=b"<x/>"))


# --- pdf -----------------------------------------------------------------------------------------------------------------


def _pdf(password: str | None = None, *, text: bool = True) -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    pdf.add_page()
    if text:
        pdf.multi_cell(
            0, 8, "First paragraph that is long enough to fill the line and to go on with a second line of the very same paragraph here."
        )
        pdf.ln(4)
        with pdf.table() as table:
            for cells in (("Item", "Count"), ("received", "37"), ("answered", "36")):
                row = table.row()
                for cell in cells:
                    row.cell(cell)
        pdf.ln(4)
        pdf.cell(0, 8, "Last line.")
        pdf.set_auto_page_break(False)
        pdf.set_y(-15)
        pdf.cell(0, 8, "- 1 -", align="C")
    if password:
        pdf.set_encryption(owner_password="o", user_password=password)
    return bytes(pdf.output())


def test_pdf_paragraphs_and_ruled_table_in_reading_order() -> None:
    body = pdf_body(_pdf())
    assert [b.kind for b in body.blocks] == ["paragraph", "table", "paragraph"]
    assert _lines(body)[0].endswith("same paragraph here.")
    assert _lines(body)[-1] == "Last line."
    assert _tables(body) == [[["Item", "Count"], ["received", "37"], ["answered", "36"]]]
    assert {b.page for b in body.blocks} == {1}
    assert not body.findings


def test_pdf_without_a_text_layer_needs_ocr_and_invents_nothing() -> None:
    body = pdf_body(_pdf(text=False))
    assert body.text == ""
    assert [f.rule for f in body.findings] == ["needs_ocr"]


def test_encrypted_and_broken_pdf() -> None:
    with pytest.raises(UnreadableInput, match="encrypted PDF"):
        pdf_body(_pdf("secret"))
    with pytest.raises(UnreadableInput, match="broken PDF"):
        pdf_body(b"%PDF-1.7\nrubbish")


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=20))
def test_damaged_pdf_is_read_or_refused(at: int, junk: bytes) -> None:
    data = bytearray(_DAMAGED)
    data[at % len(data) : at % len(data) + len(junk)] = junk
    try:
        pdf_body(bytes(data))
    except UnreadableInput as error:
        assert str(error)


_DAMAGED = _pdf()


@pytest.mark.real
def test_real_report_table_of_a_pdf() -> None:
    path = Path("../shared/documents/huaian-annual-report-2024.pdf")
    if not path.exists():
        pytest.skip("../shared/documents is not here")
    body = pdf_body(path.read_bytes())
    assert [(len(t), len(t[0])) for t in _tables(body)] == [(8, 4), (6, 2), (28, 10), (4, 15)]
    assert [b.page for b in body.blocks if b.grid] == [3, 4, 4, 5]
    assert _tables(body)[3][3] == ["72", "64", "178", "37", "351", "13", "4", "8", "1", "26", "12", "1", "1", "6", "20"]


# --- warc ----------------------------------------------------------------------------------------------------------------


def _warc(payload: bytes, content_type: str = "text/html; charset=gbk", *, kind: str = "response") -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    headers = StatusAndHeaders("200 OK", [("Content-Type", content_type)], protocol="HTTP/1.1")
    writer.write_record(writer.create_warc_record("http://www.example.gov.cn/a", kind, payload=io.BytesIO(payload), http_headers=headers))
    return out.getvalue()


def test_first_response_of_a_warc() -> None:
    response = first_response(_warc("正文".encode("gbk")))
    assert (response.url, response.charset, response.payload) == ("http://www.example.gov.cn/a", "gbk", "正文".encode("gbk"))


def test_warc_without_response() -> None:
    with pytest.raises(UnreadableInput, match="without a response"):
        first_response(_warc(b"x", kind="resource"))


@pytest.mark.parametrize(
    "data", [b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 100\r\n\r\nabc", _warc(b"x")[:60]], ids=["short", "cut"]
)
def test_broken_warc(data: bytes) -> None:
    with pytest.raises(UnreadableInput, match="WARC"):
        first_response(data)


def test_charset_of() -> None:
    assert charset_of('text/html; Charset="GB2312"; x=1') == "gb2312"
    assert charset_of("text/html") is None
    assert charset_of(None) is None
