"""Dates in every printed spelling; impossible ones are left out; work is bounded by the input."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from work_spent import assert_quick

from transforms.dates import find_dates, parse_date

_DIGITS = "〇一二三四五六七八九"


def _chinese(n: int) -> str:
    tens, ones = divmod(n, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (_DIGITS[ones] if ones else "")


@pytest.mark.parametrize(
    "text",
    [
        "2012年7月20日", "2012-07-20", "2012/7/20", "2012.7.20", "二○一二年七月二十日", "二〇一二年七月二十日", "二零一二年七月二十日",
        "二O一二年七月二十日",
        "２０１２年７月２０日", "2012 年 7 月 20 日", "　2012年07月20日 ", "2012年7月20号", "20120720", "2012-07-20 星期五",
    ],
)  # fmt: skip
def test_spellings_of_one_day(text: str) -> None:
    assert parse_date(text) == date(2012, 7, 20)


@pytest.mark.parametrize("text", ["2012年7月", "2012年2月30日", "2012-13-01", "印发于2012年7月20日", "2012年7月20日印发", "", "1" * 80])
def test_not_one_whole_day(text: str) -> None:
    assert parse_date(text) is None


def test_finds_with_precision_and_span() -> None:
    text = "于2014年10月31日前,2015年起,2014月9月,国办发〔2014〕12号,2017-06-29 18:16"
    found = find_dates(text)
    assert [(text[f.start : f.end], f.date, f.precision) for f in found] == [
        ("2014年10月31日", date(2014, 10, 31), "day"),
        ("2015年", date(2015, 1, 1), "year"),
        ("2014月9月", date(2014, 9, 1), "month"),
        ("2017-06-29", date(2017, 6, 29), "day"),
    ]
    assert [f.last for f in found] == [date(2014, 10, 31), date(2015, 12, 31), date(2014, 9, 30), date(2017, 6, 29)]


def test_version_numbers_and_phone_numbers_are_no_dates() -> None:
    assert find_dates("192.168.2017.1.2 0759-2012-07-201 12017-06-29") == []


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 12, 31)))
def test_round_trip(day: date) -> None:
    year = "".join(_DIGITS[int(d)] for d in str(day.year))
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.year}年{day.month}月{day.day}日") == day
    assert parse_date(f"{day.year}.{day.month}.{day.day}") == day
    assert parse_date(f"{year}年{_chinese(day.month)}月{_chinese(day.day)}日") == day
    assert find_dates(f"自{day.year}年{day.month}月起")[0].last.month == day.month


@given(st.text(alphabet="0123456789年月日二〇○一十-/. O", max_size=300))
def test_found_dates_do_not_overlap(text: str) -> None:
    found = find_dates(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(0 <= f.start < f.end <= len(text) for f in found)


def test_adversarial_line_is_linear() -> None:
    lines = ("二" * 100_000, "2012年" * 20_000, "2012 " * 20_000, "2012-" * 20_000, "2012年 1月 " * 20_000)
    assert_quick(lambda: [find_dates(line) for line in lines], 5)
