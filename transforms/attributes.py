"""Tags with more attributes than any page has: libxml2 compares each with all before it, 300,000 of them for more than five minutes."""

from __future__ import annotations

import re

MOST = 10_000
"""Of one tag; they cost libxml2 half a second."""
_TAG = re.compile(r"""<[A-Za-z](?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+""")
"""From a tag's begin to its `>`. A quote is one only behind `=`, as for libxml2, which lets anything else end no tag."""
_VALUE = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_BORDER = re.compile(r"[\s/=]")
_NAME = re.compile(r"<[A-Za-z][A-Za-z0-9:-]{0,60}")


def without_attribute_floods(html: str) -> str:
    """The page; a tag that may have more than MOST attributes keeps none. Linear in the page's length."""
    floods = [m.span() for m in _TAG.finditer(html) if m.end() - m.start() > MOST and _most_attributes(m.group()) > MOST]
    kept, place = [], 0
    for start, end in floods:
        name = _NAME.match(html, start)
        kept.append(html[place : name.end() if name else start])
        place = end
    return "".join([*kept, html[place:]]) if floods else html


def _most_attributes(tag: str) -> int:
    """No fewer than the tag has: each begins behind a blank or a slash, or has a value of its own."""
    return len(_BORDER.findall(_VALUE.sub("=", tag)))
