"""Removals (下线): each says why, and they are few beside what the portal lists."""

from __future__ import annotations

from typing import get_args, get_type_hints

from expectations.chunk import Chunk
from expectations.suites.contract import Check
from expectations.suites.every_table import own, whole
from expectations.suites.rules import CRITICAL, INFO, WARNING, between, equal, one_of, rows_at_most, unique
from gongkai.records.notice import Removal


def checks(chunk: Chunk) -> list[Check]:
    limits = chunk.limits
    frame = chunk.frame("removal")
    frame["portal"] = chunk.of_batch(frame, lambda case: case.batch.portal.id)
    gone = chunk.rows(frame[frame["cause"] != "restored"])
    sections = chunk.frame("section_outcome")
    known = sections.groupby("batch")["rows_known"].sum().reindex(range(len(chunk.cases)), fill_value=0)
    return [
        Check(
            "removals",
            frame,
            ("notice_id", "title", "cause"),
            (
                rows_at_most(WARNING, "no mass removal", gone, known * limits.removed_share + limits.removed_rows),
                rows_at_most(INFO, "nothing was removed", gone, 0),
            ),
            (
                unique(CRITICAL, "one removal a notice", "notice_id"),
                equal(CRITICAL, "rows belong to this portal", "portal_id", "portal"),
                own(chunk, frame),
                whole(frame, "cause"),
                one_of(CRITICAL, "causes are of the vocabulary", "cause", get_args(get_type_hints(Removal)["cause"])),
                between(CRITICAL, "no count of missed walks is negative", "missed", low=0),
            ),
        )
    ]
