"""Promises that come back (每月, 每季度): how many times until their end, and for which time a notice is."""

from __future__ import annotations

import re
from datetime import date, timedelta

from gongkai.records.document import Recurrence
from transforms.search_fold import search_fold

_MONTHS: dict[str, int] = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}
"""Months of a period that is counted. Daily and weekly ones, terms and `realtime` are not: no portal shows every one apart."""
_YEAR = re.compile(r"(20[012]\d)\s?年")
_YEAR_OF_PERIOD = re.compile(r"(20[012]\d)\s?年(?=度?\s?[\d一二三四五六七八九十第上下前全])")
_MONTH = re.compile(r"(?<![\d一二三四五六七八九十])(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s?月份?(?!\d{0,2}日)")
_CHINESE = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_QUARTER = re.compile(r"第?([一二三四1234])(?:个)?季度")
_HALF = re.compile(r"([上下])半年")
_BEGINNING = 120
"""Characters of a text in which its period is looked for."""
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


def period_of(title: str, published: date, recurrence: Recurrence, opening: str = "") -> str | None:
    """The period a notice is for: named in its title, else where its text begins, else that of its publication.

    None for a recurrence that is not counted. A span is its last month: 1—9月 and 前三季度 tell of the third quarter. Without a year the
    nearest one before the publication is meant: 四季度 in January is last year's.
    """
    size = _MONTHS.get(recurrence)
    if size is None:
        return None
    for text, year in ((search_fold(title), _YEAR), (search_fold(opening[:_BEGINNING]), _YEAR_OF_PERIOD)):
        month, named = _month_of(text, size), year.search(text)
        if month is None and named and size == 12:
            return named[1]
        if month is not None:
            begins = month - (month - 1) % size
            return _name(date(int(named[1]) if named else published.year - (begins > published.month), month, 1), size)
    return _name(published, size)


def _month_of(text: str, size: int) -> int | None:
    """Last month of what a text names; None for nothing, and where what it names is longer than a month that is asked for."""
    found = [_number(m[1]) for m in _MONTH.finditer(text)] if size < 12 else []
    if 1 < size < 12:
        found += [3 * _DIGITS[m[1]] for m in _QUARTER.finditer(text)]
        found += [6 if m[1] == "上" else 12 for m in _HALF.finditer(text)]
        found += [12] if not found and "全年" in text else []
    return max(found, default=None)


def _number(month: str) -> int:
    return int(month) if month.isdigit() else _CHINESE.index(month) + 1


def _name(day: date, size: int) -> str:
    match size:
        case 1:
            return f"{day.year}-{day.month:02}"
        case 3:
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case 6:
            return f"{day.year}-H{1 if day.month <= 6 else 2}"
    return str(day.year)
