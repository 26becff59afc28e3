"""Put a table together that a page end cut in two: its header printed again, a cell merged over the cut, a row split between its lines."""

from __future__ import annotations

import re

from transforms.body import RawCell

Row = list[RawCell | None]

_FINISHED = re.compile(r"[。；;！!？?.…]$")
_LABEL = re.compile(r"\s*(?:[\d一二三四五六七八九十]{1,3}[.、．]|[（(][\d一二三四五六七八九十]{1,3}[）)]|[①-⑳])")


def join_rows(upper: list[Row], lower: list[Row], full: set[int]) -> None:
    """Add the rows below a page end to those above it. Both have the same columns.

    `full`: ids of the cells whose last line leaves no room for more.
    """
    lower = lower[_repeated(upper, lower) :]
    if not lower or not upper:
        upper.extend(lower)
        return
    if _split(upper[-1], lower[0], full):
        done: set[int] = set()
        for above, below in zip(upper[-1], lower[0], strict=True):
            if above is not None and below is not None and below.text and id(below) not in done:
                done.add(id(below))
                above.text += below.text
        lower = lower[1:]
    elif lower:
        _hang(upper[-1], lower)
    upper.extend(lower)


def _repeated(upper: list[Row], lower: list[Row]) -> int:
    """How many rows of the header stand again below the cut."""
    count = 0
    while count < min(len(upper), len(lower) - 1) and _texts(upper[count]) == _texts(lower[count]) and any(_texts(lower[count])):
        count += 1
    return count


def _texts(row: Row) -> list[str]:
    return [cell.text if cell else "" for cell in row]


def _split(above: Row, below: Row, full: set[int]) -> bool:
    """Whether `below` only goes on with cells that `above` left unfinished."""
    pairs = [(a, b) for a, b in zip(above, below, strict=True) if b is not None and b.text]
    return bool(pairs) and all(
        a is not None and id(a) in full and not _FINISHED.search(a.text) and not _LABEL.match(b.text) for a, b in pairs
    )


def _hang(above: Row, lower: list[Row]) -> None:
    """A blank cell below a cell that was merged down to the page's end is the rest of it."""
    for column, (a, b) in enumerate(zip(above, lower[0], strict=True)):
        if a is None or b is None or b.text or a.row_span < 2 or not a.text or a.column_span != b.column_span:
            continue
        a.row_span += b.row_span
        for row in lower:
            if row[column] is not b:
                break
            row[column : column + b.column_span] = [a] * b.column_span
