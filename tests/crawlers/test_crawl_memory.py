"""What a portal's crawl remembers: second nights, changes, kills, locks, and the archive's revisits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from small_servers import RUNS, Answer, Request, Servers, Site
from warcio.archiveiterator import ArchiveIterator

from crawlers.manifest import verify_manifest
from crawlers.warc import read_record
from gongkai.ledger import read_outcome
from gongkai.settings import PROJECT
from gongkai.status import RunStatus
from stages.crawl import crawl

pytestmark = pytest.mark.slow  # each crawl is a process of its own


def _with_etag(site: Site, path: str) -> None:
    """Answer 304 to the ETag of the page as it is now."""
    page = site.paths[path]
    assert isinstance(page, Answer)

    def conditional(request: Request) -> Answer:
        if request.headers.get("if-none-match") == '"v1"':
            return Answer(b"", 304, {"ETag": '"v1"'})
        return Answer(page.body, 200, page.headers | {"ETag": '"v1"'})

    site.paths[path] = conditional


@pytest.fixture(scope="module")
def town(servers: Servers) -> Servers:
    kept = servers.add("kept")
    kept.trs(12, 5)
    for name in ("", "index_1.html", "index_2.html"):
        _with_etag(kept, f"/zwgk/gzyd/{name}")
    servers.add("edited").trs(4, 10)
    slow = servers.add("slow")
    slow.trs(30, 10)
    for path, page in slow.paths.items():
        assert isinstance(page, Answer)
        page.delay = 0.1 if "/t20" in path else 0
    patience = servers.add("patience", manners={"delay": 0, "concurrency": 1, "timeout": 5, "retries": 0})
    patience.trs(60, 30)
    for path, page in patience.paths.items():
        assert isinstance(page, Answer)
        page.delay = 0.08 if "/t20" in path else 0
    servers.add("shared").trs(20, 10)
    servers.add("listed").trs(3)
    servers.start()
    return servers


def _rows(servers: Servers, portal: str, table: str, run_id: str) -> list[dict[str, Any]]:
    folder = servers.context().layout.raw_run(portal, run_id)
    rows: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet", partitioning=None).to_pylist()
    return rows


def test_an_unchanged_second_night_reads_lists_only(town: Servers) -> None:
    site = town.sites["kept"]
    (first,) = crawl(["kept"], town.context(RUNS[0]))
    before = len(site.log)
    (second,) = crawl(["kept"], town.context(RUNS[1]))
    asked = [r.path for r in site.log[before:]]
    assert first.status is second.status is RunStatus.COMPLETE
    assert not [p for p in asked if "/t20" in p]
    assert asked == ["/robots.txt", "/zwgk/gzyd/"]  # a page of known rows older than the last walk ends the second
    assert (second.counts["known"], second.counts["new"], second.counts["listed"], second.counts["not_modified"]) == (5, 0, 5, 1)
    assert _rows(town, "kept", "notice", RUNS[1]) == []
    (section,) = _rows(town, "kept", "section_outcome", RUNS[1])
    assert (section["rows_seen"], section["rows_known"], section["walked_whole"], section["complete"]) == (5, 12, False, True)
    assert verify_manifest(town.context().layout, "kept") == []


def test_a_third_night_still_knows_the_lists_behind_304(town: Servers) -> None:
    (third,) = crawl(["kept"], town.context(RUNS[2], rewalk_days=1))
    assert (third.status, third.counts["listed"], third.counts["not_modified"]) == (RunStatus.COMPLETE, 12, 4)
    (section,) = _rows(town, "kept", "section_outcome", RUNS[2])
    assert (section["rows_seen"], section["walked_whole"]) == (12, True)


def test_a_changed_byte_breaks_the_chain(town: Servers, tmp_path: Path) -> None:
    layout = town.context().layout
    path = layout.raw_run("kept", RUNS[0]) / "list_entry.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"?")
    try:
        assert verify_manifest(layout, "kept") == [
            f"kept/{RUNS[0]}/list_entry.parquet: was changed: its sha256 is not the one in the manifest"
        ]
    finally:
        path.write_bytes(whole)


def test_edits_make_versions_and_new_rows_are_fetched_alone(town: Servers) -> None:
    site = town.sites["edited"]
    crawl(["edited"], town.context(RUNS[0]))
    before = len(site.log)
    # row 0: new title in the list and new text; row 1: the list's title alone; row 4 is new
    rows = site.row(4) + site.row(0, "例市第0号工作要点（修订）") + site.row(1, "例市第1号工作要点（转载）") + site.row(2) + site.row(3)
    site.html("/zwgk/gzyd/", f'<ul class="list">{rows}</ul><script>createPageHTML(5, 1, 0, "index", "html");</script>')
    site.detail(0, text="修订后的要点如下，请遵照执行。")
    site.detail(4)
    (second,) = crawl(["edited"], town.context(RUNS[1]))
    assert [r.path for r in site.log[before:] if "/t20" in r.path] == [f"/zwgk/gzyd{site.path(i)}" for i in (4, 0, 1)]
    assert (second.status, second.counts["new"], second.counts["changed"], second.counts["known"]) == (RunStatus.COMPLETE, 1, 1, 2)
    old = {n["notice_id"]: n["version"] for n in _rows(town, "edited", "notice", RUNS[0])}
    fresh = _rows(town, "edited", "notice", RUNS[1])
    assert len(fresh) == 2
    assert sorted(n["notice_id"] in old for n in fresh) == [False, True]
    assert all(old.get(n["notice_id"]) != n["version"] for n in fresh)


def test_unchanged_payloads_are_revisits_that_resolve(town: Servers) -> None:
    """The list of a portal without ETags is stored once and referred to afterwards."""
    layout = town.context().layout
    crawl(["listed"], town.context(RUNS[0]))
    crawl(["listed"], town.context(RUNS[1]))
    path = layout.raw_run("listed", RUNS[1]) / "crawl.warc.gz"
    kinds = Counter()
    with path.open("rb") as file:
        offsets = []
        iterator = ArchiveIterator(file, check_digests=True)
        for record in iterator:
            assert record.content_stream().read() is not None
            assert record.digest_checker.passed is not False
            kinds[record.rec_type] += 1
            if record.rec_type == "revisit":
                offsets.append(iterator.get_record_offset())
    assert kinds == {"warcinfo": 1, "response": 1, "revisit": 1, "request": 2, "metadata": 2}  # robots.txt is a 404: a response
    (offset,) = offsets
    page = town.sites["listed"].paths["/zwgk/gzyd/"]
    assert isinstance(page, Answer)
    assert read_record(path, offset).payload == page.body


def _command(portals: str, run_id: str, *flags: str) -> list[str]:
    return [sys.executable, "-m", "crawlers", "--run", run_id, "--portals", portals, *flags]


def _environment(town: Servers) -> dict[str, str]:
    return os.environ | {"GONGKAI_HOME": str(town.home), "GONGKAI_PORTALS": str(town.registry)}


def _until(site: Site, requests: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 60
    while len(site.asked()) < requests:
        assert process.poll() is None, "the crawl ended before it could be killed"
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_killed_in_the_middle_then_run_again(town: Servers) -> None:
    layout, site = town.context().layout, town.sites["slow"]
    process = subprocess.Popen(_command("slow", RUNS[0]), cwd=PROJECT, env=_environment(town), stderr=subprocess.DEVNULL)
    _until(site, 8, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert layout.raw_runs("slow") == []
    assert layout.raw_partial("slow", RUNS[0]).is_dir()
    assert not layout.outcome(RUNS[0], "slow", "crawl").exists()

    (outcome,) = crawl(["slow"], town.context(RUNS[0]))
    assert (outcome.status, outcome.counts["new"]) == (RunStatus.COMPLETE, 30)
    assert not layout.raw_partial("slow", RUNS[0]).exists()
    urls = [n["url"] for n in _rows(town, "slow", "notice", RUNS[0])]
    assert sorted(urls) == sorted(f"{site.base}/zwgk/gzyd{site.path(i)}" for i in range(30))
    assert verify_manifest(layout, "slow") == []


def test_a_committed_run_is_not_crawled_again_but_told_again(town: Servers) -> None:
    layout, site = town.context().layout, town.sites["slow"]
    path = layout.outcome(RUNS[0], "slow", "crawl")
    path.unlink()  # as if killed between the rename and the ledger
    before = len(site.log)
    (outcome,) = crawl(["slow"], town.context(RUNS[0]))
    assert len(site.log) == before
    assert outcome == read_outcome(path)
    assert outcome.counts["new"] == 30


def test_a_spent_budget_keeps_what_was_read_and_goes_on_next_night(town: Servers) -> None:
    site = town.sites["patience"]
    (first,) = crawl(["patience"], town.context(RUNS[0], portal_budget=2.0))
    assert first.status is RunStatus.PARTIAL
    assert "time budget is spent" in first.reasons[0]
    assert 0 < first.counts["new"] < 60
    (second,) = crawl(["patience"], town.context(RUNS[1]))
    assert second.status is RunStatus.COMPLETE
    assert first.counts["new"] + second.counts["new"] == 60
    assert second.counts["known"] == first.counts["new"]
    assert len(site.asked()) == 60


def test_two_workers_never_crawl_one_portal_at_once(town: Servers) -> None:
    site = town.sites["shared"]
    for path, page in site.paths.items():
        assert isinstance(page, Answer)
        page.delay = 0.15 if "/t20" in path else 0
    workers = []
    for run_id in RUNS[:2]:
        workers.append(subprocess.Popen(_command("shared", run_id), cwd=PROJECT, env=_environment(town), stderr=subprocess.DEVNULL))
        _until(site, 1, workers[0])
    assert [w.wait(timeout=120) for w in workers] == [0, 0]
    assert len(site.asked()) == 20, "the second worker waited, then knew every notice"
    robots = [i for i, r in enumerate(site.log) if r.path == "/robots.txt"]
    assert len(robots) == 2
    first_done = max(i for i, r in enumerate(site.log) if "/t20" in r.path)
    assert first_done < robots[1]


def test_the_process_ends_with_its_parent(town: Servers) -> None:
    site = town.sites["slow"]
    before = len(site.asked())
    process = subprocess.Popen(
        _command("slow", RUNS[2], "--parent-pipe"), cwd=PROJECT, env=_environment(town), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    for i in range(30):
        site.detail(i, text="改", delay=0.1)
    rows = "".join(site.row(i, f"例市第{i}号工作要点改") for i in range(30))
    site.html("/zwgk/gzyd/", f'<ul class="list">{rows}</ul><script>createPageHTML(30, 1, 0, "index", "html");</script>')
    _until(site, before + 4, process)
    process.stdin.close()
    assert process.wait(timeout=10) == 75
    assert RUNS[2] not in town.context().layout.raw_runs("slow")


def test_a_dead_process_leaves_a_row_for_each_portal(town: Servers) -> None:
    ctx = town.context("20260309T183000Z")
    (town.home / "raw").joinpath("portal=listed", ".lock").unlink()
    (town.home / "raw").joinpath("portal=listed", ".lock").mkdir()  # the lock cannot be opened: an error nobody foresaw
    (outcome,) = crawl(["listed"], ctx)
    assert outcome.status is RunStatus.BROKEN
    assert outcome.reasons[0].startswith("IsADirectoryError")
    (town.home / "raw").joinpath("portal=listed", ".lock").rmdir()


def test_scrapy_command(town: Servers, tmp_path: Path) -> None:
    scrapy = [sys.executable, "-m", "scrapy", "crawl", "portal", "-a", "portals=kept,edited", "-a", "run=20260310T183000Z"]
    environment = _environment(town) | {"GONGKAI_HOME": str(tmp_path / "fresh")}
    done = subprocess.run(
        [*scrapy, "-O", str(tmp_path / "out.jsonl")], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    items = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert Counter(i["portal_id"] for i in items) == {"kept": 12, "edited": 5}
    assert {"title", "version", "warc_offset"} <= set(items[0])
