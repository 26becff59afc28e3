"""Numbers in prose: sentences of a report without blanks, and each number with its unit and qualifier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from transforms.body import Block, Body
from transforms.numerals import parse_number

_UNITS = (
    r"人次|件次|条次|场次|批次|余次|万元|亿元|元|大类|县\(市、区\)|县\(区\)|县区|县|区|"
    r"条|件|项|篇|次|人|名|位|个|家|处|所|种|类|期|场|轮|份|宗|起|例|则|部|%"
)
_ARABIC = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?|\d{1,12}(?:\.\d{1,6})?"
_CHINESE = r"[一二两三四五六七八九十百千万零〇]{1,10}"
# A unit that goes on as another word is none: 个工作日, 次会议 is fine, 条例 and 件事 are words of their own.
_NOT_GOING_ON = r"(?!工作日|自然日|小时|百分点|月|年级|例》?第|款)"
_MENTION = re.compile(
    rf"(?<![\d.第前〔-])(?P<number>(?:{_ARABIC})(?:[万亿](?!元)|[千百])?|{_CHINESE})(?P<more>余|多)?(?P<large>万(?!元))?(?P<more2>余|多)?(?P<unit>{_UNITS}){_NOT_GOING_ON}"
)
_NOT_ONE = re.compile(r"(?:未|没有?|无)(?:曾?有?|发生|出现|收到|接到|受理|引发){0,2}过?$")
_BARE = re.compile(r"(?<=[\u4e00-\u9fff])(?<!附件)(?<!附表)(?<![表图第])(?!(?:19|20)\d\d[,。;、)])\d{1,9}(?=[,。;、)])")
_CHINESE_ONE = re.compile(r"[一]")
_SENTENCE = re.compile(r"[^。!?]{1,2000}[。!?]?")
_BELOW = re.compile(r"(?:近|将近|不到|不足|接近)$")
_ABOVE = re.compile(r"(?:逾|超过|超|多达|突破|不少于|至少)$")
_ABOUT = re.compile(r"(?:约|大约|约为|左右)$")
_HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|\d{1,2}[.、]|第[一二三四五六七八九十]{1,3}[章节部])"
)
_CHAPTER = re.compile(r"^[一二三四五六七八九十]{1,3}、")
_PUNCTUATION = re.compile(r"[。;:!?]")
_PROBLEMS = re.compile(r"(?:存在的?|主要)[^。,;]{0,6}问题|改进(?:情况|措施|办法|方向|意见)|下一步|工作打算|工作计划|努力方向|今后")
_MAX_HEADING = 48
_MAX_LEAD = 30


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence without blanks; `at[i]` is the offset of its character i in the body."""

    text: str
    at: tuple[int, ...]
    heading: str
    """The nearest heading above it, that heading's chapter, and the short sentence that opens its paragraph (二是依申请公开情况。)."""
    section: str
    """The nearest heading alone."""
    outlook: bool
    """True in the chapter on problems and next steps: numbers there are no results."""
    opens_paragraph: bool

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the body of characters start..end."""
        return self.at[start], self.at[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Mention:
    """A number with a unit in a sentence."""

    start: int
    end: int
    value: Decimal
    unit: str
    qualifier: str | None
    bare: bool = False
    """Printed without a unit, which is then that of the number before it: 同意公开5件，部分公开3，不予公开2件."""


def sentences(body: Body) -> Iterator[Sentence]:
    """Sentences of the prose, in order; a paragraph that a page end cut is one."""
    chapter = section = lead = ""
    outlook = False
    for text, at in _paragraphs(body):
        bare = len(text) <= _MAX_HEADING and not _PUNCTUATION.search(text)
        for index, found in enumerate(_SENTENCE.finditer(text)):
            sentence = found.group()
            marked = _HEADING.match(sentence)
            opens_chapter = bool(_CHAPTER.match(sentence))
            if bare or (marked and len(sentence) <= _MAX_HEADING):
                if opens_chapter or not marked:
                    chapter, section = sentence, ""
                else:
                    section = sentence
            # A page without line breaks runs the heading into its first sentence, so only its first words count.
            if opens_chapter or (bare and not marked):
                outlook = bool(_PROBLEMS.search(sentence[:_MAX_HEADING]))
            if index == 0:
                lead = sentence if len(sentence) <= _MAX_LEAD else ""
            yield Sentence(
                sentence, tuple(at[found.start() : found.end()]), f"{chapter} {section} {lead}", section or chapter, outlook, index == 0
            )


def _paragraphs(body: Body) -> Iterator[tuple[str, list[int]]]:
    """Text without blanks, and the offset of each character."""
    held: list[int] = []
    last: Block | None = None
    for block in body.blocks:
        if block.grid is not None:
            if held:
                yield _text(body, held), held
            held, last = [], None
            continue
        line = body.folded[block.start : block.end]
        offsets = [block.start + i for i, char in enumerate(line) if not char.isspace()]
        if held and not (last is not None and _broken_line(_text(body, held), line, last, block)):
            yield _text(body, held), held
            held = []
        held = held + offsets
        last = block
    if held:
        yield _text(body, held), held


def _text(body: Body, offsets: list[int]) -> str:
    return "".join(body.folded[i] for i in offsets)


def _broken_line(above: str, line: str, last: Block, block: Block) -> bool:
    """True where `line` goes on the sentence above it: a PDF paragraph that a page end cut."""
    if last.page is None or block.page != last.page + 1:
        return False
    return len(above) > _MAX_HEADING and above[-1] not in "。:;!?" and not _HEADING.match(line.strip())


def mentions(text: str) -> list[Mention]:
    """Numbers with a unit. Hotline names, years, document numbers and ordinals carry no unit and so are none."""
    out = []
    for found in _MENTION.finditer(text):
        printed = found["number"] + (found["large"] or "")
        value = parse_number(printed)
        if value is None:
            continue
        if _CHINESE_ONE.fullmatch(found["number"]) and not re.search(r"(?:件|元|起|宗)$", found["unit"]):
            continue  # 一次, 一项, 一个 are words, not figures
        before = text[max(0, found.start() - 6) : found.start()]
        if found.group() == "两个" and text[found.end() : found.end() + 1].isalpha():
            continue  # 微博、微信两个平台: both, no figure
        if value == 1 and _NOT_ONE.search(before):
            continue  # 未发生一起: a zero phrase
        behind = text[found.end() : found.end() + 2]
        qualifier = _qualifier(before, behind, bool(found["more"] or found["more2"]))
        out.append(Mention(found.start(), found.end(), value, found["unit"], qualifier))
    for bare in _BARE.finditer(text) if out else ():
        above = [m for m in out if m.end <= bare.start() and not m.bare and m.unit != "%"]
        if above:
            out.append(Mention(bare.start(), bare.end(), Decimal(bare.group()), above[-1].unit, None, bare=True))
    return sorted(out, key=lambda m: m.start)


def _qualifier(before: str, behind: str, more: bool) -> str | None:
    if more or _ABOVE.search(before) or behind == "以上":
        return "gt"
    if _BELOW.search(before) or behind == "以下":
        return "lt"
    if _ABOUT.search(before) or behind == "左右":
        return "approx"
    return None
