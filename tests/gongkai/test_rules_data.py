"""The rules that portals are judged by: as the reference has them, and mistakes in the file named."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from expectations.completeness import legal_date
from gongkai.errors import RegistryError
from gongkai.rules import Rule, load_rules, read_rules, report_due
from transforms.reports.deadline import deadline

GOOD = """\
rules:
- id: column-news
  zh: 栏目更新
  en: Column has a new item
  family: health
  subject: section
  severity: deduction
  dates: [published]
  window: two weeks
  evidence: the list
  counted_by: column-news
  columns: [{kind: news, words: [动态]}]
  editions:
  - {instrument: 例办〔2019〕1号, clause: 一, confidence: P, valid_from: 2019-04-01, valid_to: 2020-01-01, thresholds: {days: 14}}
  - {instrument: 例办〔2020〕1号, clause: 一, confidence: C, valid_from: 2020-01-02, thresholds: {days: 7}}
"""


def test_what_standards_say() -> None:
    rules = load_rules()
    term = rules["published-in-term"]
    assert [(e.confidence, e.thresholds) for e in term.editions] == [("M", {"working_days": "20"}), ("C", {"working_days": "20"})]
    days = {name: rules[name].editions[0].thresholds["days"] for name in ("home-updated", "column-news", "column-notices")}
    assert days == {"home-updated": "14", "column-news": "14", "column-notices": "184"}
    counts = {name: rules[name].editions[0].thresholds["columns"] for name in ("columns-updated", "columns-long", "columns-filled")}
    assert counts == {"columns-updated": "5", "columns-long": "10", "columns-filled": "5"}
    assert {r.id for r in rules.values() if r.severity == "info"} >= {"links-alive", "interpretation-in-step"}
    assert all(e.confidence != "M" for r in rules.values() if r.severity == "veto" for e in r.editions)


@pytest.mark.parametrize(
    ("year", "kind", "day", "law"),
    [
        (2007, "government", None, None),  # due a month before there was a law
        (2008, "department", date(2009, 3, 31), "国务院令第492号"),
        (2018, "department", date(2019, 3, 31), "国务院令第492号"),
        (2018, "government", date(2019, 3, 31), "国务院令第492号"),
        (2019, "department", date(2020, 1, 31), "国务院令第711号"),
        (2019, "government", date(2020, 3, 31), "国务院令第711号"),
        (2030, "department", date(2031, 1, 31), "国务院令第711号"),
    ],
)
def test_the_last_day_for_reports(year: int, kind: Literal["department", "government"], day: date | None, law: str | None) -> None:
    due = report_due(year, kind)
    assert (due and due.day, due and due.edition.instrument) == (day, law)


def test_who_asks_for_the_last_day_for_reports_asks_these_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The matrix of years and the check of a report know no day of their own."""
    text = load_rules()["report-on-time"].model_dump_json().replace("03-31", "02-20").replace("01-31", "02-10")
    moved = {"report-on-time": Rule.model_validate_json(text)}
    monkeypatch.setattr("gongkai.rules.load_rules", lambda: moved)
    assert [legal_date("annual_report", 2023, level) for level in ("department", "city")] == [date(2024, 2, 10), date(2024, 2, 20)]
    found = [deadline(2023, date(2024, 2, day), issuer).status for issuer in ("甲河市财政局", "甲河市人民政府") for day in (10, 11, 20, 21)]
    assert found == ["on_time", "late", "late", "late", "on_time", "on_time", "on_time", "late"]


def test_editions_by_day(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(GOOD, encoding="utf-8")
    rule = read_rules(tmp_path / "rules.yaml")["column-news"]
    found = [rule.on(date(2019, 3, 31)), rule.on(date(2020, 1, 1)), rule.on(date(2020, 1, 2))]
    assert [e and e.basis for e in found] == [None, "例办〔2019〕1号 一", "例办〔2020〕1号 一"]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("severity: deduction", "severity: grave", r"rules\.0\.severity"),
        ("confidence: P", "confidence: X", r"editions\.0\.confidence"),
        ("valid_from: 2020-01-02", "valid_from: 2019-12-31", "editions overlap"),
        ("valid_to: 2020-01-01", "valid_to: 2018-01-01", "lies before valid_from"),
        ("counted_by: column-news", "counted_by: columns", "which is no rule"),
        ("  columns: [{kind: news, words: [动态]}]\n", "", "columns belong to rules about sections"),
        ("kind: news", "kind: gossip", r"columns\.0\.kind"),
        ("  window: two weeks\n", "", r"rules\.0\.window"),
        ("rules:", "rules: [", "not YAML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    assert right in GOOD
    (tmp_path / "rules.yaml").write_text(GOOD.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RegistryError, match=told):
        read_rules(tmp_path / "rules.yaml")
