"""A place's pages: what is known of one portal, its promises year by year, its feeds and its tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from gongkai.layout import record_name
from warehouse.export import safe
from warehouse.report_site import metrics, promises
from warehouse.report_site.documents import build_documents, page_of
from warehouse.report_site.feeds import feeds, read_events
from warehouse.report_site.reading import Row, Source, grouped
from warehouse.report_site.rendering import plain, render, without_rule
from warehouse.report_site.sections import SECTIONS, read_sections
from warehouse.report_site.site import Files, Site
from warehouse.report_site.vocabulary import in_chinese

TOGETHER = 20
"""Portals whose facts are in memory at once."""
_FINDINGS = ("document_id", "seq", "rule", "severity", "message", "expected", "actual", "span_start", "span_end")
_CSV = {
    "promises": ("kind", "year", "text", "lead_units", "due_date", "status", "late", "why", "best_score", "evidence_count", "url"),
    "verdicts": (
        *("rule", "subject", "subject_title", "verdict", "reason", "reason_zh", "observed", "threshold", "basis", "confidence"),
        *("window_start", "window_end", "evidence_url", "record", "as_of"),
    ),
    "findings": ("rule", "severity", "document_year", "document_title", "message", "message_zh", "expected", "actual", "url"),
    "metrics": ("report_year", "code", "metric_zh", "metric_en", "value", "unit", "state", "qualifier", "scope", "contradicted", "url"),
}


def build_places(source: Source, site: Site, places: Sequence[Row]) -> None:
    """Write the pages of all places, a few at a time."""
    for n in range(0, len(places), TOGETHER):
        some = places[n : n + TOGETHER]
        ids = [place["portal_id"] for place in some]
        promised = promises.read_promises(source, ids)
        findings = source.rows(_FINDINGS, "FROM mart.finding WHERE portal_id IN (SELECT unnest($1::text[])) ORDER BY document_id, seq", ids)
        by_document = grouped([p for rows in promised.values() for p in rows], "document_id")
        documents = build_documents(source, site, ids, grouped([f for f in findings if f["document_id"]], "document_id"), by_document)
        sections, events = read_sections(source, ids), grouped(read_events(source, ids))
        for place in some:
            portal_id = place["portal_id"]
            own, held = promised.get(portal_id, []), documents.get(portal_id, [])
            _place(site, place, sections[portal_id], own, held)
            _promises(site, place, own, {document["document_id"] for document in held})
            _tables(source, site, portal_id, own)
            _feeds(site, place, events.get(portal_id, []))


def place_path(portal_id: str) -> str:
    return f"place/{portal_id}/index.html"


def promises_path(portal_id: str, year: str) -> str:
    return f"place/{portal_id}/promises-{year}.html"


def _place(site: Site, place: Row, sections: dict[str, Any], promised: Sequence[Row], documents: Sequence[Row]) -> None:
    views = sections | ({"promises": view} if (view := promises.view(promised)) else {})
    held = [{name: d[name] for name in ("document_id", "title", "genre", "plan_year", "report_year", "part", "url")} for d in documents]
    path = place_path(place["portal_id"])

    def make() -> Files:
        charts: dict[str, Any] = {"promises": promises.chart(views["promises"]["years"])} if "promises" in views else {}
        if "metrics" in views:
            charts["metrics"] = metrics.draw(views["metrics"])
        linked = {d["document_id"]: page_of(place["portal_id"], d["document_id"]) for d in held}
        yield path, render("place.html.j2", path, place=place, views=views, sections=SECTIONS, charts=charts, documents=held, linked=linked)

    site.unit(path, (place, views, held), make)


def _promises(site: Site, place: Row, promised: Sequence[Row], documents: set[str]) -> None:
    for year, rows in promises.by_year(promised).items():
        path = promises_path(place["portal_id"], year)
        linked = {i: page_of(place["portal_id"], i) for i in {row["document_id"] for row in rows} & documents}
        told = promises.counts(rows)[year]

        def make(path: str = path, year: str = year, rows: list[Row] = rows, linked: dict[str, str] = linked, told: Any = told) -> Files:
            shown = rows[: promises.MOST]
            months = sorted(grouped(shown, "month").items(), key=lambda item: (not item[0], item[0]))
            given = {"months": months, "shown": len(shown), "whole": len(rows), "counts": told, "linked": linked}
            yield path, render("promises.html.j2", path, place=place, year=year, **given)

        site.unit(path, (place, rows, linked), make)


def _feeds(site: Site, place: Row, events: Sequence[Row]) -> None:
    stem = f"place/{place['portal_id']}/feed"
    site.unit(stem, (place, events), lambda: feeds(stem, f"公开 {place['name_zh']}", events))


def _tables(source: Source, site: Site, portal_id: str, promised: Sequence[Row]) -> None:
    """Tables for spreadsheets; cells are as safe as those of an export."""
    path = f"place/{portal_id}/promises.csv"
    site.unit(path, promised, lambda: [(path, csv_text(_CSV["promises"], promised))])
    where = "FROM mart.metric_by_city_year WHERE portal_id = $1 ORDER BY report_year, code"
    figures = source.rows(_CSV["metrics"], where, portal_id)
    other = f"place/{portal_id}/metrics.csv"
    site.unit(other, figures, lambda: [(other, csv_text(_CSV["metrics"], figures))])
    for name, mart, said, order in (
        ("verdicts", "verdict", "reason", "rule, subject"),
        ("findings", "finding", "message", "document_year, document_id, seq"),
    ):
        if mart in source.columns:
            _told(source, site, portal_id, name, mart, said, order)


def _told(source: Source, site: Site, portal_id: str, name: str, mart: str, said: str, order: str) -> None:
    """A mart's rows of one portal with what they say in Chinese, too, and with the record that shows it."""
    record = ("evidence_run_id", "evidence_warc_file", "evidence_warc_offset") if "record" in _CSV[name] else ()
    columns = [column for column in (*_CSV[name], *record) if column not in (f"{said}_zh", "record")]
    rows = source.rows(columns, f"FROM mart.{mart} WHERE portal_id = $1 ORDER BY {order}", portal_id)
    for row in rows:
        told = in_chinese(without_rule(row[said], row["rule"]))
        row[f"{said}_zh"] = told and told.chinese
        row["record"] = record_name(portal_id, *(row[part] for part in record)) if record and row["evidence_warc_file"] else None
    path = f"place/{portal_id}/{name}.csv"
    site.unit(path, rows, lambda: [(path, csv_text(_CSV[name], rows))])


def csv_text(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A CSV file (UTF-8 with a byte order mark, for Excel) in which no cell runs as a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    guarded = [_column([row[name] for row in rows]) for name in columns]
    writer.writerows(zip(*guarded, strict=True))
    return "\ufeff" + file.getvalue()


def _column(values: Sequence[object]) -> list[object]:
    """Numbers as programs read them; every other value as a text that no spreadsheet runs."""
    guarded = safe(pa.array([None if value is None else plain(value) for value in values], pa.string())).to_pylist()
    return [_number(value) if isinstance(value, int | float | Decimal) else text for value, text in zip(values, guarded, strict=True)]


def _number(value: float | Decimal) -> str:
    return plain(value).replace(",", "")
