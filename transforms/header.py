"""The head and foot of a document by GB/T 9704: title, issuer, number, addressees, date, note, subject words, copies.

The page's own metadata (PageFields) is merged: what the document itself prints prevails, except for the title, which the page knows
better than a body that often begins below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from transforms.attachment_list import printed_attachments
from transforms.body import Body
from transforms.dates import find_dates, parse_date
from transforms.doc_numbers import find_numbers, normalise
from transforms.lines import Line, read_lines
from transforms.pages.contract import PageFields
from transforms.script import fold
from transforms.titles import Title, find_title, issued_title, same_title

_HEAD = 40
"""Lines in which head elements are looked for."""

_ORG = r"(?:人民政府|政府|中心|办公室|办公厅|委员会|管委会|领导小组|[局厅委院部会办处])"
_ORG_LINE = re.compile(rf"[\u4e00-\u9fff]{{2,28}}{_ORG}")
_TITLE_ORG = re.compile(rf"^([\u4e00-\u9fff、 ]{{2,40}}?{_ORG})\s?(?=关于|印发|转发|《)")
_ADDRESS = re.compile(r"(?:各|省|市|县|区|州|国务院|有关|直属|驻|局|委|办|府|位|门|组)[^。;]{0,280}:$")
_OUTLINE = re.compile(r"[一二三四五六七八九十]{1,2}、|第[一二]章|第一条|\(一\)")
_NOTE = re.compile(r"\(((?:此|本)件[^()]{2,30}|[^()]{0,10}(?:主动公开|依申请公开|不予公开))\)")
_SUBJECT = re.compile(r"主\s{0,3}题\s{0,3}词\s{0,2}:\s{0,4}(.{1,80})")
_COPIES = re.compile(r"抄\s{0,3}送\s{0,2}:\s{0,4}(.{2,400})")
_SIGNED = re.compile(rf"^(?:([\u4e00-\u9fff]{{2,28}}{_ORG})\s{{1,20}})?(\S.{{5,20}}日)$")
_PUBLISHED = re.compile(
    r"(?:(?:发布|更新)?(?:时间|日期)\s{0,2}:\s{0,3}|^)((?:19|20)\d{2}-\d{1,2}-\d{1,2})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?"
)
_SOURCE = re.compile(r"来源\s{0,2}:\s{0,3}([^\s:【\[|]{2,30})")
_REPORT_BY = re.compile(rf"本(?:年度)?报告由([\u4e00-\u9fff]{{2,28}}?{_ORG})(?:根据|按照|依据|编制|负责)")
_DIVISION = r"[^关于在的和与及对把将全我本各为\d\W]{2,8}?(?:自治区|自治州|自治县|地区|新区|[省市县区旗州盟])"
_REGION = re.compile(
    rf"^(?:\d{{4}}年度?|中共|国家税务总局|中国人民银行|国家统计局)?({_DIVISION}|和[\u4e00-\u9fff]{{1,3}}?[市县区])(?=人民政府|政府|政务|委|\d{{4}}年|[\u4e00-\u9fff])"
)
_REGION_BODY = re.compile(rf"({_DIVISION})人民政府")
_ORDER_HEAD = re.compile(
    rf"({_DIVISION}人民政府|[\u4e00-\u9fff]{{2,28}}{_ORG})(?:令|公告|通告)|({_DIVISION}[\u4e00-\u9fff]{{0,20}}{_ORG})文件"
)
_ORDER_SERIAL = re.compile(r"\(?(?:(?:19|20)\d{2}\s{0,2}年\s{0,2})?第\s{0,2}\d{1,5}\s{0,2}号\)?")
_BARE = re.compile(r"^(?:省|市|县|区|州)(?=[\u4e00-\u9fff])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """Elements of the head and foot; None where the document does not print one."""

    title: str | None = None
    issued_title: str | None = None
    """Title of the plan or rules that the notice issues."""
    issuer: str | None = None
    doc_number: str | None = None
    addressed_to: list[str] = field(default_factory=list)
    written_date: date | None = None
    disclosure_note: str | None = None
    subject_words: str | None = None
    cc: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    """Names of the printed list (附件：1.… 2.…)."""
    region: str | None = None
    year: int | None = None
    """The year the title names."""
    published_at: str | None = None
    source: str | None = None


def read_header(body: Body, page: PageFields | None = None) -> Header:
    """Find the elements in `body` and merge the page's metadata."""
    lines = read_lines(body)
    address = next((i for i, line in enumerate(lines[:_HEAD]) if _is_address(line)), None)
    outline = next((i for i, line in enumerate(lines) if _OUTLINE.match(line.folded)), len(lines))
    notice = _notice_title(_without_chrome(lines), _count(lines, min(address if address is not None else outline, _HEAD)))
    signed, signer = _signature(lines, address or 0)
    inner = _inner_title(lines, notice, address, signed, outline)
    printed = notice.text if notice else inner
    if printed and inner and printed.endswith("令"):
        printed = inner  # an order (令) is known by the name of the rules it puts in force
    title = _best_title(page.title if page else None, printed) or _first_line(lines)
    head = _order_issuer(lines)
    region = _region((signer, title, inner, head), lines)
    issuer = signer or _title_issuer(title) or (page.issuer if page else None) or _report_issuer(lines) or head
    if issuer and region and _BARE.match(issuer) and region.endswith(issuer[0]):
        issuer = region[:-1] + issuer
    return Header(
        title=title,
        issued_title=inner if inner and not same_title(inner, title) else None,
        issuer=issuer,
        doc_number=_own_number(lines, title, outline) or normalise(page.doc_number if page else None),
        addressed_to=_addressees(lines[address]) if address is not None else [],
        written_date=_written(lines, signed) or (page.written_date if page else None),
        disclosure_note=_printed(lines, _NOTE) or (page.disclosure_note if page else None),
        subject_words=_subject(lines) or (page.subject_words if page else None),
        cc=_copies(lines),
        attachments=printed_attachments(lines),
        region=region,
        year=_year(inner) or _year(title),
        published_at=(page.published_at if page else None) or _published(lines),
        source=(page.source if page else None) or (None if page else _match(lines[:15], _SOURCE)),
    )


def _notice_title(lines: Sequence[Line], end: int) -> Title | None:
    """The first title; below a head that names only the kind (某局公告, 2019年第60号) the one that says what it is about, if any."""
    first = find_title(lines, 0, end)
    if first and _ORDER_HEAD.fullmatch(fold(first.text)[0]):
        below = find_title(lines, first.last + 1, min(end, first.last + 5))
        if below and "关于" in fold(below.text)[0]:
            return below
    return first


def _without_chrome(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if not line.chrome]


def _count(lines: Sequence[Line], end: int) -> int:
    """How many of the first `end` lines are no chrome."""
    return sum(not line.chrome for line in lines[:end])


def _is_address(line: Line) -> bool:
    return not line.chrome and len(line.folded) <= 300 and bool(_ADDRESS.search(line.folded)) and not _OUTLINE.match(line.folded)


def _signature(lines: Sequence[Line], begin: int) -> tuple[int | None, str | None]:
    """The line of the date under the text, and the body that signed: on the same line or on the one above."""
    for i in range(begin, len(lines)):
        text = lines[i].folded
        match = _SIGNED.match(text) if len(text) <= 70 and not lines[i].chrome else None
        if match is None or parse_date(match.group(2)) is None:
            continue
        if match.group(1):
            return i, match.group(1)
        above: list[str] = []
        for line in reversed(lines[max(begin, i - 4) : i]):
            if not _ORG_LINE.fullmatch(line.folded.replace(" ", "")):
                break
            names = line.printed.split()
            joint = all(_ORG_LINE.fullmatch(fold(name)[0]) for name in names)  # 市财政局  市审计局, but not 样例市 人民政府
            above.extend(reversed(names) if joint else [line.printed.replace(" ", "")])
        return i, "、".join(reversed(above)) or None
    return None, None


def _written(lines: Sequence[Line], signed: int | None) -> date | None:
    if signed is None:
        return None
    match = _SIGNED.match(lines[signed].folded)
    return parse_date(match.group(2)) if match else None


def _inner_title(lines: Sequence[Line], notice: Title | None, address: int | None, signed: int | None, outline: int) -> str | None:
    """The title of what the notice issues: below its signature, or quoted in its first sentence."""
    sentence = lines[address + 1].folded if address is not None and address + 1 < len(lines) else ""
    quoted = issued_title(notice.text if notice else "", sentence)
    if signed is None and address is None:
        return None
    begin = (signed if signed is not None else address or 0) + 1
    for line in lines[begin : begin + 12]:
        if quoted and same_title(line.folded, quoted):
            return line.printed
    if signed is not None and signed < outline:
        found = find_title([line for line in lines[begin:outline] if not line.chrome and not _SUBJECT.match(line.folded)], 0, 10)
        if found and not same_title(found.text, notice.text if notice else None):
            return found.text
    return quoted


def _best_title(page: str | None, printed: str | None) -> str | None:
    """The page's title, unless it is cut off (…) and the document prints it whole."""
    if page and printed and re.search(r"(?:\.{2,}|…)$", page) and printed.startswith(page.rstrip(".… ")[:-1]):
        return printed
    return page or printed


def _first_line(lines: Sequence[Line]) -> str | None:
    """A heading by markup, or a short first line."""
    for line in lines[:_HEAD]:
        if line.heading and len(line.printed) <= 120:
            return line.printed
    for line in lines[:8]:
        if not line.chrome and 4 <= len(line.printed) <= 80 and not re.search(r"[。;:]", line.folded):
            return line.printed
    return None


def _title_issuer(title: str | None) -> str | None:
    match = _TITLE_ORG.match(fold(title or "")[0])
    return match.group(1).strip() if match else None


def _order_issuer(lines: Sequence[Line]) -> str | None:
    """南岭省人民政府令, 某市财政局公告, 某市水利局文件 (版头): the body that the head names."""
    return next((m.group(1) or m.group(2) for line in lines[:8] if (m := _ORDER_HEAD.fullmatch(line.folded))), None)


def _report_issuer(lines: Sequence[Line]) -> str | None:
    return next((m.group(1) for line in lines[:20] if (m := _REPORT_BY.search(line.folded))), None)


def _own_number(lines: Sequence[Line], title: str | None, outline: int) -> str | None:
    """A number that stands alone on a line of the head, or behind the title; a cited number is not its own."""
    for line in lines[: min(outline, _HEAD)]:
        text = line.folded.strip("() ")
        found = find_numbers(text)
        if not found or len(text) > 200:
            continue
        rest = text[: found[0].start] + text[found[0].end :]
        if re.fullmatch(r"\W{0,9}(?:发?文字?号\s{0,2}:)?\W{0,9}(?:签发人\s{0,2}:.{0,20})?", rest):
            return found[0].number
        if title and same_title(rest, title) and text.endswith("号"):
            return found[0].number
    for above, below in pairwise(lines[: min(outline, _HEAD)]):
        if _ORDER_SERIAL.fullmatch(below.folded) and _ORDER_HEAD.fullmatch(above.folded):
            return normalise(above.folded + below.folded)
    return None


def _addressees(line: Line) -> list[str]:
    """Addressees (主送机关): parted at commas, at 、 only where each part can stand alone (not 各县、市、区人民政府)."""
    out: list[str] = []
    for start, end in _split(line.folded, 0, len(line.folded.rstrip(": ")), ",;"):
        parts = _split(line.folded, start, end, "、")
        whole = all(last - first >= 4 or (last - first == 3 and line.folded[last - 1] in "局委办厅") for first, last in parts)
        out.extend(line.printed[first:last].strip() for first, last in (parts if whole else [(start, end)]))
    return [part for part in out if part]


def _split(folded: str, start: int, end: int, marks: str) -> list[tuple[int, int]]:
    """Spans between marks that stand outside brackets."""
    spans, depth = [], 0
    for i in range(start, end):
        depth += (folded[i] == "(") - (folded[i] == ")")
        if folded[i] in marks and depth <= 0:
            spans.append((start, i))
            start = i + 1
    return [*spans, (start, end)]


def _printed(lines: Sequence[Line], pattern: re.Pattern[str]) -> str | None:
    for line in lines:
        if len(line.folded) <= 120 and (match := pattern.search(line.folded)):
            return line.printed[match.start(1) : match.end(1)]
    return None


def _match(lines: Sequence[Line], pattern: re.Pattern[str]) -> str | None:
    return next((m.group(1) for line in lines if len(line.folded) <= 200 and (m := pattern.search(line.folded))), None)


def _subject(lines: Sequence[Line]) -> str | None:
    """Subject words (abolished in 2012; an empty label is none)."""
    words = " ".join((_match(lines, _SUBJECT) or "").split())
    return words or None


def _copies(lines: Sequence[Line]) -> list[str]:
    for line in lines:
        match = _COPIES.match(line.folded)
        if match:
            spans = _split(line.folded, match.start(1), match.end(1), ",;。、")
            return [part for start, end in spans if (part := line.printed[start:end].strip())]
    return []


def _region(names: Sequence[str | None], lines: Sequence[Line]) -> str | None:
    for text in names:
        match = _REGION.match(fold(text or "")[0])
        if match:
            return match.group(1)
    for line in lines[:6]:
        match = _REGION_BODY.search(line.folded) if len(line.folded) < 200 and not _is_address(line) else None
        if match:
            return match.group(1)
    return None


def _year(title: str | None) -> int | None:
    found = find_dates(fold(title or "")[0])
    return found[0].date.year if found else None


def _published(lines: Sequence[Line]) -> str | None:
    """The portal's date where it is printed as a line of the text itself."""
    for line in lines[:15]:
        match = _PUBLISHED.search(line.folded) if line.chrome else None
        if match:
            year, month, day = (int(part) for part in match.group(1).split("-"))
            try:
                shown = date(year, month, day).isoformat()
            except ValueError:
                return None
            clock = match.group(2)
            return (
                f"{shown}T{clock.zfill(5) if len(clock) < 6 else clock.zfill(8)}{':00' if len(clock) < 6 else ''}+08:00" if clock else shown
            )
    return None
