"""Pages about all places: the matrix of places × years, the four questions, method and gaps, downloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from warehouse.package import LICENCE, known_gaps
from warehouse.report_site.documents import page_of
from warehouse.report_site.feeds import feeds, read_events
from warehouse.report_site.places import csv_text
from warehouse.report_site.reading import Row, Source
from warehouse.report_site.rendering import render
from warehouse.report_site.site import Files, Site
from warehouse.report_site.vocabulary import HERE

_YEARS = 12
"""Years of the matrix, newest first; a place's page shows all of them."""
_GENRES = ("work_plan", "annual_report")


def read_places(source: Source) -> list[Row]:
    """Every registered place, by province."""
    columns = ("portal_id", "name_zh", "name_en", "level", "province", "family", "base_url", "registry_status")
    return source.rows(columns, "FROM mart.dim_portal ORDER BY province, division_code, portal_id")


def build_overview(source: Source, site: Site, places: Sequence[Row]) -> None:
    """Write the pages about all places."""
    release, questions = source.release, _questions(source)
    cells = source.rows(("portal_id", "genre", "year", "state"), "FROM mart.portal_completeness ORDER BY portal_id, year, genre")
    statuses = source.rows(("portal_id", "status", "run_id"), "FROM mart.portal_status ORDER BY portal_id")
    matrix = _matrix(places, cells, {row["portal_id"]: row for row in statuses})
    about = (release.run_id, release.as_of, release.published_at, release.extractor_versions)
    site.unit(
        "index.html",
        (about, matrix, [(q["name"], q["whole"]) for q in questions]),
        lambda: [("index.html", render("index.html.j2", "index.html", release=release, questions=questions, **matrix))],
    )
    site.unit("questions.html", (about, questions, matrix["coverage"]), lambda: _question_files(source, questions, matrix["coverage"]))
    gaps = known_gaps(source.connection)
    site.unit(
        "method.html",
        (about, gaps, sorted(source.columns)),
        lambda: [("method.html", render("method.html.j2", "method.html", release=release, gaps=gaps, marts=source.columns))],
    )
    counts = source.rows(("table_name", "row_count"), "FROM meta.row_count WHERE table_schema = 'mart' ORDER BY table_name")
    site.unit("downloads.html", (about, counts, questions), lambda: _downloads(source, questions, counts))
    events = read_events(source)
    site.unit("feed/all", events, lambda: feeds("feed/all", "公开 Gongkai", events))
    site.unit("assets", None, lambda: [("assets/site.css", (HERE / "templates" / "site.css").read_text(encoding="utf-8"))])


def _matrix(places: Sequence[Row], cells: Sequence[Row], statuses: dict[str, Row]) -> dict[str, Any]:
    """What the overview shows: provinces with their places, a pair of states a year, and sums over all places."""
    by_place: dict[str, dict[tuple[str, int], str]] = {}
    for cell in cells:
        by_place.setdefault(cell["portal_id"], {})[cell["genre"], cell["year"]] = cell["state"]
    years = sorted({cell["year"] for cell in cells}, reverse=True)[:_YEARS]
    provinces: dict[str, list[Row]] = {}
    for place in places:
        own = by_place.get(place["portal_id"], {})
        row = {
            "id": place["portal_id"],
            "name": place["name_zh"],
            "status": statuses.get(place["portal_id"], {}).get("status"),
            "years": [[own.get((genre, year)) for genre in _GENRES] for year in years],
        }
        provinces.setdefault(place["province"] or "—", []).append(row)
    coverage = {g: {y: dict(Counter(c["state"] for c in cells if c["genre"] == g and c["year"] == y)) for y in years} for g in _GENRES}
    runs = Counter(statuses.get(place["portal_id"], {}).get("status") or "never" for place in places)
    return {"provinces": provinces, "years": years, "coverage": coverage, "runs": dict(runs), "places": len(places)}


def _questions(source: Source) -> list[dict[str, Any]]:
    """The four questions of a stranger, each with its answer as rows; all rows are in a CSV."""
    asked = [_overdue(source), _contradicting(source), _standing_still(source), _vanished(source)]
    return [question | {"whole": len(question["rows"])} for question in asked]


def _overdue(source: Source) -> dict[str, Any]:
    judged = "commitment" in source.columns
    late, sure = ("overdue", "mart.commitment") if judged else ("due", "mart.plan_commitment")
    status = "status" if judged else "commitment_state"
    columns = {
        "portal_id": "portal_id",
        "portal_name": "max(portal_name)",
        "year": "plan_year",
        "open": f"count(CASE WHEN {status} = '{late}' THEN 1 END)",
        "kept": f"count(CASE WHEN {status} = 'evidenced' THEN 1 END)",
        "without_date": "count(CASE WHEN due_date IS NULL THEN 1 END)",
        "promises": "count(*)",
    }
    group = f"GROUP BY portal_id, plan_year HAVING count(CASE WHEN {status} = '{late}' THEN 1 END) > 0"
    rows = source.rows(columns, f"FROM {sure} {group} ORDER BY plan_year DESC NULLS LAST, 4 DESC, portal_id")
    return {"name": "overdue", "judged": judged, "columns": list(columns), "rows": rows}


def _contradicting(source: Source) -> dict[str, Any]:
    columns = ("portal_id", "portal_name", "document_id", "document_title", "document_year", "rule", "message", "expected", "actual", "url")
    of_figures = "severity = 'error' AND substr(rule, 1, 1) IN ('T', 'S', 'N', 'X')"  # a missing chapter contradicts nothing
    where = f"FROM mart.finding WHERE {of_figures} AND genre = 'annual_report' ORDER BY document_year DESC, portal_id, document_id, seq"
    return {"name": "contradicting", "columns": list(columns), "rows": source.rows(columns, where)}


def _standing_still(source: Source) -> dict[str, Any]:
    """Portals whose newest notice is older than half a year, and those that do not deliver at all: the two are told apart."""
    columns = (
        "portal_id",
        "portal_name",
        "last_status",
        "last_complete_run",
        "days_since_complete",
        "last_published",
        "days_since_published",
    )
    where = (
        "FROM mart.freshness WHERE last_run IS NOT NULL AND (days_since_published > 183 OR days_since_published IS NULL "
        "OR last_status NOT IN ('complete', 'empty')) ORDER BY days_since_published DESC NULLS FIRST, portal_id"
    )
    return {"name": "standing_still", "columns": list(columns), "rows": source.rows(columns, where)}


def _vanished(source: Source) -> dict[str, Any]:
    columns = ("portal_id", "portal_name", "title", "url", "cause", "known_since", "last_seen")
    where = (
        "FROM mart.removal WHERE gone_now AND cause <> 'restored' AND CAST(known_since AS date) >= (SELECT as_of FROM meta.snapshot) - 31 "
        "ORDER BY known_since DESC, portal_id, notice_id"
    )
    return {"name": "vanished", "columns": list(columns), "rows": source.rows(columns, where)}


def _question_files(source: Source, questions: Sequence[dict[str, Any]], coverage: dict[str, Any]) -> Files:
    yield (
        "questions.html",
        render(
            "questions.html.j2",
            "questions.html",
            release=source.release,
            coverage=coverage,
            page_of=page_of,
            **{q["name"]: q for q in questions},
        ),
    )
    for question in questions:
        yield f"data/{question['name']}.csv", csv_text(question["columns"], question["rows"])


def _downloads(source: Source, questions: Sequence[dict[str, Any]], counts: Sequence[Row]) -> Files:
    yield (
        "downloads.html",
        render("downloads.html.j2", "downloads.html", release=source.release, questions=questions, counts=counts, licence=LICENCE),
    )
