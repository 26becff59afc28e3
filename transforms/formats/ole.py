"""OLE files, the container of Office before 2007 and of WPS: which document one is, and how far its cells reach."""

from __future__ import annotations

import io
import struct
from typing import Literal

import olefile

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OleKind = Literal["doc", "xls", "ppt", "encrypted", "ole"]

_STREAMS: tuple[tuple[str, OleKind], ...] = (
    ("EncryptedPackage", "encrypted"),
    ("EncryptionInfo", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)
_BROKEN = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError, struct.error)
"""What olefile raises at damaged files."""
_WORD_ENCRYPTED = 0x0100  # bit of FibBase at offset 10, [MS-DOC] 2.5.2
_BOF = 0x0809
# [MS-XLS] 2.4: records that put a value into a cell; row and column are their first two numbers.
_CELLS = frozenset((0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x0207, 0x027E, 0x0406))


def ole_kind(data: bytes) -> OleKind:
    """The document by its root's streams. A file too damaged for that goes by the names that stand in it anywhere."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            names = {path[0].lower() for path in file.listdir() if len(path) == 1}
            kind: OleKind = next((kind for name, kind in _STREAMS if name.lower() in names), "ole")
            return "encrypted" if kind == "doc" and _word_is_encrypted(file) else kind
    except _BROKEN:
        return next((kind for name, kind in _STREAMS if name.encode("utf-16-le") in data), "ole")


def _word_is_encrypted(file: olefile.OleFileIO) -> bool:
    head: bytes = file.openstream("WordDocument").read(12)
    return len(head) == 12 and bool(struct.unpack_from("<H", head, 10)[0] & _WORD_ENCRYPTED)


def cell_area(data: bytes) -> int:
    """Rows x columns up to the last cell, summed over the sheets of an old workbook; 0 where its records cannot be followed."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            name = next((n for n in ("Workbook", "Book") if file.exists(n)), None)
            stream: bytes = file.openstream(name).read() if name else b""
    except _BROKEN:
        return 0
    area = rows = columns = at = 0
    while at + 8 <= len(stream):
        kind, size, row, column = struct.unpack_from("<HHHH", stream, at)
        if kind in _CELLS:
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind == _BOF:
            area, rows, columns = area + rows * columns, 0, 0
        at += 4 + size
    return area + rows * columns
