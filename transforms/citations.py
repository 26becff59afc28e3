"""References to other documents: 《title》 with nested 〈〉, numbers, or both; what they are cited for and who issued them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gongkai.document_words import doc_prefixes
from gongkai.records.document import Citation
from transforms.body import Body
from transforms.doc_numbers import FoundNumber, find_numbers
from transforms.titles import same_title

Level = Literal["central", "province", "city", "county", "unknown"]
Role = Literal["basis", "self", "attachment", "mention"]

_MAX_TITLE = 160
_BASIS = re.compile(
    r"(?:根据|按照|依据|依照|遵照|贯彻|落实|执行|遵循|参照|依|结合|围绕|转发|对照|符合|违反|为推进|制定本|要求|精神)(?:[^。;《》]{0,16})$"
)
_AFTER_BASIS = re.compile(r"^(?:[^。;,《》]{0,6})(?:规定|要求|精神|文件精神|有关要求)")
_ATTACHMENT = re.compile(r"(?:^|\n)附(?:件|表)?\s{0,2}\d{0,2}\s{0,2}[:.、]?\s{0,3}(?:\d{1,2}[.、]\s{0,2})?$|(?:详)?见附件[^。]{0,6}$")
_AFTER_ATTACHMENT = re.compile(r"^\s{0,2}\((?:详?见附件|附后|附件)")
_CENTRAL = re.compile(
    r"国务院|中共中央|中央|中办|全国人大|中华人民共和国|国家[^\d]{0,8}(?:局|委)|^(?:教育|财政|民政|商务|水利|司法|公安|人力资源|住房|交通)[^省市县区]{0,8}部"
)
_PLACE = re.compile(r"^(?:关于)?(?:中共)?(?:转发|印发)?([\u4e00-\u9fff]{1,10}?(?:省|自治区|自治州|地区|盟|市|县|区|旗))")
_CENTRAL_LAWS = re.compile(r"^(?:中华人民共和国|政府信息公开条例|条例$|信息公开条例)")


@dataclass(frozen=True, slots=True)
class _Quoted:
    start: int
    end: int
    inner_start: int
    inner_end: int


def read_citations(body: Body, *, titles: tuple[str | None, ...] = (), own_number: str | None = None) -> list[Citation]:
    """Citations in order. `titles` are the document's own (notice and what it issues), `own_number` its own number."""
    numbers = {number.start: number for number in find_numbers(body.folded)}
    out: list[Citation] = []
    for quoted in _quoted(body.folded):
        number = _number_after(body.folded, quoted.end, numbers)
        if number:
            numbers.pop(number.start)
        end = (number.end + (body.folded[number.end : number.end + 1] == ")")) if number else quoted.end
        title = body.text[quoted.inner_start : quoted.inner_end].replace("\n", "")
        out.append(_citation(body, quoted.start, end, title, number, titles, own_number, out))
    for number in numbers.values():
        out.append(_citation(body, number.start, number.end, None, number, titles, own_number, []))
    return sorted(out, key=lambda citation: citation.start)


def _quoted(folded: str) -> Iterator[_Quoted]:
    """《…》 with 《》 nested in it; one that is never closed ends at its line's end, a full stop or an opening bracket."""
    at = 0
    while (start := folded.find("《", at)) >= 0:
        depth, end = 0, start
        limit = min(len(folded), start + _MAX_TITLE)
        for end in range(start, limit):
            char = folded[end]
            depth += (char == "《") - (char == "》")
            if depth == 0 or char in "\n。\t":
                break
        closed = depth == 0
        if not closed:
            inner = folded[start + 1 : end]
            bracket = re.search(r"\((?=[^()]{0,14}[〔\[(])|》|。|\n", inner)
            end = start + 1 + (bracket.start() if bracket else len(inner))
        if end - start > 2 and (closed or end - start > 6):
            yield _Quoted(start, end + closed, start + 1, end)
        at = max(end, start + 1)


def _number_after(folded: str, end: int, numbers: dict[int, FoundNumber]) -> FoundNumber | None:
    """A number directly behind a title, usually in brackets."""
    for start in range(end, min(end + 3, len(folded))):
        if start in numbers and folded[end:start].strip(" (") == "":
            return numbers[start]
    return None


def _citation(
    body: Body,
    start: int,
    end: int,
    title: str | None,
    number: FoundNumber | None,
    titles: tuple[str | None, ...],
    own_number: str | None,
    before: list[Citation],
) -> Citation:
    printed = number.number if number else None
    own = (printed is not None and printed == own_number) or any(same_title(title, own_title) for own_title in titles)
    role: Role = "self" if own else _role(body.folded, start, end, before)
    issuer = body.folded[max(0, start - 14) : start]
    return Citation(
        title=title, doc_number=printed, issuer_level=_level(body, start, title, printed, issuer), role=role, start=start, end=end
    )


def _role(folded: str, start: int, end: int, before: list[Citation]) -> Role:
    lead = folded[max(0, start - 30) : start]
    tail = folded[end : end + 14]
    if _ATTACHMENT.search(lead) or _AFTER_ATTACHMENT.match(tail):
        return "attachment"
    if before and before[-1].role == "basis" and 0 <= start - before[-1].end <= 3 and not folded[before[-1].end : start].strip("、和及与,"):
        return "basis"  # a list: 根据《A》、《B》和《C》
    if _BASIS.search(lead) or _AFTER_BASIS.match(tail):
        return "basis"
    return "mention"


def _level(body: Body, start: int, title: str | None, number: str | None, issuer: str) -> Level:
    """By the number's prefix where it is known, else by the body or place that the title names first."""
    prefixes = doc_prefixes()
    prefix = number.partition("〔")[0] if number else ""
    if prefix and any(prefix.startswith(central) for central in prefixes.central):
        return "central"
    named = body.folded[start + 1 : start + 1 + len(title)] if title else prefix
    if _CENTRAL.search(named[:24]) or _CENTRAL_LAWS.match(named):
        return "central"
    place = _PLACE.match(named) or _PLACE.match(issuer.rpartition(",")[2])
    if place:
        return _level_of(place.group(1))
    if prefix[:1] in prefixes.provinces and len(prefix) <= 5:
        return "province"
    return "unknown"


def _level_of(place: str) -> Level:
    if place.endswith(("省", "自治区")) or place in doc_prefixes().provinces.values():
        return "province"
    return "city" if place.endswith(("市", "自治州", "地区", "盟")) else "county"
