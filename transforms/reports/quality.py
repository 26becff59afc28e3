"""Checks on the form rather than its figures: missing cells, blanks, period, era, legal date (annual-reports.md sections 3 and 5)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gongkai.metrics import Metric, load_metrics
from gongkai.records.document import Finding, MetricValue
from transforms.body import Body
from transforms.reports.checks import APPLICANTS, OTHER_B
from transforms.reports.parts import UnknownRow

_PERIOD = re.compile(
    r"(?:统计(?:期限|时限|时间|数据|日期)|数据)[^。]{0,30}?(?P<y1>20\d\d)年(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日起?(?:至|到|—|-|~)(?:(?P<y2>20\d\d)年)?(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日"
)
_EXPECTED = {"N": ("N", "P"), "S": ("S", "P"), "A": ("A",), "B": ("B",)}


def expected_era(year: int) -> str:
    """The era whose form the reports for `year` had to use."""
    return "N" if year < 2014 else "S" if year < 2019 else "A" if year < 2021 else "B"


def form_codes(number: int, era: str) -> list[Metric]:
    """Metrics that table `number` of era A or B prints in its official form."""
    metrics = [m for m in load_metrics().by_code.values() if era in m.eras and not m.derived]
    if number == 2:
        return [m for m in metrics if m.table2]
    if number == 4:
        return [m for m in metrics if m.table4]
    left_out = {"app_other_total"} if era == "B" else set(OTHER_B)
    return [m for m in metrics if m.table3 and m.code not in left_out]


def missing_cells(number: int, era: str, metrics: Sequence[MetricValue]) -> list[Finding]:
    """Q-FULL for one table: cells of the official form that were not found."""
    wanted = form_codes(number, era)
    columns: tuple[str | None, ...] = APPLICANTS if number == 3 else (None,)
    found = {(m.code, m.dimensions.get("applicant")) for m in metrics}
    expected = [(m, column) for m in wanted for column in columns]
    missing = [(m, column) for m, column in expected if (m.code, column) not in found]
    if not missing:
        return []
    names = list(dict.fromkeys(m.zh for m, _ in missing))
    shown = "、".join(names[:6]) + (f" … ({len(names)})" if len(names) > 6 else "")
    message = f"Q-FULL: table {number} (form {era}) lacks {len(missing)} of {len(expected)} cells: {shown}"
    return [
        Finding(rule="Q-FULL", severity="error", message=message, expected=str(len(expected)), actual=str(len(expected) - len(missing)))
    ]


def blank_cells(name: str, metrics: Sequence[MetricValue]) -> list[Finding]:
    """Q-BLANK once a table: cells where the form wants a number and the report prints none; Q-READ: cells that we could not read."""
    empty = [m for m in metrics if m.state in ("blank", "na_mark", "text")]
    unread = [m for m in metrics if m.state == "unreadable"]
    findings = []
    if empty:
        states = ", ".join(sorted({m.state for m in empty}))
        findings.append(_cells("Q-BLANK", f"table {name}: the report prints no number ({states}) in", empty, metrics))
    if unread:
        findings.append(_cells("Q-READ", f"table {name}: our reading, not the source, leaves open", unread, metrics))
    return findings


def _cells(rule: str, words: str, found: Sequence[MetricValue], metrics: Sequence[MetricValue]) -> Finding:
    share = f"{len(found)} of {len(metrics)} cells"
    return Finding(
        rule=rule, severity="warning", message=f"{rule}: {words} {share}", actual=share, start=found[0].start, end=found[0].end
    )  # fmt: skip


def unknown_row(row: UnknownRow) -> Finding:
    """Q-LABEL: a row with figures that the dictionary does not know; kept as printed, so that the dictionary can grow."""
    message = f"Q-LABEL: no metric for the row {row.label!r}: {row.figures}"
    return Finding(rule="Q-LABEL", severity="warning", message=message, actual=row.label, start=row.cell.start, end=row.cell.end)


def period(body: Body, year: int | None) -> list[Finding]:
    """Q-PERIOD: the statistics period is 1 January to 31 December of the report's year."""
    if year is None:
        return []
    squeezed = "".join(body.folded[:6000].split())
    found = _PERIOD.search(squeezed)
    want = f"{year}-01-01..{year}-12-31"
    if found is None:
        return [Finding(rule="Q-PERIOD", severity="warning", message="Q-PERIOD: the report names no statistics period", expected=want)]
    y1, y2 = found["y1"], found["y2"] or found["y1"]
    got = f"{y1}-{int(found['m1']):02}-{int(found['d1']):02}..{y2}-{int(found['m2']):02}-{int(found['d2']):02}"
    if got == want:
        return []
    return [Finding(rule="Q-PERIOD", severity="error", message=f"Q-PERIOD: statistics period {got}, not {want}", expected=want, actual=got)]


def era_mismatch(era: str, year: int | None, *, attached: bool = False) -> list[Finding]:
    """Q-ERA: the form is not the one of its year; Q-FULL where a form was due and no table was found.

    On a page with attachments (`attached`) the form most likely lies in one of them: a warning, not an error of the source.
    """
    if year is None or era in _EXPECTED[expected_era(year)]:
        return []
    want = expected_era(year)
    if era == "N":
        message = f"Q-FULL: no table of form {want} found; it may stand in an attachment or an image"
        due = want in ("A", "B") and not attached
        return [Finding(rule="Q-FULL", severity="error" if due else "warning", message=message, expected=want, actual=era)]
    return [Finding(rule="Q-ERA", severity="warning", message=f"Q-ERA: form {era} in a report for {year}", expected=want, actual=era)]


def statistics_year(body: Body) -> int | None:
    """The year the report is about: the title's, else the statistics period's, else the first year named."""
    squeezed = "".join(body.folded[:6000].split())
    title = re.search(r"(20\d\d)年?度?(?:[^。\d]{0,12})(?:信息|政务)公开(?:工作)?(?:年度)?报告", squeezed)
    found = title[1] if title else (p["y1"] if (p := _PERIOD.search(squeezed)) else None)
    return int(found) if found else None
