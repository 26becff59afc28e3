"""Folding keeps lengths, so that an offset in the folded text is an offset in the printed one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.script import fold


@given(st.text(max_size=300))
def test_length_never_changes(text: str) -> None:
    assert len(fold(text)[0]) == len(text)


@given(st.text(alphabet="檔案局館入口網站線上資訊諮詢答覆程式，：（）０９", max_size=60))
def test_length_never_changes_with_vocabulary(text: str) -> None:
    assert len(fold(text)[0]) == len(text)


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing(text: str) -> None:
    once, script = fold(text)
    if script == "hans":
        assert fold(once)[0] == once


@pytest.mark.parametrize(
    ("printed", "folded", "script"),
    [
        ("政府信息公开（２０１３）：５％，", "政府信息公开(2013):5%,", "hans"),
        ("⼀⾏⽂⺠⻔", "一行文民门", "hans"),
        ("規範性檔案由檔案局、檔案館保存，人事檔案除外", "规范性文件由档案局、档案馆保存,人事档案除外", "hant"),
        ("透過入口網站線上諮詢，均已答覆民眾", "通过门户网站在线咨询,均已答复群众", "hant"),
        ("发布程式和资讯平台", "发布程式和资讯平台", "hans"),
        ("于右任著《於文集》", "于右任著《于文集》", "hans"),
        ("〔2013〕40号。、《》", "〔2013〕40号。、《》", "hans"),
        ("a\u3000b\xa0c", "a b c", "hans"),
        ("", "", "hans"),
    ],
)
def test_fold(printed: str, folded: str, script: str) -> None:
    assert fold(printed) == (folded, script)


def test_one_traditional_name_does_not_make_a_page_traditional() -> None:
    text = "本报告由办公室编制，统计数据来源于各单位。" * 3 + "刘國華、張東興"
    assert fold(text)[1] == "hans"
