"""A text cut at every place where something that was read in it begins or ends: for pages that show a reading in place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True)
class Mark:
    """`text[start:end]` was read as a `kind`; `name` is unique in the document and is an anchor."""

    start: int
    end: int
    kind: str
    name: str
    tip: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under the same marks."""

    text: str
    marks: tuple[Mark, ...]
    opens: tuple[Mark, ...]
    """Marks that begin here."""


_P = TypeVar("_P", bound=Piece)


class Pieces(Generic[_P]):
    """The pieces of a text, as a page wants them (`piece`); marks over one place stay in the order given."""

    def __init__(self, text: str, marks: Iterable[Mark], piece: type[_P]) -> None:
        kept = list(marks)
        self._text, self._piece = text, piece
        self._cuts = sorted({0, len(text), *(mark.start for mark in kept), *(mark.end for mark in kept)})
        begins: dict[int, list[Mark]] = {}
        for mark in kept:
            begins.setdefault(mark.start, []).append(mark)
        self._over: list[tuple[Mark, ...]] = []
        active: list[Mark] = []
        for cut in self._cuts:
            active = [mark for mark in active if mark.end > cut] + begins.get(cut, [])
            self._over.append(tuple(active))

    def between(self, start: int, end: int) -> list[_P]:
        """Pieces of `text[start:end]`."""
        out = []
        i = bisect_right(self._cuts, start) - 1
        while start < end:
            stop = min(end, self._cuts[i + 1]) if i + 1 < len(self._cuts) else end
            over = self._over[i]
            out.append(self._piece(self._text[start:stop], over, tuple(mark for mark in over if mark.start == start)))
            start, i = stop, i + 1
        return out
