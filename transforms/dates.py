"""Printed dates: 2014年12月, 2017-06-29, 二○一二年七月二十日 (with ○ 〇 零 O), 2017/6/9, 2014.7.23. Regexes are bounded."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from transforms.numerals import parse_int
from transforms.script import fold

Precision = Literal["day", "month", "year"]

_GAP = r"[ \t\u200b]{0,3}"
_ZERO = "〇○◯零Oo0"
YEAR = rf"(?:(?<!\d)(?:19|20)\d{{2}}|[一二][{_ZERO}一二三四五六七八九]{{3}})"
"""Pattern of a four-digit year, Arabic or Chinese, without 年; for use in other patterns on folded text."""
MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
DAY = r"(?:[12]\d|3[01]|0?[1-9]|二十[一二三四五六七八九]?|三十一?|十[一二三四五六七八九]?|[一二三四五六七八九])"
# 2014月9月: a frequent slip for 2014年9月; four digits before 月 cannot be anything else.
_CHINESE = re.compile(
    rf"(?P<year>{YEAR}){_GAP}(?:年{_GAP}(?:(?P<month>{MONTH}){_GAP}月(?:份)?(?:{_GAP}(?P<day>{DAY}){_GAP}[日号])?)?"
    rf"|月{_GAP}(?P<slip>{MONTH}){_GAP}月)"
)
_NUMERIC = re.compile(r"(?<![\d.\-/])((?:19|20)\d{2})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d|[-/.]\d)")
_YEAR_MONTH = re.compile(r"(?<![\d.\-/])((?:19|20)\d{2})[-/](0[1-9]|1[0-2])(?!\d|[-/.]\d)")
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_TRAILER = re.compile(r"[ (,]{0,3}(?:星期|周)[一二三四五六日天]\)?")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text: `text[start:end]` prints it; `date` is the first day of a month or year."""

    start: int
    end: int
    date: datetime.date
    precision: Precision

    @property
    def last(self) -> datetime.date:
        """The last day it covers: the day itself, the month's last, 31 December."""
        return last_day(self.date, self.precision)


def last_day(first: date, precision: Precision) -> date:
    """Last day of the period that begins on `first`."""
    if precision == "day":
        return first
    if precision == "year":
        return date(first.year, 12, 31)
    return month_end(first.year, first.month)


def month_end(year: int, month: int) -> date:
    """Last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def read_year(digits: str) -> int | None:
    """四 digits as printed after folding: 2017, 二〇一七, 二O一二."""
    return parse_int(digits if digits.isascii() and digits.isdigit() else re.sub(r"[Oo0]", "〇", digits))


def parse_date(text: str) -> date | None:
    """The day that `text` as a whole prints (in any spelling, a weekday may follow), else None.

    A 成文日期 line is such a string. Impossible days (2月30日) and months without a day give None.
    """
    if len(text) > 60:
        return None
    folded = fold(text)[0].strip()
    compact = _COMPACT.fullmatch(folded)
    if compact:
        return _day(*(int(part) for part in compact.groups()))
    for found in find_dates(folded):
        if found.precision == "day" and found.start == 0 and (found.end == len(folded) or _TRAILER.fullmatch(folded, found.end)):
            return found.date
    return None


def find_dates(folded_text: str) -> list[FoundDate]:
    """Every date with a year, in order, not overlapping. `folded_text` must be folded (script.fold).

    A date that no calendar has is left out, never repaired.
    """
    found: list[FoundDate] = []
    for match in _CHINESE.finditer(folded_text):
        one = _chinese(match)
        if one:
            found.append(one)
    for match in _NUMERIC.finditer(folded_text):
        day = _day(int(match[1]), int(match[3]), int(match[4]))
        if day:
            found.append(FoundDate(match.start(), match.end(), day, "day"))
    for match in _YEAR_MONTH.finditer(folded_text):
        found.append(FoundDate(match.start(), match.end(), date(int(match[1]), int(match[2]), 1), "month"))
    found.sort(key=lambda one: (one.start, -one.end))
    out: list[FoundDate] = []
    for one in found:
        if not out or one.start >= out[-1].end:
            out.append(one)
    return out


def _chinese(match: re.Match[str]) -> FoundDate | None:
    year = read_year(match["year"])
    if year is None or not 1900 <= year <= 2100:
        return None
    month_text = match["month"] or match["slip"]
    month = parse_int(month_text) if month_text else None
    if month is None:
        return FoundDate(match.start(), match.end(), date(year, 1, 1), "year")
    if match["day"] is None:
        return FoundDate(match.start(), match.end(), date(year, month, 1), "month")
    day = _day(year, month, parse_int(match["day"]) or 0)
    return FoundDate(match.start(), match.end(), day, "day") if day else None


def _day(year: int, month: int, day: int) -> date | None:
    if 1 <= day <= calendar.monthrange(year, month)[1]:
        return date(year, month, day)
    return None
