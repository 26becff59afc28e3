"""Which notices of a portal are evidence that a promise was kept, how strong, and which words say so (docs/commitments.md).

A promise is compared with few notices only: those whose titles share two of its rarer pairs. So the work grows with tasks and notices, not
with their product. What it is compared with, and how rare a word is there, depends on the notices of its window's calendar years alone
(`years`): notices of other years, there or not, change nothing.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from gongkai.commitments import CommitmentRules, Who, commitment_rules
from gongkai.records.document import Recurrence
from transforms.promises.bodies import who
from transforms.promises.papers import (
    FILE_FACTOR,
    LEAST,
    OPENING,
    Head,
    Paper,
    head_of,
    names_of_files,
    opening_pairs,
    read_title,
    rest_pairs,
    says_something,
    texts_of_heads,
    years_of,
)
from transforms.promises.periods import period_of
from transforms.promises.words import CLAUSE, Chain, Span, Weights, chain, covered, grams, size, spans
from transforms.search_fold import search_fold

Years = tuple[int, int]
"""First and last of some calendar years."""
_RARE = 12
"""Pairs of a promise that find its candidates in any case, the rarest first."""
_MOST_LOOKED = 2_000
"""Places in the index that are looked at for one promise, beyond those of its rarest pairs."""
_MOST = 100
"""Candidates of one promise that are compared at most: those that share most pairs."""
_ONLY = {"work_plan": "plan", "interpretation": "interpretation"}
"""Genres that are evidence only of a promise of that kind of paper: else the next plan promises the same again, or 解读 tells of it."""
_TEXT_ALONE = 0.8
_ITEM = re.compile(r"[^。;；,，!！?？\n、和及与]+")
_LEAST_OF_ITEM = 1.6
"""Pairs of an item of a list (招生范围、招生计划和录取结果) that is a promise by itself; shorter ones are nobody's name."""
_ITEM_FACTOR = 0.9
"""An item alone says less than its clause."""


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
class Mark:
    """A run of words that promise and notice share, at its place."""

    where: Literal["promise", "title", "body", "file"]
    """`body`: in body_text; `file`: in the name of an attachment."""
    start: int
    end: int
    part: int = 0
    """Which attachment, from 1 on."""


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
    """Whether it is another kind of paper than was promised; its score is lower then."""
    act: str | None
    """Word of the title that tells of an act beside what was promised; its score is lower then."""
    file: int
    """The attachment whose name has the subject, from 1 on; 0 where the title has it."""
    late: bool
    period: str | None
    """Of a promise that recurs: which month, quarter … the notice is for."""
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A promise as it is compared: its pairs, its clauses with what their share counts, its kinds and years."""

    promise: Promise
    pairs: dict[str, list[Span]]
    names: frozenset[str]
    """The pairs without their places."""
    sizes: dict[str, float]
    clauses: tuple[tuple[Chain, float], ...]
    kinds: frozenset[str]
    years: frozenset[int]


class _Kind(NamedTuple):
    """The kind that promise and notice share, whether it is another one than was promised, the act it tells of, and what that counts."""

    shared: str | None = None
    other: bool = False
    act: str | None = None
    factor: float = 0.0


def window(promise: Promise, rules: CommitmentRules | None = None) -> tuple[date, date] | None:
    """First and last day of what may be its evidence: after the plan, and not too late; None where the plan's day is not known."""
    begins = promise.begins
    if begins is None:
        return None
    ends = promise.due or (date(promise.plan_year, 12, 31) if promise.plan_year else begins + timedelta(days=366))
    return begins, max(ends, begins) + timedelta(days=(rules or commitment_rules()).late_days)


def years(promise: Promise, rules: CommitmentRules | None = None) -> Years | None:
    """The calendar years of its window."""
    days = window(promise, rules)
    return (days[0].year, days[1].year) if days else None


class _Weighed:
    """How rare pairs are among the notices of some years, and their heads as that weighs them."""

    def __init__(self, between: Years, counts: Mapping[int, Counter[str]], notices: Mapping[int, int]) -> None:
        self.years = between
        of_years = [year for year in sorted(counts) if between[0] <= year <= between[1]]
        self.weight = Weights([counts[year] for year in of_years], sum(notices[year] for year in of_years))
        self._chains: dict[int, Chain] = {}

    def chain(self, place: int, head: Head) -> Chain:
        """A head with its weights; `place` is its own."""
        found = self._chains.get(place)
        if found is None:
            found = self._chains[place] = Chain(head.names, tuple(map(self.weight, head.names)), head.linked)
        return found


class Portal:
    """The notices of one portal, indexed by their subject words; or those of some years, for promises of which these are the years."""

    def __init__(self, papers: Iterable[Paper], cut: Sequence[str] = (), rules: CommitmentRules | None = None) -> None:
        self._rules, self._cut = rules or commitment_rules(), tuple(cut)
        factors = self._rules.factors
        self._factors: dict[Who, float] = {
            "lead": factors.lead,
            "support": factors.support,
            "unknown": factors.unknown,
            "other": factors.other,
            "foreign": factors.foreign,
        }
        self._near = frozenset(self._rules.near_kinds)
        self._heads: list[Head] = []
        self._days: list[date] = []
        self._where: dict[str, list[int]] = {}
        self._counts: dict[int, Counter[str]] = defaultdict(Counter)
        self._notices: Counter[int] = Counter()
        self._weighed: _Weighed | None = None
        dated = [(p.published, p) for p in papers if p.published and not any(word in search_fold(p.title) for word in self._rules.never)]
        for published, paper in sorted(dated, key=lambda d: (d[0], d[1].notice_id)):
            self._read(paper, published)

    def _read(self, paper: Paper, published: date) -> None:
        opening = opening_pairs(paper, self._cut)
        heads = [(part, text, grams(text, self._cut)) for part, text in texts_of_heads(paper)]
        self._counts[published.year].update(opening.union(*(pairs for *_, pairs in heads)))
        self._notices[published.year] += 1
        notice = read_title(paper, self._cut, self._rules)
        for part, text, pairs in heads:
            says = says_something(pairs)
            if part and not says:
                continue
            head = head_of(notice, part, text, pairs, self._rules)
            for gram in head.pairs if says else head.pairs | opening:
                self._where.setdefault(gram, []).append(len(self._heads))
            self._heads.append(head)
            self._days.append(published)

    def evidence(self, promise: Promise) -> list[Match]:
        """Notices from `shown_score` on, the best first; none where the plan's own day is not known.

        Quickest where promises of the same years come one after the other.
        """
        days, between = window(promise, self._rules), years(promise, self._rules)
        if days is None or between is None:
            return []
        if self._weighed is None or self._weighed.years != between:
            self._weighed = _Weighed(between, self._counts, self._notices)
        pairs = grams(promise.text, self._cut)
        candidates = self._candidates(pairs, bisect_left(self._days, days[0]), bisect_right(self._days, days[1]))
        if not candidates:
            return []
        asked = self._ask(promise, pairs, self._weighed.weight)
        found = []
        for place in candidates:
            head = self._heads[place]
            shared = head.pairs & asked.names
            if (head.silent or _enough(shared, asked.sizes)) and (match := self._match(asked, self._weighed, place, shared)):
                found.append(match)
        best: dict[str, Match] = {}
        for match in sorted(found, key=lambda m: (-m.score, m.notice_id, m.file)):
            best.setdefault(match.notice_id, match)
        return list(best.values())

    def _ask(self, promise: Promise, pairs: dict[str, list[Span]], weight: Weights) -> _Asked:
        folded = search_fold(promise.text)
        return _Asked(
            promise=promise,
            pairs=pairs,
            names=frozenset(pairs),
            sizes={gram: size(gram) for gram in pairs},
            clauses=tuple(self._clauses(promise.text, pairs, weight)),
            kinds=frozenset(kind.id for kind in self._rules.kinds if any(word in folded for word in kind.task)),
            years=years_of(folded),
        )

    def _clauses(self, text: str, pairs: dict[str, list[Span]], weight: Weights) -> Iterator[tuple[Chain, float]]:
        """What the text promises, one by one: its clauses, and the items of their lists."""
        places = sorted((span, gram) for gram, spans_ in pairs.items() for span in spans_)
        starts = [start for (start, _), _ in places]
        for pattern, least, factor in ((CLAUSE, LEAST, 1.0), (_ITEM, _LEAST_OF_ITEM, _ITEM_FACTOR)):
            for found in pattern.finditer(text):
                inside = places[bisect_left(starts, found.start()) : bisect_left(starts, found.end())]
                if sum(size(gram) for _, gram in inside) >= least:
                    yield chain(inside, weight), factor

    def _candidates(self, pairs: Iterable[str], first: int, last: int) -> list[int]:
        """Places of heads with at least two of the pairs, found by the rarest pairs: all, or as many as may be."""
        known = []
        for gram in pairs:
            places = self._where.get(gram, ())
            if inside := places[bisect_left(places, first) : bisect_left(places, last)]:
                known.append((len(inside), gram, inside))
        shared: Counter[int] = Counter()
        looked = 0
        for turn, (count, gram, inside) in enumerate(sorted(known)):
            shared.update(inside)
            if size(gram) >= LEAST:
                shared.update(inside)  # a whole subject is as much as two pairs
            looked += count
            if looked > _MOST_LOOKED and turn >= _RARE:
                break
        near = sorted([(-count, place) for place, count in shared.items() if count >= LEAST])
        return [place for _, place in near[:_MOST]]

    def _match(self, asked: _Asked, weighed: _Weighed, place: int, in_head: frozenset[str]) -> Match | None:
        """`in_head`: the pairs that promise and head share."""
        head = self._heads[place]
        promise, notice, paper = asked.promise, head.notice, head.notice.paper
        if paper.notice_id == promise.notice_id or not _years_fit(asked, head):
            return None
        by = "foreign" if notice.foreign and not _passed_on(promise) else who(paper.publishers, promise.leads, promise.supports)
        kind = self._kind(asked, head)
        factor = kind.factor * self._factors[by] * (FILE_FACTOR if head.part else 1.0)
        of_head = 1.0 if head.silent else covered(weighed.chain(place, head), in_head)
        if math.sqrt(of_head) * factor < self._rules.shown_score:
            return None  # whatever its text says
        subject, words = self._subject(asked, head, of_head)
        score = round(subject * factor, 3)
        if score < self._rules.shown_score:
            return None
        published = paper.published or date.min
        recurs = promise.recurrence
        return Match(
            promise=promise.id,
            notice_id=paper.notice_id,
            score=score,
            subject=round(subject, 3),
            who=by,
            kind=kind.shared,
            other_kind=kind.other,
            act=kind.act,
            file=head.part,
            late=promise.due is not None and published > promise.due + timedelta(days=self._rules.period_days if recurs else 0),
            period=period_of(paper.title, published, recurs, paper.opening) if recurs else None,
            marks=tuple(self._marks(paper, asked.pairs, words | in_head)),
        )

    def _subject(self, asked: _Asked, head: Head, of_head: float) -> tuple[float, frozenset[str]]:
        """Share in common, and the pairs that are met of the clause that has it.

        The geometric mean of both shares: neither a title of one word nor a long promise wins by itself.
        """
        clauses = asked.clauses
        if not head.silent:
            clauses = tuple((clause, factor) for clause, factor in clauses if _enough(head.pairs.intersection(clause.names), asked.sizes))
        if not clauses:
            return 0.0, frozenset()
        paper = head.notice.paper
        said, rest = head.pairs | opening_pairs(paper, self._cut), rest_pairs(paper, self._cut)
        best: tuple[float, tuple[str, ...]] = (0.0, ())
        for clause, factor in clauses:
            if head.silent:  # its text alone speaks, and for less
                found = factor * covered(clause, said, rest) * _TEXT_ALONE
            else:
                found = math.sqrt(of_head * factor * covered(clause, said, rest))
            if found > best[0]:
                best = (found, clause.names)
        return best[0], (said | rest).intersection(best[1])

    def _kind(self, asked: _Asked, head: Head) -> _Kind:
        """What kind of paper it is, seen from the promise; factor 0 where the notice cannot be evidence."""
        factors, genre = self._rules.factors, head.notice.paper.genre
        kind = head.kind
        shared = kind if kind in asked.kinds else None
        if genre in ("annual_report", "website_table") or (genre in _ONLY and shared != _ONLY[genre]):
            return _Kind()
        if act := next((word for word in head.notice.acts if word not in asked.promise.text), None):
            return _Kind(act=act, factor=factors.act)
        if shared:
            return _Kind(shared, factor=factors.kind)
        other = bool(asked.kinds and kind) and not any((one, kind) in self._near for one in asked.kinds)
        return _Kind(other=other, factor=factors.other_kind if other else factors.no_kind)

    def _marks(self, paper: Paper, pairs: dict[str, list[Span]], words: frozenset[str]) -> Iterator[Mark]:
        """Where promise and notice have `words` in common."""
        yield from (Mark(where="promise", start=s, end=e) for s, e in spans(pairs, words & pairs.keys()))
        left = set(words)
        texts: list[tuple[Literal["title", "body", "file"], int, int, str]] = [
            ("title", 0, 0, paper.title),
            ("body", 0, 0, paper.opening[:OPENING]),
            *(("file", part, 0, name) for part, name in names_of_files(paper)),
            *(("body", 0, shift, piece) for shift, piece in paper.later),
        ]
        for turn, (where, part, shift, text) in enumerate(texts):
            if left or turn < 2:
                there = grams(text, self._cut)
                left -= there.keys()
                yield from (Mark(where=where, start=s + shift, end=e + shift, part=part) for s, e in spans(there, words & there.keys()))


def _enough(shared: Iterable[str], sizes: Mapping[str, float]) -> bool:
    """Whether these pairs are as much as must be shared."""
    found = 0.0
    for gram in shared:
        found += sizes[gram]
    return found >= LEAST


def _years_fit(asked: _Asked, head: Head) -> bool:
    """A title that names years must name one of the promise's."""
    promise, years = asked.promise, head.years
    if not years or promise.plan_year is None:
        return True
    allowed = (asked.years or {promise.plan_year}) | ({promise.due.year} if promise.due else set())
    back = head.notice.looks_back and promise.recurrence in (None, "annual")  # a month of the year before is another period
    return bool(years & allowed) or (back and promise.plan_year - 1 in years)


def _passed_on(promise: Promise) -> bool:
    """Whether a paper of a higher body is what was promised (转发)."""
    return "转发" in promise.text
