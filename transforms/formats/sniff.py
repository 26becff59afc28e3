"""What a file is, by its content: names and content types of portals are wrong too often (.doc that is HTML, .xls that is xlsx)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Literal

from gongkai.errors import UnreadableInput
from transforms.decode import utf16_of

Format = Literal["html", "text", "pdf", "docx", "xlsx", "warc"]
"""`xlsx` stands for every workbook calamine reads (xlsx, xls)."""

_HEAD = 4096
_TAGS = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|div|p|table|span|br|center|font)\b[^<>]{0,4000}/?>", re.I)
_IMAGES = {b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAX_ENTRIES = 10_000
_MAX_UNPACKED = 200_000_000
_SUSPECT = 10_000_000
_MAX_RATIO = 200
"""Office files pack 10 to 50 times; an entry beyond `_SUSPECT` that packs better is a bomb: its tree would take gigabytes."""
_CONTROL = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27})


def sniff(data: bytes) -> Format:
    """The format of `data`.

    Raises:
        UnreadableInput: empty, or a type we do not read; says which.
    """
    head = data[:_HEAD]
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise UnreadableInput("the file is empty")
    for magic, name in _IMAGES.items():
        if head.startswith(magic) and not (magic == b"BM" and head.isascii()):
            raise UnreadableInput(f"a {name} image: needs character recognition, which is not done here")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    if head.startswith(_OLE):
        return _ole_kind(data)
    if head.startswith(b"\x1f\x8b"):
        return _gzip_kind(data)
    if head.startswith(b"WARC/1"):
        return "warc"
    if head.startswith(b"{\\rtf"):
        raise UnreadableInput("an RTF file: not read")
    return _text_kind(data)


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type header."""
    _, found, value = (content_type or "").lower().partition("charset=")
    return value.split(";")[0].strip(" \"'") or None if found else None


def check_zip(archive: zipfile.ZipFile) -> None:
    """Refuse archives that unpack to more than the bound (zip bombs) or are encrypted."""
    entries = archive.infolist()
    if len(entries) > _MAX_ENTRIES or sum(e.file_size for e in entries) > _MAX_UNPACKED:
        raise UnreadableInput(f"an archive that unpacks to more than {_MAX_UNPACKED // 1_000_000} MB or {_MAX_ENTRIES} files")
    if any(e.file_size > max(_SUSPECT, _MAX_RATIO * e.compress_size) for e in entries):
        raise UnreadableInput(f"an archive with an entry packed more than {_MAX_RATIO} times (a zip bomb)")
    if any(e.flag_bits & 1 for e in entries):
        raise UnreadableInput("an encrypted archive")


def _zip_kind(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_zip(archive)
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UnreadableInput(f"a broken zip archive: {error}") from error
    if any(name.startswith("word/") for name in names):
        return "docx"
    if "xl/workbook.bin" in names:  # cells at opposite corners take gigabytes, and only a reader of its own could tell before
        raise UnreadableInput("a binary workbook (.xlsb): not read")
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if "ofd.xml" in names:
        raise UnreadableInput("an OFD file: not read")
    raise UnreadableInput("a zip archive that is no document")


def _ole_kind(data: bytes) -> Format:
    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if has("EncryptedPackage") or has("EncryptionInfo"):
        raise UnreadableInput("an encrypted Office file")
    if has("Workbook") or has("Book\0"):
        return "xlsx"
    if has("WordDocument"):
        raise UnreadableInput("a Word file of the old binary format (.doc, .wps): not read")
    raise UnreadableInput("an OLE file that is no document we read")


def _gzip_kind(data: bytes) -> Format:
    try:
        start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[:65536], 64)
    except zlib.error as error:
        raise UnreadableInput(f"a broken gzip file: {error}") from error
    if start.startswith(b"WARC/1"):
        return "warc"
    raise UnreadableInput("a gzip file that is no WARC")


def _text_kind(data: bytes) -> Format:
    head = data[:_HEAD]
    wide = utf16_of(head)
    narrow = head.decode(wide, "ignore").encode("utf-8", "ignore") if wide else head
    if not wide and len(head.translate(None, _CONTROL)) < len(head) * 0.95:
        raise UnreadableInput("a binary file of a type we do not know")
    if narrow.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[{")):
        raise UnreadableInput("JSON, not a document")
    if _TAGS.search(narrow) or (not wide and _TAGS.search(data[:65536])):
        return "html"
    if narrow.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        raise UnreadableInput("an XML file, not a page")
    return "text"
