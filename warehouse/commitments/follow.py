"""Plan → next plan → annual report of the same body, within one portal; made anew for plans of those years alone whose mark changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gongkai.identity import digest
from transforms.promises.bodies import bodies
from transforms.promises.follow import Next, PlannedTask, Report, next_of
from transforms.promises.match import Years
from warehouse.commitments.current import OF_PORTALS
from warehouse.commitments.papers import Noted, Notices
from warehouse.commitments.promises import Made, Source
from warehouse.engines.contract import Connection

_REPORTS = f"""
SELECT portal_id, notice_id, document_id, issuer, report_year FROM now_reading
WHERE {OF_PORTALS} AND genre = 'annual_report' AND report_year IS NOT NULL ORDER BY document_id
"""  # noqa: S608  our own text
_OF_GOVERNMENT = frozenset(("government", "government_office"))
_Speaker = frozenset[str]


class _Plan(NamedTuple):
    """The papers that one issuer planned a year with."""

    body: _Speaker
    year: int


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


class FollowThrough:
    """The plans of a portal by who issued them and for which year, and the annual reports of these years."""

    def __init__(
        self, notices: Notices, portal_id: str, sources: Iterable[Source], noted: Mapping[str, Noted], reports: Iterable[ReportOf]
    ) -> None:
        self._notices, self._portal_id, self._noted = notices, portal_id, noted
        plans: dict[_Plan, set[str]] = defaultdict(set)
        for source in sources:
            if plan := _plan(source):
                plans[plan].add(source.notice_id)
        self._plans = dict(sorted(plans.items(), key=lambda plan: (plan[0].year, sorted(plan[0].body))))
        self._reports: dict[int, list[ReportOf]] = defaultdict(list)
        for report in reports:
            self._reports[report.year].append(report)

    def marks(self) -> dict[Years, str]:
        """A fingerprint, for each year, of everything that reaches the rows of its plans' tasks."""
        said: dict[int, list[str]] = defaultdict(list)
        for plan in self._plans:
            later = self._next(plan)
            said[plan.year].append(repr((sorted(plan.body), self._marks(plan), later and later.year, later and self._marks(later))))
        for year in said:
            said[year] += (f"{report} {self._noted[report.notice_id].mark}" for report in self._reports.get(year, ()))
        return {(year, year): digest(*marks) for year, marks in said.items()}

    def sources(self, groups: Collection[Years]) -> set[str]:
        """Notices of the plans of these years, and of those that follow them."""
        asked = [plan for plan in self._plans if (plan.year, plan.year) in groups]
        followed = filter(None, map(self._next, asked))
        return {notice_id for plan in (*asked, *followed) for notice_id in self._plans[plan]}

    def rows(self, groups: Collection[Years], made: Iterable[Made]) -> Iterator[dict[str, Any]]:
        """A row for each task of the plans of these years."""
        tasks: dict[_Plan, list[Made]] = defaultdict(list)
        for one in made:
            if plan := _plan(one.source):
                tasks[plan].append(one)
        texts = self._texts({year for year, _ in groups})
        for plan in self._plans:
            if (plan.year, plan.year) in groups:
                later = self._next(plan)
                fates = next_of(list(map(_planned, tasks[plan])), list(map(_planned, tasks[later])) if later else None)
                report = self._report(plan, texts)
                sentences = Report(texts[report.document_id]) if report else None
                yield from (
                    _row(self._portal_id, task, fates[task.promise.id], later.year if later else None, report, sentences)
                    for task in tasks[plan]
                )

    def _next(self, plan: _Plan) -> _Plan | None:
        """The next plan of the same issuer."""
        return min((p for p in self._plans if p.body == plan.body and p.year > plan.year), key=lambda p: p.year, default=None)

    def _marks(self, plan: _Plan) -> list[str]:
        return [f"{notice_id} {self._noted[notice_id].promised}" for notice_id in sorted(self._plans[plan])]

    def _texts(self, years: Collection[int]) -> Mapping[str, str]:
        return self._notices.texts(self._portal_id, [report.document_id for year in years for report in self._reports.get(year, ())])

    def _report(self, plan: _Plan, texts: Mapping[str, str]) -> ReportOf | None:
        """The report of a plan's issuer about its year: the longest, a cover page has little to say."""
        speaking = [r for r in self._reports.get(plan.year, ()) if not (by := _speaker(r.issuer)) or not plan.body or by & plan.body]
        return min(speaking, key=lambda r: (-len(texts[r.document_id]), r.document_id), default=None)


def _speaker(issuer: str | None) -> _Speaker:
    """Government and its office are one speaker: one issues the plan, the other reports."""
    found = bodies(issuer)
    return _OF_GOVERNMENT if found & _OF_GOVERNMENT else found


def _plan(source: Source) -> _Plan | None:
    """The plan that promises stand in; None for those of other papers, and of plans for no certain year."""
    return _Plan(_speaker(source.issuer), source.plan_year) if source.kind == "task" and source.plan_year is not None else None


def _planned(made: Made) -> PlannedTask:
    return PlannedTask(id=made.promise.id, text=made.promise.text, due=made.row["due_date"], leads=tuple(made.row["lead_units"]))


def _row(portal_id: str, made: Made, fate: Next, later: int | None, report: ReportOf | None, sentences: Report | None) -> dict[str, Any]:
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
