"""Unit lists: roles, carried prefixes, collectives, open ends; and that hostile text costs bounded time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.plans.units import is_unit, read_responsibility
from transforms.script import fold


def _read(note: str, **kwargs: bool) -> tuple[list[str], list[str], str, bool]:
    folded = fold(note)[0]
    who = read_responsibility(note, folded, 0, len(note), "象州县", **kwargs)
    return [unit.name for unit in who.lead], [unit.name for unit in who.support], who.mode, who.open_ended


@pytest.mark.parametrize(
    ("note", "lead", "support", "mode"),
    [
        ("市财政局负责落实", ["市财政局"], [], "lead"),
        ("各县区政府，市政府各部门，市委外宣办负责", ["各县区政府", "市政府各部门", "市委外宣办"], [], "joint"),
        ("市水务局、市环保局按职责分工分别牵头落实", ["市水务局", "市环保局"], [], "by_duty"),
        ("各县区政府、市政府各部门分别落实", ["各县区政府", "市政府各部门"], [], "each"),
        ("市建设局牵头，各成员单位按职责分工落实", ["市建设局"], ["各成员单位"], "lead"),
        ("市政府办牵头、市直各部门配合", ["市政府办"], ["市直各部门"], "lead"),
        ("责任单位：市物价局、财政局、政务服务中心", ["市物价局", "市财政局", "市政务服务中心"], [], "joint"),
        ("牵头单位：省发展改革委、财政厅；配合单位：教育厅", ["省发展改革委", "省财政厅"], ["省教育厅"], "lead"),
        (
            "市委组织部、宣传部、网信办，市发改委、市场监管局",
            ["市委组织部", "市委宣传部", "市网信办", "市发改委", "市市场监管局"],
            [],
            "joint",
        ),
        ("县公安局交警大队、象州生态环境局、水利局", ["县公安局交警大队", "象州生态环境局", "县水利局"], [], "joint"),
        ("市文化和旅游局、市教育局和市体育局负责", ["市文化和旅游局", "市教育局", "市体育局"], [], "joint"),
        ("市住房和城乡建设局会同市工业和信息化局", ["市住房和城乡建设局"], ["市工业和信息化局"], "lead"),
        ("湛江市财政局、教育局", ["湛江市财政局", "湛江市教育局"], [], "joint"),
        ("市税务局、人民银行、海关", ["市税务局", "人民银行", "海关"], [], "joint"),
        ("责任领导：张三；责任单位：市卫健委、医保局", ["市卫健委", "市医保局"], [], "joint"),
    ],
)
def test_roles_and_prefixes(note: str, lead: list[str], support: list[str], mode: str) -> None:
    assert _read(note)[:3] == (lead, support, mode)


@pytest.mark.parametrize(
    ("note", "unit"),
    [
        ("各县、市、区人民政府，市直有关单位", "各县、市、区人民政府"),
        ("各县(市、区)政府(管委会)、市财政局", "各县(市、区)政府(管委会)"),
        ("市、县两级国土资源主管部门，市财政局", "市、县两级国土资源主管部门"),
        ("市直有关部门和单位，市财政局", "市直有关部门和单位"),
    ],
)
def test_a_collective_is_one_unit(note: str, unit: str) -> None:
    lead, _, _, _ = _read(note)
    assert lead[0] == unit
    assert len(lead) == 2


@pytest.mark.parametrize("end", ["等部门", "等有关部门", "等市直有关部门和单位", "等", "等8个部门"])
def test_open_end(end: str) -> None:
    assert _read(f"市发展改革委、市财政局{end}") == (["市发展改革委", "市财政局"], [], "joint", True)


def test_first_named_leads_where_the_plan_says_so() -> None:
    note = "税务总局、财政部负责，排在第一位的部门为牵头部门，下同"
    assert _read(note, first_leads=True)[:3] == (["税务总局"], ["财政部"], "lead")


@pytest.mark.parametrize(
    ("note", "limits"),
    [
        ("市财政局负责，2020年6月底前；", ["2020年6月底前"]),
        ("牵头单位：市财政局；全年推进", ["全年推进"]),
        ("市财政局牵头，持续推进", ["持续推进"]),
        ("责任单位：市财政局；完成时限：2020年6月底前，长期坚持", ["2020年6月底前，长期坚持"]),
        ("6月底前完成，市财政局；9月底前完成", ["6月底前完成", "9月底前完成"]),
        ("市财政局，每季度", ["每季度"]),
    ],
)
def test_time_among_the_units_is_no_unit(note: str, limits: list[str]) -> None:
    who = read_responsibility(note, fold(note)[0], 0, len(note))
    assert [unit.name for unit in who.lead] == ["市财政局"]
    assert [note[slice(*limit)] for limit in who.limits] == limits


@pytest.mark.parametrize("name", ["推进公开", "以下简称条例", "2014年", "市", "公开(含附件)"])
def test_no_unit(name: str) -> None:
    assert not is_unit(name)


@given(st.text(alphabet="市县区各局委办、,;:()负责牵头配合等和会同责任单位 ", max_size=200))
def test_never_raises_and_never_repeats(note: str) -> None:
    lead, support, _, _ = _read(note)
    assert len(set(lead)) == len(lead)
    assert not set(lead) & set(support)
