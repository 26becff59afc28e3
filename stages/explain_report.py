"""The report part of `--explain`: the tables as they were read, beside the page: code, value and state of each cell, and checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.metrics import load_metrics
from gongkai.records.document import MetricValue, ParsedDocument
from transforms.reports.catalogue import CHECKS
from transforms.reports.checks import APPLICANTS, ORGANISATIONS
from transforms.reports.crosschecks import STATED_IN

COLUMNS = ("natural_person", *ORGANISATIONS, "org_subtotal", "total")
_HEADS = {
    "natural_person": "自然人", "commercial_enterprise": "商业企业", "research_institute": "科研机构", "public_welfare_org": "社会公益组织",
    "legal_service_org": "法律服务机构", "other_org": "其他", "org_subtotal": "小计", "total": "总计",
}  # fmt: skip
_SIGNS = {"blank": "␣", "na_mark": "/", "text": "…", "unreadable": "?", "absent": "∅"}
"""What stands in a cell without a number, so that none of them looks like a zero."""


@dataclass(frozen=True, slots=True)
class CellView:
    """One figure as read; `anchor` is its place in the text."""

    anchor: str
    code: str
    label: str
    shown: str
    state: str
    notes: str
    wrong: bool
    """A finding points at it."""


@dataclass(frozen=True, slots=True)
class RowView:
    """A line of table 3: one metric, its cells by column; None where nothing was read."""

    code: str
    label: str
    cells: list[CellView | None]


@dataclass(frozen=True, slots=True)
class ReportView:
    """All figures of a report: the grid of table 3, the single cells of the other tables, and the prose."""

    heads: list[str]
    grid: list[RowView]
    single: list[CellView]
    prose: list[CellView]
    checks: list[tuple[str, str]]
    """Rule and formula of each check that is not met."""


def report_view(parsed: ParsedDocument) -> ReportView | None:
    """What the page shows of an annual report; None for other documents."""
    if parsed.genre != "annual_report":
        return None
    places = [(f.start, f.end) for f in parsed.findings if f.start is not None and f.end is not None and f.rule in CHECKS]
    cells = [(metric, _cell(i, metric, places)) for i, metric in enumerate(parsed.metrics)]
    columns = [c for c in COLUMNS if c in APPLICANTS or any(m.dimensions.get("applicant") == c for m, _ in cells)]
    rows: dict[str, dict[str, CellView]] = {}
    single, prose = [], []
    for metric, cell in cells:
        applicant = metric.dimensions.get("applicant")
        if applicant:
            rows.setdefault(metric.code, {})[applicant] = cell
        elif _from_table(metric, parsed.format_detected):
            single.append(cell)
        else:
            prose.append(cell)
    grid = [RowView(code, load_metrics()[code].zh, [row.get(c) for c in columns]) for code, row in rows.items()]
    checks = [(rule, CHECKS[rule].formula) for rule in dict.fromkeys(f.rule for f in parsed.findings) if rule in CHECKS]
    return ReportView([_HEADS[c] for c in columns], grid, single, prose, checks)


def _from_table(metric: MetricValue, era: str | None) -> bool:
    """True for cells of tables 2 and 4 (A, B) and of the statistics table (S, P); prose repeats them with STATED_IN."""
    known = load_metrics()[metric.code]
    if STATED_IN in metric.dimensions:
        return False
    return bool(known.table2 or known.table4) if era in ("A", "B") else bool(known.stat) and era in ("S", "P")


def _cell(index: int, metric: MetricValue, places: Sequence[tuple[int, int]]) -> CellView:
    value = _SIGNS.get(metric.state, "") if metric.value is None else f"{metric.value:f}"
    notes = [metric.qualifier, metric.scope, *(word for name, word in metric.dimensions.items() if name != "applicant")]
    return CellView(
        anchor=f"metric-{index}" if metric.start < metric.end else "",
        code=metric.code,
        label=metric.label,
        state=metric.state,
        notes=" · ".join(n for n in notes if n),
        shown=value + (metric.unit or "") * (metric.value is not None and "applicant" not in metric.dimensions),
        wrong=any(start < metric.end and metric.start < end for start, end in places),
    )
