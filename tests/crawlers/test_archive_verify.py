"""Verify finds every way an archive can be other than it was written, and names the place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_archive import RUNS, MadeArchive, made

from crawlers.archive_verify import Verified, verify_portal
from crawlers.manifest import head, head_faults, read_heads, write_manifest
from gongkai.errors import GongkaiError

FIRST, SECOND, THIRD = RUNS


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> MadeArchive:
    return made(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def archive(whole: MadeArchive, tmp_path: Path) -> MadeArchive:
    """A copy to be damaged."""
    shutil.copytree(whole.home, tmp_path / "home")
    return MadeArchive(tmp_path / "home", places=whole.places)


def told(archive: MadeArchive) -> list[str]:
    return [fault.told for fault in verify_portal(archive.layout, archive.portal_id).faults]


def redo_manifest(archive: MadeArchive, run_id: str) -> None:
    """The newest run's manifest written again over its files, as somebody who covers a change would."""
    folder = archive.layout.raw_run(archive.portal_id, run_id)
    aside = folder.rename(folder.with_name("aside"))
    write_manifest(aside, archive.layout, archive.portal_id, run_id)
    aside.rename(folder)


def test_a_whole_archive(whole: MadeArchive) -> None:
    steps: list[int] = []
    found = verify_portal(whole.layout, "lishi", passed=steps.append)
    # a warcinfo, three records an answer (6, 5, 4 of them), two a silence
    assert found == Verified("lishi", runs=3, records=3 + 3 * (6 + 5 + 4) + 2 * 3, rows=7, bytes=found.bytes, faults=[])
    assert found.bytes == sum(whole.warc(run).stat().st_size for run in RUNS)
    assert len(steps) == 3


def _byte(archive: MadeArchive) -> list[str]:
    """In the middle of page 1's record."""
    path, at = archive.warc(FIRST), archive.places[FIRST, "/zwgk/t1.html?v=1"].offset
    content = bytearray(path.read_bytes())
    content[at + 200] ^= 1
    path.write_bytes(content)
    return [
        f"lishi/{FIRST}/crawl.warc.gz: was changed: its sha256 is not the one in the manifest",
        f"lishi/{FIRST}/crawl.warc.gz@{at}: ",
        f"lishi/{FIRST}/crawl.warc.gz@{at}: no readable answer begins here, but notice.parquet says of ",
    ]


def _head_byte(archive: MadeArchive) -> list[str]:
    """The system's number in a gzip member's head, which no checksum covers: the record reads as before."""
    path, at = archive.warc(FIRST), archive.places[FIRST, "/zwgk/t1.html?v=1"].offset
    content = bytearray(path.read_bytes())
    content[at + 9] ^= 8
    path.write_bytes(content)
    return [f"lishi/{FIRST}/crawl.warc.gz: was changed: ", f"lishi/{FIRST}/crawl.warc.gz@{at}: its gzip member begins otherwise"]


def _missing_table(archive: MadeArchive) -> list[str]:
    (archive.layout.raw_run("lishi", SECOND) / "list_entry.parquet").unlink()
    return [f"lishi/{SECOND}/list_entry.parquet: is missing"]


def _missing_warc(archive: MadeArchive) -> list[str]:
    archive.warc(THIRD).unlink()
    at = archive.places[THIRD, "/zwgk/t5.html?v=5"].offset
    return [f"lishi/{THIRD}/crawl.warc.gz: is missing", f"lishi/{THIRD}/crawl.warc.gz@{at}: no readable answer begins here"]


def _cut_member(archive: MadeArchive) -> list[str]:
    """The last record's gzip trailer: its text is whole, its member is not."""
    path = archive.warc(THIRD)
    path.write_bytes(path.read_bytes()[:-4])
    last = path.read_bytes().rfind(b"\x1f\x8b\x08")
    return [f"lishi/{THIRD}/crawl.warc.gz: was changed: ", f"lishi/{THIRD}/crawl.warc.gz@{last}: the gzip member is cut off"]


def _swapped(archive: MadeArchive) -> list[str]:
    second, third = (archive.layout.raw_run("lishi", run) for run in (SECOND, THIRD))
    aside = second.rename(second.with_name("aside"))
    third.rename(second)
    aside.rename(third)
    return [
        f"lishi/{SECOND}/manifest.json: is that of lishi/{THIRD}: the folder was swapped",
        f"lishi/{SECOND}/manifest.json: follows {SECOND}, but the run before it here is {FIRST}",
        f"lishi/{THIRD}/manifest.json: is that of lishi/{SECOND}: the folder was swapped",
        f"lishi/{THIRD}/manifest.json: follows {FIRST}, but the run before it here is {SECOND}",
    ]


def _put_in(archive: MadeArchive) -> list[str]:
    """A run between the second and the third, its own manifest in order."""
    between = "20260302T203000Z"
    folder = archive.layout.raw_run("lishi", between)
    shutil.copytree(archive.layout.raw_run("lishi", FIRST), folder)
    content = json.loads((folder / "manifest.json").read_text())
    previous = head(archive.layout, "lishi")
    assert previous
    third = json.loads((archive.layout.raw_run("lishi", THIRD) / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(content | {"run_id": between, "previous": third["previous"]}))
    return [f"lishi/{THIRD}/manifest.json: follows {SECOND}, but the run before it here is {between}: a run was taken out or put in"]


def _taken_out(archive: MadeArchive) -> list[str]:
    shutil.rmtree(archive.layout.raw_run("lishi", FIRST))
    at = archive.places[SECOND, "/zwgk/t3.html?v=3"].offset
    return [
        f"lishi/{SECOND}/manifest.json: follows {FIRST}, but the run before it here is none: a run was taken out or put in",
        f"lishi/{SECOND}/crawl.warc.gz@{at}: a revisit of lishi/{FIRST}/crawl.warc.gz@",
    ]


def _taken_out_of_the_middle(archive: MadeArchive) -> list[str]:
    shutil.rmtree(archive.layout.raw_run("lishi", SECOND))
    return [f"lishi/{THIRD}/manifest.json: follows {SECOND}, but the run before it here is {FIRST}: a run was taken out or put in"]


def _added_file(archive: MadeArchive) -> list[str]:
    (archive.layout.raw_run("lishi", FIRST) / "more.warc.gz").write_bytes(b"")
    return [f"lishi/{FIRST}/more.warc.gz: is not in the manifest"]


def _changed_manifest(archive: MadeArchive) -> list[str]:
    path = archive.layout.raw_run("lishi", FIRST) / "manifest.json"
    path.write_text(path.read_text() + "\n")
    return [f"lishi/{FIRST}/manifest.json: was changed: run {SECOND} states another sha256 of it"]


def _no_manifest(archive: MadeArchive) -> list[str]:
    path = archive.layout.raw_run("lishi", THIRD) / "manifest.json"
    path.write_text('{"portal_id": "lishi"}')
    return [f"lishi/{THIRD}/manifest.json: cannot be read: "]


@pytest.mark.parametrize(
    "damage",
    [
        _byte, _head_byte, _missing_table, _missing_warc, _cut_member, _swapped, _put_in, _taken_out, _taken_out_of_the_middle,
        _added_file, _changed_manifest, _no_manifest,
    ],
)  # fmt: skip
def test_damage_is_found_and_named(archive: MadeArchive, damage: Callable[[MadeArchive], list[str]]) -> None:
    expected = damage(archive)
    found = told(archive)
    missing = [begin for begin in expected if not any(line.startswith(begin) for line in found)]
    assert not missing, found
    assert all("\n" not in line for line in found)


def test_records_behind_a_damaged_one_are_still_read(archive: MadeArchive, whole: MadeArchive) -> None:
    _byte(archive)
    before, after = verify_portal(whole.layout, "lishi"), verify_portal(archive.layout, "lishi")
    assert after.records == before.records - 1
    assert len([f for f in after.faults if f.file == "crawl.warc.gz"]) == 3  # the file, the record, the row


def test_what_a_killed_crawl_left_is_named_and_no_fault(archive: MadeArchive) -> None:
    left = archive.layout.raw_partial("lishi", "20260304T183000Z")
    shutil.copytree(archive.layout.raw_run("lishi", THIRD), left)
    path = left / "crawl.warc.gz"
    path.write_bytes(path.read_bytes()[:-4])
    last = path.read_bytes().rfind(b"\x1f\x8b\x08")
    found = verify_portal(archive.layout, "lishi")
    assert found.faults == []
    (told,) = found.uncommitted
    assert told.told == (
        f"lishi/partial=20260304T183000Z/crawl.warc.gz@{last}: not committed, its crawl was killed or still runs: 14 records, "
        "then the gzip member is cut off"
    )


def test_a_row_that_was_changed_together_with_the_manifest(archive: MadeArchive) -> None:
    path = archive.layout.raw_run("lishi", THIRD) / "notice.parquet"
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.set_column(table.schema.get_field_index("payload_digest"), "payload_digest", pa.array(["0" * 64])), path)
    redo_manifest(archive, THIRD)
    at = archive.places[THIRD, "/zwgk/t5.html?v=5"]
    (line,) = told(archive)
    assert line.startswith(
        f"lishi/{THIRD}/crawl.warc.gz@{at.offset}: notice.parquet says of http://www.lishi.example:8001/zwgk/t5.html?v=5 "
    )
    assert line.endswith(f"sha256 {'0' * 64}, the payload has {at.digest}")


def test_a_head_noted_elsewhere_tells_a_cut_or_rewritten_chain(archive: MadeArchive) -> None:
    noted = head(archive.layout, "lishi")
    assert noted is not None
    assert noted.run_id == THIRD
    text = f"# noted on paper\n\nlishi {THIRD} {noted.sha256}\n"
    assert read_heads(text, "heads") == [noted]
    assert list(head_faults(archive.layout, [noted])) == []
    (archive.layout.raw_run("lishi", THIRD) / "removal.parquet").unlink()
    redo_manifest(archive, THIRD)
    assert told(archive) == []
    (fault,) = head_faults(archive.layout, [noted])
    assert fault.told == f"lishi/{THIRD}/manifest.json: is not the one that was noted: the chain was written anew"
    shutil.rmtree(archive.layout.raw_run("lishi", THIRD))
    assert told(archive) == []
    (fault,) = head_faults(archive.layout, [noted])
    assert "the chain was cut" in fault.told


@pytest.mark.parametrize(("text", "cause"), [("", "no heads in it"), ("lishi 2026 abc", "heads:1: no head of a chain")])
def test_what_is_no_head(text: str, cause: str) -> None:
    with pytest.raises(GongkaiError, match=cause):
        read_heads(text, "heads")
