"""From bytes to one parsed document: sniff, decode, page fields, body, header, genre, the genre's reader, citations, obligations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import TypedDict, Unpack

from gongkai.errors import UnreadableInput
from gongkai.records.document import READ_GENRES, AttachmentLink, Finding, Genre, ParsedDocument
from gongkai.status import ReadingStatus
from transforms.blocks import clean_text, html_body
from transforms.body import Body
from transforms.citations import read_citations
from transforms.concealed import conceal
from transforms.dates import find_dates
from transforms.decode import decode
from transforms.formats.csv_table import csv_body
from transforms.formats.files import file_body
from transforms.formats.mhtml import web_archive
from transforms.formats.sniff import Format, charset_of, refuse_unread, sniff
from transforms.formats.text import text_body
from transforms.genre import read_genre
from transforms.header import Header, read_header
from transforms.header_checks import check_header
from transforms.obligations import read_obligations
from transforms.pages import read_notice
from transforms.pages.contract import NotThisLayout, PageFields
from transforms.personal import mask
from transforms.plans.reader import PlanReading, read_plan
from transforms.repeals import read_repeals
from transforms.reports.reader import ReportReading, read_report
from transforms.reports.website import read_website_table

_ENOUGH = 30  # characters that make a body beside pictures
_OF_YEAR = re.compile(r"(20\d\d)\s{0,2}年度")
_SUFFIX = re.compile(r"\.[A-Za-z]{2,4}$")
_LABEL = re.compile(r"^附件\s{0,2}\d{0,2}\s{0,2}[:：.、]?\s{0,2}")


class Given(TypedDict, total=False):
    """What the caller knows about the bytes; each may be left out or None."""

    url: str | None
    """Makes links absolute."""
    name: str | None
    """The file's or attachment's name."""
    content_type: str | None
    """Only gives a charset: what a file is, its content tells."""
    declared_encoding: str | None
    published: date | None
    """The day the portal says, where the bytes do not."""
    family: str | None
    """Chooses the page reader; None: by the page's marks."""
    whole: bool
    """All of an HTML file is its body: a document that Office saved as HTML, no portal's page."""
    enclosing: ParsedDocument | None
    """The notice an attachment hangs on: year, issuer, region and genre come from it where the attachment is silent."""


def parse(data: bytes, **given: Unpack[Given]) -> ParsedDocument:
    """Read one page or file.

    Raises:
        UnreadableInput: empty, foreign, encrypted or broken; an error page; says which.
    """
    return parse_with_body(data, **given)[0]


def parse_with_body(data: bytes, **given: Unpack[Given]) -> tuple[ParsedDocument, Body]:
    """`parse`, and the body with its blocks and table grids that everything was read from."""
    return parse_with_page(data, **given)[:2]


def parse_with_page(data: bytes, **given: Unpack[Given]) -> tuple[ParsedDocument, Body, PageFields | None]:
    """`parse_with_body`, and what the family's page class read; None for a file and for a fragment.

    Numbers of persons are masked before anything is read (transforms/concealed.py), in all three.
    """
    url, family = given.get("url"), given.get("family")
    kind = sniff(data, given.get("name"))
    declared = given.get("declared_encoding") or charset_of(given.get("content_type"))
    if kind == "warc":
        from transforms.formats.archive import first_response

        archived = first_response(data)
        data, url, declared = archived.payload, url or archived.url, declared or archived.charset
        kind = sniff(data)
        if kind == "warc":
            raise UnreadableInput("a WARC file inside a WARC record")
    page, body, found = conceal(*_read(kind, data, url, declared, family, given.get("whole", False)))
    if not body.text and not body.attachments and not body.images and not any(one.rule == "needs_ocr" for one in body.findings):
        raise UnreadableInput("there are no words in it", ReadingStatus.EMPTY)
    return _compose(body, page, found, given), body, page


def _read(
    kind: Format, data: bytes, url: str | None, declared: str | None, family: str | None, whole: bool
) -> tuple[PageFields | None, Body, list[Finding]]:
    """Page fields (of a page), body, and what was found on the way to them."""
    refuse_unread(kind, data)
    body = file_body(kind, data)
    if body is not None:
        return None, body, []
    if kind == "mhtml":
        data, declared = web_archive(data)
    decoded = decode(data, declared)
    if kind in ("text", "csv"):
        return None, csv_body(decoded.text) if kind == "csv" else text_body(decoded.text), list(decoded.findings)
    if whole or kind == "mhtml":
        return None, html_body(decoded.text, url), list(decoded.findings)
    try:
        page = read_notice(decoded.text, url, family)
    except NotThisLayout:
        if family is not None:
            raise
        return None, html_body(decoded.text, url), list(decoded.findings)  # a fragment: no page around it, all of it is body
    return page, html_body(page.body_html or decoded.text, url), [*decoded.findings, *page.findings]


@dataclass(frozen=True, slots=True)
class _Years:
    plan: int | None
    report: int | None


def _compose(body: Body, page: PageFields | None, found: list[Finding], given: Given) -> ParsedDocument:
    published, enclosing = given.get("published"), given.get("enclosing")
    header = read_header(body, page)
    title = header.title or _name_title(given.get("name"))
    genre = read_genre(title, header.issued_title, body, enclosing.genre if enclosing and enclosing.genre in READ_GENRES else None)
    issuer = header.issuer or (enclosing.issuer if enclosing else None)
    region = header.region or (enclosing.region if enclosing else None)
    written = header.written_date or (enclosing.written_date if enclosing else None)
    day = published or _day(header.published_at)
    years = _years(genre, header, title, body, written, enclosing)
    plan = PlanReading([], [], [])
    if genre == "work_plan":
        plan = read_plan(body, plan_year=years.plan, written=written, published=day, region=region)
    report = _read_figures(genre, body, years.report, day, issuer)
    citations = read_citations(
        body,
        titles=(title, header.issued_title),
        own_number=header.doc_number,
        issuer=issuer or region,
        attachments=header.attachments,
    )
    links = _links([*(page.attachments if page else ()), *body.attachments])
    return ParsedDocument(
        title=title,
        issuer=issuer,
        doc_number=header.doc_number,
        index_number=page.index_number if page else None,
        written_date=header.written_date,
        published_at=header.published_at or (published.isoformat() if published else None),
        source=header.source,
        addressed_to=header.addressed_to,
        disclosure_note=header.disclosure_note,
        subject_words=header.subject_words,
        cc=header.cc,
        genre=genre,
        plan_year=years.plan,
        report_year=years.report,
        format_detected=report.era,
        region=region,
        script=body.script,
        attachments=links or [AttachmentLink(name=name, url="") for name in header.attachments],
        body_text=body.text,
        tasks=plan.tasks,
        metrics=report.metrics,
        citations=citations,
        obligations=read_obligations(
            body, year=years.plan or header.year or (written.year if written else None), written=written, published=day
        ),
        roster=plan.roster,
        findings=[
            *found,
            *body.findings,
            *check_header(header, body, page, linked=len(links), published=day),
            *_pictures(body, genre, bool(plan.tasks or report.metrics)),
            *read_repeals(body, citations),
            *plan.findings,
            *report.findings,
        ],
    )


def _read_figures(genre: Genre, body: Body, year: int | None, published: date | None, issuer: str | None) -> ReportReading:
    if genre == "annual_report":
        return read_report(body, report_year=year, published=published, issuer=issuer)
    return read_website_table(body) if genre == "website_table" else ReportReading([], [], None)


def _pictures(body: Body, genre: Genre, found: bool) -> list[Finding]:
    """A body of pictures: hardly any text, or a plan or report of which nothing was read while pictures stand in it."""
    if not body.images or (len(body.text) >= _ENOUGH and (found or genre not in READ_GENRES)):
        return []
    return [Finding(rule="needs_ocr", severity="warning", message=f"{body.images} pictures in the body; their words were not read")]


def _years(genre: Genre, header: Header, title: str | None, body: Body, written: date | None, enclosing: ParsedDocument | None) -> _Years:
    """Year of the plan or report: from the titles, the notice, then signature or number (plans) or the first year named (reports)."""
    year = header.year or _first_year(title or "")
    if genre == "work_plan":
        numbered = re.search(r"〔(\d{4})〕", header.doc_number or "")
        dated = written.year if written else int(numbered.group(1)) if numbered else None
        return _Years(year or (enclosing.plan_year if enclosing else None) or dated, None)
    if genre == "annual_report":
        return _Years(None, year or (enclosing.report_year if enclosing else None) or _first_year(body.folded[:2000]))
    if genre == "website_table":  # its first date is rather the day it was filled in
        printed = _OF_YEAR.search(body.folded, 0, 600)
        return _Years(None, year or (int(printed[1]) if printed else None) or (enclosing.report_year if enclosing else None))
    return _Years(None, None)


def _first_year(text: str) -> int | None:
    found = find_dates(text)
    return found[0].date.year if found else None


def _day(published_at: str | None) -> date | None:
    return date.fromisoformat(published_at[:10]) if published_at else None


def _name_title(name: str | None) -> str | None:
    """An attachment's name as a title: 附件1：2020年年度报告.pdf → 2020年年度报告."""
    if not name:
        return None
    bare = _LABEL.sub("", _SUFFIX.sub("", PurePosixPath(clean_text(mask(name))).name)).strip("《》 ")
    return bare or None


def _links(links: Iterable[AttachmentLink]) -> list[AttachmentLink]:
    """Each link once, by its last name."""
    return list({link.url: link for link in reversed(list(links))}.values())[::-1]
