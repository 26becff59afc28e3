"""Personal data (个人信息) that a portal printed by mistake: identity-card numbers, bank cards, mobile phones.

`find_personal` gives places and kinds, never the number. `mask` puts one `*` for every character of a number, of the same length, so that
every offset into the text stays right. Nothing of the number remains, and no digest of it is kept: of an identity number with its first
six and last four characters shown, 3,300 candidates are left; of a phone with three and four, 10,000; and a digest is undone by trying
all numbers. The archive keeps the page as evidence.

Rules: GB 11643-1999 (18 characters, check character of ISO 7064 MOD 11-2; 15 digits before 1999), ISO/IEC 7812 (Luhn).
A number counts only when its printed groups hold it exactly: digits inside a longer run of digits are part of something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from gongkai.divisions import divisions

Kind = Literal["identity", "card", "phone"]

_DIGIT = "0-9０-９"
_BLANK = "\\- \u00a0\u2000-\u200b\u2010-\u2013\u3000\ufeff－"
_RUN = re.compile(rf"[{_DIGIT}](?:[{_BLANK}]{{0,2}}[{_DIGIT}]){{10,}}(?:[{_BLANK}]{{0,2}}[XxＸｘ])?")
"""Digits that may be one number, perhaps in groups. What has no such run has no personal data: the one look that most texts need."""
_GROUP = re.compile(f"[{_DIGIT}XxＸｘ]+")
_NARROW = str.maketrans("０１２３４５６７８９Ｘｘx", "0123456789XXX")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_LUHN = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_LONGEST = 19
_NEAR = 60
"""Characters before a number in which its label must stand; the next number of a column may follow the last one as near."""
_IDENTITY_LABEL = re.compile("身份证|身份證|身分證|公民身份号码|证件号")
_CARD_LABEL = re.compile("银行|卡号|[账帐賬]号|[账帐賬]户|开户|存折|一卡通")
_CARD_ISSUER = re.compile(r"62|4|5[1-5]|2[2-7]|35[2-8]|9558")  # UnionPay, Visa, Mastercard, JCB, ICBC's old ones
_PHONE = re.compile(r"(?:86|0086)?1[3-9]\d{9}")
_PHONE_GROUPS = ((11,), (3, 4, 4), (3, 8), (7, 4))
_CREDIT_CODE = re.compile(r"(?:信用代码|机构代码|注册号)\W{0,3}\Z")
_NO_PHONE_BEFORE = re.compile(r"(?:[0-9A-Za-z_./=&?#%〔\[￥¥]|[编案批单证文账帐卡索引代码流水序列]号\W{0,3}|编码\W{0,3}|代码\W{0,3})\Z")
_NO_PHONE_AFTER = re.compile(r"[0-9A-Za-z_/%％元万亿号]|[.,，]\d")
_FOREIGNERS = "9"  # first digit of their permanent residence cards since 2023


@dataclass(frozen=True, slots=True)
class Leak:
    """`text[start:end]` is somebody's number; the number itself is kept nowhere."""

    kind: Kind
    start: int
    end: int


def may_hold(text: str) -> bool:
    """False where there is surely none: a look of a few nanoseconds a character."""
    return _RUN.search(text) is not None


def find_personal(text: str) -> list[Leak]:
    """Every number of a person, in the order of the text; none overlaps another."""
    found: list[Leak] = []
    last: dict[Kind, int] = {}
    for run in _RUN.finditer(text):
        for leak in _in_run(text, run.start(), run.group(), last):
            found.append(leak)
            last[leak.kind] = leak.end
    return found


def mask(text: str, leaks: list[Leak] | None = None) -> str:
    """`text` with a `*` for each character of its numbers, blanks between groups kept; the length stays."""
    parts, done = [], 0
    for leak in find_personal(text) if leaks is None else leaks:
        parts += [text[done : leak.start], _GROUP.sub(lambda m: "*" * len(m.group()), text[leak.start : leak.end])]
        done = leak.end
    return "".join([*parts, text[done:]]) if parts else text


def _in_run(text: str, offset: int, run: str, last: dict[Kind, int]) -> Iterator[Leak]:
    groups = [(m.start(), m.end(), m.group().translate(_NARROW)) for m in _GROUP.finditer(run)]
    first = 0
    while first < len(groups):
        lengths = accumulate(end - start for start, end, _ in groups[first : first + _LONGEST])
        width = sum(1 for length in lengths if length <= _LONGEST)
        for size in range(width, 0, -1):  # the longest first: a card's first groups are no phone
            taken = groups[first : first + size]
            start, end = offset + taken[0][0], offset + taken[-1][1]
            kind = _kind([g[2] for g in taken], text, start, end, last, alone=_stands_alone(groups, first, size))
            if kind:
                yield Leak(kind, start, end)
                last[kind] = end
                first += size
                break
        else:
            first += 1


def _stands_alone(groups: list[tuple[int, int, str]], first: int, size: int) -> bool:
    """Whether the run holds no other groups, but for China's dialling code before them."""
    return first + size == len(groups) and (first == 0 or (first == 1 and groups[0][2] in ("86", "0086")))


def _kind(groups: list[str], text: str, start: int, end: int, last: dict[Kind, int], *, alone: bool) -> Kind | None:
    number = "".join(groups)
    if len(number) in (15, 18) and _is_identity(number, text, start, last):
        return "identity"
    if len(number) >= 16 and _is_card(number) and _labelled(_CARD_LABEL, "card", text, start, last):
        return "card"
    whole = len(groups) == 1 or (alone and tuple(map(len, groups)) in _PHONE_GROUPS)
    return "phone" if whole and _PHONE.fullmatch(number) and _may_be_phone(text, start, end) else None


def _labelled(label: re.Pattern[str], kind: Kind, text: str, start: int, last: dict[Kind, int]) -> bool:
    follows = start - last[kind] <= _NEAR if kind in last else False
    return follows or label.search(text, max(0, start - _NEAR), start) is not None


def _is_identity(number: str, text: str, start: int, last: dict[Kind, int]) -> bool:
    """The whole code of a division is not asked for: cards carry codes of divisions that are long abolished."""
    if number[:2] not in _provinces() and number[0] != _FOREIGNERS:
        return False
    if len(number) == 15:
        return number.isdigit() and _is_day("19" + number[6:12]) and _labelled(_IDENTITY_LABEL, "identity", text, start, last)
    if not number[:17].isdigit() or number[6:8] not in ("19", "20") or not _is_day(number[6:14]):
        return False
    return check_character(number[:17]) == number[17] and not _CREDIT_CODE.search(text[max(0, start - 12) : start])


def check_character(digits: str) -> str:
    """The last character of an identity number, from the 17 digits before it."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11]


@lru_cache(maxsize=1)
def _provinces() -> frozenset[str]:
    return frozenset(code[:2] for code in divisions() if code.endswith("0000"))


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _is_card(number: str) -> bool:
    return number.isdigit() and _CARD_ISSUER.match(number) is not None and luhn(number)


def luhn(digits: str) -> bool:
    """Whether the check digit of a card is right."""
    return sum(_LUHN[int(d)] if place % 2 else int(d) for place, d in enumerate(reversed(digits))) % 10 == 0


def _may_be_phone(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 8) : start]
    return not _NO_PHONE_BEFORE.search(before) and not _NO_PHONE_AFTER.match(text, end)
