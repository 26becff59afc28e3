"""Contradictions inside one document (standards.md section 8): numbers, years and dates of its head against each other and its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from gongkai.records.document import Finding
from transforms.body import Body
from transforms.dates import find_dates
from transforms.doc_numbers import normalise
from transforms.header import Header
from transforms.numerals import parse_int
from transforms.pages.contract import PageFields
from transforms.script import fold

_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})\s?年\s?(\d{1,2})\s?月(?:\s?(\d{1,2})\s?[日号])?")
_WEEKDAY = re.compile(r"\s?\(?(?:星期|周)([一二三四五六日天])\)?")
_WEEKDAYS = "一二三四五六日"
_SEE = re.compile(r"见附件\s{0,2}(\d{1,2}|[一二三四五六七八九十])?")
_ATTACHED = re.compile(r"^附\s{0,4}(?:件|表|录)", re.M)
_MOST = 20
"""Findings of one kind; more say nothing new."""


def check_header(header: Header, body: Body, page: PageFields | None, *, linked: int, published: date | None) -> list[Finding]:
    """Findings of the head; `linked` is the number of attachments found, `published` the portal's day."""
    return [*_numbers(header, page), *_years(header), *_order(header, published), *_attachments(header, body, linked), *_calendar(body)]


def _numbers(header: Header, page: PageFields | None) -> Iterator[Finding]:
    year = re.search(r"〔(\d{4})〕", header.doc_number or "")
    if year and header.written_date and int(year.group(1)) != header.written_date.year:
        yield Finding(
            rule="H-NUMBER-YEAR",
            severity="warning",
            message="the year in the document number is not the year of its date",
            expected=str(header.written_date.year),
            actual=year.group(1),
        )
    shown = normalise(page.doc_number) if page else None
    if shown and header.doc_number and shown != header.doc_number:
        yield Finding(
            rule="H-NUMBER",
            severity="warning",
            message="the page's metadata and the document print different numbers",
            expected=header.doc_number,
            actual=shown,
        )
    for other in header.other_numbers:
        yield Finding(
            rule="H-NUMBER-TWO",
            severity="warning",
            message="the head prints a second number for the same document",
            expected=header.doc_number,
            actual=other.number,
            start=other.start,
            end=other.end,
        )


def _years(header: Header) -> Iterator[Finding]:
    """关于印发2017年要点的通知 that issues 某市2016年要点."""
    notice, issued = _named_years(header.title), _named_years(header.issued_title)
    if notice and issued and not notice & issued:
        yield Finding(
            rule="H-TITLE-YEAR",
            severity="warning",
            message="the notice and what it issues name different years",
            expected="、".join(map(str, sorted(notice))),
            actual="、".join(map(str, sorted(issued))),
        )


def _named_years(title: str | None) -> set[int]:
    return {found.date.year for found in find_dates(fold(title or "")[0])}


def _order(header: Header, published: date | None) -> Iterator[Finding]:
    if header.written_date and published and header.written_date > published:
        yield Finding(
            rule="H-DATE-ORDER",
            severity="warning",
            message="the document is dated after the day the portal published it",
            expected=f"<= {published.isoformat()}",
            actual=header.written_date.isoformat(),
        )


def _attachments(header: Header, body: Body, linked: int) -> Iterator[Finding]:
    """见附件3 where there are fewer; an attachment that stands in the text itself begins a line with 附件."""
    listed = max(linked, len(header.attachments), len(_ATTACHED.findall(body.folded)))
    for named in _SEE.finditer(body.folded):
        number = (parse_int(named.group(1)) if named.group(1) else None) or 1
        if number > listed:
            yield Finding(
                rule="H-ATTACHMENT",
                severity="warning",
                message="the text refers to an attachment that is neither listed nor linked nor printed",
                expected=str(number),
                actual=str(listed),
                start=named.start(),
                end=named.end(),
            )
            return


def _calendar(body: Body) -> Iterator[Finding]:
    """Days that no calendar has, and days with another weekday printed beside them."""
    found = 0
    for match in _DAY.finditer(body.folded):
        year, month, day = (int(part) if part else 1 for part in match.groups())
        try:
            real = date(year, month, day)
        except ValueError:
            real = None
        weekday = _WEEKDAY.match(body.folded, match.end()) if match.group(3) else None
        printed = weekday.group(1).replace("天", "日") if weekday else None
        if real and (printed is None or printed == _WEEKDAYS[real.weekday()]):
            continue
        yield Finding(
            rule="H-WEEKDAY" if real else "H-DAY",
            severity="warning",
            message="the weekday beside the date is another day's" if real else "no calendar has this day",
            expected=f"星期{_WEEKDAYS[real.weekday()]}" if real else None,
            actual=body.text[match.start() : weekday.end() if weekday else match.end()],
            start=match.start(),
            end=weekday.end() if weekday else match.end(),
        )
        found += 1
        if found == _MOST:
            return
