"""Which notices of a portal are evidence that a promise was kept, how strong, and which words say so (docs/commitments.md).

A promise is compared with few notices only: those that have one of its rarest words. So the work grows with tasks and notices, not with
their product.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from gongkai.commitments import CommitmentRules, PaperKind, Who, commitment_rules
from gongkai.records.document import Recurrence
from transforms.promises.bodies import who
from transforms.promises.periods import period_of
from transforms.promises.words import Weights, grams, spans
from transforms.search_fold import search_fold

OPENING = 400
"""Characters of a notice's text that are looked at: what it is about stands at its beginning."""
_RARE = 12
"""Pairs of a promise that find its candidates, the rarest first."""
_MOST = 600
"""Candidates of one promise that are compared at most."""
_LEAST_PAIRS = 2
"""Pairs that promise and title must share: one may be chance."""
_ONLY = {"work_plan": "plan", "interpretation": "interpretation"}
"""Genres that are evidence only of a promise of that kind of paper: else the next plan promises the same again, or 解读 tells of it."""
_CLAUSE = re.compile(r"[^。;；,，!！?？\n]+")
_ITEM = re.compile(r"[^。;；,，!！?？\n、和及与]+")
_LEAST_OF_ITEM = 3
"""Pairs of an item of a list (招生范围、招生计划和录取结果) that is a promise by itself; shorter ones are nobody's name."""
_ITEM_FACTOR = 0.9
"""An item alone says less than its clause."""
_YEAR = re.compile(r"(?<!\d)(20[012]\d)(?=\s?年|年度|[-—~至]\s?20)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A task or obligation with what a notice is compared with."""

    id: str
    notice_id: str
    """The plan's own notice, which is no evidence."""
    text: str
    leads: frozenset[str] = frozenset()
    supports: frozenset[str] = frozenset()
    plan_year: int | None = None
    begins: date | None = None
    """Day of the plan's publication: nothing earlier is evidence."""
    due: date | None = None
    recurrence: Recurrence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A published notice in its newest version."""

    notice_id: str
    title: str
    published: date | None
    publishers: frozenset[str] = frozenset()
    genre: str = "other"
    opening: str = ""
    """The first OPENING characters of its page's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A run of words that promise and notice share, at its place."""

    where: Literal["promise", "title", "body"]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A notice that may be evidence of a promise. `score` from 0 to 1; from `evidence_score` on it counts."""

    promise: str
    notice_id: str
    score: float
    subject: float
    """Share of the subject in common: of what the notice's title is about and of what one clause of the promise names."""
    who: Who
    kind: str | None
    """Kind of paper that was promised and published; None where they have none in common."""
    other_kind: bool
    """Whether it is another kind of paper than was promised, or tells of an act beside it; its score is lower then."""
    late: bool
    period: str | None
    """Of a promise that recurs: which month, quarter … the notice is for."""
    marks: tuple[Mark, ...]


class Portal:
    """The notices of one portal, indexed by their subject words."""

    def __init__(self, papers: Iterable[Paper], cut: Sequence[str] = (), rules: CommitmentRules | None = None) -> None:
        self._rules, self._cut = rules or commitment_rules(), tuple(cut)
        dated = [p for p in papers if p.published is not None and not any(word in search_fold(p.title) for word in self._rules.never)]
        self._papers = sorted(dated, key=lambda p: (p.published or date.min, p.notice_id))
        self._days = [p.published or date.min for p in self._papers]
        self._titles = [grams(p.title, cut) for p in self._papers]
        self._bodies = [frozenset(grams(p.opening[:OPENING], cut)) for p in self._papers]
        self._where: dict[str, list[int]] = {}
        for place, (title, body) in enumerate(zip(self._titles, self._bodies, strict=True)):
            for gram in title if len(title) >= _LEAST_PAIRS else {*title, *body}:
                self._where.setdefault(gram, []).append(place)
        counts: Counter[str] = Counter()
        for title, body in zip(self._titles, self._bodies, strict=True):
            counts.update({*title, *body})
        self._weight = Weights(counts, len(self._papers))

    def evidence(self, promise: Promise) -> list[Match]:
        """Notices from `shown_score` on, the best first; none where the plan's own day is not known."""
        if promise.begins is None:
            return []
        window = self._window(promise, promise.begins)
        pairs, clauses = grams(promise.text, self._cut), list(self._clauses(promise.text))
        found = (self._match(promise, pairs, clauses, place) for place in self._candidates(pairs, window))
        return sorted((m for m in found if m and m.score >= self._rules.shown_score), key=lambda m: (-m.score, m.notice_id))

    def _clauses(self, text: str) -> Iterator[tuple[frozenset[str], float]]:
        """What the text promises, one by one: its clauses, and the items of their lists; each with what its share counts."""
        for pattern, least, factor in ((_CLAUSE, _LEAST_PAIRS, 1.0), (_ITEM, _LEAST_OF_ITEM, _ITEM_FACTOR)):
            for found in pattern.finditer(text):
                if len(clause := frozenset(grams(found.group(), self._cut))) >= least:
                    yield clause, factor

    def _candidates(self, pairs: Iterable[str], window: tuple[int, int]) -> Iterator[int]:
        first, last = window
        known = sorted((g for g in pairs if g in self._where), key=lambda g: (len(self._where[g]), g))
        seen: set[int] = set()
        for gram in known[:_RARE] if len(known) > 2 * _RARE else known:
            places = self._where[gram]
            seen.update(places[bisect_left(places, first) : bisect_left(places, last)])
            if len(seen) >= _MOST:
                break
        return iter(sorted(seen)[:_MOST])

    def _window(self, promise: Promise, begins: date) -> tuple[int, int]:
        """Places of the notices that came after the plan, and not too late."""
        ends = promise.due or (date(promise.plan_year, 12, 31) if promise.plan_year else begins + timedelta(days=366))
        late = max(ends, begins) + timedelta(days=self._rules.late_days)
        return bisect_left(self._days, begins), bisect_right(self._days, late)

    def _match(
        self, promise: Promise, pairs: dict[str, list[int]], clauses: Sequence[tuple[frozenset[str], float]], place: int
    ) -> Match | None:
        paper, title, body = self._papers[place], self._titles[place], self._bodies[place]
        if paper.notice_id == promise.notice_id or not _years_fit(paper.title, promise, self._rules):
            return None
        kind, kind_factor = self._kind(promise, paper)
        if kind_factor == 0:
            return None
        subject, met = self._subject(pairs, clauses, title, body)
        by = who(paper.publishers, promise.leads, promise.supports)
        factors: dict[str, float] = {"lead": 1, **self._rules.factors.model_dump()}
        score = round(subject * factors[by] * kind_factor, 3)
        if score < self._rules.shown_score:
            return None
        published = paper.published or date.min
        return Match(
            promise=promise.id,
            notice_id=paper.notice_id,
            score=score,
            subject=round(subject, 3),
            who=by,
            kind=kind,
            other_kind=kind_factor == self._rules.factors.other_kind,
            late=promise.due is not None and published > promise.due,
            period=period_of(paper.title, published, promise.recurrence) if promise.recurrence else None,
            marks=tuple(self._marks(promise, paper, pairs, met)),
        )

    def _subject(
        self,
        pairs: dict[str, list[int]],
        clauses: Sequence[tuple[frozenset[str], float]],
        title: dict[str, list[int]],
        body: frozenset[str],
    ) -> tuple[float, frozenset[str]]:
        """Share in common, and the pairs. The geometric mean: neither a title of one word nor a long promise wins by itself."""
        weight = self._weight
        in_title = pairs.keys() & title.keys()
        whole = weight.sum(title)
        of_title = weight.sum(in_title) / whole if whole else 0.0
        best = (0.0, frozenset[str]())
        for clause, factor in clauses:
            met = (clause & title.keys()) | (clause & body)
            share = factor * weight.sum(met) / weight.sum(clause)
            if len(title) < _LEAST_PAIRS:  # a title that says nothing (关于有关事项的公告): its text alone speaks, and for less
                found = share * 0.8
            elif len(clause & title.keys()) < _LEAST_PAIRS:
                found = 0.0
            else:
                found = math.sqrt(of_title * share)
            best = max(best, (found, frozenset(met | in_title)), key=lambda b: b[0])
        return best

    def _kind(self, promise: Promise, paper: Paper) -> tuple[str | None, float]:
        """The kind of paper that both are, and the factor; 0 where the notice cannot be evidence."""
        factors, has = self._rules.factors, _kind_of_title(paper.title, self._rules)
        wanted = _kinds_promised(promise.text, self._rules)
        shared = has.id if has and has.id in wanted else None
        if paper.genre == "annual_report" or (paper.genre in _ONLY and shared != _ONLY[paper.genre]):
            return None, 0.0
        if shared:
            return shared, factors.kind
        act = any(word in paper.title and word not in promise.text for word in self._rules.acts)
        return None, factors.other_kind if act or (wanted and has) else factors.no_kind

    def _marks(self, promise: Promise, paper: Paper, pairs: dict[str, list[int]], met: frozenset[str]) -> Iterator[Mark]:
        title, body = grams(paper.title, self._cut), grams(paper.opening[:OPENING], self._cut)
        yield from (Mark(where="promise", start=s, end=e) for s, e in spans(pairs, met & pairs.keys()))
        yield from (Mark(where="title", start=s, end=e) for s, e in spans(title, met & title.keys()))
        yield from (Mark(where="body", start=s, end=e) for s, e in spans(body, met & body.keys()))


def _years_fit(title: str, promise: Promise, rules: CommitmentRules) -> bool:
    """A title that names years must name one of the promise's."""
    named = {int(year) for year in _YEAR.findall(search_fold(title))}
    if not named or promise.plan_year is None:
        return True
    own = {int(year) for year in _YEAR.findall(promise.text)} or {promise.plan_year}
    allowed = own | ({promise.due.year} if promise.due else set())
    yearly = "年度" in title and not any(word in title for word in rules.looks_ahead)
    if yearly or any(word in title for word in rules.looks_back):
        allowed |= {promise.plan_year - 1}
    return bool(named & allowed)


@lru_cache(maxsize=4096)
def _ending(title: str) -> str:
    return re.sub(r"(?:\([^()]{0,20}\)|的?(?:通知|公告|通告|公示|函|通报)|[》”\"\s])+$", "", search_fold(title))


def _kind_of_title(title: str, rules: CommitmentRules) -> PaperKind | None:
    folded, ending = search_fold(title), _ending(title)
    first = rules.kinds[0]
    if any(word in folded for word in first.title):  # 一图读懂《…行动计划》 ends like the plan that it explains
        return first
    return next((kind for kind in rules.kinds if any(ending.endswith(word) or folded.endswith(word) for word in kind.title)), None)


def _kinds_promised(text: str, rules: CommitmentRules) -> frozenset[str]:
    folded = search_fold(text)
    return frozenset(kind.id for kind in rules.kinds if any(word in folded for word in kind.task))
