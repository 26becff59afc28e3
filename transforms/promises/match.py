"""Which notices of a portal are evidence that a promise was kept, how strong, and which words say so (docs/commitments.md).

A promise is compared with few notices only: those whose titles share two of its rarer pairs. So the work grows with tasks and notices, not
with their product.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from gongkai.commitments import CommitmentRules, Who, commitment_rules
from gongkai.records.document import Recurrence
from transforms.promises.bodies import who
from transforms.promises.periods import period_of
from transforms.promises.words import CLAUSE, Weights, grams, spans
from transforms.search_fold import search_fold

OPENING = 400
"""Characters of a notice's text that are looked at: what it is about stands at its beginning."""
_RARE = 12
"""Pairs of a promise that find its candidates in any case, the rarest first."""
_MOST_LOOKED = 2_000
"""Places in the index that are looked at for one promise, beyond those of its rarest pairs."""
_MOST = 100
"""Candidates of one promise that are compared at most: those that share most pairs."""
_LEAST_PAIRS = 2
"""Pairs that promise and title must share: one may be chance."""
_ONLY = {"work_plan": "plan", "interpretation": "interpretation"}
"""Genres that are evidence only of a promise of that kind of paper: else the next plan promises the same again, or 解读 tells of it."""
_TEXT_ALONE = 0.8
_ITEM = re.compile(r"[^。;；,，!！?？\n、和及与]+")
_LEAST_OF_ITEM = 3
"""Pairs of an item of a list (招生范围、招生计划和录取结果) that is a promise by itself; shorter ones are nobody's name."""
_ITEM_FACTOR = 0.9
"""An item alone says less than its clause."""
_ENDING = re.compile(r"(?:\([^()]{0,20}\)|的?(?:通知|公告|通告|公示|函|通报)|[》”\"\s])+$")
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A promise as it is compared: its pairs, its clauses with the weight of each and what their share counts, its kinds and years."""

    promise: Promise
    pairs: dict[str, list[int]]
    clauses: tuple[tuple[frozenset[str], float, float], ...]
    kinds: frozenset[str]
    years: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Held:
    """A notice as it is compared; `weight` is that of its title's pairs."""

    paper: Paper
    title: frozenset[str]
    weight: float
    kind: str | None
    years: frozenset[int]
    looks_back: bool
    acts: tuple[str, ...]


class Portal:
    """The notices of one portal, indexed by their subject words."""

    def __init__(self, papers: Iterable[Paper], cut: Sequence[str] = (), rules: CommitmentRules | None = None) -> None:
        self._rules, self._cut = rules or commitment_rules(), tuple(cut)
        factors = self._rules.factors
        self._factors: dict[Who, float] = {
            "lead": factors.lead,
            "support": factors.support,
            "unknown": factors.unknown,
            "other": factors.other,
        }
        dated = [p for p in papers if p.published is not None and not any(word in search_fold(p.title) for word in self._rules.never)]
        dated.sort(key=lambda p: (p.published or date.min, p.notice_id))
        self._days = [p.published or date.min for p in dated]
        self._where: dict[str, list[int]] = {}
        counts: Counter[str] = Counter()
        titles = []
        for place, paper in enumerate(dated):
            title, body = frozenset(grams(paper.title, cut)), grams(paper.opening[:OPENING], cut)
            titles.append(title)
            counts.update(title.union(body))
            for gram in title if len(title) >= _LEAST_PAIRS else title.union(body):
                self._where.setdefault(gram, []).append(place)
        self._weight = Weights(counts, len(dated))
        self._held = [self._hold(paper, title) for paper, title in zip(dated, titles, strict=True)]

    def _hold(self, paper: Paper, title: frozenset[str]) -> _Held:
        folded = search_fold(paper.title)
        yearly = "年度" in folded and not any(word in folded for word in self._rules.looks_ahead)
        return _Held(
            paper=paper,
            title=title,
            weight=self._weight.sum(title),
            kind=_kind_of_title(folded, self._rules),
            years=frozenset(int(year) for year in _YEAR.findall(folded)),
            looks_back=yearly or any(word in folded for word in self._rules.looks_back),
            acts=tuple(word for word in self._rules.acts if word in folded),
        )

    def evidence(self, promise: Promise) -> list[Match]:
        """Notices from `shown_score` on, the best first; none where the plan's own day is not known."""
        if promise.begins is None:
            return []
        asked = self._ask(promise)
        places = self._candidates(asked.pairs, *self._window(promise, promise.begins))
        found = (self._match(asked, self._held[place]) for place in places)
        return sorted((m for m in found if m), key=lambda m: (-m.score, m.notice_id))

    def _ask(self, promise: Promise) -> _Asked:
        folded = search_fold(promise.text)
        pairs = grams(promise.text, self._cut)
        return _Asked(
            promise=promise,
            pairs=pairs,
            clauses=tuple(self._clauses(promise.text, pairs)),
            kinds=frozenset(kind.id for kind in self._rules.kinds if any(word in folded for word in kind.task)),
            years=frozenset(int(year) for year in _YEAR.findall(folded)),
        )

    def _clauses(self, text: str, pairs: dict[str, list[int]]) -> Iterator[tuple[frozenset[str], float, float]]:
        """What the text promises, one by one: its clauses, and the items of their lists."""
        places = sorted((at, gram) for gram, ats in pairs.items() for at in ats)
        starts = [at for at, _ in places]
        for pattern, least, factor in ((CLAUSE, _LEAST_PAIRS, 1.0), (_ITEM, _LEAST_OF_ITEM, _ITEM_FACTOR)):
            for found in pattern.finditer(text):
                inside = places[bisect_left(starts, found.start()) : bisect_left(starts, found.end())]
                clause = frozenset(gram for at, gram in inside if at + len(gram) <= found.end())
                if len(clause) >= least:
                    yield clause, self._weight.sum(clause), factor

    def _candidates(self, pairs: Iterable[str], first: int, last: int) -> list[int]:
        """Places of notices with at least two of the pairs in their titles, found by the rarest pairs: all, or as many as may be."""
        known = sorted((g for g in pairs if g in self._where), key=lambda g: (len(self._where[g]), g))
        shared: Counter[int] = Counter()
        looked = 0
        for turn, gram in enumerate(known):
            places = self._where[gram]
            inside = places[bisect_left(places, first) : bisect_left(places, last)]
            shared.update(inside)
            looked += len(inside)
            if looked > _MOST_LOOKED and turn >= _RARE:
                break
        near = sorted((-count, place) for place, count in shared.items() if count >= _LEAST_PAIRS)
        return [place for _, place in near[:_MOST]]

    def _window(self, promise: Promise, begins: date) -> tuple[int, int]:
        """Places of the notices that came after the plan, and not too late."""
        ends = promise.due or (date(promise.plan_year, 12, 31) if promise.plan_year else begins + timedelta(days=366))
        late = max(ends, begins) + timedelta(days=self._rules.late_days)
        return bisect_left(self._days, begins), bisect_right(self._days, late)

    def _match(self, asked: _Asked, held: _Held) -> Match | None:
        promise, paper = asked.promise, held.paper
        kind, factor = self._kind(asked, held)
        if paper.notice_id == promise.notice_id or factor == 0 or not _years_fit(asked, held):
            return None
        by = who(paper.publishers, promise.leads, promise.supports)
        factor *= self._factors[by]
        in_title = held.title & asked.pairs.keys()
        of_title = self._weight.sum(in_title) / held.weight if held.weight else 0.0
        if len(held.title) >= _LEAST_PAIRS and math.sqrt(of_title) * factor < self._rules.shown_score:
            return None  # whatever its text says
        subject, met = self._subject(asked, held, of_title)
        score = round(subject * factor, 3)
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
            other_kind=self._kind(asked, held)[1] == self._rules.factors.other_kind,
            late=promise.due is not None and published > promise.due,
            period=period_of(paper.title, published, promise.recurrence) if promise.recurrence else None,
            marks=tuple(self._marks(paper, asked.pairs, met | in_title)),
        )

    def _subject(self, asked: _Asked, held: _Held, of_title: float) -> tuple[float, frozenset[str]]:
        """Share in common, and the pairs. The geometric mean: neither a title of one word nor a long promise wins by itself."""
        weight, body = self._weight, grams(held.paper.opening[:OPENING], self._cut)
        best = (0.0, frozenset[str]())
        for clause, whole, factor in asked.clauses:
            in_title = clause & held.title
            met = in_title | (clause & body.keys())
            share = factor * weight.sum(met) / whole
            found = math.sqrt(of_title * share) if len(in_title) >= _LEAST_PAIRS else 0.0
            if len(held.title) < _LEAST_PAIRS:  # a title that says nothing (关于有关事项的公告): its text alone speaks, and for less
                found = share * _TEXT_ALONE
            best = max(best, (found, met), key=lambda b: b[0])
        return best

    def _kind(self, asked: _Asked, held: _Held) -> tuple[str | None, float]:
        """The kind of paper that both are, and the factor; 0 where the notice cannot be evidence."""
        factors, genre = self._rules.factors, held.paper.genre
        shared = held.kind if held.kind in asked.kinds else None
        if genre in ("annual_report", "website_table") or (genre in _ONLY and shared != _ONLY[genre]):
            return None, 0.0
        if shared:
            return shared, factors.kind
        act = any(word not in asked.promise.text for word in held.acts)
        return None, factors.other_kind if act or (asked.kinds and held.kind) else factors.no_kind

    def _marks(self, paper: Paper, pairs: dict[str, list[int]], met: frozenset[str]) -> Iterator[Mark]:
        title, body = grams(paper.title, self._cut), grams(paper.opening[:OPENING], self._cut)
        yield from (Mark(where="promise", start=s, end=e) for s, e in spans(pairs, met & pairs.keys()))
        yield from (Mark(where="title", start=s, end=e) for s, e in spans(title, met & title.keys()))
        yield from (Mark(where="body", start=s, end=e) for s, e in spans(body, met & body.keys()))


def _years_fit(asked: _Asked, held: _Held) -> bool:
    """A title that names years must name one of the promise's."""
    promise = asked.promise
    if not held.years or promise.plan_year is None:
        return True
    allowed = (asked.years or {promise.plan_year}) | ({promise.due.year} if promise.due else set())
    return bool(held.years & allowed) or (held.looks_back and promise.plan_year - 1 in held.years)


def _kind_of_title(folded: str, rules: CommitmentRules) -> str | None:
    ending = _ENDING.sub("", folded)
    first = rules.kinds[0]
    if any(word in folded for word in first.title):  # 一图读懂《…行动计划》 ends like the plan that it explains
        return first.id
    return next((kind.id for kind in rules.kinds if any(ending.endswith(word) or folded.endswith(word) for word in kind.title)), None)
