"""The titles of a document: the notice's own (…关于印发…的通知) and that of the plan or rules it issues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.dates import find_dates
from transforms.doc_numbers import find_numbers
from transforms.lines import Line
from transforms.script import fold

_MAX_TITLE = 160
_MAX_PART = 90
_KINDS = (
    "通知|意见|决定|决议|命令|公报|公告|通告|通报|报告|请示|批复|议案|复函|函|纪要|方案|要点|办法|规定|细则|条例|规则|规划|计划|安排|措施|制度|清单|"
    "目录|指南|指引|分工|分解表|解读|年报|标准|规范|章程|预案|名单|公示|总结|倡议书|说明|任务|责任表|一览表|举措|令"
)
ENDS_AS_TITLE = re.compile(rf"(?:{_KINDS}|(?:中华人民共和国|[省市])[\u4e00-\u9fff]{{2,20}}法)(?:\([^()]{{1,24}}\))?》?$")
_CONTINUES = re.compile(r"(?:关于|印发|转发|《|\d{4}年|的|进一步|做好|全面|部门|工作|推进|加快)")
_STOP = re.compile(r"[。；;!?]|[:,]$")
_OUTLINE = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|\d{1,2}[.、]|第[一二三四五六七八九十百]{1,5}[章条节]|[•●])"
)
# 现将《X》印发给你们, 关于印发《X》的通知; 《X》已经…同意, 现印发. Not what is abolished or followed: 废止《X》, 根据《X》要求, 现将有关….
_ISSUED_BEFORE = re.compile(r"(?:印发|现将|现就|现把|转发|发布|公布|制定了?|批准)[\u4e00-\u9fff]{0,16}$")
_ISSUED_BEHIND = re.compile(
    r"(?:等[^《》。;,]{0,8})?(?:\([^()]{1,24}\))?(?:,?业?已经?|业经|经)[^《》。;]{0,60}(?:同意|通过|批准|审定)|[^《》。;]{0,12}印发"
)
_RULES = "|丨 "
"""What is left of a table's borders around a title."""
_EDITION = re.compile(r"\((?:试行|暂行|修订|修正|草案|征求意见稿|[^()]{0,6}\d{4}年?(?:版|修订|[-—~]{1,2}\d{4}年))\)")
_SITE = re.compile(r"\s{0,3}[-_|—]{1,2}\s{0,3}[^-_|—。]{2,30}(?:网|政府|网站|平台|公开)$")
_QUOTED = re.compile(r"《((?:[^《》]|《[^《》]{1,80}》){4,120})》")


@dataclass(frozen=True, slots=True)
class Title:
    """A title as printed, and the lines (indexes) it stands on."""

    text: str
    first: int
    last: int
    number: str | None = None
    """A document number printed in front of or behind it."""


def find_title(lines: Sequence[Line], begin: int, end: int) -> Title | None:
    """The first title among `lines[begin:end]`; it may stand on several lines."""
    for i in range(begin, min(end, len(lines))):
        if not _may_be_part(lines[i]) or not ENDS_AS_TITLE.search(_without_number(lines[i].folded.strip(_RULES))):
            continue
        last = i
        if i + 1 < len(lines) and _goes_on(lines[i + 1], i + 1 < end):
            last = i + 1
        first = i
        while first > begin and i - first < 3 and _joins(lines[first - 1], lines[first : last + 1]):
            first -= 1
        whole = "".join(line.printed for line in lines[first : last + 1])
        printed = bare_title(whole)
        if 4 <= len(printed) <= _MAX_TITLE:
            inside, numbers = find_numbers(fold(printed)[0]), find_numbers(fold(whole)[0])
            return Title(printed, first, last, numbers[0].number if numbers and not inside else None)
    return None


def bare_title(printed: str) -> str:
    """A title without the document number and the site's name that a page prints on the same line."""
    printed = printed.strip(_RULES)
    whole = fold(printed)[0]
    folded = _without_number(whole)
    at = whole.find(folded)
    site = _SITE.search(folded)
    bare = _compact(printed[at : at + (site.start() if site else len(folded))])
    quoted = _QUOTED.fullmatch(bare)
    return quoted.group(1) if quoted else bare


def _without_number(folded: str) -> str:
    """Without a number in front (甲政发〔2014〕20号《…》) or in brackets behind (…的通知(甲办发〔2017〕2号))."""
    for number in find_numbers(folded):
        before, behind = folded[: number.start].rstrip(), folded[number.end :].lstrip()
        if not before and len(behind) > 8:
            return behind
        if len(before) > 8 and behind in ("", ")") and ENDS_AS_TITLE.search(before.rstrip("( ")):
            return before.rstrip("( ")
    return folded


def same_title(a: str | None, b: str | None) -> bool:
    """Equal but for blanks, punctuation and brackets."""
    left, right = _words(a or ""), _words(b or "")
    return bool(left) and left == right


def issued_title(notice: str, sentence: str) -> str | None:
    """What a notice issues: 《X》 in its first sentence (《X》已经…同意), or in its title (关于印发《X》的通知)."""
    for text in (sentence, notice):
        for quoted in _QUOTED.finditer(text):
            if quoted.group(1).endswith("政府工作报告"):
                continue  # passed by the people's congress; a notice shares out its tasks
            if _ISSUED_BEFORE.search(text, 0, quoted.start()) or _ISSUED_BEHIND.match(text, quoted.end()):
                return quoted.group(1)
    return None


def _compact(printed: str) -> str:
    return re.sub(r"(?<=[\u3000-\u9fff]) (?=[\u3000-\u9fff])", "", printed).strip()


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _may_be_part(line: Line) -> bool:
    text = line.folded
    return 2 <= len(text) <= _MAX_PART and not _STOP.search(text) and not _OUTLINE.match(text)


def _goes_on(below: Line, head: bool) -> bool:
    """Whether the line below still belongs to a title: 的通知, or an edition in brackets."""
    return (head and _may_be_part(below) and below.folded.startswith("的")) or bool(_EDITION.fullmatch(below.folded))


def _joins(above: Line, below: Sequence[Line]) -> bool:
    """Whether `above` is the beginning of the title that goes on with the lines `below`."""
    text = above.folded
    rest = "".join(line.folded for line in below)
    torn = (rest.count("》") > rest.count("《") and "《" in text) or text.count("《") > text.count("》")
    if not _may_be_part(above) or len(text) > 40 or text.endswith("文件") or (ENDS_AS_TITLE.search(text) and not torn):
        return False
    if any(found.precision == "day" for found in find_dates(text)) or find_numbers(text):
        return False
    if torn or rest.count("》") > rest.count("《"):
        return True
    if re.search(r"[()>\[\]【】:]", text):
        return False
    is_body = bool(re.search(r"(?:政府|办公室|办公厅|委员会|[局厅委院部办])$", text))
    return bool(is_body or _CONTINUES.match(rest) or "关于" in text)
