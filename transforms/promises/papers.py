"""What of a published notice a promise is compared with: its title, the names of its attachments, and a bounded part of its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gongkai.commitments import CommitmentRules
from transforms.promises.bodies import of_higher_body
from transforms.promises.words import Span, in_order, pairs_of, size
from transforms.search_fold import search_fold

OPENING = 400
"""Characters of a notice's text that are read whole: what it is about stands at its beginning."""
READ = 2_000
"""Characters of a text that are looked at; behind OPENING only the beginning of each paragraph, where headings stand."""
FILES = 8
"""Attachments of a notice that are looked at."""
FILE_TEXT = 200
"""Characters of an attachment's text that are looked at: the head of its table."""
_LATER = 400
_OF_PARAGRAPH = re.compile(r"(?<=\n)[ \u3000]*([^\n。；;]{4,60})")
_FILE_ENDING = re.compile(r"\.[a-zA-Z]{2,5}$")
_ENDING = re.compile(r"(?:\([^()]{0,20}\)|的?(?:通知|公告|通告|公示|函|通报)|[》”\"\s])+$")
_YEAR = re.compile(r"(?<!\d)(20[012]\d)(?=\s?年|年度|[-—~至]\s?20)")
_YEARS = re.compile(r"(?<!\d)(20[0-4]\d)\s?年?\s?[-—~～至]{1,2}\s?(20[0-4]\d)(?=\s?年)")
_MOST_YEARS = 20
FILE_FACTOR = 0.9
"""An attachment's name says less than its notice's title."""
LEAST = 2.0
"""Pairs that promise and title must share: one may be chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An attachment: its name as printed, and the beginning of its text where it was read."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A published notice in its newest version."""

    notice_id: str
    title: str
    published: date | None
    publishers: frozenset[str] = frozenset()
    foreign: bool = False
    """Published by a body of another place or level, as its name says."""
    genre: str = "other"
    opening: str = ""
    """The first OPENING characters of its page's text."""
    later: tuple[tuple[int, str], ...] = ()
    """What `later` picks from the rest."""
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is compared: what its title says."""

    paper: Paper
    kind: str | None
    years: frozenset[int]
    looks_back: bool
    acts: tuple[str, ...]
    foreign: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What a notice calls itself: its title, or the name of an attachment (`part` 1, 2 …)."""

    notice: Notice
    part: int
    silent: bool
    """Whether it says nothing (关于有关事项的公告); only a title is kept then."""
    pairs: frozenset[str]
    names: tuple[str, ...]
    """The pairs in the text's order, as often as they stand there; `linked` as a Chain has it."""
    linked: tuple[int, ...]
    kind: str | None
    years: frozenset[int]


def later(text: str) -> tuple[tuple[int, str], ...]:
    """Beginnings of the paragraphs behind the opening, each with its place: headings and first sentences, _LATER characters of them."""
    found, left = [], _LATER
    for match in _OF_PARAGRAPH.finditer(text, OPENING, READ):
        if left <= 0:
            break
        found.append((match.start(1), match.group(1)[:left]))
        left -= len(match.group(1))
    return tuple(found)


def names_of_files(paper: Paper) -> Iterator[tuple[int, str]]:
    """Names without their endings, so that no `xlsx` is a word."""
    for part, file in enumerate(paper.files[:FILES], 1):
        yield part, _FILE_ENDING.sub("", file.name)


def read_title(paper: Paper, cut: Sequence[str], rules: CommitmentRules) -> Notice:
    """The notice with what its title says beside its subject."""
    folded = search_fold(paper.title)
    yearly = "年度" in folded and not any(word in folded for word in rules.looks_ahead)
    return Notice(
        paper=paper,
        kind=kind_of(folded, rules),
        years=years_of(folded),
        looks_back=yearly or any(word in folded for word in rules.looks_back),
        acts=tuple(word for word in rules.acts if word in folded),
        foreign=paper.foreign or of_higher_body(folded, cut),
    )


def texts_of_heads(paper: Paper) -> Iterator[tuple[int, str]]:
    """The title, then the attachments' names."""
    yield 0, paper.title
    yield from names_of_files(paper)


def head_of(notice: Notice, part: int, text: str, pairs: Mapping[str, Sequence[Span]], rules: CommitmentRules) -> Head:
    """A head with its pairs in order. What an attachment's name leaves open, the title says."""
    folded = search_fold(text) if part else ""
    names, linked = in_order((span, gram) for gram, places in pairs.items() for span in places)
    return Head(
        notice=notice,
        part=part,
        silent=not says_something(pairs),
        pairs=frozenset(pairs),
        names=names,
        linked=linked,
        kind=(kind_of(folded, rules) if part else None) or notice.kind,
        years=(years_of(folded) if part else None) or notice.years,
    )


def says_something(pairs: Iterable[str]) -> bool:
    """Whether a head has enough to find it by."""
    return sum(map(size, pairs)) >= LEAST


def opening_pairs(paper: Paper, cut: Sequence[str]) -> frozenset[str]:
    """Pairs of the opening."""
    return frozenset(pairs_of(paper.opening[:OPENING], cut))


def rest_pairs(paper: Paper, cut: Sequence[str]) -> frozenset[str]:
    """Pairs of what counts half: what stands behind the opening, or in attachments. No part in how rare a word is."""
    rest = "\n".join([*(piece for _, piece in paper.later), *(file.text[:FILE_TEXT] for file in paper.files[:FILES])])
    return frozenset(pairs_of(rest, cut)) if rest else frozenset()


def kind_of(folded: str, rules: CommitmentRules) -> str | None:
    """The kind of paper that a title names at its end."""
    ending = _ENDING.sub("", folded)
    first = rules.kinds[0]
    if any(word in folded for word in first.title):  # 一图读懂《…行动计划》 ends like the plan that it explains
        return first.id
    return next((kind.id for kind in rules.kinds if any(ending.endswith(word) or folded.endswith(word) for word in kind.title)), None)


def years_of(folded: str) -> frozenset[int]:
    """Years that a text names, and those between the ends of a span (2021—2030年)."""
    found = {int(year) for year in _YEAR.findall(folded)}
    for first, last in _YEARS.findall(folded):
        found.update(range(int(first), min(int(last), int(first) + _MOST_YEARS) + 1))
    return frozenset(found)
