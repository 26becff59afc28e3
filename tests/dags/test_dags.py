"""The DAGs import, and have the shape that design.md section 6 fixes."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gongkai.airflow_env import POOLS_FILE, airflow_environment
from gongkai.settings import PROJECT, Settings

SHAPE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
dags = {d.dag_id: d for d in bag.dags.values()}
print("RESULT" + json.dumps({
    "errors": {str(k): str(v) for k, v in bag.import_errors.items()},
    "dags": {i: {
        "doc": d.doc_md, "catchup": d.catchup, "runs": d.max_active_runs, "timezone": str(d.timezone),
        "schedule": str(getattr(d, "schedule", None)),
        "tasks": {t.task_id: {"mapped": t.is_mapped, "pool": t.pool, "rule": str(t.trigger_rule).split(".")[-1].lower(),
                              "down": sorted(t.downstream_task_ids)} for t in d.tasks}} for i, d in dags.items()}}))
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """A DagBag read in a process of its own: Airflow must not configure itself inside the test process."""
    home = tmp_path_factory.mktemp("home")
    env = {**os.environ, **airflow_environment(Settings(home=home))}
    done = subprocess.run(
        [sys.executable, "-c", SHAPE, str(PROJECT / "dags")], check=False, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.split("RESULT")[1])


def test_every_dag_file_gives_a_dag(bag: dict) -> None:
    assert bag["errors"] == {}
    assert sorted(bag["dags"]) == sorted(p.stem for p in (PROJECT / "dags").glob("*.py"))


def test_the_night_never_overlaps_itself_and_never_catches_up(bag: dict) -> None:
    night = bag["dags"]["nightly"]
    assert (night["catchup"], night["runs"], night["timezone"]) == (False, 1, "Asia/Shanghai")
    assert night["doc"].startswith("### One night"), "the text of dags/nightly.md, not its path"


def test_one_portals_trouble_stops_nothing(bag: dict) -> None:
    tasks = bag["dags"]["nightly"]["tasks"]
    assert [t for t, facts in tasks.items() if facts["mapped"]] == ["crawl", "extract", "audit"]
    assert {t: tasks[t]["rule"] for t in ("extract", "audit", "load", "digest")} == dict.fromkeys(
        ("extract", "audit", "load", "digest"), "all_done"
    )
    assert {t: tasks[t]["rule"] for t in ("marts", "audit_warehouse", "publish")} == dict.fromkeys(
        ("marts", "audit_warehouse", "publish"), "all_success"
    )
    chain = ["crawl", "extract", "audit", "load", "marts", "audit_warehouse", "publish", "digest"]
    assert all(after in tasks[before]["down"] for before, after in itertools.pairwise(chain))


def test_writers_of_the_warehouse_share_one_slot(bag: dict) -> None:
    tasks = bag["dags"]["nightly"]["tasks"]
    assert {t for t, facts in tasks.items() if facts["pool"] == "warehouse"} == {"load", "marts", "audit_warehouse", "publish"}
    pools = json.loads(Path(POOLS_FILE).read_text(encoding="utf-8"))
    assert pools["warehouse"]["slots"] == 1
    assert {facts["pool"] for facts in tasks.values()} - {"default_pool"} == set(pools)
