"""What of a published notice a promise is compared with: its title, the names of its attachments, and a bounded part of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gongkai.commitments import CommitmentRules
from transforms.promises.bodies import of_higher_body
from transforms.promises.words import Chain, Weights, chain, grams, size
from transforms.search_fold import search_fold

OPENING = 400
"""Characters of a notice's text that are read whole: what it is about stands at its beginning."""
READ = 4_000
"""Characters of a text that are looked at; behind OPENING only the beginning of each paragraph, where headings stand."""
FILES = 8
"""Attachments of a notice that are looked at."""
FILE_TEXT = 200
"""Characters of an attachment's text that are looked at: the head of its table."""
_LATER = 600
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
class Head:
    """What a notice calls itself: its title, or the name of an attachment (`part` 1, 2 …)."""

    part: int
    pairs: frozenset[str]
    chain: Chain
    kind: str | None
    years: frozenset[int]


@dataclass(frozen=True, slots=True)
class Held:
    """A notice as it is compared."""

    paper: Paper
    heads: tuple[Head, ...]
    """The title first."""
    silent: bool
    """Whether the title says nothing (关于有关事项的公告)."""
    looks_back: bool
    acts: tuple[str, ...]
    foreign: bool


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


def read_title(paper: Paper, cut: Sequence[str], rules: CommitmentRules, weight: Weights) -> Held:
    """The notice with all that its title says."""
    folded = search_fold(paper.title)
    yearly = "年度" in folded and not any(word in folded for word in rules.looks_ahead)
    heads = [_head(0, paper.title, cut, rules, weight)]
    heads += [_head(part, name, cut, rules, weight) for part, name in names_of_files(paper)]
    return Held(
        paper=paper,
        heads=(heads[0], *(head for head in heads[1:] if says_something(head.pairs))),
        silent=not says_something(heads[0].pairs),
        looks_back=yearly or any(word in folded for word in rules.looks_back),
        acts=tuple(word for word in rules.acts if word in folded),
        foreign=paper.foreign or of_higher_body(folded, cut),
    )


def says_something(pairs: frozenset[str]) -> bool:
    """Whether a head has enough to find it by."""
    return sum(map(size, pairs)) >= LEAST


def body_pairs(paper: Paper, cut: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Pairs of what is read of the text, and of what counts half: what stands behind the opening or in attachments."""
    opening = frozenset(grams(paper.opening[:OPENING], cut))
    rest = "\n".join([*(piece for _, piece in paper.later), *(file.text[:FILE_TEXT] for file in paper.files[:FILES])])
    return opening, frozenset(grams(rest, cut)) - opening if rest else frozenset()


def _head(part: int, text: str, cut: Sequence[str], rules: CommitmentRules, weight: Weights) -> Head:
    found, folded = grams(text, cut), search_fold(text)
    return Head(
        part=part,
        pairs=frozenset(found),
        chain=chain(sorted((span, gram) for gram, places in found.items() for span in places), weight),
        kind=kind_of(folded, rules),
        years=years_of(folded),
    )


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
