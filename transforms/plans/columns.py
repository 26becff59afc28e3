"""What a table's columns hold, by their printed names, in any wording and order."""

from __future__ import annotations

import re
from typing import Literal

Column = Literal["number", "remark", "person", "deadline", "support", "lead", "units", "text", "start", "other", "foreign"]
"""other: a known column that says nothing we read; foreign: one that only tables of another kind have."""

DITTO = re.compile(r"^(?:同\s?上|[〃″\"”“〞''’‘]{1,2}|-?〃-?|同前)$")
BLANK = re.compile(r"^[-—–/\\\s无]*$")

_MAX_NAME = 24
_COLUMNS: list[tuple[Column, re.Pattern[str]]] = [
    ("foreign", re.compile(r"分值|得分|评分|扣分|计分|^权重|^姓名$|^职[务称]$|^文号$|发文字号|公开(?:依据|对象|层级)|^清理意见")),
    ("number", re.compile(r"^(?:序号?|(?:任务|项目)?编号|项目号|项次|no\.?|NO\.?|No\.?)$")),
    ("remark", re.compile(r"^备\s?注|^说明|(?:完成|推进|进展)情况|进展|落实情况")),
    ("start", re.compile(r"^(?:启动|开始|起始)(?:时间|日期)$")),
    ("other", re.compile(r"(?:公开|发布)?(?:方式|渠道|平台|载体|形式)$|成果形式|^(?:预期|工作)?成果$|^依据|政策依据|佐证")),
    ("person", re.compile(r"领导|责任人|联系人|联系方式|电话|负责人|联络员")),
    ("deadline", re.compile(r"时限|时间|期限|进度|时间节点|节点|频[次率]|周期|日期|^公开时效|^进?度安排")),
    ("support", re.compile(r"配合|协办|协助|协作|参与|协同|参加|会办")),
    ("lead", re.compile(r"牵头|主办|主责")),
    ("units", re.compile(r"单位|部门|科室|股室|处室|机构|主体|责任分工|任务分工|^分工$|责任落实|承办|责任分解$")),
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
    "主体",
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


_NAME = re.compile(
    r"(?:序号|编号|项目号|项次|具体|主要|重点|工作|公开|任务|目标|责任|完成|年度|牵头|主办|主责|协办|配合|协助|协作|协同|参与|参加|会办|承办|落实|实施|负责"
    r"|主管|单位|部门|科室|股室|处室|机构|主体|分工|分解|时限|时间|期限|节点|进度|安排|日期|频次|频率|周期|要求|事项|项目|类别|领域|内容|措施|举措|标准|要点"
    r"|指标|做法|分类|主题|名称|问题|计划|类型|备注|说明|情况|领导|分管|联系|电话|方式|渠道|平台|形式|载体|成果|更新|办理|启动|开始|起始|描述|细化|推进|政策"
    r"|依据|要素|信息|政府|政务|办结|整改|预期|结束|截止|其他|相关|有关|本级|[及和与、/()其人级一二三第市县区省直约]){1,12}"
)


def is_name(name: str) -> bool:
    """Whether the words are those of a column's name and nothing else: no sentence, no title of a row."""
    return _NAME.fullmatch(re.sub(r"\s", "", name)) is not None


_WHOLE = re.compile(r"(?:时[限间]|期限|事项|任务|内容|类[别型]|备注|单位|部门|要求|措施|举措|目标|项目|领域|分工|标准|科室|序?号)$")


def joined(first: str, second: str) -> bool:
    """Whether two lines are one column name that was broken in its cell (完成 / 时限, 主办 / 单位)."""
    first, second = re.sub(r"\s", "", first), re.sub(r"\s", "", second)
    return (
        second in _SECOND
        and not _WHOLE.search(first)
        and len(first) <= 4
        and column(first) != "number"
        and (column(first) is None or len(first) <= 2)
    )


def is_task_table(kinds: list[Column | None]) -> bool:
    """Tasks need a text column and somebody or some time."""
    known = set(kinds)
    return "foreign" not in known and "text" in known and bool(known & {"lead", "units", "support", "deadline"})


def has_doers(kinds: list[Column | None]) -> bool:
    """Whether a column names who must do it."""
    return bool(set(kinds) & {"lead", "units", "support"})
