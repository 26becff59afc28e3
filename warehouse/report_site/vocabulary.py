"""Words and sentences of other stages as people read them: words.yaml (values), phrases.yaml (sentences that are written in English)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

HERE = Path(__file__).parent
_HOLES = {"n": r"-?[\d.,]*\d%?", "d": r"\d{4}-\d\d-\d\d|nothing|unknown|an unknown day", "x": ".+?", "r": ".+?"}
"""What a hole of a phrase holds, by the letter of its name: a number, a day, words as they are, a sentence."""
_HOLE = re.compile(r"\\\{(\w+)\\\}")
_MOST = 1000
"""Longest sentence that is looked up; a longer one stands as it is."""


class Said(NamedTuple):
    """A sentence in Chinese. `alone`: it holds its English, too, which need not be said beside it."""

    chinese: str
    alone: bool


@cache
def words() -> dict[str, dict[str, list[str]]]:
    """words.yaml: vocabulary → value → 中文, English, mark."""
    read: dict[str, dict[str, list[str]]] = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))
    return read


def word(value: object, vocabulary: str) -> list[str]:
    """A value's words; one that the vocabulary does not know stands for itself."""
    return words()[vocabulary].get(str(value), [str(value), "", str(value)])


@lru_cache(maxsize=8192)
def in_chinese(sentence: str) -> Said | None:
    """The sentence as phrases.yaml says it; None where it knows none.

    A sentence that no entry fits is taken apart at its semicolons, all of whose parts must be known, or is known behind a colon.
    """
    if len(sentence) > _MOST:
        return None
    if said := _matched(sentence):
        return said
    parts = sentence.split("; ")
    told = [said for part in parts if (said := in_chinese(part))] if len(parts) > 1 else []
    if told and len(told) == len(parts):
        return Said("；".join(said.chinese for said in told), any(said.alone for said in told))
    for colon in re.finditer(": ", sentence):  # what stands before is a name or an address
        if said := _matched(sentence[colon.end() :]):
            return Said(f"{sentence[: colon.start()]}：{said.chinese}", said.alone)
    return None


def _matched(sentence: str) -> Said | None:
    for pattern, chinese, alone in _phrases():
        found = pattern.fullmatch(sentence)
        filled = _filled(found) if found else None
        if filled is not None:
            told = {name: said.chinese for name, said in filled.items()}
            return Said(chinese.format(**told), alone or any(said.alone for said in filled.values()))
    return None


def _filled(found: re.Match[str]) -> dict[str, Said] | None:
    told = {}
    for name, text in found.groupdict().items():
        kind = _kind(name)
        if kind in words():
            said: Said | None = Said(word(text, kind)[0], alone=False)
        elif kind == "r" or (kind == "d" and not text[0].isdigit()):
            said = in_chinese(text)
        else:
            said = Said(text, alone=False)
        if said is None:
            return None
        told[name] = said
    return told


@cache
def _phrases() -> list[tuple[re.Pattern[str], str, bool]]:
    read: dict[str, dict[str, str]] = yaml.safe_load((HERE / "phrases.yaml").read_text(encoding="utf-8"))
    return [
        (re.compile(_HOLE.sub(_hole, re.escape(english)), re.DOTALL), chinese, part == "alone")
        for part, phrases in read.items()
        for english, chinese in phrases.items()
    ]


def _hole(found: re.Match[str]) -> str:
    kind = _kind(found[1])
    return f"(?P<{found[1]}>{'|'.join(map(re.escape, words()[kind])) if kind in words() else _HOLES[kind]})"


def _kind(name: str) -> str:
    return name.rstrip("0123456789")
