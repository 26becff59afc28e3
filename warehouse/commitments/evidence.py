"""Evidence of a portal's promises, by the years of their windows; made anew for those years alone whose mark changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from gongkai.commitments import commitment_rules
from gongkai.identity import digest
from transforms.promises.match import Match, Portal, Years
from warehouse.commitments.papers import Known, Noted, Notices
from warehouse.commitments.promises import Made, Source


class Evidence:
    """Promises in groups of the same years, and the notices that they are compared with: those of these years."""

    def __init__(self, notices: Notices, portal_id: str, sources: Iterable[Source], noted: Mapping[str, Noted]) -> None:
        self._notices, self._portal_id, self._noted = notices, portal_id, noted
        groups: dict[Years, set[str]] = defaultdict(set)
        for source in sources:
            if of := source.years:  # a plan whose day is not known has no evidence
                groups[of].add(source.notice_id)
        self._groups = dict(sorted(groups.items()))

    def marks(self) -> dict[Years, str]:
        """A fingerprint, for each group, of all that reaches its rows: its promises, and the notices of its years."""
        by_year: dict[int, list[str]] = defaultdict(list)
        for notice_id, noted in sorted(self._noted.items()):
            if noted.year is not None:
                by_year[noted.year].append(f"{notice_id} {noted.mark}")
        of_years = {year: digest(*marks) for year, marks in sorted(by_year.items())}
        return {
            (first, last): digest(
                *(f"{notice_id} {self._noted[notice_id].promised}" for notice_id in sorted(sources)),
                *(f"{year} {mark}" for year, mark in of_years.items() if first <= year <= last),
            )
            for (first, last), sources in self._groups.items()
        }

    def sources(self, groups: Collection[Years]) -> set[str]:
        """Notices that these groups' promises stand in."""
        return {notice_id for group in groups for notice_id in self._groups[group]}

    def compared(self, groups: Collection[Years]) -> list[str]:
        """Notices that these groups' promises are compared with: those of other years change nothing."""
        wanted = {year for first, last in groups for year in range(first, last + 1)}
        return [notice_id for notice_id, noted in self._noted.items() if noted.year in wanted]

    def rows(self, groups: Collection[Years], made: Iterable[Made]) -> Iterator[dict[str, Any]]:
        """Evidence of these groups."""
        compared = self.compared(groups)
        known = {notice.notice_id: notice for notice in self._notices.known(compared)}
        portal = Portal(self._notices.papers(compared), self._notices.places[self._portal_id])
        of_groups = [one for one in made if one.source.years in groups]
        for one in sorted(of_groups, key=lambda one: one.source.years or (0, 0)):  # as the matcher is quickest
            for match in portal.evidence(one.promise):
                yield _match(self._portal_id, one, match, known[match.notice_id])


def _match(portal_id: str, made: Made, match: Match, notice: Known) -> dict[str, Any]:
    places = list(_places(made, match))
    expected = made.row["periods"]
    return {
        "portal_id": portal_id,
        "commitment_id": match.promise,
        "notice_id": match.notice_id,
        "document_id": notice.page,
        "score": match.score,
        "counts": match.score >= commitment_rules().evidence_score,
        "basis": "; ".join(_basis(made, match, notice)),
        "spans": json.dumps(places, ensure_ascii=False),
        "late": match.late,
        "period": match.period if expected and match.period in expected else None,
    }


def _places(made: Made, match: Match) -> Iterable[dict[str, Any]]:
    """Offsets of the promise's words count characters of its document's body_text, as those of the evidence's body do of its own."""
    for mark in match.marks:
        shift = (made.row["span_start"] or 0) if mark.where == "promise" else 0
        yield asdict(mark) | {"start": mark.start + shift, "end": mark.end + shift}


def _basis(made: Made, match: Match, notice: Known) -> Iterator[str]:
    factors = commitment_rules().factors
    words = [made.promise.text[m.start : m.end] for m in match.marks if m.where == "promise"]
    yield f"subject {match.subject:.2f} ({'、'.join(dict.fromkeys(words))})"
    yield {
        "lead": "published by a body that leads the task",
        "support": f"published by a body that supports the task (×{factors.support:g})",
        "unknown": f"publisher not known, or the government itself (×{factors.unknown:g})",
        "other": f"published by another body (×{factors.other:g})",
        "foreign": f"a paper of another place or level, which stands here again (×{factors.foreign:g})",
    }[match.who]
    if match.kind:
        yield f"of the kind that was promised ({match.kind})"
    if match.other_kind:
        yield f"another kind of paper than was promised (×{factors.other_kind:g})"
    if match.act:
        yield f"tells of an act beside the promise: {match.act} (×{factors.act:g})"
    if match.file:
        yield f"by the name of attachment {match.file}"
    yield f"published {notice.published}" + (f", after the due date {made.promise.due}" if match.late else "")
