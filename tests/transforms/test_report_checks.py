"""Every check of annual-reports.md section 3 on reports of our own making: all planted errors found, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_reports import make, page, plant

from gongkai.metrics import load_metrics
from gongkai.records.document import MetricValue
from transforms.blocks import html_body
from transforms.reports.catalogue import CHECKS
from transforms.reports.deadline import deadline
from transforms.reports.reader import ReportReading, read_report
from transforms.reports.series import YearReport, parent_checks, series_checks, sibling_checks

PLANTED: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "fixtures" / "reports" / "planted.yaml").read_text(encoding="utf-8")
)


def read(options: Mapping[str, Any]) -> ReportReading:
    made = make(options["era"], options["year"], options["seed"])
    plant(made, options.get("set", {}))
    published = options.get("published", date(options["year"] + 1, 1, 20))
    issuer = options.get("issuer", "丙州市人民政府办公室")
    return read_report(html_body(page(made, options)), report_year=options["year"], published=published, issuer=issuer)


@pytest.mark.parametrize("options", PLANTED, ids=[str(o["name"]) for o in PLANTED])
def test_planted_error_is_found_and_nothing_else(options: dict[str, Any]) -> None:
    reading = read(options)
    assert {f.rule: f.severity for f in reading.findings} == options.get("expect", {}), [f.message for f in reading.findings]
    if options["era"] != "N":
        assert reading.era == options["era"]


def metric(code: str, value: int | str, **dimensions: str) -> MetricValue:
    known = load_metrics()[code]
    return MetricValue(
        code=code, label=known.zh, value=Decimal(value), unit=known.unit, state="number", dimensions=dimensions, start=0, end=1
    )  # fmt: skip


def year(number: int, text: str = "", **values: int | str) -> YearReport:
    return YearReport(number, [metric(code, value) for code, value in values.items()], text)


SENTENCES = "".join(f"第{i}批{'甲乙丙丁戊己庚辛'[i % 8]}类栏目按要求公开政策文件{i * 7}件，并组织解读。\n" for i in range(16))
SERIES = {
    "T3-CHAIN": ({"app_carried_out": 3}, {"app_carried_in": 3}, {"app_carried_in": 4}),
    "T4-CAP": ({"review_total": 3}, {"review_total": 2, "lit_after_review_total": 5}, {"review_total": 2, "lit_after_review_total": 6}),
    "T2-ROLL": (
        {"normative_docs_in_force": 90},
        {"normative_docs_in_force": 94, "normative_docs_issued": 9, "normative_docs_repealed": 5},
        {"normative_docs_in_force": 93, "normative_docs_issued": 9, "normative_docs_repealed": 5},
    ),
    "T2-ITEMS": ({"licensing_items_prev": 400, "licensing_items_delta": -18}, {"licensing_items_prev": 382}, {"licensing_items_prev": 400}),
    "T2-FEE": ({"admin_fee_amount": "5949.08"}, {"admin_fee_amount": "4166.2"}, {"admin_fee_amount": "41662416"}),
    "S-CUM": (
        {"disclosed_cumulative": 3542}, {"disclosed_cumulative": 5542, "disclosed_items": 2000},
        {"disclosed_cumulative": 3000, "disclosed_items": 2000},
    ),
    "Q-JUMP": ({"licensing_decisions": 2293}, {"licensing_decisions": 2629}, {"licensing_decisions": 22930}),
}  # fmt: skip


@pytest.mark.parametrize("rule", SERIES)
def test_years_of_one_body(rule: str) -> None:
    last, good, bad = SERIES[rule]
    assert series_checks([year(2022, **last), year(2023, **good)]) == []
    found = series_checks([year(2023, **bad), year(2022, **last)])
    assert [(f.year, f.finding.rule, f.finding.severity) for f in found] == [(2023, rule, "warning")]
    assert series_checks([year(2021, **last), year(2023, **bad)]) == [], "a missing year ends the chain"


def test_growth_rate_against_both_reports() -> None:
    def this(rate: str) -> YearReport:
        return YearReport(2012, [metric("disclosed_items", 660), metric("growth_rate", rate, metric="disclosed_items")])

    last = year(2011, disclosed_items=600)
    assert series_checks([last, this("10")]) == []
    (found,) = series_checks([last, this("12")])
    assert (found.finding.rule, found.finding.expected, found.finding.actual) == ("N-GROWTH", "10", "12")


def test_text_copied_from_last_year() -> None:
    found = series_checks([year(2022, SENTENCES), year(2023, SENTENCES.replace("7件", "9件"))])
    assert [f.finding.rule for f in found] == ["Q-COPY"]
    assert series_checks([year(2022, SENTENCES), year(2023, SENTENCES[: len(SENTENCES) // 2] + SENTENCES[::-1])]) == []


def test_columns_are_compared_where_the_total_holds() -> None:
    last = YearReport(2022, [metric("app_carried_out", 3, applicant="total"), metric("app_carried_out", 2, applicant="natural_person")])
    this = YearReport(2023, [metric("app_carried_in", 3, applicant="total"), metric("app_carried_in", 3, applicant="natural_person")])
    (found,) = series_checks([last, this])
    assert "natural_person" in found.finding.message


def test_parents_and_siblings() -> None:
    whole, part = [metric("review_total", 9)], [metric("review_total", 10)]
    assert [f.rule for f in parent_checks(whole, {"乙山县": part})] == ["R-PARENT"]
    assert parent_checks(part, {"乙山县": whole}) == []
    assert [(f.rule, f.expected) for f in sibling_checks(whole, part, "PDF")] == [("R-SIB", "10")]
    assert sibling_checks(whole, whole, "PDF") == []


@pytest.mark.parametrize(
    ("report_year", "published", "issuer", "status", "due"),
    [
        (2006, "2008-06-01", "甲河市财政局", "not_assessable", None),
        (2012, "2013-03-31", "甲河市财政局", "on_time", "2013-03-31"),
        (2012, "2013-04-01", "甲河市财政局", "late", "2013-03-31"),
        (2018, "2019-02-20", "甲河市财政局", "on_time", "2019-03-31"),
        (2019, "2020-02-20", "甲河市财政局", "late", "2020-01-31"),
        (2023, "2024-02-20", "甲河市人民政府办公室", "on_time", "2024-03-31"),
        (2023, "2024-01-31", "甲河市财政局", "on_time", "2024-01-31"),
        (2023, "2024-02-20", "甲河经济开发区管理委员会", "on_time", "2024-03-31"),
        (2023, "2024-02-20", "丁湖镇人民政府", "not_assessable", None),
        (2023, "2024-02-20", None, "not_assessable", None),
        (2023, "2024-04-01", None, "late", "2024-03-31"),
        (2023, "2023-12-30", "甲河市财政局", "not_assessable", None),
        (2023, None, "甲河市财政局", "not_assessable", None),
    ],
)
def test_deadline(report_year: int, published: str | None, issuer: str | None, status: str, due: str | None) -> None:
    judged = deadline(report_year, date.fromisoformat(published) if published else None, issuer)
    assert (judged.status, judged.due) == (status, date.fromisoformat(due) if due else None)
    assert judged.reason


def test_every_check_of_the_catalogue_is_planted() -> None:
    planted = {rule for options in PLANTED for rule in options.get("expect", {})} | set(SERIES)
    elsewhere = {"N-GROWTH", "Q-COPY", "R-PARENT", "R-SIB", "T4-LIT", "Q-READ"}
    assert set(CHECKS) == planted | elsewhere
    for options in PLANTED:
        for rule, severity in options.get("expect", {}).items():
            assert severity in CHECKS[rule].severities, rule
