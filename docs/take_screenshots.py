"""Make the README's pictures again: `make up`, wait for the night, then `.venv/bin/python docs/take_screenshots.py`."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docker" / "superset"))
from look import CHROMIUM, QUIET

from gongkai.layout import Layout
from gongkai.settings import Settings

DOCS = Path(__file__).resolve().parent


def main() -> None:
    """Grid of the newest run, this morning, and the summary as a terminal shows it."""
    settings = Settings()
    url = f"http://{settings.ui_host}:{settings.ui_port}"
    passwords = Layout(settings.home).airflow_home / "simple_auth_manager_passwords.json.generated"
    summary = subprocess.run([str(Path(sys.executable).with_name("gongkai")), "summary"], capture_output=True, text=True, check=True).stdout
    score = subprocess.run(
        [str(Path(sys.executable).with_name("gongkai")), "samples", "score"], capture_output=True, text=True, check=False
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1400, "height": 800})
        page.goto(url)
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill(json.loads(passwords.read_text())["admin"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        runs = page.evaluate("async () => (await (await fetch('/api/v2/dags/nightly/dagRuns')).json()).dag_runs")
        page.goto(f"{url}/dags/nightly/runs/{runs[-1]['dag_run_id']}/tasks/extract/mapped")
        page.get_by_text("人民政府").first.wait_for()
        page.screenshot(path=DOCS / "airflow-grid.png")
        page.goto(f"{url}/plugin/this-morning")
        page.frame_locator("iframe").get_by_text("Portals").first.wait_for()
        page.screenshot(path=DOCS / "this-morning.png")
        page.set_viewport_size({"width": 800, "height": 300})
        text = html.escape(summary + "\n" + score.stdout)
        page.set_content(f'<pre style="background:#111;color:#eee;padding:1em;margin:0;font:14px monospace">{text}</pre>')
        page.locator("pre").screenshot(path=DOCS / "summary.png")
        browser.close()


if __name__ == "__main__":
    main()
