"""The roster of a leading group (领导小组成员名单): 组长：张三 市政府副市长, one member a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from gongkai.records.document import RosterMember
from transforms.body import Body
from transforms.plans.outline import Line

_ROLE = re.compile(r"\s{0,8}(副\s{0,4}组\s{0,4}长|组\s{0,4}长|成\s{0,4}员)\s{0,4}[::]\s{0,4}")
_HAN = re.compile(r"[\u4e00-\u9fff·]{1,8}")
_MAX_LINE = 120


def read_roster(body: Body, lines: list[Line]) -> list[RosterMember]:
    """Members with their role and post, in order; a line without role continues the one above."""
    out: list[RosterMember] = []
    role: Literal["组长", "副组长", "成员"] | None = None
    for line in lines:
        if line.end - line.start > _MAX_LINE * 4:
            role = None
            continue
        label = _ROLE.match(body.folded, line.start, line.end)
        if label:
            name = re.sub(r"\s", "", label[1])
            role = "副组长" if name == "副组长" else "组长" if name == "组长" else "成员"
        found = list(_members(body, label.end() if label else line.start, line.end, role)) if role else []
        if not found:
            role = None
        out.extend(found)
    return out


def _members(body: Body, start: int, end: int, role: Literal["组长", "副组长", "成员"]) -> Iterator[RosterMember]:
    folded = body.folded[start:end]
    if re.search(r"[。;!?]", folded[:-1]):
        return
    if "、" in folded and not re.search(r"\s", folded.strip()):  # 成员:张三、李四
        names = folded.strip("。 ").split("、")
        if all(_HAN.fullmatch(name) and 2 <= len(name) <= 4 for name in names):
            yield from (RosterMember(name=name, role=role, post=None) for name in names)
        return
    tokens = [(match.start(), match.group()) for match in re.finditer(r"\S+", folded)]
    if not tokens or not _HAN.fullmatch(tokens[0][1]):
        return
    used = 1
    if len(tokens[0][1]) == 1:  # 雷 电: a name of two characters is spaced out
        if len(tokens) < 2 or len(tokens[1][1]) > 2 or not _HAN.fullmatch(tokens[1][1]):
            return
        used = 2
    name = "".join(token for _, token in tokens[:used])
    if not 2 <= len(name) <= 4 or len(tokens) == used or end - start > _MAX_LINE:
        return
    first = tokens[0][0]
    printed = body.text[start + first : start + tokens[used - 1][0] + len(tokens[used - 1][1])]
    post = body.text[start + tokens[used][0] : end].strip().rstrip(";。；")
    yield RosterMember(name=re.sub(r"\s", "", printed), role=role, post=post)
