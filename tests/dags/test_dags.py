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
from expectations.verdict import LibraryUnsound

from gongkai.errors import WarehouseUnsound
from gongkai.errors import MartsUnsound, StageFailed, WarehouseError
from stages.airflow_ui.tasks import final
def told(error):
    try:
        with final():
            raise error("why")
    except Exception as raised:
        return f"{type(raised).__name__}: {raised}"
bag = DagBag(sys.argv[1])
dags = {d.dag_id: d for d in bag.dags.values()}
print("RESULT" + json.dumps({
    "ends": {e.__name__: told(e) for e in (StageFailed, MartsUnsound, WarehouseUnsound, LibraryUnsound, WarehouseError)},
    "errors": {str(k): str(v) for k, v in bag.import_errors.items()},
    "dags": {i: {
        "doc": d.doc_md, "catchup": d.catchup, "runs": d.max_active_runs, "timezone": str(d.timezone),
        "schedule": str(getattr(d, "schedule", None)), "params": sorted(d.params),
        "tasks": {t.task_id: {"mapped": t.is_mapped, "pool": t.pool, "rule": str(t.trigger_rule).split(".")[-1].lower(),
                              "type": t.task_type, "links": [link.name for link in t.operator_extra_links],
                              "outlets": [asset.name for asset in getattr(t, "outlets", None) or []],
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


def test_every_dag_has_a_text_never_catches_up_and_never_overlaps_itself(bag: dict) -> None:
    for name, facts in bag["dags"].items():
        assert facts["doc"].startswith("### "), f"{name}: the text of dags/{name}.md, not its path"
        assert (facts["catchup"], facts["runs"]) == (False, 1), name
    assert {name: facts["schedule"] for name, facts in bag["dags"].items()} == {
        "nightly": "30 2 * * *",
        "rewalk": "0 12 * * 6",
        "maintenance": "0 13 * * *",
        "portal_health": "30 9 * * *",
        "backfill": "None",
        "reextract": "None",
    }


def test_only_the_night_publishes(bag: dict) -> None:
    """Other DAGs start a run of `nightly`, which waits for its turn: two of them never interleave in the warehouse."""
    for name in ("rewalk", "backfill", "reextract"):
        assert [t for t, facts in bag["dags"][name]["tasks"].items() if facts["type"] == "TriggerDagRunOperator"] == ["night"]
    assert {t for name in ("rewalk", "backfill", "reextract") for t in bag["dags"][name]["tasks"]}.isdisjoint({"load", "marts", "publish"})
    assert bag["dags"]["nightly"]["params"] == ["accept_mass_change", "crawl", "portals", "rewalk"]


def test_a_new_reading_is_applied_only_behind_the_approval(bag: dict) -> None:
    tasks = bag["dags"]["reextract"]["tasks"]
    assert (tasks["approve"]["type"], tasks["approve"]["down"], tasks["apply"]["down"]) == ("ApprovalOperator", ["apply"], ["audit"])
    assert tasks["apply"]["rule"] == "all_success"


def test_assets_and_links(bag: dict) -> None:
    tasks = bag["dags"]["nightly"]["tasks"]
    assert {t: facts["outlets"] for t, facts in tasks.items() if facts["outlets"]} == {
        "crawl": ["gongkai_raw"],
        "load": ["gongkai_silver"],
        "marts": ["gongkai_marts"],
        "publish": ["gongkai_snapshot"],
    }
    assert tasks["extract"]["links"] == ["Portal", "Archive", "Data Docs"]


def test_the_night_never_overlaps_itself_and_never_catches_up(bag: dict) -> None:
    night = bag["dags"]["nightly"]
    assert (night["catchup"], night["runs"], night["timezone"]) == (False, 1, "Asia/Shanghai")
    assert night["doc"].startswith("### One night"), "the text of dags/nightly.md, not its path"


def test_one_portals_trouble_stops_nothing(bag: dict) -> None:
    tasks = bag["dags"]["nightly"]["tasks"]
    assert [t for t, facts in tasks.items() if facts["mapped"]] == ["crawl", "extract", "audit"]
    assert {t: tasks[t]["rule"] for t in ("extract", "audit", "load", "morning", "alert", "digest")} == dict.fromkeys(
        ("extract", "audit", "load", "morning", "alert", "digest"), "all_done"
    )
    assert {t: tasks[t]["rule"] for t in ("marts", "audit_warehouse", "publish")} == dict.fromkeys(
        ("marts", "audit_warehouse", "publish"), "all_success"
    )
    chain = ["crawl", "extract", "audit", "load", "marts", "audit_warehouse", "publish", "alert", "digest"]
    assert all(after in tasks[before]["down"] for before, after in itertools.pairwise(chain))


def test_what_no_retry_can_help_ends_failed_at_once_and_nothing_is_swallowed(bag: dict) -> None:
    """A portal that is not whole, data or rules that are wrong, a library that cannot be relied on; a locked database is tried again."""
    final = dict.fromkeys(("StageFailed", "MartsUnsound", "WarehouseUnsound", "LibraryUnsound"), "AirflowFailException: why")
    assert bag["ends"] == final | {"WarehouseError": "WarehouseError: why"}


def test_writers_of_the_warehouse_share_one_slot(bag: dict) -> None:
    tasks = bag["dags"]["nightly"]["tasks"]
    assert {t for t, facts in tasks.items() if facts["pool"] == "warehouse"} == {"load", "marts", "audit_warehouse", "publish"}
    pools = json.loads(Path(POOLS_FILE).read_text(encoding="utf-8"))
    assert pools["warehouse"]["slots"] == 1
    assert {facts["pool"] for facts in tasks.values()} - {"default_pool"} == set(pools)


_WHAT_AN_EXTRACT_TASK_IMPORTS = """
import sys
from stages.airflow_ui import tasks
with tasks.final():
    import stages.extract
print(sorted({"pandas", "great_expectations", "dbt", "pdfplumber"} & set(sys.modules)))
"""


def test_a_portals_task_imports_nothing_that_only_audit_and_marts_need() -> None:
    """400 processes a night pay for each import: pandas alone was two seconds of processor in each."""
    done = subprocess.run([sys.executable, "-c", _WHAT_AN_EXTRACT_TASK_IMPORTS], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout.splitlines()[-1] == "[]"
