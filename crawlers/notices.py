"""A list row and a page as read → the rows that the crawl writes."""

from __future__ import annotations

from typing import Literal, TypedDict

from lxml import etree, html

from crawlers.frontier import Seen
from crawlers.unstable import leave_out, stable_url
from crawlers.warc import Exchange, Record
from gongkai.identity import canonical_url, digest
from gongkai.records.document import AttachmentLink
from gongkai.records.notice import Attachment, Notice
from gongkai.registry import Portal
from transforms.pages.contract import ListRow, PageFields

_VALIDITY = {"in_force", "expired", "abolished"}


def version_of(fields: PageFields, title: str, validity: str | None = None) -> str:
    """Digest of what the notice says: text without markup and white space, title, date, attachments, validity where it has one.

    Click counters, build times and templates make no new version, wherever they stand.
    """
    links = [f"{link.name}\x1e{stable_url(link.url)}" for link in fields.attachments]
    flag = [f"validity\x1e{validity}"] if validity else []
    return digest("".join(_text(fields.body_html).split()), "".join(title.split()), fields.published_at or "", *links, *flag)


def _text(markup: str | None) -> str:
    if not markup or not markup.strip():
        return ""
    try:
        tree = html.fromstring(markup)
    except (etree.ParserError, ValueError):  # a comment alone, or an XML declaration in a str
        return markup
    etree.strip_elements(tree, "script", "style", etree.Comment, with_tail=False)
    leave_out(tree, markup)
    return str(tree.text_content())


class Stated(TypedDict):
    """What page and list say of a notice: the columns of its row that depend on how they are read."""

    title: str
    published_at: str | None
    doc_number: str | None
    index_number: str | None
    source: str | None
    validity: Literal["in_force", "expired", "abolished"] | None


def stated(fields: PageFields, listed: ListRow) -> Stated:
    """One rule a column: the page's own word goes before the list's; validity, which pages seldom bring up to date, the other way round."""
    validity = listed.validity or fields.validity
    return {
        "title": fields.title or listed.title,
        "published_at": fields.published_at or (listed.date.isoformat() if listed.date else None),
        "doc_number": fields.doc_number or listed.doc_number,
        "index_number": fields.index_number or listed.index_number,
        "source": fields.source,
        "validity": validity if validity in _VALIDITY else None,  # type: ignore[typeddict-item]  # narrowed by the set
    }


def make_notice(portal: Portal, run_id: str, section: str, seen: Seen, fields: PageFields, page: Exchange, encoding: str) -> Notice:
    """The notice in the version just fetched."""
    record, said = placed(page), stated(fields, seen.row)
    if seen.notice_id is None:
        raise ValueError(f"{seen.url}: an outbound row is no notice")
    return Notice(
        portal_id=portal.id,
        run_id=run_id,
        notice_id=seen.notice_id,
        version=version_of(fields, said["title"], said["validity"]),
        section=section,
        native_id=seen.row.native_id or fields.native_id,
        url=seen.url,
        canonical_url=canonical_url(seen.url),
        list_title=seen.row.title,
        list_date=seen.row.date,
        content_type=page.content_type,
        encoding=encoding,
        fetched_at=page.fetched_at,
        warc_file=record.file,
        warc_offset=record.offset,
        payload_digest=record.digest,
        **said,
    )


def placed(page: Exchange) -> Record:
    """Where a live answer lies in the archive; every one does."""
    if page.record is None:
        raise ValueError(f"{page.url}: was not archived")
    return page.record


def make_attachment(notice: Notice, seq: int, link: AttachmentLink, page: Exchange | None, status: str, reason: str | None) -> Attachment:
    """An attachment's row; `page` is the answer where one was archived."""
    record = page.record if page else None
    return Attachment(
        portal_id=notice.portal_id,
        run_id=notice.run_id,
        notice_id=notice.notice_id,
        version=notice.version,
        seq=seq,
        name=link.name,
        url=link.url,
        status=status,  # type: ignore[arg-type]  # the four words are the callers' literals
        reason=reason,
        content_type=page.content_type if page else None,
        size=len(page.payload) if page else None,
        warc_file=record.file if record else None,
        warc_offset=record.offset if record else None,
        payload_digest=record.digest if record else None,
    )
