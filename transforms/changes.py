"""What changed between two versions of a notice (条目变更): fields, attachments, and the words of the text."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

_LONGEST = 4_000  # characters of a diff: enough to see what changed; both texts are kept whole
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
    text = "\n".join(lines) or "@@ line ends @@"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + "\n…", added, removed


def _middle(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str], int]:
    """Both without what they share at the begin and the end, but for a line of context on each side."""
    start = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    rest = zip(reversed(before[start:]), reversed(after[start:]), strict=False)
    end = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], rest))
    first, last = max(start - 1, 0), max(end - 1, 0)
    return list(before[first : len(before) - last]), list(after[first : len(after) - last]), start
