"""Numerals: values as printed, round trips, and that nonsense stays nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.numerals import parse_int, parse_number

_DIGITS = "零一二三四五六七八九"


def _section(n: int) -> str:
    """Chinese for 1..9999, textbook form."""
    out, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = n // unit % 10
        if digit:
            out += ("零" if gap and out else "") + _DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return out


def _chinese(n: int) -> str:
    out = ""
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part = n // unit % 10**4
        if part:
            out += ("零" if out and part < 1000 else "") + _section(part) + name
    return out


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", "1234.5"), ("２７", "27"), ("2.7万", "27000"), ("1亿2000万", "120000000"), ("一千二百", "1200"), ("十二", "12"),
        ("二〇一七", "2017"), ("二○一二", "2012"),
        ("两", "2"), ("两万五", "25000"), ("一百二", "120"), ("一百零二", "102"), ("三点五", "3.5"),
        ("廿三", "23"), ("壹仟贰佰", "1200"), ("一万零五十", "10050"), ("3千", "3000"),
        ("-4", "-4"), ("０", "0"), ("零", "0"), ("十", "10"),
        ("二百一十", "210"), ("一万亿", "1000000000000"),
    ],
)  # fmt: skip
def test_values(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "十十", "百", "万", "1,23", "一二十", "千百", "3..5", "十二个", "一" * 100, "1" * 100, "零十", "亿万"]
)
def test_no_number(text: str) -> None:
    assert parse_number(text) is None


def test_int_refuses_fractions() -> None:
    assert parse_int("3.5") is None
    assert parse_int("2.7万") == 27000


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_chinese_round_trip(n: int) -> None:
    assert parse_int(_chinese(n)) == n


@given(st.integers(min_value=0, max_value=10**12))
def test_arabic_round_trip(n: int) -> None:
    assert parse_int(str(n)) == n
    assert parse_int(f"{n:,}") == n


@given(st.text(alphabet="0123456789零〇一二三十百千万亿点.,两 ", max_size=60))
def test_never_raises(text: str) -> None:
    value = parse_number(text)
    assert value is None or value.is_finite()
