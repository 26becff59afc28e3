"""Opens dashboards as a reader does: a headless Chromium that logs in, waits for every chart and tells what each shows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]
WIDTH, HEIGHT = 1400, 3600  # charts outside the window are not drawn, so it is as high as the longest dashboard
COLOURS = 160  # enough for text and flat bars, and a picture stays below 250 kB

# A chart has ended when it shows a number, a table, a drawing, a word that there is nothing, or an error.
_READ = """() => [...document.querySelectorAll('[data-test=chart-grid-component]')].map(chart => {
    const error = chart.querySelector('.ant-alert-error');
    const number = chart.querySelector('.header-line');
    const rows = [...chart.querySelectorAll('table tr')].map(row => [...row.querySelectorAll('th,td')].map(cell => cell.innerText.trim()));
    const waits = chart.querySelector('[data-test=loading-indicator], .loading');
    return {
        title: chart.dataset.testChartName,
        trouble: error ? error.innerText : null,
        number: number ? number.innerText.trim() : null,
        rows: rows,
        ended: !waits && Boolean(error || number || rows.length || chart.querySelector('canvas, .ant-empty, [class*=empty]')),
    };
})"""
_SQL = """async ([name, sql]) => {
    const csrf = (await (await fetch('/api/v1/security/csrf_token/')).json()).result;
    const held = (await (await fetch('/api/v1/database/')).json()).result;
    const id = held.find(database => database.database_name === name).id;
    const headers = {'Content-Type': 'application/json', 'X-CSRFToken': csrf};
    const body = JSON.stringify({database_id: id, sql: sql, runAsync: false});
    return (await fetch('/api/v1/sqllab/execute/', {method: 'POST', headers, body})).text();
}"""
_CHARTS = "document.querySelectorAll('[data-test=chart-grid-component]').length"


@dataclass(frozen=True)
class Chart:
    """What a chart shows: a big number, the cells of a table row by row, or neither (a drawing); `trouble` is Superset's error."""

    title: str
    number: str | None
    rows: list[list[str]]
    trouble: str | None


class Reader:
    """A browser that is logged in."""

    def __init__(self, page: Page, url: str) -> None:
        self._page, self._url = page, url

    def visit(self, slug: str, charts: int, seconds: float = 90) -> dict[str, Chart]:
        """Open a dashboard and wait for its `charts`; what each shows, by title. Raises playwright's TimeoutError."""
        self._page.goto(f"{self._url}/superset/dashboard/{slug}/")
        self._page.wait_for_function(f"() => {_CHARTS} >= {charts} && ({_READ})().every(c => c.ended)", timeout=seconds * 1000)
        self._page.wait_for_timeout(1500)  # bars grow and lines run in for a second
        found: list[dict[str, Any]] = self._page.evaluate(_READ)
        return {c["title"]: Chart(c["title"], c["number"], c["rows"], c["trouble"]) for c in found}

    def sql(self, database: str, question: str) -> str:
        """What SQL Lab answers, as JSON text, to a question to the database of that name; an error's text likewise."""
        answer: str = self._page.evaluate(_SQL, [database, question])
        return answer

    def picture(self, target: Path) -> None:
        """The dashboard that is open, whole, as a PNG with few colours."""
        bottom = self._page.evaluate(
            "Math.max(...[...document.querySelectorAll('.chart-slice')].map(c => c.getBoundingClientRect().bottom))"
        )
        self._page.screenshot(path=target, clip={"x": 0, "y": 0, "width": WIDTH, "height": bottom + 24})
        with Image.open(target) as whole:
            few = whole.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(target, optimize=True)


@contextmanager
def reader(url: str, password: str) -> Iterator[Reader]:
    """Log in as admin; the browser closes with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{url}/login/")
        page.locator("#username").fill("admin")
        page.locator("#password").fill(password)
        page.locator("button[type=submit]").click()
        page.wait_for_url(lambda at: "/login" not in at)
        yield Reader(page, url)
        browser.close()
