"""Data Docs: what is shown, that nothing is loaded from anywhere, and that strangers' titles stay text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from lxml import html

from expectations import docs
from expectations.audit import audit
from expectations.docs import build_docs
from expectations.memory import read_memory
from gongkai.layout import Layout

pytestmark = pytest.mark.usefixtures("one_auditor")

SECOND, THIRD = "20240402T183000Z", "20240403T183000Z"
MakeTown = Callable[..., Any]
HOSTILE = "例市<script>alert(1)</script>\"'><img src=http://evil.example/x.png onerror=alert(2)>"


def build(*towns: Any) -> dict[str, html.HtmlElement]:
    layout = towns[0].layout
    audit([t.write().portal for t in towns], layout=layout)
    assert build_docs(layout) == layout.docs / "index.html"
    return {p.name: html.fromstring(p.read_text(encoding="utf-8")) for p in layout.docs.iterdir()}


def without_tasks(town: Any) -> None:
    for table in ("plan_task", "task_unit", "task_deadline"):
        town.rows[table].clear()


def quiet(town: Any) -> Any:
    """A night that listed everything and fetched nothing new."""
    for table in town.rows:
        if table not in ("list_entry", "section_outcome"):
            town.rows[table].clear()
    return town


def test_pages_show_the_newest_verdict_worst_first(town: MakeTown) -> None:
    good, bad = town("gd-a"), town("gd-b")
    without_tasks(bad)
    pages = build(good, bad)
    assert set(pages) == {"index.html", "gd-a.html", "gd-b.html"}
    rows = [[cell.text_content().strip() for cell in row] for row in pages["index.html"].xpath("//tbody/tr")]
    assert [row[:4] for row in rows] == [["gd-b", good.run_id, "complete", "quarantined"], ["gd-a", good.run_id, "complete", "passed"]]
    assert (rows[0][5:], rows[1][5:]) == (["1", "1", "0", "0", "1"], ["0", "0", "0", "0", "0"])
    text = pages["gd-b.html"].text_content()
    assert "most plans have a task" in text
    assert "2 of 2 rows offend" in text
    assert f"gongkai quarantine show gd-b/{good.run_id}" in text
    matrix = pages["gd-a.html"].xpath("//table[@class='matrix']")[0]
    assert [th.text for th in matrix.xpath(".//thead//th")] == ["Genre", "2022", "2023", "2024"]
    assert matrix.xpath(".//span[@class='found']/@title")[0].startswith("published 2023-05-04")
    rules = pages["gd-a.html"].xpath("//details//li")
    assert len(rules) > 100 and all(rule.text_content().strip().startswith("ok") for rule in rules)


def test_a_contradiction_stays_on_the_page_through_quiet_nights_until_the_page_is_read_anew(town: MakeTown) -> None:
    made = town("gd-a")
    report = made.rows["document"][2]
    made.finding(report, "T3-BAL", "error")
    build(made)
    page = build(quiet(town("gd-a", SECOND)))["gd-a.html"]
    (row,) = [r for r in page.xpath("//tr") if "T3-BAL" in r.text_content()]
    assert f"since run {made.run_id}" in row.text_content()
    assert report["title"] in row.text_content()
    source, archive = row.xpath(".//a/@href")
    assert source == made.rows["notice"][2]["url"]
    assert archive == f"../raw/portal=gd-a/run={made.run_id}/a.warc.gz"
    index = html.fromstring((made.layout.docs / "index.html").read_text(encoding="utf-8"))
    assert index.xpath("//tbody/tr/@class") == ["is-standing"]
    later = quiet(town("gd-a", THIRD))  # the corrected report: the same notice in a new version
    later.report(2022, date(2023, 3, 30))
    later.rows["list_entry"].pop()
    page = build(later)["gd-a.html"]
    assert "T3-BAL" not in "".join(row.text_content() for row in page.xpath("//table//tr"))
    assert read_memory(made.layout, "gd-a").standing == []


def test_the_memory_is_made_again_where_it_is_lost_damaged_or_of_another_course(town: MakeTown) -> None:
    made = town("gd-a")
    made.finding(made.rows["document"][2], "T3-BAL", "error")
    build(made)
    build(quiet(town("gd-a", SECOND)))
    path = made.layout.audit_memory("gd-a")
    whole, page = path.read_bytes(), (made.layout.docs / "gd-a.html").read_bytes()
    for spoil in (
        path.unlink,
        lambda: path.write_text("{"),
        lambda: path.write_text(path.read_text(encoding="utf-8").replace('"runs": 2', '"runs": 1')),
    ):
        spoil()
        assert audit([made.portal], layout=made.layout) == []
        assert path.read_bytes() == whole
        build_docs(made.layout)
        assert (made.layout.docs / "gd-a.html").read_bytes() == page


def test_pages_load_nothing_and_run_nothing(town: MakeTown) -> None:
    made = town("gd-a")
    made.notice("工作要点", HOSTILE, date(2024, 1, 5), "正文", genre="work_plan", plan_year=None)
    made.rows["notice"][0].update(url="javascript:alert(3)//例")
    pages = build(made)
    assert "<script>alert(1)" in pages["gd-a.html"].text_content()  # shown, as text
    assert "javascript:alert(3)" in pages["gd-a.html"].text_content()
    for name, page in pages.items():
        assert page.xpath("//script | //img | //link | //iframe | //object | //embed | //video | //audio | //form | //base") == [], name
        assert page.xpath("//@*[starts-with(name(), 'on')]") == [], name
        allowed = r"[a-z0-9-]+\.html|http://127\.0\.0\.1/[0-9a-f]+\.html|\.\./raw/portal=gd-a/run=[0-9TZ]+/a\.warc\.gz"
        assert [a for a in page.xpath("//@src | //@href | //@action") if not re.fullmatch(allowed, a)] == [], name
        assert [a for a in page.xpath("//a[starts-with(@href, 'http')]/@rel") if "noreferrer" not in a] == []
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
    assert "1 portal is not shown" in index.read_text(encoding="utf-8")


def test_a_verdict_of_another_release_costs_its_own_page_only(town: MakeTown, layout: Layout) -> None:
    made = [town(f"gd-{n}") for n in range(2)]
    build(*made)
    path = layout.verdict("gd-1", made[1].run_id)
    path.write_text('{"portal_id": "gd-1", "results": []}')
    assert "1 portal has a verdict of another release" in build_docs(layout).read_text(encoding="utf-8")
    assert sorted(p.name for p in layout.docs.iterdir()) == ["gd-0.html", "index.html"]
    assert len(audit([made[1].portal], layout=layout)) == 1
    build_docs(layout, ["gd-1"], {"gd-1": "例市<b>人民政府"})
    assert sorted(p.name for p in layout.docs.iterdir()) == ["gd-0.html", "gd-1.html", "index.html"]
    for page in ("index.html", "gd-1.html"):
        assert "例市&lt;b&gt;人民政府" in (layout.docs / page).read_text(encoding="utf-8")


def test_many_offenders_do_not_make_a_page_grow(town: MakeTown) -> None:
    made = town("gd-a")
    for number in range(300):
        made.notice("年度报告", f"{number}" + "长" * 5000, date(2024, 1, 5), "正文", genre="annual_report", report_year=None)
    build(made)
    assert (made.layout.docs / "gd-a.html").stat().st_size < 60_000


def test_standing_failures_are_bounded_and_say_so(town: MakeTown) -> None:
    nights = [f"202405{n:02d}T183000Z" for n in range(1, 29)]
    portals = []
    for n, run_id in enumerate(nights):
        made = town("gd-a", run_id, fill=False)
        for rule in ("T3-BAL", "T3-SUM", "T4-REV", "Q-FULL", "X-NEW"):
            report = made.report(2022, date(2023, 3, 30))
            report["title"] = made.rows["notice"][-1]["title"] = f"第{n}次{rule}"
            key = f"{n}{rule}"
            for table in ("document", "notice", "metric_value", "list_entry"):
                for row in made.rows[table][-1 if table != "metric_value" else -2 :]:
                    row.update({name: key for name in ("notice_id", "document_id") if name in row})
            made.finding(report, rule, "error")
        made.sections().write()
        portals.append(made.portal)
    audit(portals[:1], layout=made.layout)
    index = build_docs(made.layout)
    memory = read_memory(made.layout, "gd-a")
    assert (len(memory.standing), memory.left_out > 0) == (100, True)
    page = html.fromstring(index.with_name("gd-a.html").read_text(encoding="utf-8"))
    assert len([r for r in page.xpath("//tr") if "since run" in r.text_content()]) == 50
    assert "more are not shown" in page.text_content()
