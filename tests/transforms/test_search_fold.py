"""Folding for search: one character for one, whatever stands beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.search_fold import folded_characters, search_fold

TEXTS = st.text(st.sampled_from("資訊信息公開开ＡaAz３3，,％% \u3000\n\t⻔门《𠀀é"), max_size=40)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("資訊公開", "资讯公开"),
        ("政府資訊公開年度報告，本府檔案開放", "政府资讯公开年度报告,本府档案开放"),  # no word is changed, however traditional the text
        ("ＡＢｃ３％（一）", "abc3%(一)"),
        ("甲\u3000乙\n丙\xa0丁", "甲 乙 丙 丁"),
        ("⻔户", "门户"),
        ("《办法》“第1条”", "《办法》“第1条”"),
    ],
)
def test_folds(text: str, folded: str) -> None:
    assert search_fold(text) == folded


@given(TEXTS, TEXTS, TEXTS)
def test_a_piece_of_a_text_folds_to_a_piece_of_the_folded_text(before: str, piece: str, after: str) -> None:
    assert search_fold(before + piece + after) == search_fold(before) + search_fold(piece) + search_fold(after)
    assert len(search_fold(piece)) == len(piece)


def test_folding_twice_is_folding_once() -> None:
    pairs = folded_characters()
    assert len(pairs) > 3000
    assert all(len(c) == len(to) == 1 for c, to in pairs.items())
    assert search_fold("".join(pairs)) == "".join(pairs.values())
    assert search_fold("".join(pairs.values())) == "".join(pairs.values())
