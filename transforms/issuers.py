"""Who issued a document (发文机关): by the signature under the text (发文机关署名, 成文日期), by its title, by its head."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from transforms.dates import parse_date
from transforms.lines import Line
from transforms.script import fold

ORG = (
    r"(?:人民政府|政府|中心|办公室|办公厅|委员会|管委会|领导小组|常委会|指挥部|总队|支队|大队|公司|大学|学院|学校|中学|小学|医院|协会|行署|"
    r"法院|检察院|党组|街道|[局厅委院部会办处馆站所社镇乡])"
)
"""What the name of a body ends with."""
ORG_LINE = re.compile(rf"[\u4e00-\u9fff]{{2,28}}{ORG}(?:\([\u4e00-\u9fff]{{2,12}}\))?")
_TITLE_GOES_ON = re.compile(r"关于|印发|转发|批转|《")
_TITLE_YEAR = re.compile(r"(?:19|20)\d{2}年")
_TITLE_NAME = re.compile(rf"[\u4e00-\u9fff]{{1,100}}{ORG}")
_TITLE_GOVERNMENT = re.compile(r"[\u4e00-\u9fff]{2,12}?人民政府(?:办公[室厅])?(?=[\u4e00-\u9fff“])")
_PLACE = re.compile(r"(?:中共)?([\u4e00-\u9fff]{2,8}?[省市县区州旗盟])")
_LONGEST = 160
_SIGNED = re.compile(rf"^(?:\([^()]{{2,20}}\)\s{{1,30}})?(?:([\u4e00-\u9fff]{{2,28}}{ORG})\s{{1,20}})?(\S.{{5,20}}日)$")
_DATE_LIKE = re.compile(r"(?:19|20)\d{2}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日")
_IN_BRACKETS = re.compile(r"\((.{6,14}日)\)")
_NEAR_HEAD = 15
_AT_END = 3
_TABLE_DATES = 4
"""So many lines that are dates are a table's cells."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The line of the date, who signed, and the date; None for a date that no calendar has."""

    line: int
    signer: str | None
    date: date | None


def find_signature(lines: Sequence[Line], begin: int, outline: int) -> Signature | None:
    """The signature of the document or of the notice around it, from line `begin` on; `outline` is the first heading's line."""
    found = [one for i in range(begin, len(lines)) if (one := _signature(lines, i, begin))]
    early = [one for one in found if one.line < outline]
    if len(found) - len(early) >= _TABLE_DATES:
        found = [one for one in found if one in early or (one.signer and one.line >= len(lines) - _AT_END)]
    signed = [one for one in early or found if one.signer]
    return next(iter(signed or early or found), None)


def bracketed_date(lines: Sequence[Line]) -> date | None:
    """A date alone in brackets below the title."""
    for line in lines[:_NEAR_HEAD]:
        match = _IN_BRACKETS.fullmatch(line.folded)
        if match:
            return parse_date(match.group(1))
    return None


def _signature(lines: Sequence[Line], i: int, begin: int) -> Signature | None:
    text = lines[i].folded
    match = _SIGNED.match(text) if len(text) <= 70 and not lines[i].chrome else None
    day = parse_date(match.group(2)) if match else None
    if match is None or (day is None and not _DATE_LIKE.fullmatch(match.group(2))):
        return None
    if match.group(1):
        return Signature(i, lines[i].printed[: match.end(1)], day)
    above: list[str] = []
    for line in reversed(lines[max(begin, i - 4) : i]):
        if not ORG_LINE.fullmatch(line.folded.replace(" ", "")):
            break
        names = line.printed.split()
        joint = all(ORG_LINE.fullmatch(fold(name)[0]) for name in names)  # 市财政局  市审计局, but not 样例市 人民政府
        above.extend(reversed(names) if joint else [line.printed.replace(" ", "")])
    return Signature(i, "、".join(reversed(above)) or None, day)


def title_issuer(title: str | None) -> str | None:
    """The bodies that a title begins with (甲局、乙局关于…), joined by 、."""
    return _names_before(_TITLE_GOES_ON, title)


def title_subject(title: str | None) -> str | None:
    """The body that a title without 关于 begins with (某局2020年…报告, 某县人民政府工作规则): likely its issuer."""
    government = _TITLE_GOVERNMENT.match(fold(title or "")[0])
    return _names_before(_TITLE_YEAR, title) or (title[: government.end()] if title and government else None)


def _names_before(mark: re.Pattern[str], title: str | None) -> str | None:
    printed = (title or "")[:_LONGEST]
    goes_on = mark.search(fold(printed)[0])
    names = re.split(r"[、\s]+", printed[: goes_on.start()].strip()) if goes_on else []
    if names and all(_TITLE_NAME.fullmatch(fold(name)[0]) for name in names):
        return "、".join(part for name in names for part in _apart(name))
    joined = "".join(names)
    return joined if joined and _TITLE_NAME.fullmatch(fold(joined)[0]) else None


def _apart(name: str) -> list[str]:
    """中共某市委办公室某市人民政府办公室: two names printed without a mark between them."""
    folded = fold(name)[0]
    place = _PLACE.match(folded)
    cuts = [m.start() for m in re.finditer(rf"(?<=[府室厅局委会部处院办心])(?:中共)?{place.group(1)}", folded)] if place else []
    return [name[start:end] for start, end in zip([0, *cuts], [*cuts, len(name)], strict=True)]
