"""Frames that several suites judge: facts per notice, and whether a fact stands where its span says."""

from __future__ import annotations

import pandas as pd

from expectations.batch import Batch
from expectations.completeness import Genre


def facts_per_notice(batch: Batch, genre: Genre, table: str) -> pd.DataFrame:
    """One row a notice that holds a document of `genre`: how many facts its page and attachments gave together.

    `facts` is null where nothing was read and a part could not be seen: not archived or not readable is not the same as empty.
    """
    documents = batch.table("document")
    documents = documents[documents["genre"] == genre]
    facts = batch.table(table).groupby(["notice_id", "version"]).size().rename("facts")
    rows = documents.groupby(["notice_id", "version"], as_index=False).agg(title=("title", "first"))
    rows = rows.merge(facts, on=["notice_id", "version"], how="left")
    rows["facts"] = rows["facts"].fillna(0)
    unseen = rows["notice_id"].isin(batch.unseen_notices()) & (rows["facts"] == 0)
    rows.loc[unseen, "facts"] = None
    return rows


def readable_notices(batch: Batch, genre: Genre) -> int:
    """New notices in sections of the genre that were wholly seen: what the reader could have recognised."""
    notices = batch.table("notice")
    in_kind = notices["section"].map(batch.kinds) == genre
    return int((in_kind & ~notices["notice_id"].isin(batch.unseen_notices())).sum())


def has_finding(batch: Batch, notices: pd.DataFrame, *, rule: str | None = None, severity: str | None = None) -> pd.Series:
    """For each row of `notices`: was something of this rule or severity found in it?"""
    findings = batch.table("finding")
    hit = (findings["rule"] == rule) | (findings["severity"] == severity)
    return notices["notice_id"].isin(findings.loc[hit, "notice_id"])


def stands_in_text(batch: Batch, table: str, column: str) -> pd.Series:
    """For each row of `table`: does the document's text at the span hold `column`, blanks aside? Null where it has no text."""
    bodies = dict(zip(batch.table("document")["document_id"], batch.table("document")["body_text"], strict=True))
    rows = batch.table(table)
    verdicts: list[bool | None] = [
        _bare(bodies.get(document, "")[max(start, 0) : end]) == _bare(printed) if printed else None
        for document, start, end, printed in zip(rows["document_id"], rows["span_start"], rows["span_end"], rows[column], strict=True)
    ]
    return pd.Series(verdicts, index=rows.index, dtype="object")


def _bare(text: str) -> str:
    return "".join(text.split())
