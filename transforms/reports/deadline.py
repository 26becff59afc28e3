"""Was a report published in time? (Q-DATE; the legal dates stand in gongkai/data/rules.yaml, `report-on-time`.)"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gongkai.records.document import Finding
from gongkai.rules import ReportDue, report_due

_DEPARTMENT = re.compile(r"(?:局|委|委员会|厅|部|署)$")
_GOVERNMENT_OFFICE = re.compile(r"(?:政府|管委会|管理委员会)(?:办公[厅室])?$|[省市县区旗州](?:政府)?办公[厅室]$")
_LOCAL_RULE = re.compile(r"[镇乡](?:人民政府)?(?:办公室)?$|街道办事处$")


@dataclass(frozen=True, slots=True)
class Deadline:
    """Whether a report came in time; `due` is None where no date of the law binds, and `reason` says why."""

    status: Literal["on_time", "late", "not_assessable"]
    due: date | None
    reason: str


def deadline(year: int | None, published: date | None, issuer: str | None) -> Deadline:
    """Judge the publication of the report about `year`.

    Where the law of that year has one date for departments and another for governments (who report through their competent offices), the
    issuer's name decides. Townships and organs whose kind the name does not tell: late only after the later date.
    """
    if year is None:
        return Deadline("not_assessable", None, "the report names no year")
    if published is None:
        return Deadline("not_assessable", None, "no date of publication is known")
    if published.year <= year:
        return Deadline("not_assessable", None, f"published {published}, before the year was over: the date is not credible")
    department, government = report_due(year, "department"), report_due(year, "government")
    if department is None or government is None:
        return Deadline("not_assessable", None, f"no rule set a day for reports about {year}")
    first, last = sorted((department, government), key=lambda due: due.day)
    if published > last.day:
        return Deadline("late", last.day, f"published {published}, due {last.day}")
    if published <= first.day:
        return Deadline("on_time", first.day, first.edition.basis)
    name = re.sub(r"\(.{0,20}\)$", "", issuer or "")
    if _GOVERNMENT_OFFICE.search(name) and not _LOCAL_RULE.search(name):
        return _judged(published, government, "governments")
    if _DEPARTMENT.search(name):
        return _judged(published, department, "departments")
    why = "a township's date is set by local rules" if _LOCAL_RULE.search(name) else "government or department is not known"
    return Deadline("not_assessable", None, f"published {published} between {first.day} and {last.day}: {why}")


def _judged(published: date, due: ReportDue, whose: str) -> Deadline:
    if published > due.day:
        return Deadline("late", due.day, f"published {published}, due {due.day} for {whose}")
    return Deadline("on_time", due.day, due.edition.basis)


def late(year: int | None, published: date | None, issuer: str | None) -> list[Finding]:
    """Q-DATE: a warning if late; an information if it cannot be judged although a date is known."""
    judged = deadline(year, published, issuer)
    if judged.status == "on_time" or year is None or published is None:
        return []
    if judged.status == "not_assessable":
        return [Finding(rule="Q-DATE", severity="info", message=f"Q-DATE: not assessable: {judged.reason}", actual=published.isoformat())]
    expected = judged.due.isoformat() if judged.due else None
    return [Finding(rule="Q-DATE", severity="warning", message=f"Q-DATE: {judged.reason}", expected=expected, actual=published.isoformat())]
