"""Promises that come back (每月, 每季度): how many times until their end, and for which time a notice is."""

from __future__ import annotations

import re
from datetime import date, timedelta

from gongkai.records.document import Recurrence

_MONTHS: dict[str, int] = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}
"""Months of a period that is counted. Daily and weekly ones, terms and `realtime` are not: no portal shows every one apart."""
_YEAR = re.compile(r"(20[012]\d)\s?年")
_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\s?月份?(?!\d{0,2}日)")
_QUARTER = re.compile(r"第?([一二三四1234])(?:个)?季度")
_HALF = re.compile(r"([上下])半年")
_DIGITS = {c: n for n, c in enumerate("一二三四", 1)} | {str(n): n for n in range(1, 5)}


def is_counted(recurrence: str | None) -> bool:
    """Whether the periods of a recurrence can be counted."""
    return recurrence in _MONTHS


def periods(begins: date, ends: date, recurrence: str) -> list[str]:
    """Names of the whole periods from the one after `begins` to the one that `ends` lies in: 2023-06, 2023-Q3, 2023-H2, 2023.

    The period in which the promise was made counts only where nothing else would be left: it had begun already.
    """
    size = _MONTHS[recurrence]
    names, day = [], date(begins.year, begins.month, 1)
    while day <= ends:
        if (name := _name(day, size)) not in names:
            names.append(name)
        day = (day + timedelta(days=32)).replace(day=1)
    return names[1:] or names


def period_of(title: str, published: date, recurrence: Recurrence) -> str | None:
    """The period a notice is for: named in its title, else that of its publication. None for a recurrence that is not counted."""
    size = _MONTHS.get(recurrence)
    if size is None:
        return None
    year = int(found[1]) if (found := _YEAR.search(title)) else published.year
    if size == 1 and (found := _MONTH.search(title)):
        return _name(date(year, int(found[1]), 1), 1)
    if size == 3 and (found := _QUARTER.search(title)):
        return _name(date(year, 3 * _DIGITS[found[1]], 1), 3)
    if size == 6 and (found := _HALF.search(title)):
        return _name(date(year, 1 if found[1] == "上" else 7, 1), 6)
    if size in (3, 6) and (found := _MONTH.search(title)):
        return _name(date(year, int(found[1]), 1), size)
    if size == 12:
        return str(year)
    return _name(published, size)


def _name(day: date, size: int) -> str:
    match size:
        case 1:
            return f"{day.year}-{day.month:02}"
        case 3:
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case 6:
            return f"{day.year}-H{1 if day.month <= 6 else 2}"
    return str(day.year)
