"""Plan → next plan → annual report of the same body, within one portal; made anew for plans of those years alone whose mark changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongkai.identity import digest
from transforms.promises.bodies import bodies
from transforms.promises.follow import Next, PlannedTask, Report, next_of
from transforms.promises.match import Years
from warehouse.commitments.current import CURRENT_OF_PORTAL, SAME, named_readings
from warehouse.commitments.promises import Made
from warehouse.engines.contract import Connection

_REPORTS = f"""{CURRENT_OF_PORTAL}
SELECT document_id, extractor_version, run_id, issuer, report_year FROM reading
WHERE genre = 'annual_report' AND report_year IN (SELECT unnest($2::bigint[])) ORDER BY document_id
"""  # noqa: S608  our own text
_TEXTS = f"SELECT d.document_id, d.body_text FROM silver.document AS d JOIN {named_readings(2)} AS r ON {SAME} WHERE d.portal_id = $1"  # noqa: S608
_OF_GOVERNMENT = frozenset(("government", "government_office"))
_Speaker = frozenset[str]


@dataclass(frozen=True, slots=True)
class _ReportOf:
    """An annual report, as it was read."""

    document_id: str
    extractor_version: str
    run_id: str
    issuer: str | None
    year: int


class FollowThrough:
    """The tasks of a portal's plans by who issued these and for which year, and the annual reports of these years."""

    def __init__(self, connection: Connection, portal_id: str, made: Iterable[Made]) -> None:
        self._connection, self._portal_id = connection, portal_id
        self._plans: dict[tuple[_Speaker, int], list[Made]] = defaultdict(list)
        for one in made:
            if one.row["kind"] == "task" and one.promise.plan_year is not None:
                self._plans[_speaker(one.issuer), one.promise.plan_year].append(one)
        self._reports: dict[int, list[_ReportOf]] = defaultdict(list)
        years = sorted({year for _, year in self._plans})
        for row in connection.query(_REPORTS, portal_id, years) if years else ():
            report = _ReportOf(*row)
            self._reports[report.year].append(report)

    def marks(self, edition: str) -> dict[Years, str]:
        """A fingerprint, for each year, of everything that reaches the rows of its plans' tasks."""
        said: dict[int, list[str]] = defaultdict(list)
        for body, year, tasks, later in self._each():
            following = [] if later is None else self._plans[body, later]
            said[year].append(repr((sorted(body), list(map(_said, tasks)), later, list(map(_said, following)))))
        return {(year, year): digest(edition, *plans, repr(self._reports.get(year))) for year, plans in said.items()}

    def ids(self, group: Years) -> Iterator[str]:
        """Tasks of the plans of a year."""
        return (task.promise.id for (_, year), tasks in self._plans.items() if year == group[0] for task in tasks)

    def rows(self, groups: Collection[Years]) -> Iterator[dict[str, Any]]:
        """A row for each task of the plans of these years."""
        years = {year for year, _ in groups}
        texts = self._texts(years)
        for body, year, tasks, later in self._each():
            if year in years:
                fates = next_of(list(map(_planned, tasks)), None if later is None else list(map(_planned, self._plans[body, later])))
                report = self._report(body, year, texts)
                sentences = Report(texts[report.document_id]) if report else None
                yield from (_row(self._portal_id, t, fates[t.promise.id], later, report, sentences) for t in tasks)

    def _each(self) -> Iterator[tuple[_Speaker, int, Sequence[Made], int | None]]:
        """Each plan's issuer, year and tasks, with the year of the next plan of the same issuer."""
        for (body, year), tasks in sorted(self._plans.items(), key=lambda p: (p[0][1], sorted(p[0][0]))):
            yield body, year, tasks, min((y for b, y in self._plans if b == body and y > year), default=None)

    def _texts(self, years: Collection[int]) -> dict[str, str]:
        wanted = [report for year in years for report in self._reports.get(year, ())]
        columns = ([getattr(report, name) for report in wanted] for name in ("document_id", "extractor_version", "run_id"))
        rows = self._connection.query(_TEXTS, self._portal_id, *columns) if wanted else []
        return {row[0]: row[1] for row in rows}

    def _report(self, body: _Speaker, year: int, texts: Mapping[str, str]) -> _ReportOf | None:
        """The report of a body about a year: the longest, a cover page has little to say."""
        speaking = [r for r in self._reports.get(year, ()) if not (by := _speaker(r.issuer)) or not body or by & body]
        return min(speaking, key=lambda r: (-len(texts[r.document_id]), r.document_id), default=None)


def _speaker(issuer: str | None) -> _Speaker:
    """Government and its office are one speaker: one issues the plan, the other reports."""
    found = bodies(issuer)
    return _OF_GOVERNMENT if found & _OF_GOVERNMENT else found


def _planned(made: Made) -> PlannedTask:
    return PlannedTask(id=made.promise.id, text=made.promise.text, due=made.row["due_date"], leads=tuple(made.row["lead_units"]))


def _said(made: Made) -> tuple[Any, ...]:
    """What of a task reaches its own row, or that of the one before it."""
    return made.promise.id, made.promise.text, made.row["due_date"], made.row["lead_units"]


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
