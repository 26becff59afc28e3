"""Rows in order though their texts fit into no memory: laid down on disk in portions that follow each other, and sorted portion by portion.

DuckDB's own sort spills too, but holds what it reads of wide rows: 2 GB of texts took it 6 GB, and with less it gave up.
"""

from __future__ import annotations

import pickle
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from warehouse.engines.contract import Rows

_Row = tuple[Any, ...]


@dataclass
class Portions:
    """Where each portion begins, and whether all its rows are alike in what they are ordered by: nothing is left to sort in it then."""

    begins: list[_Row] = field(default_factory=list)
    alike: list[bool] = field(default_factory=list)


def portions(groups: Iterator[Rows], most: int) -> Portions:
    """Neighbours together up to `most` bytes. `groups`: values of the columns that order, with their bytes last; in order."""
    found, held = Portions(), 0
    for *values, size in chain.from_iterable(groups):
        if not found.begins or held + size > most:
            found.begins.append(_comparable(values))
            found.alike.append(True)
            held = 0
        else:
            found.alike[-1] = False
        held += size
    return found


@contextmanager
def on_disk(parts: Iterator[Rows], places: Sequence[int], cut: Portions, folder: Path) -> Iterator[Iterator[_Row]]:
    """All rows laid down in `folder`, to be read once in order. The files have no names: whatever happens, none stays.

    Args:
        places: of the columns that order, in a row.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile(dir=folder)) for _ in cut.begins]
        for row in chain.from_iterable(parts):
            pickle.dump(row, files[max(bisect_right(cut.begins, _comparable(row[p] for p in places)) - 1, 0)])
        yield chain.from_iterable(_read(file, places, alike=alike) for file, alike in zip(files, cut.alike, strict=True))


def in_parts(rows: Iterator[_Row], size: int) -> Iterator[Rows]:
    while part := list(islice(rows, size)):
        yield part


def _read(file: IO[bytes], places: Sequence[int], *, alike: bool) -> Iterator[_Row]:
    rows = _stored(file)
    return rows if alike else iter(sorted(rows, key=lambda row: _comparable(row[p] for p in places)))


def _stored(file: IO[bytes]) -> Iterator[_Row]:
    file.seek(0)
    while True:
        try:
            yield pickle.load(file)  # noqa: S301  our own file, which nobody else can open
        except EOFError:
            return


def _comparable(values: Any) -> _Row:
    """NULL comes last, as in both engines; text by code point."""
    return tuple((value is None, value) for value in values)
