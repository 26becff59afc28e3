"""References to other documents: 《title》 with nested 〈〉, numbers, or both; what they are cited for and who issued them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gongkai.document_words import doc_prefixes
from gongkai.records.document import Citation
from transforms.body import Body
from transforms.doc_numbers import FoundNumber, find_numbers
from transforms.script import fold
from transforms.titles import same_title

Level = Literal["central", "province", "city", "county", "unknown"]
Role = Literal["basis", "self", "attachment", "mention"]

_MAX_TITLE = 160
_LIST_REACH = 30
_BASIS = re.compile(
    r"(?:根据|按照?|依据|依照|遵照|贯彻|落实|执行|遵循|参照|依|结合|围绕|对照|符合|违反|为推进|制定本)[^。;《》]{0,16}$"
    r"|(?:要求|精神)[^。;,《》]{0,16}$"
)
_AFTER_BASIS = re.compile(r"^(?:[^。;,《》]{0,6})(?:规定|要求|精神|文件精神|有关要求)")
_ATTACHMENT = re.compile(r"(?:^|\n)附(?:件|表)?\s{0,2}\d{0,2}\s{0,2}[:.、]?\s{0,3}(?:\d{1,2}[.、]\s{0,2})?$|(?:详)?见附件[^。]{0,6}$")
_AFTER_ATTACHMENT = re.compile(r"^\s{0,2}\((?:详?见附件|附后|附件)")
_CENTRAL = re.compile(
    r"国务院|中共中央|中央|中办|全国人大|中华人民共和国|国家[^\d]{0,8}(?:局|委)|^(?:教育|财政|民政|商务|水利|司法|公安|人力资源|住房|交通|科技|科学|农业|工业|生态|环境|自然|文化|卫生|应急|退役|税务|海关|市场|审计)"
    r"[^省市县区州局厅]{0,8}(?:部|总局|总署)|^审计署|^中国人民银行"
)
_FORWARDED = re.compile(r"转发(?:了)?$")
_FORWARDED_BEHIND = re.compile(r"[^。;《》]{0,8}转发给")
_PLACE = re.compile(
    r"(?:关于|中共|转发|印发){0,2}([\u4e00-\u9fff]{0,10}?(?:省|自治区|自治州|地区|盟|市|县|(?<![小社园辖景灾库校片])区|旗|州(?![市县区省])))"
)
_DEEPER = re.compile(
    r"[\u4e00-\u9fff]{1,6}?(?:县|(?<![小社园辖景灾库校片])区|旗|市)(?=人民政府|政府|委|办|[\u4e00-\u9fff]{1,6}局|\d{4}年|关于)"
)
_KINDS_OF_PLACE = frozenset(["城区", "山区", "主城区", "中心城区", "老城区", "新城区", "贫困山区", "建成区"])
_CENTRAL_LAWS = re.compile(
    r"(?:中华人民共和国|政府信息公开条例|条例$|信息公开条例|[\u4e00-\u9fff]{1,24}(?<![办方做])法(?:实施条例)?(?:\([^()]{1,20}\))?$)"
)
# 国家税务总局例市税务局 is a body of the city.
_LOCAL_BRANCH = re.compile(r"^(?:国家税务总局|中国人民银行|国家统计局)(?!关于|公告|令)(?=[\u4e00-\u9fff]{2,10}?[省市县区州])")
_BODY = re.compile(r"[\u4e00-\u9fff、]{2,24}[府厅室委局部会院办省市县区州]")
_CITED_FOR = re.compile(r"(?:根据|按照?|依据|依照|遵照|贯彻|落实|执行|参照|结合|围绕|转发|印发|对照|符合|违反|和|与|及|、){1,3}")


# An unclosed title ends before its number, or before what is asked of it: 《办法(试行)的规定, 《意见〔2016〕8号.
_UNCLOSED_END = re.compile(r"\((?=[^()]{0,14}[〔\[(])|》|。|\n|\t|,|(?<=[\u4e00-\u9fff)])的?(?:规定|要求|精神)(?=[,和;]|$)")


_BEHIND_TITLE = re.compile(r"(?:的(?:通知|意见|决定|公告|函)(?=\s?\())?[ (]{0,2}")
_MADE = re.compile(r"(?:制定|起草|出台|编制|公布|修订)[了出]?$")
"""根据…要求,我局起草了《…》: what is made is not what it is made by."""
_NAMES_SHORT = re.compile(r"[简下]称为?:?$")
_SHORT_NAME = re.compile(r"[简下]称为?:?《([^《》\n]{1,30})》")
_SHORT_CLAUSE = re.compile(r"^\s?[,(]{0,2}\s?(?:以下|下文|统|简称|下称){1,3}[^()\n。]{1,24}\)?")
_SENTENCE_END = re.compile(r"[。;:!?]\n")


@dataclass(frozen=True, slots=True)
class _Own:
    titles: tuple[str | None, ...]
    number: str | None
    level: Level


@dataclass(frozen=True, slots=True)
class _Quoted:
    start: int
    end: int
    inner_start: int
    inner_end: int


def read_citations(
    body: Body,
    *,
    titles: tuple[str | None, ...] = (),
    own_number: str | None = None,
    issuer: str | None = None,
    attachments: Sequence[str] = (),
) -> list[Citation]:
    """Citations in order. `titles` are the document's own (notice and what it issues), `own_number` and `issuer` its own too.

    `attachments` are the names of the printed list: what bears such a name is the attachment, whatever it is cited for.
    """
    own = _Own(titles, own_number, _place_level(fold(issuer or "")[0]) or "unknown")
    numbers = {number.start: number for number in find_numbers(body.folded)}
    out: list[Citation] = []
    short = {match.group(1) for match in _SHORT_NAME.finditer(body.folded)}
    for quoted in _quoted(body.folded):
        if _NAMES_SHORT.search(body.folded, max(0, quoted.start - 8), quoted.start):
            continue  # 以下简称《条例》 names the document before it anew
        number = _number_after(body.folded, quoted.end, numbers)
        if number:
            numbers.pop(number.start)
        end = (number.end + (body.folded[number.end : number.end + 1] == ")")) if number else quoted.end
        title = body.text[quoted.inner_start : quoted.inner_end].replace("\n", "")
        one = _citation(body, quoted.start, end, title, number, own, out)
        out.append(replace(one, role="mention") if fold(title)[0] in short and one.role == "basis" else one)
    for number in numbers.values():
        before = sorted((c for c in out if number.start - _LIST_REACH <= c.end <= number.start), key=lambda c: c.end)
        out.append(_citation(body, number.start, number.end, None, number, own, before))
    return _levelled(_attached(sorted(out, key=lambda citation: citation.start), attachments))


def _levelled(citations: list[Citation]) -> list[Citation]:
    """Who issued a document is said once; its other mentions take it from there."""
    known = {c.title: c.issuer_level for c in citations if c.issuer_level != "unknown"}
    return [replace(c, issuer_level=known.get(c.title, "unknown")) if c.title and c.issuer_level == "unknown" else c for c in citations]


def _attached(citations: list[Citation], attachments: Sequence[str]) -> list[Citation]:
    """What is called an attachment in one place is one wherever it is named."""
    names = {fold(c.title)[0] for c in citations if c.title and c.role == "attachment"} | {fold(name)[0] for name in attachments}
    return [
        replace(c, role="attachment") if c.role in ("basis", "mention") and c.title and fold(c.title)[0] in names else c for c in citations
    ]


def _quoted(folded: str) -> Iterator[_Quoted]:
    """《…》 with 《》 nested in it; one that is never closed ends at its line's end, a full stop or an opening bracket."""
    at = 0
    while (start := folded.find("《", at)) >= 0:
        depth, end = 0, start
        limit = min(len(folded), start + _MAX_TITLE)
        for end in range(start, limit):
            char = folded[end]
            if char == "《" and depth and folded[end - 1] in ",;":
                break  # a second title of the sentence: the first was never closed
            depth += (char == "《") - (char == "》")
            if depth == 0 or char in "。\t" or (char == "\n" and not _closes_below(folded, end, limit, depth)):
                break
        closed = depth == 0
        if not closed:
            inner = folded[start + 1 : end]
            bracket = _UNCLOSED_END.search(inner)
            end = start + 1 + (bracket.start() if bracket else len(inner))
        if end - start > 2 and (closed or end - start > 6):
            yield _Quoted(start, end + closed, start + 1, end)
        at = max(end, start + 1)


def _closes_below(folded: str, at: int, limit: int, depth: int) -> bool:
    """Whether a title torn by the line break at `at` (关于印发《甲办 / 法》的通知) is closed within two lines."""
    lines = folded[at + 1 : limit].split("\n")[:2]
    for char in "".join(lines):
        depth += (char == "《") - (char == "》")
        if depth == 0 or char in "。;\t:":
            break
    return depth == 0


def _number_after(folded: str, end: int, numbers: dict[int, FoundNumber]) -> FoundNumber | None:
    """A number directly behind a title, usually in brackets; 的通知 of the notice that issued it may stand between."""
    between = _BEHIND_TITLE.match(folded, end)
    return numbers.get(between.end()) if between else None


def _citation(
    body: Body,
    start: int,
    end: int,
    title: str | None,
    number: FoundNumber | None,
    own: _Own,
    before: list[Citation],
) -> Citation:
    printed = number.number if number else None
    itself = (printed is not None and printed == own.number) or any(same_title(title, own_title) for own_title in own.titles)
    role = _role(body.folded, start, end, before, itself)
    level = _level(body, start, title, printed)
    if role == "self" and (title is None or level == "unknown"):
        level = own.level
    return Citation(title=title, doc_number=printed, issuer_level=level, role=role, start=start, end=end)


def _role(folded: str, start: int, end: int, before: list[Citation], itself: bool) -> Role:
    lead = _SENTENCE_END.split(folded[max(0, start - 30) : start])[-1]
    tail = _SHORT_CLAUSE.sub("", folded[end : end + 48])[:24]
    if _FORWARDED.search(lead) or _FORWARDED_BEHIND.match(tail):
        return "basis"  # what is passed on is another's document, though this one encloses it
    if itself:
        return "self"
    if (_ATTACHMENT.search(lead) and not re.match(r"[\u4e00-\u9fff]{2}", tail)) or _AFTER_ATTACHMENT.match(tail):
        return "attachment"
    if before and before[-1].role == "basis" and 0 <= start - before[-1].end <= _LIST_REACH:
        between = _SHORT_CLAUSE.sub("", folded[before[-1].end : start]).strip("、和及与以,)")
        if not between or _BODY.fullmatch(between):
            return "basis"  # a list: 根据《A》、《B》和省委办公厅《C》
    if _AFTER_BASIS.match(tail):
        return "basis"
    return "basis" if _BASIS.search(lead) and not _MADE.search(lead) else "mention"


def _level(body: Body, start: int, title: str | None, number: str | None) -> Level:
    """By the number's prefix where it is known, else by the body or place that the title names first, else by who is named before it."""
    prefixes = doc_prefixes()
    prefix = re.split(r"[〔令]|公告|通告", number)[0] if number else ""
    if prefix and any(prefix.startswith(central) for central in prefixes.central):
        return "central"
    named = body.folded[start + 1 : start + 1 + len(title)] if title else prefix
    before = re.split(r"[\n\t,;:。《》()]", body.folded[max(0, start - 24) : start])[-1]
    before = before.strip()
    before = before[max((match.end() for match in _CITED_FOR.finditer(before)), default=0) :]
    level = _place_level(named) or _place_level(prefix) or _place_level(before)
    if level is None and prefix[:1] in prefixes.provinces and len(prefix) <= 5:
        return "province"
    return level or "unknown"


def _place_level(named: str) -> Level | None:
    """By the body or place with which `named` begins; a central body may stand a few characters behind."""
    named = _LOCAL_BRANCH.sub("", named)
    central = _CENTRAL.search(named[:24])
    if (central and central.start() == 0) or _CENTRAL_LAWS.match(named):
        return "central"
    place = _PLACE.match(named)
    if place is None or place.group(1) in _KINDS_OF_PLACE:
        return "central" if central else None
    if place.group(1) in ("市", "县", "区", "旗", "州", "省"):
        return _level_of(place.group(1))
    deeper = (
        _DEEPER.match(named, place.end()) if not place.group(1).endswith(("县", "区", "旗")) or place.group(1).endswith("自治区") else None
    )
    return _level_of(deeper.group() if deeper else place.group(1))


def _level_of(place: str) -> Level:
    if place.endswith(("省", "自治区")) or place in doc_prefixes().provinces.values():
        return "province"
    return "city" if place.endswith(("市", "州", "地区", "盟")) else "county"
