"""Subject words of a text: pairs of neighbouring characters (bigrams) outside of boilerplate, each with its places.

Chinese has no blanks, and a segmenter splits one word now so, now so; pairs meet whatever the words are, and runs of met pairs are spans.
Words that have equals (`gongkai/data/equivalents.yaml`: 名单, 一览表) are no pairs but what they stand for (`=清单`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import add
from typing import NamedTuple

from gongkai.commitments import commitment_rules
from gongkai.equivalents import equivalents
from transforms.search_fold import search_fold

Span = tuple[int, int]
CLAUSE = re.compile(r"[^。;；,，!！?？\n]+")
"""What one clause of a promise is: the text between two stops."""
_DATE = re.compile(
    r"(?:[12]\d{3}|[一二][〇零\d一二三四五六七八九]{3})\s?年(?:度|初|底|末)?|\d{1,2}\s?月份?|\d{1,2}\s?[日号]|"
    r"第?[一二三四五六七八九十\d]{1,3}(?:个?季度|季|批次?|期|次|号|轮|版)|[上下]半年|[〔\[(]\d{4}[〕\])]\s?\d{1,5}\s?号"
)
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]{3,}")
_GLUE = re.compile(r"[的和及与等在对为向从把将由以是了并或其各每个本该此]")
"""Characters that join words; a pair over one of them is nobody's word."""
MEANT = "="
"""Begins what words with equals stand for."""
_FEW = 200
"""Fewer notices weigh words as so many would: what is rare among ten says little."""


def grams(text: str, cut: Sequence[str] = ()) -> dict[str, list[Span]]:
    """Subject pairs of a text with their places; `cut` are words of this portal that count nothing either (its place's names)."""
    found: dict[str, list[Span]] = {}
    bare, said = _bare(text, cut)
    for meaning, span in said:
        found.setdefault(meaning, []).append(span)
    for run in _RUN.finditer(bare):
        word, start = run.group(), run.start()
        if word[0].isascii():
            found.setdefault(word, []).append(run.span())
            continue
        for place in range(len(word) - 1):
            found.setdefault(word[place : place + 2], []).append((start + place, start + place + 2))
    return found


def pairs_of(text: str, cut: Sequence[str] = ()) -> set[str]:
    """The pairs of `grams` alone, in half its time."""
    bare, said = _bare(text, cut)
    found = {meaning for meaning, _ in said}
    for word in _RUN.findall(bare):
        if word[0].isascii():
            found.add(word)
        else:
            found.update(map(add, word, word[1:]))
    return found


def _bare(text: str, cut: Sequence[str]) -> tuple[str, list[tuple[str, Span]]]:
    """The text with blanks for what says nothing, and for words with equals; what these stand for, with their places."""
    said: list[tuple[str, Span]] = []
    meanings = equivalents().meanings

    def blank(match: re.Match[str]) -> str:
        word = match.group()
        if word in meanings:
            said.extend((MEANT + meaning, match.span()) for meaning in meanings[word])
        return " " * len(word)

    bare = _DATE.sub(_blanks, search_fold(text))
    for word in cut:
        bare = bare.replace(word, " " * len(word))
    return _GLUE.sub(" ", _known().sub(blank, bare)), said


def spans(places: Mapping[str, Sequence[Span]], met: Iterable[str]) -> list[Span]:
    """Runs of text that pairs in `met` cover, in order."""
    runs: list[Span] = []
    for start, end in sorted(span for gram in met for span in places[gram]):
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    return runs


@lru_cache(maxsize=50_000)
def size(gram: str) -> float:
    """As how many pairs one counts, rare or not: less than one where it says little, more where it stands for a whole subject."""
    if gram[0] == MEANT:
        return _pairs()[gram[1:]]
    return equivalents().faint_weight if gram in _faint() else 1.0


class Weights:
    """How much a pair says among some notices: the rarer, the more. `counts`: in how many a pair stands, of each part of them."""

    def __init__(self, counts: Sequence[Mapping[str, int]], notices: int) -> None:
        self._counts, self._notices = tuple(counts), max(notices, _FEW)
        self._known: dict[str, float] = {}

    def __call__(self, gram: str) -> float:
        weight = self._known.get(gram)
        if weight is None:
            count = sum(counts.get(gram, 0) for counts in self._counts)
            weight = self._known[gram] = math.log(1 + self._notices / max(count, 1)) * size(gram)
        return weight

    def sum(self, some: Iterable[str]) -> float:
        return sum(map(self, some))


class Chain(NamedTuple):
    """Pairs of a piece of text in its order, with what each weighs and what it has of the one before it: 0, a character (1), all (2)."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    linked: tuple[int, ...]


def chain(pieces: Iterable[tuple[Span, str]], weight: Weights) -> Chain:
    """The pairs at these places."""
    names, linked = in_order(pieces)
    return Chain(names, tuple(map(weight, names)), linked)


def in_order(pieces: Iterable[tuple[Span, str]]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The pairs at these places in the text's order, and what each has of the one before it."""
    names, linked, last = [], [], (-1, -1)
    for span, gram in sorted(pieces):
        names.append(gram)
        linked.append(2 if span == last else int(span[0] < last[1]))
        last = span
    return tuple(names), tuple(linked)


def covered(text: Chain, met: Container[str], half: Container[str] = ()) -> float:
    """Share of a text's weight that the pairs `met` have; those in `half` give half of theirs.

    A pair that is not met, but shares a character with one that is, stands over the edge of a word: only its other character is missing.
    """
    names, weights, linked = text
    flags = [name in met for name in names]
    if not any(flags) and not half:
        return 0.0
    got = lost = 0.0
    last = len(names) - 1
    for at, flag in enumerate(flags):
        if flag:
            got += weights[at]
            continue
        edges = linked[at] * flags[at - 1] + (linked[at + 1] * flags[at + 1] if at < last else 0)
        missing = weights[at] * max(0.0, 1 - edges / 2)
        if names[at] in half:
            got += missing / 2
            missing /= 2
        lost += missing
    return got / (got + lost) if got else 0.0


def place_words(portal_name: str) -> tuple[str, ...]:
    """Names of a portal's place, which say nothing inside it: 青岚市人民政府 → 青岚市, 青岚."""
    folded = search_fold(portal_name)
    found = re.match(r"([\u3400-\u9fff]{2,8}?)(?:特别行政区|自治[州县旗区]|[省市县区州盟旗])", folded)
    return (found.group(), found.group(1)) if found and len(found.group(1)) > 1 else ()


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match.group())


@lru_cache(maxsize=1)
def _known() -> re.Pattern[str]:
    """Boilerplate and words that have equals, the longest first; by their first characters, so that few are tried at a place."""
    words = {word for group in commitment_rules().boilerplate for word in group.words}
    words.update(equivalents().silent, equivalents().meanings)
    by_first: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_first.setdefault(word[0], []).append(re.escape(word[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_first.items()))


@lru_cache(maxsize=1)
def _pairs() -> dict[str, float]:
    return {group.id: group.pairs for group in equivalents().groups}


@lru_cache(maxsize=1)
def _faint() -> frozenset[str]:
    return frozenset(equivalents().faint)
