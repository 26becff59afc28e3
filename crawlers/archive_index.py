"""CDXJ index of the archive, one sorted file a run, so that a lookup over many runs reads a few pages of each.

It is derived: made when it is first wanted, never by the crawl, and may be deleted at any time. Field names are those of pywb and
warcio, so that other tools read it; ours beside them are `bytes` (of the payload as received) and `sha256` (what silver calls
payload_digest; empty for a revisit).
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from crawlers.archive import ANSWERS, Damage, Place, WarcRecord, walk
from gongkai.identity import canonical_url
from gongkai.layout import Layout, open_atomic

_WWW = re.compile(r"^www\d{0,3}\.")
_UNESCAPED = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_SLASHES = re.compile(r"/{2,}")
_DEFAULT_PORTS = (None, 80, 443)


@dataclass(frozen=True, slots=True)
class Capture:
    """One archived answer to one address."""

    url: str
    moment: datetime
    status: str
    mime: str
    """As the portal declared it; `warc/revisit` where the payload lies in an earlier record."""
    bytes: int
    digest: str
    """`sha1:…` of the payload, as the record states it."""
    method: str
    place: Place

    @property
    def revisit(self) -> bool:
        return self.mime == "warc/revisit"


def urlkey(url: str) -> str:
    """The address as a sort key in SURT form, scheme, `www.` and case dropped: cn,gov,li)/zwgk/a.html?a=1&b=2."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:  # a port that is no number, brackets in the host
        return url.strip().lower()
    host = ",".join(reversed(_ascii(_WWW.sub("", parts.hostname or "", count=1)).split(".")))
    arguments = "&".join(sorted(_escaped(argument).lower() for argument in parts.query.split("&")))
    at = "" if port in _DEFAULT_PORTS else f":{port}"
    return f"{host}{at}){_path(parts.path)}{'?' if arguments else ''}{arguments}".lower()


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return quote_from_bytes(host.encode("utf-8", "replace"))


def _path(path: str) -> str:
    kept: list[str] = []
    for part in _SLASHES.sub("/", _escaped(path)).split("/")[1:]:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    return "/" + "/".join(kept).rstrip("/")


def _escaped(text: str) -> str:
    """Percent-escapes made alike: everything unescaped, then only what must be is escaped again."""
    return quote_from_bytes(unquote_to_bytes(text), safe=_UNESCAPED)


def index_run(layout: Layout, portal_id: str, run_id: str) -> Path:
    """The run's CDXJ file; made from its WARC files where it is not there yet. A damaged record is left out (`verify` names it)."""
    path = layout.archive_index(portal_id, run_id)
    if not path.exists():
        lines = [
            _line(portal_id, run_id, warc.name, answer, method, size)
            for warc in sorted(layout.raw_run(portal_id, run_id).glob("*.warc.gz"))
            for answer, method, size in _answers(walk(warc))
        ]
        with open_atomic(path) as temporary:
            temporary.write_bytes(b"".join(sorted(lines)))
    return path


def _answers(records: Iterable[WarcRecord | Damage]) -> Iterator[tuple[WarcRecord, str, int]]:
    """Each answer with the method it was asked by and the bytes of its payload as received, which stand in the records behind it."""
    answer: WarcRecord | None = None
    method, size = "GET", 0
    for record in records:
        if isinstance(record, Damage):
            continue
        if record.kind in ANSWERS:
            if answer:
                yield answer, method, size
            answer, method, size = record, "GET", record.size
        elif answer and record.header("WARC-Concurrent-To") == answer.header("WARC-Record-ID"):
            if record.kind == "request" and record.http:
                method = record.http.protocol
            elif record.kind == "metadata":
                size = int(record.notes.get("payload-bytes", size))
    if answer:
        yield answer, method, size


def _line(portal_id: str, run_id: str, file: str, record: WarcRecord, method: str, size: int) -> bytes:
    url, revisit = record.header("WARC-Target-URI"), record.kind == "revisit"
    declared = str(record.http.get_header("Content-Type") or "") if record.http else ""
    fields = {
        "url": url,
        "mime": "warc/revisit" if revisit else declared.partition(";")[0].strip().lower() or "unk",
        "status": str(record.http.get_statuscode()) if record.http else "-",
        "digest": record.header("WARC-Payload-Digest"),
        "length": str(record.length),
        "offset": str(record.offset),
        "filename": f"portal={portal_id}/run={run_id}/{file}",
        "bytes": str(size),
        "sha256": "" if revisit else record.sha256,
    } | ({} if method == "GET" else {"method": method})
    stamp = re.sub(r"\D", "", record.header("WARC-Date"))[:14]
    return f"{urlkey(url)} {stamp} {json.dumps(fields, ensure_ascii=False)}\n".encode()


def captures(path: Path, portal_id: str, run_id: str, prefix: str = "") -> Iterator[Capture]:
    """Captures of one index whose key begins with `prefix`, in order of key and moment."""
    for line in _lines(path, prefix.encode()):
        _, stamp, rest = line.decode().split(" ", 2)
        held = json.loads(rest)
        yield Capture(
            url=held["url"],
            moment=datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC),
            status=held["status"],
            mime=held["mime"],
            bytes=int(held["bytes"]),
            digest=held["digest"],
            method=held.get("method", "GET"),
            place=Place(portal_id, run_id, held["filename"].rpartition("/")[2], int(held["offset"])),
        )


def _lines(path: Path, prefix: bytes) -> Iterator[bytes]:
    """Lines that begin with `prefix`, found by halving."""
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        low, high = 0, len(held)
        while low < high:  # the first line that is not below the prefix begins at `low` or behind
            middle = held.rfind(b"\n", 0, (low + high) // 2) + 1
            middle = max(middle, low)
            end = held.find(b"\n", middle) + 1 or len(held)
            if held[middle:end] < prefix:
                low = end
            else:
                high = middle
        held.seek(low)
        while (line := held.readline()).startswith(prefix) and line:
            yield line


def find(
    layout: Layout,
    url: str,
    portal_ids: Iterable[str],
    *,
    prefix: bool = False,
    since: datetime | None = None,
    opened: Callable[[], None] = lambda: None,
) -> Iterator[Capture]:
    """Every capture of an address (or of those that begin with it), whatever scheme, portal by portal, oldest run first.

    Addresses are compared in the canonical form of gongkai/identity.py, without scheme, fragment and tracking arguments, and whether
    Chinese characters are escaped or not.
    `opened` hears of every run that was looked into.
    """
    wanted = _canonical(url if "//" in url else f"//{url}")
    key = urlkey(f"//{wanted}").partition("?")[0]
    for portal_id in portal_ids:
        for run_id in layout.raw_runs(portal_id):  # a run crawled again later keeps its name: captures alone tell when they were made
            for capture in captures(index_run(layout, portal_id, run_id), portal_id, run_id, key):
                canonical = _canonical(capture.url)
                fits = canonical.startswith(wanted) if prefix else canonical == wanted
                if fits and (since is None or capture.moment >= since):
                    yield capture
            opened()


def _canonical(url: str) -> str:
    """As gongkai/identity.py has it, escapes of the path made alike: marts name an address as it was linked, records as it was asked."""
    try:
        path, mark, query = canonical_url(url).partition("?")
    except ValueError:  # a port that is no number, brackets in the host
        return url
    return _escaped(path) + mark + query
