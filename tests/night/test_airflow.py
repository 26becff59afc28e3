"""`make up` as a user has it: Airflow in a real browser."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from look import CHROMIUM, QUIET
from own_night import GONGKAI, environment, free_port

from gongkai.registry import load_registry


@dataclass(frozen=True)
class Up:
    url: str
    password: str
    home: Path


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """What `make up` starts; waits until its first night was published."""
    home = tmp_path_factory.mktemp("up")
    env = environment(home, free_port())
    try:
        done = subprocess.run([GONGKAI, "samples", "up"], env=env, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        words = done.stdout.split()
        end = time.monotonic() + 300
        while not any(home.glob("airflow/logs/dag_id=nightly/*/task_id=digest/*.log")):
            assert time.monotonic() < end, "the first night did not end within five minutes"
            time.sleep(1)
        time.sleep(10)  # the digest itself, and the run's state
        yield Up(words[words.index("Airflow:") + 1].rsplit("/dags", 1)[0], words[words.index("password:") + 1], home)
    finally:
        down = subprocess.run([GONGKAI, "samples", "down"], env=env, capture_output=True, text=True, timeout=120, check=False)
        assert "airflow" in down.stdout


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_the_grid_names_every_portal(up: Up, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    names = {p.name for p in load_registry(up.home / "demo" / "portals" / "sample.yaml").values()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.goto(up.url)
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill(up.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        runs = page.evaluate("async () => (await (await fetch('/api/v2/dags/nightly/dagRuns')).json()).dag_runs")
        assert [run["state"] for run in runs] == ["success"]
        page.goto(f"{up.url}/dags/nightly/runs/{runs[0]['dag_run_id']}/tasks/extract/mapped")
        page.get_by_text("sample-qinglan").first.wait_for(timeout=30_000)
        page.screenshot(path=tmp_path / "extract.png")
        text = page.inner_text("body")
        browser.close()
    assert not {name for name in names if name not in text}, f"screenshot {tmp_path / 'extract.png'}"
    assert (text.count("Failed"), text.count("Success")) >= (7, 5)
