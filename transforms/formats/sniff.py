"""What a file is, by its content: names and content types of portals are wrong too often (.doc that is HTML, .xls that is xlsx)."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import Literal

from gongkai.errors import UnreadableInput
from gongkai.status import ReadingStatus
from transforms.decode import utf16_of
from transforms.formats.csv_table import delimiter_of
from transforms.formats.ole import OLE, ole_kind
from transforms.formats.zips import BROKEN, open_zip

Format = Literal[
    "html", "text", "csv", "mhtml", "pdf", "docx", "xlsx", "xls", "ods", "ofd", "warc", "zip", "doc", "rtf", "odt", "word_xml", "excel_xml",
    "ppt", "pptx", "xlsb", "rar", "7z", "image", "encrypted", "ole", "gzip", "xml", "json", "binary",
]  # fmt: skip
"""`xls` stands for .et too, `doc` for .wps: WPS writes Microsoft's formats under names of its own."""

_OCR, _UNCONVERTED, _UNREADABLE, _REFUSED = (
    ReadingStatus.NEEDS_OCR, ReadingStatus.UNCONVERTED, ReadingStatus.UNREADABLE, ReadingStatus.REFUSED,
)  # fmt: skip
_NOT_READ: dict[Format, tuple[ReadingStatus, str]] = {
    "doc": (_UNCONVERTED, "a Word file of the old binary format (.doc, .wps): not read without conversion"),
    "rtf": (_UNCONVERTED, "an RTF file: not read without conversion"),
    "odt": (_UNCONVERTED, "an OpenDocument text (.odt): not read without conversion"),
    "word_xml": (_UNCONVERTED, "a Word 2003 XML file: not read without conversion"),
    "excel_xml": (_UNCONVERTED, "an Excel 2003 XML workbook: not read"),
    "ppt": (_UNCONVERTED, "slides of the old binary format (.ppt, .dps): not read"),
    "pptx": (_UNCONVERTED, "slides (.pptx, .odp): not read"),
    # Cells at opposite corners take gigabytes, and only a reader of its own could tell before.
    "xlsb": (_UNCONVERTED, "a binary workbook (.xlsb): not read"),
    "rar": (_UNCONVERTED, "a RAR archive: not opened"),
    "7z": (_UNCONVERTED, "a 7z archive: not opened"),
    "image": (_OCR, "an image: needs character recognition, which is not done here"),
    "encrypted": (ReadingStatus.ENCRYPTED, "an encrypted Office file"),
    "zip": (_REFUSED, "a zip archive that is no document"),
    "ole": (_UNREADABLE, "an OLE file that is no document we read"),
    "gzip": (_UNREADABLE, "a gzip file that is no WARC"),
    "xml": (_UNREADABLE, "an XML file, not a page"),
    "json": (_REFUSED, "JSON, not a document"),
    "binary": (_UNREADABLE, "a binary file of a type we do not know"),
}
_HEAD = 4096
_TAGS = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|div|p|table|span|br|center|font)\b[^<>]{0,4000}/?>", re.I)
_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"WARC/1", "warc"),
    (b"{\\rtf", "rtf"),
)
_OPEN_DOCUMENT: tuple[tuple[bytes, Format], ...] = (
    (b"opendocument.spreadsheet", "ods"),
    (b"opendocument.text", "odt"),
    (b"opendocument.presentation", "pptx"),
)
_WORD_XML = re.compile(rb"progid=.Word\.Document|schemas\.microsoft\.com/office/(?:word/2003|2006/xmlPackage)")
_EXCEL_XML = re.compile(rb"progid=.Excel\.Sheet|schemas-microsoft-com:office:spreadsheet")
_MHTML = re.compile(rb"\A\s{0,9}(?:[\w-]{2,40}:[^\r\n]{0,200}\r?\n){0,20}?MIME-Version:\s?1\.0", re.IGNORECASE)
_CONTROL = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27})


def sniff(data: bytes, name: str | None = None) -> Format:
    """The format of `data`. `name` only tells a table of delimited text from other text.

    Raises:
        UnreadableInput: there is nothing in it (status `empty`).
    """
    head = data[:_HEAD]
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise UnreadableInput("the file is empty", ReadingStatus.EMPTY)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"BM") and not head.isascii():
        return "image"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if head.startswith(OLE):
        return ole_kind(data)
    if head.startswith(b"\x1f\x8b"):
        return _gzip_kind(data)
    kind = _text_kind(data)
    return "csv" if kind == "text" and (name or "").lower().endswith((".csv", ".tsv")) else kind


def refuse_unread(kind: Format, data: bytes) -> None:
    """Raise UnreadableInput for a format that no reader here takes as it is; says why, with the status that stands for it."""
    if kind == "zip":
        open_zip(data).close()  # a broken one is broken, whatever it was to be
    if kind in _NOT_READ:
        status, reason = _NOT_READ[kind]
        raise UnreadableInput(reason, status)


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type header."""
    _, found, value = (content_type or "").lower().partition("charset=")
    return value.split(";")[0].strip(" \"'") or None if found else None


def _zip_kind(data: bytes) -> Format:
    """A document by the names of its parts; `zip` for an archive of anything else, and for a broken one."""
    try:
        with open_zip(data) as archive:
            names = {name.lower() for name in archive.namelist()}
            declared = b"".join(_start(archive, name) for name in ("mimetype", "META-INF/manifest.xml"))
    except (UnreadableInput, *BROKEN):
        return "zip"
    typed = "[content_types].xml" in names
    folders = {name.partition("/")[0] for name in names if "/" in name}
    if "word/document.xml" in names or (typed and "word" in folders):
        return "docx"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "xl/workbook.xml" in names or (typed and "xl" in folders):
        return "xlsx"
    if typed and "ppt" in folders:
        return "pptx"
    if "ofd.xml" in names:
        return "ofd"
    return next((kind for mark, kind in _OPEN_DOCUMENT if mark in declared), "zip")


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first bytes of an entry; none where there is none, or it is damaged."""
    try:
        with archive.open(name) as entry:
            return entry.read(_HEAD)
    except (KeyError, RuntimeError, *BROKEN):
        return b""


def _gzip_kind(data: bytes) -> Format:
    try:
        start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[:65536], 64)
    except zlib.error:
        return "gzip"
    return "warc" if start.startswith(b"WARC/1") else "gzip"


def _office_xml(head: bytes) -> Format | None:
    return "word_xml" if _WORD_XML.search(head) else "excel_xml" if _EXCEL_XML.search(head) else None


def _text_kind(data: bytes) -> Format:
    head = data[:_HEAD]
    wide = utf16_of(head)
    narrow = head.decode(wide, "ignore").encode("utf-8", "ignore") if wide else head
    if not wide and len(head.translate(None, _CONTROL)) < len(head) * 0.95:
        return "binary"
    if _MHTML.match(narrow):
        return "mhtml"
    start = narrow.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[{")):
        return "json"
    xml = start.startswith(b"<?xml")
    if xml and (office := _office_xml(narrow)):
        return office
    if _TAGS.search(narrow) or (not wide and _TAGS.search(data[:65536])):
        return "html"
    if xml:
        return "xml"
    # In UTF-8, GBK and Big5 no byte of a Chinese character is a comma, a tab or a quote: the columns show before the text is decoded.
    sample = data[:65536].decode(wide or "latin-1", "ignore")
    return "csv" if delimiter_of(sample, whole=len(data) <= 65536) else "text"
