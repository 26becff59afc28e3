"""Limits that a document counts from its own appearance: the words of the limit decide from which of its two days.

公布 and 发布 are when the public sees it: the day of publication (发布日期). 印发, 下发, 发文 and 出台 are the act of the office that
makes it: the day of formation (成文日期), which the document prints itself.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

from transforms.working_days import add_months, add_working_days

OwnDay = Literal["written", "published"]
Unit = Literal["working_day", "day", "week", "month", "hour", "year"]

_VERB = re.compile(r"(?P<published>公布|发布)|印发|下发|发文|出台")
_NAMES = {"written": "formation (成文日期)", "published": "publication (发布日期)"}


def own_day(event: str) -> OwnDay | None:
    """The day that an event of the document's own (本方案公布后, 印发之日起) counts from, by its first verb, or None."""
    verb = _VERB.search(event)
    return verb and ("published" if verb["published"] else "written")


def reckoned(own: OwnDay, day: date | None, amount: int, unit: Unit) -> tuple[date | None, str | None]:
    """The last day of a limit of `amount` units after the document's own `day`, or None and why."""
    if day is None:
        return None, f"counts from {_NAMES[own]}, which is not known"
    last = _after(day, amount, unit)
    if last is None:
        return None, "hours give no day" if unit == "hour" else "reaches outside the years whose holidays are known"
    return last, None


def _after(day: date, amount: int, unit: Unit) -> date | None:
    if unit == "working_day":
        return add_working_days(day, amount)
    if unit in ("day", "week"):
        return day + timedelta(days=amount * (7 if unit == "week" else 1))
    if unit in ("month", "year"):
        return add_months(day, amount * (12 if unit == "year" else 1))
    return None
