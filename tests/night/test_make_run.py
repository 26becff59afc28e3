"""`make run` as a user has it, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from own_night import GONGKAI, environment, free_port

from samples.town import running_town
from warehouse.compare import content, differences


@pytest.mark.slow
def test_make_run_killed_twice_gives_the_same_snapshot(tmp_path: Path) -> None:
    """The command behind `make run`, killed with SIGKILL in the crawl and in the load, its orphans left alone, then run again."""

    def start(home: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
        home.mkdir(exist_ok=True)
        with (home / "make-run.log").open("ab") as log:
            return subprocess.Popen([GONGKAI, "samples", "run", "--no-later"], env=env, stdout=log, stderr=log)

    def kill_night(process: subprocess.Popen[bytes], home: Path, reached: str) -> None:
        end = time.monotonic() + 180
        while not any(home.glob(reached)):
            assert process.poll() is None, (home / "make-run.log").read_text()
            assert time.monotonic() < end
            time.sleep(0.005)
        night = json.loads((home / "demo" / "processes.json").read_text())["nightly"]["pid"]
        process.send_signal(signal.SIGKILL)
        os.kill(night, signal.SIGKILL)
        process.wait()

    killed, whole, port = tmp_path / "killed", tmp_path / "whole", free_port()
    env = environment(killed, port)
    kill_night(start(killed, env), killed, "raw/portal=*/partial=*/*.warc.gz")
    kill_night(start(killed, env), killed, "warehouse/gongkai.duckdb")
    assert not (killed / "published").exists()
    assert start(killed, env).wait(timeout=400) == 0, (killed / "make-run.log").read_text()
    with running_town(tmp_path, port=port) as town:
        calm = environment(whole, port) | {"GONGKAI_PORTALS": str(town.registry)}
        subprocess.run([GONGKAI, "health", "--visit"], env=calm, capture_output=True, timeout=60, check=True)
        subprocess.run([GONGKAI, "night"], env=calm, capture_output=True, timeout=300, check=False)
    assert differences(content(killed / "published" / "current.duckdb"), content(whole / "published" / "current.duckdb")) == []
