"""Digits that a flattened table ran together, split again where arithmetic allows it: "640020470" is 64 0 0 2 0 4 70.

A number is "0" or begins with another digit; it never reaches across a blank. Work is bounded: runs longer than `MAX_DIGITS` and
searches with more than `_MAX_TOGETHER` combinations are given up, which reads as "no single solution".
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

MAX_DIGITS = 60
_MAX_LENGTH = 7
_MAX_TOGETHER = 4000

Span = tuple[int, int]
Split = tuple[Span, ...]


def plain_splits(run: str, count: int, limit: int = 2) -> list[Split]:
    """Ways to read `count` numbers in a run, at most `limit` of them."""
    if sum(map(str.isdigit, run)) > MAX_DIGITS:
        return []
    return list(itertools.islice(_numbers(run, 0, count, whole=True), limit))


def summed_splits(run: str, groups: int, size: int, limit: int = 64) -> list[Split]:
    """Ways to read `groups` groups of `size` numbers each of which ends with its own sum."""
    if sum(map(str.isdigit, run)) > MAX_DIGITS:
        return []
    return list(itertools.islice(_groups(run, 0, groups, size), limit))


def values(run: str, split: Split) -> list[int]:
    """The numbers of a split."""
    return [int(run[a:b]) for a, b in split]


def agreed(rows: Sequence[Sequence[Split]], fits: Callable[[Sequence[Split]], bool]) -> list[list[Span | None]]:
    """For each row the spans that all solutions share, None where they differ.

    A solution takes one split a row and satisfies `fits`; where none does the rows stand alone.
    """
    sizes = [max(len(row), 1) for row in rows]
    total = 1
    for size in sizes:
        total *= size
    chosen: list[tuple[Split, ...]] = []
    if total <= _MAX_TOGETHER:
        chosen = [together for together in itertools.product(*(row or [()] for row in rows)) if fits(together)]
    return [_shared([together[i] for together in chosen] or list(row)) for i, row in enumerate(rows)]


def _shared(splits: Sequence[Split]) -> list[Span | None]:
    if not splits or not splits[0]:
        return []
    return [spans[0] if len(set(spans)) == 1 else None for spans in zip(*splits, strict=True)]


def _groups(run: str, start: int, groups: int, size: int) -> Iterator[Split]:
    if not groups:
        if not run[start:].strip():
            yield ()
        return
    for parts in _numbers(run, start, size - 1):
        total = str(sum(int(run[a:b]) for a, b in parts))
        at = _skip(run, parts[-1][1])
        if run.startswith(total, at):
            own: Span = (at, at + len(total))
            for rest in _groups(run, own[1], groups - 1, size):
                yield (*parts, own, *rest)


def _numbers(run: str, start: int, count: int, *, whole: bool = False) -> Iterator[Split]:
    """Prefixes of the run, from `start`, as `count` numbers; with `whole` the entire rest."""
    start = _skip(run, start)
    if not count:
        if not whole or start == len(run):
            yield ()
        return
    for end in range(start + 1, min(start + _MAX_LENGTH, len(run)) + 1):
        if not run[end - 1].isdigit() or (end - start > 1 and run[start] == "0"):
            return
        for rest in _numbers(run, end, count - 1, whole=whole):
            yield ((start, end), *rest)


def _skip(run: str, at: int) -> int:
    while at < len(run) and run[at] == " ":
        at += 1
    return at
