"""What a table's columns hold, by their printed names, in any wording and order."""

from __future__ import annotations

import re
from typing import Literal

Column = Literal["number", "remark", "person", "deadline", "support", "lead", "units", "text"]

_MAX_NAME = 24
_COLUMNS: list[tuple[Column, re.Pattern[str]]] = [
    ("number", re.compile(r"^(?:序号?|编号|项目号|项次|no\.?|NO\.?|No\.?)$")),
    ("remark", re.compile(r"^备\s?注|^说明|完成情况|进展|落实情况")),
    ("person", re.compile(r"领导|责任人|联系人|联系方式|电话|负责人|联络员")),
    ("deadline", re.compile(r"时限|时间|期限|进度|时间节点|节点|频次|^公开时效")),
    ("support", re.compile(r"配合|协办|协助|参与|协同|参加")),
    ("lead", re.compile(r"牵头|主办|主责")),
    ("units", re.compile(r"单位|部门|科室|股室|处室|机构|责任主体|责任分工|^分工$|责任落实|承办|责任分解$")),
    (
        "text",
        re.compile(r"事项|项目|任务|类别|领域|内容|要求|措施|举措|目标|标准|要点|工作|指标|做法|分类|主题|名称|问题|计划|重点|类型"),
    ),
]  # fmt: skip
_UNIT_AND_PERSON = re.compile(r"(.{0,8}(?:单位|部门|科室|股室|处室))[及和与、/]")
"""责任单位及责任人 holds units first."""
_SECOND = (
    "单位",
    "部门",
    "时限",
    "时间",
    "科室",
    "股室",
    "处室",
    "期限",
    "要求",
    "内容",
    "事项",
    "任务",
    "目标",
    "号",
    "注",
    "和目标",
    "措施",
)


def column(name: str) -> Column | None:
    """The kind of the column with this (folded) header, or None when it is no known column name."""
    squashed = re.sub(r"\s", "", name)
    if not squashed or len(squashed) > _MAX_NAME or re.search(r"[。;!?]", squashed):
        return None
    both = _UNIT_AND_PERSON.match(squashed)
    squashed = both[1] if both else squashed
    return next((kind for kind, pattern in _COLUMNS if pattern.search(squashed)), None)


def joined(first: str, second: str) -> bool:
    """Whether two lines are one column name that was broken in its cell (完成 / 时限, 主办 / 单位)."""
    first, second = re.sub(r"\s", "", first), re.sub(r"\s", "", second)
    return second in _SECOND and len(first) <= 4 and column(first) != "number" and (column(first) is None or len(first) <= 2)


def is_task_table(kinds: list[Column | None]) -> bool:
    """Tasks need a text column and somebody or some time."""
    known = set(kinds)
    return "text" in known and bool(known & {"lead", "units", "support", "deadline"})


def has_doers(kinds: list[Column | None]) -> bool:
    """Whether a column names who must do it."""
    return bool(set(kinds) & {"lead", "units", "support"})
