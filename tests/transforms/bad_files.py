"""Hostile and broken files, made on the spot: `MAKERS` by file name."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

from fpdf import FPDF

MAKERS: dict[str, Callable[[], bytes]] = {}


def _file(name: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def keep(make: Callable[[], bytes]) -> Callable[[], bytes]:
        MAKERS[name] = make
        return make

    return keep


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


# --- pages and text ------------------------------------------------------------------------------------------------------

_PLAN = "<title>样例市2021年政务公开工作要点</title><h1>样例市2021年政务公开工作要点</h1>"


@_file("big.html")
def _big() -> bytes:
    clause = "<p>推进预算公开。（责任单位：市财政局；完成时限：6月底前）</p>"
    prose = f"<p>{'加强政务公开平台建设，及时回应社会关切。' * 50}</p>"
    return f"<html><body>{_PLAN}<div>{(clause + prose) * 1_500}<p>全文到此为止。</p></div></body></html>".encode()


@_file("rows.html")
def _rows() -> bytes:
    head = "<tr><th>序号</th><th>工作任务</th><th>牵头单位</th><th>配合单位</th><th>完成时限</th></tr>"
    rows = "".join(
        f"<tr><td>{n}</td><td>公开第{n}项信息。</td><td>市财政局</td><td>市审计局</td><td>6月底前</td></tr>" for n in range(1, 10_001)
    )
    return f"<html><body>{_PLAN}<table>{head}{rows}</table></body></html>".encode()


@_file("nested.html")
def _nested() -> bytes:
    inner = "<table><tr><td>任务</td><td>单位</td></tr><tr><td>公开预算</td><td>市财政局</td></tr></table>"
    return f"<html><body>{_PLAN}{'<table><tr><td>' * 50}{inner}{'</td></tr></table>' * 50}<p>表后文字。</p></body></html>".encode()


@_file("spans.html")
def _spans() -> bytes:
    row = "<tr>" + "<td rowspan=65534 colspan=1000>格</td>" * 300 + "</tr>"
    return f"<html><body>{_PLAN}<table>{row * 200}</table><p>表后文字。</p></body></html>".encode()


@_file("deep.html")
def _deep() -> bytes:
    return f"<html><body>{_PLAN}<p>深处之前。</p>{'<div><b>' * 100_000}深处</body></html>".encode()


@_file("line.txt")
def _line() -> bytes:
    return ("样例市2021年政务公开工作要点\n" + "市财政局负责公开预算，市审计局配合，" * 20_000).encode()


@_file("brackets.txt")
def _brackets() -> bytes:
    return ("样例市2021年政务公开工作要点\n一、公开预算" + "（" * 100_000 + "责任单位：市财政局" + "）" * 100_000).encode()


@_file("marks.txt")
def _marks() -> bytes:
    bidi = "\u202e反\u202c\u200b\u2066隔\u2069\ufeff"
    return f"样例市2021年政务公开工作要点\n一、公开{bidi}预算\0\x01\x7f。（市财政局负责）\n结束\ufffe。".encode()


@_file("surrogates.html")
def _surrogates() -> bytes:
    body = f"<html><body>{_PLAN}<div><p>公开预算&#xD800;，公开决算。结束。</p></div></body></html>"
    return body.encode().replace("决算".encode(), "决\udfff算".encode("utf-8", "surrogatepass"))


@_file("nul.html")
def _nul() -> bytes:
    return f"<html><body>{_PLAN}<div><p>公\0开预\0算，发布说明。结束。</p></div></body></html>".encode()


@_file("utf16.txt")
def _utf16() -> bytes:
    return "样例市2021年政务公开工作要点\r\n一、公开预算。（市财政局负责）\r\n".encode("utf-16-le")


@_file("utf16.html")
def _utf16_page() -> bytes:
    return f"<html><body>{_PLAN}<div><p>一、公开预算，发布说明。（市财政局负责）</p></div></body></html>".encode("utf-16-be")


@_file("images.html")
def _images() -> bytes:
    menu = "".join(f"<li><a href='/c{n}/'>栏目之{n}</a></li>" for n in range(40))
    pages = "".join(f"<p><img src='W0{n}.jpg'></p>" for n in range(6))
    title = "样例市财政局2021年政府信息公开工作年度报告"
    return f"<html><head><title>{title}</title></head><body><ul>{menu}</ul><div class='TRS_Editor'>{pages}</div></body></html>".encode()


# --- Word and Excel ------------------------------------------------------------------------------------------------------

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _relations(*kinds_and_targets: tuple[str, str]) -> bytes:
    links = (f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for n, (kind, to) in enumerate(kinds_and_targets, 1))
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>'.encode()


def _word(body: str, *, dtd: str = "", more: dict[str, bytes] | None = None) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="{kind}"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
    )
    return _zip(
        {
            "[Content_Types].xml": types.encode(),
            "_rels/.rels": _relations(("officeDocument", "word/document.xml")),
            "word/document.xml": f'<?xml version="1.0"?>{dtd}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'.encode(),
            **(more or {}),
        }
    )


def _book(rows: str, *, strings: str = "", dimension: str = "", merges: str = "") -> bytes:
    sheets = '<sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets>'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{sheets}</workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}">{dimension}<sheetData>{rows}</sheetData>{merges}</worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{strings}</sst>',
    }
    return _zip(
        {name: content.encode() for name, content in files.items()}
        | {
            "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
            "xl/_rels/workbook.xml.rels": _relations(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")),
        }
    )


_ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>任务</t></is></c><c r="B1" t="inlineStr"><is><t>单位</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>公开预算</t></is></c><c r="B2" t="inlineStr"><is><t>市财政局</t></is></c></row>'
)


@_file("ratio.docx")
def _ratio() -> bytes:
    return _word("<w:p/>" * 15_000_000)


@_file("entries.docx")
def _entries() -> bytes:
    return _word("<w:p/>", more={f"word/media/{n}": b"" for n in range(10_001)})


@_file("inside.docx")
def _zip_in_zip() -> bytes:
    inner = _zip({"bomb": b"\0" * 100_000_000})
    return _word("<w:p><w:r><w:t>正文，其余在附件中。</w:t></w:r></w:p>", more={"word/embeddings/a.zip": inner})


@_file("entities.docx")
def _entities() -> bytes:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "哈哈"}">' for n in range(12))
    return _word("<w:p><w:r><w:t>&e11;正文。</w:t></w:r></w:p>", dtd=f"<!DOCTYPE x [{lines}]>")


@_file("spans.docx")
def _word_spans() -> bytes:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="9999"/><w:vMerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>格</w:t></w:r></w:p></w:tc>'
    return _word(f"<w:tbl>{f'<w:tr>{cell * 100}</w:tr>' * 200}</w:tbl><w:p><w:r><w:t>表后文字。</w:t></w:r></w:p>")


@_file("lying.docx")
def _lying() -> bytes:
    """Its directory says that document.xml is small."""
    content = "<w:p/>" * 2_000_000
    data = _word(content)
    (size,) = (entry.file_size for entry in zipfile.ZipFile(io.BytesIO(data)).infolist() if entry.filename == "word/document.xml")
    return data.replace(size.to_bytes(4, "little"), (5000).to_bytes(4, "little"))


@_file("truncated.docx")
def _cut_word() -> bytes:
    return _word("<w:p><w:r><w:t>正文</w:t></w:r></w:p>" * 500)[:600]


@_file("damaged.docx")
def _damaged_word() -> bytes:
    data = bytearray(_word("<w:p><w:r><w:t>正文</w:t></w:r></w:p>" * 500))
    at = data.index(b"word/document.xml") + 40
    data[at : at + 20] = bytes(20)
    return bytes(data)


@_file("encrypted.docx")
def _encrypted_word() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le") + bytes(2000)


@_file("strings.xlsx")
def _strings() -> bytes:
    return _book(_ROWS, strings="<si><t>x</t></si>" * 8_000_000)


@_file("dimension.xlsx")
def _dimension() -> bytes:
    return _book(_ROWS, dimension='<dimension ref="A1:XFD1048576"/>')


@_file("far.xlsx")
def _far() -> bytes:
    far = "<row r='1048576'><c t='inlineStr' r='XFD1048576'><is><t>远</t></is></c></row>"
    return _book(_ROWS + far)


@_file("merges.xlsx")
def _merges() -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="AZ{n}"><v>2</v></c></row>' for n in range(1, 5001))
    return _book(rows, merges="<mergeCells>" + '<mergeCell ref="A1:AZ5000"/>' * 20_000 + "</mergeCells>")


@_file("truncated.xlsx")
def _cut_book() -> bytes:
    return _book(_ROWS)[:700]


@_file("binary.xlsb")
def _binary_book() -> bytes:
    return _zip({"xl/workbook.bin": b"x", "xl/worksheets/sheet1.bin": b"x"})


# --- PDF -----------------------------------------------------------------------------------------------------------------


def _pdf(*objects: bytes) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(content, 1)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), entries, packed)


_CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
_BOX = b"/MediaBox [0 0 595 842]"


def _one_page(contents: bytes, *more: bytes, resources: bytes = b"") -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R %s /Resources << %s >> /Contents 4 0 R >>" % (_BOX, resources)
    return _pdf(_CATALOG, b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", page, contents, *more)


def _written(*, password: str | None = None, lines: int = 40) -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    pdf.add_page()
    for number in range(lines):
        pdf.cell(0, 6, f"Line {number} of the report.", new_x="LMARGIN", new_y="NEXT")
    if password:
        pdf.set_encryption(owner_password="o", user_password=password)
    return bytes(pdf.output())


@_file("scan.pdf")
def _scan() -> bytes:
    return _one_page(_stream(b"q 500 0 0 800 0 0 cm Q"))


@_file("encrypted.pdf")
def _encrypted_pdf() -> bytes:
    return _written(password="secret")


@_file("truncated.pdf")
def _cut_pdf() -> bytes:
    return _written()[:600]


@_file("pages.pdf")
def _pages() -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(4, 5004))
    page = b"<< /Type /Page /Parent 2 0 R %s /Contents 3 0 R >>" % _BOX
    return _pdf(_CATALOG, b"<< /Type /Pages /Count 5000 /Kids [%s] >>" % kids, _stream(b"q Q"), *[page] * 5000)


@_file("tree.pdf")
def _tree() -> bytes:
    """Page nodes one below the other, and the last leads back to the first."""
    nodes = [b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % number for number in range(3, 5003)]
    return _pdf(_CATALOG, *nodes, b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>")


@_file("arrays.pdf")
def _arrays() -> bytes:
    return _one_page(_stream(b"[" * 50_000 + b"]" * 50_000 + b" TJ"))


@_file("stream.pdf")
def _bomb() -> bytes:
    return _one_page(_stream(b" " * 100_000_000))


@_file("twice.pdf")
def _twice() -> bytes:
    packed = zlib.compress(zlib.compress(b" " * 100_000_000, 1), 9)
    entries = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>" % len(packed)
    return _one_page(entries + b"\nstream\n" + packed + b"\nendstream")


@_file("forms.pdf")
def _forms() -> bytes:
    """Ten forms, each drawing the next one ten times: ten thousand million drawings."""
    forms = [
        _stream(b"/F Do " * 10, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F %d 0 R >> >>" % (number + 1))
        for number in range(5, 15)
    ]
    last = _stream(b"q Q", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    return _one_page(_stream(b"/F Do"), *forms, last, resources=b"/XObject << /F 5 0 R >>")


@_file("itself.pdf")
def _itself() -> bytes:
    form = _stream(b"/F Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>")
    return _one_page(_stream(b"/F Do"), form, resources=b"/XObject << /F 5 0 R >>")
