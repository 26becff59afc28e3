"""Paragraph lines of a body, as the header's readers see them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.body import Body
from transforms.pages.info_table import labels_in

# What pages print around a document: path, dates of the portal, buttons, counters.
_CHROME = re.compile(
    r"(?:您?(?:的|现在的|当前)?(?:当前)?(?:所在)?(?:的)?位置|>|首\s{0,3}页|返回(?:顶部|首页)|【?打印|【?字\s{0,3}[体号]|视力保护|分享|"
    r"扫一扫|浏览(?:次数|量)|访问(?:次数|量)|点击(?:率|量|次数)|(?:归档|发布|更新|发文|生成)?(?:时间|日期)\s{0,2}:|"
    r"(?:信息|稿件|文章)?来源\s{0,2}:|责任编辑|(?:文章|稿件)?作者\s{0,2}:|索\s{0,4}引\s{0,4}号|(?:主题|组配|信息|体裁)分类|服务对象|公文种类|"
    r"内容(?:概述|摘要)|(?:生效|废止|失效)(?:时间|日期)\s{0,2}:|相关(?:文章|附件|链接|新闻|词条)|上一篇|下一篇|下载地址|"
    r"关闭(?:窗口|本页)?$|(?:微信|微博|QQ空间|附件下载)$|网站(?:标识码|地图)|主办单位\s{0,2}:|produced by)",
    re.I,
)
_STAMP = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{2})?|\d{4}年\d{1,2}月\d{1,2}日\s{1,3}\d{1,2}:\d{2}")
_BULLET = re.compile(r"[•·●|\s]{0,8}")
_RULE = "| "
"""A table's border that text copies keep behind a line."""
_LABELLED = 40
"""Lines in which a page's metadata block may stand."""


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
    lines: list[Line] = []
    for block in body.blocks:
        if block.kind == "table":
            continue
        folded = body.line(block).rstrip(_RULE)
        chrome = len(folded) < 200 and _is_chrome(folded, len(lines) < _LABELLED)
        lines.append(Line(body.text[block.start : block.start + len(folded)], folded, block.start, chrome, block.kind == "heading"))
    return lines


def _is_chrome(folded: str, head: bool) -> bool:
    begin = _BULLET.match(folded)
    at = begin.end() if begin else 0
    if _CHROME.match(folded, at) or _STAMP.match(folded, at):
        return True
    labels = labels_in(folded) if head else []
    return bool(labels) and labels[0].start == at and labels[0].field != "subject_words"
