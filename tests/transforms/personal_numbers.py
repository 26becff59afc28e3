"""Made numbers of persons: every one is generated, with the sample town's division (99…), and belongs to nobody."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import strategies as st

from transforms.personal import check_character, luhn

WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
DIVISIONS = ("990101", "990205", "110101", "440802", "820000")


def identity_number(division: str = "990101", born: date = date(1988, 8, 8), order: int = 123) -> str:
    digits = f"{division}{born:%Y%m%d}{order:03}"
    return digits + check_character(digits)


def card_number(issuer: str = "622202", length: int = 19) -> str:
    body = issuer + "0123456789012"[: length - len(issuer) - 1]
    return next(f"{body}{d}" for d in range(10) if luhn(f"{body}{d}"))


identity_numbers = st.builds(
    identity_number, st.sampled_from(DIVISIONS), st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999)
)
phone_numbers = st.builds("1{}{:09}".format, st.integers(3, 9), st.integers(0, 999_999_999))


def grouped(number: str, cuts: list[int], blank: str) -> str:
    """The number in groups that end at `cuts`."""
    ends = sorted({c for c in cuts if 0 < c < len(number)} | {0, len(number)})
    return blank.join(number[a:b] for a, b in pairwise(ends))
