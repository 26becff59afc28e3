"""The portal's metadata where plain text has kept it as lines: 发布机构：某局, or a bare 发文字号： with its value on the next line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.lines import Line
from transforms.pages.info_table import labels_in
from transforms.pages.stamps import Stamp, parse_stamp

_HEAD = 40
_STAMPED = re.compile(
    r"^[•·●|\s]{0,8}(?=(?:19|20)\d{2}[-/.年])|更新(?:时间|日期)\s{0,2}:\s{0,3}|(?=(?:19|20)\d{2}-\d{1,2}-\d{1,2}\s{1,3}\d{1,2}:\d{2})"
)
_SHOWN = ("published_at", "printed_time", "written_date")
"""Labels whose date may be the portal's, in order of trust."""


@dataclass(frozen=True, slots=True)
class PrintedLabels:
    """Values by field of `pages.info_table`, folded, in order of the lines; and the portal's date."""

    values: dict[str, list[str]]
    published_at: str | None

    def first(self, field: str) -> str | None:
        """The first value printed for a field."""
        return next(iter(self.values.get(field, ())), None)


def read_labels(lines: Sequence[Line]) -> PrintedLabels:
    """Labelled values of the head, from lines that are no part of the document."""
    values: dict[str, list[str]] = {}
    bare: str | None = None
    for i, line in enumerate(lines[:_HEAD]):
        if not line.chrome:
            continue
        found = labels_in(line.folded)
        for label in found:
            value = label.value or (_next_value(lines, i) if label is found[-1] and line.folded.endswith(":") else "")
            if value:
                values.setdefault(label.field, []).append(value)
        stamp = _bare_stamp(line) if bare is None else None
        bare = bare or (stamp.iso() if stamp else None)
    return PrintedLabels(values, _published(values) or bare)


def _bare_stamp(line: Line) -> Stamp | None:
    """The date of a line that begins with one, or that says when the page was updated."""
    found = _STAMPED.search(line.folded)
    return parse_stamp(line.folded[found.end() : found.end() + 30]) if found else None


def _next_value(lines: Sequence[Line], i: int) -> str:
    below = lines[i + 1] if i + 1 < len(lines) else None
    return below.folded if below and len(below.folded) <= 60 and not labels_in(below.folded) and not below.folded.endswith(":") else ""


def _published(values: dict[str, list[str]]) -> str | None:
    for field in _SHOWN:
        for value in values.get(field, ()):
            stamp = parse_stamp(value)
            if stamp:
                return stamp.iso()
    return None
