"""What changed between two versions of a notice (条目变更): fields, attachments, and the words of the text."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_LONGEST = 4_000  # characters of a diff: enough to see what changed; both texts are kept whole
_LONG_LINE = 160  # characters: paragraphs run to thousands, and the word that changed must not be looked for, nor fall behind the cut
_WIDEST = 1_800  # characters of any line: what stood there and what stands there now are both seen
_AROUND = 40  # characters that stay before and after what is different in such a line
_MOST_LINES = 2_000  # on each side after what begins and ends alike: comparing is quadratic in it
_FIELDS = {
    "title": "title",
    "published_at": "dates",
    "list_date": "dates",
    "doc_number": "numbers",
    "index_number": "numbers",
    "validity": "validity",
    "source": "source",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Face:
    """One version of a notice as far as two are compared."""

    fields: dict[str, str | None]
    """Values of title, published_at, list_date, doc_number, index_number, validity, source."""
    attachments: frozenset[tuple[str, str | None]]
    """Name and content (sha256, None where it was not fetched) of each."""
    body: str | None
    """Text of the page; None where it could not be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What is different in the later one."""

    changed: list[str] = field(default_factory=list)
    """Of title, body, dates, numbers, validity, source, attachments, in this order; `other` where nothing of these is different."""
    title_before: str | None = None
    published_before: str | None = None
    body_diff: str | None = None
    lines_added: int | None = None
    lines_removed: int | None = None
    attachments_added: list[str] = field(default_factory=list)
    attachments_removed: list[str] = field(default_factory=list)


def change(before: Face, after: Face) -> Change:
    """Compare two versions. Where a text could not be read and nothing else is different, it is the body that changed."""
    kinds = [kind for name, kind in _FIELDS.items() if before.fields[name] != after.fields[name]]
    added, removed = after.attachments - before.attachments, before.attachments - after.attachments
    kinds += ["attachments"] if added or removed else []
    diff, gained, lost = _diff(before.body, after.body)
    if diff or (not kinds and (before.body is None or after.body is None)):
        kinds.append("body")
    order = ("title", "body", "dates", "numbers", "validity", "source", "attachments")
    return Change(
        changed=[kind for kind in order if kind in kinds] or ["other"],
        title_before=before.fields["title"] if "title" in kinds else None,
        published_before=before.fields["published_at"] if before.fields["published_at"] != after.fields["published_at"] else None,
        body_diff=diff,
        lines_added=gained,
        lines_removed=lost,
        attachments_added=sorted(name for name, _ in added),
        attachments_removed=sorted(name for name, _ in removed),
    )


def _diff(before: str | None, after: str | None) -> tuple[str | None, int | None, int | None]:
    if before is None or after is None:
        return None, None, None
    if before == after:
        return None, 0, 0
    left, right, start = _middle(before.splitlines(), after.splitlines())
    if max(len(left), len(right)) > _MOST_LINES:
        return f"@@ {len(left)} lines replaced by {len(right)} from line {start + 1} on @@", len(right), len(left)
    lines = list(difflib.unified_diff(left, right, lineterm="", n=1))[2:]  # without the two lines that name files
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    text = "\n".join(_shortened(lines)) or "@@ line ends @@"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + "\n…", added, removed


def _shortened(lines: Sequence[str]) -> Iterator[str]:
    """Long lines without what they share with the line that took their place, long context without its end; `…` stands there."""
    runs = [(sign, list(run)) for sign, run in itertools.groupby(lines, key=lambda line: line[0])]
    for place, (sign, run) in enumerate(runs):
        before, after = (runs[n] if 0 <= n < len(runs) else ("", []) for n in (place - 1, place + 1))
        twins = after[1] if (sign, after[0]) == ("-", "+") else before[1] if (sign, before[0]) == ("+", "-") else []
        for line, twin in itertools.zip_longest(run, twins[: len(run)]):
            shown = line if len(line) <= _LONG_LINE else _cut(line, twin)
            yield shown if len(shown) <= _WIDEST else f"{shown[:_WIDEST]}…"


def _cut(line: str, twin: str | None) -> str:
    """A line that is new, or gone, altogether stays whole."""
    if twin is None:
        return f"{line[:_LONG_LINE]}…" if line[0] == " " else line
    text, other = line[1:], twin[1:]
    start = _alike(text, other)
    end = _alike(text[start:][::-1], other[start:][::-1])
    first, last = max(start - _AROUND, 0), min(len(text) - end + _AROUND, len(text))
    return f"{line[0]}{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of both, from the first on, are the same."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _middle(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str], int]:
    """Both without what they share at the begin and the end, but for a line of context on each side."""
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    first, last = max(start - 1, 0), max(end - 1, 0)
    return list(before[first : len(before) - last]), list(after[first : len(after) - last]), start
