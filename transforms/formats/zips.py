"""Zip archives within bounds: those that are documents (docx, xlsx, ods, ofd) and those that hold documents. Names are never paths.

Python reads no more of an entry than its directory says it holds, so bounds on what the directory says are bounds on what is unpacked.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from lzma import LZMAError

from gongkai.errors import UnreadableInput
from gongkai.status import ReadingStatus
from transforms.decode import decode

MAX_ENTRIES = 10_000
MAX_UNPACKED = 200_000_000
MAX_MEMBERS = 300
"""Files of an archive that holds documents; a ministry's yearly tables are a few dozen."""
_SUSPECT = 10_000_000
_MAX_RATIO = 200
"""Office files pack 10 to 50 times; an entry beyond `_SUSPECT` that packs better is a bomb: its tree would take gigabytes."""
_ENTRY = b"PK\x01\x02"
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
_UNICODE_PATH = 0x7075
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_DEBRIS = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)", re.IGNORECASE)
_MAX_NAME = 300
BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, EOFError, OSError, zlib.error, LZMAError, struct.error)
"""What reading a damaged archive raises."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive that holds documents."""

    number: int
    """Its place among the files of the archive's directory, from 1: the same in every reading of the same bytes."""
    name: str
    """As printed in the archive, folders included."""
    entry: zipfile.ZipInfo

    @property
    def base_name(self) -> str:
        """The name without folders."""
        return self.name.rpartition("/")[2]


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open an archive whose directory is within bounds.

    Raises:
        UnreadableInput: broken, or too many entries.
    """
    if data.count(_ENTRY) > 2 * MAX_ENTRIES:  # before any is read: a directory of 30 MB becomes a gigabyte of objects
        raise _too_large(f"{MAX_ENTRIES} files")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except BROKEN as error:
        raise UnreadableInput(f"a broken zip archive: {error}") from error


def check_zip(archive: zipfile.ZipFile, *, encrypted: bool = False) -> None:
    """Refuse archives that unpack to more than the bound (zip bombs) or, unless `encrypted`, hold an entry behind a password."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_UNPACKED:
        raise _too_large(f"{MAX_UNPACKED // 1_000_000} MB or {MAX_ENTRIES} files")
    if any(e.file_size > max(_SUSPECT, _MAX_RATIO * e.compress_size) for e in entries):
        raise UnreadableInput(f"an archive with an entry packed more than {_MAX_RATIO} times (a zip bomb)", ReadingStatus.TOO_LARGE)
    if not encrypted and any(e.flag_bits & _ENCRYPTED for e in entries):
        raise UnreadableInput("an encrypted archive", ReadingStatus.ENCRYPTED)


def _too_large(bound: str) -> UnreadableInput:
    return UnreadableInput(f"an archive that unpacks to more than {bound}", ReadingStatus.TOO_LARGE)


def members(archive: zipfile.ZipFile) -> list[Member]:
    """The files of an archive that holds documents, in the directory's order; what archivers leave behind is no file.

    Raises:
        UnreadableInput: more than the bounds allow; no file at all (status `empty`).
    """
    check_zip(archive, encrypted=True)
    found = [
        Member(number, printed_name(entry), entry) for number, entry in enumerate((e for e in archive.infolist() if not e.is_dir()), 1)
    ]
    found = [member for member in found if not _DEBRIS.search(member.name)]
    if not found:
        raise UnreadableInput("an archive without files", ReadingStatus.EMPTY)
    if len(found) > MAX_MEMBERS:
        raise UnreadableInput(f"an archive of {len(found)} files, more than {MAX_MEMBERS}", ReadingStatus.TOO_LARGE)
    return found


def member_bytes(archive: zipfile.ZipFile, member: Member) -> bytes:
    """A member's content.

    Raises:
        UnreadableInput: encrypted, a link, damaged, or packed by a method that is not known.
    """
    if member.entry.flag_bits & _ENCRYPTED:
        raise UnreadableInput("encrypted inside the archive", ReadingStatus.ENCRYPTED)
    if stat.S_ISLNK(member.entry.external_attr >> 16):
        raise UnreadableInput("a link inside the archive: not followed", ReadingStatus.REFUSED)
    return entry_bytes(archive, member.entry)


def entry_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry unpacked. Raises UnreadableInput where it is damaged."""
    try:
        return archive.read(entry)
    except (*BROKEN, RuntimeError) as error:  # RuntimeError: a password is asked for
        raise UnreadableInput(f"damaged inside the archive: {error}") from error


def printed_name(entry: zipfile.ZipInfo) -> str:
    """An entry's name on one line. Chinese archivers write GBK without saying so; Python reads that as code page 437."""
    unicode_path = _unicode_path(entry)
    if unicode_path is not None:
        name = unicode_path
    elif entry.flag_bits & _UTF8_NAME:
        name = entry.orig_filename
    else:
        raw = entry.orig_filename.encode("cp437", "replace")
        name = entry.orig_filename if raw.isascii() else decode(raw, "gbk").text
    name = _UNPRINTABLE.sub("\ufffd", name.replace("\\", "/")).strip()
    return name[-_MAX_NAME:] or "file"


def _unicode_path(entry: zipfile.ZipInfo) -> str | None:
    """Info-ZIP's extra field 0x7075: the name in UTF-8, valid while the checksum is that of the name in the directory."""
    extra, raw = entry.extra, entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8_NAME else "cp437", "replace")
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1 and struct.unpack_from("<I", field, 1)[0] == zlib.crc32(raw):
            return field[5:].decode("utf-8", "replace")
    return None
