"""Documents (文件): as many as extract committed, unique, of a known genre, placed in a year, with dates and numbers that fit together."""

from __future__ import annotations

from typing import get_args

import pandas as pd

from expectations.chunk import BATCH, Chunk
from expectations.suites.contract import Check
from expectations.suites.every_table import own, whole, words
from expectations.suites.rules import (
    CRITICAL,
    INFO,
    WARNING,
    between,
    equal,
    holds,
    matches,
    not_after,
    one_of,
    rows_exactly,
    unique,
)
from gongkai.records.document import READ_GENRES, Genre, ParsedDocument

DOC_NUMBER = r"^[^〔〕\s]{1,30}〔(?:19|20)\d{2}〕第?\d{1,5}号$|^第?\d{1,4}号$|^[^〔〕\s]{0,30}第\d{1,4}号$"
"""发文字号 of GB/T 9704: 机关代字〔年〕序号号; 第N号 of orders (令) and announcements (公告)."""


def checks(chunk: Chunk) -> list[Check]:
    limits = chunk.limits
    frame = _frame(chunk)
    committed = chunk.each(lambda case: case.batch.committed("documents"))
    return [
        Check(
            "documents",
            frame,
            ("document_id", "title"),
            (rows_exactly(CRITICAL, "as many documents as extract committed", chunk.rows(frame), committed),),
            (
                unique(CRITICAL, "one row a document", "document_id"),
                equal(CRITICAL, "rows belong to this portal", "portal_id", "portal"),
                own(chunk, frame),
                whole(frame, "genre", "length"),
                *words(ParsedDocument, asked=["genre"]),
                holds(CRITICAL, "each document belongs to a notice of the batch", "of_a_notice"),
                one_of(CRITICAL, "genres are of the vocabulary", "genre", get_args(Genre)),
                between(CRITICAL, "no text is longer than a document can be", "length", high=limits.longest_text),
                between(WARNING, "documents have text", "length", low=1),
                holds(WARNING, "plans, reports and website tables name their year", "placed", limits.dated_genres),
                between(WARNING, "no plan or report is about a time before government portals", "year_named", low=limits.earliest_year),
                not_after(WARNING, "no plan or report is about a distant year", "year_named", "last_year"),
                between(WARNING, "no document was written before the People's Republic", "written_date", low=pd.Timestamp(1949, 10, 1)),
                not_after(WARNING, "no document was written in the future", "written_date", "latest"),
                not_after(WARNING, "written before it was published (成文 ≤ 发布)", "written_date", "published", limits.ordered_dates),
                not_after(INFO, "every document was written before it was published", "written_date", "published"),
                not_after(WARNING, "written by the day that the text gives (成文 ≤ 印发)", "written_date", "printed", limits.ordered_dates),
                not_after(WARNING, "the text's day is not after the portal's (印发 ≤ 发布)", "printed", "published", limits.ordered_dates),
                not_after(INFO, "no text's day is after the portal's", "printed", "published"),
                not_after(WARNING, "the text's day of publication does not lie in the future", "printed", "latest"),
                matches(WARNING, "document numbers have the form of 发文字号", "doc_number", DOC_NUMBER, limits.formed_numbers),
                matches(INFO, "every document number has the form of 发文字号", "doc_number", DOC_NUMBER),
                equal(INFO, "the number's year is the year the document was written in", "number_year", "written_year"),
                not_after(WARNING, "no number's year is after the year of publication", "number_year", "shown_year", limits.ordered_dates),
                not_after(INFO, "not one number's year is after the year of publication", "number_year", "shown_year"),
            ),
        )
    ]


def _frame(chunk: Chunk) -> pd.DataFrame:
    frame = chunk.frame("document")
    notices = chunk.frame("notice")
    frame["portal"] = chunk.of_batch(frame, lambda case: case.batch.portal.id)
    frame["of_a_notice"] = chunk.among(frame, ["notice_id"], notices)
    dated = frame["genre"].isin([*READ_GENRES])
    year = frame["plan_year"].where(frame["genre"] == "work_plan", frame["report_year"])
    frame["placed"] = year.notna().astype("object").where(dated, None)
    frame["year_named"] = year.where(dated).astype("float64")
    frame["last_year"] = chunk.of_batch(frame, lambda case: case.batch.day.year + chunk.limits.years_ahead).astype("float64")
    frame["latest"] = chunk.last_day(frame)
    frame["printed"] = _days(frame["published_at"])
    listed = notices.drop_duplicates([BATCH, "notice_id"])[[BATCH, "notice_id", "list_date", "published_at"]]
    listed = frame[[BATCH, "notice_id"]].merge(listed, on=[BATCH, "notice_id"], how="left")
    shown = _days(listed["published_at"]).fillna(pd.to_datetime(listed["list_date"]))
    shown.index = frame.index
    frame["published"] = shown.fillna(frame["printed"])
    frame["shown_year"] = frame["published"].dt.year.astype("float64")
    frame["written_date"] = pd.to_datetime(frame["written_date"])
    frame["written_year"] = frame["written_date"].dt.year.astype("float64")
    frame["number_year"] = frame["doc_number"].astype(str).str.extract(r"〔(\d{4})〕", expand=False).astype("float64")
    return frame


def _days(texts: pd.Series) -> pd.Series:
    """ISO texts as days; what names none is null."""
    return pd.to_datetime(texts.astype(str).str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
