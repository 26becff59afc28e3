"""Time limits of duties: what counts, what does not, and how they are read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.records.document import Obligation
from transforms.formats.text import text_body
from transforms.obligations import read_obligations


def _one(text: str) -> Obligation:
    (found,) = read_obligations(text_body(text))
    return found


def test_after_an_event() -> None:
    found = _one("各县区政府、市政府各部门要在本要点印发后20个工作日内在门户网站公开具体安排。")
    assert (found.raw, found.trigger, found.direction, found.amount, found.unit) == (
        "在本要点印发后20个工作日内",
        "本要点印发",
        "after",
        20,
        "working_day",
    )
    assert found.subject_units == ["各县区政府", "市政府各部门"]
    assert found.action == "在门户网站公开具体安排"


@pytest.mark.parametrize(
    ("text", "trigger", "direction", "amount", "unit"),
    [
        ("行政机关应当自信息形成或者变更之日起二十个工作日内予以公开。", "信息形成或者变更", "after", 20, "working_day"),
        ("遇重大突发事件最迟5小时内发布权威信息。", None, "after", 5, "hour"),
        ("收到举报后15日内答复举报人。", "收到举报", "after", 15, "day"),
        ("在会议召开前3天向社会公告议题。", "会议召开", "before", 3, "day"),
        ("决定作出当日公布结果。", "决定作出", "on", 0, "day"),
        ("应在3个月内完成平台建设。", None, "after", 3, "month"),
    ],
)
def test_limits(text: str, trigger: str | None, direction: str, amount: int, unit: str) -> None:
    found = _one(text)
    assert (found.trigger, found.direction, found.amount, found.unit) == (trigger, direction, amount, unit)


def test_by_a_day() -> None:
    assert _one("请于2014年10月31日前将落实情况报送市政府办公室。").due_date == date(2014, 10, 31)
    assert _one("2014年6月底前完成系统建设。").due_date == date(2014, 6, 30)
    yearly = _one("每年1月31日前公布上一年度报告。")
    assert (yearly.direction, yearly.due_date, yearly.raw) == ("by", None, "每年1月31日前")


@pytest.mark.parametrize(
    ("text", "units", "action"),
    [
        ("推进预算公开（市财政局负责，6月底前完成）。", ["市财政局"], "完成"),
        ("（各县（区）政府、市水利局负责，6月底前完成（含验收）并公布）。", ["各县（区）政府", "市水利局"], "完成（含验收）并公布"),
    ],
)
def test_brackets_around_a_limit_belong_to_neither(text: str, units: list[str], action: str) -> None:
    found = _one(text)
    assert (found.subject_units, found.action) == (units, action)


@pytest.mark.parametrize(
    "text",
    [
        "建立“办事工作日”制度，公开流程。",
        "举办为期2天的培训。",
        "选择2个以上县区公开试点。",
        "2013年公开信息300条。",
        "会议历时3小时。",
        "2013年前10个月公开信息300条。",
        "公开期不少于5年，面积20亩。",
    ],
)
def test_lengths_names_and_counts_are_no_limits(text: str) -> None:
    assert read_obligations(text_body(text)) == []


@given(st.text(alphabet="在自后前内日起当2十0个工作日小时月年公开报送，。、（", max_size=100))
def test_spans_hold_their_text_and_do_not_overlap(text: str) -> None:
    body = text_body(text)
    at = 0
    for found in read_obligations(body):
        assert body.text[found.start : found.end] == found.raw
        assert found.start >= at
        at = found.end


def test_due_dates_counted_from_the_documents_own_date() -> None:
    def due(text: str, written: date) -> date | None:
        (found,) = read_obligations(text_body(text), written=written)
        return found.due_date

    text = "各单位要在本要点印发后5个工作日内公布方案。"
    assert due(text, date(2023, 9, 27)) == date(2023, 10, 10)  # the holiday to 6 October, then Saturday 7 and Sunday 8 are worked
    assert due(text, date(2031, 3, 3)) is None  # no holiday notice yet
    assert due("本通知印发之日起1个月内报送方案。", date(2022, 1, 31)) == date(2022, 2, 28)
    assert due("自收到申请之日起15日内答复。", date(2022, 1, 31)) is None


_WRITTEN, _PUBLISHED = date(2023, 9, 1), date(2023, 9, 11)


@pytest.mark.parametrize(
    ("event", "counts_from", "due"),
    [
        ("在本要点印发后", "written", date(2023, 9, 8)),
        ("自方案下发之日起", "written", date(2023, 9, 8)),
        ("在本方案公布后", "published", date(2023, 9, 18)),
        ("自本通知发布之日起", "published", date(2023, 9, 18)),
        ("政策文件公布后", None, None),  # another paper's event
        ("办结后", None, None),
    ],
)
def test_the_words_say_from_which_own_day_a_limit_counts(event: str, counts_from: str | None, due: date | None) -> None:
    body = text_body(f"各县区政府应{event}5个工作日内公布实施方案。")
    (found,) = read_obligations(body, written=_WRITTEN, published=_PUBLISHED)
    assert (found.counts_from, found.due_date, found.due_unknown) == (counts_from, due, None)


def test_a_limit_from_an_unknown_day_stays_open_and_says_why() -> None:
    body = text_body("各单位要在本方案公布后5个工作日内公布方案。")
    (found,) = read_obligations(body, written=_WRITTEN)
    why = "counts from publication (发布日期), which is not known"
    assert (found.counts_from, found.due_date, found.due_unknown) == ("published", None, why)
    (found,) = read_obligations(text_body("本要点印发后5日内报送。"), published=_PUBLISHED)
    assert (found.counts_from, found.due_date, found.due_unknown) == (
        "written",
        None,
        "counts from formation (成文日期), which is not known",
    )
    (found,) = read_obligations(body, published=date(2031, 3, 3))
    assert (found.due_date, found.due_unknown) == (None, "reaches outside the years whose holidays are known")
