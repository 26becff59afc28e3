"""Build the marts: one `dbt build` (models and their tests) over the warehouse file, in a process of its own.

dbt keeps a database open and global state for as long as its process lives; beside the night's other work it would hold the lock.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from gongkai.errors import WarehouseError
from gongkai.layout import Layout, write_text_atomic
from gongkai.status import ReadingStatus, RunStatus
from warehouse.engine import connect, transaction

PROJECT = Path(__file__).resolve().parent / "marts"
_TIMEOUT = 3600  # seconds; a build of a million notices takes minutes
_GOOD = {"success", "pass"}


@dataclass(frozen=True, kw_only=True)
class MartSummary:
    """What a successful build did."""

    models: int
    tests: int
    seconds: float


def build(layout: Layout, *, as_of: date, now: datetime) -> MartSummary:
    """Rebuild schema `mart` from `silver` and test it. `as_of` is the day against which commitments are due and data is old.

    Raises:
        WarehouseError: a model or a test failed (they are named), or dbt could not run. What was built is not published.
    """
    if not layout.warehouse.exists():
        raise WarehouseError(f"{layout.warehouse}: no warehouse yet, load first")
    with connect(layout.warehouse) as connection, transaction(connection):
        connection.execute("DELETE FROM meta.mart_build")
    results = _dbt_build(layout, as_of)
    bad = [r for r in results["results"] if r["status"] not in _GOOD]
    if bad:
        raise WarehouseError("marts: " + "; ".join(f"{r['unique_id']} {r['status']}: {_one_line(r['message'])}" for r in bad))
    with connect(layout.warehouse) as connection, transaction(connection):
        connection.execute("INSERT INTO meta.mart_build VALUES (?, ?)", [as_of, now])
    kinds = [r["unique_id"].partition(".")[0] for r in results["results"]]
    return MartSummary(models=kinds.count("model"), tests=kinds.count("test"), seconds=results["elapsed_time"])


def _dbt_build(layout: Layout, as_of: date) -> dict[str, Any]:
    write_text_atomic(layout.dbt / "profiles.yml", yaml.safe_dump(_profile(layout), allow_unicode=True))
    answer = layout.dbt / "target" / "run_results.json"
    answer.unlink(missing_ok=True)  # what lies there after the build is about this build
    statuses = {"statuses": [s.value for s in RunStatus], "reading_statuses": [s.value for s in ReadingStatus]}
    variables = {"as_of": as_of.isoformat(), **statuses}
    own = layout.dbt.absolute()
    places = {"project-dir": PROJECT, "profiles-dir": own, "target-path": own / "target", "log-path": own / "logs"}
    quiet = ["--no-send-anonymous-usage-stats", "--no-version-check", "--no-use-colors", "--log-level-file", "info"]
    command = [
        sys.executable,
        "-m",
        "dbt.cli.main",
        *quiet,
        "build",
        *(f"--{name}={place}" for name, place in places.items()),
        "--vars",
        json.dumps(variables),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=False, cwd=layout.dbt)
    except subprocess.TimeoutExpired as error:
        raise WarehouseError(f"marts: dbt build did not end within {_TIMEOUT} s; its log is {layout.dbt / 'logs'}") from error
    if not answer.exists():
        raise WarehouseError(f"marts: dbt build ended with {done.returncode} before any result: {_one_line(done.stdout + done.stderr)}")
    results: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return results


def _profile(layout: Layout) -> dict[str, Any]:
    target = {
        "type": "duckdb",
        "path": str(layout.warehouse.absolute()),
        "schema": "mart",
        "threads": 2,
        "config_options": {"autoinstall_known_extensions": False, "autoload_known_extensions": False},
        "settings": {"TimeZone": "UTC"},
    }
    return {"gongkai": {"target": "duckdb", "outputs": {"duckdb": target}}}


def _one_line(text: str | None, limit: int = 1500) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= limit else "…" + line[-limit:]
