"""Was a report published in time? (Q-DATE; legal dates of annual-reports.md section 5.)"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gongkai.records.document import Finding

_DEPARTMENT = re.compile(r"(?:局|委|委员会|厅|部|署)$")
_GOVERNMENT_OFFICE = re.compile(r"(?:政府|管委会|管理委员会)(?:办公[厅室])?$|[省市县区旗州](?:政府)?办公[厅室]$")
_LOCAL_RULE = re.compile(r"[镇乡](?:人民政府)?(?:办公室)?$|街道办事处$")
_NEW_LAW = 2019
"""First report year under the regulation of 2019 (令711, in force since 2019-05-15)."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Whether a report came in time; `due` is None where no date of the law binds, and `reason` says why."""

    status: Literal["on_time", "late", "not_assessable"]
    due: date | None
    reason: str


def deadline(year: int | None, published: date | None, issuer: str | None) -> Deadline:
    """Judge the publication of the report about `year`.

    Regulation of 2007, art. 31: every organ by 31 March. Regulation of 2019, art. 49: departments by 31 January, governments (through
    their competent offices) by 31 March. Townships and organs whose kind the name does not tell: late only after the later date.
    """
    if year is None:
        return Deadline("not_assessable", None, "the report names no year")
    march, january = date(year + 1, 3, 31), date(year + 1, 1, 31)
    if published is None:
        return Deadline("not_assessable", None, "no date of publication is known")
    if published.year <= year:
        return Deadline("not_assessable", None, f"published {published}, before the year was over: the date is not credible")
    if published > march:
        return Deadline("late", march, f"published {published}, due {march}")
    if year < _NEW_LAW:
        return Deadline("on_time", march, "2007 art. 31")
    if published <= january:
        return Deadline("on_time", january, "2019 art. 49")
    name = re.sub(r"\(.{0,20}\)$", "", issuer or "")
    if _GOVERNMENT_OFFICE.search(name) and not _LOCAL_RULE.search(name):
        return Deadline("on_time", march, "2019 art. 49 sentence 2")
    if _DEPARTMENT.search(name):
        return Deadline("late", january, f"published {published}, due {january} for departments")
    why = "a township's date is set by local rules" if _LOCAL_RULE.search(name) else "government or department is not known"
    return Deadline("not_assessable", None, f"published {published} between {january} and {march}: {why}")


def late(year: int | None, published: date | None, issuer: str | None) -> list[Finding]:
    """Q-DATE: a warning if late; an information if it cannot be judged although a date is known."""
    judged = deadline(year, published, issuer)
    if judged.status == "on_time" or year is None or published is None:
        return []
    if judged.status == "not_assessable":
        return [Finding(rule="Q-DATE", severity="info", message=f"Q-DATE: not assessable: {judged.reason}", actual=published.isoformat())]
    expected = judged.due.isoformat() if judged.due else None
    return [Finding(rule="Q-DATE", severity="warning", message=f"Q-DATE: {judged.reason}", expected=expected, actual=published.isoformat())]
