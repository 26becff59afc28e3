"""Data Docs in a real browser: readable on a phone, filtered without JavaScript, inert whatever strangers write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from look import CHROMIUM, QUIET

from expectations.audit import audit
from expectations.docs import build_docs

HOSTILE = "例市<script>alert(1)</script>\"'><img src=http://evil.example/x.png onerror=alert(2)>" + "长" * 300


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_pages_in_a_browser(town: Callable[..., Any]) -> None:
    from playwright.sync_api import sync_playwright

    good, bad = town("gd-good"), town("gd-bad")
    bad.notice("工作要点", HOSTILE, date(2024, 1, 5), "正文", genre="work_plan", plan_year=None)
    bad.rows["metric_value"][0].update(state="guess", raw=HOSTILE)
    audit([t.write().portal for t in (good, bad)], layout=good.layout)
    index = build_docs(good.layout)
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for scripts in (True, False):
            page = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=scripts).new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("dialog", lambda dialog: asked.append(f"dialog: {dialog.message}"))
            page.goto(index.as_uri())
            rows = page.locator("tbody tr")
            assert [rows.nth(n).is_visible() for n in range(2)] == [True, True]
            page.get_by_text("quarantined 隔离").click()
            assert [rows.nth(n).is_visible() for n in range(2)] == [True, False]
            page.get_by_text("all", exact=True).click()
            page.get_by_role("link", name="gd-bad").click()
            assert "<script>alert(1)" in page.inner_text("body")
            assert "states are of the vocabulary" in page.inner_text("body")
            if scripts:
                assert page.evaluate("document.documentElement.scrollWidth") <= 390
            page.close()
        browser.close()
    assert {url.rsplit("/", 1)[-1] for url in asked} == {"index.html", "gd-bad.html"}
