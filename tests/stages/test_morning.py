"""The page of a night from the ledger alone, and that hostile text on it is inert in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from look import CHROMIUM, QUIET
from planted_ledger import NIGHTS, plant

from stages.morning import build


def test_a_night_that_was_not_published_is_told_from_the_ledger(tmp_path: Path) -> None:
    ctx = plant(tmp_path, {"a": "cbb", "e": "ccp", "f": "bbc", "gone": "c--"})
    page = build(ctx).read_text(encoding="utf-8")
    assert "<strong>not published</strong>: readers see nothing yet" in page
    assert '<b>1</b> <span class="blocked">blocked</span>' in page
    assert '<b>2</b> <span class="complete">complete</span>' in page
    assert '<td class="short" data-name="since">2026-03-03</td><td class="number" data-name="nights">2</td>' in page
    assert f'href="../../run/a/{NIGHTS[2]}"' in page
    assert "Broke tonight: " in page and "Whole again: " in page
    assert sorted(p.name for p in (ctx.layout.site / "portal").iterdir()) == ["a.html", "e.html", "f.html", "gone.html"]
    portal = (ctx.layout.site / "portal" / "a.html").read_text(encoding="utf-8")
    assert "since 2026-03-03, 2 nights; last whole: 2026-03-02" in portal


def test_a_warehouse_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    ctx = plant(tmp_path, {"a": "cb"})
    ctx.layout.published.parent.mkdir(parents=True)
    ctx.layout.published.write_bytes(b"no database")
    page = build(ctx).read_text(encoding="utf-8")
    assert "The warehouse cannot be read: " in page and "Not known: the warehouse cannot be read." in page
    assert '<span class="blocked">blocked</span>' in page


def test_four_hundred_portals_fit_into_300_kb(tmp_path: Path) -> None:
    ctx = plant(tmp_path, {f"p{n}": "b" for n in range(400)}, reason="http://127.0.0.1:9/: " + "长" * 2000)
    page = build(ctx)
    assert page.stat().st_size < 300_000
    assert "360 more of 400 are left out here." in page.read_text(encoding="utf-8")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_hostile_text_is_inert_and_a_phone_needs_no_sideways_scrolling(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    hostile = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">" + "x" * 200
    path = build(plant(tmp_path, {"a": "b"}, reason=hostile))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 390, "height": 800})
        for shown in (path, path.parent.parent / "portal" / "a.html"):
            page.goto(shown.as_uri())
            assert "pwned" not in page.title()
            assert "<script>document.title" in page.inner_text("body")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        browser.close()
