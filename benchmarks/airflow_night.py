"""A night under Airflow and the same night without it: what starting and scheduling one task a portal costs.

`python benchmarks/airflow_night.py [--portals N] [--notices N] [--limit SECONDS]`: 400 portals of every dialect × 20 notices, served by
another process on this machine; Airflow with LocalExecutor and SQLite, as `make up` starts it. Processor time stands beside wall time,
because a busy machine stretches only the second. After `--limit` seconds the night is stopped and what ended until then is told.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from pathlib import Path
from statistics import median

import psutil
import yaml
from served import served_district

from gongkai.ledger import StageOutcome, read_outcome
from gongkai.settings import PROJECT, Settings
from samples.dialects import DIALECTS
from samples.local import Demo

_TASKS = "select task_id, map_index, state, queued_dttm, start_date, end_date from task_instance where dag_id = 'nightly'"
_ENDED = ("success", "failed")
_GONGKAI = str(Path(sys.executable).with_name("gongkai"))


@dataclass
class Usage:
    """Processor seconds and the largest memory of a process with all that it started, looked at once a second."""

    root: psutil.Process
    peak: float = 0.0
    """Megabytes; shared pages are divided among those that share them."""
    seen: dict[tuple[int, float], float] = field(default_factory=dict)

    def look(self) -> None:
        memory = 0.0
        for process in self._family():
            try:
                times = process.cpu_times()
                self.seen[process.pid, process.create_time()] = times.user + times.system
                memory += process.memory_full_info().pss / 1e6
            except psutil.NoSuchProcess:
                continue  # it ended while we looked
        self.peak = max(self.peak, memory)

    def _family(self) -> list[psutil.Process]:
        try:
            return [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    @property
    def cpu(self) -> float:
        """What the processes themselves took until they were last seen: a second at most is missed of each."""
        return sum(self.seen.values())


def _plain(settings: Settings, portals: list[str]) -> tuple[float, Usage]:
    """The same night by `gongkai night`: wall seconds and usage."""
    env = {**os.environ, "GONGKAI_HOME": str(settings.home), "GONGKAI_PORTALS": str(settings.portals)}
    begun = time.monotonic()
    with subprocess.Popen([_GONGKAI, "night", *portals], env=env, stdout=subprocess.DEVNULL) as night:
        usage = Usage(psutil.Process(night.pid))
        while night.poll() is None:
            usage.look()
            time.sleep(1)
    assert night.returncode == 0, f"gongkai night ended with status {night.returncode}"
    return time.monotonic() - begun, usage


def _rows(database: Path, question: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30) as metadata:
        return metadata.execute(question).fetchall()


def _under_airflow(demo: Demo, limit: float) -> tuple[str, list[tuple[str, ...]], Usage]:
    """State of the night that Airflow begins by itself, its task instances, and what Airflow used from the night's begin on."""
    demo.prepare_airflow()
    database = demo.layout.airflow_home / "airflow.db"
    usage = Usage(psutil.Process(demo.start("airflow", [str(Path(_GONGKAI).with_name("airflow")), "standalone"]).pid))
    end, state, idle = time.monotonic() + limit, "not begun", 0.0
    try:
        while state not in _ENDED and time.monotonic() < end:
            usage.look()
            found = _rows(database, "select state from dag_run where dag_id = 'nightly'")
            if found and not idle:
                idle = usage.cpu
                print(f"Airflow's own start: {idle:.0f} s of processor", flush=True)
            state = found[0][0] if found else state
            time.sleep(1)
        usage.seen[-1, 0.0] = -idle
        return state, _rows(database, _TASKS), usage
    finally:
        demo.stop_all()


def _seconds(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def _outcomes(home: Path, stage: str) -> Iterator[StageOutcome]:
    for path in home.glob(f"ledger/run=*/portal=*/{stage}.json"):
        yield read_outcome(path)


def _tell_tasks(rows: list[tuple[str, ...]], home: Path, slots: int) -> None:
    groups = defaultdict(list)
    for task, _, state, queued, started, ended in rows:
        if started and ended and state in _ENDED:
            groups[task].append((queued, started, ended))
    for task, all_of in sorted(groups.items(), key=lambda item: min(started for _, started, _ in item[1])):
        wall = _seconds(min(q for q, _, _ in all_of), max(e for _, _, e in all_of))
        ran = median(_seconds(started, ended) for _, started, ended in all_of)
        waited = median(_seconds(queued, started) for queued, started, _ in all_of)
        print(f"  {task:16} {len(all_of):4} tasks, {wall:7.1f} s in all; a task: queued {waited:.2f} s, ran {ran:.2f} s")
    own = [_seconds(o.started_at, o.finished_at) for o in _outcomes(home, "extract")]
    if own and groups["extract"]:
        ran = median(_seconds(started, ended) for _, started, ended in groups["extract"])
        print(f"overhead of a mapped extract task: {ran - median(own):.2f} s of a slot (ran {ran:.2f}, the stage itself {median(own):.2f};")
        print(f"  {slots} slots): {(ran - median(own)) * len(groups['extract']) / slots:.0f} s of this night", flush=True)


def main(portals: int, notices: int, limit: float) -> None:
    each = ceil(portals / len(DIALECTS))
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="airflow-night") as scratch,
        served_district(Path(scratch), sorted(DIALECTS), each=each, notices=notices) as registry,
    ):
        listed = registry.read_text(encoding="utf-8")
        demo = Demo(Settings(home=Path(scratch) / "airflow", ui_port=_free_port()))
        demo.registry.parent.mkdir(parents=True)
        alone = Path(scratch) / "dags"  # the other DAGs would begin beside the night
        alone.mkdir()
        for name in ("nightly.py", "nightly.md"):
            (alone / name).symlink_to(PROJECT / "dags" / name)
        demo.env["AIRFLOW__CORE__DAGS_FOLDER"] = str(alone)
        chosen = _first(listed, portals, demo.registry)
        state, rows, usage = _under_airflow(demo, limit)
        requests = sum(o.counts.get("requests", 0) for o in _outcomes(demo.settings.home, "crawl"))
        print(
            f"{len(chosen)} portals × {notices} notices under Airflow: {state}, {requests} requests, peak {usage.peak:.0f} MB", flush=True
        )
        _tell_tasks(rows, demo.settings.home, demo.settings.airflow_tasks)
        if state != "success":
            return
        began, ended = min(r[3] for r in rows if r[3]), max(r[5] for r in rows if r[5])
        wall, plain = _plain(Settings(home=Path(scratch) / "plain", portals=demo.registry), chosen)
        print(f"gongkai night: {wall:.0f} s, {plain.cpu:.0f} s of processor, peak {plain.peak:.0f} MB", flush=True)
        took = _seconds(began, ended)
        print(f"under Airflow: {took:.0f} s, {usage.cpu:.0f} s of processor: ratio {took / wall:.2f}, {usage.cpu / plain.cpu:.2f}")
        print(f"  beyond the plain night: {(usage.cpu - plain.cpu) / len(chosen):.2f} s of processor a portal")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _first(listed: str, portals: int, path: Path) -> list[str]:
    """Write a registry of the first portals; their ids."""
    content = yaml.safe_load(listed)
    content["portals"] = content["portals"][:portals]
    path.write_text(json.dumps(content, ensure_ascii=False, default=str), encoding="utf-8")
    return [str(portal["id"]) for portal in content["portals"]]


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("--portals", type=int, default=400)
    given.add_argument("--notices", type=int, default=20)
    given.add_argument("--limit", type=float, default=3600)
    chosen = given.parse_args()
    main(chosen.portals, chosen.notices, chosen.limit)
