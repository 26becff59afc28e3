"""Series of numbers with known holes, and a report whose figures are known: what silence is measured on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from planted_years import Night
from silver_night import SECOND, filled, outcome, portal, write

from gongkai.layout import Layout
from gongkai.status import RunStatus

LINSHI, WUSHI = portal("linshi", "林市人民政府"), portal("wushi", "雾市人民政府")
SERIES = {
    "林政发": (1, 2, 3, 4, 5, 6),
    "林政办发": (1, 2, 4, 5, 7, 99),  # 99 for 9, say
    "林政函": (1, 2, 3, 5, 6),  # one is missing, and one listed page could not be read
    "林政任": (2, 9),
    "国办发": (3, 5, 11, 12, 20),
    "东政发": (1, 2, 3, 4, 8),
}
ISSUERS = {"国办发": "国务院办公厅", "东政发": "东市人民政府", "林政办发": "林市人民政府办公室", "林政函": "市财政局"}


def plant_silence(layout: Layout) -> None:
    """linshi was seen whole but for one page; wushi's list was not."""
    night = Night("linshi", SECOND)
    night.rows["section_outcome"][0]["kind"] = "normative"
    night.rows["list_entry"].append(
        filled("list_entry", **night.place, section="公开", url="http://127.0.0.1:8001/x", notice_id="linshi-unread")
    )
    for mark, numbers in SERIES.items():
        for number in numbers:
            genre = "regulation" if mark == "林政发" else "other"
            night.page(
                f"{mark}{number}",
                f"关于{mark}{number}的通知",
                "2024-05-06",
                genre,
                doc_number=f"{mark}〔2024〕{number}号",
                issuer=ISSUERS.get(mark),
            )
            night.rows["notice"][-1]["index_number"] = f"998800001/2024-{number:05}" if mark == "林政办发" and number < 9 else None
    night.page("jiedu", "关于林政发1的解读", "2024-05-07", "interpretation", doc_number="林政发〔2024〕9号")
    report = night.page("nb2024", "林市2024年政府信息公开工作年度报告", "2025-01-20", "annual_report", report_year=2024)
    for seq, (code, value, scope) in enumerate(
        (
            ("normative_docs_issued", 20, None),
            ("normative_docs_newly_disclosed", 50, "jurisdiction"),
            ("normative_docs_newly_made", 6, None),
            ("regulations_issued", 1, None),
            ("interpretations", 4, None),
            ("disclosed_items", 10, None),
        )
    ):
        row = {"code": code, "label": code, "value": Decimal(value), "unit": "件", "state": "number", "scope": scope}
        night.add("metric_value", report, seq=seq, **row, dimensions={})
    night.cell("annual_report", 2024, "found", "linshi-nb2024-v1-0", date(2025, 1, 20))
    own, figure = {"site": "127.0.0.1:8001"}, {"state": "number", "era": "W", "scope": "site"}
    for short, year, site, figures in (
        ("table2024", 2024, own, {"site_items": [20], "site_interpretations": [1], "site_visits": [900]}),
        ("table2023", 2023, own, {"site_items": [8, 9], "site_interpretations": [None]}),  # it contradicts itself, and leaves a cell blank
        ("elsewhere", 2024, {"site": "www.other.example"}, {"site_items": [5000]}),
    ):
        table = night.page(short, f"{year}年政府网站工作年度报表", "2025-01-21", "website_table", report_year=year, format_detected="W")
        values = [(code, value) for code, found in figures.items() for value in found]
        for seq, (code, value) in enumerate(values):
            row = figure | {"code": code, "label": code, "value": None if value is None else Decimal(value), "unit": "条"}
            row |= {} if value is not None else {"state": "blank"}
            night.add("metric_value", table, seq=seq, **row, dimensions=site)
    write(layout, night.rows)
    outcome(layout, "linshi", SECOND, "crawl", RunStatus.COMPLETE, listed=22, declared=22)
    _unseen(layout)


def _unseen(layout: Layout) -> None:
    night = Night("wushi", SECOND)
    night.rows["section_outcome"][0]["complete"] = False
    for number in (1, 2, 4, 6, 7):
        night.page(f"fa{number}", f"关于雾{number}的通知", "2024-05-06", "other", doc_number=f"雾政发〔2024〕{number}号")
    report = night.page("nb2024", "雾市2024年政府信息公开工作年度报告", "2025-01-20", "annual_report", report_year=2024)
    value = {"label": "", "value": Decimal(20), "unit": "件", "state": "number", "dimensions": {}}
    night.add("metric_value", report, seq=0, code="normative_docs_issued", **value)
    night.cell("annual_report", 2024, "found", "wushi-nb2024-v1-0", date(2025, 1, 20))
    write(layout, night.rows)
    outcome(layout, "wushi", SECOND, "crawl", RunStatus.PARTIAL, "a list was not seen whole", listed=6, declared=9)
