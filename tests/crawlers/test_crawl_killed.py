"""A crawl killed at ten random moments and run again under the same run id is the crawl that nobody disturbed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import fastwarc
import pyarrow.parquet as pq
import pytest
from small_servers import RUNS, Answer, Servers, Site
from warcio.archiveiterator import ArchiveIterator

from crawlers import __main__ as command
from crawlers import run
from crawlers.manifest import verify_manifest
from crawlers.state import PortalState
from crawlers.warc import ArchiveWriter
from gongkai.layout import Layout
from gongkai.ledger import read_outcome
from gongkai.status import RunStatus

pytestmark = pytest.mark.slow  # a dozen crawl processes
_KILLS, _NOTICES = 10, 40
_MOMENTS = {"fetched_at", "warc_offset", "list_seen_at", "list_warc_offset"}


def _die_at(moment: str) -> None:
    """From now on this process kills itself at one step of a run."""

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    match moment:
        case "in the middle of a record":
            append = ArchiveWriter._append

            def half(self: ArchiveWriter, kind: str, *rest: Any) -> tuple[int, str]:
                place = append(self, kind, *rest)
                if kind == "response" and self.requests == 20:
                    self._file.flush()
                    os.truncate(self._file.name, place[0] + 40)
                    die()
                return place

            ArchiveWriter._append = half  # type: ignore[method-assign]
        case "before the manifest":
            run.write_manifest = die
        case "before the rename":
            Path.rename = die  # type: ignore[assignment,method-assign]
        case "before the ledger":
            run.record = die
        case "before the state's commit":
            PortalState.commit = die  # type: ignore[method-assign]


def _crawl(home: str, registry: str, run_id: str, moment: str = "") -> None:
    """The crawl's command, in a process of its own."""
    _die_at(moment)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    os.environ.update(GONGKAI_HOME=home, GONGKAI_PORTALS=registry)
    sys.argv = ["crawlers", "--run", run_id, "--portals", "killed"]
    sys.exit(command.main())


@pytest.fixture(scope="module")
def site(servers: Servers) -> Site:
    made = servers.add("killed")
    made.trs(_NOTICES, 10)
    for i in range(0, _NOTICES, 5):
        page = made.paths[f"/zwgk/gzyd{made.path(i)}"]
        assert isinstance(page, Answer)
        page.body = page.body.replace(b"</p></div>", f'</p><p><a href="./f{i}.docx">附件{i}.docx</a></p></div>'.encode())
        made.paths[f"/zwgk/gzyd/202503/f{i}.docx"] = Answer(b"PK\x03\x04" + bytes(500 + i), headers={"Content-Type": "application/msword"})
    for path, answer in made.paths.items():
        assert isinstance(answer, Answer)
        answer.delay = 0.02 if "/202503/" in path else 0
    servers.start()
    return made


def _process(servers: Servers, home: Path, run_id: str = RUNS[0], moment: str = "") -> Any:
    """Forked from a process that has imported the crawl already: a start costs no second."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawlers.spider", "crawlers.lane", "pytest", "uvicorn", "fastwarc", "stages.context"])
    process = context.Process(target=_crawl, args=(str(home), str(servers.registry), run_id, moment))
    process.start()
    return process


def _rows(layout: Layout, table: str) -> list[dict[str, Any]]:
    rows = pq.read_table(layout.raw_run("killed", RUNS[0]) / f"{table}.parquet", partitioning=None).to_pylist()
    return sorted(({k: v for k, v in row.items() if k not in _MOMENTS} for row in rows), key=repr)


def test_killed_ten_times_and_run_again(servers: Servers, site: Site, tmp_path: Path) -> None:
    calm, shaken = Layout(tmp_path / "calm"), Layout(tmp_path / "shaken")
    process = _process(servers, calm.home)
    process.join(60)
    assert process.exitcode == 0
    requests = len(site.log)
    moments = random.Random(20260301)
    killed = 0
    for number in range(_KILLS):
        # nine between the first and the last request, one while the run is being committed
        after = moments.randint(1, requests - 1) if number else requests
        begun = len(site.log)
        process = _process(servers, shaken.home)
        limit = time.monotonic() + 60
        while len(site.log) < begun + after and process.is_alive() and time.monotonic() < limit:
            time.sleep(0.001)
        time.sleep(moments.random() * 0.03)
        process.kill()
        process.join(20)
        killed += process.exitcode == -9
        if number:
            assert shaken.raw_runs("killed") in ([], [RUNS[0]])
    assert killed >= _KILLS - 1
    process = _process(servers, shaken.home)
    process.join(60)
    outcome = read_outcome(shaken.outcome(RUNS[0], "killed", "crawl"))
    assert (process.exitcode, outcome.status, outcome.counts["new"]) == (0, RunStatus.COMPLETE, _NOTICES)
    for table, count in (("notice", _NOTICES), ("list_entry", _NOTICES), ("attachment", 8), ("section_outcome", 1), ("removal", 0)):
        rows = _rows(shaken, table)
        assert len(rows) == count
        assert rows == _rows(calm, table), table
    assert verify_manifest(shaken, "killed") == []
    assert not shaken.raw_partial("killed", RUNS[0]).exists()
    path = shaken.raw_run("killed", RUNS[0]) / "crawl.warc.gz"
    with path.open("rb") as file:
        ours = [record.rec_type for record in ArchiveIterator(file, check_digests="raise") if record.content_stream().read() is not None]
    with path.open("rb") as file:
        theirs = [record.headers["WARC-Type"] for record in fastwarc.ArchiveIterator(file, verify_digests=True)]
    assert ours == theirs
    assert ours.count("request") == outcome.counts["requests"] == requests

    before = len(site.log)
    process = _process(servers, shaken.home, RUNS[1])
    process.join(60)
    assert [r.path for r in site.log[before:]] == ["/robots.txt", "/zwgk/gzyd/"], "the second night remembers the first"


def test_killed_at_each_step_of_a_commit(servers: Servers, site: Site, tmp_path: Path) -> None:
    layout = Layout(tmp_path)

    def crawled(run_id: str, moment: str = "") -> tuple[int, int]:
        begun = len(site.log)
        process = _process(servers, layout.home, run_id, moment)
        process.join(60)
        return process.exitcode, len(site.log) - begun

    for moment in ("in the middle of a record", "before the manifest", "before the rename"):
        code, asked = crawled(RUNS[0], moment)
        assert (code, asked > 20, layout.raw_runs("killed")) == (-9, True, []), moment
    assert crawled(RUNS[0], "before the ledger")[0] == -9
    assert (layout.raw_runs("killed"), layout.outcome(RUNS[0], "killed", "crawl").exists()) == ([RUNS[0]], False)
    assert crawled(RUNS[0]) == (0, 0), "what is committed is told, and not asked again"
    assert read_outcome(layout.outcome(RUNS[0], "killed", "crawl")).counts["new"] == _NOTICES
    assert crawled(RUNS[1], "before the state's commit") == (-9, 2)
    assert crawled(RUNS[2]) == (0, 2)
    assert [len(_rows(layout, table)) for table in ("notice", "attachment")] == [_NOTICES, 8]
    assert (verify_manifest(layout, "killed"), len(layout.raw_runs("killed"))) == ([], 3)
