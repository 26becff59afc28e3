"""Figures of annual reports by year: state and value stay apart, and what contradicts itself is marked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import yaml

from warehouse.report_site.charts import lines
from warehouse.report_site.reading import Row, Source, grouped
from warehouse.report_site.vocabulary import HERE

_YEARS = 12
_COLUMNS = (
    "portal_id",
    "report_year",
    "code",
    "metric_zh",
    "metric_en",
    "value",
    "unit",
    "state",
    "qualifier",
    "contradicted",
    "document_id",
    "span_start",
    "span_end",
)
_ERRORS = (
    "FROM mart.finding WHERE severity = 'error' AND span_start IS NOT NULL AND portal_id IN (SELECT unnest($1::text[])) "
    "ORDER BY document_id, seq"
)


@cache
def groups() -> list[dict[str, Any]]:
    """metrics.yaml."""
    read: list[dict[str, Any]] = yaml.safe_load((HERE / "metrics.yaml").read_text(encoding="utf-8"))
    return read


def metric_view(source: Source, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The chosen figures of some portals: groups of rows, a row a metric with a cell a year (None where the form does not ask)."""
    wanted = [code for group in groups() for code in group["codes"]]
    rows = source.rows(
        _COLUMNS,
        "FROM mart.metric_by_city_year WHERE portal_id IN (SELECT unnest($1::text[])) AND code IN (SELECT unnest($2::text[])) "
        "ORDER BY portal_id, report_year, code",
        list(ids),
        wanted,
    )
    errors = grouped(source.rows(("document_id", "rule", "span_start", "span_end"), _ERRORS, list(ids)), "document_id")
    for row in rows:
        row["broken"] = next((e["rule"] for e in errors.get(row["document_id"], []) if _overlap(e, row)), None)
    return {portal_id: _view(found) for portal_id, found in grouped(rows).items()}


def _overlap(error: Row, figure: Row) -> bool:
    """Whether an error's evidence is the figure: it does not add up, as the report itself prints it."""
    if figure["span_start"] is None:
        return False
    return bool(error["span_start"] < figure["span_end"] and figure["span_start"] < error["span_end"])


def _view(rows: Sequence[Row]) -> dict[str, Any]:
    years = sorted({row["report_year"] for row in rows})[-_YEARS:]
    cells = {(row["code"], row["report_year"]): row for row in rows}
    named = {row["code"]: row for row in rows}
    shown = []
    for group in groups():
        series = [named[code] | {"cells": [cells.get((code, year)) for year in years]} for code in group["codes"] if code in named]
        told = [row for row in series if any(cell and cell["value"] is not None for cell in row["cells"])]
        if told:
            shown.append({"name": group["name"], "rows": told, "drawn": [row for row in told if row["code"] in group["drawn"]]})
    return {"years": years, "groups": shown}


def draw(view: dict[str, Any]) -> list[Any]:
    """A chart a group, or None where there are not two years to draw a line between."""
    years = list(range(min(view["years"]), max(view["years"]) + 1))[-_YEARS:]  # a year without a report is a gap as wide as any
    charts = []
    for group in view["groups"]:
        told = [(row["metric_zh"], dict(zip(view["years"], row["cells"], strict=True))) for row in group["drawn"]]
        series = {name: [_number(cells.get(year)) for year in years] for name, cells in told}
        enough = any(sum(value is not None for value in values) > 1 for values in series.values())
        charts.append(lines("、".join(series), [str(year) for year in years], series) if enough else None)
    return charts


def _number(cell: Row | None) -> float | None:
    return None if cell is None or cell["value"] is None else float(cell["value"])
