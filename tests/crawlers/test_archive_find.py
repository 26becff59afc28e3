"""The index and what is found by it; the archive read by others' tools."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import fastwarc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_archive import BASE, HEADERS, RUNS, MadeArchive, made, page, sent

from crawlers.archive import Place, exchange_at
from crawlers.archive_index import _lines, captures, find, index_run, urlkey
from crawlers.archive_size import sizes, total
from crawlers.warc import ArchiveWriter, DamagedRecord, read_record
from gongkai.errors import UnreadableInput

FIRST, SECOND, THIRD = RUNS


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> MadeArchive:
    return made(tmp_path_factory.mktemp("archive"))


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.lishi.gov.example/ZWGK/a.HTML?b=2&A=1#top", "example,gov,lishi)/zwgk/a.html?a=1&b=2"),
        ("https://lishi.gov.example:443/zwgk/", "example,gov,lishi)/zwgk"),
        ("http://127.0.0.1:8001", "1,0,0,127:8001)/"),
        ("http://lishi.gov.example/公开/%e5%85%ac//b/../c%20d", "example,gov,lishi)/%e5%85%ac%e5%bc%80/%e5%85%ac/c%20d"),
        ("http://例市.example/a", "example,xn--fsq956a)/a"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_the_key_is_the_one_other_tools_reckon(url: str, key: str) -> None:
    """Compared with surt 0.3.1, which pywb uses, on 321 addresses; it differs in `..` above the root alone."""
    assert urlkey(url) == key


def test_the_index_has_the_usual_fields(archive: MadeArchive) -> None:
    path = index_run(archive.layout, "lishi", FIRST)
    lines = path.read_bytes().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 6
    key, stamp, fields = lines[2].decode().split(" ", 2)
    place = archive.places[FIRST, "/zwgk/t0.html?v=0"]
    held = json.loads(fields)
    assert key == "example,lishi:8001)/zwgk/t0.html?v=0"
    assert stamp == place.date[:19].translate(str.maketrans("", "", "-:T"))
    assert held | {"digest": "", "length": ""} == {
        "url": f"{BASE}/zwgk/t0.html?v=0", "mime": "text/html", "status": "200", "digest": "", "length": "", "offset": str(place.offset),
        "filename": f"portal=lishi/run={FIRST}/crawl.warc.gz", "bytes": str(len(gzip.compress(page(0)))), "sha256": place.digest,
    }  # fmt: skip
    member = archive.warc(FIRST).read_bytes()[place.offset :][: int(held["length"])]
    assert gzip.decompress(member).startswith(b"WARC/1.1\r\n")
    assert json.loads(lines[0].decode().split(" ", 2)[2])["method"] == "POST"
    assert index_run(archive.layout, "lishi", FIRST).stat().st_ino == path.stat().st_ino


def test_an_address_is_found_whatever_its_scheme_and_tracking(archive: MadeArchive) -> None:
    """`v` is a tracking argument of gongkai/identity.py."""
    wanted = [str(Place("lishi", run, "crawl.warc.gz", archive.places[run, "/zwgk/t0.html?v=0"].offset)) for run in RUNS]
    for url in (f"{BASE}/zwgk/t0.html?v=0", "https://www.lishi.example:8001/zwgk/t0.html", "www.lishi.example:8001/zwgk/t0.html?v=9#end"):
        found = list(find(archive.layout, url, ["lishi"]))
        assert [str(c.place) for c in found] == wanted
        assert [(c.status, c.mime) for c in found] == [("200", "text/html"), ("304", "warc/revisit"), ("304", "warc/revisit")]
    assert list(find(archive.layout, f"{BASE}/zwgk/T0.html", ["lishi"])) == [], "paths have case"
    assert list(find(archive.layout, f"{BASE}/zwgk/t0.htm", ["lishi"])) == []


@pytest.mark.parametrize(
    "asked", ["附件 一.doc?n=一", "%e9%99%84%E4%BB%B6%20%e4%b8%80.doc?n=%e4%b8%80", "%E9%99%84%E4%BB%B6 一.doc?n=一#top"]
)
def test_an_address_is_found_with_its_characters_escaped_or_not(tmp_path: Path, asked: str) -> None:
    """mart.attachment names it as the page links it."""
    archive = MadeArchive(tmp_path)
    folder = archive.layout.raw_partial("lishi", FIRST)
    folder.mkdir(parents=True)
    writer = ArchiveWriter(folder, "lishi", FIRST, {})
    place = writer.answer(sent("/%E9%99%84%E4%BB%B6%20%E4%B8%80.doc?n=%E4%B8%80"), 200, HEADERS, b"x")
    writer.answer(sent("/%E9%99%84%E4%BB%B6.doc"), 200, HEADERS, b"x")
    writer.close()
    folder.rename(archive.layout.raw_run("lishi", FIRST))
    assert [c.place.offset for c in find(archive.layout, f"{BASE}/{asked}", ["lishi"])] == [place.offset]


def test_a_prefix_and_a_first_day(archive: MadeArchive) -> None:
    def paths(**given: object) -> list[str]:
        return [c.url.removeprefix(BASE) for c in find(archive.layout, f"{BASE}/zwgk/", ["lishi"], prefix=True, **given)]  # type: ignore[arg-type]

    numbers = [0, 1, 2, 3, 0, 3, 4, 0, 5]
    assert paths() == [f"/zwgk/t{n}.html?v={n}" for n in numbers]
    assert paths(since=datetime(2099, 1, 1, tzinfo=UTC)) == []
    begun = next(iter(captures(index_run(archive.layout, "lishi", FIRST), "lishi", FIRST))).moment
    assert len(paths(since=begun)) == len(numbers)


@given(
    st.lists(st.text("abz/.? ", min_size=1, max_size=6), max_size=30).map(lambda keys: sorted(f"{k}\n".encode() for k in keys)),
    st.text("abz/.?", max_size=3),
)
def test_halving_finds_what_a_walk_finds(lines: list[bytes], prefix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "index")
        path.write_bytes(b"".join(lines))
        assert list(_lines(path, prefix.encode())) == [line for line in lines if line.startswith(prefix.encode())]


def test_how_large_it_is(archive: MadeArchive) -> None:
    (size,) = sizes(archive.layout, ["lishi"])
    saved = len(gzip.compress(page(3), mtime=0)) + 2 * (len(b'{"rows": [0]}') + 40 * 9)
    assert (size.month, size.runs, size.answers, size.revisits, size.saved) == ("2026-03", 3, 15, 5, saved)
    assert size.bytes == sum(p.stat().st_size for p in (archive.home / "raw").rglob("*") if p.is_file())
    assert total([size, size])["answers"] == 30


def test_the_exchange_of_a_record(archive: MadeArchive) -> None:
    place = archive.places[SECOND, "/zwgk/t3.html?v=3"]
    answer, request, notes = exchange_at(archive.warc(SECOND), place.offset)
    assert (answer.kind, request.kind, notes.kind) == ("revisit", "request", "metadata")
    assert request.http
    assert (request.http.protocol, request.http.get_header("User-Agent")) == ("GET", "Gongkai")
    assert notes.notes == {"payload-sha256": place.digest, "payload-bytes": str(len(gzip.compress(page(3))))}
    assert [r.offset for r in exchange_at(archive.warc(SECOND), request.offset)] == [request.offset], "what is no answer stands alone"
    with pytest.raises(UnreadableInput, match=r"crawl\.warc\.gz@1: "):
        exchange_at(archive.warc(SECOND), 1)


@pytest.mark.parametrize(
    "text", ["", "lishi", f"../x/{FIRST}/crawl.warc.gz@0", f"lishi/{FIRST}/../../x.warc.gz@0", "lishi/20261399T000000Z/crawl.warc.gz@0"]
)
def test_what_cites_no_record(text: str) -> None:
    with pytest.raises(UnreadableInput, match="cites no record"):
        Place.of(text)
    assert str(Place.of(f"lishi/run={FIRST}/crawl.warc.gz@7")) == f"lishi/{FIRST}/crawl.warc.gz@7"


def test_another_library_replays_every_capture(archive: MadeArchive) -> None:
    """fastwarc alone, by index and WARC headers: seek, follow the revisit, undo the content encoding."""
    replayed = 0
    for run in RUNS:
        for capture in captures(index_run(archive.layout, "lishi", run), "lishi", run):
            assert _replay(archive, capture.place) == read_record(archive.warc(run), capture.place.offset).payload
            replayed += 1
    assert replayed == 15
    assert _replay(archive, Place("lishi", THIRD, "crawl.warc.gz", archive.places[THIRD, "/zwgk/t0.html?v=0"].offset)) == page(0)


def _replay(archive: MadeArchive, place: Place) -> bytes:
    with place.path(archive.layout).open("rb") as file:
        file.seek(place.offset)
        record = next(iter(fastwarc.ArchiveIterator(file, verify_digests=True)))
        headers, body = dict(record.headers), record.reader.read()
        encoding = record.http_headers.get("Content-Encoding")
    if headers["WARC-Type"] == "revisit":
        run, _, name = headers["WARC-Refers-To-Filename"].partition("/")
        return _replay(archive, Place("lishi", run.removeprefix("run="), name, int(headers["WARC-Refers-To-File-Offset"])))
    return gzip.decompress(body) if encoding == "gzip" else body


def test_warcio_check_and_index_pass(archive: MadeArchive) -> None:
    warcio = str(Path(sys.executable).with_name("warcio"))
    files = [str(archive.warc(run)) for run in RUNS]
    checked = subprocess.run([warcio, "check", "-v", *files], capture_output=True, text=True, timeout=60, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "failed" not in checked.stdout
    listed = subprocess.run(
        [warcio, "index", "-f", "offset,warc-type,warc-target-uri", files[0]], capture_output=True, text=True, timeout=60, check=True
    )
    kinds = [json.loads(line)["warc-type"] for line in listed.stdout.splitlines()]
    assert (len(kinds), kinds.count("response"), kinds.count("metadata")) == (21, 6, 7)


def test_a_changed_payload_is_no_page(tmp_path: Path) -> None:
    """Before, a damaged record gave a cut page, or warcio's own error, and silver believed it."""
    folder = tmp_path / f"partial={FIRST}"
    folder.mkdir()
    writer = ArchiveWriter(folder, "lishi", FIRST, {})
    place = writer.answer(sent("/a"), 200, HEADERS[:1], page(1))
    writer.close()
    path = folder / "crawl.warc.gz"
    whole = path.read_bytes()
    for at in range(place.offset, place.offset + 400, 40):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        with pytest.raises(DamagedRecord, match=r"crawl\.warc\.gz@"):
            read_record(path, place.offset)
    path.unlink()
    with pytest.raises(DamagedRecord, match="No such file"):
        read_record(path, place.offset)
