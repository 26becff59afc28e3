"""Reading side of the archive: every record of a WARC file in order, and the citation of one (PORTAL/RUN/FILE@OFFSET).

The walk trusts nothing: it goes member by member, so that damage has a place, and goes on behind it. Payloads pass through in pieces.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from warcio.bufferedreaders import BufferedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from gongkai.errors import UnreadableInput
from gongkai.layout import Layout, is_run_id, record_name

ANSWERS = ("response", "revisit")
_PIECE = 65_536
_KEPT = 65_536  # bytes of a record without payload (metadata, warcinfo) that are handed out
_MAGIC = b"\x1f\x8b\x08"
_HEAD = 10
_PLACE = re.compile(
    r"(?P<portal>[a-z0-9]+(?:-[a-z0-9]+)*)/(?:run=)?(?P<run>\d{8}T\d{6}Z)/(?P<file>[A-Za-z0-9._-]{1,80}\.warc\.gz)@(?P<at>\d{1,15})"
)
_BROKEN = (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError, AttributeError)
"""What warcio raises for bytes that are no record; AttributeError for one without an address, ValueError for a digest it cannot read."""


class Place(NamedTuple):
    """Where a record lies; written `PORTAL/RUN/FILE@OFFSET`, which is how a record is cited."""

    portal_id: str
    run_id: str
    file: str
    offset: int

    def __str__(self) -> str:
        return record_name(*self)

    @classmethod
    def of(cls, text: str) -> Place:
        """Read a citation. Raises UnreadableInput where `text` is none."""
        found = _PLACE.fullmatch(text.strip())
        if not found or not is_run_id(found["run"]):
            raise UnreadableInput(f"{text[:200]!r} cites no record (expected PORTAL/RUN/crawl.warc.gz@OFFSET)")
        return cls(found["portal"], found["run"], found["file"], int(found["at"]))

    def path(self, layout: Layout) -> Path:
        """The file. Raises UnreadableInput where the archive does not hold it."""
        path = layout.raw_run(self.portal_id, self.run_id) / self.file
        if not path.is_file():
            raise UnreadableInput(f"{self}: the archive holds no such file")
        return path


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record as it was walked over."""

    offset: int
    length: int
    """Bytes of its gzip member."""
    kind: str
    about: Any
    """warcio's StatusAndHeaders: the WARC headers."""
    http: Any | None
    """The same: status or request line and headers of an HTTP message."""
    size: int
    """Bytes of the payload, as received."""
    sha256: str
    """Of the payload."""
    body: bytes
    """Content of a record that is no HTTP message, the first 64 KiB."""
    head: bytes
    """Of its gzip member: ten bytes that no checksum covers."""
    faults: tuple[str, ...]

    def header(self, name: str) -> str:
        """A WARC header; empty where it is not there."""
        return str(self.about.get_header(name) or "")

    @property
    def notes(self) -> dict[str, str]:
        """The fields of a metadata record (application/warc-fields)."""
        pairs = (line.partition(":") for line in self.body.decode("utf-8", "replace").splitlines())
        return {name.strip(): value.strip() for name, colon, value in pairs if colon}


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where no record can be read."""

    offset: int
    cause: str


class _CutOff(Exception):
    """The file ends inside a gzip member."""


@dataclass
class _Member:
    """One gzip member as a stream that ends with it; zlib checks its CRC."""

    file: BinaryIO
    offset: int
    head: bytes = b""
    _unpacker: Any = field(default_factory=lambda: zlib.decompressobj(zlib.MAX_WBITS | 16))

    def __post_init__(self) -> None:
        self.file.seek(self.offset)
        self.head = self.file.read(_HEAD)
        self.file.seek(self.offset)

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; nothing at the end. Raises zlib.error, _CutOff."""
        while not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail or self.file.read(_PIECE)
            found = self._unpacker.decompress(packed, size if size > 0 else _PIECE)
            if found:
                return bytes(found)
            if not packed and not self._unpacker.eof:
                raise _CutOff("the gzip member is cut off")
        return b""

    @property
    def end(self) -> int:
        """Offset behind the member, once it was read to its end."""
        return self.file.tell() - len(self._unpacker.unused_data)


def walk(path: Path, start: int = 0) -> Iterator[WarcRecord | Damage]:
    """Every record of a WARC file from the member at `start` on, in order; where none can be read the place and why."""
    size = path.stat().st_size
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
    with path.open("rb") as file:
        offset = start
        while offset < size:
            try:
                record = _read(loader, _Member(file, offset))
            except zlib.error as error:
                yield Damage(offset, f"the gzip member is damaged ({error})")
            except _CutOff as error:
                yield Damage(offset, str(error))
            except _BROKEN as error:
                yield Damage(offset, f"no WARC record: {' '.join(str(error).split())[:200] or type(error).__name__}")
            else:
                yield record
                offset += record.length
                continue
            offset = _next_start(file, offset + 1, size)


def _read(loader: Any, member: _Member) -> WarcRecord:
    stream = BufferedReader(member, block_size=_PIECE)
    record = loader.parse_record_stream(stream, known_format="warc", check_digests=True)
    sha256, size, body = hashlib.sha256(), 0, b""
    while piece := record.raw_stream.read(_PIECE):
        sha256.update(piece)
        size += len(piece)
        if record.http_headers is None and len(body) < _KEPT:
            body += piece[: _KEPT - len(body)]
    faults = list(record.digest_checker.problems)
    if record.raw_stream.limit:
        faults.append(f"ends {record.raw_stream.limit} bytes before its Content-Length")
    faults += _behind(stream)
    if record.rec_type == "response" and not record.rec_headers.get_header("WARC-Payload-Digest"):
        faults.append("a response without a payload digest")
    return WarcRecord(
        offset=member.offset,
        length=member.end - member.offset,
        kind=str(record.rec_type),
        about=record.rec_headers,
        http=record.http_headers,
        size=size,
        sha256=sha256.hexdigest(),
        body=body,
        head=member.head,
        faults=tuple(faults),
    )


def _behind(stream: Any) -> list[str]:
    """Two line ends close a record and its member."""
    rest = stream.read(5)
    while stream.read(_PIECE):  # to the member's end, whose CRC zlib checks there
        pass
    return [] if rest == b"\r\n\r\n" else ["is not closed by two line ends: its Content-Length is wrong or more follows in its member"]


def _next_start(file: BinaryIO, offset: int, size: int) -> int:
    """Where the next gzip member that holds a WARC record begins; the file's end where there is none."""
    while offset < size:
        file.seek(offset)
        piece = file.read(_PIECE)
        at = piece.find(_MAGIC)
        while at >= 0:
            if _begins_record(file, offset + at):
                return offset + at
            at = piece.find(_MAGIC, at + 1)
        offset += max(1, len(piece) - len(_MAGIC) + 1)
    return size


def _begins_record(file: BinaryIO, offset: int) -> bool:
    try:
        return _Member(file, offset).read(5) == b"WARC/"
    except (zlib.error, _CutOff):
        return False


def exchange_at(path: Path, offset: int) -> list[WarcRecord]:
    """The answer at `offset` with the request and the notes that belong to it; a record that is no answer alone.

    Raises:
        UnreadableInput: no record begins there.
    """
    found: list[WarcRecord] = []
    for record in walk(path, offset):
        if isinstance(record, Damage):
            if found:
                break
            raise UnreadableInput(f"{path.name}@{offset}: {record.cause}")
        if found and record.header("WARC-Concurrent-To") != found[0].header("WARC-Record-ID"):
            break
        found.append(record)
        if found[0].kind not in ANSWERS:
            break
    if not found:
        raise UnreadableInput(f"{path.name}@{offset}: the file ends before")
    return found
