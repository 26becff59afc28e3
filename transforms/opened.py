"""One attachment opened: typed by its content, unpacked where it is an archive, converted where a converter is given, read.

Each attachment, and each file in an archive, ends in one word (gongkai/status.py); only what is `read` or `needs_ocr` has a document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol, Unpack

from gongkai.errors import UnreadableInput
from gongkai.records.document import READ_GENRES, ParsedDocument
from gongkai.status import ReadingStatus
from transforms.formats.claims import extension_of, false_claim, is_page_name, refuse_web_page
from transforms.formats.sniff import Format, sniff
from transforms.formats.zips import Member, member_bytes, members, open_zip
from transforms.parse import Given, parse

CONVERTIBLE: frozenset[Format] = frozenset(("doc", "rtf", "odt", "word_xml"))
"""Formats that a converter can turn into docx."""
_ARCHIVES: frozenset[Format] = frozenset(("zip", "rar", "7z", "gzip", "warc"))
_ENOUGH = 30  # characters that make a body beside pictures


@dataclass(frozen=True, slots=True)
class Converted:
    """A docx made of another file, and the program with version that made it."""

    data: bytes
    program: str


class Convert(Protocol):
    """Turns a file of a CONVERTIBLE format into docx; does I/O, so it is given from outside."""

    def __call__(self, data: bytes, kind: Format) -> Converted:
        """Raises UnreadableInput with status `unconverted` (no converter here) or `failed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What became of an attachment, or of one file in it."""

    member: int = 0
    """0 for the attachment itself, n for the n-th file of the archive that it is."""
    member_name: str | None = None
    name: str | None = None
    extension: str | None = None
    size: int | None
    kind: Format | None = None
    status: ReadingStatus
    reason: str | None = None
    converter: str | None = None
    document: ParsedDocument | None = None


def open_attachment(data: bytes, convert: Convert | None = None, **given: Unpack[Given]) -> Iterator[Opened]:
    """Read an attachment: one result, and for an archive one more for each file in it. Never raises for what the bytes are."""
    name = given.get("name")
    extension = extension_of(name, given.get("url"))
    try:
        is_archive = sniff(data) == "zip"
    except UnreadableInput:
        is_archive = False
    if not is_archive:
        yield _open(data, convert, Given(**given), Opened(name=name, extension=extension, size=len(data), status=ReadingStatus.FAILED))
        return
    whole = Opened(name=name, extension=extension, size=len(data), kind="zip", status=ReadingStatus.UNPACKED)
    try:
        with open_zip(data) as archive:
            listed = members(archive)
            yield whole
            for member in listed:
                one = _of_member(member)
                try:
                    content = member_bytes(archive, member)
                except UnreadableInput as error:
                    yield replace(one, status=error.status, reason=_line(error))
                else:
                    inner = Given(**given)
                    inner["name"], inner["content_type"], inner["declared_encoding"] = member.base_name, None, None
                    yield _open(content, convert, inner, one)
    except UnreadableInput as error:
        yield replace(whole, status=error.status, reason=_line(error))


def _of_member(member: Member) -> Opened:
    return Opened(
        member=member.number,
        member_name=member.name,
        name=member.base_name,
        extension=extension_of(member.base_name, None),
        size=member.entry.file_size,
        status=ReadingStatus.FAILED,
    )


def _open(data: bytes, convert: Convert | None, given: Given, one: Opened) -> Opened:
    """Read one file; `one` holds what is known of it so far."""
    kind: Format | None = None
    program = None
    try:
        kind = sniff(data, one.name)
        if kind in _ARCHIVES and (one.member or kind == "warc"):
            raise UnreadableInput("an archive inside an archive: not opened" if one.member else "a WARC file", ReadingStatus.REFUSED)
        refuse_web_page(kind, data, one.extension)
        if convert and kind in CONVERTIBLE:
            converted = convert(data, kind)
            data, program = converted.data, converted.program
        given["whole"] = not is_page_name(one.extension)
        document = parse(data, **given)
    except UnreadableInput as error:
        return replace(one, kind=kind, status=error.status, reason=_line(error), converter=program)
    document = replace(document, findings=[*document.findings, *false_claim(kind, one.extension)])
    status, reason = _judged(document)
    return replace(one, kind=kind, status=status, reason=reason, converter=program, document=document)


def _line(error: UnreadableInput) -> str:
    return " ".join(str(error).split())[:300]


def _judged(document: ParsedDocument) -> tuple[ReadingStatus, str | None]:
    """`needs_ocr` for a document of pictures: hardly a word, or a plan or report of which nothing could be read."""
    pictures = next((f.message for f in document.findings if f.rule == "needs_ocr"), None)
    wanted = document.genre in READ_GENRES
    if pictures and not (document.tasks or document.metrics) and (wanted or len(document.body_text) < _ENOUGH):
        return ReadingStatus.NEEDS_OCR, pictures
    return ReadingStatus.READ, None
