"""An archive of one portal in several runs, written by the crawl's own writers: pages, a page that came again, a 304, a POST, a silence."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq

from crawlers.manifest import write_manifest
from crawlers.warc import ArchiveWriter, Record, Sent
from gongkai.layout import Layout
from gongkai.records.notice import Notice
from gongkai.tables import TABLES, row

RUNS = ("20260301T183000Z", "20260302T183000Z", "20260303T183000Z")
BASE = "http://www.lishi.example:8001"
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")]


def page(number: int) -> bytes:
    """A page of some kB, other words in each, that does not pack to nothing."""
    words = "".join(f"<p>第{number}号通知第{line}条：{number * 7919 + line * line * 104729}。</p>" for line in range(60))
    return f"<!DOCTYPE html><html><head><title>第{number}号</title></head><body>{words}</body></html>".encode()


def sent(path: str, method: str = "GET", body: bytes = b"") -> Sent:
    return Sent(method, f"{BASE}{path}", [("User-Agent", "Gongkai")], body)


@dataclass
class MadeArchive:
    """One portal's archive below `home`."""

    home: Path
    portal_id: str = "lishi"
    payloads: dict[str, Record] = field(default_factory=dict)
    places: dict[tuple[str, str], Record] = field(default_factory=dict)
    """(run, path) → where the answer lies."""

    @property
    def layout(self) -> Layout:
        return Layout(self.home)

    def add(self, run_id: str, numbers: range) -> None:
        """A run: robots, a list asked by POST, pages of these numbers, page 0 once more (a 304 after the first run), a silence."""
        folder = self.layout.raw_partial(self.portal_id, run_id)
        folder.mkdir(parents=True)
        writer = ArchiveWriter(folder, self.portal_id, run_id, self.payloads)
        writer.answer(sent("/robots.txt"), 404, [("Content-Type", "text/plain")], b"none", notes={"purpose": "robots"})
        listing = b'{"rows": [' + b'"\xe5\x85\xac\xe5\xbc\x80",' * 40 + b"0]}"
        self._keep(
            run_id, "/list", writer.answer(sent("/list", "POST", b'{"page":1}'), 200, [("Content-Type", "application/json")], listing)
        )
        for number in numbers:
            path = f"/zwgk/t{number}.html?v={number}"
            self._keep(run_id, path, writer.answer(sent(path), 200, HEADERS, gzip.compress(page(number), mtime=0)))
        first = self.places.get((RUNS[0], "/zwgk/t0.html?v=0"))
        if first and first.run_id != run_id:
            answer = writer.answer(sent("/zwgk/t0.html?v=0"), 304, [("ETag", '"0"')], b"", refers_to=first)
            self._keep(run_id, "/zwgk/t0.html?v=0", answer)
        writer.failure(sent("/gone"), "DownloadTimeoutError: 30 s")
        writer.close()
        tables = {"notice": [row(self._notice(run_id, number)) for number in numbers], "attachment": [], "removal": [], "list_entry": []}
        for name, rows in tables.items():
            pq.write_table(TABLES[name].arrow(rows), folder / f"{name}.parquet")
        write_manifest(folder, self.layout, self.portal_id, run_id)
        folder.rename(self.layout.raw_run(self.portal_id, run_id))

    def warc(self, run_id: str) -> Path:
        return self.layout.raw_run(self.portal_id, run_id) / "crawl.warc.gz"

    def _keep(self, run_id: str, path: str, place: Record) -> None:
        self.places[run_id, path] = place

    def _notice(self, run_id: str, number: int) -> Notice:
        path = f"/zwgk/t{number}.html?v={number}"
        place = self.places[run_id, path]
        return Notice(
            portal_id=self.portal_id, run_id=run_id, notice_id=f"n{number}", version="v1", section="要点", native_id=None,
            url=f"{BASE}{path}", canonical_url="", title=f"第{number}号", list_title=f"第{number}号", list_date=date(2026, 3, 1),
            published_at=None, doc_number=None, index_number=None, source=None, validity=None, content_type="text/html",
            encoding="utf-8", fetched_at=datetime(2026, 3, 1, tzinfo=UTC), warc_file=place.file, warc_offset=place.offset,
            payload_digest=place.digest,
        )  # fmt: skip


def made(home: Path) -> MadeArchive:
    """Three runs: pages 0 to 3; page 3 again (a revisit) and 4; page 5."""
    archive = MadeArchive(home)
    for run_id, numbers in zip(RUNS, (range(4), range(3, 5), range(5, 6)), strict=True):
        archive.add(run_id, numbers)
    return archive
