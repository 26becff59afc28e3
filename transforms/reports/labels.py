"""Printed labels matched to the labels of a form: by words, then by likeness; never by position."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from transforms.script import fold

_MARKER = re.compile(
    r"^(?:其中[:,]?)?(?:\((?:[一二三四五六七八九十]{1,3}|\d{1,2})\)|[一二三四五六七八九十]{1,3}[、.,]|\d{1,2}[、.,)](?!\d))"
)
_FOOTNOTE = re.compile(r"\[\d{1,2}\]|\((?:单位|不包括)[^)]{0,40}\)")
_NOISE = re.compile(r"[\s\W_]+")
_CLOSE_ENOUGH = 0.75
_CLEARLY_BEST = 0.08


def plain_label(folded: str) -> str:
    """A folded label without numbering, footnotes, blanks and punctuation."""
    text = "".join(folded.split())
    for _ in range(3):
        shorter = _MARKER.sub("", text)
        if shorter == text:
            break
        text = shorter
    return _NOISE.sub("", _FOOTNOTE.sub("", text.removeprefix("其中:").removeprefix("其中")))


def form_label(label: str) -> str:
    """A dictionary label in the same plain shape."""
    return plain_label(fold(label)[0])


def best_match(label: str, candidates: Mapping[str, str] | Iterable[str]) -> str | None:
    """The candidate (plain form label) that a plain printed label means, or None.

    Equal words win. Then a label that only lost or gained characters ("其他法律行政止公开"), if one candidate is clearly nearest.
    """
    names = list(candidates)
    if label in names:
        return label
    if len(label) < 4:
        return None
    scored = sorted(((_likeness(label, name), name) for name in names if len(name) >= 4), reverse=True)
    if not scored or scored[0][0] < _CLOSE_ENOUGH:
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < _CLEARLY_BEST:
        return None
    return scored[0][1]


def _likeness(label: str, name: str) -> float:
    shorter, longer = sorted((label, name), key=len)
    if longer.startswith(shorter) and len(shorter) >= 6:
        return 0.9 + 0.1 * len(shorter) / len(longer)
    return SequenceMatcher(None, label, name, autojunk=False).ratio()
