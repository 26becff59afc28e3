"""Verdicts on both engines: every rule on its boundary days, and what must never fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from planted_verdicts import AS_OF, FORMED_LIMIT, LIMIT, LINKS, PORTALS, plant
from silver_night import FIRST, NOW, THIRD, outcome
from two_engines import published_on_both

from gongkai.errors import GongkaiError
from gongkai.layout import Layout
from gongkai.status import RunStatus
from gongkai.tables import LINK_VISIT
from stages.cli import gongkai
from warehouse.compare import content_of, differences
from warehouse.dbt_process import run_dbt
from warehouse.engines import Connection, Engine
from warehouse.home_visits import load_home_visits
from warehouse.load import load

Verdicts = dict[tuple[str, str, str], dict[str, Any]]
COLUMNS = (
    "portal_id",
    "rule",
    "subject",
    "verdict",
    "reason",
    "observed",
    "threshold",
    "basis",
    "confidence",
    "window_start",
    "window_end",
)
COLUMNS += ("evidence_url", "evidence_run_id", "evidence_warc_file", "evidence_warc_offset", "as_of")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Engine]:
    return published_on_both(tmp_path_factory, request, plant, PORTALS, run_id=THIRD, as_of=AS_OF)


@pytest.fixture(params=["duckdb", "postgresql"])
def published(judged: dict[str, Engine], request: pytest.FixtureRequest) -> Iterator[Connection]:
    with judged[request.param].published() as connection:
        assert connection is not None
        yield connection


def all_of(connection: Connection) -> Verdicts:
    rows = connection.query(f"SELECT {', '.join(COLUMNS)} FROM mart.verdict")  # noqa: S608  our own names
    return {(portal, rule, subject): dict(zip(COLUMNS[3:], rest, strict=True)) for portal, rule, subject, *rest in rows}


EXPECTED = {
    ("gov", "report-on-time"): {"2017": "fail", "2018": "pass", "2019": "pass", "2020": "fail", "2022": "fail", "2023": "uncertain",
                                "2024": "uncertain", "2026": "not_assessable"},
    ("department", "report-on-time"): {"2018": "pass", "2019": "pass", "2020": "fail"},
    ("partial", "report-on-time"): {"2020": "uncertain"},
    ("outdated", "report-on-time"): {"2020": "fail"},  # what a page said years ago needs no fresh look
    ("gov", "report-form"): {"formed": "pass", "old-form": "fail", "no-form": "uncertain", "lacking": "pass", "unread": "pass",
                             **dict.fromkeys(("nb2019", "nb2020"), "uncertain")},
    ("gov", "report-complete"): {"formed": "pass", "lacking": "fail", "unread": "uncertain",
                                 **dict.fromkeys(("old-form", "no-form", "nb2019", "nb2020"), "not_assessable")},
    ("gov", "website-table-on-time"): {"2016": "not_assessable", "2017": "pass", "2018": "fail", "2019": "fail"},
    ("gov", "published-in-term"): {"in-term": "pass", "over-term": "fail", "department-over": "fail", "repost": "not_assessable",
                                   "nobody": "uncertain", "listed-sooner": "uncertain", "backwards": "uncertain", "old-law": "uncertain",
                                   "first-law": "uncertain", "new-law": "fail", "before-law": "not_assessable"},
    ("gov", "validity-marked"): {"rule-甲": "fail", "rule-乙": "pass", "rule-丙": "uncertain", "rule-丁": "not_assessable",
                                 "rule-戊": "pass"},
    ("gov", "date-unchanged"): {"same-text": "fail", "new-text": "uncertain", "steady": "pass"},
    ("gov", "column-news"): {"政务动态": "pass", "要闻": "fail", "新闻": "uncertain", "资讯": "uncertain", "政务动态2": "pass",
                             "动态1": "fail", "动态2": "fail",
                             "动态3": "fail"},
    ("gov", "column-notices"): {"公告": "pass", "通告": "fail", "政府文件": "uncertain", "通知": "not_assessable", "公示": "uncertain"},
    ("outdated", "column-news"): {"动态": "uncertain"},
    ("partial", "column-news"): {"动态": "uncertain"},
    ("shut", "column-news"): {"动态": "uncertain"},
    ("partial", "column-filled"): {"动态": "pass", "通知": "uncertain"},
    ("gov", "columns-updated"): {"gov": "fail"},
    ("other", "columns-updated"): {"other": "uncertain"},
    ("never", "columns-updated"): {"never": "not_assessable"},
    ("shut", "columns-filled"): {"shut": "uncertain"},
    ("gov", "identity"): {"gov": "pass"},
    ("never", "identity"): {"never": "not_assessable"},
    ("shut", "answers"): {"shut": "uncertain"},
    ("gov", "answers"): {"gov": "not_assessable"},
    ("county-1", "plan-passed-on"): {"gov-plan": "pass", "gov-formed-plan": "fail"},  # from formation: three days less
    ("county-2", "plan-passed-on"): {"gov-plan": "fail"},
    ("county-3", "plan-passed-on"): {"gov-plan": "fail"},
    ("county-4", "plan-passed-on"): {"gov-plan": "uncertain"},
    ("county-5", "plan-passed-on"): {"gov-plan": "not_assessable"},
    ("county-6", "plan-passed-on"): {"gov-plan": "pass"},
}  # fmt: skip
_BY_NOTICE = {"report-form", "report-complete", "published-in-term", "validity-marked", "date-unchanged"}


@pytest.mark.parametrize(("portal_id", "rule"), EXPECTED)
def test_each_rule_on_its_boundaries(published: Connection, portal_id: str, rule: str) -> None:
    found = {subject: v["verdict"] for (p, r, subject), v in all_of(published).items() if (p, r) == (portal_id, rule)}
    if rule in _BY_NOTICE:
        found = {subject.removeprefix(f"{portal_id}-"): verdict for subject, verdict in found.items()}
    assert found == EXPECTED[portal_id, rule]


def test_claims_of_a_day_before_the_item_was_there(published: Connection) -> None:
    found = {s.removeprefix("gov-"): v["verdict"] for (_, r, s), v in all_of(published).items() if r == "date-credible" and "claims" in s}
    assert found == {
        "claims-31": "fail",
        "claims-30": "uncertain",
        "claims-0": "pass",
        "claims-day-only": "uncertain",
        "claims-own-day": "uncertain",
    }


def test_a_home_page_stands_still_after_two_weeks_of_visits(published: Connection) -> None:
    found = {p: v for (p, r, _), v in all_of(published).items() if r == "home-updated"}
    assert {p: v["verdict"] for p, v in found.items() if v["verdict"] != "not_assessable"} == {
        "gov": "pass",
        "other": "fail",
        "department": "uncertain",
        "county-1": "uncertain",
        "county-2": "uncertain",
        "county-3": "uncertain",
        "partial": "uncertain",
    }
    assert found["other"]["reason"] == (
        "newest item published (发布日期) 2026-02-16; visited on 2026-03-03 and 14 times before within the window, each time the same"
    )
    assert (found["other"]["evidence_run_id"], found["other"]["evidence_warc_offset"]) == ("20260303T013000Z", 5)
    assert published.query("SELECT verdict FROM mart.verdict WHERE rule = 'home-updated' AND portal_id = 'never'") == [("not_assessable",)]


def test_links_of_the_home_page_beside_the_listed_ones(published: Connection) -> None:
    found = {p: v for (p, r, _), v in all_of(published).items() if r == "links-alive"}
    gov = found["gov"]
    # drawn and settled: gone, silent-twice, revived and six fine ones; not drawn: asked-again; counted no more: unlinked, too-old
    assert gov["reason"] == (
        f"0 of {gov['reason'].split()[2]} listed pages are not there (404, 410); of 40 links of the home page 13 were tried, "
        "3 dead (22.2 % of 9 drawn, 95 %: 6.3 to 54.7 %), 2 answered badly once, 1 not seen: "
        f"{LINKS}asked-again {LINKS}gone {LINKS}silent-twice"
    )
    assert (gov["verdict"], gov["confidence"], gov["observed"]) == ("uncertain", "M", "0 pages, 3 links")
    assert (gov["evidence_url"], gov["evidence_run_id"], gov["evidence_warc_offset"]) == (f"{LINKS}asked-again", "20260301T013000Z", 70)
    assert (str(gov["window_start"]), str(gov["window_end"])) == ("2026-02-23", "2026-03-03")
    assert {p: found[p]["verdict"] for p in ("other", "county-1", "county-2", "partial", "shut", "never")} == {
        "other": "pass",
        "county-1": "uncertain",
        "county-2": "pass",
        "partial": "uncertain",
        "shut": "uncertain",
        "never": "not_assessable",
    }
    assert "2 were tried, 0 dead (0.0 % of 1 drawn, 95 %: 0.0 to 79.3 %), 1 not seen" in found["other"]["reason"]
    assert found["county-1"]["reason"].endswith("1 were tried, 0 dead, 1 answered badly once")
    assert found["county-2"]["reason"].endswith("; no link of the home page was tried")


def test_meta_tags_are_told_by_kind_of_page_and_fail_nobody(published: Connection) -> None:
    found = {p: v for (p, r, _), v in all_of(published).items() if r == "meta-tags"}
    assert {p: v["verdict"] for p, v in found.items() if v["verdict"] != "not_assessable"} == {
        "department": "pass",
        "other": "uncertain",
        "outdated": "uncertain",
    }
    assert (found["other"]["observed"], found["other"]["confidence"]) == ("home 100 %, content 87 %, column 57 %", "M")
    assert found["other"]["reason"] == (
        "tags that are there and say something: home 3 of 3 on 1 pages, content 21 of 24 on 3 pages, column 4 of 7 on 1 pages; "
        "missing or dirty most: SiteDomain (3), ColumnKeywords (1), ColumnType (1); no fail: the text of the rule was not seen"
    )
    assert found["other"]["evidence_url"] == "http://127.0.0.1:8001/zwgk/动态1/"
    assert (found["other"]["evidence_run_id"], found["other"]["evidence_warc_file"]) == (THIRD, "lists.warc.gz")
    assert found["department"]["reason"] == "tags that are there and say something: content 8 of 8 on 1 pages; not read: home, column"
    assert [found[p]["reason"] for p in ("gov", "never", "partial", "shut")] == [
        "no page was read for its META tags",
        "never crawled",
        "the newest run ended partial",
        "the newest run ended blocked",
    ]
    assert found["shut"]["evidence_url"] is None


def test_visits_are_read_once_and_again_where_one_was_repeated(engine: Engine, layout: Layout) -> None:
    visit = "20260303T013000Z"
    outcome(layout.health, "gov", visit, "crawl", RunStatus.UNREACHABLE)
    load(engine, layout, PORTALS, run_id=THIRD, now=NOW)

    def held() -> list[tuple[Any, ...]]:
        with engine.writing() as connection:
            load_home_visits(connection, layout)
        with engine.reading() as connection:
            return connection.query("SELECT portal_id, status, items, newest_day, warc_file FROM silver.home_visit")

    assert held() == held() == [("gov", "unreachable", 0, None, None)]
    outcome(layout.health, "gov", visit, "crawl", RunStatus.COMPLETE)
    link = dict.fromkeys(LINK_VISIT.schema.names) | {"portal_id": "gov", "run_id": visit, "position": 0, "url": "u", "outcome": "gone"}
    (folder := layout.health.raw_run("gov", visit)).mkdir(parents=True)
    pq.write_table(LINK_VISIT.arrow([link]), folder / "link_visit.parquet")
    assert held() == held() == [("gov", "complete", 0, None, None)]
    with engine.reading() as connection:
        assert connection.query("SELECT portal_id, run_id, url, outcome FROM silver.link_visit") == [("gov", visit, "u", "gone")]


def test_a_verdict_names_its_dates_its_law_and_its_page(published: Connection) -> None:
    found = all_of(published)
    late = found["gov", "report-on-time", "2020"]
    assert (late["observed"], late["threshold"], late["confidence"]) == ("2021-04-01", "2021-03-31", "C")
    assert late["basis"] == "国务院令第711号 第四十九条"
    assert found["gov", "report-on-time", "2017"]["basis"] == "国务院令第492号 第三十一条"
    assert (late["evidence_url"], late["evidence_run_id"]) == ("http://127.0.0.1:8001/zwgk/nb2020.html", THIRD)
    assert (late["evidence_warc_file"], late["evidence_warc_offset"], late["as_of"]) == ("pages.warc.gz", 100, AS_OF)
    missing = found["gov", "report-on-time", "2022"]
    assert (missing["evidence_url"], missing["evidence_warc_file"]) == ("http://127.0.0.1:8001/zwgk/年报/", "lists.warc.gz")
    still = found["gov", "column-news", "要闻"]
    assert str(still["window_start"]), str(still["window_end"]) == ("2026-02-18", "2026-03-04")
    both = found["gov", "column-news", "新闻"]["reason"]
    assert "pages say 2026-03-01, the list says 2025-01-01" in both
    over = found["gov", "published-in-term", "gov-over-term"]
    assert over["observed"] == "21 working days"
    assert over["reason"].startswith("formed (成文日期) 2025-03-03, published (发布日期) ")
    assert found["county-2", "plan-passed-on", "gov-plan"]["threshold"] == LIMIT.isoformat()
    formed = found["county-1", "plan-passed-on", "gov-formed-plan"]
    assert (formed["threshold"], str(formed["window_start"])) == (FORMED_LIMIT.isoformat(), "2025-03-22")
    assert formed["reason"].startswith("在本要点印发后34个工作日内 (formed (成文日期) 2025-03-22): own plan published (发布日期) ")
    forged = found["gov", "date-unchanged", "gov-same-text"]["reason"]
    assert forged == (
        "published (发布日期) 2026-01-05, since the run of 2026-03-04 2026-03-01, the text is the same; "
        f"the page before: gov/{FIRST}/pages.warc.gz@100"
    )
    assert found["gov", "time-shown", "资讯"]["verdict"] == "fail"


def test_why_a_fault_is_no_fail(published: Connection) -> None:
    found = all_of(published)
    assert found["gov", "published-in-term", "gov-old-law"]["reason"].endswith("no fail: the text of the rule was not seen")
    assert found["partial", "report-on-time", "2020"]["reason"].endswith("no fail: the newest run ended partial")
    assert found["shut", "column-news", "动态"]["reason"].endswith("no fail: the newest run ended blocked")
    assert found["gov", "column-notices", "政府文件"]["reason"].endswith("no fail: no archived page shows it")
    assert "which is longer ago than the window" in found["outdated", "column-news", "动态"]["reason"]
    assert not [key for key, v in found.items() if v["verdict"] == "fail" and key[0] in ("partial", "shut", "never")]


def test_both_engines_say_the_same(judged: dict[str, Engine]) -> None:
    with judged["duckdb"].published() as one, judged["postgresql"].published() as other:
        assert one is not None and other is not None
        assert differences(content_of(one), content_of(other)) == []


def test_the_command_line(judged: dict[str, Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(Path(judged["duckdb"].published_place).parents[1]))
    monkeypatch.delenv("GONGKAI_WAREHOUSE", raising=False)

    def run(*words: str) -> str:
        done = CliRunner().invoke(gongkai, ["verdicts", *words], catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    assert run("county-2", "--rule", "plan-passed-on").splitlines() == [
        "例2县人民政府 (county-2)",
        "  fail           plan-passed-on 关于plan的通知",
        f"    在本方案公布后30个工作日内 (published (发布日期) 2025-04-01): own plan published (发布日期) {LIMIT + timedelta(days=1)}",
        f"    方案自定时限 the plan's own sentence [C]; observed {LIMIT + timedelta(days=1)}, wanted {LIMIT}",
        f"    http://127.0.0.1:8001/zwgk/own-plan.html  archived as county-2/{THIRD}/pages.warc.gz@100",
        "1 fail, 0 pass, 0 uncertain, 0 not_assessable; as of 2026-03-04",
    ]
    rows = json.loads(run("gov", "--only", "fail", "--json"))
    assert {row["verdict"] for row in rows} == {"fail"}
    assert rows[0]["rule_zh"] == "年报按时发布"
    assert run("never", "--only", "fail") == "0 fail, 0 pass, 0 uncertain, 0 not_assessable\n"
    with pytest.raises(GongkaiError, match="no portal 'nix' is judged"):
        run("nix")


def test_dbt_refuses_a_fail_against_the_laws(judged: dict[str, Engine], tmp_path: Path) -> None:
    """Last of this file: it spoils the warehouse."""
    engine = judged["duckdb"]
    with engine.writing() as connection:
        connection.execute("UPDATE mart.verdict SET verdict = 'fail' WHERE subject = 'gov-old-law'")
    (result,) = run_dbt("test", engine.dbt_target(), tmp_path, "run_results.json", "--select", "lawful_verdicts")["results"]
    assert (result["status"], result["failures"]) == ("fail", 1)
