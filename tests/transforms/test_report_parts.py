"""The small parts of the report reader: cells, labels, checks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.metrics import load_metrics
from gongkai.records.document import MetricValue, ValueState
from transforms.reports.checks import NARRATIVE_CHECKS, STAT_CHECKS, TABLE_CHECKS, Check, narrative_checks, stat_checks, table_checks
from transforms.reports.labels import best_match, form_label, plain_label
from transforms.reports.values import read_cell


@pytest.mark.parametrize(
    ("text", "value", "state", "unit"),
    [
        ("", None, "blank", None),
        ("  ", None, "blank", None),
        ("/", None, "na_mark", None),
        ("\\", None, "na_mark", None),
        ("——", None, "na_mark", None),
        ("-", None, "na_mark", None),
        ("…", None, "na_mark", None),
        ("无此项", None, "na_mark", None),
        ("0", "0", "zero_printed", None),
        ("0.00", "0", "zero_printed", None),
        ("零", "0", "zero_phrase", None),
        ("无", "0", "zero_phrase", None),
        ("2 089", "2089", "number", None),
        ("1,234,567", "1234567", "number", None),
        ("+36", "36", "number", None),
        ("-18", "-18", "number", None),
        ("减少183项", "-183", "number", "项"),
        ("增3", "3", "number", None),
        ("251000元", "251000", "number", "元"),
        ("5949.088667", "5949.088667", "number", None),
        ("12.5万元", "12.5", "number", "万元"),
        ("三十", "30", "number", None),
        ("1,2,3", None, "unreadable", None),
        ("详见正文", None, "text", None),
    ],
)
def test_read_cell(text: str, value: str | None, state: str, unit: str | None) -> None:
    got = read_cell(text)
    assert (got.value, got.state, got.unit) == (None if value is None else Decimal(value), state, unit)


@given(st.text(max_size=40))
def test_a_cell_never_fails_and_blank_is_never_zero(text: str) -> None:
    got = read_cell(text)
    assert (got.value is None) == (got.state in ("blank", "na_mark", "text", "unreadable"))


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        ("（三）不予公开", "不予公开"),
        ("1.属于国家秘密", "属于国家秘密"),
        ("1、申请人逾期", "申请人逾期"),
        ("三、本年度办理结果", "本年度办理结果"),
        ("其中：1.网站公开", "网站公开"),
        ("总 计[1]", "总计"),
        ("3.危及“三安全一稳定”", "危及三安全一稳定"),
        ("本年收费金额（单位：万元）", "本年收费金额"),
        ("本年增/减", "本年增减"),
    ],
)
def test_plain_label(printed: str, plain: str) -> None:
    assert form_label(printed) == plain


def test_a_label_that_lost_characters_is_found_but_a_doubtful_one_is_not() -> None:
    names = [form_label(label) for m in load_metrics().by_code.values() if m.table3 for label in m.table3.labels]
    assert best_match(plain_label("2.其他法律行政止公开"), names) == "其他法律行政法规禁止公开"
    assert best_match("属于公安机关信息", names) is None
    assert best_match("其", names) is None


def metric(code: str, value: str | None, state: ValueState = "number", unit: str | None = None, **dimensions: str) -> MetricValue:
    known = load_metrics()[code]
    return MetricValue(
        code=code, label=known.zh, value=None if value is None else Decimal(value), unit=unit or known.unit, state=state,
        dimensions=dimensions, start=0, end=1,
    )  # fmt: skip


ALL_CHECKS = [(check, runner) for checks, runner in (
    (TABLE_CHECKS, table_checks), (STAT_CHECKS, lambda m: stat_checks(m, "S")), (NARRATIVE_CHECKS, narrative_checks),
) for check in checks]  # fmt: skip


@pytest.mark.parametrize(("check", "runner"), ALL_CHECKS, ids=[f"{c.id}-{c.left[0]}" for c, _ in ALL_CHECKS])
def test_every_check_holds_breaks_and_abstains(check: Check, runner: object) -> None:
    assert callable(runner)
    good = [metric(code, "2") for code in check.right]
    whole = str(2 * len(check.right) // len(check.left)) if check.relation == "=" else "1"
    good += [metric(code, whole) for code in check.left]
    own = f"{check.id}: {load_metrics()[check.left[0]].zh} "
    assert not [f for f in runner(good) if f.message.startswith(own)]

    broken = [m if m.code != check.left[0] else metric(m.code, str(int(whole) + 2 * len(check.right) + 7)) for m in good]
    found = [f for f in runner(broken) if f.message.startswith(own) or (f.rule == check.id and len(check.left) > 1)]
    assert found and found[0].severity == check.severity and found[0].expected != found[0].actual

    blank = [m if m.code != check.right[-1] else metric(m.code, None, "blank") for m in broken]
    assert not [f for f in runner(blank) if f.rule == check.id and f.message.count(load_metrics()[check.right[-1]].zh)]


def test_approximate_figures_never_fail_an_exact_check() -> None:
    values = [metric("staff_total", "50"), metric("staff_full_time", "20"), metric("staff_part_time", "40")]
    assert [f.rule for f in narrative_checks(values)] == ["S-STAFF"]
    about = MetricValue(code="staff_part_time", label="兼职", value=Decimal(40), unit="人", state="number", qualifier="gt", start=0, end=1)
    assert narrative_checks([*values[:2], about]) == []


def test_money_compares_across_units_within_the_printed_precision() -> None:
    same = [
        metric("fees_receivable", "1.2", unit="万元"),
        metric("fees_collected", "11980", unit="元"),
        metric("fees_waived", "0", "zero_printed"),
    ]
    assert narrative_checks(same) == []
    far = [
        metric("fees_receivable", "1.2", unit="万元"),
        metric("fees_collected", "1100", unit="元"),
        metric("fees_waived", "0", "zero_printed"),
    ]
    assert [f.rule for f in narrative_checks(far)] == ["N-FEE"]


def test_open_part_lists_warn_and_closed_ones_fail() -> None:
    parts = [metric("consult_phone", "30"), metric("consult_web", "20")]
    assert [(f.rule, f.severity) for f in narrative_checks([metric("consultations_total", "60"), *parts])] == [("N-PARTS", "warning")]
    assert [(f.rule, f.severity) for f in narrative_checks([metric("consultations_total", "40"), *parts])] == [("N-PARTS", "error")]
    closed = [*parts, metric("consult_other", "5")]
    assert [(f.rule, f.severity) for f in narrative_checks([metric("consultations_total", "60"), *closed])] == [("N-PARTS", "error")]


def test_figures_stated_twice_with_different_values_are_not_assessed() -> None:
    twice = [metric("staff_total", "50"), metric("staff_total", "51"), metric("staff_full_time", "1"), metric("staff_part_time", "2")]
    assert narrative_checks(twice) == []
