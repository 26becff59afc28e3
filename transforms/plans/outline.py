"""The outline of a plan: 一、 (一) 1. (1) ①, 第一条, 1.1; lines with their label, path and section titles.

A page may give us a whole document in one paragraph (innerText without line breaks); such a paragraph is cut where the outline's
next number stands.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from transforms.body import Body
from transforms.numerals import parse_int

_CN = r"[一二三四五六七八九十百]{1,4}"
_DECIMALS = [("decimal", 7, 1), ("decimal2", 8, 2), ("decimal3", 9, 3)]
# kind, rank (outer before inner), pattern; group 1 is the number, the printed path element is `shown`
_KINDS: list[tuple[str, int, str]] = [
    ("part", 0, rf"第\s?({_CN}|\d{{1,2}})\s?[部篇](?:分)?"),
    ("chapter", 1, rf"第\s?({_CN}|\d{{1,2}})\s?章"),
    ("section", 2, rf"第\s?({_CN}|\d{{1,2}})\s?节"),
    ("article", 3, rf"第\s?({_CN}|\d{{1,3}})\s?条(?!例)"),
    ("cn", 4, rf"({_CN})\s?[、.,](?!{_CN}[、季是])"),
    ("phase", 4, rf"第\s?({_CN}|\d)\s?阶段\s?[:、,]"),
    ("cn_paren", 5, rf"\(\s?({_CN})\s?\)[、.,]?"),
    *(
        (name, rank, rf"(\d{{1,2}}(?:\.\d{{1,2}}){{{dots}}})(?=\s|[\u4e00-\u9fff])(?![\s]?[万亿%倍年月元])[、.]?")
        for name, rank, dots in _DECIMALS
    ),
    ("number", 6, r"(\d{1,3})\s?[.、](?!\d)"),
    ("number_paren", 10, r"(?:\(\s?(\d{1,3})\s?\)|(\d{1,2})\))[、.,]?"),
    ("circled", 11, r"([\u2460-\u2473])[、.]?"),
]
_RANK = {kind: rank for kind, rank, _ in _KINDS}
_LABELS = [(kind, re.compile(rf"\s{{0,8}}(?P<shown>{pattern})\s{{0,4}}")) for kind, _, pattern in _KINDS]
_STARTS = set("第一二三四五六七八九十百(0123456789 \t") | {chr(code) for code in range(0x2460, 0x2474)}

SENTENCE_END = re.compile(r"[。;!?]")
TITLE_LENGTH = 60
"""A labelled line that is longer is a clause, not a heading."""
_RUN_TOGETHER = 300
"""A paragraph that is longer may hold several lines of the printed document."""
_INSIDE = re.compile(
    rf"(?:(?<=[。;:!?)】\"”])|(?<=[\s]))\s{{0,8}}(?=(?:{_CN}、|\({_CN}\)|\(\d{{1,2}}\)|\d{{1,2}}[.、](?!\d)))"
    rf"|(?<=[^\s、,和及至到第见\"“])(?=\((?:{_CN}|\d{{1,2}})\)[^、,和及项款条])|(?<=[\u4e00-\u9fff])(?<![第表图附件至])(?=\d{{1,2}}\.\s?[\u4e00-\u9fff“《])"
)
_WIDE_GAP = re.compile(r"(?<=[。;:!?)》日件室府县知])[ \t]{2,}|(?<=\S)[ \t]{2,}(?=[\u4e00-\u9fff\d(《]{6})")


@dataclass(frozen=True, slots=True)
class Label:
    """A printed outline number; `end` is where the text behind it begins."""

    kind: str
    number: int
    shown: str
    """As in a path: without punctuation, brackets kept: 二, (一), 1."""
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line (paragraph), inside `body.text[start:end]`, without surrounding blanks."""

    start: int
    end: int
    markup_heading: bool = False
    label: Label | None = None
    path: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    """Section titles, outermost first, this line's own title last where it has one."""
    heading: bool = False
    """True for a line that is only a title."""
    kinds: tuple[str, ...] = ()

    @property
    def text_start(self) -> int:
        """Where the text behind the label begins."""
        return self.label.end if self.label else self.start


def parse_label(folded: str, start: int, end: int) -> Label | None:
    """The outline label that stands at `start`, or None."""
    if start >= end or folded[start] not in _STARTS:
        return None
    for kind, pattern in _LABELS:
        match = pattern.match(folded, start, end)
        if not match:
            continue
        shown = re.sub(r"\s", "", match["shown"]).rstrip("、.,:")
        number = _number(kind, next(group for group in match.groups()[1:] if group is not None))
        if number is None:
            continue
        return Label(kind, number, shown.removesuffix(")") if kind == "number_paren" and shown[0] != "(" else shown, match.end())
    return None


def _number(kind: str, printed: str) -> int | None:
    if kind == "circled":
        return ord(printed) - 0x245F
    if kind.startswith("decimal"):
        return parse_int(printed.rsplit(".", 1)[1])
    return parse_int(printed)


def lines(body: Body) -> list[Line]:
    """The document's lines outside tables, with labels, paths and titles."""
    return outline(
        body.folded, [line for block in body.blocks if block.kind != "table" for line in _cut(body.folded, block.start, block.end)]
    )


def outline(folded: str, plain: list[Line]) -> list[Line]:
    """Give each line its place in the outline."""
    stack: list[tuple[Label, str]] = []
    nested: set[tuple[str, str]] = set()  # kinds this document nests against the usual order: 一、 over 第一条
    below_title = False
    out = []
    for line in plain:
        label = parse_label(folded, line.start, line.end)
        title, heading = _title(folded, line, label)
        if label is None:
            out.append(_placed(line, None, heading, stack))
            below_title = False
            continue
        if below_title and label.number == 1 and stack and _RANK[label.kind] >= _RANK["article"]:
            nested.add((stack[-1][0].kind, label.kind))
        kinds = [entry[0].kind for entry in stack]
        if label.kind in kinds:
            del stack[kinds.index(label.kind) :]
        else:
            while stack and _RANK[stack[-1][0].kind] > _RANK[label.kind] and (stack[-1][0].kind, label.kind) not in nested:
                stack.pop()
        stack.append((label, title))
        below_title = heading and not SENTENCE_END.match(folded, line.end - 1)
        out.append(_placed(line, label, heading, stack))
    return out


def _placed(line: Line, label: Label | None, heading: bool, stack: list[tuple[Label, str]]) -> Line:
    return replace(
        line,
        label=label,
        heading=heading,
        path=tuple(entry.shown for entry, _ in stack),
        titles=tuple(title for _, title in stack if title),
        kinds=tuple(entry.kind for entry, _ in stack),
    )


def _title(folded: str, line: Line, label: Label | None) -> tuple[str, bool]:
    """(the line's title, whether the line is nothing but a title)."""
    begin = label.end if label else line.start
    text = folded[begin : min(line.end, begin + 400)].strip()
    stop = SENTENCE_END.search(text)
    if label is None:
        return "", line.markup_heading and len(text) <= TITLE_LENGTH and stop is None
    if stop is None or stop.end() == len(text):
        heading = line.end - begin <= TITLE_LENGTH and not text.endswith((";", ","))
        return (text.rstrip("。;:!?,") if heading else ""), heading
    return (text[: stop.start()] if stop.start() <= TITLE_LENGTH and stop.group() in "。!?" else ""), False


def _cut(folded: str, start: int, end: int) -> Iterator[Line]:
    """The lines of one block: cut at newlines, at wide gaps and, in a long run-together paragraph, at outline numbers."""
    at = start
    for piece in folded[start:end].split("\n"):
        stop = at + len(piece)
        cuts = [at, *_inner_cuts(folded, at, stop), stop]
        for begin, close in itertools.pairwise(cuts):
            line = _stripped(folded, begin, close)
            if line:
                yield line
        at = stop + 1


def _stripped(folded: str, start: int, end: int) -> Line | None:
    while start < end and folded[start].isspace():
        start += 1
    while end > start and folded[end - 1].isspace():
        end -= 1
    return Line(start, end) if start < end else None


def _inner_cuts(folded: str, start: int, end: int) -> list[int]:
    if end - start < _RUN_TOGETHER:
        return []
    cuts = {match.end() for match in _WIDE_GAP.finditer(folded, start, end) if start < match.end() < end}
    cuts.update(_outline_cuts(folded, start, end, len(cuts)))
    return sorted(cuts)


def _outline_cuts(folded: str, start: int, end: int, gaps: int) -> Iterator[int]:
    """Places inside a paragraph where the outline's next number stands; only in text that lost its line breaks."""
    candidates = []
    for match in _INSIDE.finditer(folded, start, end):
        label = parse_label(folded, match.end(), end)
        if label and match.end() > start:
            candidates.append((match.end(), label))
    tops = sum(label.kind in ("cn", "cn_paren") for _, label in candidates)
    if tops < 3 and gaps < 3:
        return
    expected: dict[str, int] = {}
    first = parse_label(folded, start, end)
    if first:
        expected[first.kind] = first.number + 1
    for at, label in candidates:
        if label.number != expected.get(label.kind, 1) and label.number != 1:
            continue
        expected[label.kind] = label.number + 1
        for kind in [kind for kind in expected if _RANK[kind] > _RANK[label.kind]]:
            if kind in ("number_paren", "circled"):
                del expected[kind]
        yield at
