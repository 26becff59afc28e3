"""Fold printed text for matching: simplified characters, half width, plain radicals; never a change of length.

One character in, one character out, so that an offset in the folded text is an offset in the printed text. Taiwan vocabulary
(annual-reports.md section 4) is mapped where both words have the same length.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

import opencc

_TERMS = {
    "入口网站": "门户网站", "网路": "网络", "线上": "在线", "程式": "程序", "简讯": "短信", "民众": "群众", "谘询": "咨询", "答覆": "答复",
    "资讯": "信息", "透过": "通过", "计画": "计划",
}  # fmt: skip
_TERM = re.compile("|".join(map(re.escape, _TERMS)))
# NFKC leaves most of the CJK Radicals Supplement alone; these occur in PDF text layers.
_RADICALS = dict(zip("⺠⻔⻓⻅⻛⻬⻥⻋⻚⻢⻉⻝⻘⻩⻰⻦⻁⻤⺟⺌⺮⻄⻆", "民门长见风齐鱼车页马贝食青黄龙鸟虎鬼母小竹西角", strict=True))
_TRADITIONAL_ONLY = frozenset("開關資訊務報會點總縣區門業產發時對經過實動個這後單進與應學體現為國來說們機問題參張華義專員")


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=65536)
def _fold_char(char: str) -> str:
    if char in _RADICALS:
        return _RADICALS[char]
    code = ord(char)
    if char in "\u3000\xa0\u2002\u2003\u2009":
        return " "
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    if 0x2F00 <= code <= 0x2FD5:
        return unicodedata.normalize("NFKC", char)
    if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF:
        simple = str(_converter().convert(char))
        return simple if len(simple) == 1 else char
    return char


def fold(text: str) -> tuple[str, Literal["hans", "hant"]]:
    """Folded text of the same length, and the script the text is printed in."""
    table = {ord(c): _fold_char(c) for c in set(text)}
    folded = text.translate(table)
    traditional = sum(text.count(c) for c in _TRADITIONAL_ONLY & set(text))
    if traditional < max(3, len(text) * 0.01):
        return folded, "hans"
    return _TERM.sub(lambda m: _TERMS[m.group()], folded), "hant"
