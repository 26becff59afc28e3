"""The numbers that Word itself prints before paragraphs (automatic numbering): they are in no text of the file and are counted here.

ECMA-376 part 1, 17.9: a paragraph names a list (numId) and a level; the list's levels say how a number is written (numFmt), what
stands around it (lvlText: "%1、", "（%2）") and where it starts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from docx.oxml.ns import qn
from lxml import etree

_VAL = qn("w:val")
_LEVELS = 9
_MAX_NUMBER = 9999
_DIGITS = "〇一二三四五六七八九"
_PART = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """The lists of one document and how far each has been counted."""

    lists: dict[str, tuple[str, dict[int, _Level]]] = field(default_factory=dict)
    """Per numId: the definition it counts in, its levels."""
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Per paragraph style: numId and level."""
    _counts: dict[str, list[int | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, numbering: etree._Element | None, styles: etree._Element | None) -> Numbering:
        """The definitions of numbering.xml and styles.xml, where the file has them."""
        out = cls()
        definitions = {
            str(one.get(qn("w:abstractNumId"))): _levels(one)
            for one in (numbering.iterchildren(qn("w:abstractNum")) if numbering is not None else ())
        }
        for one in numbering.iterchildren(qn("w:num")) if numbering is not None else ():
            definition = _value(one.find(qn("w:abstractNumId")))
            levels = dict(definitions.get(definition, {}))
            key = definition
            for override in one.iterchildren(qn("w:lvlOverride")):
                at = _int(str(override.get(qn("w:ilvl"))))
                own = override.find(qn("w:lvl"))
                start = override.find(qn("w:startOverride"))
                level = _level(own) if own is not None else levels.get(at)
                if level is not None:
                    levels[at] = _Level(level.form, level.text, _int(_value(start)) if start is not None else level.start)
                key = f"{definition}/{one.get(qn('w:numId'))}"  # counted by itself
            out.lists[str(one.get(qn("w:numId")))] = (key, levels)
        for style in styles.iterchildren(qn("w:style")) if styles is not None else ():
            named = _reference(style)
            if named:
                out.styles[str(style.get(qn("w:styleId")))] = named
        return out

    def label(self, paragraph: etree._Element) -> str:
        """The number printed before this paragraph, "" for none; paragraphs must be asked in document order."""
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        named = _reference(paragraph) or self.styles.get(_value(style))
        if named is None or named[0] not in self.lists:
            return ""
        key, levels = self.lists[named[0]]
        at = named[1]
        if at not in levels:
            return ""
        counts = self._counts.setdefault(key, [None] * _LEVELS)
        before = counts[at]
        counts[at] = min(levels[at].start if before is None else before + 1, _MAX_NUMBER)
        counts[at + 1 :] = [None] * (_LEVELS - at - 1)
        if levels[at].form in ("bullet", "none"):
            return ""

        def printed(match: re.Match[str]) -> str:
            inner = int(match[1]) - 1
            level = levels.get(inner)
            count = counts[inner] if counts[inner] is not None else level.start if level else 1
            return _written(count or 0, level.form if level else "decimal")

        return _PART.sub(printed, levels[at].text)


def _levels(definition: etree._Element) -> dict[int, _Level]:
    return {_int(str(one.get(qn("w:ilvl")))): _level(one) for one in definition.iterchildren(qn("w:lvl"))}


def _level(element: etree._Element) -> _Level:
    start = element.find(qn("w:start"))
    return _Level(
        _value(element.find(qn("w:numFmt"))) or "decimal",
        _value(element.find(qn("w:lvlText"))),
        _int(_value(start)) if start is not None else 1,
    )


def _reference(element: etree._Element) -> tuple[str, int] | None:
    """numId and level; numId 0 takes a style's number away and names no list."""
    found = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    number = found.find(qn("w:numId")) if found is not None else None
    if found is None or number is None:
        return None
    return _value(number), min(_int(_value(found.find(qn("w:ilvl")))), _LEVELS - 1)


def _value(element: etree._Element | None) -> str:
    return str(element.get(_VAL) or "") if element is not None else ""


def _int(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _written(number: int, form: str) -> str:
    if form.startswith(("chinese", "japaneseCounting", "taiwaneseCounting", "ideographLegal", "koreanCounting")):
        return _chinese(number)
    if form.startswith(("decimalEnclosedCircle", "ideographEnclosedCircle")):
        return chr(0x245F + number) if 1 <= number <= 20 else str(number)
    if form == "decimalEnclosedParen":
        return f"({number})"
    if form in ("upperLetter", "lowerLetter"):
        letter = chr(65 + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if form == "upperLetter" else letter.lower()
    if form in ("upperRoman", "lowerRoman"):
        roman = _roman(number)
        return roman if form == "upperRoman" else roman.lower()
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _chinese(number: int) -> str:
    """一 … 九十九, 一百零一; beyond 999 in digits."""
    if not 0 < number < 1000:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    out = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        out += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        out += "零"
    return out + (_DIGITS[ones] if ones else "")


def _roman(number: int) -> str:
    out = ""
    for value, sign in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
                        (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):  # fmt: skip
        out += sign * (number // value)
        number %= value
    return out
