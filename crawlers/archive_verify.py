"""Is a portal's archive what was written? Chain, files, records, revisits, and what the run's rows say of records. Memory stays flat:
payloads pass through in pieces, and what revisits and rows are compared with lies in a temporary SQLite database that spills to disk."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.archive import ANSWERS, Damage, WarcRecord, walk
from crawlers.manifest import Fault, links, manifest_faults
from gongkai.layout import Layout

_TABLES = ("notice", "attachment", "removal")
_NOT_MODIFIED = "server-not-modified"
_NOTHING = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"  # of no bytes
_REFERENCE = re.compile(r"run=(\d{8}T\d{6}Z)/([A-Za-z0-9._-]{1,80}\.warc\.gz)")
_DDL = (
    "CREATE TABLE answer (run TEXT, file TEXT, place INTEGER, kind TEXT, url TEXT, date TEXT, sha1 TEXT, sha256 TEXT, identity TEXT, "
    "PRIMARY KEY (run, file, place)) WITHOUT ROWID"
)


@dataclass
class Verified:
    """What was looked at of one portal."""

    portal_id: str
    runs: int = 0
    records: int = 0
    rows: int = 0
    bytes: int = 0
    """Of WARC files."""
    faults: list[Fault] = field(default_factory=list)
    uncommitted: list[Fault] = field(default_factory=list)
    """What crawls wrote that were killed or still run: no part of the archive, and no fault of it."""


class _Answer(NamedTuple):
    """An answer as later revisits and rows see it; `sha256` is None for a revisit that leads nowhere."""

    kind: str
    url: str
    date: str
    sha1: str
    sha256: str | None
    identity: str


def verify_portal(
    layout: Layout, portal_id: str, told: Callable[[Fault], None] = lambda _: None, passed: Callable[[int], None] = lambda _: None
) -> Verified:
    """Look at every committed run of a portal, oldest first. `told` hears each fault when it is found, `passed` each run's bytes."""
    verified = Verified(portal_id)
    with closing(sqlite3.connect("")) as answers:  # the empty name: a private database on disk that dies with the connection
        answers.execute(_DDL)
        for run_id, before in links(layout, portal_id):
            run = _Run(layout, portal_id, run_id, answers, verified)
            for fault in run.faults(before):
                verified.faults.append(fault)
                told(fault)
            verified.runs += 1
            passed(run_bytes(layout, portal_id, run_id))
    for run_id in layout.raw_partials(portal_id):  # one that still runs may be committed meanwhile: then the next look sees it
        verified.uncommitted += [_uncommitted(portal_id, path) for path in layout.raw_partial(portal_id, run_id).glob("*.warc.gz")]
    return verified


def _uncommitted(portal_id: str, path: Path) -> Fault:
    """What a crawl that is not committed wrote, and where it stops."""
    records, end, cause = 0, None, ""
    with suppress(FileNotFoundError):
        for found in walk(path):
            if isinstance(found, Damage):
                end, cause = found.offset, f", then {found.cause}"
            else:
                records += 1
    told = f"not committed, its crawl was killed or still runs: {records} records{cause}"
    return Fault(portal_id, path.parent.name, path.name, end, told)


def _of_a_304(record: WarcRecord) -> tuple[str, ...]:
    """What may stand for the digest of the confirmed payload: nothing, or the digest of nothing, which was written until November 2026."""
    return ("", _NOTHING) if record.header("WARC-Profile").endswith(_NOT_MODIFIED) else ()


def run_bytes(layout: Layout, portal_id: str, run_id: str) -> int:
    """Size of a run on disk."""
    return sum(path.stat().st_size for path in layout.raw_run(portal_id, run_id).iterdir())


@dataclass
class _Run:
    layout: Layout
    portal_id: str
    run_id: str
    answers: sqlite3.Connection
    verified: Verified

    def faults(self, before: str | None) -> Iterator[Fault]:
        folder = self.layout.raw_run(self.portal_id, self.run_id)
        yield from manifest_faults(self.layout, self.portal_id, self.run_id, before)
        for path in sorted(folder.glob("*.warc.gz")):
            yield from self._records(path)
        for table in _TABLES:
            yield from self._rows(folder / f"{table}.parquet")

    def _records(self, path: Path) -> Iterator[Fault]:
        self.verified.bytes += path.stat().st_size
        heads, first = Counter[bytes](), dict[bytes, int]()
        for record in walk(path):
            if isinstance(record, Damage):
                yield self._fault(path, record.offset, record.cause)
                continue
            self.verified.records += 1
            heads[record.head] += 1
            first.setdefault(record.head, record.offset)
            for cause in record.faults:
                yield self._fault(path, record.offset, cause)
            if record.kind in ANSWERS:
                yield from self._answer(path, record)
        for head, _ in heads.most_common()[1:]:  # one process wrote the file: its members begin alike
            yield self._fault(path, first[head], "its gzip member begins otherwise than the file's others: a byte of its head was changed")

    def _answer(self, path: Path, record: WarcRecord) -> Iterator[Fault]:
        sha256: str | None = record.sha256
        if record.kind == "revisit":
            sha256, cause = self._resolve(record)
            if cause:
                yield self._fault(path, record.offset, cause)
        address, date, sha1 = (record.header(f"WARC-{name}") for name in ("Target-URI", "Date", "Payload-Digest"))
        self.answers.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (self.run_id, path.name, record.offset, record.kind, address, date, sha1, sha256, record.header("WARC-Record-ID")),
        )

    def _resolve(self, record: WarcRecord) -> tuple[str | None, str | None]:
        """sha256 of the payload a revisit stands for, and what is wrong with its reference."""
        reference, offset = record.header("WARC-Refers-To-Filename"), record.header("WARC-Refers-To-File-Offset")
        found = _REFERENCE.fullmatch(reference)
        if not found or not offset.isdigit():
            return None, f"a revisit that refers to {reference!r}, no file of this archive"
        place = f"{self.portal_id}/{found[1]}/{found[2]}@{offset}"
        target = self._at(found[1], found[2], int(offset))
        if target is None or target.kind != "response":
            return None, f"a revisit of {place}, which {f'is a {target.kind}' if target else 'holds no readable answer'}"
        if record.header("WARC-Payload-Digest") not in (target.sha1, *_of_a_304(record)):
            return target.sha256, f"a revisit of {place}, whose payload has another digest"
        if record.header("WARC-Refers-To") not in ("", target.identity):
            return target.sha256, f"a revisit of {place}, which is {target.identity}, not {record.header('WARC-Refers-To')}"
        stated = record.header("WARC-Refers-To-Target-URI"), record.header("WARC-Refers-To-Date")
        if stated != (target.url, target.date):
            return target.sha256, f"a revisit of {place}, which was {target.url} at {target.date}, not {' at '.join(stated)}"
        return target.sha256, None

    def _at(self, run_id: str, file: str, offset: int) -> _Answer | None:
        found = self.answers.execute(
            "SELECT kind, url, date, sha1, sha256, identity FROM answer WHERE run = ? AND file = ? AND place = ?", (run_id, file, offset)
        ).fetchone()
        return _Answer(*found) if found else None

    def _rows(self, path: Path) -> Iterator[Fault]:
        """What the rows of one table say of records. A file that is missing is the manifest's affair."""
        if not path.is_file():
            return
        try:
            with pq.ParquetFile(path) as file:
                columns = [c for c in ("url", "warc_file", "warc_offset", "payload_digest") if c in file.schema_arrow.names]
                for batch in file.iter_batches(10_000, columns=columns):
                    for row in batch.to_pylist():
                        yield from self._row(path, row)
        except (pa.ArrowException, OSError) as error:
            yield self._fault(path, None, f"not readable as Parquet: {' '.join(str(error).split())[:200]}")

    def _row(self, path: Path, row: dict[str, str | int | None]) -> Iterator[Fault]:
        if row.get("warc_file") is None:  # an attachment that was not fetched
            return
        self.verified.rows += 1
        file, offset = str(row["warc_file"]), int(row["warc_offset"] or 0)
        answer = self._at(self.run_id, file, offset)
        of = f"{path.name} says of {row['url']}"
        if answer is None:
            yield Fault(self.portal_id, self.run_id, file, offset, f"no readable answer begins here, but {of} that it does")
        elif row.get("payload_digest") not in (None, answer.sha256):
            cause = f"{of} sha256 {row['payload_digest']}, the payload has {answer.sha256 or 'none: its revisit leads nowhere'}"
            yield Fault(self.portal_id, self.run_id, file, offset, cause)

    def _fault(self, path: Path, offset: int | None, cause: str) -> Fault:
        return Fault(self.portal_id, self.run_id, path.name, offset, cause)
