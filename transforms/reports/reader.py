"""Reads an annual report (政府信息公开工作年度报告): tables of every era, figures in prose, and the checks on both.

Specification: annual-reports.md (eras N, S, P, A, B; dictionary; checks). Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from gongkai.records.document import Finding, MetricValue
from transforms.body import Body, Cell
from transforms.reports import quality
from transforms.reports.chapters import form_chapters, old_matters
from transforms.reports.checks import narrative_checks, stat_checks, table_checks
from transforms.reports.crosschecks import STATED_IN, cross_checks
from transforms.reports.deadline import late
from transforms.reports.flattened import flattened_parts
from transforms.reports.forms import FormCell, FormTable, read_form
from transforms.reports.glued import glued_tables
from transforms.reports.narrative import read_narrative
from transforms.reports.parts import Part, UnknownRow, table_parts
from transforms.reports.shares import share_checks
from transforms.reports.statistics import StatCell, StatTable, read_statistics


@dataclass(frozen=True, slots=True)
class ReportReading:
    """Metrics in reading order, findings, and the era of the form (N where no known table was found)."""

    metrics: list[MetricValue]
    findings: list[Finding]
    era: str | None


@dataclass(slots=True)
class _Tables:
    forms: dict[int, list[FormTable]] = field(default_factory=dict)
    stats: list[StatTable] = field(default_factory=list)

    def era(self) -> str:
        """Of table 2, else table 3, else the statistics table."""
        for number in (2, 3):
            for table in self.forms.get(number, []):
                if table.era:
                    return table.era
        return self.stats[0].era if self.stats else "B" if 4 in self.forms else "N"


def read_report(body: Body, *, report_year: int | None, published: date | None, issuer: str | None) -> ReportReading:
    """Read every metric of a report and check them.

    `report_year` is the year the figures are about; None lets the title or the statistics period say it.
    """
    year = report_year or quality.statistics_year(body)
    tables = _read_tables(body)
    era = tables.era()
    if era == "B" and year is not None and year in (2019, 2020) and 2 not in tables.forms and 3 not in tables.forms:
        era = "A"  # table 4 alone is the same in both forms
    findings: list[Finding] = []
    tabular = _form_metrics(body, tables, era, issuer, findings) + _stat_metrics(body, tables, findings)
    held = {metric.code for metric in tabular}
    prose = [
        replace(metric, dimensions={**metric.dimensions, STATED_IN: "narrative"}) if metric.code in held else metric
        for metric in read_narrative(body, era, year)
    ]
    findings += narrative_checks(prose)
    findings += share_checks(body, [*tabular, *prose])
    if tables.forms:
        findings += cross_checks(tabular, prose, "".join(body.folded.split())) + form_chapters(body)
    elif era in ("N", "S", "P") and prose:
        findings += old_matters(body.folded)
    findings += (
        quality.period(body, year) + quality.era_mismatch(era, year, attached=bool(body.attachments)) + late(year, published, issuer)
    )
    metrics = sorted([*prose, *tabular], key=lambda m: (m.start, m.end))
    return ReportReading(metrics, _once(findings), era)


def _read_tables(body: Body) -> _Tables:
    tables = _tables_of(table_parts(body))
    if not tables.forms and not tables.stats:
        tables = _tables_of(flattened_parts(body))
    if not tables.stats:
        held = {cell.metric.code for table in tables.forms.get(3, []) for cell in table.cells}
        codes = {m.code for m in quality.form_codes(3, tables.era())}
        forms, tables.stats = glued_tables(body, tables.forms, frozenset(codes - held))
        for form in forms:
            tables.forms.setdefault(form.number, []).append(form)
    return tables


def _tables_of(parts: Iterable[Part]) -> _Tables:
    tables = _Tables()
    for part in parts:
        stat = read_statistics(part)
        if stat is not None:
            tables.stats.append(stat)
            continue
        for form in read_form(part):
            tables.forms.setdefault(form.number, []).append(form)
    return tables


def _form_metrics(body: Body, tables: _Tables, era: str, issuer: str | None, findings: list[Finding]) -> list[MetricValue]:
    """Metrics of tables 2, 3 and 4, with the findings on completeness and arithmetic."""
    everything: list[MetricValue] = []
    for number in (2, 3, 4):
        forms = tables.forms.get(number, [])
        if not forms:
            if tables.forms:
                findings += quality.missing_cells(number, era, [])
            continue
        own = next((form.era for form in forms if form.era), None) or era
        metrics = [_form_metric(body, cell, own) for form in forms for cell in form.cells]
        metrics = _first_of_each(metrics)
        everything += metrics
        findings += quality.missing_cells(number, own, metrics) + quality.blank_cells(str(number), metrics)
        findings += _unknown(form.unknown_rows for form in forms)
    findings += table_checks(everything, issuer)
    return everything


def _first_of_each(metrics: list[MetricValue]) -> list[MetricValue]:
    """One value a cell of the form: the first printed; a blank half of a row that a page end cut gives way."""
    out: dict[tuple[str, str | None], MetricValue] = {}
    for metric in metrics:
        key = (metric.code, metric.dimensions.get("applicant"))
        if key not in out or (out[key].state == "blank" and metric.state != "blank"):
            out[key] = metric
    return list(out.values())


def _form_metric(body: Body, cell: FormCell, era: str) -> MetricValue:
    dimensions = {"applicant": cell.applicant} if cell.applicant else {}
    unit = cell.reading.unit or cell.unit or cell.metric.unit
    return _cell_metric(body, cell, cell.cell, unit, dimensions, era)


def _stat_metrics(body: Body, tables: _Tables, findings: list[Finding]) -> list[MetricValue]:
    everything: list[MetricValue] = []
    for table in tables.stats[:1]:
        metrics = [
            _cell_metric(body, c, c.cell, c.unit or c.metric.unit, {"level": c.level} if c.level else {}, table.era) for c in table.cells
        ]
        findings += stat_checks(metrics, table.era) + quality.blank_cells(table.era, metrics) + _unknown([table.unknown_rows])
        everything += metrics
    return everything


def _cell_metric(body: Body, found: FormCell | StatCell, cell: Cell, unit: str, dimensions: dict[str, str], era: str) -> MetricValue:
    return MetricValue(
        code=found.metric.code, label=found.metric.zh, value=found.reading.value, unit=unit, state=found.reading.state,
        qualifier=found.reading.qualifier, dimensions=dimensions, era=era, raw=body.text[cell.start : cell.end],
        start=cell.start, end=cell.end,
    )  # fmt: skip


def _unknown(rows: Iterable[list[UnknownRow]]) -> list[Finding]:
    return [quality.unknown_row(row) for listed in rows for row in listed]


def _once(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))
