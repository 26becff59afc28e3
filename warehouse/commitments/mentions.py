"""Where the annual report of the same body speaks of its plan's tasks; made anew for those years alone whose plans or reports changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongkai.identity import digest
from transforms.promises.follow import Report
from transforms.promises.match import Years
from warehouse.commitments.current import OF_PORTALS
from warehouse.commitments.papers import Noted, Notices
from warehouse.commitments.plans import Plan, Plans, by_plan, speaker
from warehouse.commitments.promises import Made
from warehouse.engines.contract import Connection

_REPORTS = f"""
SELECT portal_id, notice_id, document_id, issuer, report_year FROM now_reading
WHERE {OF_PORTALS} AND genre = 'annual_report' AND report_year IS NOT NULL ORDER BY document_id
"""  # noqa: S608  our own text


@dataclass(frozen=True, slots=True)
class ReportOf:
    """An annual report."""

    notice_id: str
    document_id: str
    issuer: str | None
    year: int


def reports_of(connection: Connection, portals: Sequence[str]) -> Iterator[tuple[str, ReportOf]]:
    """The annual reports of some portals, each with its portal."""
    return ((portal_id, ReportOf(*row)) for portal_id, *row in connection.query(_REPORTS, portals))


class Mentions:
    """The plans of a portal, and the annual reports of their years."""

    def __init__(self, portal_id: str, plans: Plans, reports: Iterable[ReportOf], notices: Notices, noted: Mapping[str, Noted]) -> None:
        self._portal_id, self._plans, self._notices, self._noted = portal_id, plans, notices, noted
        self._reports: dict[int, list[ReportOf]] = defaultdict(list)
        for report in reports:
            self._reports[report.year].append(report)

    def marks(self) -> dict[Years, str]:
        """A fingerprint, for each year, of the tasks of its plans and of its reports."""
        said: dict[int, list[str]] = defaultdict(list)
        for plan in self._plans:
            said[plan.year].append(self._plans.mark(plan))
        for year in said:
            said[year] += (f"{report} {self._noted[report.notice_id].mark}" for report in self._reports.get(year, ()))
        return {(year, year): digest(*marks) for year, marks in said.items()}

    def sources(self, groups: Collection[Years]) -> set[str]:
        """Notices of the plans of these years."""
        return self._plans.notices(self._plans.of_years(groups))

    def rows(self, groups: Collection[Years], made: Iterable[Made]) -> Iterator[dict[str, Any]]:
        """A row for each task of the plans of these years."""
        tasks = by_plan(made)
        texts = self._notices.texts(self._portal_id, [r.document_id for year, _ in groups for r in self._reports.get(year, ())])
        for plan in self._plans.of_years(groups):
            report = self._report(plan, texts)
            sentences = Report(texts[report.document_id]) if report else None
            yield from (_row(self._portal_id, task, report, sentences) for task in tasks[plan])

    def _report(self, plan: Plan, texts: Mapping[str, str]) -> ReportOf | None:
        """The report of a plan's issuer about its year: the longest, a cover page has little to say."""
        speaking = [r for r in self._reports.get(plan.year, ()) if not (by := speaker(r.issuer)) or not plan.body or by & plan.body]
        return min(speaking, key=lambda r: (-len(texts[r.document_id]), r.document_id), default=None)


def _row(portal_id: str, made: Made, report: ReportOf | None, sentences: Report | None) -> dict[str, Any]:
    mention = sentences.mention(made.promise.text) if sentences else None
    return {
        "portal_id": portal_id,
        "commitment_id": made.promise.id,
        "report_document_id": report.document_id if report else None,
        "report_state": "no_report" if report is None else "mentioned" if mention else "not_mentioned",
        "report_span_start": mention.start if mention else None,
        "report_span_end": mention.end if mention else None,
        "report_share": mention.share if mention else None,
    }
