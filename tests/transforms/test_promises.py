"""Promises and the notices that keep them: measured on labelled sets; what is no evidence; spans, periods, the next plan, the report."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_commitments import measure

from gongkai.commitments import commitment_rules, read_commitment_rules
from gongkai.equivalents import equivalents, read_equivalents
from gongkai.errors import RegistryError
from transforms.promises.bodies import bodies, of_another_place, of_higher_body, publishes, who
from transforms.promises.follow import PlannedTask, Report, next_of
from transforms.promises.match import Match, Portal, Promise, window, years
from transforms.promises.papers import OPENING, File, Paper, later, years_of
from transforms.promises.periods import period_of, periods
from transforms.promises.visible import visibility
from transforms.promises.words import Weights, chain, covered, grams, pairs_of, place_words, spans
from transforms.search_fold import search_fold

PROMISE = Promise(
    id="p",
    notice_id="plan",
    text="公布养老机构备案名单和等级评定结果。",
    leads=bodies("市民政局"),
    plan_year=2024,
    begins=date(2024, 3, 20),
    due=date(2024, 10, 31),
)
PAPER = Paper(notice_id="n", title="例市养老机构备案名单", published=date(2024, 9, 2), publishers=bodies("例市民政局"))
COUNTS = commitment_rules().evidence_score


def _only(paper: Paper, promise: Promise = PROMISE) -> Match | None:
    found = Portal([paper], place_words("例市人民政府")).evidence(promise)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("name", "promises", "precision", "recall"),
    [
        ("tuned", 27, 0.98, 0.96),
        ("held_out", 26, 0.98, 0.96),
        ("fresh", 18, 0.98, 0.95),
        ("last", 18, 0.98, 0.85),
        ("hard", 22, 0.98, 0.95),  # the matcher was written on these five
        ("unseen", 54, 0.95, 0.84),  # docs/commitments.md has what it read first
        ("last2", 38, 0.98, 0.79),  # nothing was changed after it was measured
    ],
)
def test_measured_on_labelled_promises(name: str, promises: int, precision: float, recall: float) -> None:
    found = measure(name)
    assert found.promises == promises
    assert found.precision >= precision, found.wrong
    assert found.recall >= recall, found.missed


def test_evidence_says_where_both_have_the_same_words() -> None:
    found = _only(PAPER)
    assert found is not None
    assert (found.notice_id, found.who, found.kind, found.late, found.period) == ("n", "lead", "catalogue", False, None)
    assert found.score >= 0.8
    texts = {"promise": PROMISE.text, "title": PAPER.title, "body": ""}
    assert [(m.where, texts[m.where][m.start : m.end]) for m in found.marks] == [
        ("promise", "养老机构备案名单"),
        ("title", "养老机构备案名单"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"published": date(2024, 3, 19)},  # before the plan
        {"published": date(2025, 11, 1)},  # more than a year late
        {"published": None},
        {"notice_id": "plan"},  # the plan itself
        {"genre": "work_plan"},  # the next plan, or a department's, promises the same
        {"genre": "interpretation", "title": "《养老机构备案名单》政策解读"},
        {"genre": "annual_report"},
        {"title": "例市2022年养老机构备案名单"},  # another year's
        {"title": "2024年政务公开工作要点：公布养老机构备案名单"},
        {"title": "例市幼儿园备案名单"},
        {"title": "关于转发养老机构备案名单的通知"},
        {"title": "省民政厅关于公布养老机构备案名单的通知"},
        {"foreign": True},
        {"title": "养老机构备案名单编制服务中选公告"},  # an act beside it
    ],
)
def test_what_is_no_evidence(other: dict[str, object]) -> None:
    found = _only(replace(PAPER, **other))  # type: ignore[arg-type]
    assert found is None or found.score < COUNTS


@pytest.mark.parametrize(
    ("other", "late", "by"),
    [
        ({"published": date(2024, 11, 1)}, True, "lead"),
        ({"title": "例市2024年養老機構備案名單"}, False, "lead"),  # traditional script
        ({"publishers": bodies("例市人民政府办公室")}, False, "unknown"),
        ({"publishers": bodies("本网")}, False, "unknown"),
        ({"title": "关于有关事项的公告", "opening": "现将我市养老机构备案名单和等级评定结果公布如下。"}, False, "lead"),
        ({"title": "关于有关事项的公告", "files": (File(name="附件：养老机构备案名单.xlsx"),)}, False, "lead"),
        ({"title": "例市敬老院备案一览表"}, False, "lead"),  # other words for the same
    ],
)
def test_what_is_evidence_too(other: dict[str, object], late: bool, by: str) -> None:
    found = _only(replace(PAPER, **other))  # type: ignore[arg-type]
    assert found is not None
    assert found.score >= COUNTS
    assert (found.late, found.who) == (late, by)


def test_a_plan_without_a_day_has_no_evidence() -> None:
    assert _only(PAPER, replace(PROMISE, begins=None)) is None


@given(st.lists(st.tuples(st.integers(2022, 2028), st.sampled_from(("养老机构备案名单", "养老服务", "等级评定", "幼儿园"))), max_size=30))
def test_notices_of_other_years_change_nothing(others: list[tuple[int, str]]) -> None:
    assert (window(PROMISE), years(PROMISE)) == ((date(2024, 3, 20), date(2025, 10, 31)), (2024, 2025))
    assert years(replace(PROMISE, begins=None)) is None
    papers = [PAPER, *(replace(PAPER, notice_id=str(n), published=date(year, 5, 9), title=t) for n, (year, t) in enumerate(others))]
    near = [p for p in papers if p.published and 2024 <= p.published.year <= 2025]
    whole, part = Portal(papers), Portal(near)
    whole.evidence(replace(PROMISE, begins=date(2026, 1, 1)))  # asked between, it weighs words by other years
    assert whole.evidence(PROMISE) == part.evidence(PROMISE) != []


def test_a_file_that_is_evidence_is_named() -> None:
    found = _only(replace(PAPER, title="有关事项", files=(File(name="说明.doc"), File(name="养老机构备案名单.xlsx"))))
    assert found is not None
    assert found.file == 2
    assert [(m.part, m.start, m.end) for m in found.marks if m.where == "file"] == [(2, 0, 8)]


def test_what_stands_behind_the_opening_counts_half() -> None:
    paper = replace(PAPER, title="关于做好养老机构工作的通知")
    line = "等级评定结果见附件"
    tail = later("开头" * OPENING + f"\n　　{line}。此后不读。\n")
    assert tail == ((2 * OPENING + 3, line),)
    bare, behind, before = _only(paper), _only(replace(paper, later=tail)), _only(replace(paper, opening=line))
    assert bare is not None
    assert behind is not None
    assert before is not None
    assert bare.score < behind.score < before.score
    body = "开头" * OPENING + f"\n　　{line}。"
    assert {body[m.start : m.end] for m in behind.marks if m.where == "body"} == {"等级评定结果"}


def test_a_pair_over_the_edge_of_a_shared_word_is_missing_for_half() -> None:
    text = chain(sorted((span, gram) for gram, places in grams("甲乙丙丁").items() for span in places), Weights([], 1))
    assert text.names == ("甲乙", "乙丙", "丙丁")
    assert covered(text, {"甲乙", "丙丁"}) == 1
    assert covered(text, {"甲乙"}) == pytest.approx(1 / 2.5)
    assert covered(text, {"甲乙"}, {"丙丁"}) == pytest.approx(1.5 / 2.5)
    assert covered(text, set()) == 0


def test_years_between_the_ends_of_a_span() -> None:
    assert years_of("规划(2021—2024年)") == {2021, 2022, 2023, 2024}
    assert years_of("2019至2020年、2023年度") == {2019, 2020, 2023}


@pytest.mark.parametrize(
    ("printed", "foreign"),
    [
        ("例市教育局", False),
        ("市教育局", False),
        ("国家税务总局例市税务局", False),
        ("例市城市管理局", False),
        ("例市高新区管理委员会", False),
        ("例市河东区人民政府", True),
        ("省教育厅", True),
        ("江海省人民政府办公厅", True),
        ("国务院办公厅", True),
        ("教育部", True),
        ("远市教育局", False),  # one character is no name of a place that can be told from a word
        ("远山市教育局", True),
        ("本网", False),
    ],
)
def test_a_body_of_another_place(printed: str, foreign: bool) -> None:
    assert of_another_place(printed, ("例市", "例")) is foreign
    assert not of_another_place(printed, ())


@pytest.mark.parametrize(
    ("title", "higher"),
    [
        ("国务院关于公布名单的通知", True),
        ("省财政厅关于公布清单的通知", True),
        ("关于转发《远山市规定》的通知", True),
        ("例市人民政府办公室转发市财政局关于公布清单的通知", False),
        ("转发县财政局关于公布清单的通知", True),
        ("远山市人民政府关于公布清单的通知", True),
        ("例市财政局关于公布清单的通知", False),
        ("国家组织药品集中采购中选结果", False),
        ("省级文明单位名单公示", False),
        ("超市食品抽检结果", False),
    ],
)
def test_a_paper_of_a_higher_body(title: str, higher: bool) -> None:
    assert of_higher_body(title, ("例市", "例")) is higher


def test_another_body_s_paper_weighs_half() -> None:
    own, other = _only(PAPER), _only(replace(PAPER, publishers=bodies("例市教育局")))
    assert own is not None
    assert other is not None
    assert other.score == pytest.approx(own.score / 2, abs=0.001)


def test_a_body_goes_on_under_another_name() -> None:
    assert who(bodies("市市场监督管理局"), bodies("市工商局"), frozenset()) == "lead"
    assert who(bodies("市财政局"), bodies("市工商局"), bodies("市财政局")) == "support"
    assert who(bodies("市财政局"), bodies("各部门"), frozenset()) == "unknown"
    assert publishes(bodies("市市场监督管理局"), bodies("市质监局"))
    assert not publishes(bodies("市财政局"), bodies("市质监局"))
    assert publishes(frozenset(), frozenset())
    assert publishes(bodies("市财政局"), bodies("市政府各部门"))
    assert not publishes(bodies("市财政局"), bodies("各县（区）人民政府")), "they publish on portals of their own"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("公布公共厕所分布图。", "outward"),
        ("加强就业信息公开。公布补贴标准。", "outward"),
        ("加强政务公开工作培训。", "inward"),
        ("督促企业在服务场所公布收费标准。", "open"),
        ("在县政府网站开设乡村振兴公开专栏。", "open"),
    ],
)
def test_whether_anybody_could_see_it(text: str, want: str) -> None:
    assert visibility(text) == want


@pytest.mark.parametrize(
    ("begins", "ends", "recurrence", "names"),
    [
        (date(2024, 4, 2), date(2024, 12, 31), "quarterly", ["2024-Q3", "2024-Q4"]),
        (date(2024, 10, 31), date(2024, 12, 31), "monthly", ["2024-11", "2024-12"]),
        (date(2024, 12, 1), date(2024, 12, 31), "monthly", ["2024-12"]),
        (date(2024, 2, 1), date(2024, 12, 31), "semiannual", ["2024-H2"]),
        (date(2024, 2, 1), date(2024, 12, 31), "annual", ["2024"]),
        (date(2024, 2, 1), date(2023, 12, 31), "monthly", []),
    ],
)
def test_periods(begins: date, ends: date, recurrence: str, names: list[str]) -> None:
    assert periods(begins, ends, recurrence) == names


@pytest.mark.parametrize(
    ("title", "recurrence", "want"),
    [
        ("2024年第三季度抽检结果", "quarterly", "2024-Q3"),
        ("2024年9月空气质量", "monthly", "2024-09"),
        ("空气质量月报", "monthly", "2024-10"),
        ("下半年收支", "semiannual", "2024-H2"),
        ("2023年公报", "annual", "2023"),
        ("今日空气质量", "daily", None),
        ("12月份空气质量", "monthly", "2023-12"),  # not yet begun when it was published
        ("2024年1—9月固定资产投资", "quarterly", "2024-Q3"),
        ("上半年工业增加值", "quarterly", "2024-Q2"),
        ("2024年九月空气质量", "monthly", "2024-09"),
        ("二、三季度抽检结果", "quarterly", "2024-Q3"),
    ],
)
def test_the_period_of_a_notice(title: str, recurrence: str, want: str | None) -> None:
    assert period_of(title, date(2024, 10, 9), recurrence) == want  # type: ignore[arg-type]


def test_a_period_without_a_year_or_that_only_the_text_names() -> None:
    assert period_of("四季度人力资源市场供求情况", date(2024, 1, 13), "quarterly") == "2023-Q4"
    assert period_of("空气质量月报", date(2024, 10, 9), "monthly", "2024年9月，全市优良天数为28天。") == "2024-09"
    assert period_of("空气质量月报", date(2024, 1, 9), "monthly", "12月，根据2019年标准评价。") == "2023-12"


def test_december_s_figures_in_january_are_not_late() -> None:
    promise = replace(PROMISE, text="每月公布养老机构备案名单。", recurrence="monthly", due=date(2024, 12, 31))
    found = _only(replace(PAPER, title="12月养老机构备案名单", published=date(2025, 1, 20)), promise)
    assert found is not None
    assert (found.period, found.late) == ("2024-12", False)


def test_the_next_plan_and_the_report() -> None:
    tasks = [
        PlannedTask(id="a", text="公布养老机构备案名单。", due=None, leads=()),
        PlannedTask(id="b", text="公开食品安全监督抽检结果。", due=date(2023, 9, 30), leads=("市市场监管局",)),
        PlannedTask(id="c", text="发布水资源公报。", due=None, leads=()),
    ]
    later = [
        PlannedTask(id="x", text="公布养老机构备案名单。", due=date(2024, 9, 30), leads=()),
        PlannedTask(id="y", text="公开食品安全监督抽检结果。", due=date(2024, 9, 30), leads=("市市场监管局",)),
    ]
    fates = next_of(tasks, later)
    assert {i: (f.change, f.id) for i, f in fates.items()} == {"a": ("sharpened", "x"), "b": ("repeated", "y"), "c": ("dropped", None)}
    assert {f.change for f in next_of(tasks, None).values()} == {"no_next_plan"}
    text = "一、总体情况\n全年公布养老机构备案名单两批，惠及老人三千人。下一步加强培训。"
    mention = Report(text).mention(tasks[0].text)
    assert mention is not None
    assert text[mention.start : mention.end] == "全年公布养老机构备案名单两批，惠及老人三千人"
    assert Report(text).mention(tasks[2].text) is None
    assert Report(f"{text}\n{text}").mention(tasks[0].text) == mention  # said twice: where it is first, and no less rare for it


@given(st.text(max_size=200))
def test_pairs_stand_where_they_say(text: str) -> None:
    found = grams(text)
    assert pairs_of(text) == found.keys()
    for gram, places in found.items():
        said = {search_fold(text)[start:end] for start, end in places}
        assert said <= set(equivalents().meanings) if gram.startswith("=") else said == {gram}
    covered = spans(found, found)
    assert all(0 <= start < end <= len(text) for start, end in covered)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(covered))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("shown_score: 0.3", "shown_score is above evidence_score"),
        ("late_days: 365", "late_days"),
        ("outward: [", "stands twice"),
    ],
)
def test_a_mistake_in_the_data_names_its_place(tmp_path: Path, change: str, said: str) -> None:
    source = (Path(__file__).resolve().parents[2] / "gongkai" / "data" / "commitments.yaml").read_text(encoding="utf-8")
    new = {"shown_score: 0.3": "shown_score: 0.9", "late_days: 365": "late_days: -1", "outward: [": "outward: [公布, "}[change]
    path = tmp_path / "commitments.yaml"
    path.write_text(source.replace(f"\n{change}", f"\n{new}", 1), encoding="utf-8")
    with pytest.raises(RegistryError, match=said) as raised:
        read_commitment_rules(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1", "version: 0", "version"),
        ("words: [清单, ", "words: [清单, 清单, ", "stands twice"),
        ("silent: [", "silent: [清单, ", "is silent and has a group"),
        ("faint: [", "faint: [三个字, ", "a pair of characters"),
        ("{id: 指南,", "{id: 清单,", "two groups have one id"),
    ],
)
def test_a_mistake_in_the_equivalents_names_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    source = (Path(__file__).resolve().parents[2] / "gongkai" / "data" / "equivalents.yaml").read_text(encoding="utf-8")
    assert old in source
    path = tmp_path / "equivalents.yaml"
    path.write_text(source.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RegistryError, match=said) as raised:
        read_equivalents(path)
    assert str(path) in str(raised.value)
