"""Two workers that share a database, a broker and an object store make the warehouse that one machine makes. `make test-cluster`.

One cluster for the module; the tests follow each other: a calm night, then one in which everything that can go away does.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_cluster import WORKERS, Cluster, running_cluster
from own_night import GONGKAI

from crawlers.manifest import verify_manifest
from gongkai.layout import Layout
from gongkai.status import RunStatus
from stages.shared import fetched, stored_portals
from warehouse.compare import content_of, differences
from warehouse.engines import engine_of

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(1500)]

CALM = {
    "sample-qinglan": RunStatus.COMPLETE,
    "sample-jindu": RunStatus.PARTIAL,
    "sample-wuting": RunStatus.BROKEN,
    "sample-yanling": RunStatus.BLOCKED,
    "sample-yuanlan": RunStatus.WRONG_SITE,
    "sample-lanqiao": RunStatus.UNREACHABLE,
}
TROUBLED = ["sample-bochuan", "sample-jizhou", "sample-xingzhu", "sample-yunhe"]
_NIGHT = 600.0  # seconds at most; on two idle cores it takes a tenth


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster"), CALM) as running:
        yield running


def _statuses(cluster: Cluster) -> dict[str, RunStatus]:
    with engine_of(Layout(cluster.folder), cluster.warehouse).reading() as connection:
        return {portal: RunStatus(status) for portal, status in connection.query("SELECT portal_id, status FROM mart.portal_status")}


def _one_machine(cluster: Cluster) -> subprocess.Popen[bytes]:
    """`gongkai night` over the same portals, on a machine and in a database of its own."""
    settings = {"GONGKAI_HOME": str(cluster.folder / "alone"), "GONGKAI_PORTALS": str(cluster.registry), "GONGKAI_WAREHOUSE": cluster.alone}
    with (cluster.folder / "alone.log").open("wb") as log:
        return subprocess.Popen([GONGKAI, "night"], env={**os.environ, **settings}, stdout=log, stderr=log)


def test_two_workers_share_a_night(cluster: Cluster) -> None:
    run = cluster.first_run()
    cluster.wait("the calm night", lambda: cluster.ended(run), _NIGHT)
    assert cluster.state(run) == "success"
    assert _statuses(cluster) == CALM
    red = {t["rendered_map_index"].split(" · ")[1] for t in cluster.tasks(run) if (t["task_id"], t["state"]) == ("extract", "failed")}
    assert red == {portal for portal, status in CALM.items() if not status.is_whole}
    for name in WORKERS:
        assert cluster.worked(name, run) & {"crawl", "extract"}, f"worker {name} did nothing of it"


def test_what_goes_away_comes_back_and_nothing_is_lost_or_doubled(cluster: Cluster) -> None:
    """A worker dies in mid-crawl, Redis stops, PostgreSQL is restarted, S3 answers 503; then all is as if nothing had been."""
    cluster.follow([*CALM, *TROUBLED])
    alone = _one_machine(cluster)
    run = cluster.trigger(TROUBLED)
    killed = _kill_in_mid_crawl(cluster)
    cluster.start_worker(killed)
    cluster.kill("redis")
    time.sleep(10)
    cluster.start_redis()
    cluster.wait("a reading", lambda: bool(cluster.states(run, "extract")), _NIGHT, revive=True)
    cluster.s3.away = True
    cluster.wait("a refusal", lambda: cluster.s3.refused > 0, _NIGHT, revive=True)
    time.sleep(5)
    cluster.s3.away = False
    cluster.postgres.restart()
    cluster.wait("the troubled night", lambda: cluster.ended(run), _NIGHT, revive=True)
    crawls = [t for t in cluster.tasks(run) if t["task_id"] == "crawl"]
    assert max(t["try_number"] for t in crawls) > 1, "the killed crawl was tried again"
    if cluster.state(run) != "success" or "failed" in {t["state"] for t in cluster.tasks(run)}:
        run = cluster.trigger(TROUBLED)  # red with a reason; a rerun makes it good
        cluster.wait("the rerun", lambda: cluster.ended(run), _NIGHT, revive=True)
    assert cluster.state(run) == "success", cluster.tails()
    assert alone.wait(_NIGHT) == 1, "some portals are ill on purpose"
    with (
        engine_of(Layout(cluster.folder), cluster.warehouse).reading() as ours,
        engine_of(Layout(cluster.folder), cluster.alone).reading() as theirs,
    ):
        assert differences(content_of(ours), content_of(theirs)) == []


def test_the_store_holds_every_archive_whole(cluster: Cluster, tmp_path: Path) -> None:
    ctx = cluster.context(tmp_path)
    assert stored_portals(ctx) == sorted([*CALM, *TROUBLED])
    fetched(ctx, stored_portals(ctx), raw=True)
    assert [fault for portal in stored_portals(ctx) for fault in verify_manifest(ctx.layout, portal)] == []


def test_no_secret_stands_in_a_log_or_a_process_list(cluster: Cluster) -> None:
    logs = [p for p in cluster.folder.rglob("*.log") if p.is_file() and b"geheim" in p.read_bytes()]
    assert logs == []
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in cluster.family()]
    assert len(lines) > 5
    assert [line for line in lines if b"geheim" in line] == []


def _kill_in_mid_crawl(cluster: Cluster) -> str:
    """SIGKILL to the first worker that is seen crawling, with all its processes; its name."""

    def crawling() -> list[str]:
        return [name for name in WORKERS if any((cluster.folder / name).glob("raw/portal=*/partial=*/*.warc.gz"))]

    end = time.monotonic() + _NIGHT
    while not (seen := crawling()):
        assert time.monotonic() < end, cluster.tails()
        time.sleep(0.02)
    cluster.kill(seen[0])
    return seen[0]
