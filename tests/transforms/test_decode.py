"""The declared charset is a claim: what is read right whatever was declared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.decode import decode, without_surrogates

HANS = "某市人民政府办公室关于印发2025年政务公开工作要点的通知，各县区人民政府，市政府各部门："
HANT = "某市政府關於公布本年度政府資訊公開工作的通知，各機關應於本月內完成與國家有關的工作事項。"


def page(text: str, charset: str) -> str:
    return f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head><body>{text}</body></html>'


@pytest.mark.parametrize(
    ("text", "real", "meta", "header", "encoding", "lied"),
    [
        (HANS, "utf-8", "utf-8", None, "utf-8", False),
        (HANS, "gb18030", "gb2312", None, "gb18030", False),
        (HANS + "㐀䶮镕", "gb18030", "GBK", "gbk", "gb18030", False),
        (HANS, "gb18030", "utf-8", None, "gb18030", True),
        (HANS, "gb18030", "gb2312", "utf-8", "gb18030", True),
        (HANS, "utf-8", "gb2312", None, "utf-8", True),
        (HANS, "utf-8", "gb2312", "GBK", "utf-8", True),
        (HANS, "gb18030", "x", "ISO-8859-1", "gb18030", False),
        (HANT, "big5", "big5", None, "big5hkscs", False),
        (HANT, "big5", "gbk", None, "big5hkscs", True),
        (HANS, "gbk", "big5", None, "gb18030", True),
        (HANS, "utf-16", "utf-8", "gbk", "utf-16-le", True),
        (HANS, "utf-16-be", "utf-16", "UTF-16", "utf-16-be", False),
        (HANS, "utf-8-sig", "gb2312", "gb2312", "utf-8", True),
    ],
)
def test_reads_right_whatever_is_declared(text: str, real: str, meta: str, header: str | None, encoding: str, lied: bool) -> None:
    whole = page(text, meta)
    got = decode(whole.encode(real), header)
    assert got.text == whole
    assert got.encoding == encoding
    assert ("D-CHARSET" in [f.rule for f in got.findings]) == lied


def test_two_characters_that_are_utf8_by_accident_stay_gbk_where_declared() -> None:
    data = page("医药", "gb2312").encode("gbk")
    data.decode("utf-8")  # valid UTF-8 by accident
    assert "医药" in decode(data).text


def test_a_few_broken_bytes_do_not_turn_a_page() -> None:
    data = page(HANS * 20, "utf-8").encode().replace("通知".encode(), "通".encode() + b"\xe7\x9f", 1)
    got = decode(data)
    assert got.encoding == "utf-8"
    assert [(f.rule, f.severity, f.actual) for f in got.findings] == [("D-DECODE", "info", "1")]


def test_density_of_holes_raises_an_alarm() -> None:
    got = decode(("政府" * 10 + "\ufffd" * 5).encode())
    assert [(f.rule, f.severity, f.actual) for f in got.findings] == [("D-DECODE", "error", "5")]


def test_cut_in_the_middle_of_a_character() -> None:
    got = decode(HANS.encode()[:-1])
    assert got.encoding == "utf-8"
    assert got.text.startswith(HANS[:-1])


def test_nul_and_surrogates() -> None:
    assert decode(b"some te\0xt").text == "some text"
    assert without_surrogates("一\ud83d二") == "一\ufffd二"
    assert without_surrogates("😀") == "😀"


def test_empty() -> None:
    assert decode(b"") == decode(b"", "gbk")
    assert decode(b"").text == ""


@given(st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=20)))
def test_never_raises_and_is_always_writable(data: bytes, declared: str | None) -> None:
    decode(data, declared).text.encode("utf-8")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff\ufffd"), max_size=80))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    assert decode(text.encode()).text == text
