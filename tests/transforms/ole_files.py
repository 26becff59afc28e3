"""Old Excel workbooks (BIFF8 in an OLE container, what .xls and WPS's .et are), written by hand: no library that is kept writes them."""

from __future__ import annotations

import struct
from typing import Any

from table_files import spans

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def ole_file(*streams: tuple[str, bytes]) -> bytes:
    """A container of streams in its root; each is padded to the size from which it lies in sectors of its own."""
    padded = [(name, content.ljust(4096, b"\0")) for name, content in streams]
    counts = [-(-len(content) // _SECTOR) for _, content in padded]
    directory_sectors = -(-(1 + len(padded)) * 128 // _SECTOR)
    fat_sectors = 1
    while fat_sectors * 128 < sum(counts) + directory_sectors + fat_sectors:
        fat_sectors += 1
    if fat_sectors > 109:
        raise ValueError("larger than the header's list of FAT sectors")
    fat = [_FAT] * fat_sectors + _chain(fat_sectors, directory_sectors)
    root = _entry("Root Entry", 5, child=1 if padded else _FREE, start=_END, size=0)
    entries = [root]
    for number, ((name, content), count) in enumerate(zip(padded, counts, strict=True), 1):
        right = number + 1 if number < len(padded) else _FREE
        entries.append(_entry(name, 2, right=right, start=len(fat), size=len(content)))
        fat += _chain(len(fat), count)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, fat_sectors, fat_sectors, 0, 4096, _END, 0, _END, 0, 0)
    header = header[:76] + b"".join(struct.pack("<I", n if n < fat_sectors else _FREE) for n in range(109))
    body = b"".join(struct.pack("<I", value) for value in fat).ljust(fat_sectors * _SECTOR, b"\xff")
    body += b"".join(entries).ljust(directory_sectors * _SECTOR, b"\0")
    return header + body + b"".join(content.ljust(-(-len(content) // _SECTOR) * _SECTOR, b"\0") for _, content in padded)


def _chain(first: int, count: int) -> list[int]:
    return [*range(first + 1, first + count), _END]


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, _FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def workbook_stream(*sheets: tuple[dict[tuple[int, int], str], list[tuple[int, int, int, int]]]) -> bytes:
    """BIFF8: each sheet's cells by (row, column), and its merged areas (first row, last row, first column, last column)."""
    texts = [text for cells, _ in sheets for text in cells.values()]
    table = struct.pack("<II", len(texts), len(texts))
    table += b"".join(struct.pack("<HB", len(text), 1) + text.encode("utf-16-le") for text in texts)
    strings, number = [_record(0x00FC, table[:8000])], 0
    if len(table) > 8000:
        raise ValueError("more text than one record holds")
    bodies = []
    for cells, merged in sheets:
        body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
        for row, column in cells:
            body += _record(0x00FD, struct.pack("<HHHI", row, column, 0, number))
            number += 1
        if merged:
            body += _record(0x00E5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<HHHH", *area) for area in merged))
        bodies.append(body + _record(0x000A, b""))
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + _record(0x0042, struct.pack("<H", 1200))
    names = [f"S{n}".encode("utf-16-le") for n in range(len(bodies))]
    rest = b"".join(strings) + _record(0x000A, b"")
    at = len(start) + sum(4 + 8 + len(name) for name in names) + len(rest)
    bounds = b""
    for name, body in zip(names, bodies, strict=True):
        bounds += _record(0x0085, struct.pack("<IBBBB", at, 0, 0, len(name) // 2, 1) + name)
        at += len(body)
    return start + bounds + rest + b"".join(bodies)


def locked_workbook_stream() -> bytes:
    """Behind a password, [MS-XLS] 2.2.10: FILEPASS behind BOF; of the records behind it only the heads and a sheet's place are in clear."""
    scrambled = bytes(range(7, 250, 11))
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + _record(0x002F, struct.pack("<H", 1) + scrambled * 2)
    place = len(start) + 4 + 16 + 4
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + _record(0x0200, scrambled[:14]) + _record(0x000A, b"")
    return start + _record(0x0085, struct.pack("<I", place) + scrambled[:12]) + _record(0x000A, b"") + sheet


def as_xls(doc: list[Any]) -> bytes:
    """One sheet, paragraphs merged over the table's width."""
    width = max(len(row) for part in doc if not isinstance(part, str) for row in part["table"])
    cells: dict[tuple[int, int], str] = {}
    merged: list[tuple[int, int, int, int]] = []
    top = 0
    for part in doc:
        table = [[part, *["<"] * (width - 1)]] if isinstance(part, str) else part["table"]
        for cell in spans(table):
            if cell.text:
                cells[top + cell.row, cell.column] = cell.text
            if cell.height > 1 or cell.width > 1:
                merged.append((top + cell.row, top + cell.row + cell.height - 1, cell.column, cell.column + cell.width - 1))
        top += len(table)
    return ole_file(("Workbook", workbook_stream((cells, merged))))
