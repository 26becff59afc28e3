"""Attachments (附件): each belongs to a notice, has one row, and what is said to be archived is there."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pandas as pd

from expectations.chunk import BATCH, Chunk
from expectations.suites.contract import Check
from expectations.suites.every_table import own, whole
from expectations.suites.rules import CRITICAL, INFO, WARNING, equal, holds, matches, one_of, rows_at_least, rows_exactly, unique
from gongkai.records.notice import Attachment
from gongkai.status import ReadingStatus

_READ = (ReadingStatus.READ, ReadingStatus.UNPACKED)
_NOT_OURS = (ReadingStatus.FAILED, ReadingStatus.REFUSED, ReadingStatus.TOO_LARGE)
"""Never fetched, or not opened on principle: says nothing of whether files can be read."""


def checks(chunk: Chunk) -> list[Check]:
    return [_attachments(chunk), _readings(chunk)]


def _attachments(chunk: Chunk) -> Check:
    frame = chunk.frame("attachment")
    frame["portal"] = chunk.of_batch(frame, lambda case: case.batch.portal.id)
    frame["of_a_notice"] = chunk.among(frame, ["notice_id", "version"], chunk.frame("notice"))
    archived = frame["status"] == "archived"
    frame["kept"] = (frame["warc_file"].notna() & frame["warc_offset"].notna() & frame["payload_digest"].notna()).where(archived, None)
    frame["explained"] = (frame["reason"].fillna("") != "").where(~archived, None)
    frame["was_archived"] = archived.astype(object)
    frame["size"] = pd.to_numeric(frame["size"])
    documents = chunk.frame("document")
    statuses = get_args(get_type_hints(Attachment)["status"])
    return Check(
        "attachments",
        frame,
        ("notice_id", "seq", "name"),
        (
            rows_at_least(
                CRITICAL,
                "each document that was an attachment has its attachment",
                chunk.rows(frame),
                chunk.rows(documents[documents["part"] > 0].drop_duplicates([BATCH, "notice_id", "version", "part"])),
            ),
        ),
        (
            unique(CRITICAL, "one row an attachment", "notice_id", "version", "seq"),
            equal(CRITICAL, "rows belong to this portal", "portal_id", "portal"),
            own(chunk, frame),
            whole(frame, "url", "status"),
            holds(CRITICAL, "each attachment belongs to a notice of the batch", "of_a_notice"),
            one_of(CRITICAL, "statuses are of the vocabulary", "status", statuses),
            holds(CRITICAL, "an archived attachment has its place and digest", "kept"),
            matches(WARNING, "attachments have web addresses", "url", r"^https?://[^\s/]"),
            holds(WARNING, "most attachments could be archived", "was_archived", chunk.limits.archived_attachments),
            holds(INFO, "every attachment could be archived", "was_archived"),
            holds(WARNING, "an attachment that was not archived says why", "explained"),
        ),
    )


def _readings(chunk: Chunk) -> Check:
    limits = chunk.limits
    frame = chunk.frame("attachment_reading")
    frame["of_an_attachment"] = chunk.among(frame, ["notice_id", "version", "seq"], chunk.frame("attachment"))
    opened = ~frame["status"].isin(_NOT_OURS)
    frame["could_be_read"] = frame["status"].isin(_READ).where(opened, None)
    frame["explained"] = (frame["reason"].fillna("") != "").where(~frame["status"].isin(_READ), None)
    return Check(
        "attachments.readings",
        frame,
        ("notice_id", "name", "member_name", "status"),
        (
            rows_exactly(
                CRITICAL,
                "what became of every attachment is told",
                chunk.rows(frame[frame["member"] == 0]),
                chunk.rows(chunk.frame("attachment")),
            ),
        ),
        (
            unique(CRITICAL, "one row a file", "document_id", "extractor_version"),
            own(chunk, frame),
            whole(frame, "status"),
            holds(CRITICAL, "each reading is of an attachment", "of_an_attachment"),
            one_of(CRITICAL, "reading statuses are of the vocabulary", "status", [status.value for status in ReadingStatus]),
            holds(WARNING, "most files that were fetched could be read", "could_be_read", limits.read_attachments),
            holds(INFO, "every file that was fetched could be read", "could_be_read"),
            holds(WARNING, "a file that was not read says why", "explained"),
        ),
    )
