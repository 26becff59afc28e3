"""Documents (文件): as many as extract committed, unique, of a known genre, placed in a year."""

from __future__ import annotations

from typing import get_args

from expectations.suites.contract import Case, Check
from expectations.suites.rules import CRITICAL, WARNING, between, holds, longer_than, one_of, rows_exactly, unique
from gongkai.records.document import Genre


def checks(case: Case) -> list[Check]:
    batch, limits = case.batch, case.limits
    frame = batch.table("document").copy()
    frame["of_a_notice"] = frame["notice_id"].isin(batch.table("notice")["notice_id"])
    dated = frame["genre"].isin(["work_plan", "annual_report"])
    year = frame["plan_year"].where(frame["genre"] == "work_plan", frame["report_year"])
    frame["placed"] = year.notna().astype("object").where(dated, None)
    frame["year_named"] = year.where(dated)
    return [
        Check(
            "documents",
            frame,
            ("document_id", "title"),
            (
                rows_exactly(CRITICAL, "as many documents as extract committed", batch.committed("documents")),
                unique(CRITICAL, "one row a document", "document_id"),
                one_of(CRITICAL, "rows belong to this portal", "portal_id", [batch.portal.id]),
                holds(CRITICAL, "each document belongs to a notice of the batch", "of_a_notice"),
                one_of(CRITICAL, "genres are of the vocabulary", "genre", get_args(Genre)),
                longer_than(WARNING, "documents have text", "body_text", 1),
                holds(WARNING, "plans and reports name their year", "placed", limits.dated_genres),
                between(WARNING, "years of plans and reports are plausible", "year_named", limits.earliest_year, batch.day.year + 5),
            ),
        )
    ]
