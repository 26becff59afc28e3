"""Numbers in prose: what is a metric, with which meaning, and what never is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from transforms.body import Body, BodyBuilder, RawCell
from transforms.reports.mentions import mentions
from transforms.reports.narrative import read_narrative
from transforms.reports.reader import read_report
from transforms.reports.scope import scope_of

FIXTURES = yaml.safe_load((Path(__file__).parents[1] / "fixtures" / "reports" / "narrative.yaml").read_text(encoding="utf-8"))
REAL = Path(__file__).parents[3] / "shared" / "documents"


def body_of(text: str) -> Body:
    builder = BodyBuilder()
    for line in text.splitlines():
        builder.paragraph(line)
    return builder.build(flattened=True)


@pytest.mark.parametrize("case", FIXTURES, ids=[case["name"] for case in FIXTURES])
def test_fixture(case: dict[str, Any]) -> None:
    body = body_of(case["text"])
    assert body.script == case.get("script", "hans")
    reading = read_report(body, report_year=case["year"], published=None, issuer=None)
    got = {(m.code, m.value, tuple(sorted(m.dimensions.items()))): m for m in reading.metrics}
    want = {(e["code"], Decimal(str(e["value"])), tuple(sorted(e.get("dimensions", {}).items()))): e for e in case["expect"]}
    assert sorted(map(str, want.keys() - got.keys())) == []
    if case.get("only"):
        assert sorted(map(str, got.keys() - want.keys())) == []
    for key, expected in want.items():
        metric = got[key]
        assert (metric.unit, metric.state, metric.qualifier) == (
            expected["unit"],
            expected.get("state", "number"),
            expected.get("qualifier"),
        ), key
        assert body.text[metric.start : metric.end] == metric.raw
        if "raw" in expected:
            assert metric.raw == expected["raw"]
        if "scope" in expected:
            assert metric.scope == expected["scope"]
    assert sorted({f.rule for f in reading.findings} - {"Q-CHAP"}) == sorted(case["findings"])  # these texts leave chapters out


@pytest.mark.parametrize(
    "text",
    [
        "12345专线、12315热线和110宣传日",
        "湘政办发〔2014〕12号文件和第711号令",
        "第20个工作日内，第3次会议，前10名",
        "党的十八大、十八届三中全会",
        "2013年1月1日，一项一次一个",
        "三公经费，电话0517-83605210，邮编223001",
    ],
)
def test_not_a_figure(text: str) -> None:
    assert mentions(text) == []


@pytest.mark.parametrize(
    ("text", "value", "unit", "qualifier"),
    [
        ("2.7万余人次", "27000", "人次", "gt"),
        ("18万余条", "180000", "条", "gt"),
        ("5500余条", "5500", "条", "gt"),
        ("近40个", "40", "个", "lt"),
        ("约300次", "300", "次", "approx"),
        ("1,234件", "1234", "件", None),
        ("15万元", "15", "万元", None),
        ("0.35亿元", "0.35", "亿元", None),
        ("一千二百条", "1200", "条", None),
        ("100%", "100", "%", None),
        ("30人以上", "30", "人", "gt"),
    ],
)
def test_mention(text: str, value: str, unit: str, qualifier: str | None) -> None:
    (mention,) = mentions(text)
    assert (mention.value, mention.unit, mention.qualifier) == (Decimal(value), unit, qualifier)


@given(st.integers(0, 10**9), st.sampled_from(["件", "条", "人次", "万元", "%"]))
def test_any_number_with_a_unit_is_one_mention(number: int, unit: str) -> None:
    (mention,) = mentions(f"共{number}{unit}。")
    assert (mention.value, mention.unit) == (number, unit)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("全市收到申请", "jurisdiction"),
        ("市政府办公室代表市政府收到申请", "office_for_government"),
        ("我局收到申请", "organ"),
        ("市直相关部门公开信息", "departments"),
        ("各乡镇公开信息", "townships"),
        ("4县(区)公开信息种类有", "counties"),
        ("收到申请", None),
    ],
)
def test_scope(text: str, scope: str | None) -> None:
    assert scope_of(text, len(text)) == scope


def test_a_figure_beside_a_table_is_a_restatement() -> None:
    """Covered by the dimension, so that code + dimensions stay unique for the figure that counts."""
    builder = BodyBuilder()
    builder.paragraph("2016年收到政府信息公开申请7件。")
    builder.table([[RawCell("统计指标"), RawCell("单位"), RawCell("统计数")], [RawCell("（一）收到申请数"), RawCell("件"), RawCell("9")]])
    reading = read_report(builder.build(), report_year=2016, published=None, issuer=None)
    assert [(m.value, m.dimensions) for m in reading.metrics] == [(7, {"stated_in": "narrative"}), (9, {})]


@pytest.mark.real
def test_real_narrative_report() -> None:
    """2013, Traditional script, copied by an encyclopaedia: every figure, nothing else, and the source's own error."""
    paths = sorted(REAL.glob("002_*.txt"))
    if not paths:
        pytest.skip("no ../shared/documents here")
    reading = read_report(body_of(paths[0].read_text(encoding="utf-8")), report_year=2013, published=None, issuer=None)
    values = {(m.code, int(m.value or 0)) for m in reading.metrics}
    assert len(reading.metrics) == 36
    assert {
        ("app_received_total", 37),
        ("staff_total", 212),
        ("consultations_total", 126307),
        ("fees_waived", 398),
        ("lit_total", 0),
    } <= values
    assert [(f.rule, f.expected, f.actual) for f in reading.findings if f.severity == "error"] == [("N-PARTS", "116222", "126307")]


def test_a_part_with_parts_of_its_own_leaves_its_total_open() -> None:
    builder = BodyBuilder()
    builder.paragraph("全年共答复申请30件，其中同意公开18件，不同意公开7件，信息不存在5件。")
    found = {m.code: int(m.value or 0) for m in read_narrative(builder.build(), "N", 2012)}
    assert found == {"app_replied_total": 30, "app_reply_agreed": 18, "app_reply_refused": 7, "app_reply_not_exist": 5}
