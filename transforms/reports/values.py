"""What a cell or phrase of a report states: a number, a printed zero, a blank, a dash. Blank is never zero."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from gongkai.records.document import ValueState
from transforms.numerals import parse_number

SUMMABLE: frozenset[ValueState] = frozenset(("number", "zero_printed", "zero_phrase"))
"""States that carry a number for arithmetic."""

_UNITS = "个工作日|工作日|天|万元|亿元|元|人次|件次|场次|批次|件|条|项|个|篇|次|人|名|份|期|宗|类|%"
_NUMBER = re.compile(rf"(?P<number>[+-]?[0-9][0-9,.]{{0,30}}(?:[万亿](?!元))?)(?P<more>余|多)?(?P<unit>{_UNITS})?")
_ZERO_WORDS = frozenset(("零", "无", "没有", "未发生", "未收到"))
_NO_VALUE = re.compile(r"[-/\\_.…─—–―~*]{1,12}|[×xX]|无此项|不适用|详见附表|n/?a", re.I)


@dataclass(frozen=True, slots=True)
class CellValue:
    """A reading of one cell."""

    value: Decimal | None
    state: ValueState
    unit: str | None = None
    qualifier: str | None = None


BLANK = CellValue(None, "blank")


def read_cell(folded: str) -> CellValue:
    """Read folded cell text.

    "" → blank; "/" or "——" → na_mark; "0" → zero_printed; "无" → zero_phrase; "2 089" or "+36" → number; "251000元" → number
    with its unit; other words → text.
    """
    squeezed = "".join(folded.split()).replace("−", "-")
    if not squeezed:
        return BLANK
    if squeezed in _ZERO_WORDS:
        return CellValue(Decimal(0), "zero_phrase")
    found = _NUMBER.fullmatch(squeezed.replace("增", "+", 1) if squeezed[0] == "增" else _minus(squeezed))
    if found:
        value = parse_number(found["number"])
        if value is not None:
            return CellValue(value, "number" if value else "zero_printed", found["unit"], "gt" if found["more"] else None)
        return CellValue(None, "unreadable")
    if _NO_VALUE.fullmatch(squeezed):
        return CellValue(None, "na_mark")
    value = parse_number(squeezed)
    if value is not None:
        return CellValue(value, "number" if value else "zero_phrase")
    return CellValue(None, "text")


def _minus(text: str) -> str:
    """减3 and 减少3项 are -3."""
    return re.sub(r"^减少?(?=\d)", "-", text, count=1)
