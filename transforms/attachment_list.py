"""The list of attachments (附件说明, GB/T 9704 7.3.4) printed below a text: 附件：1.… 2.…, whether or not the page links them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.lines import Line

_LABEL = re.compile(r"附\s{0,4}(?:件|表|录)?\s{0,2}(?P<number>\d{1,2}|[一二三四五六七八九十])?\s{0,2}(?P<colon>[:.、])?\s{0,4}")
_ITEM = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十])\s{0,2}[.、:]\s{0,2}(?!\d)")
_MORE = re.compile(r"(?<=[^\d.])\s{0,4}(?=\d{1,2}[.、](?!\d))")
_MAX_NAME = 100
_MAX_ITEMS = 60


def printed_attachments(lines: Sequence[Line]) -> list[str]:
    """Names of the printed list, in order. A bare 附件1 is the heading of an attachment, no list."""
    for i, line in enumerate(lines):
        label = _LABEL.match(line.folded)
        if line.chrome or label is None or not label["colon"]:
            continue
        bare = label.end() == len(line.folded)
        numbered = bare or _ITEM.match(line.folded, label.end()) is not None
        names = [] if bare else _names(line, label.end())
        for below in lines[i + 1 : i + _MAX_ITEMS]:
            again, item = _LABEL.match(below.folded), _ITEM.match(below.folded)
            if label["number"] and again and again["number"] and again["colon"]:
                names += _names(below, again.end())
            elif item and numbered and not label["number"]:
                names += _names(below, 0)
            else:
                break
        if names:
            return names
    return []


def _names(line: Line, begin: int) -> list[str]:
    """The names on one line from `begin`; empty where the line is a sentence."""
    if len(line.folded) - begin > 4 * _MAX_NAME or "。" in line.folded[begin:-1]:
        return []
    cuts = [begin, *(match.start() for match in _MORE.finditer(line.folded, begin + 1))] if _ITEM.match(line.folded, begin) else [begin]
    out = []
    for start, end in zip(cuts, [*cuts[1:], len(line.folded)], strict=True):
        item = _ITEM.match(line.folded, start)
        name = line.printed[item.end() if item else start : end].strip(" \t　；;。")
        if name.startswith("《") and name.endswith("》") and name.count("《") == 1:
            name = name[1:-1]
        if 2 <= len(name) <= _MAX_NAME:
            out.append(name)
    return out
