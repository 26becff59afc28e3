"""Outline labels, paths and titles; paragraphs that lost their line breaks."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from work_spent import assert_quick

from transforms.body import BodyBuilder
from transforms.plans.outline import lines, parse_label
from transforms.plans.reader import read_plan
from transforms.script import fold


@pytest.mark.parametrize(
    ("line", "kind", "number", "shown", "rest"),
    [
        ("一、总体要求", "cn", 1, "一", "总体要求"),
        ("十二、其他", "cn", 12, "十二", "其他"),
        ("（三）预算", "cn_paren", 3, "(三)", "预算"),
        ("1.预算", "number", 1, "1", "预算"),
        ("12、预算", "number", 12, "12", "预算"),
        ("２．预算", "number", 2, "2", "预算"),
        ("(4)预算", "number_paren", 4, "(4)", "预算"),
        ("③预算", "circled", 3, "③", "预算"),
        ("第一条 预算", "article", 1, "第一条", "预算"),
        ("第三部分 预算", "part", 3, "第三部分", "预算"),
        ("1.2 预算", "decimal", 2, "1.2", "预算"),
        ("  （一） 预算", "cn_paren", 1, "(一)", "预算"),
    ],
)
def test_label(line: str, kind: str, number: int, shown: str, rest: str) -> None:
    folded = fold(line)[0]
    label = parse_label(folded, 0, len(folded))
    assert label is not None
    assert (label.kind, label.number, label.shown, folded[label.end :]) == (kind, number, shown, rest)


@pytest.mark.parametrize(
    "line", ["2014年预算", "1.5万元", "一季度", "第一条例", "十八届三中全会", "市财政局", "一、二季度公布", "3.14%", ""]
)
def test_no_label(line: str) -> None:
    assert parse_label(line, 0, len(line)) is None


def _outline(*paragraphs: str) -> list[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    builder = BodyBuilder()
    for paragraph in paragraphs:
        builder.paragraph(paragraph)
    return [(line.path, line.titles, line.heading) for line in lines(builder.build())]


def test_paths_and_titles() -> None:
    assert _outline("一、公开", "（一）财政", "1.公开预算。细化到项。", "说明增减原因。", "（二）人事。公开招考信息。", "二、监督") == [
        (("一",), ("公开",), True),
        (("一", "(一)"), ("公开", "财政"), True),
        (("一", "(一)", "1"), ("公开", "财政", "公开预算"), False),
        (("一", "(一)", "1"), ("公开", "财政", "公开预算"), False),
        (("一", "(二)"), ("公开", "人事"), False),
        (("二",), ("监督",), True),
    ]


def test_lost_line_breaks_are_found_again() -> None:
    clause = "坚持以公开为常态、不公开为例外，推进决策、执行、管理、服务、结果公开，做到应公开尽公开。" * 3
    text = f"某市方案各区人民政府：现印发。一、总体要求{clause}二、任务（一）公开预算。{clause}（二）公开决算。{clause}三、保障{clause}"
    assert [path for path, _, _ in _outline(text)] == [(), ("一",), ("二",), ("二", "(一)"), ("二", "(二)"), ("三",)]


def test_references_in_a_normal_paragraph_are_not_cut() -> None:
    text = "按照本方案第（一）、（二）项要求，" + "各单位要认真落实并及时报送进展情况，" * 20 + "确保完成。"
    assert len(_outline(text)) == 1


@given(st.lists(st.text(alphabet="一二三、（）()1234567890.第条章①②公开。；： ", max_size=60), max_size=20))
def test_lines_cover_text_in_order(paragraphs: list[str]) -> None:
    builder = BodyBuilder()
    for paragraph in paragraphs:
        builder.paragraph(paragraph)
    body = builder.build()
    found = lines(body)
    assert all(one.start < one.end <= len(body.text) and one.start <= one.text_start <= one.end for one in found)
    assert all(above.end <= below.start for above, below in itertools.pairwise(found))
    covered = {at for line in found for at in range(line.start, line.end)}
    assert all(body.text[at].isspace() for at in range(len(body.text)) if at not in covered)


_HOSTILE = [
    "(",
    "市财政局、",
    "(责任单位:",
    "一、",
    "1.",
    "。(一)",
    "各县、",
    "2020年",
    "12月-",
    "自",
    "牵头",
    "  ",
    "《",
    "会同市财政局",
    "第20个",
    "和",
]


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(_HOSTILE), st.sampled_from(_HOSTILE), st.sampled_from(["", "\n"]))
def test_hostile_text_takes_bounded_time(first: str, second: str, glue: str) -> None:
    size = 20_000
    unit = first + second + glue
    builder = BodyBuilder()
    for paragraph in [
        "一、任务",
        *("(一)" + unit * (size // len(unit)) + "(市财政局负责)").split("\n"),
        "2.公开。(市财政局、" + unit * 50 + "负责)",
    ]:
        builder.paragraph(paragraph)
    body = builder.build(flattened=True)
    # measured: 0.2 to 1.5 s for 20,000 characters; a quadratic step would cost minutes
    assert_quick(lambda: read_plan(body, plan_year=2020, written=None, published=None, region=None), 15)
    reading = read_plan(body, plan_year=2020, written=None, published=None, region=None)
    assert all(task.text == body.text[task.start : task.end] for task in reading.tasks)
