"""The yearly table of a government website: known by its title, read by its labels, whatever stands where."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from work_spent import assert_quick

from gongkai.metrics import load_metrics
from gongkai.records.document import Genre, ParsedDocument
from transforms.formats.text import text_body
from transforms.genre import read_genre
from transforms.parse import parse

HEAD = """
<tr><td>网站名称</td><td colspan=3>例市人民政府门户网站</td></tr><tr><td>首页网址</td><td colspan=3>https://www.lishi.gov.example/</td></tr>
<tr><td>网站类型</td><td colspan=3>☑政府门户网站 □部门网站 □专项网站</td></tr><tr><td>政府网站标识码</td><td colspan=3>9988000001</td></tr>
<tr><td>ICP备案号</td><td>岚ICP备0000001号</td><td>公安机关备案号</td><td>99880002000001</td></tr>
"""
MERGED = f"""<table>{HEAD}
<tr><td colspan=2>独立用户访问总量（单位：个）</td><td colspan=2>1,234,567</td></tr>
<tr><td colspan=2>网站总访问量</td><td>次</td><td>12.5万</td></tr>
<tr><td rowspan=4>信息发布<br>（单位：条）</td><td colspan=2>总数</td><td>812</td></tr>
<tr><td colspan=2>概况类信息更新量</td><td>0</td></tr>
<tr><td colspan=2>政务动态信息更新量</td><td>&nbsp;</td></tr>
<tr><td colspan=2>信息公开目录信息更新量</td><td>/</td></tr>
<tr><td rowspan=2>专栏专题</td><td colspan=2>维护数量（单位：个）</td><td>6</td></tr>
<tr><td colspan=2>新建微专题数量（单位：个）</td><td>44</td></tr>
<tr><td rowspan=3>解读回应</td><td rowspan=2>解读信息发布</td><td>总数（单位：条）</td><td>30</td></tr>
<tr><td>媒体评论文章数量（单位：篇）</td><td>1</td></tr>
<tr><td colspan=2>回应公众关注热点或重大舆情数量（单位：次）</td><td>4</td></tr>
<tr><td rowspan=3>办事服务</td><td>是否发布服务事项目录</td><td colspan=2>☑是 □否</td></tr>
<tr><td rowspan=2>办件量（单位：件）</td><td>总数</td><td>5120</td></tr>
<tr><td>自然人办件量</td><td>3000</td></tr>
<tr><td rowspan=3>互动交流</td><td rowspan=3>留言办理</td><td>收到留言数量（单位：条）</td><td>77</td></tr>
<tr><td>平均办理时间（单位：天）</td><td>3.5天</td></tr>
<tr><td>公开答复数量（单位：条）</td><td>约七十条</td></tr>
<tr><td rowspan=3>移动新媒体</td><td>微博</td><td>信息发布量（单位：条）</td><td>5</td></tr>
<tr><td>微信</td><td>信息发布量（单位：条）</td><td>无</td></tr>
<tr><td>其他</td><td>信息发布量（单位：条）</td><td>99</td></tr>
<tr><td>创新发展</td><td>其他</td><td colspan=2>☑搜索即服务 □多语言版本</td></tr></table>"""


def read(table: str, title: str = "2023年政府网站工作年度报表") -> ParsedDocument:
    return parse(f"<html><body><h1>{title}</h1>{table}<p>填报日期：2024-01-22</p></body></html>".encode())


def values(document: ParsedDocument) -> dict[str, tuple[Decimal | None, str | None, str]]:
    return {m.code: (m.value, m.unit, m.state) for m in document.metrics}


@pytest.mark.parametrize(
    ("title", "genre"),
    [
        ("2023年政府网站工作年度报表", "website_table"),
        ("例市人民政府门户网站工作年度报表（2023年度）", "website_table"),
        ("例市政府网站2023年工作年度报表公示", "website_table"),
        ("政府网站年度工作报表", "website_table"),
        ("例省2023年政府网站监管年度报表", "website_table"),
        ("关于做好2023年度政府网站工作年度报表填报发布工作的通知", "other"),
        ("例市2023年第四季度政府网站检查情况通报", "announcement"),
        ("例市2023年政府信息公开工作年度报告", "annual_report"),
        ("例市2023年财务报表", "other"),
    ],
)
def test_the_title_tells_a_table_from_a_notice_about_tables(title: str, genre: Genre) -> None:
    assert read_genre(title, None, text_body("正文。")) == genre


def test_a_table_with_merged_cells() -> None:
    document = read(MERGED)
    assert (document.genre, document.report_year, document.format_detected) == ("website_table", 2023, "W")
    assert values(document) == {
        "site_visitors": (1234567, "个", "number"),
        "site_visits": (125000, "次", "number"),
        "site_items": (812, "条", "number"),
        "site_items_overview": (0, "条", "zero_printed"),
        "site_items_news": (None, "条", "blank"),
        "site_items_catalogue": (None, "条", "na_mark"),
        "site_topics_stock": (6, "个", "number"),
        "site_interpretations": (30, "条", "number"),
        "site_commentaries": (1, "篇", "number"),
        "site_hot_topics": (4, "次", "number"),
        "site_cases": (5120, "件", "number"),
        "site_cases_natural": (3000, "件", "number"),
        "site_messages_received": (77, "条", "number"),
        "site_messages_days": (Decimal("3.5"), "天", "number"),
        "site_messages_published": (None, "条", "text"),
        "site_weibo_items": (5, "条", "number"),
        "site_wechat_items": (0, "条", "zero_phrase"),
    }
    assert all(document.body_text[m.start : m.end] == m.raw for m in document.metrics)
    assert {(m.era, m.scope, m.dimensions["site"], m.dimensions["site_code"]) for m in document.metrics} == {
        ("W", "site", "lishi.gov.example", "9988000001")
    }
    assert [(f.rule, f.actual) for f in document.findings if f.rule.startswith("Q-")] == [
        ("Q-BLANK", "3 of 17 cells"),
        ("Q-LABEL", "新建微专题数量（单位：个）"),
    ]


def test_headings_that_are_not_merged_reach_down_and_lines_of_their_own_count() -> None:
    plain = (
        "<table><tr><td colspan=3>一、信息发布</td></tr><tr><td></td><td>1.总数</td><td>10条</td></tr>"
        "<tr><td>解读回应</td><td>解读信息发布总数（条）</td><td>3</td></tr><tr><td></td><td>解读材料数量</td><td>2</td></tr>"
        "<tr><td>移动新媒体</td><td>微信</td><td></td></tr><tr><td></td><td>信息发布量</td><td>8</td></tr></table>"
    )
    found = values(read(plain))
    assert found == {
        "site_items": (10, "条", "number"),
        "site_interpretations": (3, "条", "number"),
        "site_interpretation_texts": (2, "条", "number"),
        "site_wechat_items": (8, "条", "number"),
    }


def test_pairs_side_by_side_and_labels_that_lost_a_character() -> None:
    pairs = (
        "<table><tr><td rowspan=2>互动交流</td><td>收到留言数量</td><td>7</td><td>办结留言数</td><td>6</td></tr>"
        "<tr><td>征集调查期数</td><td>收到意见数量</td><td>21</td><td>公布调查结果期数</td><td></td></tr></table>"
    )
    assert values(read(pairs)) == {
        "site_messages_received": (7, "条", "number"),
        "site_messages_closed": (6, "条", "number"),
        "site_consultation_opinions": (21, "条", "number"),
        "site_consultation_results": (None, "期", "blank"),
    }


def test_a_year_is_printed_or_unknown_and_never_the_day_of_filling() -> None:
    table = "<table><tr><td>信息发布</td><td>总数</td><td>10</td></tr></table>"
    assert read(f"<p>（2022年度）</p>{table}", "政府网站工作年度报表").report_year == 2022
    assert read(table, "政府网站工作年度报表").report_year is None


def test_no_table_is_told_and_the_supervisory_table_is_not_read() -> None:
    assert [f.rule for f in read("<p>详见图片。</p>").findings if f.rule == "Q-FULL"] == ["Q-FULL"]
    other = read("<table><tr><td>抽查网站数</td><td>12</td></tr></table>", "例省2023年政府网站监管年度报表")
    assert (other.metrics, [f for f in other.findings if f.rule.startswith("Q-")]) == ([], [])


def test_an_attachment_takes_genre_and_year_of_its_notice() -> None:
    notice = read("<p>见附件。</p>")
    table = "<table><tr><td>信息发布</td><td>总数</td><td>10</td></tr></table>"
    attached = parse(table.encode(), name="附件.html", enclosing=notice, whole=True)
    assert (attached.genre, attached.report_year, values(attached)) == ("website_table", 2023, {"site_items": (10, "条", "number")})


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_no_figure_lands_under_another_code_whatever_is_moved(seed: int) -> None:
    """Sections, the lines of a section and the merging of the headings in any order; every figure stands nowhere else."""
    rng = random.Random(seed)
    sections: dict[str, list[tuple[str, str]]] = {}
    for metric in load_metrics().by_code.values():
        if metric.website:
            sections.setdefault(metric.website.under or "互动交流", []).append((metric.website.labels[0], metric.code))
    wanted, rows = {}, []
    for heading, lines in rng.sample(sorted(sections.items()), len(sections)):
        merged = rng.random() < 0.7
        for n, (label, code) in enumerate(rng.sample(lines, len(lines))):
            wanted[code] = Decimal(1000 + len(wanted))
            first = f"<td{f' rowspan={len(lines)}' if merged else ''}>{heading}</td>" if n == 0 else "" if merged else "<td></td>"
            rows.append(f"<tr>{first}<td>{label}{rng.choice(['', '（单位：条）'])}</td><td>{wanted[code]}</td></tr>")
    assert {m.code: m.value for m in read(f"<table>{''.join(rows)}</table>").metrics} == wanted


def test_a_huge_table_of_unknown_labels_is_bounded() -> None:
    rows = "".join(f"<tr><td>某某奇怪的指标第{n}号</td><td>{n}</td></tr>" for n in range(4_000))
    assert_quick(lambda: read(f"<table>{rows}</table>"), 15)
    assert read(f"<table>{rows}</table>").metrics == []
