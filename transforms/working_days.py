"""Counting days from a day: calendar units, and working days (工作日) by the State Council's holiday notices."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from chinese_calendar import get_holiday_detail, is_workday

_LAST_YEAR = 2200
_HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日",
}
"""The library's names; a new one ends in a KeyError, not in a day without a name."""


def kind_of_day(day: date) -> tuple[bool, tuple[str, str] | None] | None:
    """Whether `day` is a working day, and the holiday in Chinese and English that makes it free.

    None outside the years whose holidays are known (the library's).
    """
    try:
        free, name = get_holiday_detail(day)
    except NotImplementedError:  # the library's word for a year without a holiday notice
        return None
    return not free, (_HOLIDAYS[name], name) if free and name else None


def add_working_days(day: date, count: int) -> date | None:
    """The `count`-th working day after `day`; None outside the years whose holidays are known (the library's)."""
    try:
        while count > 0:
            day += timedelta(days=1)
            count -= is_workday(day)
    except NotImplementedError:  # the library's word for a year without a holiday notice
        return None
    return day


def add_months(day: date, count: int) -> date | None:
    """The same day `count` months later, or that month's last day where it has no such day; None far beyond any plan."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if year > _LAST_YEAR:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
