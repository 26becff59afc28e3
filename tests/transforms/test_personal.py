"""Numbers of persons are found wherever they stand, and nothing that only looks like one is."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personal_numbers import DIVISIONS, WIDE, card_number, grouped, identity_number, identity_numbers, phone_numbers

from transforms.personal import find_personal, mask, may_hold

ID, CARD, PHONE = identity_number(), card_number(), "13900001234"
WORDS = st.sampled_from(["", "身份证号：", "（", "张某某，男，", "\t", "\n", "名单 ", "A", "2024年", "共3人；"])
BLANKS = st.sampled_from(["", " ", "\u3000", "-", "\u00a0", "－"])


def _found(text: str) -> list[tuple[str, str]]:
    return [(leak.kind, text[leak.start : leak.end]) for leak in find_personal(text)]


@given(identity_numbers, WORDS, WORDS, BLANKS, st.lists(st.integers(1, 17), max_size=4), st.booleans())
def test_every_identity_number_is_found_wherever_it_stands(
    number: str, before: str, after: str, blank: str, cuts: list[int], wide: bool
) -> None:
    printed = grouped(number.translate(WIDE) if wide else number, cuts, blank)
    text = f"{before}{printed}{after if not after[:1].isdigit() else '，' + after}"
    assert ("identity", printed) in _found(text)
    hidden = mask(text)
    assert len(hidden) == len(text)
    assert not re.search(r"[0-9０-９]", hidden[len(before) : len(before) + len(printed)])
    assert mask(hidden) == hidden


@given(st.sampled_from(DIVISIONS), st.integers(0, 10**12 - 1))
def test_eighteen_digits_without_a_right_check_character_or_day_are_left(division: str, rest: int) -> None:
    number = f"{division}{rest:012}"
    try:
        right = identity_number(division, date(int(number[6:10]), int(number[10:12]), int(number[12:14])), int(number[14:17])) == number
    except ValueError:
        right = False
    if not (right and number[6:8] in ("19", "20")):
        assert _found(f"共{number}。") == []


@given(identity_numbers, st.sampled_from("0123456789"))
def test_an_identity_number_with_one_wrong_character_is_left(number: str, other: str) -> None:
    if other != number[16]:
        assert _found(number[:16] + other + number[17]) == []


@given(phone_numbers, st.sampled_from(["", "手机：", "（", "\t", "\n", "3 "]), st.sampled_from(["", "，", "（微信同号）", "\t"]))
def test_every_mobile_phone_is_found(number: str, before: str, after: str) -> None:
    assert _found(f"{before}{number}{after}") == [("phone", number)]


@given(st.text(alphabet="0123456789０９Xx -\t\n，a", max_size=60))
def test_any_text_keeps_its_length_and_a_masked_one_is_done(text: str) -> None:
    hidden = mask(text)
    assert len(hidden) == len(text)
    assert find_personal(hidden) == []
    assert may_hold(text) or hidden == text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"+86 {PHONE}", ["phone"]),
        ("联系电话：139 0000 1234", ["phone"]),
        ("139-0000-1234", ["phone"]),
        (f"86{PHONE}", ["phone"]),
        (f"{PHONE}、15900004321", ["phone", "phone"]),
        (f"账号：{CARD}", ["card"]),
        (f"开户银行：例市银行，{grouped(CARD, [4, 8, 12, 16], ' ')}", ["card"]),
        ("姓名\t身份证号\n张某\t990101880808123\n王某\t990101790305001", ["identity", "identity"]),
        (f"姓名\t身份证号\t手机\t卡号\n张某\t{ID}\t{PHONE}\t{CARD}\n王某\t{ID}\t{PHONE}\t{CARD}", ["identity", "phone", "card"] * 2),
        (f"http://127.0.0.1/q?sfz={ID}", ["identity"]),  # an address that a page prints leaks it all the same
    ],
)
def test_found(text: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in _found(text)] == kinds


@pytest.mark.parametrize(
    "text",
    [
        "统一社会信用代码：91990100MA1X2Y3Z4Q",
        f"统一社会信用代码：{ID}",  # no identity number, whatever its last character happens to be
        "索引号：11990100700000001X/2024-00123",
        "索引号：13900001234",
        "例政办发〔2024〕13900001234号",
        "许可证编号:13900001234",
        "合计13900001234元",
        "13900001234.56",
        "电话：0668-1234567、12345、400-8001234",
        "联系电话：（0668）2281234 2281235",
        "http://127.0.0.1/col/13900001234.html",
        "http://127.0.0.1/list?id=13900001234",
        "sha256:4413900001234aa9f3913900001234b",
        "2024-03-01 2024-03-02 2024-03-03",
        "990101880808123",  # the old form without a label
        f"共{CARD}次",  # a card without a label
        f"账号：{CARD[:-1]}{(int(CARD[-1]) + 1) % 10}",
        "账号：4400 1234 5678 9012 3456 7890",  # too long
        "139 0000 1234 5521",  # figures of a table
        "1700000000000",
        "流水号：20240301123456789012",
        f"{ID}1",
        f"1{ID}",
        f"00{PHONE}",
    ],
)
def test_left_alone(text: str) -> None:
    assert _found(text) == []
    assert mask(text) == text


def test_a_mask_keeps_nothing_but_the_blanks_between_groups() -> None:
    assert mask(f"张某 {grouped(ID, [6, 14], ' ')}，{PHONE}") == "张某 ****** ******** ****，***********"


def test_a_number_behind_a_long_run_of_short_groups_is_found() -> None:
    assert _found("1 " * 20_000 + ID) == [("identity", ID)]
