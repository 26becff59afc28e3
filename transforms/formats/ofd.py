"""OFD, China's own page format (GB/T 33190-2016), to a body: a zip of XML parts, read with the same layout rules as a PDF.

OFD.xml names documents, a document names its pages and templates, a page places text, rulings and pictures. Names of parts are looked up
among the archive's entries and nowhere else.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from gongkai.errors import UnreadableInput
from gongkai.records.document import Finding
from gongkai.status import ReadingStatus
from transforms.body import Body
from transforms.formats.laid_out import MAX_PAGES, LaidOut
from transforms.formats.ofd_page import DrawnPage, PageReader, numbers
from transforms.formats.pdf_bounds import Budget, TooMuch
from transforms.formats.xml_scan import Handler, scan_xml
from transforms.formats.zips import MAX_UNPACKED, check_zip, entry_bytes, open_zip

_A4 = (0.0, 0.0, 210.0, 297.0)
_MAX_DOCUMENTS = 20


def ofd_body(data: bytes) -> Body:
    """Read the text layer of an OFD file, its ruled tables as grids.

    Raises:
        UnreadableInput: broken, a part that all others hang on is missing, encrypted, or beyond the bounds.
    """
    try:
        with open_zip(data) as archive:
            check_zip(archive)
            return _Reader(_Parts(archive)).read()
    except TooMuch as error:
        raise UnreadableInput(f"an OFD file that cannot be read within bounds: {error}", ReadingStatus.TOO_LARGE) from error


class _Parts:
    """The archive's entries by the names that parts call each other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = {self._key(entry.filename): entry for entry in archive.infolist()}
        self._left = MAX_UNPACKED
        if any(posixpath.basename(name) == "encryptions.xml" for name in self._entries):
            raise UnreadableInput("an encrypted OFD file", ReadingStatus.ENCRYPTED)

    def scan(self, name: str, handler: Handler) -> bool:
        """Tell `handler` what stands in a part; False where there is none. Pages may name one part again and again: all readings count."""
        entry = self._entries.get(self._key(name))
        if entry is None:
            return False
        self._left -= entry.file_size
        if self._left < 0:
            raise TooMuch(f"its parts hold more than {MAX_UNPACKED // 1_000_000} MB")
        scan_xml(entry_bytes(self._archive, entry), handler)
        return True

    @staticmethod
    def _key(name: str) -> str:
        """Some writers spell the names of parts otherwise than those who refer to them."""
        return name.replace("\\", "/").strip().lstrip("/").lower()


def _resolved(base: str, location: str) -> str:
    """ST_Loc: from the archive's root where it begins with a slash, else from the folder of the part that says it."""
    location = location.strip().replace("\\", "/")
    return location if location.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(base), location))


@dataclass
class _Reader:
    parts: _Parts
    laid: LaidOut = field(default_factory=LaidOut)
    budget: Budget = field(default_factory=Budget)
    pages: int = 0
    missing: list[str] = field(default_factory=list)

    def read(self) -> Body:
        root = _Collector()
        if not self.parts.scan("OFD.xml", root):
            raise UnreadableInput("a broken OFD file: OFD.xml is missing")
        if not root.roots:
            raise UnreadableInput("a broken OFD file: it names no document")
        for location in root.roots[:_MAX_DOCUMENTS]:
            self._document(_resolved("", location))
        findings = []
        if self.missing:
            message = f"parts that the file names are missing: {', '.join(self.missing[:5])}"[:300]
            findings.append(Finding(rule="ofd_part_missing", severity="warning", message=message, actual=str(len(self.missing))))
        return self.laid.build(self.pages, findings)

    def _document(self, name: str) -> None:
        document = _Collector()
        if not self.parts.scan(name, document):
            raise UnreadableInput(f"a broken OFD file: {name} is missing"[:200])
        templates = {number: _resolved(name, location) for number, location in document.templates.items()}
        for location in document.pages:
            self.pages += 1
            if self.pages <= MAX_PAGES:
                self._page(_resolved(name, location), templates, document.box or _A4)

    def _page(self, name: str, templates: Mapping[str, str], box: tuple[float, ...]) -> None:
        page = DrawnPage(self.budget)
        reader = PageReader(page, self.budget)
        if not self.parts.scan(name, reader):
            self.missing.append(name)
            return
        page.set_size(reader.box or box)
        for number in reader.templates:
            if number not in templates or not self.parts.scan(templates[number], PageReader(page, self.budget)):
                self.missing.append(f"template {number}")
        self.laid.page(page, self.pages)


class _Collector:
    """What OFD.xml and a document's own part name."""

    def __init__(self) -> None:
        self.roots: list[str] = []
        self.pages: list[str] = []
        self.templates: dict[str, str] = {}
        self.box: tuple[float, ...] | None = None
        self._text: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        location = attributes.get("BaseLoc")
        if tag == "Page" and location:
            self.pages.append(location)
        elif tag == "TemplatePage" and location:
            self.templates[attributes.get("ID", "")] = location
        self._text = [] if tag in ("DocRoot", "PhysicalBox") else None

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        text, self._text = "".join(self._text or ()).strip(), None
        if tag == "DocRoot" and text:
            self.roots.append(text)
        elif tag == "PhysicalBox" and len(box := numbers(text, 4)) == 4:
            self.box = tuple(box)
