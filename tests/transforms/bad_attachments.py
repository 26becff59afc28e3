"""Hostile and broken attachments, made on the spot: `MAKERS` by file name."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable

from ole_files import locked_workbook_stream, ole_file, workbook_stream
from ruled_ofd import NAMESPACE, ofd_file, page_part, text_object
from table_files import open_document, workbook

MAKERS: dict[str, Callable[[], bytes]] = {}
TABLE = "序号,任务,责任单位\n1,公开预算,市财政局\n2,公开决算,市审计局\n"
TEXT = "样例市2021年政务公开工作要点\n一、公开预算。（责任单位：市财政局）\n".encode()
PAGE = page_part(text_object(50, 50, "样例市公开预算说明。"))


def _file(name: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def keep(make: Callable[[], bytes]) -> Callable[[], bytes]:
        MAKERS[name] = make
        return make

    return keep


def zipped(files: dict[str, bytes] | list[tuple[zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=1) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return out.getvalue()


def gbk_zip(files: dict[str, bytes], *, utf8_names: bool = False) -> bytes:
    """As Chinese archivers write it: names in GBK (or UTF-8), and nothing that says so."""
    stand_ins = {name: f"{number:04d}".ljust(len(name.encode("utf-8" if utf8_names else "gbk")), "x") for number, name in enumerate(files)}
    data = zipped({stand_ins[name]: content for name, content in files.items()})
    for name, stand_in in stand_ins.items():
        data = data.replace(stand_in.encode(), name.encode("utf-8" if utf8_names else "gbk"))
    return data


def _patched(data: bytes, field: int, value: int, which: str) -> bytes:
    """One 16-bit field of the named entry changed, in its local header and in the directory (whose fields stand two bytes further)."""
    out = bytearray(data)
    for mark, shift, name_at in ((b"PK\x03\x04", 0, 30), (b"PK\x01\x02", 2, 46)):
        at = out.find(mark)
        while at >= 0:
            if out[at + name_at : at + name_at + len(which)] == which.encode():
                struct.pack_into("<H", out, at + field + shift, value)
            at = out.find(mark, at + 4)
    return bytes(out)


# --- zip -----------------------------------------------------------------------------------------------------------------


@_file("flat.zip")
def _flat() -> bytes:
    return zipped({f"{n}.txt": b"\0" * 9_900_000 for n in range(21)})


@_file("ratio.zip")
def _ratio() -> bytes:
    return zipped({"a.txt": b"\0" * 60_000_000})


@_file("nested.zip")
def _nested() -> bytes:
    data = zipped({"bomb.txt": b"\0" * 9_900_000})
    for level in range(8):
        data = zipped({f"{level}.{n}.zip": data for n in range(10)})
    return data


@_file("overlapping.zip")
def _overlapping() -> bytes:
    """A hundred names in the directory for one and the same packed megabyte."""
    data = zipped({"000.txt": TEXT + b"\n" * 1_000_000})
    at = data.index(b"PK\x01\x02")
    entry, end = data[at : data.index(b"PK\x05\x06")], data[data.index(b"PK\x05\x06") :]
    directory = b"".join(entry.replace(b"000.txt", b"%03d.txt" % n) for n in range(100))
    tail = bytearray(end)
    struct.pack_into("<HHII", tail, 8, 100, 100, len(directory), at)
    return data[:at] + directory + bytes(tail)


@_file("members.zip")
def _members() -> bytes:
    return zipped({f"{n}.txt": b"x" for n in range(10_000)}, zipfile.ZIP_STORED)


@_file("directory.zip")
def _directory() -> bytes:
    """600,000 entries without a name: 30 MB that would become a gigabyte of objects."""
    entry = b"PK\x01\x02" + bytes(42)
    count = 600_000
    return b"PK\x03\x04" + bytes(26) + entry * count + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 46 * count, 30, 0)


@_file("names.zip")
def _names() -> bytes:
    names = ("../../etc/passwd.txt", "/abs.txt", "C:\\Windows\\win.txt", "nul0byte.txt", "new0line.txt", "x" * 5000 + ".txt")
    data = zipped(dict.fromkeys(names, TEXT))
    return data.replace(b"nul0byte", b"nul\0byte").replace(b"new0line", b"new\nline")


@_file("gbk.zip")
def _gbk() -> bytes:
    return gbk_zip({"附件/责任分解表.csv": TABLE.encode("gbk"), "附件/医药.txt": TEXT})


@_file("utf8.zip")
def _utf8() -> bytes:
    return gbk_zip({"附件/责任分解表.csv": TABLE.encode("gbk")}, utf8_names=True)


@_file("some.zip")
def _some() -> bytes:
    """One file is encrypted, one a link, one damaged, one packed by an unknown method, one is no document; the last can be read."""
    link = zipfile.ZipInfo("link.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    plain = [(zipfile.ZipInfo(name), TEXT) for name in ("secret.txt", "damaged.txt", "method.txt")]
    more = [(zipfile.ZipInfo("program.exe"), b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" * 9), (zipfile.ZipInfo("whole.txt"), TEXT)]
    data = bytearray(zipped([(link, b"/etc/passwd"), *plain, *more], zipfile.ZIP_STORED))
    at = data.index(TEXT, data.index(b"damaged.txt"))
    data[at : at + 4] = b"\0\0\0\0"
    return _patched(_patched(bytes(data), 6, 1, "secret.txt"), 8, 97, "method.txt")


@_file("lying.zip")
def _lying() -> bytes:
    data = zipped({"a.txt": TEXT * 50_000})
    return data.replace(struct.pack("<I", len(TEXT) * 50_000), struct.pack("<I", 10))


@_file("none.zip")
def _none() -> bytes:
    return zipped({})


@_file("debris.zip")
def _debris() -> bytes:
    return zipped({"__MACOSX/._a.txt": b"x", "表/.DS_Store": b"x", "表/Thumbs.db": b"x", "表/": b""})


@_file("truncated.zip")
def _cut_zip() -> bytes:
    return zipped({"a.txt": TEXT * 50})[:-30]


# --- OFD -----------------------------------------------------------------------------------------------------------------


def _with_dtd(dtd: str, word: str) -> bytes:
    page = page_part(text_object(50, 50, "WORD")).replace("WORD", word)
    return ofd_file([page.replace("?>", f"?><!DOCTYPE ofd [{dtd}]>", 1)])


@_file("laughs.ofd")
def _laughs() -> bytes:
    return _with_dtd("".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "哈哈"}">' for n in range(12)), "&e11;")


@_file("external.ofd")
def _external() -> bytes:
    return _with_dtd('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;")


@_file("outside.ofd")
def _outside() -> bytes:
    return ofd_file([], {"OFD.xml": f'<ofd:OFD xmlns:ofd="{NAMESPACE}"><ofd:DocRoot>/../../../etc/passwd</ofd:DocRoot></ofd:OFD>'})


@_file("no_pages.ofd")
def _no_pages() -> bytes:
    document = (
        f'<ofd:Document xmlns:ofd="{NAMESPACE}"><ofd:Pages><ofd:Page ID="1" BaseLoc="/Doc_0/Pages/Page_0/Content.xml"/>'
        '<ofd:Page ID="2" BaseLoc="../../../../etc/passwd"/><ofd:Page ID="3" BaseLoc="Pages/None/Content.xml"/></ofd:Pages></ofd:Document>'
    )
    return ofd_file([PAGE], {"Doc_0/Document.xml": document})


@_file("no_root.ofd")
def _no_root() -> bytes:
    return ofd_file([PAGE], {"OFD.xml": f'<ofd:OFD xmlns:ofd="{NAMESPACE}"/>'})


@_file("same_page.ofd")
def _same_page() -> bytes:
    """Its 400 pages are one part of nine megabytes that draws nothing."""
    pages = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_0/Content.xml"/>' for n in range(400))
    document = f'<ofd:Document xmlns:ofd="{NAMESPACE}"><ofd:Pages>{pages}</ofd:Pages></ofd:Document>'
    return ofd_file([PAGE + " " * 9_000_000], {"Doc_0/Document.xml": document})


@_file("elements.ofd")
def _elements() -> bytes:
    return ofd_file([page_part("<a/>" * 2_400_000)])


@_file("deep.ofd")
def _deep() -> bytes:
    return ofd_file([page_part("<ofd:PageBlock>" * 100_000 + "</ofd:PageBlock>" * 100_000)])


@_file("numbers.ofd")
def _numbers() -> bytes:
    turned = text_object(50, 80, "水印水印", attributes=' CTM="0.7 0.7 -0.7 0.7 0 0"')
    hidden = text_object(50, 90, "隐藏", attributes=' Visible="false"')
    wild = (
        '<ofd:TextObject Boundary="1e308 NaN inf x" Size="-4"><ofd:TextCode X="1">负</ofd:TextCode></ofd:TextObject>'
        '<ofd:TextObject Boundary="10 60 90 9" Size="3.5"><ofd:TextCode X="0" Y="3" DeltaX="g 999999999999 3.5 g">公开决算。</ofd:TextCode>'
        '</ofd:TextObject><ofd:PathObject Boundary="0 0 1 1"><ofd:AbbreviatedData>M 0 0 L 1e300 5 Z Q 1 L'
        "</ofd:AbbreviatedData></ofd:PathObject>"
    )
    return ofd_file([page_part(text_object(50, 50, "公开预算说明。", ' DeltaX="g 900000 3.5278"') + turned + hidden + wild)])


@_file("crowded.ofd")
def _crowded() -> bytes:
    lines = "".join(text_object(n % 500, n, "公开" * 500) for n in range(400))
    return ofd_file([page_part(lines)])


@_file("encrypted.ofd")
def _encrypted_ofd() -> bytes:
    return ofd_file([PAGE], {"Doc_0/Encryptions.xml": "<x/>"})


@_file("picture.ofd")
def _picture() -> bytes:
    return ofd_file([page_part('<ofd:ImageObject ID="3" Boundary="0 0 210 297" ResourceID="9"/>')])


@_file("truncated.ofd")
def _cut_ofd() -> bytes:
    return ofd_file([PAGE])[:-100]


# --- sheets and text -----------------------------------------------------------------------------------------------------


def _ods_row(cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def _ods_cell(text: str, **attributes: int) -> str:
    more = " ".join(f'table:number-{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"


@_file("repeated.ods")
def _repeated() -> bytes:
    row = _ods_row(_ods_cell("任务") + _ods_cell("远", columns_repeated=16384), 1_048_576)
    return open_document(f"<table:table>{row}</table:table>" * 300)


@_file("spanned.ods")
def _spanned() -> bytes:
    wide = _ods_row(_ods_cell("任务", rows_spanned=999_999_999, columns_spanned=999_999_999) + _ods_cell("单位"))
    return open_document(
        f"<table:table>{wide * 2000}{_ods_row('', 999_999_999)}{_ods_row(_ods_cell('末行') + _ods_cell('完'))}</table:table>"
    )


@_file("blanks.ods")
def _blanks() -> bytes:
    row = _ods_row(_ods_cell('公<text:s text:c="999999999"/>开') + _ods_cell("单位"))
    return open_document(f"<table:table>{row * 3}</table:table>")


@_file("laughs.ods")
def _laughs_ods() -> bytes:
    data = zipfile.ZipFile(io.BytesIO(open_document("<table:table/>")))
    content = data.read("content.xml").replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "x">]>', 1)
    return zipped({"mimetype": data.read("mimetype"), "content.xml": content})


@_file("encrypted.ods")
def _encrypted_ods() -> bytes:
    manifest = b"<manifest:file-entry media-type='application/vnd.oasis.opendocument.spreadsheet'><manifest:encryption-data/>"
    return zipped({"META-INF/manifest.xml": manifest, "content.xml": b"\x03\xff\x00rubbish"})


@_file("far.xls")
def _far_xls() -> bytes:
    """Sixty sheets with a cell in each corner: 30 GB once calamine has laid them out."""
    return ole_file(("Workbook", workbook_stream(*[({(0, 0): "近", (65535, 255): "远"}, [])] * 60)))


@_file("implicit.xlsx")
def _implicit() -> bytes:
    """Cells that do not say where they stand, in the first row and in the last."""
    cell = '<c t="inlineStr"><is><t>远</t></is></c>'
    return workbook(f'<row r="1">{cell * 2000}</row><row r="1048576">{cell}</row>')


@_file("elsewhere.xlsx")
def _elsewhere() -> bytes:
    """Its sheet lies where no writer puts one."""
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    with zipfile.ZipFile(io.BytesIO(workbook(far))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/media/picture.png"] = parts.pop("xl/worksheets/sheet1.xml")
    relations = parts["xl/_rels/workbook.xml.rels"].replace(b"worksheets/sheet1.xml", b"media/picture.png")
    return zipped({**parts, "xl/_rels/workbook.xml.rels": relations})


def _declared(rows: tuple[int, int]) -> bytes:
    """A sound sheet that declares these first and last rows; calamine would end the process at them."""
    stream = workbook_stream(({(0, 0): "任务"}, []))
    at = stream.rindex(struct.pack("<HHHH", 0x0809, 16, 0x0600, 0x0010)) + 20
    return ole_file(("Workbook", stream[:at] + struct.pack("<HHIIHHH", 0x0200, 14, *rows, 0, 3, 0) + stream[at:]))


@_file("declares_much.xls")
def _declares_much() -> bytes:
    return _declared((0, 0x7FFFFFFF))


@_file("declares_less.et")
def _declares_less() -> bytes:
    return _declared((65536, 3))


@_file("panics.xls")
def _panics() -> bytes:
    """More merged cells are announced than there are: calamine panics, which is no Exception in Python."""
    stream = workbook_stream(({(0, 0): "任务"}, [(0, 0, 0, 1)]))
    return ole_file(("Workbook", stream.replace(struct.pack("<HHH", 0x00E5, 10, 1), struct.pack("<HHH", 0x00E5, 10, 0xFFFF))))


@_file("embedded.doc")
def _embedded() -> bytes:
    """A Word file that a workbook is embedded in: the name Workbook stands in it, but not in its root."""
    return ole_file(("WordDocument", bytes(5000)), ("1Table", "Workbook".encode("utf-16-le") * 10))


@_file("secret.doc")
def _secret() -> bytes:
    return ole_file(("WordDocument", struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0, 0, 0x0100)))


@_file("password.xls")
def _password() -> bytes:
    return ole_file(("Workbook", locked_workbook_stream()))


@_file("columns.csv")
def _columns() -> bytes:
    return ",".join(f"列{n}" for n in range(1_000_000)).encode()


@_file("quote.csv")
def _quote() -> bytes:
    return TABLE.encode() + b'3,"' + "未完".encode() * 3_000_000


@_file("braces.rtf")
def _braces() -> bytes:
    return b"{\\rtf1" + b"{" * 50_000_000 + b"}" * 50_000_000


@_file("deep.mht")
def _deep_mht() -> bytes:
    part = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n'
    return b"MIME-Version: 1.0\r\n" + b"".join(part % (n, n) for n in range(20_000))


@_file("sheet.docx")
def _sheet_called_word() -> bytes:
    row = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c><c r="B{0}" t="inlineStr"><is><t>{2}</t></is></c></row>'
    return workbook(row.format(1, "任务", "单位") + row.format(2, "公开预算", "市财政局"))


@_file("login.pdf")
def _login() -> bytes:
    return "<!DOCTYPE html><html><title>统一认证</title><body><p>请先登录。</p><form action='/l'><input></form></body></html>".encode()


@_file("error.xls")
def _error_page() -> bytes:
    return "<html><body><script>location.href='/404'</script><p>您访问的文件不存在</p></body></html>".encode()


@_file("saved.xls")
def _saved_as_html() -> bytes:
    table = "<table><tr><td>任务</td><td>责任单位</td></tr><tr><td>公开预算</td><td>市财政局</td></tr></table>"
    return f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>{table}</body></html>'.encode("gbk")
