"""Subject words of a text: pairs of neighbouring characters (bigrams) outside of boilerplate, each with its place.

Chinese has no blanks, and a segmenter splits one word now so, now so; pairs meet whatever the words are, and runs of met pairs are spans.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from gongkai.commitments import commitment_rules
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
_FEW = 200
"""A portal with fewer notices weighs words as one with so many: what is rare among ten says little."""


def grams(text: str, cut: Sequence[str] = ()) -> dict[str, list[int]]:
    """Subject pairs of a text with their places; `cut` are words of this portal that count nothing either (its place's names)."""
    folded = search_fold(text)
    bare = _GLUE.sub(" ", _boilerplate().sub(_blanks, _DATE.sub(_blanks, folded)))
    for word in cut:
        bare = bare.replace(word, " " * len(word))
    found: dict[str, list[int]] = {}
    for run in _RUN.finditer(bare):
        word, start = run.group(), run.start()
        if word[0].isascii():
            found.setdefault(word, []).append(start)
            continue
        for place in range(len(word) - 1):
            found.setdefault(word[place : place + 2], []).append(start + place)
    return found


def spans(places: Mapping[str, Sequence[int]], met: Iterable[str]) -> list[Span]:
    """Runs of text that pairs in `met` cover, in order."""
    runs: list[Span] = []
    for start, end in sorted((at, at + len(gram)) for gram in met for at in places[gram]):
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    return runs


class Weights:
    """How much a pair says in one portal: the rarer among its notices, the more."""

    def __init__(self, counts: Mapping[str, int], notices: int) -> None:
        self._counts, self._notices = counts, max(notices, _FEW)
        self._known: dict[int, float] = {}

    def __call__(self, gram: str) -> float:
        seen = self._counts.get(gram, 0)
        weight = self._known.get(seen)
        if weight is None:
            weight = self._known[seen] = math.log(1 + self._notices / max(seen, 1))
        return weight

    def sum(self, some: Iterable[str]) -> float:
        return sum(map(self, some))


def place_words(portal_name: str) -> tuple[str, ...]:
    """Names of a portal's place, which say nothing inside it: 青岚市人民政府 → 青岚市, 青岚."""
    folded = search_fold(portal_name)
    found = re.match(r"([\u3400-\u9fff]{2,8}?)(?:特别行政区|自治[州县旗区]|[省市县区州盟旗])", folded)
    return (found.group(), found.group(1)) if found and len(found.group(1)) > 1 else ()


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match.group())


@lru_cache(maxsize=1)
def _boilerplate() -> re.Pattern[str]:
    words = {word for group in commitment_rules().boilerplate for word in group.words}
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
