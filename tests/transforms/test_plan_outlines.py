"""Outlines and brackets of any make come back as they were written."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from work_spent import assert_grows

from transforms.body import Body, BodyBuilder
from transforms.plans.notes import _brackets
from transforms.plans.outline import lines
from transforms.plans.reader import read_plan
from transforms.script import fold

_CN = "一二三四五六七八九"
STYLES = {
    "cn": [lambda n: f"{_CN[n - 1]}、", lambda n: f"{_CN[n - 1]}．"],
    "cn_paren": [lambda n: f"（{_CN[n - 1]}）", lambda n: f"({_CN[n - 1]}）", lambda n: f" （{_CN[n - 1]}） "],
    "number": [lambda n: f"{n}.", lambda n: f"{n}、", lambda n: f"{'０１２３４５６７８９'[n]}．"],
    "number_paren": [lambda n: f"（{n}）", lambda n: f"({n})"],
    "circled": [lambda n: chr(0x245F + n)],
}
WORDS = ["公开预算", "公布名单", "规范招标", "做好解读", "回应关切", "清理收费", "推进普查", "发布年报"]


@dataclass(frozen=True, slots=True)
class Item:
    path: tuple[str, ...]
    titles: tuple[str, ...]
    printed: str


@st.composite
def outlines(draw: st.DrawFn) -> list[Item]:
    """Random outlines: which levels, how each prints its numbers, which titles run into their text."""
    kinds = draw(
        st.lists(st.sampled_from(list(STYLES)), min_size=1, max_size=4, unique=True).map(lambda one: sorted(one, key=list(STYLES).index))
    )
    style = {kind: draw(st.sampled_from(STYLES[kind])) for kind in kinds}
    out: list[Item] = []

    def add(depth: int, path: tuple[str, ...], titles: tuple[str, ...]) -> None:
        for number in range(1, draw(st.integers(2, 3)) + 1):
            label = style[kinds[depth]](number)
            shown = fold(label)[0].strip().rstrip("、.")
            word = draw(st.sampled_from(WORDS))
            leaf = depth == len(kinds) - 1
            text = draw(st.sampled_from([word, f"{word}。细化到单位。", f"{word}。"])) if leaf else word
            out.append(Item((*path, shown), (*titles, word), label + text))
            if not leaf:
                add(depth + 1, (*path, shown), (*titles, word))

    add(0, (), ())
    return out


@settings(max_examples=60, deadline=None)
@given(outlines())
def test_outline_comes_back(items: list[Item]) -> None:
    builder = BodyBuilder()
    for item in items:
        builder.paragraph(item.printed)
    found = lines(builder.build())
    assert [(line.path, line.titles) for line in found] == [(item.path, item.titles) for item in items]


@given(st.text(alphabet="（）()【】〔〕[]市局负责。", max_size=60))
def test_brackets_are_apart_and_inside_the_line(text: str) -> None:
    folded = fold(text)[0]
    pairs = _brackets(folded, 0, len(folded))
    assert all(0 <= begin < close <= len(folded) and folded[begin] in "(【〔[" for begin, close in pairs)
    assert all(one[1] < two[0] for one, two in itertools.pairwise(pairs))


@given(
    st.recursive(
        st.just("市财政局"), lambda inner: inner.map(lambda one: f"（{one}）") | st.tuples(inner, inner).map("、".join), max_leaves=8
    )
)
def test_nested_brackets_are_one(text: str) -> None:
    folded = fold(f"公开。（{text}）")[0]
    assert _brackets(folded, 0, len(folded)) == [(3, len(folded) - 1)]


def _read(*paragraphs: str) -> tuple[Body, list[str]]:
    builder = BodyBuilder()
    for paragraph in paragraphs:
        builder.paragraph(paragraph)
    body = builder.build()
    return body, [finding.rule for finding in read_plan(body, plan_year=2020, written=None, published=None, region=None).findings]


def test_numbering_findings_quote_the_number() -> None:
    builder = BodyBuilder()
    for paragraph in ["一、公开", "1.公开预算。（市财政局）", "3.公开决算。（市财政局）", "3.公开采购。（市财政局）"]:
        builder.paragraph(paragraph)
    body = builder.build()
    found = read_plan(body, plan_year=2020, written=None, published=None, region=None).findings
    assert [(one.rule, one.expected, one.actual, body.text[one.start : one.end]) for one in found] == [
        ("P-OUTLINE", "2", "3.", "3."),
        ("P-OUTLINE", "4", "3.", "3."),
    ]
    assert found[1].message == "an outline number stands twice"


def test_numbers_that_run_on_over_sections_are_no_finding() -> None:
    doc = [
        "一、预算",
        "1.公开预算。（市财政局）",
        "2.公开决算。（市财政局）",
        "二、采购",
        "3.公开采购。（市财政局）",
        "4.公开合同。（市财政局）",
    ]
    assert _read(*doc)[1] == []


def test_declared_sections_that_hold_are_no_finding() -> None:
    doc = [
        "本方案分为两个方面共2项任务。".replace("两", "二"),
        "一、预算",
        "1.公开预算。（市财政局）",
        "二、采购",
        "1.公开采购。（市财政局）",
    ]
    assert _read(*doc)[1] == []
    assert _read(doc[0].replace("二个", "五个"), *doc[1:])[1] == ["P-SECTIONS"]


@pytest.mark.parametrize(
    "unit",
    [
        "（市财政局牵头，\n",
        "责任单位\n市财政局\n",
        "市财政局、\n",
        "市教育局\n一、公开。\n",
        "1.公开预算（1）做好。（一）任务。2.",
        "第一条 公开。（市财政局）\n第三条 公开。\n",
    ],
)
def test_work_grows_with_the_text(unit: str) -> None:
    # ten times the text; a square would be a hundred
    assert_grows(lambda size: _read(*(unit * (size // len(unit))).split("\n")), 1_500, 15_000, at_most=40)
