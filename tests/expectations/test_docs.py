"""Data Docs: what is shown, that nothing is loaded from anywhere, and that strangers' titles stay text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from lxml import html

from expectations import docs
from expectations.audit import audit
from expectations.docs import build_docs
from gongkai.layout import Layout

MakeTown = Callable[..., Any]
HOSTILE = "例市<script>alert(1)</script>\"'><img src=http://evil.example/x.png onerror=alert(2)>"


def build(*towns: Any) -> dict[str, html.HtmlElement]:
    layout = towns[0].layout
    audit([t.write().portal for t in towns], layout=layout)
    assert build_docs(layout) == layout.docs / "index.html"
    return {p.name: html.fromstring(p.read_text(encoding="utf-8")) for p in layout.docs.iterdir()}


def test_pages_show_the_newest_verdict_worst_first(town: MakeTown) -> None:
    good, bad = town("gd-a"), town("gd-b")
    bad.rows["plan_task"].clear()
    pages = build(good, bad)
    assert set(pages) == {"index.html", "gd-a.html", "gd-b.html"}
    rows = [[cell.text_content().strip() for cell in row] for row in pages["index.html"].xpath("//tbody/tr")]
    assert [row[:4] for row in rows] == [["gd-b", good.run_id, "complete", "quarantined"], ["gd-a", good.run_id, "complete", "passed"]]
    assert (rows[0][5], rows[1][5:]) == ("1", ["0", "0", "0"])
    text = pages["gd-b.html"].text_content()
    assert "most plans have a task" in text
    assert "2 of 2 rows offend" in text
    matrix = pages["gd-a.html"].xpath("//table")[0]
    assert [th.text for th in matrix.xpath(".//thead//th")] == ["Genre", "2022", "2023", "2024"]
    assert matrix.xpath(".//span[@class='found']/@title")[0].startswith("published 2023-05-04")


def test_pages_load_nothing_and_run_nothing(town: MakeTown) -> None:
    made = town("gd-a")
    made.notice("工作要点", HOSTILE, date(2024, 1, 5), "正文", genre="work_plan", plan_year=None)
    pages = build(made)
    assert "<script>alert(1)" in pages["gd-a.html"].text_content()  # shown, as text
    for name, page in pages.items():
        assert page.xpath("//script | //img | //link | //iframe | //object | //embed | //video | //audio | //form | //base") == [], name
        assert page.xpath("//@*[starts-with(name(), 'on')]") == [], name
        assert [a for a in page.xpath("//@src | //@href | //@action") if not re.fullmatch(r"[a-z0-9-]+\.html", a)] == [], name
        assert not re.search(r"url\(|@import", "".join(page.xpath("//style/text()"))), name
        assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]


def test_stale_pages_go_and_pages_stay_small_in_number(town: MakeTown, layout: Layout, monkeypatch: Any) -> None:
    made = [town(f"gd-{n}") for n in range(3)]
    build(*made)
    layout.verdict("gd-2", made[2].run_id).unlink()
    build_docs(layout)
    assert sorted(p.name for p in layout.docs.iterdir()) == ["gd-0.html", "gd-1.html", "index.html"]
    monkeypatch.setattr(docs, "MOST_PORTALS", 1)
    index = build_docs(layout)
    assert sorted(p.name for p in layout.docs.iterdir()) == ["gd-0.html", "index.html"]
    assert "1 portals are not shown" in index.read_text(encoding="utf-8")


def test_many_offenders_do_not_make_a_page_grow(town: MakeTown) -> None:
    made = town("gd-a")
    for number in range(300):
        made.notice("年度报告", f"{number}" + "长" * 5000, date(2024, 1, 5), "正文", genre="annual_report", report_year=None)
    build(made)
    assert (made.layout.docs / "gd-a.html").stat().st_size < 60_000
