"""Portals that keep or break a rule by one day, each in a way of its own, and those of which nothing can be said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
from silver_night import FIRST, THIRD, Rows, filled, outcome, portal, write

from gongkai.layout import Layout
from gongkai.registry import Portal
from gongkai.status import RunStatus
from gongkai.tables import LINK_VISIT, TABLES
from transforms.working_days import add_working_days

AS_OF = date(2026, 3, 4)
"""Day in China of the run THIRD."""
OLD = "20260210T183000Z"
FORMED = date(2025, 3, 3)
_PAGE = "http://127.0.0.1:8001/zwgk"


def _portal(portal_id: str, name: str, level: str = "city", code: str = "990100") -> Portal:
    return portal(portal_id, name).model_copy(update={"level": level, "division_code": code, "site_id_code": f"{code}0001"})


GOV, OTHER = _portal("gov", "例市人民政府"), _portal("other", "另市人民政府", code="990200")
DEPARTMENT = _portal("department", "例市财政局", "department")
COUNTIES = [_portal(f"county-{n}", f"例{n}县人民政府", "county", f"99012{n}") for n in "123456"]
PARTIAL, SHUT, OUTDATED = (_portal(i, f"{i}市人民政府", code="990900") for i in ("partial", "shut", "outdated"))
NEVER = _portal("never", "未市人民政府", code="990800").model_copy(update={"site_id_code": None, "site_name": None})
PORTALS = [GOV, OTHER, DEPARTMENT, *COUNTIES, PARTIAL, SHUT, OUTDATED, NEVER]


def working_days_after(day: date, count: int) -> date:
    found = add_working_days(day, count)
    assert found is not None
    return found


def tags(required: int, *, missing: Sequence[str] = (), dirty: Sequence[str] = ()) -> dict[str, Any]:
    """META tags of a page as read."""
    return {"meta_required": required, "meta_missing": list(missing), "meta_dirty": list(dirty)}


class Batch:
    """Rows of one run of one portal."""

    def __init__(self, portal_id: str, run_id: str = THIRD) -> None:
        self.rows: Rows = {name: [] for name in TABLES if name != "stage_outcome"}
        self.place: dict[str, Any] = {"portal_id": portal_id, "run_id": run_id}
        audit = filled("audit_result", **self.place, suite="notice", expectation="row_count", severity="info", success=True)
        self.rows["audit_result"].append(audit)

    def column(self, name: str, kind: str = "news", *, rows: int = 1, complete: bool = True, proof: bool = True, **meta: Any) -> None:
        seen = {"rows_seen": rows, "rows_known": rows, "complete": complete, "walked_whole": True, "pages": 1}
        archived = {"list_url": f"{_PAGE}/{name}/", "list_warc_file": "lists.warc.gz", "list_warc_offset": 9} if proof else {}
        self.rows["section_outcome"].append(filled("section_outcome", **self.place, section=name, kind=kind, **seen, **archived, **meta))

    def item(
        self,
        short: str,
        day: date | None,
        *,
        column: str = "栏目",
        listed: date | None = None,
        clock: str = "T09:00:00+08:00",
        version: str = "v1",
        **document: Any,
    ) -> dict[str, Any]:
        """A listed notice with its page as read; returns the grain of its facts. `listed`: the list's day, where it shows one."""
        notice_id = f"{self.place['portal_id']}-{short}"
        url, validity = f"{_PAGE}/{short}.html", document.pop("validity", None)
        title = document.pop("title", f"关于{short}的通知")
        row = {"section": column, "url": url, "title": title}
        shown = filled("list_entry", **self.place, **row, position=len(self.rows["list_entry"]), notice_id=notice_id)
        self.rows["list_entry"].append(shown | {"date": listed})
        facts = {"notice_id": notice_id, "version": version}
        notice = filled("notice", **self.place, **facts, **row, validity=validity)
        published = f"{day}{clock}" if day else None
        archived = {"fetched_at": datetime(2026, 3, 1, 18, 31, tzinfo=UTC), "warc_file": "pages.warc.gz", "warc_offset": 100}
        self.rows["notice"].append(notice | {"published_at": published, "list_date": listed} | archived)
        grain = self.place | facts | {"document_id": f"{notice_id}-{version}-0", "extractor_version": "0.9.0"}
        body = {"genre": "other", "script": "hans", "body_text": "正文"} | document
        self.rows["document"].append(filled("document", **grain, part=0, title=title, **body))
        return grain

    def outbound(self, column: str, day: date) -> None:
        """A row that leads to another host: never a notice."""
        row = {"section": column, "url": "https://elsewhere.example/1", "title": "一图读懂", "notice_id": None}
        self.rows["list_entry"].append(filled("list_entry", **self.place, **row, position=99) | {"date": day})

    def add(self, table: str, grain: dict[str, Any], **columns: Any) -> None:
        self.rows[table].append(filled(table, **grain, **columns))

    def cell(self, genre: str, year: int, state: str, short: str | None = None, published: date | None = None) -> None:
        document = f"{self.place['portal_id']}-{short}-v1-0" if short else None
        known = {"document_id": document, "published": published, "reason": f"planted {state}"}
        self.rows["completeness"].append(filled("completeness", **self.place, genre=genre, year=year, state=state, **known))

    def report(self, year: int, published: date) -> None:
        short = f"nb{year}"
        self.item(short, published, column="年报", title=f"例市{year}年政府信息公开工作年度报告", genre="annual_report", report_year=year)
        self.cell("annual_report", year, "found", short, published)

    def stored(self, layout: Layout, status: RunStatus = RunStatus.COMPLETE) -> None:
        write(layout, self.rows, extractor="0.9.0")
        outcome(layout, self.place["portal_id"], self.place["run_id"], "crawl", status, listed=len(self.rows["list_entry"]), declared=0)


def plant(layout: Layout) -> None:
    _history(layout)
    gov = Batch("gov")
    _columns(gov)
    _reports(gov)
    _terms(gov)
    _marks(gov)
    _dates(gov)
    _plan(gov)
    gov.stored(layout)
    _other(layout)
    _unseen(layout)
    _counties(layout)
    _homes(layout)
    _links(layout)


def _homes(layout: Layout) -> None:
    """Visits over two weeks and a day: moving, still, seen too short, blocked once, gone quiet long ago."""
    last = AS_OF - timedelta(days=1)
    still, kept = last - timedelta(days=15), RunStatus.COMPLETE
    for portal_id, newest, blocked, first, end in (
        ("gov", last - timedelta(days=14), -1, 15, 0),
        ("other", still, -1, 15, 0),
        ("department", still, -1, 13, 0),
        ("county-1", still, 7, 15, 0),
        ("county-2", still, -1, 30, 15),
        ("partial", still, -1, 15, 0),
        ("county-3", None, -1, 15, 0),
    ):
        for back in range(first, end - 1, -1):
            visit = f"{last - timedelta(days=back):%Y%m%d}T013000Z"
            outcome(layout.health, portal_id, visit, "crawl", RunStatus.BLOCKED if back == blocked else kept)
            folder = layout.health.raw_run(portal_id, visit)
            folder.mkdir(parents=True)
            place = {"portal_id": portal_id, "run_id": visit, "section": "首页"}
            listed = [filled("list_entry", **place, url="u", title="t") | {"date": day} for day in (newest, date(2026, 12, 31))]
            proof = {"list_url": f"{_PAGE}/", "list_warc_file": "crawl.warc.gz", "list_warc_offset": 5}
            proof |= tags(3, missing=["SiteDomain"] if back else []) if portal_id == "other" else {}
            for name, rows in (("list_entry", listed), ("section_outcome", [filled("section_outcome", **place, **proof)])):
                pq.write_table(TABLES[name].arrow(rows), folder / f"{name}.parquet")


LINKS = "http://127.0.0.1:8001/"


def _links(layout: Layout) -> None:
    """Links of home pages by portal: what each answered, days before the last visit."""
    answers = {
        "gov": {
            "gone": {0: "gone"},
            "revived": {3: "gone", 0: "answers"},
            "silent-twice": {5: "silent", 0: "failed"},
            "silent-once": {0: "silent"},
            "well-between": {9: "silent", 6: "answers", 0: "error_page"},
            "unlinked": {4: "gone", 0: "unlinked"},
            "refused": {4: "gone", 0: "refused"},
            "too-old": {13: "gone"},  # fourteen days before the day that is judged
            "asked-again": {2: "gone"},
            **{f"fine-{n}": {n: "answers"} for n in range(3, 9)},
        },
        "other": {"fine": {0: "answers"}, "away": {0: "leads_away"}},
        "county-1": {"silent-once": {0: "silent"}},
        "partial": {"fine": {0: "answers"}},
    }
    for portal_id, links in answers.items():
        days: dict[int, list[dict[str, Any]]] = {}
        for short, looks in links.items():
            for back, outcome_of in looks.items():
                rows = days.setdefault(back, [])
                archived = {"warc_file": "crawl.warc.gz", "warc_offset": 70} if outcome_of in ("gone", "answers") else {}
                rows.append(
                    {"url": f"{LINKS}{short}", "outcome": outcome_of, "position": len(rows), "drawn": short != "asked-again"}
                    | {"http_status": None, "cause": None, "page_links": 40 - back, "warc_file": None, "warc_offset": None}
                    | archived
                )
        for back, rows in days.items():
            place = {"portal_id": portal_id, "run_id": f"{AS_OF - timedelta(days=1 + back):%Y%m%d}T013000Z"}
            folder = layout.health.raw_run(**place)
            pq.write_table(LINK_VISIT.arrow(place | found for found in rows), folder / "link_visit.parquet")


def _columns(gov: Batch) -> None:
    days = {"政务动态": date(2026, 2, 18), "要闻": date(2026, 2, 17), "公告": date(2025, 9, 1), "通告": date(2025, 8, 31)}
    for name, day in days.items():
        gov.column(name)
        gov.item(f"newest-{name}", day, column=name, listed=day)
    gov.column("政府文件", "normative", proof=False)
    gov.item("paper", date(2020, 1, 2), column="政府文件")
    gov.column("新闻")
    gov.item("contradictory", date(2026, 3, 1), column="新闻", listed=date(2025, 1, 1))
    gov.item("future", date(2026, 3, 9), column="要闻")
    gov.column("通知", rows=0)
    gov.column("公示", rows=0, complete=False)
    gov.column("资讯")
    gov.item("undated", None, column="资讯")
    gov.column("政务动态2")
    gov.item("older-than-a-link", date(2025, 1, 9), column="政务动态2")
    for n in range(1, 4):
        gov.column(f"动态{n}")
        gov.item(f"still{n}", date(2025, 1, n), column=f"动态{n}")


def _reports(gov: Batch) -> None:
    gov.column("年报", "annual_report")
    gov.report(2017, date(2018, 4, 1))
    gov.report(2018, date(2019, 3, 31))
    gov.report(2019, date(2020, 3, 31))
    gov.report(2020, date(2021, 4, 1))
    gov.cell("annual_report", 2022, "missing")
    gov.cell("annual_report", 2023, "cannot_see")
    gov.cell("annual_report", 2024, "found", "nb2020")
    gov.cell("annual_report", 2026, "expected")
    forms = {"formed": (2022, "B", []), "old-form": (2022, "A", []), "no-form": (2022, "N", []), "lacking": (2020, "A", ["Q-FULL"]),
             "unread": (2023, "B", ["Q-FULL", "Q-READ"]), "early": (2015, "S", [])}  # fmt: skip
    for short, (year, form, rules) in forms.items():
        grain = gov.item(short, date(year + 1, 1, 9), column="年报", genre="annual_report", report_year=year, format_detected=form)
        for seq, rule in enumerate(rules):
            gov.add("finding", grain, seq=seq, rule=rule, severity="error", message=f"{rule}: cells", expected="175", actual="150")

    for short, year, day, site in (
        ("table-2017", 2017, date(2018, 1, 31), {"site_code": "9901000001"}),
        ("table-2018", 2018, date(2019, 2, 1), {"site_code": "9901000001", "site": "old.example"}),
        ("table-2019", 2019, date(2020, 3, 1), {"site": "127.0.0.1:8001"}),
        ("table-2016", 2016, date(2017, 1, 9), {"site_code": "9901000001"}),
        ("table-elsewhere", 2020, date(2021, 3, 1), {"site_code": "9901000099", "site": "127.0.0.1:8001.example"}),
        ("table-nameless", 2021, date(2022, 3, 1), {}),
    ):
        grain = gov.item(short, day, column="年报", genre="website_table", report_year=year, format_detected="W")
        figure = {"code": "site_items", "label": "总数", "value": 3, "unit": "条", "state": "number", "era": "W", "scope": "site"}
        gov.add("metric_value", grain, seq=0, dimensions=site, **figure)


def _terms(gov: Batch) -> None:
    gov.column("栏目", "news")
    on, after = working_days_after(FORMED, 20), working_days_after(FORMED, 21)
    own: dict[str, Any] = {"doc_number": "例政发〔2025〕1号", "written_date": FORMED, "issuer": "例市人民政府办公室"}
    gov.item("in-term", on, **own)
    gov.item("over-term", after, **own)
    gov.item("department-over", after, **own | {"issuer": "市财政局"})
    gov.item("repost", after, **own | {"issuer": "国务院办公厅"})
    gov.item("nobody", after, **own | {"issuer": None})
    gov.item("listed-sooner", after, listed=on, **own)
    gov.item("backwards", date(2025, 3, 1), **own)
    gov.item("old-law", date(2018, 6, 1), **own | {"written_date": date(2018, 3, 1)})
    gov.item("first-law", date(2019, 7, 1), **own | {"written_date": date(2019, 5, 14)})
    gov.item("new-law", date(2019, 7, 1), **own | {"written_date": date(2019, 5, 15)})
    gov.item("before-law", date(2008, 3, 1), **own | {"written_date": date(2007, 1, 4)})


def _marks(gov: Batch) -> None:
    old: dict[str, Any] = {"genre": "regulation"}
    for name in ("甲", "乙", "丙"):
        gov.item(
            f"rule-{name}", date(2015, 1, 5), title=f"例市公共停车管理办法{name}", **old, validity="abolished" if name == "乙" else None
        )
    gov.item("rule-丁", date(2015, 1, 5), title="例市公共停车管理办法丁", **old)
    gov.item("rule-戊", date(2015, 1, 5), title="例市公共停车管理办法戊", **old, validity="in_force")
    for short, day, names in (("repeal", date(2024, 1, 9), "甲乙"), ("repeal-new", AS_OF - timedelta(days=90), "丙")):
        grain = gov.item(short, day, title=f"关于废止{names}的决定")
        for seq, name in enumerate(names):
            found = {"rule": "H-ABOLISH", "severity": "info", "message": "…", "actual": f"例市公共停车管理办法{name}"}
            gov.add("finding", grain, seq=seq, **found)


def _history(layout: Layout) -> None:
    """The run FIRST: whole columns without what comes later, and first versions of pages."""
    first = Batch("gov", FIRST)
    first.column("栏目", "news")
    first.outbound("政务动态2", date(2026, 3, 1))
    for short in ("same-text", "new-text", "steady"):
        first.item(short, date(2026, 1, 5), body_text="正文", **tags(8, missing=["SiteDomain"]))  # of a version that is no more
    first.stored(layout)


def _dates(gov: Batch) -> None:
    gov.item("same-text", date(2026, 3, 1), version="v2", body_text="正文")
    gov.item("new-text", date(2026, 3, 1), version="v2", body_text="另文")
    gov.item("steady", date(2026, 1, 5), version="v2", body_text="又一正文")
    walked = date(2026, 3, 2)  # day in China of FIRST
    for short, days in (("claims-31", 31), ("claims-30", 30), ("claims-0", 0)):
        gov.item(short, walked - timedelta(days=days))
    gov.item("claims-day-only", walked - timedelta(days=99), clock="")
    gov.item("claims-own-day", walked - timedelta(days=99), written_date=walked - timedelta(days=99))


PLAN_DAY = date(2025, 4, 1)
LIMIT = working_days_after(PLAN_DAY, 30)
FORMED_LIMIT = working_days_after(PLAN_DAY - timedelta(days=10), 34)


_SPAN: dict[str, Any] = {"span_start": 0, "span_end": 2}


def _plan(gov: Batch) -> None:
    plan: dict[str, Any] = {"genre": "work_plan", "plan_year": 2025, "addressed_to": ["各县（区）人民政府", "市政府各部门"]}
    grain = gov.item("plan", PLAN_DAY, **plan)
    limit: dict[str, Any] = _SPAN | {"direction": "after", "amount": 30, "unit": "working_day", "counts_from": "published"}
    gov.add("obligation", grain, seq=0, raw="在本方案公布后30个工作日内", trigger="本方案公布", action="制定并公布本地实施方案", **limit)
    gov.add(
        "obligation", grain, seq=1, raw="办结后3个工作日内", trigger="办结", action="公布", **limit | {"amount": 3, "counts_from": None}
    )
    _plan_of_formation(gov)


def _plan_of_formation(gov: Batch) -> None:
    """印发后 counts from formation, ten days before publication: the limit ends on another day."""
    formed: dict[str, Any] = {"written_date": PLAN_DAY - timedelta(days=10), "addressed_to": ["例1县人民政府"]}
    grain = gov.item("formed-plan", PLAN_DAY, genre="work_plan", plan_year=2025, **formed)
    limit = _SPAN | {"direction": "after", "amount": 34, "unit": "working_day", "counts_from": "written", "due_date": FORMED_LIMIT}
    gov.add("obligation", grain, seq=0, raw="在本要点印发后34个工作日内", trigger="本要点印发", action="公布本地工作要点", **limit)


def _counties(layout: Layout) -> None:
    for county, day in zip(COUNTIES, (LIMIT, LIMIT + timedelta(days=1), None, None, None, LIMIT), strict=True):
        found = Batch(county.id)
        found.column("工作要点", "work_plan")
        if day:
            found.item("own-plan", day, column="工作要点", genre="work_plan", plan_year=2025)
        elif county.id != "county-5":
            found.cell("work_plan", 2025, "missing" if county.id == "county-3" else "cannot_see")
        found.stored(layout, RunStatus.EMPTY if county.id == "county-3" else RunStatus.COMPLETE)


def _other(layout: Layout) -> None:
    """Four columns that stand still: one too few for the veto. A plan addresses nobody here."""
    other = Batch("other")
    meta = [tags(8, missing=["SiteDomain"], dirty=["PubDate"]), tags(8), tags(8, missing=["SiteDomain"]), {}]
    for n in range(4):
        other.column(f"动态{n}", **tags(7, missing=["SiteDomain", "ColumnKeywords"], dirty=["ColumnType"]) if n == 1 else {})
        other.item(f"still{n}", date(2025, 1, 5), column=f"动态{n}", **meta[n])
    other.stored(layout)
    department = Batch("department")
    department.report(2018, date(2019, 2, 1))
    department.report(2019, date(2020, 1, 31))
    department.report(2020, date(2021, 2, 1))
    department.item("tagged", date(2025, 1, 5), **tags(8))
    department.stored(layout)


def _unseen(layout: Layout) -> None:
    """The same faults where the newest run was not whole, or is too long ago."""
    for portal_id, run_id, status in (("partial", THIRD, RunStatus.PARTIAL), ("outdated", OLD, RunStatus.COMPLETE)):
        found = Batch(portal_id, run_id)
        found.report(2020, date(2021, 4, 1))
        found.column("动态")
        found.column("通知", rows=0)
        found.item("still", date(2024, 1, 5), column="动态", **tags(8, missing=["SiteDomain"]))
        found.stored(layout, status)
    shut = Batch("shut", FIRST)
    shut.column("动态")
    shut.item("still", date(2024, 1, 5), column="动态", **tags(8))
    shut.stored(layout)
    outcome(layout, "shut", THIRD, "crawl", RunStatus.BLOCKED, "HTTP 412")
