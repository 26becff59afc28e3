"""The archive: records that any WARC tool reads, revisits, requests with their bodies."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import fastwarc
import pytest
from warcio.archiveiterator import ArchiveIterator

from crawlers.warc import ArchiveWriter, Record, Sent, read_record
from gongkai.errors import UnreadableInput

RUN = "20260301T183000Z"


def _writer(folder: Path, payloads: dict[str, Record], run_id: str = RUN) -> ArchiveWriter:
    partial = folder / f"partial={run_id}"
    partial.mkdir()
    return ArchiveWriter(partial, "p", run_id, payloads)


def test_archive_round_trip(tmp_path: Path) -> None:
    payloads: dict[str, Record] = {}
    request = Sent("GET", "http://x/a?b=1", [("User-Agent", "t")])
    body = gzip.compress("正文".encode() * 500)
    headers = [("Content-Type", "text/html; charset=GBK"), ("Content-Encoding", "gzip"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    first = _writer(tmp_path, payloads)
    place = first.answer(request, 200, headers, body)
    again = first.answer(request, 200, headers, body)
    first.failure(request, "DownloadTimeoutError: 30 s")
    first.close()
    (tmp_path / f"partial={RUN}").rename(tmp_path / f"run={RUN}")
    second = _writer(tmp_path, payloads, "20260302T183000Z")
    later = second.answer(request, 200, headers, body)
    confirmed = second.answer(request, 304, [("ETag", '"1"')], b"", refers_to=place)
    second.close()
    before = tmp_path / f"run={RUN}" / place.file
    after = tmp_path / "partial=20260302T183000Z" / later.file
    for path, where in ((before, place), (before, again), (after, later), (after, confirmed)):
        exchange = read_record(path, where.offset)
        assert exchange.payload == "正文".encode() * 500
        assert (exchange.url, exchange.status, exchange.charset, exchange.content_type) == ("http://x/a?b=1", 200, "GBK", "text/html")
        assert exchange.headers["set-cookie"] == "a=1, b=2"
    assert read_record(after, confirmed.offset).not_modified
    assert {place.digest, again.digest, later.digest, confirmed.digest} == {place.digest}
    assert after.stat().st_size < 4000


def test_every_record_is_one_gzip_member_with_right_digests(tmp_path: Path) -> None:
    writer = _writer(tmp_path, {})
    place = writer.answer(Sent("GET", "http://x/", []), 404, [], b"not here")
    writer.close()
    path = tmp_path / f"partial={RUN}" / place.file
    members, data = [], path.read_bytes()
    while data:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        members.append(unpacker.decompress(data))
        assert unpacker.eof
        data = unpacker.unused_data
    assert [m.split(b"\r\n", 1)[0] for m in members] == [b"WARC/1.1"] * 4
    kinds = [line for m in members for line in m.split(b"\r\n") if line.startswith(b"WARC-Type")]
    assert kinds == [b"WARC-Type: warcinfo", b"WARC-Type: response", b"WARC-Type: request", b"WARC-Type: metadata"]
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            record.content_stream().read()


def test_another_reader_reads_the_archive(tmp_path: Path) -> None:
    """fastwarc shares no code with warcio, which wrote it."""
    request, body = Sent("GET", "http://x/a", []), b"".join(str(n * n).encode() for n in range(20_000))
    writer = _writer(tmp_path, {})
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    place = writer.answer(request, 200, headers, gzip.compress(body, mtime=0))
    writer.answer(request, 200, headers, gzip.compress(body, mtime=0))
    writer.failure(request, "DownloadTimeoutError: 30 s")
    writer.close()
    path = tmp_path / f"partial={RUN}" / place.file
    with path.open("rb") as file:
        kinds = [record.headers["WARC-Type"] for record in fastwarc.ArchiveIterator(file, verify_digests=True)]  # damaged ones are left out
    exchange = ["request", "metadata"]
    assert kinds == ["warcinfo", "response", *exchange, "revisit", *exchange, *exchange]
    with path.open("rb") as file:
        file.seek(place.offset)
        record = next(iter(fastwarc.ArchiveIterator(file)))
        assert record.headers["WARC-Target-URI"] == "http://x/a"
        assert gzip.decompress(record.reader.read()) == body


def test_revisits_lead_to_the_payload_by_what_the_standard_says(tmp_path: Path) -> None:
    """By address and moment, as replay tools look it up, and by id; the digest is that of the payload they stand for. Read by fastwarc."""
    payloads: dict[str, Record] = {}
    body = b"".join(str(n * n).encode() for n in range(500))
    first = _writer(tmp_path, payloads)
    original = first.answer(Sent("GET", "http://x/a", []), 200, [("ETag", '"a"')], body, server="127.0.0.1")
    twin = first.answer(Sent("GET", "http://x/b", []), 200, [("ETag", '"b"')], body)
    first.close()
    (tmp_path / f"partial={RUN}").rename(tmp_path / f"run={RUN}")
    second = _writer(tmp_path, payloads, "20260302T183000Z")
    confirmed = second.answer(Sent("GET", "http://x/b", []), 304, [("ETag", '"b"')], b"", refers_to=twin)
    twice = second.answer(Sent("GET", "http://x/b", []), 304, [("ETag", '"b"')], b"", refers_to=confirmed)
    second.close()
    files = [tmp_path / f"run={RUN}" / original.file, tmp_path / "partial=20260302T183000Z" / original.file]
    held: dict[tuple[str, str], tuple[str, str, bytes]] = {}
    led = []
    for path in files:
        for record in fastwarc.ArchiveIterator(path.open("rb"), verify_digests=True):
            about = record.headers
            if about["WARC-Type"] == "response":
                held[about["WARC-Target-URI"], about["WARC-Date"]] = (
                    about["WARC-Record-ID"], about["WARC-Payload-Digest"], record.reader.read(),
                )  # fmt: skip
                assert about["WARC-IP-Address"] == "127.0.0.1"
            elif about["WARC-Type"] == "revisit":
                identity, digest, payload = held[about["WARC-Refers-To-Target-URI"], about["WARC-Refers-To-Date"]]
                assert (about["WARC-Refers-To"], about["WARC-Payload-Digest"], about["WARC-Truncated"]) == (identity, digest, "length")
                led.append((about["WARC-Profile"].rpartition("/")[2], payload))
    assert led == [("identical-payload-digest", body), ("server-not-modified", body), ("server-not-modified", body)]
    for place in (confirmed, twice):  # of a 304 that confirms a revisit, too
        assert read_record(files[1], place.offset).payload == body
    assert {place.digest for place in (original, twin, confirmed, twice)} == {original.digest}


def test_a_place_that_holds_no_response(tmp_path: Path) -> None:
    writer = _writer(tmp_path, {})
    writer.close()
    with pytest.raises(UnreadableInput, match="holds warcinfo"):
        read_record(tmp_path / f"partial={RUN}" / "crawl.warc.gz", 0)


def test_the_body_of_a_post_is_archived(tmp_path: Path) -> None:
    writer = _writer(tmp_path, {})
    place = writer.answer(Sent("POST", "http://x/list", [("Content-Type", "application/json")], b'{"page": 2}'), 200, [], b"[]")
    writer.close()
    with (tmp_path / f"partial={RUN}" / place.file).open("rb") as file:
        requests = [r.content_stream().read() for r in ArchiveIterator(file) if r.rec_type == "request"]
    assert requests == [b'{"page": 2}']


def test_headers_are_archived_as_they_came(tmp_path: Path) -> None:
    """A file's name in GBK, raw in the header, as old servers send it."""
    sent = "附件".encode("gbk")
    writer = _writer(tmp_path, {})
    place = writer.answer(
        Sent("GET", "http://x/a", []), 200, [("Content-Disposition", "attachment; filename=" + sent.decode("latin-1"))], b"1"
    )
    writer.close()
    path = tmp_path / f"partial={RUN}" / place.file
    member = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(path.read_bytes()[place.offset :])
    assert b"\r\nContent-Disposition: attachment; filename=" + sent + b"\r\n\r\n1\r\n\r\n" in member
    with path.open("rb") as file:
        (record,) = [
            r for r in ArchiveIterator(file, check_digests="raise") if r.rec_type == "response" and r.content_stream().read() == b"1"
        ]
    assert record.http_headers.get_header("Content-Disposition").endswith(sent.decode("latin-1"))
