"""Disclosure areas: measured on labelled titles, each with the words that decided; a mistake in the data names its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from labelled_areas import measure

from gongkai.areas import load_areas, read_areas
from gongkai.errors import RegistryError
from transforms.areas import AreaMatch, areas_of


@pytest.mark.parametrize(
    ("name", "pairs", "precision", "recall"),
    [
        ("tuned", 137, 0.98, 0.98),  # the rules were written on it
        ("held_out", 70, 0.95, 0.95),  # by the same hand, labelled before the rules: an upper bound
        ("town", 16, 0.80, 0.75),  # the sample town's own titles, which nobody wrote for this; no rule was made for them
    ],
)
def test_measured_on_labelled_titles(name: str, pairs: int, precision: float, recall: float) -> None:
    found = measure(name)
    assert found.right + len(found.missed) == pairs
    assert found.precision >= precision, found.wrong
    assert found.recall >= recall, found.missed


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ({"title": "例市2024年部门预算"}, ("budget", "title", ("预算",))),
        ({"title": "例市2024年第三批名單公示", "section": "住房保障"}, ("housing", "column", ("住房保障",))),
        ({"title": "2024年第8期抽檢通告", "issuer": "例市市場監督管理局"}, ("food_drug", "issuer", ("抽检", "市场监督管理"))),
        (
            {"title": "关于有关事项的通告", "issuer": "例市应急管理局", "opening": "为加强安全生产工作，开展隐患排查，现通告如下。"},
            ("work_safety", "opening", ("安全生产", "隐患排查", "应急管理")),
        ),
    ],
)
def test_evidence_is_told_in_simplified_script(given: dict[str, str], want: tuple[str, str, tuple[str, ...]]) -> None:
    area, basis, words = want
    assert AreaMatch(area=area, basis=basis, words=words) in areas_of(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"title": None},
        {"title": "例市财政局2023年政府信息公开工作年度报告", "section": "预决算公开"},  # about the administration itself
        {
            "title": "关于有关事项的通告",
            "issuer": "例市应急管理局",
            "opening": "为加强安全生产工作，现通告如下。",
        },  # one word is too little
        {"title": "关于有关事项的通告", "issuer": "例市教育局", "opening": "为加强安全生产工作，开展隐患排查，现通告如下。"},
        {"title": "2024年第8期抽检通告", "issuer": "例市水务局"},
    ],
)
def test_too_little_evidence_is_no_area(given: dict[str, str]) -> None:
    assert areas_of(**given) == []


def test_what_takes_an_area_away_outweighs_everything() -> None:
    assert [m.area for m in areas_of("例市城乡居民养老保险待遇调整", section="养老服务")] == ["social_insurance"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("areas: [{id: A, zh: 甲, en: a, source: x, words: [甲乙]}]", "areas.0.id"),
        ("areas: [{id: a, zh: 甲, en: a, source: x, words: [甲]}]", "single character"),
        ("areas: [{id: a, zh: 甲, en: a, source: x, words: [甲乙], hints: [丙丁]}]", "hints decide only with issuers"),
        ("areas: [{id: a, zh: 甲, en: a, source: x, words: [甲乙], without: [甲乙]}]", "both gives the area and takes it away"),
        ("areas: [{id: a, zh: 甲, en: a, source: x, words: [甲乙], word: [丙丁]}]", r"areas.0.word: Extra"),
        ("areas: [{id: a, zh: 甲, en: a, source: x, words: [甲乙]}, {id: a, zh: 乙, en: b, source: x, words: [丙丁]}]", "a stands twice"),
        ("areas: [", "not YAML"),
    ],
)
def test_a_mistake_in_the_data_names_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "areas.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError, match=said) as raised:
        read_areas(path)
    assert str(path) in str(raised.value)


def test_the_edition_changes_with_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "areas.yaml"
    path.write_text("areas: [{id: a, zh: 甲, en: a, source: x, words: [甲乙]}]", encoding="utf-8")
    assert read_areas(path).edition != load_areas().edition
    assert load_areas().edition == load_areas().edition
