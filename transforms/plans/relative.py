"""Limits that count from the plan's own issue (印发后20个工作日内), resolved against the day it was written."""

from __future__ import annotations

import re
from datetime import date, timedelta

from transforms.numerals import parse_int
from transforms.working_days import add_months, add_working_days

_PLAN = r"(?:工作)?(?:方案|要点|通知|意见|计划|文件|办法|清单|分工|措施)"
# 印发 alone is the plan's; 发布 only with the plan named, since news is published too.
_FROM_ISSUE = re.compile(
    rf"(?:^|[,。;:自从在于])(?:(?:本|该|此)?{_PLAN}(?:正式)?(?:印发|下发|发布|公布|出台)|(?:正式)?(?:印发|下发))(?:之日)?(?:起|之后|以后|后)的?,?"
    r"(?P<n>\d{1,3}|[一二三四五六七八九十两]{1,3})\s?个?(?P<unit>工作日|自然日|日|天|周|星期|月)(?:之内|以内|内)"
)

_SINCE_ISSUE = re.compile(rf"(?:自|从)?(?:即日|当日|(?:本|该)?{_PLAN}?(?:印发|下发|发布|公布)(?:之日)?)(?:起|开始)[^,。;\d]{{0,6}}")


def starts_at_issue(folded_limit: str) -> bool:
    """Whether a limit is open from the plan's issue on: 印发之日起, 即日起."""
    return _SINCE_ISSUE.fullmatch(folded_limit) is not None


def counts_from_issue(folded_limit: str) -> re.Match[str] | None:
    """The part of a limit that counts from the issue of the plan that states it, or None."""
    return _FROM_ISSUE.search(folded_limit)


def due_from_issue(match: re.Match[str], written: date) -> date | None:
    """The last day of such a limit; None where working days reach outside the years whose holidays are known."""
    count = parse_int(match["n"]) or 0
    if match["unit"] == "工作日":
        return add_working_days(written, count)
    if match["unit"] == "月":
        return add_months(written, count)
    return written + timedelta(days=count * (7 if match["unit"] in ("周", "星期") else 1))
