"""The archive: WARC 1.1, one gzip member a record, so that any WARC tool reads what the portal said, byte for byte.

An exchange is a `response` (or `revisit`, where the same payload is already archived, or the portal said 304), its `request`,
and a `metadata` record with our own notes. A request that got no answer leaves `request` + `metadata` with the error.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b32encode
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParserException

from crawlers.content import decode_content
from gongkai.errors import UnreadableInput

WARC_NAME = "crawl.warc.gz"
_SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_REFERENCE = re.compile(r"run=(\d{8}T\d{6}Z)/([A-Za-z0-9._-]{1,80}\.warc\.gz)")
_WORTH_A_REVISIT = 256  # bytes; below that a revisit record is larger than the payload
_LEVEL = 6  # zlib; level 9 costs twice the time for 1 % of the size
_MEDIA_TYPES = {
    "warcinfo": "application/warc-fields",
    "response": "application/http; msgtype=response",
    "revisit": "application/http; msgtype=response",
    "request": "application/http; msgtype=request",
    "metadata": "application/warc-fields",
}
Headers = list[tuple[str, str]]


class DamagedRecord(UnreadableInput):
    """The archive does not hold what was written: a file or record is missing, cut or changed. A failure of ours, not of the source."""


@dataclass(frozen=True, slots=True)
class Record:
    """Where a response lies in the archive of its portal."""

    run_id: str
    file: str
    offset: int
    url: str
    date: str
    digest: str
    """sha256 of the payload as received (hex)."""
    identity: str = ""
    """Its WARC-Record-ID; empty in memories of before it was kept, as is `sha1`."""
    sha1: str = ""
    """WARC-Payload-Digest, as the record states it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answer of a portal, live or read back: `payload` has its content encoding undone, `record` is where it is archived."""

    url: str
    status: int
    headers: Mapping[str, str]
    """Lower-case names; repeated headers joined by a comma."""
    payload: bytes
    fetched_at: datetime
    record: Record | None = None
    not_modified: bool = False

    @property
    def content_type(self) -> str:
        """Media type without parameters; what the portal claims, not what the bytes are."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() or "application/octet-stream"

    @property
    def charset(self) -> str | None:
        """Charset that the header declares."""
        found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", self.headers.get("content-type", ""), re.IGNORECASE)
        return found[1] if found else None


class Sent(NamedTuple):
    """A request as it went out."""

    method: str
    url: str
    headers: Headers
    body: bytes = b""


@dataclass
class ArchiveWriter:
    """Appends the exchanges of one portal's run to one WARC file.

    `payloads` is the portal's index of archived payloads (sha256 → Record); it is read to write revisits, and extended.
    """

    folder: Path
    portal_id: str
    run_id: str
    payloads: MutableMapping[str, Record]
    requests: int = 0
    received: int = 0
    _position: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._file = (self.folder / WARC_NAME).open("xb")
        about = {"software": "gongkai", "format": "WARC File Format 1.1", "isPartOf": self.portal_id, "run": self.run_id}
        self._append("warcinfo", {"WARC-Filename": WARC_NAME, "WARC-Date": _now()}, _fields(about))

    def answer(
        self,
        request: Sent,
        status: int,
        headers: Headers,
        payload: bytes,
        *,
        refers_to: Record | None = None,
        server: str | None = None,
        notes: Mapping[str, str] | None = None,
    ) -> Record:
        """Archive one answered request; returns where its response (or revisit) lies.

        `refers_to` is the record a 304 confirms, `server` the IP address that answered.
        """
        url, date = request.url, _now()
        digest, sha1 = hashlib.sha256(payload).hexdigest(), _sha1(payload)
        earlier = self.payloads.get(digest) if len(payload) >= _WORTH_A_REVISIT else None
        if refers_to:  # to where the payload lies, should the 304 confirm what is a revisit itself; the payload is that one's, not nothing
            earlier = self.payloads.get(refers_to.digest, refers_to)
            sha1 = earlier.sha1
        fields = {"WARC-Target-URI": url, "WARC-Date": date, "WARC-Payload-Digest": sha1, "WARC-IP-Address": server or ""}
        if earlier:
            fields |= {
                "WARC-Profile": _NOT_MODIFIED if refers_to else _SAME_PAYLOAD,
                "WARC-Refers-To": earlier.identity,
                "WARC-Refers-To-Target-URI": earlier.url,
                "WARC-Refers-To-Date": earlier.date,
                "WARC-Refers-To-Filename": f"run={earlier.run_id}/{earlier.file}",
                "WARC-Refers-To-File-Offset": str(earlier.offset),
                "WARC-Truncated": "length",
            }
        fields = {name: value for name, value in fields.items() if value}
        head = _head(f"HTTP/1.1 {status} {_phrase(status)}", headers)
        offset, identity = self._append("revisit", fields, head) if earlier else self._append("response", fields, head + payload)
        place = Record(self.run_id, WARC_NAME, offset, url, date, earlier.digest if refers_to and earlier else digest, identity, sha1)
        about = {"payload-sha256": digest, "payload-bytes": str(len(payload))} | dict(notes or {})
        self._sides(request, date, identity, about)
        if not earlier and status == HTTPStatus.OK and len(payload) >= _WORTH_A_REVISIT:
            self.payloads[digest] = place
        self.requests += 1
        self.received += len(payload)
        return place

    def failure(self, request: Sent, error: str) -> None:
        """Archive a request that got no answer."""
        self._sides(request, _now(), None, {"error": error[:2000]})
        self.requests += 1

    def close(self) -> None:
        """Flush; the file is synced when the run is committed."""
        self._file.close()

    def _sides(self, request: Sent, date: str, concurrent: str | None, notes: Mapping[str, str]) -> None:
        method, url, headers, body = request
        fields = {"WARC-Target-URI": url, "WARC-Date": date} | ({"WARC-Concurrent-To": concurrent} if concurrent else {})
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not any(name.lower() == "host" for name, _ in headers):
            headers = [("Host", parts.netloc), *headers]
        self._append("request", fields | {"WARC-Payload-Digest": _sha1(body)}, _head(f"{method} {target} HTTP/1.1", headers) + body)
        self._append("metadata", fields, _fields(notes))

    def _append(self, kind: str, fields: Mapping[str, str], block: bytes) -> tuple[int, str]:
        """Write one record as one gzip member; its offset and its WARC-Record-ID.

        By hand: quicker than warcio's builder, which also rewrites header values that are not ASCII.
        """
        identity = f"<urn:uuid:{uuid4()}>"
        own = {"WARC-Type": kind, "WARC-Record-ID": identity}
        last = {"WARC-Block-Digest": _sha1(block), "Content-Type": _MEDIA_TYPES[kind], "Content-Length": str(len(block))}
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        parts = (b"WARC/1.1\r\n", _fields({**own, **fields, **last}), b"\r\n", block, b"\r\n\r\n")
        member = b"".join([*map(packer.compress, parts), packer.flush()])
        offset = self._position
        self._file.write(member)
        self._position += len(member)
        return offset, identity


def read_record(path: Path, offset: int, *, limit: int = 200_000_000) -> Exchange:
    """The archived answer at `offset` of a WARC file inside a raw run folder; a revisit is followed to the bytes it refers to.

    `limit` bounds the payload after its content encoding is undone, in bytes.

    Raises:
        DamagedRecord: no response there, or its payload is not the one whose digest it states.
        UnreadableInput: the content encoding cannot be undone.
    """
    return _read(path, offset, limit, follow=True)


def _read(path: Path, offset: int, limit: int, *, follow: bool) -> Exchange:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            record = next(iter(ArchiveIterator(file)), None)
            if record is None or record.rec_type not in ("response", "revisit") or record.http_headers is None:
                raise DamagedRecord(f"{path.name}@{offset}: holds {record.rec_type if record else 'nothing'}, not a response")
            about, http, raw = record.rec_headers, record.http_headers, record.raw_stream.read()
    except (OSError, ArchiveLoadFailed, StatusAndHeadersParserException, ValueError, AttributeError) as error:  # what warcio raises, too
        raise DamagedRecord(f"{path.name}@{offset}: {' '.join(str(error).split())}") from error
    if record.rec_type == "response" and _sha1(raw) != about.get_header("WARC-Payload-Digest"):
        raise DamagedRecord(f"{path.name}@{offset}: the payload was changed: it has another digest than its record states")
    url, date = about.get_header("WARC-Target-URI"), about.get_header("WARC-Date")
    headers = join_headers(http.headers)
    fetched_at = datetime.fromisoformat(date)
    if record.rec_type == "revisit":
        if not follow:
            raise DamagedRecord(f"{path.name}@{offset}: a revisit of a revisit")
        target = _referred(path, about.get_header("WARC-Refers-To-Filename") or "")
        earlier = _read(target, int(about.get_header("WARC-Refers-To-File-Offset")), limit, follow=False)
        unchanged = about.get_header("WARC-Profile") == _NOT_MODIFIED
        if unchanged:  # a 304 carries few headers; type and length are those of the answer it confirms
            headers = dict(earlier.headers) | headers
        return Exchange(
            url, earlier.status if unchanged else int(http.get_statuscode()), headers, earlier.payload, fetched_at, not_modified=unchanged
        )
    return Exchange(url, int(http.get_statuscode()), headers, decode_content(raw, headers.get("content-encoding", ""), limit), fetched_at)


def _referred(path: Path, reference: str) -> Path:
    """`run=TS/name` beside or inside the folder that holds `path` (which is still called `partial=TS` while a run goes on)."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise DamagedRecord(f"{path.name}: revisit refers to {reference!r}, which is no file of this archive")
    own = path.parent
    return own / found[2] if own.name.partition("=")[2] == found[1] else own.parent / reference


def join_headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header pairs as one mapping with lower-case names; repeated ones joined by a comma."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _fields(fields: Mapping[str, str]) -> bytes:
    """`application/warc-fields`, which a record's own head is written in, too."""
    return "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields.items()).encode()


def _head(line: str, headers: Headers) -> bytes:
    """The head of an HTTP message; Latin-1 gives back the bytes that came over the wire."""
    return "".join([f"{line}\r\n", *(f"{name}: {value}\r\n" for name, value in headers), "\r\n"]).encode("latin-1")


def _sha1(data: bytes) -> str:
    """A digest as WARC tools write it."""
    return "sha1:" + b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"


def _one_line(value: str) -> str:
    return " ".join(value.split())
