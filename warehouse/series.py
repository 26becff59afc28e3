"""Checks over the annual reports of one body in several years: from the loaded values to findings beside those of single reports."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
    SELECT {", ".join(f"d.{name}" for name in _GRAIN)}, d.issuer, n.section, n.title, d.report_year,
        bit_length(d.body_text) / 8 AS size, row_number() OVER (
        PARTITION BY d.document_id ORDER BY string_to_array(d.extractor_version, '.')::integer[] DESC, d.run_id DESC
    ) AS place
    FROM silver.document AS d
    JOIN newest ON newest.notice_id = d.notice_id AND newest.version = d.version AND newest.place = 1
    LEFT JOIN silver.notice AS n ON n.notice_id = d.notice_id AND n.version = d.version
    WHERE d.genre = 'annual_report' AND d.report_year IS NOT NULL
)
SELECT {", ".join(f"r.{name}" for name in _GRAIN)}, r.issuer, r.section, r.title, r.report_year, r.size, coalesce(m.amount, 0)
FROM report AS r LEFT JOIN (
    SELECT document_id, extractor_version, run_id, count(*) AS amount FROM silver.metric_value
    GROUP BY document_id, extractor_version, run_id
) AS m ON m.document_id = r.document_id AND m.extractor_version = r.extractor_version AND m.run_id = r.run_id
WHERE r.place = 1 ORDER BY r.portal_id, r.document_id
"""  # noqa: S608  names of our own columns
_OF_REPORTS = "WHERE (document_id, extractor_version, run_id) IN (SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]))"
# By portal, too: DuckDB keeps a portal's rows together, and texts that lie elsewhere it need not read.
_TEXTS = f"SELECT document_id, body_text FROM silver.document {_OF_REPORTS} AND portal_id BETWEEN $4::text AND $5::text"  # noqa: S608
_YEAR = re.compile(r"\s|[12]\d{3}|[一二][〇零○Ｏ\d一二三四五六七八九]{3}")
_METRICS = f"""
SELECT document_id, code, label, value, unit, state, qualifier, dimensions, scope, era, raw, span_start, span_end
FROM silver.metric_value {_OF_REPORTS} ORDER BY document_id, seq
"""  # noqa: S608  our own text
_AT_ONCE = 32_000_000
"""Bytes of text that are read together, at least those of one body."""


@dataclass(frozen=True, slots=True)
class _Report:
    grain: dict[str, Any]
    year: int
    size: int
    """Bytes of its text."""
    values: int
    """How many it states."""


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
        held = years.get(report.year)
        if held and body.issuer is None and held.grain["notice_id"] != report.grain["notice_id"]:
            mixed.add(body)
        if held is None or report.values > held.values:
            years[report.year] = report
    compared = (years for body, years in bodies.items() if body not in mixed and any(year + 1 in years for year in years))
    for portion in _portions(compared):
        readings = _readings(connection, [report for years in portion for report in years.values()])
        for years in portion:
            numbers = itertools.count(_FIRST_SEQ)
            for found in series_checks(readings[report.grain["document_id"]] for report in years.values()):
                yield row(found.finding, **years[found.year].grain, seq=next(numbers))


def _reports(connection: Connection) -> Iterator[tuple[_Report, _Body]]:
    for *grain, issuer, section, title, year, size, values in connection.query(_REPORTS):
        named = dict(zip(_GRAIN, grain, strict=True))
        place = ("", "") if issuer else (section or "", _YEAR.sub("", title or ""))
        yield _Report(named, year, int(size or 0), values), _Body(named["portal_id"], issuer or None, *place)


def _portions(bodies: Iterable[dict[int, _Report]]) -> Iterator[list[dict[int, _Report]]]:
    """Bodies whose texts are read together: reports are many, and texts are long."""
    portion: list[dict[int, _Report]] = []
    size = 0
    for years in bodies:
        own = sum(report.size for report in years.values())
        if portion and size + own > _AT_ONCE:
            yield portion
            portion, size = [], 0
        portion.append(years)
        size += own
    if portion:
        yield portion


def _readings(connection: Connection, reports: Sequence[_Report]) -> dict[str, YearReport]:
    """By document."""
    which = [[report.grain[name] for report in reports] for name in ("document_id", "extractor_version", "run_id")]
    metrics = defaultdict(list)
    for document_id, *value in connection.query(_METRICS, *which):
        metrics[document_id].append(_metric(tuple(value)))
    portals = [report.grain["portal_id"] for report in reports]
    texts: dict[str, str] = dict(connection.query(_TEXTS, *which, min(portals), max(portals)))
    ids = [(report.grain["document_id"], report.year) for report in reports]
    return {document_id: YearReport(year, metrics[document_id], texts[document_id]) for document_id, year in ids}


def _metric(value: tuple[Any, ...]) -> MetricValue:
    code, label, number, unit, state, qualifier, dimensions, scope, era, raw, start, end = value
    return MetricValue(
        code=code, label=label, value=number, unit=unit, state=state, qualifier=qualifier, dimensions=json.loads(dimensions or "{}"),
        scope=scope, era=era, raw=raw, start=start, end=end,
    )  # fmt: skip
