"""The report site of two nights with planted faults: what it answers, that it is written once, and that it is inert."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import feedparser
import pytest
from assessed_marts import with_assessments
from look import CHROMIUM, QUIET
from lxml import html

from crawlers.archive import Place
from warehouse.engines import Engine
from warehouse.engines.duckdb import open_file
from warehouse.report_site.build import build
from warehouse.report_site.places import csv_text
from warehouse.report_site.site import Built, Site

HOSTILE = "例市<script>alert(1)</script>\"'><img src=http://evil.example/x.png onerror=alert(2)>" + "长" * 120


def of_file(snapshot: Path, folder: Path) -> Built:
    with open_file(snapshot, read_only=True) as connection:
        return build(connection, folder)


@pytest.fixture(scope="module")
def sites(both: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The site's folder by engine."""
    folders = {}
    for name, engine in both.items():
        folders[name] = tmp_path_factory.mktemp(f"site-{name}")
        with engine.published() as connection:
            assert connection is not None
            build(connection, folders[name])
    return folders


@pytest.fixture
def snapshot(both: dict[str, Engine], tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copy(both["duckdb"].published_place, tmp_path / "copy.duckdb"))


@contextmanager
def changing(snapshot: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(snapshot) as connection:
        yield connection


def words(page: Path, within: str = "//main") -> str:
    return " ".join(" ".join(html.document_fromstring(page.read_text(encoding="utf-8")).xpath(f"{within}//text()")).split())


def files(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file() and p.name[0] != "."}


def test_both_engines_make_the_same_site(sites: dict[str, Path]) -> None:
    mine, theirs = files(sites["duckdb"]), files(sites["postgresql"])
    assert mine.keys() == theirs.keys()
    for path in mine:
        if path != "index.html" and path != "downloads.html":  # they name the moment of publication and the engine's own tables
            assert mine[path] == theirs[path], path


def test_the_matrix_tells_late_missing_and_unseen_apart(sites: dict[str, Path]) -> None:
    tree = html.document_fromstring((sites["duckdb"] / "index.html").read_text(encoding="utf-8"))
    table = tree.find_class("matrix")[0]
    years = [th.text_content() for th in table.xpath(".//thead//th")][1:]
    rows = {tr.xpath("./th")[0].text_content().split()[0]: tr.xpath("./td") for tr in table.xpath(".//tr[td]")}
    cells = {
        place: {y: (td.get("class"), td.text_content().strip("\n")) for y, td in zip(years, tds, strict=True)}
        for place, tds in rows.items()
    }
    assert [cells["例市人民政府"][year] for year in ("2024", "2023", "2022")] == [("nf", "　有"), ("nl", "　迟"), ("nm", "　缺")]
    assert (cells["例市人民政府"]["2026"], cells["湖市人民政府"]["2024"]) == (("fn", "有　"), ("nc", "　？"))


def test_the_four_questions_are_answered(sites: dict[str, Path]) -> None:
    page = sites["duckdb"] / "questions.html"
    assert "12 + 0 ≠ 13" in words(page, "//section[@id='contradicting']")
    assert "Q-CHAP" not in words(page, "//section[@id='contradicting']"), "what is missing contradicts nothing"
    assert "湖市人民政府" in words(page, "//section[@id='standing_still']")
    assert "关于规2的通知" in words(page, "//section[@id='vanished']")
    assert "1 地未能查看" in words(page, "//section[@id='contradicting']"), "no answer without its coverage"


def test_a_blank_a_zero_and_a_number_never_look_alike(sites: dict[str, Path]) -> None:
    tree = html.document_fromstring((sites["duckdb"] / "place/lishi/index.html").read_text(encoding="utf-8"))
    rows = {
        tr.xpath("string(th)").split()[0]: [" ".join(td.text_content().split()) for td in tr.xpath("td")]
        for tr in tree.xpath("//section[@id='metrics']//tr[td]")
    }
    assert rows["本年新收政府信息公开申请数量"] == ["无报告 no report", "8", "12矛盾 clash"]
    assert rows["上年结转政府信息公开申请数量"][2] == "0印为零 zero as printed"
    table = (sites["duckdb"] / "place/lishi/metrics.csv").read_text(encoding="utf-8-sig").splitlines()
    assert any(line.startswith("2024,app_granted,予以公开,") and ",,件,blank," in line for line in table)


def test_the_place_shows_what_changed_and_vanished(sites: dict[str, Path]) -> None:
    page = sites["duckdb"] / "place/lishi/index.html"
    assert "例市2026年政务公开工作要点" in words(page, "//section[@id='changes']")
    assert "关于规2的通知" in words(page, "//section[@id='removals']") and "应答404" in words(page, "//section[@id='removals']")
    tree = html.document_fromstring((sites["duckdb"] / "document/lishi/lishi-plan-v2-0.html").read_text(encoding="utf-8"))
    assert tree.xpath("//pre/ins/text()") == ["+三、办好政府网站和新媒体。"]


def test_a_number_is_marked_and_explained_in_its_report(sites: dict[str, Path]) -> None:
    tree = html.document_fromstring((sites["duckdb"] / "document/lishi/lishi-nb2024-v1-0.html").read_text(encoding="utf-8"))
    (mark,) = tree.xpath("//article//mark")
    assert (mark.text, mark.get("class")) == ("12", "metric") and tree.xpath(f"//aside//a[@href='#{mark.get('id')}']")
    assert "T3-BAL" in words(sites["duckdb"] / "document/lishi/lishi-nb2024-v1-0.html", "//aside")


def test_every_link_leads_somewhere(sites: dict[str, Path]) -> None:
    root = sites["duckdb"]
    trees = {p: html.document_fromstring(p.read_text(encoding="utf-8")) for p in root.rglob("*.html")}
    anchors = {p: {*tree.xpath("//@id")} for p, tree in trees.items()}
    for page, tree in trees.items():
        assert len(tree.xpath("//h1")) == 1 and tree.xpath("//main[@id='main']") and tree.get("lang") == "zh-CN", page
        assert not tree.xpath("//script | //img | //form | //thead//th[not(@scope)]"), page
        for href in [str(h) for h in tree.xpath("//a/@href | //link/@href") if not re.match("https?://", str(h))]:
            path, _, anchor = href.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.is_file(), (page, href)
            assert not anchor or anchor in anchors[target], (page, href)


def test_pages_cite_what_the_archive_opens_and_say_reasons_in_both_languages(snapshot: Path, tmp_path: Path) -> None:
    with changing(snapshot) as connection:
        connection.execute("UPDATE mart.document SET warc_file = 'crawl.warc.gz', warc_offset = 77 WHERE document_id = 'lishi-plan-v2-0'")
        connection.execute("UPDATE mart.portal_completeness SET reason = 'not due before 2026-12-31'")
        connection.execute("UPDATE mart.commitment SET status = 'not_assessable'")
        connection.execute("UPDATE mart.metric_by_city_year SET contradicted = false, span_start = 5, span_end = 7")
        connection.execute("UPDATE mart.finding SET span_start = 6, span_end = 9 WHERE rule = 'T3-BAL'")
    folder = tmp_path / "site"
    of_file(snapshot, folder)
    codes = {
        page.stem: html.document_fromstring(page.read_text(encoding="utf-8")).xpath("//details//code/text()")
        for page in (folder / "document/lishi").glob("*.html")
    }
    shown = [code.removeprefix("gongkai archive show ") for code in codes["lishi-plan-v2-0"] if code.startswith("gongkai archive show ")]
    assert [Place.of(record).offset for record in shown] == [77]
    assert not any("None" in code for own in codes.values() for code in own), "a document without a record says so"
    place = folder / "place/lishi/index.html"
    assert "期限 2026-12-31 未到 not due before 2026-12-31" in words(place, "//section[@id='coverage']")
    assert "尚未评估" not in words(place, "//section[@id='promises']"), "judged, though none of them could be assessed"
    assert "12 不符 T3-BAL" in words(place, "//section[@id='metrics']"), "a figure that does not add up is marked where it stands"
    removed = next(e for e in feedparser.parse(str(folder / "feed/all.atom")).entries if e.category == "removed")
    assert "应答404 404" in removed.content[0].value


def test_only_what_changed_is_written_again(snapshot: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    first = of_file(snapshot, folder)
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*.*") if p.name[0] != "."}
    assert (of_file(snapshot, folder).written, first.kept, first.removed) == (0, 0, 0)
    with changing(snapshot) as connection:
        connection.execute("UPDATE mart.report_metric SET value = 14 WHERE document_id = 'lishi-nb2023-v1-0'")
        connection.execute("UPDATE mart.document SET run_id = '20260303T183000Z' WHERE document_id = 'lishi-nb2023-v1-0'")
    assert of_file(snapshot, folder).written == 1
    assert [p.name for p, time in before.items() if p.stat().st_mtime_ns != time] == ["lishi-nb2023-v1-0.html"]
    assert "14" in words(folder / "document/lishi/lishi-nb2023-v1-0.html", "//aside")


def test_a_torn_or_lost_page_is_written_again_and_a_place_that_left_goes(snapshot: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    of_file(snapshot, folder)
    whole = files(folder)
    (folder / "place/lishi/index.html").write_text("<h")
    (folder / "questions.html").unlink()
    (folder / "morning").mkdir()
    (folder / "morning" / "index.html").write_text("the morning's own")
    again = of_file(snapshot, folder)
    assert (again.written, files(folder)) == (2 + 4, whole | {"morning/index.html": "the morning's own"}), (
        "the questions' four tables with them"
    )
    with changing(snapshot) as connection:
        connection.execute("DELETE FROM mart.dim_portal WHERE portal_id = 'hushi'")
    assert of_file(snapshot, folder).removed == 7
    assert not (folder / "place/hushi").exists() and (folder / "morning" / "index.html").exists()


def test_killed_anywhere_and_run_again_is_the_same_site(snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tmp_path / "whole"
    count = of_file(snapshot, whole).written
    write = Site.write
    for stop in (1, 7, count - 9):
        folder, left = tmp_path / f"killed-{stop}", [stop]

        def dying(site: Site, key: str, inputs: object, made: object, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            write(site, key, inputs, made)  # type: ignore[arg-type]

        monkeypatch.setattr(Site, "write", dying)
        with pytest.raises(KeyboardInterrupt):
            of_file(snapshot, folder)
        (folder / "place" / "lishi" / "promises-1999.html").parent.mkdir(parents=True, exist_ok=True)
        (folder / "place" / "lishi" / "promises-1999.html").write_text("of a build that never ended")
        monkeypatch.setattr(Site, "write", write)
        of_file(snapshot, folder)
        assert files(folder) == files(whole)


def test_assessments_show_themselves_where_they_are_published(both: dict[str, Engine], tmp_path: Path) -> None:
    folder = tmp_path / "site"
    of_file(with_assessments(both["duckdb"].published_place, tmp_path), folder)
    place, page = folder / "place/lishi/index.html", words(folder / "place/lishi/promises-2026.html")
    assert "逾期无佐证" in words(place, "//section[@id='promises']") and "尚未评估" not in words(place, "//section[@id='promises']")
    assert "有佐证 evidenced 迟于期限 late" in page and page.count("迟于期限") == 1
    assert "佐证 evidence" in page and "confirmed wang：seen on the page" in page and "no notice comes near" in page
    verdicts = words(place, "//section[@id='verdicts']")
    assert (
        "不符合 fail 1" in verdicts
        and "published 33 days late" in verdicts
        and "lishi/20260301T183000Z/pages.warc.gz@7" in verdicts
        and "report-form" not in verdicts
    )
    table = (folder / "place/lishi/verdicts.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[3] for line in table[1:]] == ["not_assessable", "pass", "fail"], "those kept, too"
    assert ",lishi/20260301T183000Z/pages.warc.gz@7," in table[3]
    card = words(place, "//section[@id='scorecard']")
    assert "82.5 得分" in card and "33 / 40" in card and "40 %" in card and "不与他地比较" in card, "a score stands beside its coverage"
    assert "申诉 appeal 2026-03-02 wang：holiday" in card and "−7 2023 published 33 days late" in card
    assert "2026 例市人民政府 1 1 0 2" in words(folder / "questions.html", "//section[@id='overdue']//tbody")
    tasks = words(folder / "document/lishi/lishi-plan-v2-0.html", "//aside")
    assert "逾期无佐证" in tasks and "有佐证" in tasks
    assert [e.category for e in feedparser.parse(str(folder / "place/lishi/feed.atom")).entries if e.category == "overdue"] == ["overdue"]


def test_where_nothing_is_judged_a_promise_is_due_and_no_more(snapshot: Path, tmp_path: Path) -> None:
    with changing(snapshot) as connection:
        connection.execute("DROP TABLE mart.commitment")
    folder = tmp_path / "site"
    of_file(snapshot, folder)
    answer = words(folder / "questions.html", "//section[@id='overdue']")
    assert "尚未评估任务是否完成" in answer and "2026 例市人民政府 1 0 2" in answer, "one due, none without a date, two in all"
    due = [e for e in feedparser.parse(str(folder / "feed/all.atom")).entries if e.category == "due"]
    assert [(e.title, e.updated) for e in due] == [("【到期 due】例市人民政府：一、主动公开重大决策。", "2026-02-28T00:00:00+00:00")]


def test_feeds_are_read_by_their_readers(sites: dict[str, Path]) -> None:
    read = feedparser.parse(str(sites["duckdb"] / "feed/all.atom"))
    assert (read.bozo, read.version) == (False, "atom10")
    kinds = {e.category for e in read.entries}
    assert kinds == {"new", "changed", "removed"} and all(e.id and e.title and e.updated_parsed for e in read.entries)
    gone = next(e for e in read.entries if e.category == "removed")
    assert gone.title == "【下线 removed】例市人民政府：关于规2的通知" and gone.link.endswith("/gui2.html")
    other = json.loads((sites["duckdb"] / "feed/all.json").read_text(encoding="utf-8"))
    assert other["version"] == "https://jsonfeed.org/version/1.1"
    assert [(i["id"], i["title"], i.get("url")) for i in other["items"]] == [(e.id, e.title, e.get("link")) for e in read.entries]


def test_no_cell_of_a_table_runs() -> None:
    rows = [{"text": "=HYPERLINK(1)", "value": -3, "day": None}, {"text": '+1,"', "value": 1234567, "day": ["a", "@b"]}]
    assert csv_text(["text", "value", "day"], rows) == '\ufefftext,value,day\n\'=HYPERLINK(1),-3,\n"\'+1,""",1234567,a、@b\n'


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_pages_in_a_browser(both: dict[str, Engine], tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    snapshot = with_assessments(both["duckdb"].published_place, tmp_path)

    with changing(snapshot) as connection:
        connection.execute("UPDATE mart.notice SET title = $1, url = 'javascript:alert(3)'", [HOSTILE])
        connection.execute("UPDATE mart.document SET title = $1, url = 'javascript:alert(3)', issuer = $1", [HOSTILE])
        connection.execute("UPDATE mart.finding SET message = $1, expected = $1", [HOSTILE])
        connection.execute("UPDATE mart.dim_portal SET name_zh = $1", [HOSTILE])
        connection.execute("UPDATE mart.plan_commitment SET text = $1, lead_units = [$1]", [HOSTILE])
        connection.execute("UPDATE mart.commitment SET text = $1, why = $1, lead_units = [$1]", [HOSTILE])
        connection.execute("UPDATE mart.verdict SET reason = $1, subject = $1, evidence_url = 'javascript:alert(3)'", [HOSTILE])
        connection.execute("UPDATE mart.notice_version SET title = $1, body_diff = '+' || $1", [HOSTILE])
    folder = tmp_path / "site"
    of_file(snapshot, folder)
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: asked.append(f"dialog: {dialog.message}"))
        for path in sorted(folder.rglob("*.html")):
            page.goto(path.as_uri())
            assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") != "32px", "the stylesheet applies, offline"
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
            assert "<script>alert(1)" in page.inner_text("main") or path.parent == folder
        page.goto((folder / "index.html").as_uri())
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        browser.close()
    assert {re.sub("^.*site/", "", url) for url in asked} == {p.relative_to(folder).as_posix() for p in folder.rglob("*.html")} | {
        "assets/site.css"
    }
