"""`make up` as a user has it: Airflow in a real browser."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from look import CHROMIUM, QUIET
from own_night import GONGKAI, environment, free_port

from gongkai.layout import Layout
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


@pytest.fixture(scope="module")
def page(up: Up) -> Iterator[Any]:
    """A browser that is logged in."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.goto(up.url)
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill(up.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        yield page
        browser.close()


_ASK = """async ([path, body]) => (await fetch('/api/v2' + path, body === null ? {} :
    {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body)})).json()"""


def ask(page: Any, path: str, body: object = None) -> Any:
    """Airflow's own API, as the logged-in user."""
    return page.evaluate(_ASK, [path, body])


def ended(page: Any, dag: str, run: str, seconds: float = 180) -> dict[str, str]:
    """State by task (a mapped one: the last) when the run is over, or waits for a person."""
    end = time.monotonic() + seconds
    while True:
        state = ask(page, f"/dags/{dag}/dagRuns/{run}")["state"]
        tasks = {t["task_id"]: t["state"] for t in ask(page, f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]}
        if state in ("success", "failed") or "awaiting_input" in tasks.values():
            return tasks
        assert time.monotonic() < end, tasks
        time.sleep(1)


pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]


def test_the_grid_names_every_portal(up: Up, page: Any, tmp_path: Path) -> None:
    names = {p.name for p in load_registry(up.home / "demo" / "portals" / "sample.yaml").values()}
    runs = ask(page, "/dags/nightly/dagRuns")["dag_runs"]
    assert [run["state"] for run in runs] == ["success"]
    page.goto(f"{up.url}/dags/nightly/runs/{runs[0]['dag_run_id']}/tasks/extract/mapped")
    page.get_by_text("sample-qinglan").first.wait_for(timeout=30_000)
    page.screenshot(path=tmp_path / "extract.png")
    text = page.inner_text("body")
    assert not {name for name in names if name not in text}, f"screenshot {tmp_path / 'extract.png'}"
    assert (text.count("Failed"), text.count("Success")) >= (7, 5)
    assert "sample-lanqiao · unreachable" in text
    tasks = ask(page, f"/dags/nightly/dagRuns/{runs[0]['dag_run_id']}/taskInstances?limit=100")["task_instances"]
    failed = [t for t in tasks if t["state"] == "failed"]
    assert {(t["task_id"], t["try_number"]) for t in failed} == {("extract", 1)}, "not whole is red at once, and nothing else is red"
    assert len(failed) == 7
    events = {e["name"]: e["extra"] for e in ask(page, "/assets/events")["asset_events"]}
    assert events["gongkai_snapshot"]["said"].startswith("12 portals, 5 whole, 7 not; ")
    assert set(events) == {"gongkai_raw", "gongkai_silver", "gongkai_marts", "gongkai_snapshot"}


def test_a_portals_task_leads_to_its_evidence_behind_the_login(up: Up, page: Any) -> None:
    run = ask(page, "/dags/nightly/dagRuns")["dag_runs"][0]["dag_run_id"]
    labels = ask(page, f"/dags/nightly/dagRuns/{run}/taskInstances?limit=100")["task_instances"]
    index = next(t["map_index"] for t in labels if "sample-qinglan" in (t["rendered_map_index"] or "") and t["task_id"] == "extract")
    links = ask(page, f"/dags/nightly/dagRuns/{run}/taskInstances/extract/links?map_index={index}")["extra_links"]
    assert set(links) == {"Portal", "Archive", "Data Docs"}
    for name, seen in (("Archive", "crawl: complete"), ("Data Docs", "Data Docs")):
        page.goto(up.url + links[name])
        assert "sample-qinglan" in page.inner_text("h1") and seen in page.title() + page.inner_text("body")
    page.goto(up.url + links["Archive"])
    page.get_by_role("link", name="crawl.warc.gz@").nth(3).click()
    page.wait_for_url(re.compile(r"/gongkai/record\?place=sample-qinglan/"))
    assert page.evaluate("document.contentType") == "text/plain", "a stranger's page must not run as one of ours"
    page.goto(f"{up.url}/plugin/data-docs")
    page.frame_locator("iframe").get_by_text("sample-qinglan").first.wait_for(timeout=30_000)
    for path in ("docs/index.html", links["Archive"].removeprefix("/gongkai/"), "site/morning/index.html"):
        with pytest.raises(HTTPError) as refused, urlopen(f"{up.url}/gongkai/{path}", timeout=10):  # noqa: S310
            pass
        assert refused.value.code == 401


def test_a_new_reading_is_published_when_a_person_approves(up: Up, page: Any) -> None:
    layout, hostile = Layout(up.home), "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
    (run_id,) = layout.silver_runs("sample-qinglan")
    notices = layout.silver("notice", "sample-qinglan", run_id)
    table = pq.read_table(notices, partitioning=None)
    first, *others = table["title"].to_pylist()
    place = table.schema.get_field_index("title")
    pq.write_table(table.set_column(place, "title", pa.array([hostile, *others])), notices)
    commit = layout.silver_commit("sample-qinglan", run_id)
    commit.write_text(commit.read_text().replace('"digest": "', '"digest": "0'))
    run = ask(page, "/dags/reextract/dagRuns", {"logical_date": None, "conf": {"portals": ["sample-qinglan"]}})["dag_run_id"]
    assert ended(page, "reextract", run)["approve"] == "awaiting_input"
    page.goto(f"{up.url}/dags/reextract/runs/{run}/tasks/approve/required_actions")
    page.get_by_text("notice: 1 changed").wait_for(timeout=30_000)
    assert "<script>window.pwned=1" in page.inner_text("body")
    assert page.evaluate("window.pwned") is None
    page.get_by_role("button", name="Approve").click()
    for _ in range(60):  # a busy machine takes the answer late
        page.wait_for_timeout(1000)
        if ended(page, "reextract", run)["approve"] != "awaiting_input":
            break
    assert set(ended(page, "reextract", run).values()) == {"success"}
    (night,) = (r["dag_run_id"] for r in ask(page, "/dags/nightly/dagRuns")["dag_runs"] if r["conf"])
    states = ended(page, "nightly", night)
    assert (states["crawl"], states["extract"], states["publish"]) == ("skipped", "skipped", "success")
    assert pq.read_table(notices, partitioning=None)["title"].to_pylist() == [first, *others]
