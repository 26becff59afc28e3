"""Fold printed text for matching: simplified characters, half width, plain radicals; never a change of length.

One character in, one character out, so that an offset in the folded text is an offset in the printed text. Taiwan vocabulary
(annual-reports.md section 4) is mapped where both words have the same length; 最佳化 and 优化 have not.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Literal

import opencc

_TERMS = {
    "入口网站": "门户网站", "网路": "网络", "线上": "在线", "程式": "程序", "简讯": "短信", "民众": "群众", "谘询": "咨询", "答覆": "答复",
    "资讯": "信息", "透过": "通过", "计画": "计划", "软体": "软件", "硬体": "硬件", "资料库": "数据库", "巨观": "宏观", "视讯": "视频",
    "列印": "打印", "登入": "登录", "档案": "文件", "著力": "着力", "著手": "着手", "著重": "着重", "著眼": "着眼",
}  # fmt: skip
# Copies made by machine print 文件 as 檔案; archives and their offices (档案局, 人事档案) keep their name.
_ARCHIVES = (
    r"档案(?=局|馆|室|处|法|管理|工作|部门|资料|柜|袋|史志|行政)|(?<=人事)档案|(?<=信用)档案|(?<=健康)档案|(?<=电子)档案|(?<=诚信)档案"
)
_TERM = re.compile(f"(?P<archive>{_ARCHIVES})|" + "|".join(map(re.escape, _TERMS)))
# NFKC leaves most of the CJK Radicals Supplement alone; these occur in PDF text layers.
_RADICALS = dict(
    zip(
        "⺠⻔⻓⻅⻛⻬⻥⻋⻚⻢⻉⻝⻘⻩⻰⻦⻁⻤⺟⺌⺮⻄⻆⻙⻜⻨⻮⻯⻳",
        "民门长见风齐鱼车页马贝食青黄龙鸟虎鬼母小竹西角韦飞麦齿龙龟",
        strict=True,
    )
)
_BLANKS = frozenset("\u3000\xa0\u2002\u2003\u2009")
_SAMPLE = 20_000
_ENOUGH = 3  # Traditional characters; a single one may be a name's


@lru_cache(maxsize=2)
def _converter(direction: Literal["t2s", "s2t"]) -> opencc.OpenCC:
    return opencc.OpenCC(direction)


_met: set[str] = set()
_folded: dict[int, str] = {}
_only_simplified: set[str] = set()
_only_traditional: set[str] = set()
"""All four grow by each character met once; bounded by the number of characters."""


def fold(text: str) -> tuple[str, Literal["hans", "hant"]]:
    """Folded text of the same length, and the script the text is printed in."""
    chars = set(text)
    _learn(chars)
    # Unchanged characters stand in the table too: translate() raises and catches an error for each one that is missing.
    folded = text.translate(_folded)
    if chars.isdisjoint(_only_traditional) or not _is_traditional(text):
        return folded, "hans"
    return _TERM.sub(lambda m: m.group() if m["archive"] else _TERMS[m.group()], folded), "hant"


def _learn(chars: set[str]) -> None:
    """Fold characters not met before: ideographs in one call, one a line so that no word of several is converted."""
    new = list(chars - _met)
    if not new:
        return
    ideographs = [c for c in new if _is_ideograph(c)]
    plain = [unicodedata.normalize("NFC", c) for c in ideographs]
    simple = _each(plain, "t2s")
    _folded.update({ord(c): s if len(s) == 1 else c for c, s in zip(ideographs, simple, strict=True)})
    _folded.update({ord(c): _fold_other(c) for c in new if not _is_ideograph(c)})
    for c, traditional in zip(ideographs, _each(plain, "s2t"), strict=True):
        changes = _folded[ord(c)] != c
        if changes == (traditional != c):  # both ways or neither: of both scripts
            continue
        (_only_traditional if changes else _only_simplified).add(c)
    _met.update(new)


def _each(chars: list[str], direction: Literal["t2s", "s2t"]) -> list[str]:
    return str(_converter(direction).convert("\n".join(chars))).split("\n") if chars else []


def _is_ideograph(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff"


def _fold_other(char: str) -> str:
    if char in _RADICALS:
        return _RADICALS[char]
    if char in _BLANKS:
        return " "
    if "\uff01" <= char <= "\uff5e":
        return chr(ord(char) - 0xFEE0)
    if "\u2f00" <= char <= "\u2fd5":
        return unicodedata.normalize("NFKC", char)
    return char


def _is_traditional(text: str) -> bool:
    """True if characters that only the Traditional script has outnumber those that only the simplified one has."""
    counts = Counter(text[:_SAMPLE])
    traditional = sum(n for c, n in counts.items() if c in _only_traditional)
    simplified = sum(n for c, n in counts.items() if c in _only_simplified)
    return traditional >= _ENOUGH and traditional > simplified
