"""Document numbers: every bracket form, the right prefix, normalised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.doc_numbers import find_numbers, normalise
from transforms.script import fold


def _numbers(text: str) -> list[str]:
    return [found.number for found in find_numbers(fold(text)[0])]


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("例政办发〔2017〕27号", "例政办发〔2017〕27号"),
        ("例政办[2012]23号", "例政办〔2012〕23号"),
        ("例府发（2019）017 号", "例府发〔2019〕17号"),
        ("例办函﹝2013﹞ 第 440 号", "例办函〔2013〕440号"),
        ("例政发【2020】５号", "例政发〔2020〕5号"),
        ("同政办〔2012〕3号", "同政办〔2012〕3号"),
        ("和政发〔2017〕3号", "和政发〔2017〕3号"),
        ("国务院令第 711 号", "国务院令第711号"),
        ("國辦發〔2017〕24號", "国办发〔2017〕24号"),
        ("例办发„2009‟3号", "例办发〔2009〕3号"),
        ("2003年6月1日例市人民政府令第12号", "例市人民政府令第12号"),
        ("（2017）3号", None),
        ("", None),
        (None, None),
    ],
)
def test_normalise(printed: str | None, number: str | None) -> None:
    assert normalise(printed) == number


def test_running_text_gives_only_the_prefix() -> None:
    assert _numbers("按照国办发〔2017〕24号和例政办发[2016]5号文件要求，依据省政府令第9号") == [
        "国办发〔2017〕24号",
        "例政办发〔2016〕5号",
        "省政府令第9号",
    ]
    assert _numbers("《关于某事的通知》(例发〔2020〕1号)") == ["例发〔2020〕1号"]


def test_plain_years_and_articles_are_no_numbers() -> None:
    assert _numbers("2017年第3号公告，第27号令，〔2017〕年报，(2016)年") == []


_prefix = st.text(alphabet="例湛黔苏政府办发函字令局", min_size=1, max_size=6)
_brackets = st.sampled_from(["〔〕", "[]", "()", "（）", "【】", "［］", "﹝﹞", "„‟", "《》", "<>", "“”"])


@given(_prefix, _brackets, st.integers(1990, 2039), st.integers(1, 9999), st.sampled_from(["", " ", "　"]))
def test_found_wherever_it_stands(prefix: str, brackets: str, year: int, serial: int, blank: str) -> None:
    printed = f"{prefix}{blank}{brackets[0]}{year}{brackets[1]}{blank}{serial}号"
    text = f"前文。（{printed}）后文"
    (found,) = find_numbers(fold(text)[0])
    assert found.number == f"{prefix}〔{year}〕{serial}号"
    assert text[found.start : found.end] == printed
    assert normalise(found.number) == found.number


@given(st.text(alphabet="〔〕[]()年第号令发2017 甲", max_size=80))
def test_never_outside_the_text(text: str) -> None:
    for found in find_numbers(fold(text)[0]):
        assert 0 <= found.start < found.end <= len(text)
