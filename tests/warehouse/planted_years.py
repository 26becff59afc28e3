"""Two nights of a portal whose faults are known: what each documented question must find."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from silver_night import FIRST, SECOND, Rows, filled, outcome, portal, write

from gongkai.layout import Layout
from gongkai.status import RunStatus
from gongkai.tables import TABLES

LISHI, HUSHI = portal("lishi"), portal("hushi", "湖市人民政府").model_copy(update={"division_code": "998877"})
PLAN = "例市2026年政务公开工作要点"
RULES = "例市历史建筑保护办法"
_PAGE = "http://127.0.0.1:8001/zwgk"


class Night:
    """Rows of one batch, added page by page."""

    def __init__(self, portal_id: str, run_id: str) -> None:
        self.rows: Rows = {name: [] for name in TABLES if name != "stage_outcome"}
        self.place: dict[str, Any] = {"portal_id": portal_id, "run_id": run_id}
        self.rows["audit_result"].append(
            filled("audit_result", **self.place, suite="notice", expectation="row_count", severity="info", success=True)
        )
        declared = {"declared_total": 9, "rows_known": 9, "complete": True}
        self.rows["section_outcome"].append(filled("section_outcome", **self.place, section="公开", **declared))

    def page(self, short: str, title: str, day: str, genre: str, body: str = "", *, version: str = "v1", **document: Any) -> dict[str, Any]:
        """A notice with its page as read; returns the grain of its facts."""
        notice_id = f"{self.place['portal_id']}-{short}"
        facts, url = {"notice_id": notice_id, "version": version}, f"{_PAGE}/{short}.html"
        self.rows["list_entry"].append(
            filled(
                "list_entry", **self.place, section="公开", position=len(self.rows["list_entry"]), url=url, notice_id=notice_id, title=title
            )
        )
        self.rows["notice"].append(
            filled("notice", **self.place, **facts, section="公开", url=url, title=title)
            | {"source": "例市人民政府办公室", "published_at": f"{day}T09:00:00+08:00"}
            | {"fetched_at": datetime(2026, 3, 1, 18, 31, tzinfo=UTC), "warc_file": "pages.warc.gz"}
        )
        return self.document(facts, 0, title=title, genre=genre, body_text=body, **document)

    def document(self, facts: dict[str, Any], part: int, **columns: Any) -> dict[str, Any]:
        own = {"document_id": f"{facts['notice_id']}-{facts['version']}-{part}", "extractor_version": "0.5.0"}
        grain = self.place | {k: facts[k] for k in ("notice_id", "version")} | own
        self.rows["document"].append(filled("document", **grain, part=part, script="hans", **columns))
        return grain

    def add(self, table: str, grain: dict[str, Any], **columns: Any) -> None:
        self.rows[table].append(filled(table, **grain, **columns))

    def cell(self, genre: str, year: int, state: str, document_id: str | None = None, published: date | None = None) -> None:
        legal = date(year + 1, 1, 31) if genre == "annual_report" else None
        known = {"document_id": document_id, "published": published, "legal_date": legal, "reason": f"planted {state}"}
        self.rows["completeness"].append(filled("completeness", **self.place, genre=genre, year=year, state=state, **known))


def plant(layout: Layout) -> None:
    """lishi, two nights: the plan loses a task, a regulation vanishes; reports of 2024 (contradicts itself), 2023 (late), 2022 (not to be
    seen, then missing).
    hushi: its reports cannot be seen."""
    first = Night("lishi", FIRST)
    _plan(first, "v1", "一、主动公开重大决策。\n二、公开财政预决算。\n三、办好政府网站。")
    _reports(first)
    _regulations(first)
    _cells(first, "v1")
    write(layout, first.rows)
    second = Night("lishi", SECOND)
    _plan(second, "v2", "一、主动公开重大决策。\n三、办好政府网站和新媒体。")
    gone = {"notice_id": "lishi-gui2", "url": f"{_PAGE}/gui2.html", "title": "关于规2的通知", "last_seen": FIRST, "missed": 2}
    second.add("removal", second.place, **gone, cause="http_404", warc_file="answers.warc.gz", warc_offset=5)
    _cells(second, "v2")
    write(layout, second.rows)
    other = Night("hushi", SECOND)
    other.cell("annual_report", 2024, "cannot_see")
    write(layout, other.rows)
    for portal_id, run_id in (("lishi", FIRST), ("lishi", SECOND), ("hushi", SECOND)):
        outcome(layout, portal_id, run_id, "crawl", RunStatus.COMPLETE if portal_id == "lishi" else RunStatus.PARTIAL, listed=9, declared=9)


def _plan(night: Night, version: str, body: str) -> None:
    grain = night.page("plan", PLAN, "2026-02-10", "work_plan", body, version=version, plan_year=2026)
    for seq, text in enumerate(body.split("\n")):
        due = date(2026, 2, 28) if seq == 0 else date(2026, 12, 31)
        unit = {"name": "市财政局", "printed": "市财政局", "role": "lead", "agency": "finance"}
        night.add("plan_task", grain, seq=seq, text=text, lead_units=["市财政局"] if seq else [], due_date=due)
        if seq:
            night.add("task_unit", grain, task_seq=seq, seq=0, **unit)


def _reports(night: Night) -> None:
    grain = night.page("nb2024", "例市2024年政府信息公开工作年度报告", "2025-01-20", "annual_report", "新收申请12件。", report_year=2024)
    _value(night, grain, 0, "app_new_received", Decimal(12), "number", 4, 6)
    _value(night, grain, 1, "app_carried_in", Decimal(0), "zero_printed")
    _value(night, grain, 2, "app_granted", None, "blank")
    _value(night, grain, 3, "meetings_held", Decimal(3), "number")
    night.add("finding", grain, seq=0, rule="T3-BAL", severity="error", message="12 + 0 ≠ 13", expected="12", actual="13")
    night.add("finding", grain, seq=1, rule="Q-CHAP", severity="error", message="no chapter 四", expected="四")
    night.add("finding", grain, seq=2, rule="P-ID", severity="error", message="an identity number is printed", actual="1")
    table = night.document(grain, 1, genre="annual_report", report_year=2024, format_detected="B", attachment_url=f"{_PAGE}/nb2024.xlsx")
    _value(night, table, 0, "app_new_received", Decimal(13), "number")
    late = night.page("nb2023", "例市2023年政府信息公开工作年度报告", "2024-03-05", "annual_report", report_year=2023)
    _value(night, late, 0, "app_new_received", Decimal(8), "number")


def _value(night: Night, grain: dict[str, Any], seq: int, code: str, value: Decimal | None, state: str, *place: int) -> None:
    start, end = place or (None, None)
    places = {"span_start": start, "span_end": end}
    night.add("metric_value", grain, seq=seq, code=code, label=code, value=value, unit="件", state=state, dimensions={}, **places)


def _regulations(night: Night) -> None:
    for number in (1, 2, 4, 5, 8):
        title = {4: f"例市人民政府关于印发{RULES}的通知", 8: "关于公共租赁住房规8的通知"}.get(number, f"关于规{number}的通知")
        night.page(f"gui{number}", title, "2025-09-30", "regulation", doc_number=f"例政规〔2025〕{number}号")
    words = f"《{RULES}》解读", "2025-10-10", "interpretation", "依据住房条例。"
    grain = night.page("jiedu", *words)
    number, basis = "例政规〔2025〕4号", "例省住房管理条例"
    night.add("citation", grain, seq=0, title=RULES, doc_number=number, issuer_level="city", role="mention", span_start=0, span_end=2)
    night.add("citation", grain, seq=1, title=basis, doc_number=None, issuer_level="province", role="basis", span_start=2, span_end=4)


def _cells(night: Night, version: str) -> None:
    night.cell("work_plan", 2026, "found", f"lishi-plan-{version}-0", date(2026, 2, 10))
    night.cell("annual_report", 2024, "found", "lishi-nb2024-v1-0", date(2025, 1, 20))
    night.cell("annual_report", 2023, "late", "lishi-nb2023-v1-0", date(2024, 3, 5))
    night.cell("annual_report", 2022, "missing" if version == "v2" else "cannot_see")
