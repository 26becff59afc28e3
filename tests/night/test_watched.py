"""What Airflow tells those who watch from outside: lineage events into a file, metrics to a StatsD server."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from own_night import GONGKAI

from gongkai.airflow_env import POOLS_FILE
from gongkai.settings import PROJECT

AIRFLOW = str(Path(sys.executable).with_name("airflow"))


@pytest.mark.slow
def test_lineage_and_metrics_of_a_dag(tmp_path: Path) -> None:
    registry, lineage = tmp_path / "p.yaml", tmp_path / "lineage.jsonl"
    registry.write_text("portals: []\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd:
        statsd.bind(("127.0.0.1", 0))
        statsd.settimeout(0.1)
        chosen = {
            "HOME": str(tmp_path),
            "PORTALS": str(registry),
            "LINEAGE": str(lineage),
            "STATSD": f"127.0.0.1:{statsd.getsockname()[1]}",
        }
        env = os.environ | {f"GONGKAI_{name}": value for name, value in chosen.items()}
        told = subprocess.run([GONGKAI, "airflow-env"], env=env, capture_output=True, text=True, check=True).stdout
        env |= dict(shlex.split(line.removeprefix("export "))[0].split("=", 1) for line in told.splitlines())
        (tmp_path / "airflow").mkdir()
        for words in (["db", "migrate"], ["pools", "import", str(POOLS_FILE)], ["dags", "test", "maintenance"]):
            done = subprocess.run([AIRFLOW, *words], env=env, capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, done.stderr[-2000:]
        names = set()
        try:
            while True:
                names.add(statsd.recv(65535).decode().partition(":")[0])
        except TimeoutError:
            pass  # all that was sent is read
    events = [json.loads(line) for line in lineage.read_text().splitlines()]
    tasks = {event["job"]["name"] for event in events if event["eventType"] == "COMPLETE"}
    assert tasks == {"maintenance", *(f"maintenance.{t}" for t in ("retention", "compact", "verify", "growth"))}
    page = (PROJECT / "docs" / "observability.md").read_text(encoding="utf-8")
    documented = {"gongkai.dag.maintenance.compact.duration", "gongkai.ti.finish.maintenance.verify.success", "gongkai.ti_successes"}
    assert documented <= names
    assert all(name.replace("maintenance", "nightly").replace("compact", "TASK").replace("verify", "TASK") in page for name in documented)
