"""Tables of eras S, P, A and B: every cell under its own code, whatever the order of rows and columns."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from report_pages import APPLICANTS, CODES_B, GROUPS, ROWS_HEAD, Values3, table2_a, table2_b, table3, table4

from gongkai.records.document import MetricValue
from transforms.blocks import html_body
from transforms.body import BodyBuilder, RawCell
from transforms.formats.pdf import pdf_body
from transforms.formats.text import text_body
from transforms.reports.quality import form_codes
from transforms.reports.reader import ReportReading, read_report

REAL = Path(__file__).parents[3] / "shared" / "documents"
PERIOD = "<p>本报告所列数据的统计期限自{0}年1月1日起至{0}年12月31日止。</p>"
BALANCED: Values3 = {
    "app_new_received": (40, 3, 0, 0, 2, 0, 45),
    "app_carried_in": (2, 0, 0, 0, 0, 0, 2),
    "app_granted": (20, 2, 0, 0, 1, 0, 23),
    "app_denied_state_secret": (1, 0, 0, 0, 0, 0, 1),
    "app_unavailable_not_held": (12, 1, 0, 0, 1, 0, 14),
    "app_unprocessed_repeat": (4, 0, 0, 0, 0, 0, 4),
    "app_other_misc": (2, 0, 0, 0, 0, 0, 2),
    "app_outcome_total": (39, 3, 0, 0, 2, 0, 44),
    "app_carried_out": (3, 0, 0, 0, 0, 0, 3),
}
T4 = (1, 0, 0, 2, 3, 0, 0, 0, 1, 1, 2, 1, 0, 0, 3)


def read(page: str, year: int, **options: object) -> ReportReading:
    published = options.get("published")
    assert published is None or isinstance(published, date)
    issuer = options.get("issuer")
    return read_report(
        html_body(PERIOD.format(year) + page), report_year=year, published=published, issuer=issuer if isinstance(issuer, str) else None
    )


def values(reading: ReportReading) -> dict[tuple[str, str], MetricValue]:
    out = {(m.code, m.dimensions.get("applicant", "")): m for m in reading.metrics}
    assert len(out) == len(reading.metrics)
    return out


def b_page(three: Values3 = BALANCED, four: tuple[object, ...] = T4, fee: object = "5949.088667") -> str:
    return table2_b((1, 0, 11), (8, 26, "1,066"), (447228, 3985758, "88 283"), fee) + table3(three) + table4(four)


def test_form_b_every_cell() -> None:
    reading = read(b_page(), 2023)
    got = values(reading)
    assert reading.era == "B" and reading.findings == [] and len(got) == 10 + 175 + 15
    assert got["normative_docs_in_force", ""].value == 1066
    assert got["coercion_decisions", ""].value == 88283
    fee = got["admin_fee_amount", ""]
    assert (fee.value, fee.unit, fee.raw) == (Decimal("5949.088667"), "万元", "5949.088667")
    for code in CODES_B:
        assert [got[code, a].value for a in APPLICANTS] == list(BALANCED.get(code, (0,) * 7)), code
    assert (got["lit_after_review_upheld", ""].value, got["lit_direct_pending", ""].value, got["review_total", ""].value) == (2, 1, 3)
    assert got["app_partial", "total"].state == "zero_printed" and got["app_new_received", "total"].state == "number"


def test_form_a_every_cell() -> None:
    two = {
        "规章": (0, 0, 0), "规范性文件": (9, 9, 89), "行政许可": (396, "-18", 181), "其他对外管理服务事项": (100, "+1", 53),
        "行政处罚": (2648, 0, 430), "行政强制": (126, "减2", 25), "行政事业性收费": (35, 0), "政府集中采购": (135, "75394432.52元"),
    }  # fmt: skip
    three = dict(BALANCED) | {"app_other_total": BALANCED["app_other_misc"]}
    del three["app_other_misc"]
    reading = read(table2_a(two) + table3(three, "A") + table4(T4), 2020)
    got = values(reading)
    assert reading.era == "A" and reading.findings == [] and len(got) == 22 + 161 + 15
    assert got["licensing_items_delta", ""].value == -18 and got["other_service_items_delta", ""].value == 1
    assert got["coercion_items_delta", ""].value == -2 and got["penalty_decisions", ""].value == 430
    assert (got["procurement_amount", ""].value, got["procurement_amount", ""].unit) == (Decimal("75394432.52"), "元")
    assert got["app_other_total", "natural_person"].value == 2
    assert {m.era for m in reading.metrics} == {"A"}


def test_hybrid_of_2023_keeps_the_era_of_each_table() -> None:
    three = dict(BALANCED) | {"app_other_total": BALANCED["app_other_misc"]}
    reading = read(table2_b((0, 0, 0), (0, 0, 0), (0, 0, 0), 0) + table3(three, "A") + table4(T4), 2023)
    got = values(reading)
    assert reading.era == "B"
    assert (got["regulations_issued", ""].era, got["app_other_total", "total"].era) == ("B", "A")
    assert got["app_outcome_total", "total"].value == 44 and got["app_carried_out", "total"].value == 3
    assert reading.findings == []


def test_missing_row_is_reported_and_shifts_nothing() -> None:
    reading = read(b_page(dict(BALANCED) | {"app_unprocessed_publication": ()}), 2023)
    got = values(reading)
    assert not [k for k in got if k[0] == "app_unprocessed_publication"]
    assert got["app_unprocessed_reconfirm", "total"].value == 0 and got["app_outcome_total", "total"].value == 44
    assert [(f.rule, f.expected, f.actual) for f in reading.findings] == [("Q-FULL", "175", "168")]


def test_extra_row_is_kept_visible() -> None:
    extra = "<tr><td colspan=3>五、其中涉外申请</td>" + "<td>9</td>" * 7 + "</tr></table>"
    reading = read(b_page().replace("</table><table><tr><td colspan=5>行政复议", extra + "<table><tr><td colspan=5>行政复议"), 2023)
    assert [(f.rule, f.actual) for f in reading.findings] == [("Q-LABEL", "五、其中涉外申请")]
    assert len(reading.metrics) == 200


def test_blank_dash_slash_and_zero_are_four_things() -> None:
    three = dict(BALANCED) | {"app_unavailable_unclear": ("", "/", "—", "0", "无", "", "")}
    reading = read(b_page(three), 2023)
    got = values(reading)
    assert [got["app_unavailable_unclear", a].state for a in APPLICANTS] == [
        "blank", "na_mark", "na_mark", "zero_printed", "zero_phrase", "blank", "blank",
    ]  # fmt: skip
    assert got["app_unavailable_unclear", "total"].value is None
    assert [f.rule for f in reading.findings] == ["Q-BLANK"], "a sum with a blank term is not assessable"


@pytest.mark.parametrize(
    ("code", "row", "rules"),
    [
        ("app_new_received", (40, 3, 0, 0, 2, 0, 46), {"T3-BAL", "T3-ROW"}),
        ("app_granted", (21, 2, 0, 0, 1, 0, 24), {"T3-SUM"}),
        ("app_granted", (20, 2, 0, 0, 1, 1, 23), {"T3-ROW", "T3-SUM"}),
        ("app_partial", (0, 0, 0, 0, 0, "0.5", 0), {"T3-ROW", "T3-SUM", "Q-INT"}),
    ],
)
def test_planted_contradiction_in_table_3(code: str, row: tuple[object, ...], rules: set[str]) -> None:
    reading = read(b_page({**BALANCED, code: row}), 2023)  # type: ignore[dict-item]  # a printed 0.5
    assert {f.rule for f in reading.findings} == rules
    assert all(f.severity == "error" and f.start is not None for f in reading.findings)


def test_finding_names_both_sides() -> None:
    reading = read(b_page(dict(BALANCED) | {"app_carried_out": (3, 0, 0, 0, 0, 1, 4)}), 2023)
    by_column = {f.message.split("]")[0]: f for f in reading.findings}
    finding = by_column["T3-BAL [total"]
    assert (finding.expected, finding.actual) == ("48", "47")
    assert "45" in finding.message and "44" in finding.message and "= 48" in finding.message


@pytest.mark.parametrize(("index", "rule"), [(4, "T4-REV"), (9, "T4-DIR"), (14, "T4-AFT")])
def test_planted_contradiction_in_table_4(index: int, rule: str) -> None:
    four = list(T4)
    four[index] += 1
    assert [f.rule for f in read(b_page(four=tuple(four)), 2023).findings] == [rule]


def test_stock_below_newly_disclosed() -> None:
    two = {
        "规章": (0, 0, 0), "规范性文件": (9, 90, 89), "行政许可": (1, 0, 1), "其他对外管理服务事项": (1, 0, 1),
        "行政处罚": (1, 0, 1), "行政强制": (1, 0, 1), "行政事业性收费": (1, 0), "政府集中采购": (0, 0),
    }  # fmt: skip
    reading = read(table2_a(two), 2019)
    assert {f.rule for f in reading.findings} == {"T2-STOCK", "T2-NEW", "Q-FULL"}


def test_printed_group_line_and_subtotals() -> None:
    page = b_page().replace(
        '<td rowspan="3">（六）其他处理</td>',
        "<td colspan=2>（六）其他处理</td>" + "<td>5</td>" * 7 + "</tr><tr><td rowspan=3>（六）其他处理</td>",
    )
    page = page.replace('rowspan="21"', 'rowspan="22"')
    got = values(read(page, 2023))
    assert got["app_other_total", "total"].value == 5
    assert "T3-OTH" in {f.rule for f in read(page, 2023).findings}


def test_table_cut_at_a_page_end_is_joined() -> None:
    """As pdfplumber gives it: the second half has no heading, its first cell is empty, a group's name is split."""
    builder = BodyBuilder()
    head = ["", "", "", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    applicants = [RawCell(t) for t in head]
    group, outer = RawCell("（四）无", row_span=1), RawCell("三、本年度办理结果")
    rows = [
        applicants,
        [RawCell("一、本年新收政府信息公开申请数量")] * 3 + [RawCell(str(n)) for n in (9, 0, 0, 0, 0, 0, 9)],
        [outer, group, RawCell("1.本机关不掌握相关政府信息"), *[RawCell(str(n)) for n in (5, 0, 0, 0, 0, 0, 5)]],
    ]
    builder.table(rows, page=4)
    builder.paragraph("- 4 -", page=4)
    empty, rest = RawCell(""), RawCell("法提供")
    other = RawCell("（六）其他处理")
    builder.table(
        [
            [empty, rest, RawCell("2.没有现成信息需要另行制作"), *[RawCell(str(n)) for n in (3, 0, 0, 0, 0, 0, 3)]],
            [empty, rest, RawCell("3.补正后申请内容仍不明确"), *[RawCell(str(n)) for n in (1, 0, 0, 0, 0, 0, 1)]],
            [empty, other, RawCell("3、其他"), *[RawCell(str(n)) for n in (0, 0, 0, 0, 0, 0, 0)]],
        ],
        page=5,
    )
    got = values(read_report(builder.build(), report_year=2023, published=None, issuer=None))
    assert [got[f"app_unavailable_{c}", "total"].value for c in ("not_held", "needs_creation", "unclear")] == [5, 3, 1]
    assert got["app_other_misc", "total"].value == 0 and got["app_new_received", "natural_person"].value == 9


def _shuffled(seed: int, keep: float) -> tuple[list[list[RawCell]], dict[tuple[str, str], int]]:
    """Table 3 (B) with data rows and value columns in any order, some rows left out; every cell holds a number of its own."""
    rng = random.Random(seed)
    labelled = [(None, label, code) for label, code in ROWS_HEAD]
    labelled += [(group, label or group, code) for group, rows in GROUPS for label, code in rows]
    labelled.append((None, "四、结转下年度继续办理", "app_carried_out"))
    rng.shuffle(labelled)
    labelled = [row for row in labelled if rng.random() < keep] or labelled[:1]
    columns = list(APPLICANTS)
    rng.shuffle(columns)
    words = dict(zip(APPLICANTS, ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"), strict=True))
    corner, organisations = RawCell("（勾稽关系）"), RawCell("法人或其他组织")
    rows = [
        [corner] * 3 + [organisations if words[c] not in ("自然人", "总计") else RawCell(words[c]) for c in columns],
        [corner] * 3 + [RawCell(words[c]) for c in columns],
    ]
    truth = {}
    for number, (group, label, code) in enumerate(labelled):
        named = RawCell(label)
        line = [named] * 3 if group is None else [RawCell("三、本年度办理结果"), RawCell(group), named]
        cells = []
        for position, applicant in enumerate(columns):
            truth[code, applicant] = 1000 + number * 10 + position
            cells.append(RawCell(str(truth[code, applicant])))
        rows.append(line + cells)
    return rows, truth


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.3, 1.0))
def test_no_value_lands_under_another_code(seed: int, keep: float) -> None:
    rows, truth = _shuffled(seed, keep)
    builder = BodyBuilder()
    builder.table(rows)
    reading = read_report(builder.build(), report_year=2023, published=None, issuer=None)
    assert {key: m.value for key, m in values(reading).items()} == truth


STAT = """<table><tr><td>统计指标</td><td>单位</td><td>统计数</td></tr>
<tr><td>一、主动公开情况</td><td>——</td><td>——</td></tr>
<tr><td>（一）主动公开政府信息数<br>（不同渠道和方式公开相同信息计1条）</td><td>条</td><td>6 520</td></tr>
<tr><td>其中：主动公开规范性文件数</td><td>条</td><td>35</td></tr>
<tr><td>制发规范性文件总数</td><td>件</td><td>36</td></tr>
<tr><td>1.政府公报公开政府信息数</td><td>条</td><td></td></tr>
<tr><td>2.政府网站公开政府信息数</td><td>条</td><td>6520</td></tr>
<tr><td>1.参加或举办新闻发布会总次数</td><td>次</td><td>12</td></tr>
<tr><td>其中：主要负责同志参加新闻发布会次数</td><td>次</td><td>3</td></tr>
<tr><td>2.政府网站在线访谈次数</td><td>次</td><td>20</td></tr>
<tr><td>其中：主要负责同志参加政府网站在线访谈次数</td><td>次</td><td>21</td></tr>
<tr><td>（一）收到申请数</td><td>件</td><td>30</td></tr>
<tr><td>1.当面申请数</td><td>件</td><td>4</td></tr><tr><td>2.传真申请数</td><td>件</td><td>0</td></tr>
<tr><td>3.网络申请数</td><td>件</td><td>20</td></tr><tr><td>4.信函申请数</td><td>件</td><td>6</td></tr>
<tr><td>（二）申请办结数</td><td>件</td><td>29</td></tr>
<tr><td>1.按时办结数</td><td>件</td><td>28</td></tr><tr><td>2.延期办结数</td><td>件</td><td>2</td></tr>
<tr><td>四、行政复议数量</td><td>件</td><td>2</td></tr>
<tr><td>（一）维持具体行政行为数</td><td>件</td><td>1</td></tr><tr><td>（二）被依法纠错数</td><td>件</td><td>1</td></tr>
<tr><td>（三）其他情形数</td><td>件</td><td>0</td></tr>
<tr><td>五、行政诉讼数量</td><td>件</td><td>4</td></tr>
<tr><td>（一）维持具体行政行为或者驳回原告诉讼请求数</td><td>件</td><td>3</td></tr>
<tr><td>（二）被依法纠错数</td><td>件</td><td>0</td></tr><tr><td>（三）其他情形数</td><td>件</td><td>0</td></tr>
<tr><td>（三）从事政府信息公开工作人员数</td><td>人</td><td>10</td></tr>
<tr><td>1.专职人员数（不包括政府公报及政府网站工作人员数）</td><td>人</td><td>2</td></tr><tr><td>2.兼职人员数</td><td>人</td><td>8</td></tr>
<tr><td>（四）政府信息公开专项经费</td><td>万元</td><td>12.5</td></tr>
<tr><td>（五）公开微视频数</td><td>条</td><td>7</td></tr></table>"""


def test_statistics_table_of_2017() -> None:
    reading = read(STAT, 2017)
    got = values(reading)
    assert reading.era == "S"
    assert {code: str(got[code, ""].value) for code in ("disclosed_items", "web_interviews_by_head", "press_conferences_by_head")} == {
        "disclosed_items": "6520", "web_interviews_by_head": "21", "press_conferences_by_head": "3",
    }  # fmt: skip
    assert (got["review_corrected", ""].value, got["lit_corrected", ""].value, got["lit_upheld", ""].value) == (1, 0, 3)
    assert (got["special_budget", ""].value, got["special_budget", ""].unit) == (Decimal("12.5"), "万元")
    assert got["disclosed_via_gazette", ""].state == "blank"
    assert sorted((f.rule, f.severity) for f in reading.findings) == [
        ("Q-BLANK", "warning"), ("Q-LABEL", "warning"), ("S-DONE", "error"), ("S-HEAD", "error"), ("S-REV", "error"),
    ]  # fmt: skip


def test_statistics_table_by_level() -> None:
    page = """<table><tr><td rowspan=2>统计指标</td><td rowspan=2>单位</td><td colspan=2>统计数</td></tr>
    <tr><td>区政府</td><td>乡镇街道</td></tr>
    <tr><td>收到申请数</td><td>件</td><td>5</td><td>2</td></tr></table>"""
    reading = read(page, 2016)
    assert [(m.code, m.value, m.dimensions) for m in reading.metrics] == [
        ("app_received_total", 5, {"level": "区政府"}),
        ("app_received_total", 2, {"level": "乡镇街道"}),
    ]


def test_provincial_table_with_all_years() -> None:
    page = """<table><tr><td>指标名称</td><td>计量单位</td><td>2012年度</td><td>历年累计</td></tr>
    <tr><td>主动公开信息数</td><td>条</td><td>2026</td><td>3542</td></tr><tr><td>其中：1.网站公开</td><td>条</td><td>1795</td><td>3304</td></tr>
    <tr><td>2.政府公报公开</td><td>条</td><td>231</td><td>238</td></tr><tr><td>受理依申请公开信息总数</td><td>条</td><td>21</td><td>21</td></tr>
    <tr><td>其中：1.当面申请数</td><td>条</td><td>18</td><td>18</td></tr><tr><td>3.电子邮件申请数</td><td>条</td><td>4</td><td>3</td></tr>
    <tr><td>行政复议数</td><td>条</td><td>0</td><td>0</td></tr></table>"""
    reading = read(page, 2012)
    got = values(reading)
    assert reading.era == "P"
    assert (got["disclosed_items", ""].value, got["disclosed_cumulative", ""].value) == (2026, 3542)
    assert (got["app_recv_email", ""].value, got["app_recv_email", ""].unit) == (4, "条")
    assert [f.rule for f in reading.findings] == ["S-RECV"]


def test_period_era_and_date() -> None:
    reading = read_report(html_body(PERIOD.format(2022) + b_page()), report_year=2020, published=date(2021, 2, 1), issuer="平湖区水利局")
    assert {f.rule for f in reading.findings} == {"Q-PERIOD", "Q-ERA", "Q-DATE", "T2-POWER"}
    on_time = read(b_page(), 2023, published=date(2024, 3, 31), issuer="平湖市人民政府")
    assert on_time.findings == []


def test_a_page_without_its_tables_is_incomplete_not_zero() -> None:
    reading = read("<p>见附件。</p>", 2023)
    assert (reading.metrics, reading.era, [f.rule for f in reading.findings]) == ([], "N", ["Q-FULL"])


def test_foreign_tables_give_nothing() -> None:
    reading = read("<table><tr><td>序号</td><td>名称</td></tr><tr><td>1</td><td>2</td></tr></table>", 2012)
    assert reading.metrics == [] and reading.era == "N"


def test_official_size_of_the_forms() -> None:
    sizes = {(n, era): len(form_codes(n, era)) * (7 if n == 3 else 1) for n in (2, 3, 4) for era in ("A", "B")}
    assert sizes == {(2, "A"): 22, (2, "B"): 10, (3, "A"): 161, (3, "B"): 175, (4, "A"): 15, (4, "B"): 15}


def _one_cell_a_line(page: str) -> str:
    root = html.fragment_fromstring(page, create_parent=True)
    cells = [cell for row in root.iter("p", "tr") for cell in (row if row.tag == "tr" else [row])]
    return "\n".join(text for cell in cells if (text := cell.text_content().strip()))


@pytest.mark.parametrize(("page", "year"), [(b_page(), 2023), (STAT, 2017)])
def test_flattened_text_reads_like_its_table(page: str, year: int) -> None:
    flat = read_report(text_body(_one_cell_a_line(PERIOD.format(year) + page)), report_year=year, published=None, issuer=None)
    grid = {key: m.value for key, m in values(read(page, year)).items() if m.state != "blank"}
    assert {key: m.value for key, m in values(flat).items()} == grid
    assert all(m.raw and m.end - m.start == len(m.raw) for m in flat.metrics)


def test_flattened_row_with_a_lost_blank_is_left_out() -> None:
    page = b_page(dict(BALANCED) | {"app_unavailable_unclear": (1, "", 0, 0, 0, 0, 1)})
    flat = read_report(text_body(_one_cell_a_line(PERIOD.format(2023) + page)), report_year=2023, published=None, issuer=None)
    assert not [m for m in flat.metrics if m.code == "app_unavailable_unclear"]
    assert [(f.rule, f.expected, f.actual) for f in flat.findings] == [("Q-FULL", "175", "168")]


@pytest.mark.real
def test_real_pdf_of_2024() -> None:
    path = REAL / "huaian-annual-report-2024.pdf"
    if not path.exists():
        pytest.skip("no ../shared/documents here")
    body = pdf_body(path.read_bytes())
    reading = read_report(body, report_year=2024, published=None, issuer=None)
    tabular = [m for m in reading.metrics if body.text[m.start : m.end] == m.raw and m.raw.replace(".", "").isdigit()]
    assert len(tabular) == 200 and reading.findings == [] and reading.era == "B"
