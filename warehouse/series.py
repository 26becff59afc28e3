"""Checks over the annual reports of one body in several years: from the loaded values to findings beside those of single reports."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gongkai.records.document import MetricValue
from gongkai.tables import TABLES, Table, row
from transforms.reports.series import YearReport, series_checks
from warehouse.engines import Connection

SERIES_FINDING = Table(
    "series_finding",
    "跨年问题",
    "Findings between the annual reports of one body in several years; made anew with every load.",
    TABLES["finding"].schema,
    ("document_id", "seq"),
)
_FIRST_SEQ = 100_000
"""Behind every finding that a document has by itself."""
_GRAIN = ("portal_id", "run_id", "notice_id", "version", "document_id", "extractor_version")
_REPORTS = f"""
WITH newest AS (
    SELECT notice_id, version, row_number() OVER (PARTITION BY notice_id ORDER BY run_id DESC, version DESC) AS place
    FROM silver.notice_sighting
), report AS (
    SELECT {", ".join(f"d.{name}" for name in _GRAIN)}, coalesce(d.issuer, '') AS issuer, d.report_year, d.body_text, row_number() OVER (
        PARTITION BY d.document_id ORDER BY string_to_array(d.extractor_version, '.')::integer[] DESC, d.run_id DESC
    ) AS place
    FROM silver.document AS d JOIN newest ON newest.notice_id = d.notice_id AND newest.version = d.version AND newest.place = 1
    WHERE d.genre = 'annual_report' AND d.report_year IS NOT NULL
)
SELECT {", ".join(_GRAIN)}, issuer, report_year, body_text FROM report WHERE place = 1
"""  # noqa: S608  names of our own columns
_METRICS = (
    "SELECT code, label, value, unit, state, qualifier, dimensions, scope, era, raw, span_start, span_end FROM silver.metric_value "
    "WHERE document_id = $1 AND extractor_version = $2 AND run_id = $3 ORDER BY seq"
)


@dataclass(frozen=True, slots=True)
class _Report:
    grain: dict[str, Any]
    reading: YearReport


def load_series(connection: Connection) -> None:
    """Replace `silver.series_finding` by what the present reports give: idempotent, one transaction."""
    rows = list(_findings(connection))
    with connection.transaction():
        connection.execute("DELETE FROM silver.series_finding")
        if rows:
            connection.append("silver", SERIES_FINDING, SERIES_FINDING.arrow(rows))


def _findings(connection: Connection) -> Iterator[dict[str, Any]]:
    """Rows of the table. Of two documents of one body about one year (a page and its attachment) the one with more values speaks."""
    bodies: dict[tuple[str, str], dict[int, _Report]] = defaultdict(dict)
    for report, issuer in _reports(connection):
        years = bodies[report.grain["portal_id"], issuer]
        held = years.get(report.reading.year)
        if held is None or len(report.reading.metrics) > len(held.reading.metrics):
            years[report.reading.year] = report
    for years in bodies.values():
        numbers = itertools.count(_FIRST_SEQ)
        for found in series_checks(report.reading for report in years.values()):
            yield row(found.finding, **years[found.year].grain, seq=next(numbers))


def _reports(connection: Connection) -> Iterator[tuple[_Report, str]]:
    for *grain, issuer, year, text in connection.query(_REPORTS):
        named = dict(zip(_GRAIN, grain, strict=True))
        values = connection.query(_METRICS, named["document_id"], named["extractor_version"], named["run_id"])
        yield _Report(named, YearReport(year, [_metric(value) for value in values], text)), issuer


def _metric(value: tuple[Any, ...]) -> MetricValue:
    code, label, number, unit, state, qualifier, dimensions, scope, era, raw, start, end = value
    return MetricValue(
        code=code, label=label, value=number, unit=unit, state=state, qualifier=qualifier, dimensions=json.loads(dimensions or "{}"),
        scope=scope, era=era, raw=raw, start=start, end=end,
    )  # fmt: skip
