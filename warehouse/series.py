"""Checks over the annual reports of one body in several years: from the loaded values to findings beside those of single reports."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

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
    SELECT {", ".join(f"d.{name}" for name in _GRAIN)}, d.issuer, n.section, n.title, d.report_year, d.body_text, row_number() OVER (
        PARTITION BY d.document_id ORDER BY string_to_array(d.extractor_version, '.')::integer[] DESC, d.run_id DESC
    ) AS place
    FROM silver.document AS d
    JOIN newest ON newest.notice_id = d.notice_id AND newest.version = d.version AND newest.place = 1
    LEFT JOIN silver.notice AS n ON n.notice_id = d.notice_id AND n.version = d.version
    WHERE d.genre = 'annual_report' AND d.report_year IS NOT NULL
)
SELECT {", ".join(_GRAIN)}, issuer, section, title, report_year, body_text FROM report WHERE place = 1
"""  # noqa: S608  names of our own columns
_YEAR = re.compile(r"\s|[12]\d{3}|[一二][〇零○Ｏ\d一二三四五六七八九]{3}")
_METRICS = (
    "SELECT code, label, value, unit, state, qualifier, dimensions, scope, era, raw, span_start, span_end FROM silver.metric_value "
    "WHERE document_id = $1 AND extractor_version = $2 AND run_id = $3 ORDER BY seq"
)


@dataclass(frozen=True, slots=True)
class _Report:
    grain: dict[str, Any]
    reading: YearReport


class _Body(NamedTuple):
    """Whose reports are compared."""

    portal_id: str
    issuer: str | None
    section: str
    title: str
    """Both only where there is no issuer; the title without its year."""


def load_series(connection: Connection) -> None:
    """Replace `silver.series_finding` by what the present reports give: idempotent, one transaction."""
    rows = list(_findings(connection))
    with connection.transaction():
        connection.execute("DELETE FROM silver.series_finding")
        if rows:
            connection.append("silver", SERIES_FINDING, SERIES_FINDING.arrow(rows))


def _findings(connection: Connection) -> Iterator[dict[str, Any]]:
    """Rows of the table. Of two documents of one body about one year (a page and its attachment) the one with more values speaks.

    Reports that name no issuer are one body's where section and title are the same but for the year; where two of them speak of one
    year, the title does not tell bodies apart, and none of them is compared.
    """
    bodies: dict[_Body, dict[int, _Report]] = defaultdict(dict)
    mixed = set()
    for report, body in _reports(connection):
        years = bodies[body]
        held = years.get(report.reading.year)
        if held and body.issuer is None and held.grain["notice_id"] != report.grain["notice_id"]:
            mixed.add(body)
        if held is None or len(report.reading.metrics) > len(held.reading.metrics):
            years[report.reading.year] = report
    for body, years in bodies.items():
        numbers = itertools.count(_FIRST_SEQ)
        for found in series_checks(report.reading for report in years.values()) if body not in mixed else ():
            yield row(found.finding, **years[found.year].grain, seq=next(numbers))


def _reports(connection: Connection) -> Iterator[tuple[_Report, _Body]]:
    for *grain, issuer, section, title, year, text in connection.query(_REPORTS):
        named = dict(zip(_GRAIN, grain, strict=True))
        values = connection.query(_METRICS, named["document_id"], named["extractor_version"], named["run_id"])
        place = ("", "") if issuer else (section or "", _YEAR.sub("", title or ""))
        body = _Body(named["portal_id"], issuer or None, *place)
        yield _Report(named, YearReport(year, [_metric(value) for value in values], text)), body


def _metric(value: tuple[Any, ...]) -> MetricValue:
    code, label, number, unit, state, qualifier, dimensions, scope, era, raw, start, end = value
    return MetricValue(
        code=code, label=label, value=number, unit=unit, state=state, qualifier=qualifier, dimensions=json.loads(dimensions or "{}"),
        scope=scope, era=era, raw=raw, start=start, end=end,
    )  # fmt: skip
