"""OLE files, the container of Office before 2007 and of WPS: which document one is, and how far its cells reach."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
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
_FILE_PASS = 0x002F  # [MS-XLS] 2.4.117, among the first records
_HEAD = 65_536
_EOF, _BOUND_SHEET, _DIMENSIONS = 0x000A, 0x0085, 0x0200
_MAX_ROWS, _MAX_COLUMNS = 65_536, 256
_MAX_RECORDS = 4_000_000
_MAX_STREAMS = 20
# [MS-XLS] 2.4: records that put a value into a cell; row and column are their first two numbers.
_CELLS = frozenset((0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x0207, 0x027E, 0x0406))


@dataclass(frozen=True, slots=True)
class Reach:
    """Rows x columns up to the last cell, summed over the sheets; not `sound` where a sheet declares what cannot be."""

    area: int
    sound: bool


def ole_kind(data: bytes) -> OleKind:
    """The document by its root's streams. A file too damaged for that goes by the names that stand in it anywhere."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            names = {path[0].lower() for path in file.listdir() if len(path) == 1}
            kind: OleKind = next((kind for name, kind in _STREAMS if name.lower() in names), "ole")
            secret = (kind == "doc" and _word_is_encrypted(file)) or (kind == "xls" and _workbook_is_encrypted(file))
            return "encrypted" if secret else kind
    except _BROKEN:
        return next((kind for name, kind in _STREAMS if name.encode("utf-16-le") in data), "ole")


def _word_is_encrypted(file: olefile.OleFileIO) -> bool:
    head: bytes = file.openstream("WordDocument").read(12)
    return len(head) == 12 and bool(struct.unpack_from("<H", head, 10)[0] & _WORD_ENCRYPTED)


def _workbook_is_encrypted(file: olefile.OleFileIO) -> bool:
    """Behind a password the records keep their heads alone, so that what a sheet declares is nonsense."""
    name = "Workbook" if file.exists("Workbook") else "Book"
    return any(kind == _FILE_PASS for kind, _, _ in _records(file.openstream(name).read(_HEAD), 0))


def workbook_reach(data: bytes) -> Reach:
    """How far the cells of an old workbook reach, followed as calamine follows them: from the sheets' places that its head names.

    calamine makes room for what a sheet declares before it reads a cell, and where that is nonsense the whole process ends.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            # calamine takes the first stream of that name wherever it lies; a workbook may hold others inside
            streams = [file.openstream(path).read() for path in file.listdir() if path[-1].lower() in ("workbook", "book")]
    except _BROKEN:
        return Reach(0, sound=False)
    reaches = [_reach(stream) for stream in streams[:_MAX_STREAMS]]
    return Reach(max((r.area for r in reaches), default=0), all(r.sound for r in reaches) and 0 < len(streams) <= _MAX_STREAMS)


def _reach(stream: bytes) -> Reach:
    records = 0
    places = []
    for kind, at, size in _records(stream, 0):
        records += 1
        if kind == _BOUND_SHEET and size >= 4:
            places.append(struct.unpack_from("<I", stream, at)[0])
    area = 0
    for place in places:
        rows = columns = 0
        for kind, at, size in _records(stream, place):
            records += 1
            if kind in _CELLS and size >= 4:
                row, column = struct.unpack_from("<HH", stream, at)
                rows, columns = max(rows, row + 1), max(columns, column + 1)
            elif kind == _DIMENSIONS and not _is_sound(stream[at : at + size]):
                return Reach(area, sound=False)
            if records > _MAX_RECORDS:
                return Reach(_MAX_ROWS * _MAX_COLUMNS, sound=True)
        area += rows * columns
    return Reach(area, sound=True)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of the records from `at` to the end of the sheet."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == _EOF:
            return
        yield kind, at + 4, min(size, len(stream) - at - 4)
        at += 4 + size


def _is_sound(body: bytes) -> bool:
    """Whether a DIMENSIONS record declares no more than the format can hold, and its end behind its beginning."""
    if len(body) not in (10, 14):
        return False
    first_row, last_row, first_column, last_column = struct.unpack_from("<HHHH" if len(body) == 10 else "<IIHH", body)
    return (
        last_row <= _MAX_ROWS
        and last_column <= _MAX_COLUMNS
        and all(last == 0 or first < last for first, last in ((first_row, last_row), (first_column, last_column)))
    )
