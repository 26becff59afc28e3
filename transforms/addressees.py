"""Addressees (主送机关, GB/T 9704 7.3.2) and copies (抄送): which line holds them and how they are parted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.lines import Line

_ADDRESS = re.compile(r"(?:各|省|市|县|区|州|国务院|有关|直属|驻|局|委|办|府|位|门|组)[^。;]{0,280}:$")
_BODIES = r"(?:部门|单位|机构|人民政府|政府|办事处|管委会|企业|学校|乡镇|街道|[局委办厅])"
# The colon is sometimes forgotten; then only a line that begins with "all" and ends with a body is one.
_NO_COLON = re.compile(rf"(?:各|[省市县区州]直各)[^。;:《]{{2,200}}{_BODIES}(?:\([^()]{{1,30}}\))?,?")
_SENTENCE = re.compile(r"如下|以下|下列|予以|决定|根据|按照|现将|关于|为了|规定|要求")
_OUTLINE = re.compile(r"[一二三四五六七八九十]{1,2}、|第[一二]章|第一条|\([一二]\)")
# 各县(市)、区人民政府; 各乡镇党委、人民政府: the second part cannot stand alone.
_DEPENDENT = re.compile(
    r"(?:[省市县区州旗乡镇村]{0,3}(?:人民)?政府|[市县区州旗]{1,2}(?:管委会|[\u4e00-\u9fff]?局|[\u4e00-\u9fff]?委)?|管委会|党工委)(?:\([^()]{1,20}\))?"
)
# 各市州、县人民政府; 各综保区、景区管委会: a level or a kind of zone, whose body is named with the next part.
_LEVEL = re.compile(r"各[\u4e00-\u9fff]{0,3}[省市县区州旗乡镇园](?:\([^()]{1,12}\))?")
_BODY_END = frozenset("局委办厅府会部室门位处")
_COPIES = re.compile(r"抄\s{0,3}[送报]\s{0,2}:\s{0,4}(.{2,400})")


def is_address(line: Line) -> bool:
    """Whether a line looks like the addressees."""
    text = line.folded
    if line.chrome or len(text) > 300 or _OUTLINE.match(text) or _SENTENCE.search(text):
        return False
    return bool(_ADDRESS.search(text))


def find_address(lines: Sequence[Line], begin: int, end: int) -> int | None:
    """The line of the addressees among `lines[begin:end]`: closed by a colon, else right in front of the first sentence."""
    for i in range(begin, min(end, len(lines))):
        if is_address(lines[i]):
            return i
    for i in range(begin, min(end, len(lines) - 1)):
        line, below = lines[i], lines[i + 1]
        if not line.chrome and _NO_COLON.fullmatch(line.folded) and re.search(r"[。;:》]", below.folded) and len(below.folded) > 15:
            return i
    return None


def addressees(line: Line) -> list[str]:
    """Parted at commas, and at 、 where each part can stand alone (not 各县、市、区人民政府)."""
    out: list[str] = []
    for start, end in split(line.folded, 0, len(line.folded.rstrip(":, ")), ",;"):
        groups: list[tuple[int, int]] = []
        waiting = False
        for first, last in split(line.folded, start, end, "、"):
            alone = _stands_alone(line.folded[first:last])
            own = "各" in line.folded[first:last] and line.folded[groups[-1][0]] == "各" if groups else True  # 各县(市)、市直各单位
            if groups and ((waiting and not own) or (not alone and line.folded[last - 1 : last] in _BODY_END)):
                groups[-1] = (groups[-1][0], last)
            else:
                groups.append((first, last))
            waiting = not alone and line.folded[last - 1 : last] not in _BODY_END
        out.extend(line.printed[first:last].strip() for first, last in groups)
    return [part for part in out if part]


def _stands_alone(part: str) -> bool:
    if _DEPENDENT.fullmatch(part) or _LEVEL.fullmatch(part):
        return False
    return len(part) >= 4 or (len(part) == 3 and (part[-1] in "局委办厅" or part[0] == "各"))


def copies(lines: Sequence[Line]) -> list[str]:
    """The bodies that get a copy; a list that goes on below ends its line with a comma."""
    for i, line in enumerate(lines):
        match = _COPIES.match(line.folded)
        if not match:
            continue
        out = _parts(line, match.start(1))
        for below in lines[i + 1 : i + 6]:
            if not line.folded.endswith((",", "、")) or below.chrome or len(below.folded) > 200:
                break
            out += _parts(below, 0)
            line = below
        return out
    return []


def _parts(line: Line, begin: int) -> list[str]:
    return [part for start, end in split(line.folded, begin, len(line.folded), ",;。、") if (part := line.printed[start:end].strip())]


def split(folded: str, start: int, end: int, marks: str) -> list[tuple[int, int]]:
    """Spans between marks that stand outside brackets."""
    spans, depth = [], 0
    for i in range(start, end):
        depth += (folded[i] == "(") - (folded[i] == ")")
        if folded[i] in marks and depth <= 0:
            spans.append((start, i))
            start = i + 1
    return [*spans, (start, end)]
