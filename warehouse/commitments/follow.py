"""Plan → next plan → annual report of the same body, within one portal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transforms.promises.bodies import bodies
from transforms.promises.follow import Next, PlannedTask, Report, next_of
from warehouse.commitments.current import CURRENT_OF_PORTAL, SAME
from warehouse.commitments.promises import Made
from warehouse.engines.contract import Connection

_REPORTS = f"""{CURRENT_OF_PORTAL}
SELECT r.document_id, r.issuer, r.report_year, d.body_text FROM reading AS r JOIN silver.document AS d ON {SAME}
WHERE d.portal_id = $1 AND r.genre = 'annual_report' AND r.report_year IN (SELECT unnest($2::bigint[]))
ORDER BY length(d.body_text) DESC, r.document_id
"""  # noqa: S608  our own text
_OF_GOVERNMENT = frozenset(("government", "government_office"))


@dataclass(frozen=True, slots=True)
class _ReportOf:
    """An annual report with the bodies that speak in it."""

    document_id: str
    bodies: frozenset[str]
    text: str


def follow_rows(connection: Connection, portal_id: str, made: Sequence[Made]) -> list[dict[str, Any]]:
    """A row for each task of a plan with a year."""
    plans: dict[tuple[frozenset[str], int], list[Made]] = defaultdict(list)
    for one in made:
        if one.row["kind"] == "task" and one.promise.plan_year is not None:
            plans[_speaker(one.issuer), one.promise.plan_year].append(one)
    reports = _reports(connection, portal_id, sorted({year for _, year in plans}))
    rows: list[dict[str, Any]] = []
    for (body, year), tasks in sorted(plans.items(), key=lambda p: (p[0][1], sorted(p[0][0]))):
        later = min((y for b, y in plans if b == body and y > year), default=None)
        fates = next_of([_planned(t) for t in tasks], None if later is None else [_planned(t) for t in plans[body, later]])
        report = next((r for r in reports.get(year, ()) if not r.bodies or not body or r.bodies & body), None)
        sentences = Report(report.text) if report else None
        rows += [_row(portal_id, t, fates[t.promise.id], later, report, sentences) for t in tasks]
    return rows


def _speaker(issuer: str | None) -> frozenset[str]:
    """Government and its office are one speaker: one issues the plan, the other reports."""
    found = bodies(issuer)
    return _OF_GOVERNMENT if found & _OF_GOVERNMENT else found


def _planned(made: Made) -> PlannedTask:
    return PlannedTask(id=made.promise.id, text=made.promise.text, due=made.row["due_date"], leads=tuple(made.row["lead_units"]))


def _reports(connection: Connection, portal_id: str, years: list[int]) -> dict[int, list[_ReportOf]]:
    """Reports by the year they are about, the longest first: a cover page has little to say."""
    found: dict[int, list[_ReportOf]] = defaultdict(list)
    for document_id, issuer, year, text in connection.query(_REPORTS, portal_id, years) if years else ():
        found[year].append(_ReportOf(document_id, _speaker(issuer), text))
    return found


def _row(portal_id: str, made: Made, fate: Next, later: int | None, report: _ReportOf | None, sentences: Report | None) -> dict[str, Any]:
    mention = sentences.mention(made.promise.text) if sentences else None
    return {
        "portal_id": portal_id,
        "commitment_id": made.promise.id,
        "change": fate.change,
        "next_commitment_id": fate.id,
        "similarity": fate.similarity,
        "next_plan_year": later,
        "report_document_id": report.document_id if report else None,
        "report_state": "no_report" if report is None else "mentioned" if mention else "not_mentioned",
        "report_span_start": mention.start if mention else None,
        "report_span_end": mention.end if mention else None,
        "report_share": mention.share if mention else None,
    }
