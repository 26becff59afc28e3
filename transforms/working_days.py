"""Counting days from a day: calendar units, and working days (工作日) by the State Council's holiday notices."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from chinese_calendar import is_workday

_LAST_YEAR = 2200


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
