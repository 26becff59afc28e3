"""Chapters that must be there (Q-CHAP) and text carried over from last year (Q-COPY); annual-reports.md section 3."""

from __future__ import annotations

import re

from gongkai.records.document import Finding
from transforms.body import Body

_FORM = (
    ("总体情况", "总体情况|概述|概况|基本情况"),
    ("主动公开政府信息情况", "主动公开"),
    ("收到和处理政府信息公开申请情况", "申请"),
    ("行政复议、行政诉讼情况", "复议|诉讼"),
    ("存在的主要问题及改进情况", "问题|不足|改进"),
    ("其他需要报告的事项", "其他|其它"),
)
"""Chapters of the forms of 2019 and 2021 and the words that tell them, in order."""
_MATTERS = (
    ("主动公开", "主动公开"),
    ("依申请公开", "申请"),
    ("收费及减免", "收费|费用|减免"),
    ("复议、诉讼", "复议|诉讼"),
    ("问题和改进", "问题|不足|改进"),
)
"""Art. 32 of the regulation of 2007; its sixth, "other matters", need not be named."""
_HEADING = re.compile(r"(?:^|\n|[。;:!)0-9元]\s?)[一二三四五六七八]、(?!本年新收|上年结转|本年度办理|结转下年)(?P<name>[^\n。;:]{2,40})")
_SHORT_LINE = 30
_LEAST_PROSE = 150
_LEAST = 10
_COPY_SHARE = 0.9
_LEAST_SENTENCES = 8
_SENTENCE = re.compile(r"[^。;\n]{8,400}")
_DIGITS = re.compile(r"\d+")


def form_chapters(body: Body) -> list[Finding]:
    """Q-CHAP of forms A and B: an error for each of the six chapters that is missing, a warning where 五 is empty.

    Not assessable (no finding) where fewer than two chapters are named, on a page around an attachment, or where next to nothing stands
    outside the tables: 统计表 attached to a report.
    """
    text = body.folded
    found = list(_HEADING.finditer(text))
    prose = sum(block.end - block.start for block in body.blocks if block.grid is None)
    if len(found) < 2 or (body.blocks and prose < _LEAST_PROSE):
        return []
    findings = []
    lines = [line for line in text.split("\n") if len(line) <= _SHORT_LINE and "\t" not in line]  # headings without a number
    for name, words in _FORM:
        if not any(re.search(words, heading) for heading in [*(match["name"] for match in found), *lines]):
            findings.append(Finding(rule="Q-CHAP", severity="error", message=f"Q-CHAP: no chapter {name}", expected=name))
    problems = next((i for i, match in enumerate(found) if re.search(_FORM[4][1], match["name"])), None)
    if problems is not None:
        end = found[problems + 1].start() if problems + 1 < len(found) else len(text)
        content = "".join(text[found[problems].end() : end].split())
        if len(content) + len(_after_words(found[problems]["name"])) < _LEAST:
            message = f"Q-CHAP: the chapter on problems says only {content!r}"
            start = found[problems].start("name")
            findings.append(Finding(rule="Q-CHAP", severity="warning", message=message, actual=content, start=start, end=end))
    return findings


def _after_words(name: str) -> str:
    """What follows the heading's own words on its line: text copies run chapters together."""
    own = re.match(r".{0,16}(?:情况|措施|事项|问题|打算)", name)
    return name[own.end() :] if own else ""


def old_matters(text: str) -> list[Finding]:
    """Q-CHAP before 2019: the matters that the regulation of 2007 wants; a warning, for chapters were free."""
    missing = [name for name, words in _MATTERS if not re.search(words, text)]
    if not missing:
        return []
    return [
        Finding(rule="Q-CHAP", severity="warning", message=f"Q-CHAP: nothing said about {'、'.join(missing)}", expected="、".join(missing))
    ]


def copied(last: str, this: str) -> list[Finding]:
    """Q-COPY: at least nine tenths of the sentences stand in last year's report too, digits apart. Tables count for nothing."""
    old, new = _sentences(last), _sentences(this)
    if len(new) < _LEAST_SENTENCES or not old:
        return []
    known = set(old)
    length = sum(map(len, new))
    share = sum(len(sentence) for sentence in new if sentence in known) / length
    if share < _COPY_SHARE:
        return []
    message = f"Q-COPY: {share:.0%} of the text is last year's"
    return [Finding(rule="Q-COPY", severity="warning", message=message, expected=f"below {_COPY_SHARE:.0%}", actual=f"{share:.0%}")]


def _sentences(text: str) -> list[str]:
    return [_DIGITS.sub("#", "".join(found[0].split())) for found in _SENTENCE.finditer(text) if "\t" not in found[0]]
