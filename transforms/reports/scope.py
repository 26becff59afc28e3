"""Whose figure a sentence gives: the organ's own, its government's, the whole jurisdiction's, or one level's."""

from __future__ import annotations

import re

from gongkai.records.document import Scope

_SCOPES: tuple[tuple[re.Pattern[str], Scope], ...] = (
    (re.compile(r"(?:省|市|县|区|州)政府办公?(?:厅|室)代表|代表(?:省|市|县|区|州)政府"), "office_for_government"),
    (re.compile(r"各?(?:市|县|区|省)(?:直|级)(?:各|相关|有关){0,2}(?:部门|单位)|(?<!我局)(?<!本局)各部门|各委办局"), "departments"),
    (re.compile(r"\d{0,2}县\(区\)|\d{0,2}个?县区|各县|各区|县\(市、区\)"), "counties"),
    (re.compile(r"各?(?:乡镇|街道|镇办)"), "townships"),
    (
        re.compile(r"[全我][省市县区州](?!政府(?!信息)|局)|市、县(?:\(区\)|区)?|市县两级|本[省市县区州](?!局)|全[省市县区州]各级|本辖区"),
        "jurisdiction",
    ),
    (re.compile(r"本机关|本单位|本部门|本局|我局|我办|我委|我厅|本级政府办|全局|我院|我中心|我单位"), "organ"),
)
_ASIDE = re.compile(r"\([^()]{3,60}\)")
_LEVELS = frozenset(("departments", "counties", "townships"))
_LISTED = 8  # characters between 各乡镇 and 县直各单位 in one list


def scope_of(text: str, position: int) -> Scope | None:
    """The words of scope nearest before `position` in a folded sentence; several levels in one list are the jurisdiction."""
    window = _ASIDE.sub("", text[:position])
    found: list[tuple[int, int, Scope]] = []
    for pattern, scope in _SCOPES:
        for match in pattern.finditer(window):
            if scope == "jurisdiction":
                return scope
            found.append((match.start(), match.end(), scope))
    if not found:
        return None
    start, _, nearest = max(found)
    if nearest in _LEVELS and any(scope in _LEVELS - {nearest} and 0 <= start - end <= _LISTED for _, end, scope in found):
        return "jurisdiction"
    return nearest
