"""Limits that count from the plan's own issue (印发后20个工作日内), resolved against the day that their words name (own_day)."""

from __future__ import annotations

import re
from datetime import date

from transforms.numerals import parse_int
from transforms.own_day import OwnDay, Unit, own_day, reckoned

_PLAN = r"(?:工作)?(?:方案|要点|通知|意见|计划|文件|办法|清单|分工|措施)"
# 印发 alone is the plan's; 发布 only with the plan named, since news is published too.
_FROM_ISSUE = re.compile(
    rf"(?:^|[,。;:自从在于])(?:(?:本|该|此)?{_PLAN}(?:正式)?(?:印发|下发|发布|公布|出台)|(?:正式)?(?:印发|下发))(?:之日)?(?:起|之后|以后|后)的?,?"
    r"(?P<n>\d{1,3}|[一二三四五六七八九十两]{1,3})\s?个?(?P<unit>工作日|自然日|日|天|周|星期|月)(?:之内|以内|内)"
)

_SINCE_ISSUE = re.compile(rf"(?:自|从)?(?:即日|当日|(?:本|该)?{_PLAN}?(?:印发|下发|发布|公布)(?:之日)?)(?:起|开始)[^,。;\d]{{0,6}}")


_UNITS: dict[str, Unit] = {"工作日": "working_day", "周": "week", "星期": "week", "月": "month"}
"""All others are days."""


def starts_at_issue(folded_limit: str) -> OwnDay | None:
    """The plan's own day from which a limit is open: 印发之日起, 即日起; None for others."""
    return (own_day(folded_limit) or "written") if _SINCE_ISSUE.fullmatch(folded_limit) else None


def counts_from_issue(folded_limit: str) -> re.Match[str] | None:
    """The part of a limit that counts from the issue of the plan that states it, or None."""
    return _FROM_ISSUE.search(folded_limit)


def due_from_issue(match: re.Match[str], day: date) -> date | None:
    """The last day of such a limit after `day`; None where working days reach outside the years whose holidays are known."""
    return reckoned("written", day, parse_int(match["n"]) or 0, _UNITS.get(match["unit"], "day"))[0]
