"""Document numbers (发文字号): found in every bracket form of the web, normalised to 国办发〔2017〕24号 (GB/T 9704-2012 7.2.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from gongkai.document_words import doc_prefixes
from transforms.script import fold

_MAX_PREFIX = 14
_TAIL = re.compile(
    r"[〔\[(【〈《<﹝［„“「『{]\s{0,2}(?P<year>(?:19|20)\d{2})\s{0,2}年?\s{0,2}[〕\])】〉》>﹞］‟”」』}]\s{0,2}第?\s{0,2}(?P<serial>\d{1,5})\s{0,2}号"
)
_ORDER = re.compile(r"令\s{0,2}(?:\(\s{0,2})?第\s{0,2}(?P<serial>\d{1,5})\s{0,2}号")
_YEARLY = re.compile(r"(?:公告|通告)\s{0,2}\(?\s{0,2}(?P<year>(?:19|20)\d{2})\s{0,2}年\s{0,2}第\s{0,2}(?P<serial>\d{1,5})\s{0,2}号\)?")
_HAN_END = re.compile(r"[\u4e00-\u9fff]{1,20}(?=\s{0,3}\Z)")
# 和 and 自 begin real prefixes (和政发, 自府发), so they are joining words only right after another citation.
_JOINING = re.compile(r"\A[和自或]")


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A document number at `[start:end]` of the text, normalised. Orders read 国务院令第711号, notices 海关总署公告2019年第60号."""

    start: int
    end: int
    number: str


def find_numbers(folded: str) -> list[FoundNumber]:
    """Document numbers in folded text (script.fold), in order."""
    found = []
    for match in _TAIL.finditer(folded):
        head = _prefix(folded, match.start())
        if head is not None:
            number = f"{folded[head : match.start()].strip()}〔{match['year']}〕{int(match['serial'])}号"
            found.append(FoundNumber(head, match.end(), number))
    for match in _ORDER.finditer(folded):
        head = _prefix(folded, match.start())
        if head is not None:
            found.append(FoundNumber(head, match.end(), f"{folded[head : match.start()].strip()}令第{int(match['serial'])}号"))
    for match in _YEARLY.finditer(folded):
        head = _prefix(folded, match.start())
        if head is not None:
            kind = folded[match.start() : match.start() + 2]
            number = f"{folded[head : match.start()].strip()}{kind}{match['year']}年第{int(match['serial'])}号"
            found.append(FoundNumber(head, match.end(), number))
    return sorted(found, key=lambda number: number.start)


def normalise(printed: str | None) -> str | None:
    """The first number in a printed field, normalised; None where there is none."""
    found = find_numbers(fold(printed)[0]) if printed else []
    return found[0].number if found else None


def _prefix(folded: str, end: int) -> int | None:
    """Where the prefix that ends at `end` begins, or None."""
    reach = max(0, end - 24)
    run = _HAN_END.search(folded[reach:end])
    if run is None:
        return None
    start = reach + run.start()
    words = run.group()
    for cut in _not_prefix().finditer(words):
        start = reach + run.start() + cut.end()
    words = folded[start:end].rstrip()
    if words[:1] in tuple("年月日号") and start and folded[start - 1].isdigit():  # 2003年6月1日某市人民政府令第12号
        start += 1
        words = words[1:]
    if len(words) > 2 and _JOINING.match(words) and start and folded[start - 1] in "号)》":
        start += 1
        words = words[1:]
    return start if 1 <= len(words) <= _MAX_PREFIX else None


@lru_cache(maxsize=1)
def _not_prefix() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, doc_prefixes().not_prefix), key=len, reverse=True)))
