"""Numbers as Chinese documents print them: Arabic, full width, Chinese characters, and mixtures (2.7万, 一千二百, 二〇一七, 两)."""

from __future__ import annotations

import re
from decimal import Decimal

MAX_LENGTH = 40
"""Longer strings are no number; keeps the work bounded whatever the input."""

# Zero is printed in many ways: 〇, the circles ○ and ◯, 零, and a Latin O in scanned text.
ZEROS = "〇○◯零"
DIGITS = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"两": 2} | dict.fromkeys(ZEROS, 0)
_FORMAL = dict(zip("壹贰叁肆伍陆柒捌玖拾佰仟萬億兩貳參陸廿卅", [*"一二三四五六七八九十百千万亿两二三六", "二十", "三十"], strict=True))
_WIDE = {chr(0xFEE0 + ord(c)): c for c in "0123456789.,+-"}
_TABLE = str.maketrans(_FORMAL | _WIDE | {"・": ".", "点": "."})

_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_ARABIC = re.compile(r"\d{1,3}(?:,\d{3}){1,8}(?:\.\d{1,12})?|\d{1,24}(?:\.\d{1,12})?")
_TOKEN = re.compile(rf"(?P<arabic>{_ARABIC.pattern})|(?P<digit>[{''.join(DIGITS)}])|(?P<small>[十百千])|(?P<large>[万亿])")


def parse_number(text: str) -> Decimal | None:
    """The number that `text` as a whole prints, or None when it is not one number.

    Examples: 1,234.5 · ２７ · 2.7万 · 1亿2000万 · 一千二百 · 十二 · 二〇一七 · 三点五 · 两.
    """
    text = text.strip().translate(_TABLE)
    if not text or len(text) > MAX_LENGTH:
        return None
    sign = -1 if text[0] == "-" else 1
    text = text.lstrip("+-") if text[0] in "+-" else text
    if _ARABIC.fullmatch(text):
        return sign * Decimal(text.replace(",", ""))
    whole, dot, fraction = text.partition(".")
    if dot and fraction and all(c in DIGITS for c in fraction):
        head = _mixed(whole)
        return None if head is None else sign * (head + Decimal("0." + "".join(str(DIGITS[c]) for c in fraction)))
    value = _mixed(text)
    return None if value is None else sign * value


def parse_int(text: str) -> int | None:
    """Like `parse_number` for whole numbers; None for anything else."""
    value = parse_number(text)
    return int(value) if value is not None and value == value.to_integral_value() else None


def _mixed(text: str) -> Decimal | None:
    if text and all(c in DIGITS for c in text):
        return Decimal("".join(str(DIGITS[c]) for c in text))  # digit by digit: 二〇一七
    return _grouped(text)


def _grouped(text: str) -> Decimal | None:
    """Positional reading with 十百千万亿; None where the order of the units makes no sense."""
    reader = _Grouped()
    at = 0
    for token in _TOKEN.finditer(text):
        if token.start() != at:
            return None
        at = token.end()
        kind = token.lastgroup
        word = token.group()
        if kind == "arabic":
            ok = reader.amount(Decimal(word.replace(",", "")))
        elif kind == "digit":
            ok = reader.zero() if word in ZEROS else reader.amount(Decimal(DIGITS[word]))
        elif kind == "small":
            ok = reader.small(_SMALL[word])
        else:
            ok = reader.large(_LARGE[word])
        if not ok:
            return None
    return reader.finish() if at == len(text) and at else None


class _Grouped:
    """State of one positional reading."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.section = Decimal(0)
        self.pending: Decimal | None = None
        self.last_small = 10**4
        self.last_large = 10**16
        self.shorthand = 0

    def amount(self, value: Decimal) -> bool:
        if self.pending is not None:
            return False
        self.pending = value
        return True

    def zero(self) -> bool:
        """零 inside a number is a place holder, never a digit of its own."""
        if self.pending is not None or not (self.section or self.total):
            return False
        self.shorthand = 0
        return True

    def small(self, unit: int) -> bool:
        if unit >= self.last_small or (self.pending is None and unit != 10):
            return False
        self.section += (self.pending if self.pending is not None else 1) * unit
        self.pending, self.last_small, self.shorthand = None, unit, unit // 10
        return True

    def large(self, unit: int) -> bool:
        value = self.section + (self.pending or 0)
        if not value and not (unit > self.last_large and self.total):
            return False
        if unit < self.last_large:
            self.total += value * unit
        elif unit > self.last_large:  # 万亿: the larger unit multiplies what stands before it
            self.total = (self.total + value) * unit
        else:
            return False
        self.section, self.pending, self.last_small = Decimal(0), None, 10**4
        self.last_large, self.shorthand = unit, unit // 10
        return True

    def finish(self) -> Decimal:
        # 两万五 is 25,000 and 一百二 is 120: a last lone digit counts the next lower unit
        last = self.pending or Decimal(0)
        if self.shorthand > 1 and 0 < last < 10:
            last *= self.shorthand
        return self.total + self.section + last
