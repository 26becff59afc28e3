"""Promises (承诺): the tasks of plans and the duties of documents with what became of them, as far as it was judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from warehouse.report_site.charts import stacked
from warehouse.report_site.reading import Row, Source, grouped
from warehouse.report_site.vocabulary import words

_ASSESSED = {name: name for name in ("commitment_id", "kind", "portal_id", "notice_id", "document_id", "seq", "text", "lead_units")} | {
    "year": "plan_year",
    **{name: name for name in ("due_date", "status", "why", "late", "best_score", "evidence_count", "url")},
}
_PLANNED = {
    "commitment_id": "document_id || '/' || seq",
    "kind": "'task'",
    **{name: name for name in ("portal_id", "notice_id", "document_id", "seq", "text", "lead_units")},
    "year": "plan_year",
    "due_date": "due_date",
    "status": "CASE WHEN due_date IS NULL THEN 'not_assessable' ELSE commitment_state END",
    "why": "CASE WHEN due_date IS NULL THEN 'no_date' WHEN commitment_state = 'due' THEN 'not_judged' END",
    "late": "FALSE",
    "best_score": "NULL",
    "evidence_count": "NULL",
    "url": "url",
}
_EVIDENCE = {
    **{name: f"e.{name}" for name in ("commitment_id", "notice_id", "score", "basis", "spans", "decision", "decided_by", "reason")},
    "title": "n.title",
    "url": "n.url",
    "published_date": "n.published_date",
}
MOST = 250
"""Promises on one page; the portal's CSV holds all."""
_MOST_EVIDENCE = 3


def read_promises(source: Source, portal_ids: Sequence[str]) -> dict[str, list[Row]]:
    """All promises of some portals, those of one year together, by their day. Judged where `mart.commitment` is published."""
    mart, columns = ("commitment", _ASSESSED) if "commitment" in source.columns else ("plan_commitment", _PLANNED)
    where = f"FROM mart.{mart} WHERE portal_id IN (SELECT unnest($1::text[])) ORDER BY portal_id, plan_year, due_date, document_id, seq"
    rows = source.rows(columns, where, list(portal_ids))
    if mart == "commitment" and "commitment_evidence" in source.columns:
        _add_evidence(source, rows, portal_ids)
    for row in rows:
        row.setdefault("evidence", [])
        row["month"] = f"{row['due_date']:%Y-%m}" if row["due_date"] else ""
    return grouped(rows)


def _add_evidence(source: Source, rows: Sequence[Row], portal_ids: Sequence[str]) -> None:
    counts = {"counts": "e.counts"} if "counts" in source.columns["commitment_evidence"] else {"counts": "TRUE"}
    found = source.rows(
        _EVIDENCE | counts,
        "FROM mart.commitment_evidence AS e JOIN mart.notice AS n ON n.notice_id = e.notice_id "
        "JOIN mart.commitment AS c ON c.commitment_id = e.commitment_id WHERE c.portal_id IN (SELECT unnest($1::text[])) "
        "ORDER BY e.commitment_id, CASE WHEN e.decision = 'rejected' THEN 1 ELSE 0 END, e.score DESC, e.notice_id",
        list(portal_ids),
    )
    by_promise = grouped(found, "commitment_id")
    for row in rows:
        row["evidence"] = by_promise.get(row["commitment_id"], [])[:_MOST_EVIDENCE]


def by_year(promises: Sequence[Row]) -> dict[str, list[Row]]:
    """Promises by the year of their plan, newest first; `none` where a document belongs to no year."""
    found: dict[str, list[Row]] = {}
    for promise in promises:
        found.setdefault(str(promise["year"] or "none"), []).append(promise)
    return dict(sorted(found.items(), key=lambda item: (item[0] == "none", item[0]), reverse=True))


def counts(promises: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Year → status → promises; every status of the vocabulary that occurs has a column in each year."""
    seen = {promise["status"] for promise in promises}
    order = [status for status in words()["promise"] if status in seen] + sorted(seen - set(words()["promise"]))
    return {year: {status: Counter(p["status"] for p in rows)[status] for status in order} for year, rows in by_year(promises).items()}


def chart(told: dict[str, dict[str, int]]) -> Markup | None:
    """A bar a year, its promises by status; None for a single year, which the table tells as well."""
    years = [year for year in sorted(told) if year != "none"][-12:]
    if len(years) < 2:
        return None
    return stacked("承诺逐年状态 promises by year and status", years, {s: [told[y].get(s) for y in years] for s in words()["promise"]})


def view(promises: Sequence[Row]) -> dict[str, Any] | None:
    """What a place's page tells of its promises."""
    if not promises:
        return None
    overdue = [p for p in promises if p["status"] in ("overdue", "due")]
    newest = sorted(overdue, key=lambda p: (p["due_date"] is not None, p["due_date"]), reverse=True)
    judged = any(p["evidence_count"] is not None for p in promises)
    return {"years": counts(promises), "open": newest[:12], "open_whole": len(overdue), "judged": judged, "whole": len(promises)}
