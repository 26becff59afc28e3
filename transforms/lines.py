"""Paragraph lines of a body, as the header's readers see them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.body import Body

# What pages print around a document: path, dates of the portal, buttons, counters.
_CHROME = re.compile(
    r"(?:您?(?:的|现在的|当前)?(?:当前)?位置|>>|首页|【?打印|【?字[体号]|分享|扫一扫|浏览次数|访问(?:次数|量)|点击(?:率|量|次数)|"
    r"(?:发布|更新|发文|生成)?(?:时间|日期)\s{0,2}:|(?:信息)?来源\s{0,2}:|责任编辑|作者\s{0,2}:|索\s{0,4}引\s{0,4}号|主题分类|相关(?:文章|附件|链接|新闻|词条)|"
    r"上一篇|下一篇|关闭(?:窗口|本页)?$|produced by)",
    re.I,
)
_STAMP = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{2})?")


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph: printed and folded text without surrounding blanks, and where it begins in the body."""

    printed: str
    folded: str
    start: int
    chrome: bool
    heading: bool


def read_lines(body: Body) -> list[Line]:
    """Every paragraph and heading, in order; tables are left out."""
    lines = []
    for block in body.blocks:
        if block.kind == "table":
            continue
        folded = body.line(block)
        chrome = len(folded) < 200 and bool(_CHROME.match(folded) or _STAMP.match(folded))
        lines.append(Line(body.text[block.start : block.end], folded, block.start, chrome, block.kind == "heading"))
    return lines
