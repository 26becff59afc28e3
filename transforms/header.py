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

from transforms.addressees import addressees, copies, find_address, is_address
from transforms.attachment_list import printed_attachments
from transforms.body import Body
from transforms.dates import find_dates, parse_date
from transforms.doc_numbers import FoundNumber, find_numbers, normalise
from transforms.issuers import ORG, ORG_LINE, Signature, bracketed_date, find_signature, title_issuer, title_subject
from transforms.lines import Line, read_lines
from transforms.pages.contract import PageFields
from transforms.printed_labels import PrintedLabels, read_labels
from transforms.script import fold
from transforms.titles import Title, bare_title, find_title, issued_title, same_title

_HEAD = 40
"""Lines in which head elements are looked for."""
_TWICE = 14
"""Lines in which a page prints its title twice."""

_OUTLINE = re.compile(r"[一二三四五六七八九十]{1,2}、|第[一二]章|第一条|\(一\)")
_NOTE = re.compile(r"\(((?:此|本)件[^()]{2,30}|[^()]{0,10}(?:主动公开|依申请公开|不予公开))\)|^(此件[^()。,]{0,6}公开(?:发布)?)$")
_SUBJECT = re.compile(r"主\s{0,3}题\s{0,3}词\s{0,2}:\s{0,4}(.{1,80})")
_SOURCE = re.compile(r"来源\s{0,2}:\s{0,3}([^\s:【\[|]{2,30})")
_REPORT_BY = re.compile(rf"本(?:年度)?报告由([\u4e00-\u9fff]{{2,28}}?{ORG})(?:根据|按照|依据|编制|负责)")
_DIVISION = (
    r"(?:[^关于在的和与及对把将全我本各为\d\W]{2,8}?(?:自治区|自治州|自治县|地区|新区|[省市县区旗州盟])"
    r"|(?<![\u4e00-\u9fff])[^关于在的和与及对把将全我本各为该市省区直驻属一两\d\W]县(?=人民政府|政府|政务|教育|公安|财政|\d{4}年|[\u4e00-\u9fff]{2,8}[局办委会]))"
)
_REGION = re.compile(
    rf"^(?:关于(?:印发|公布|发布)?《?)?(?:\d{{4}}年度?|中共|国家税务总局|中国人民银行|国家统计局)?({_DIVISION}|和[\u4e00-\u9fff]{{1,3}}?[市县区])(?=人民政府|政府|政务|委|\d{{4}}年|[\u4e00-\u9fff])"
)
_REGION_BODY = re.compile(rf"({_DIVISION})人民政府")
_ORDER_HEAD = re.compile(
    rf"({_DIVISION}人民政府|[\u4e00-\u9fff]{{2,28}}{ORG})(?:令|公告|通告)|({_DIVISION}[\u4e00-\u9fff]{{0,20}}{ORG})文件"
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
    other_numbers: list[FoundNumber] = field(default_factory=list)
    """Further numbers that the head gives the document itself."""
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
    labels = read_labels(lines)
    outline = next((i for i, line in enumerate(lines) if _OUTLINE.match(line.folded)), len(lines))
    address = find_address(lines, 0, min(_HEAD, outline + 1))
    notice = _notice_title(_without_chrome(lines), _count(lines, min(address if address is not None else outline, _HEAD)))
    signed = find_signature(lines, address or 0, outline)
    inner = _inner_title(lines, notice, address, signed.line if signed else None, outline)
    printed = notice.text if notice else _labelled_title(lines, labels) or inner
    if printed and inner and printed.endswith("令"):
        printed = inner  # an order (令) is known by the name of the rules it puts in force
    title = _best_title(page.title if page else None, printed) or _first_line(lines)
    head = _order_issuer(lines)
    numbers = _own_numbers(lines, title, outline if address is None else min(outline, address))
    signer = signed.signer if signed else None
    region = _region((signer, title, inner, head), lines)
    named = title_issuer(title) or (page.issuer if page else None) or _report_issuer(lines) or head
    issuer = signer or named or title_subject(title) or _labelled_issuer(labels)
    if issuer and region and _BARE.match(issuer) and region.endswith(issuer[0]):
        issuer = region[:-1] + issuer
    return Header(
        title=title,
        issued_title=inner if inner and not same_title(inner, title) else None,
        issuer=issuer,
        doc_number=numbers[0].number if numbers else _named_number(notice, page, labels),
        other_numbers=[number for number in numbers if number.number != numbers[0].number],
        addressed_to=addressees(lines[address]) if address is not None else [],
        written_date=_written(lines, signed, page, labels),
        disclosure_note=_printed(lines, _NOTE) or (page.disclosure_note if page else None),
        subject_words=_subject(lines) or (page.subject_words if page else None),
        cc=copies(lines),
        attachments=printed_attachments(lines),
        region=region,
        year=_year(inner) or _year(title),
        published_at=(page.published_at if page else None) or labels.published_at,
        source=(page.source if page else None) or (None if page else _match(lines[:15], _SOURCE)),
    )


def _notice_title(lines: Sequence[Line], end: int) -> Title | None:
    """The first title; below a head that names only the kind (某局公告, 2019年第60号) the one that says what it is about, if any."""
    first = _repeated(lines[:end]) or find_title(lines, 0, end)
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


def _repeated(lines: Sequence[Line]) -> Title | None:
    """A line of the head that stands there twice, as pages print their title: it says what the page is, whatever it ends with."""
    texts = [fold(bare_title(line.printed))[0] for line in lines[:_TWICE]]
    for i, text in enumerate(texts):
        if 6 <= len(text) <= 120 and text in texts[i + 1 :] and not find_numbers(text) and not re.search(r"[。;:]|\d:\d", text):
            return Title(bare_title(lines[i].printed), i, i)
    return None


def _written(lines: Sequence[Line], signed: Signature | None, page: PageFields | None, labels: PrintedLabels) -> date | None:
    """成文日期: signed, else the page's, else a bracketed line below the title, else labelled without a clock (which is the portal's)."""
    if signed:
        return signed.date
    labelled = labels.first("written_date")
    return (page.written_date if page else None) or bracketed_date(lines) or (parse_date(labelled) if labelled else None)


def _labelled_title(lines: Sequence[Line], labels: PrintedLabels) -> str | None:
    """The title of the metadata block, as printed."""
    value = labels.first("title")
    found = next(((line, at) for line in lines[:_HEAD] if value and (at := line.folded.find(value)) >= 0), None)
    return found[0].printed[found[1] : found[1] + len(value)] if found and value else None


def _named_number(notice: Title | None, page: PageFields | None, labels: PrintedLabels) -> str | None:
    """Beside a title of several lines, by the page, or by a label."""
    return (notice.number if notice else None) or normalise((page.doc_number if page else None) or labels.first("doc_number"))


def _labelled_issuer(labels: PrintedLabels) -> str | None:
    return next((name for name in labels.values.get("issuer", ()) if ORG_LINE.fullmatch(name)), None)


def _inner_title(lines: Sequence[Line], notice: Title | None, address: int | None, signed: int | None, outline: int) -> str | None:
    """The title of what the notice issues: below its signature, or quoted in its first sentence."""
    sentence = lines[address + 1].folded if address is not None and address + 1 < len(lines) else ""
    quoted = issued_title(notice.text if notice else "", sentence)
    if signed is None and address is None:
        return None
    begin = (signed if signed is not None else address or 0) + 1
    for i in range(begin, min(begin + 12, len(lines))):
        for last in range(i + 1, i + 5):  # however its lines are broken
            if quoted and same_title("".join(line.folded for line in lines[i:last]), quoted):
                return "".join(line.printed for line in lines[i:last])
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


def _order_issuer(lines: Sequence[Line]) -> str | None:
    """南岭省人民政府令, 某市财政局公告, 某市水利局文件 (版头): the body that the head names."""
    return next((m.group(1) or m.group(2) for line in lines[:8] if (m := _ORDER_HEAD.fullmatch(line.folded))), None)


def _report_issuer(lines: Sequence[Line]) -> str | None:
    return next((m.group(1) for line in lines[:20] if (m := _REPORT_BY.search(line.folded))), None)


def _own_numbers(lines: Sequence[Line], title: str | None, end: int) -> list[FoundNumber]:
    """Numbers that stand alone on a line of the head, or beside the title; a cited number is not its own."""
    out: list[FoundNumber] = []
    for line in lines[: min(end, _HEAD)]:
        text = line.folded.strip("() ")
        found = find_numbers(text)
        if not found or len(text) > 200:
            continue
        rest = text[: found[0].start] + text[found[0].end :]
        alone = re.fullmatch(r"\W{0,9}(?:发?文字?号\s{0,2}:)?\W{0,9}(?:签发人\s{0,2}:.{0,20})?", rest)
        if alone or (title and same_title(rest, title)):
            at = line.start + line.folded.index(text)
            out.append(FoundNumber(at + found[0].start, at + found[0].end, found[0].number))
    for above, below in pairwise(lines[: min(end, _HEAD)]):
        if not out and _ORDER_SERIAL.fullmatch(below.folded) and _ORDER_HEAD.fullmatch(above.folded):
            number = normalise(above.folded + below.folded)
            out = [FoundNumber(above.start, below.start + len(below.folded), number)] if number else []
    return out


def _printed(lines: Sequence[Line], pattern: re.Pattern[str]) -> str | None:
    for line in lines:
        if len(line.folded) <= 120 and (match := pattern.search(line.folded)):
            group = match.lastindex or 0
            return line.printed[match.start(group) : match.end(group)]
    return None


def _match(lines: Sequence[Line], pattern: re.Pattern[str]) -> str | None:
    return next((m.group(1) for line in lines if len(line.folded) <= 200 and (m := pattern.search(line.folded))), None)


def _subject(lines: Sequence[Line]) -> str | None:
    """Subject words (abolished in 2012; an empty label is none)."""
    words = " ".join((_match(lines, _SUBJECT) or "").split())
    return words or None


def _region(names: Sequence[str | None], lines: Sequence[Line]) -> str | None:
    for text in names:
        match = _REGION.match(fold(text or "")[0])
        if match:
            return match.group(1)
    for line in lines[:6]:
        match = _REGION_BODY.search(line.folded) if len(line.folded) < 200 and not is_address(line) else None
        if match:
            return match.group(1)
    return None


def _year(title: str | None) -> int | None:
    found = find_dates(fold(title or "")[0])
    return found[0].date.year if found else None
