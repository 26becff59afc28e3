"""The process that loads dbt ahead: it does what it is told, and is gone where nobody tells it anything."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from silver_night import FIRST, NOW, batch, portal, write
from three_nights import AS_OF

from gongkai.errors import WarehouseError
from gongkai.layout import Layout
from gongkai.settings import PROJECT
from warehouse import dbt_process, marts
from warehouse.dbt_process import run_dbt, starting, waiting  # before the tests' own forks stand in for it (tests/ready_dbt.py)
from warehouse.engines import engine_of
from warehouse.engines.contract import DbtTarget
from warehouse.load import load

TARGET = DbtTarget(output={"type": "duckdb", "path": ":memory:", "schema": "mart", "threads": 1}, environment={})


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """The processes that are started here, as a night starts them."""
    found: list[subprocess.Popen[str]] = []

    def start(*args: Any, **options: Any) -> subprocess.Popen[str]:
        found.append(popen(*args, **options))
        return found[-1]

    popen = subprocess.Popen
    monkeypatch.setattr(dbt_process, "waiting", waiting)
    monkeypatch.setattr(subprocess, "Popen", start)
    return found


def test_dbt_is_given_its_words_and_heard(tmp_path: Path) -> None:
    with waiting(tmp_path, os.environ) as process:
        done = process.run(["--version"])
    assert done.returncode == 0
    assert "installed: 1." in done.stdout


def test_of_a_build_that_fails_before_its_turn_no_process_is_left(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[str]]
) -> None:
    write(layout, batch("lishi"))
    engine = engine_of(layout)
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)

    def fails(_: object) -> None:
        raise WarehouseError("no room")

    monkeypatch.setattr(marts, "derive", fails)
    with pytest.raises(WarehouseError, match=r"^no room$"):
        marts.build(engine, layout, as_of=AS_OF, now=NOW)
    (process,) = started
    assert process.returncode is not None  # waited for: no zombie either


def test_the_project_is_read_while_the_warehouse_is_written(layout: Layout, started: list[subprocess.Popen[str]]) -> None:
    write(layout, batch("lishi"))
    engine = engine_of(layout)
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    with starting(engine.dbt_target(), layout.dbt) as dbt:
        with engine.writing() as connection:
            dbt.read()
            read = layout.dbt / "target" / "manifest.json"
            until = time.monotonic() + 120
            while not read.exists():
                assert time.monotonic() < until
                time.sleep(0.1)
            connection.execute("UPDATE silver.portal SET name = '例市（新）'")
        results = dbt("run", "run_results.json", "--select", "dim_portal")["results"]
    assert [result["status"] for result in results] == ["success"]
    assert len(started) == 1
    with engine.reading() as connection:
        assert connection.query("SELECT name_zh FROM mart.dim_portal") == [("例市（新）",)]


def test_it_ends_with_a_caller_that_was_killed(tmp_path: Path) -> None:
    program = f"""
import os, sys, time
sys.path.insert(0, {str(PROJECT)!r})
import psutil
from pathlib import Path
from warehouse.dbt_process import waiting
with waiting(Path({str(tmp_path)!r}), os.environ):
    print(psutil.Process().children()[0].pid, flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout
        dbt = psutil.Process(int(caller.stdout.readline()))
        caller.kill()
    until = time.monotonic() + 120
    while dbt.is_running() and dbt.status() != psutil.STATUS_ZOMBIE:  # whose new parent may be slow to look
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_dbt_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[str]]) -> None:
    monkeypatch.setattr(dbt_process, "_TIMEOUT", 0.1)
    with pytest.raises(WarehouseError, match=r"^marts: dbt build did not end within 0.1 s; its log is .*logs$"):
        run_dbt("build", TARGET, tmp_path, "run_results.json")
    assert started[0].returncode is not None


def test_a_dbt_that_cannot_be_loaded_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[str]]
) -> None:
    monkeypatch.setattr(dbt_process, "_WAIT", "import no_such_dbt")
    failed = r"^marts: dbt build ended with 1 before any result: .*named 'no_such_dbt'$"
    with pytest.raises(WarehouseError, match=failed):
        run_dbt("build", TARGET, tmp_path, "run_results.json")
    with pytest.raises(WarehouseError, match=failed), starting(TARGET, tmp_path) as dbt:
        started[1].wait(timeout=60)  # nobody is there to read
        dbt.read()
        dbt("build", "run_results.json")
    assert len(started) == 2
