"""The memory of a portal is the sum of what its committed runs changed, whatever happens to the file that holds it."""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.changes import CHANGES_NAME, SCHEMA, apply, compact, read_changes
from crawlers.run import PortalRun, opened_run
from crawlers.state import DeadRow, KnownFile, KnownListing, KnownNotice, KnownPage, PortalState, Resume
from crawlers.state_file import open_state
from crawlers.warc import Record, Sent
from gongkai.errors import GongkaiError
from gongkai.layout import Layout
from gongkai.registry import Portal
from gongkai.status import RunStatus

PORTAL = Portal(id="p", name="例市", level="city", province="例省", base_url="http://www.example.gov.cn", family="trs_wcm")
NIGHTS = [f"202603{day:02d}T183000Z" for day in range(1, 10)]
RECORD = Record(NIGHTS[0], "crawl.warc.gz", 7, "http://www.example.gov.cn/a", "2026-03-01T18:30:00Z", "ab" * 32)


def _known(title: str, run_id: str) -> KnownNotice:
    return KnownNotice("http://www.example.gov.cn/a", title, None, None, "v", run_id, run_id, section="要点", record=RECORD)


def _learn(run: PortalRun, *titles: str) -> None:
    """As a crawl would: notices by their title, a page, a listing, a dead row, a payload."""
    state = run.state
    for title in titles:
        state.put_notice(f"key {title}", _known(title, run.run_id))
    state.put_page("http://www.example.gov.cn/a", KnownPage('"1"', None, RECORD))
    state.put_listing("list", KnownListing(run.run_id, 3, Resume(2, "http://www.example.gov.cn/a2", None, [], run.run_id)))
    state.change("listed", "list", [f"key {title}" for title in titles])
    state.put_dead("dead", DeadRow("http://www.example.gov.cn/d", run.run_id))
    run.archive.answer(Sent("GET", "http://www.example.gov.cn/a", []), 200, [], b"x" * 300 + run.run_id.encode())


def _night(layout: Layout, run_id: str, *titles: str, status: RunStatus = RunStatus.COMPLETE, teaches: bool = True) -> None:
    with opened_run(layout, PORTAL, run_id, teaches=teaches) as run:
        _learn(run, *titles)
        asyncio.run(run.commit(status))


def _dump(database: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    tables = ("notice", "listed", "fact", "applied")
    return {table: sorted(database.execute(f"SELECT * FROM {table}").fetchall()) for table in tables}  # noqa: S608  # our own names


@contextmanager
def _opened(layout: Layout, tmp_path: Path) -> Iterator[PortalState]:
    """The memory as the next run would find it."""
    folder = tmp_path / "next"
    folder.mkdir(exist_ok=True)
    state = open_state(layout, "p", NIGHTS[-1], folder)
    try:
        yield state
    finally:
        state.close()


def _remembered(layout: Layout, tmp_path: Path) -> dict[str, list[tuple[object, ...]]]:
    with _opened(layout, tmp_path) as state:
        return _dump(state.database)


def _titles(layout: Layout, tmp_path: Path) -> list[str]:
    return [json.loads(str(row[-1]))["title"] for row in _remembered(layout, tmp_path)["notice"]]


def test_what_was_put_is_what_is_read(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    _night(layout, NIGHTS[0], "甲")
    with _opened(layout, tmp_path) as state:
        assert state.notice("key 甲") == _known("甲", NIGHTS[0])
        assert state.page("http://www.example.gov.cn/a") == KnownPage('"1"', None, RECORD)
        assert state.listing("list") == KnownListing(NIGHTS[0], 3, Resume(2, "http://www.example.gov.cn/a2", None, [], NIGHTS[0]))
        assert state.in_listing("list", "key 甲") and not state.in_listing("list", "key 乙")
        assert state.dead("dead") == DeadRow("http://www.example.gov.cn/d", NIGHTS[0])
        (digest,) = state.payloads
        assert state.payloads[digest].run_id == NIGHTS[0]
        assert (state.notice("nobody"), state.listing("none"), state.payloads.get("none")) == (None, None, None)


@pytest.mark.parametrize("harm", ["lost", "damaged header", "damaged page", "of another format"])
def test_a_lost_or_damaged_file_is_made_again_from_the_runs(tmp_path: Path, harm: str) -> None:
    layout = Layout(tmp_path)
    for number, run_id in enumerate(NIGHTS[:3]):
        _night(layout, run_id, *(f"{number} {n}" for n in range(50)))
    before = _remembered(layout, tmp_path)
    path = layout.state("p")
    data = bytearray(path.read_bytes())
    if harm == "lost":
        path.unlink()
    elif harm == "of another format":
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA user_version = 99")
    else:
        start = 0 if harm == "damaged header" else 2 * 4096
        data[start : start + 4096] = b"\xff" * 4096
        path.write_bytes(data)
    assert _remembered(layout, tmp_path) == before
    assert len(before["notice"]) == 150


def test_killed_before_the_rename_nothing_was_learned(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    _night(layout, NIGHTS[0], "甲")
    before = _remembered(layout, tmp_path)
    with opened_run(layout, PORTAL, NIGHTS[1]) as run:
        _learn(run, "乙")
    assert _remembered(layout, tmp_path) == before
    _night(layout, NIGHTS[1], "丙")
    assert _titles(layout, tmp_path) == ["丙", "甲"]


def test_killed_between_the_rename_and_the_cache_it_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(tmp_path)
    _night(layout, NIGHTS[0], "甲")
    with monkeypatch.context() as patched:
        patched.setattr(PortalState, "commit", lambda self: None)
        _night(layout, NIGHTS[1], "乙")
    late = _remembered(layout, tmp_path)
    assert [row[0] for row in late["applied"]] == NIGHTS[:2]
    layout.state("p").unlink()
    assert _remembered(layout, tmp_path) == late


def test_a_run_that_somebody_removed_is_forgotten(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    for run_id, title in zip(NIGHTS, "甲乙", strict=False):
        _night(layout, run_id, title)
    layout.raw_run("p", NIGHTS[1]).rename(tmp_path / "aside")
    assert _titles(layout, tmp_path) == ["甲"]


@pytest.mark.parametrize(("status", "teaches"), [(RunStatus.WRONG_SITE, True), (RunStatus.COMPLETE, False)])
def test_another_bodys_site_and_a_sample_teach_nothing(tmp_path: Path, status: RunStatus, teaches: bool) -> None:
    layout = Layout(tmp_path)
    _night(layout, NIGHTS[0], "甲")
    before = _remembered(layout, tmp_path)
    _night(layout, NIGHTS[1], "乙", status=status, teaches=teaches)
    after = _remembered(layout, tmp_path)
    assert after == before | {"applied": [(NIGHTS[0],), (NIGHTS[1],)]}
    assert list(read_changes(layout.raw_run("p", NIGHTS[1]))) == []


def test_changes_that_cannot_be_read_are_one_clear_line(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    _night(layout, NIGHTS[0], *(str(n) for n in range(99)))
    layout.state("p").unlink()
    path = layout.raw_run("p", NIGHTS[0]) / CHANGES_NAME
    data = path.read_bytes()
    path.write_bytes(data[:-20])
    with pytest.raises(
        GongkaiError, match=r"state\.jsonl\.gz is damaged: Compressed file ended.*Restore the run's folder from a backup, or"
    ):
        _remembered(layout, tmp_path)
    path.write_bytes(gzip.compress(b'["conquer", "p"]\n'))
    with pytest.raises(GongkaiError, match=f"run={NIGHTS[0]}: unknown change.*a newer Gongkai wrote it, crawl with that one"):
        _remembered(layout, tmp_path)
    path.unlink()
    with pytest.raises(GongkaiError, match=r"state\.jsonl\.gz is missing"):
        _remembered(layout, tmp_path)
    path.write_bytes(data)
    assert len(_titles(layout, tmp_path)) == 99


def test_a_notice_that_a_newer_version_remembered_is_one_clear_line(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with opened_run(layout, PORTAL, NIGHTS[0]) as run:
        run.state.change("notice", "k", compact({"url": "u", "title": "甲", "mood": "good"}), NIGHTS[0], 0, None)
        asyncio.run(run.commit(RunStatus.COMPLETE))
    with (
        _opened(layout, tmp_path) as state,
        pytest.raises(GongkaiError, match="the memory of a notice holds mood: a newer Gongkai wrote it"),
    ):
        state.notice("k")


def test_files_are_remembered_with_their_notice(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    known = _known("甲", NIGHTS[0])
    known.files, known.page, known.number = {"a/b.docx": KnownFile("ab" * 32, '"1"', None, RECORD)}, "v0", ""
    with opened_run(layout, PORTAL, NIGHTS[0]) as run:
        run.state.put_notice("k", known)
        run.state.put_notice("old", _known("乙", NIGHTS[0]))
        asyncio.run(run.commit(RunStatus.COMPLETE))
    with _opened(layout, tmp_path) as state:
        assert state.notice("k") == known
        old = state.notice("old")
        assert old and (old.files, old.page, old.number) == (None, "", None)


def test_the_state_of_an_older_version_is_read_once(tmp_path: Path) -> None:
    """Format 2: one whole JSON file a run; the newest speaks for all."""
    layout = Layout(tmp_path)
    notice = {
        "url": "http://www.example.gov.cn/a", "title": "甲", "date": "2025-03-04", "doc_number": None, "version": "v",
        "first_seen": NIGHTS[0], "last_seen": NIGHTS[1], "missed": 1, "gone": None, "retry": False,
        "etag": None, "last_modified": None, "record": None,
    }  # fmt: skip
    record = {"run_id": NIGHTS[0], "file": "crawl.warc.gz", "offset": 7, "url": "u", "date": "d", "digest": "ab"}
    body = {
        "format": 2, "notices": {"k": notice}, "pages": {"u": {"etag": "1", "last_modified": None, "record": record}},
        "listings": {"u": {"walked": NIGHTS[0], "keys": ["k"], "declared": 1}}, "dead": {"d": {"url": "u", "since": NIGHTS[0], "tries": 2}},
        "outbound": ["o"], "payloads": {"ab": record},
    }  # fmt: skip
    for run_id in NIGHTS[:2]:
        folder = layout.raw_run("p", run_id)
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
        (folder / "state.json").write_text(json.dumps(body if run_id == NIGHTS[1] else {"format": 1}))
    with _opened(layout, tmp_path) as state:
        known = state.notice("k")
        assert known and (known.title, known.missed, known.last_seen, known.section) == ("甲", 1, NIGHTS[1], "")
        assert (state.dead("d"), state.is_outbound("o"), state.payloads["ab"].offset) == (DeadRow("u", NIGHTS[0], 2), True, 7)
        assert state.listing("u") is None
    _night(layout, NIGHTS[2], "乙")
    assert _titles(layout, tmp_path) == ["甲", "乙"]
    layout.state("p").unlink()
    assert _titles(layout, tmp_path) == ["甲", "乙"]
    (layout.raw_run("p", NIGHTS[1]) / "state.json").write_text('{"format": 3}')
    layout.state("p").unlink()
    with pytest.raises(GongkaiError, match=r"state\.json: state format 3, this version reads 2"):
        _titles(layout, tmp_path)


def test_a_run_keeps_no_rows_in_memory_and_writes_them_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crawlers import streams
    from gongkai.records.notice import ListEntry

    monkeypatch.setattr(streams, "_ROWS_A_GROUP", 10)
    stream, other = streams.TableStream(tmp_path, "list_entry"), streams.TableStream(tmp_path, "list_entry", "held")

    def entry(number: int) -> ListEntry:
        return ListEntry(
            portal_id="p", run_id=NIGHTS[0], section="要点", position=number, page=1, url="u", notice_id=None, title="甲", date=None,
            doc_number=None,
        )  # fmt: skip

    for number in range(25):
        stream.add(entry(number))
    for number in range(25, 48):
        other.add(entry(number))
    stream.take(other)
    stream.close()
    file = pq.ParquetFile(tmp_path / "list_entry.parquet")
    assert file.read().column("position").to_pylist() == [*range(25), *range(25, 48)]
    assert file.num_row_groups > 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["list_entry.parquet"]
    stream.drop()
    stream.close()
    assert pq.read_table(tmp_path / "list_entry.parquet").num_rows == 0


_KEYS = st.sampled_from(["a", "b", "c"])
_CHANGES = st.one_of(
    st.tuples(st.just("put"), _KEYS, _KEYS, st.integers().map(compact)),
    st.tuples(st.just("drop"), _KEYS, _KEYS),
    st.tuples(st.just("notice"), _KEYS, st.just(compact({"title": "甲\ud800"})), st.sampled_from(NIGHTS), st.integers(0, 3), st.none()),
    st.tuples(st.just("seen"), st.lists(_KEYS)),
    st.tuples(st.just("missed")),
    st.tuples(st.just("listed"), _KEYS, st.lists(_KEYS)),
    st.tuples(st.just("unlisted"), _KEYS, st.sampled_from(NIGHTS)),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(_CHANGES, max_size=12), min_size=1, max_size=4))
def test_replaying_the_changes_gives_the_same_memory(
    tmp_path_factory: pytest.TempPathFactory, nights: list[list[tuple[object, ...]]]
) -> None:
    live = sqlite3.connect(":memory:", isolation_level=None)
    live.executescript(SCHEMA)
    home = tmp_path_factory.mktemp("home")
    layout = Layout(home)
    for run_id, changes in zip(NIGHTS, nights, strict=False):
        with opened_run(layout, PORTAL, run_id) as run:
            for change in changes:
                run.state.change(*change)
                apply(live, run_id, change)
            asyncio.run(run.commit(RunStatus.COMPLETE))
        live.execute("INSERT INTO applied VALUES (?)", (run_id,))
    assert _remembered(layout, home) == _dump(live)
    layout.state("p").unlink()
    assert _remembered(layout, home) == _dump(live)


def test_compact_keeps_what_no_encoding_can_hold() -> None:
    assert json.loads(compact({"题": "甲\ud800"})) == {"题": "甲\ud800"}
