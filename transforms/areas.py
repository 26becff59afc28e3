"""To which disclosure areas (重点领域) a notice belongs, by rules in data (gongkai/data/areas.yaml), with the words that decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from gongkai.areas import Area, Areas, load_areas
from transforms.script import fold

Basis = Literal["title", "column", "issuer", "opening"]
OPENING = 300
"""Characters of the body that are looked at."""
_ENOUGH = 2
"""Different words of an area that the opening must have, besides an issuer whose subject it is: the weakest evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaMatch:
    """A notice is of `area` because of `words`, which stand in its title, in its section's name, in title and issuer, or in its opening."""

    area: str
    basis: Basis
    words: tuple[str, ...]


def areas_of(
    title: str | None, *, section: str = "", issuer: str | None = None, opening: str = "", areas: Areas | None = None
) -> list[AreaMatch]:
    """Every area of a notice in the order of the file; none where nothing decides, or the title is about the administration itself.

    Args:
        section: name of the column (栏目) it stands in.
        issuer: issuing body or source as printed.
        opening: the body; its first OPENING characters count.
    """
    areas = areas or load_areas()
    title, section, issuer, opening = (fold(text or "")[0] for text in (title, section, issuer, opening[:OPENING]))
    if _in(areas.ignored, title):
        return []
    return [match for area in areas.areas if (match := _match(area, title, section, issuer, opening))]


def _match(area: Area, title: str, section: str, issuer: str, opening: str) -> AreaMatch | None:
    if _in(area.without, title):
        return None
    for basis, words in _evidence(area, title, section, issuer, opening):
        if words:
            return AreaMatch(area=area.id, basis=basis, words=tuple(words))
    return None


def _evidence(area: Area, title: str, section: str, issuer: str, opening: str) -> Iterator[tuple[Basis, list[str]]]:
    """The strongest first."""
    yield "title", _in(area.words, title)
    yield "column", _in(area.columns, section)
    bodies = _in(area.issuers, issuer)
    if bodies:
        hints = _in(area.hints, title)
        yield "issuer", [*hints, *bodies] if hints else []
        words = _in(area.words, opening)
        yield "opening", [*words, *bodies] if len(words) >= _ENOUGH else []


def _in(words: Iterable[str], text: str) -> list[str]:
    return [word for word in words if word in text]
