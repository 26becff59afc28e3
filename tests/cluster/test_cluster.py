"""Two workers that share a database, a broker and an object store make the warehouse that one machine makes. `make test-cluster`."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from own_cluster import Cluster, running_cluster

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

CALM = ["sample-qinglan", "sample-bochuan", "sample-jizhou", "sample-jindu", "sample-zhuyu", "sample-wangxia"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    begun = time.monotonic()
    with running_cluster(tmp_path_factory.mktemp("cluster"), CALM) as running:
        print("up", time.monotonic() - begun)
        yield running


def test_two_workers_make_the_warehouse_of_one_machine(cluster: Cluster) -> None:
    begun = time.monotonic()
    run = cluster.first_run()
    cluster.wait("the calm night", lambda: cluster.ended(run), 240)
    print(time.monotonic() - begun)
    for t in sorted(cluster.tasks(run), key=lambda t: t["start_date"]):
        print(t["task_id"], t["map_index"], t["state"], t["try_number"], t["duration"], t["queued_when"], t["start_date"], t["end_date"])
    for name in ("first", "second"): print(name, cluster.worked(name, run))
