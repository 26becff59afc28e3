"""Plain text to a body: one paragraph (or table cell) a line."""

from __future__ import annotations

import re

from transforms.blocks import clean_text
from transforms.body import Body, BodyBuilder

_UNWRAPPED = 600
"""A line longer than this may hold a whole document whose line breaks were lost."""
_INDENT = re.compile(r"[ \xa0]*\u3000{2,}[ \xa0]*|[ \xa0]{3,}")
# Where a paragraph must begin: an outline label after the end of a sentence, and both ends of a document number of the letterhead.
_LABEL = re.compile(
    r"(?<=[。；：！）)])(?=[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十百]{1,5}[条章])"
    r"|(?<=[。；：！）)])(?=[（(][一二三四五六七八九十]{1,3}[）)][\u4e00-\u9fff]{2})"
)
_HEADING_THEN_LABEL = re.compile(r"^([一二三四五六七八九十]{1,3}、[^，。；：、（(]{2,24})(?=[（(]一[）)])", re.M)
# An issuer's name between the last sentence and the date.
_SIGNATURE = re.compile(r"(?<=。)(?=[\u4e00-\u9fff]{2,24}[府室会局厅委院]$)")
_HEADER_NUMBER = re.compile(r"(?<=[见知定法案例则告函点划])([\u4e00-\u9fff]{2,8}[〔\[（(【]\d{4}[〕\]）)】]\d{1,5}号)")
_ADDRESS_END = re.compile(r"(?<=[位门府关构会][：:])")
_HEADER_REACH = 400


def text_body(text: str) -> Body:
    """Read text. Its table cells may stand one a line (`Body.flattened`) or be parted by tabs, which are kept.

    Text that lost its line breaks is opened again.
    """
    builder = BodyBuilder()
    for line in text.splitlines():
        for part in _unwrap(line) if len(line) > _UNWRAPPED else [line]:
            builder.paragraph("\t".join(map(clean_text, part.strip().split("\t"))))
    return builder.build(flattened=True)


def _unwrap(line: str) -> list[str]:
    parts = _INDENT.split(line)
    out: list[str] = []
    for part in parts:
        if len(part) > _UNWRAPPED:
            head, rest = part[:_HEADER_REACH], part[_HEADER_REACH:]
            head = _HEADER_NUMBER.sub(r"\n\1\n", head, count=1)
            if "\n" in head:
                before, _, address = head.rpartition("\n")
                head = before + "\n" + _ADDRESS_END.sub("\n", address, count=1)
            opened = _SIGNATURE.sub("\n", _LABEL.sub("\n", head + rest))
            out.extend(_HEADING_THEN_LABEL.sub(r"\1\n", opened).split("\n"))
        else:
            out.append(part)
    return out
