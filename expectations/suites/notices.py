"""Notices (信息条目): as many as the ledger says, unique, readable, with a way back to the archive."""

from __future__ import annotations

import pandas as pd

from expectations.suites.contract import Case, Check
from expectations.suites.rules import CRITICAL, WARNING, between, holds, matches, one_of, present, rows_exactly, unique


def checks(case: Case) -> list[Check]:
    batch, limits = case.batch, case.limits
    return [
        Check(
            "notices",
            _frame(case),
            ("notice_id", "url"),
            (
                rows_exactly(CRITICAL, "as many notices as the crawl's ledger says it wrote", batch.written),
                unique(CRITICAL, "one row a version of a notice", "notice_id", "version"),
                one_of(CRITICAL, "rows belong to this portal", "portal_id", [batch.portal.id]),
                one_of(CRITICAL, "rows belong to this run", "run_id", [batch.run_id]),
                matches(CRITICAL, "each notice has its web address", "url", r"^https?://[^\s/]"),
                holds(CRITICAL, "each notice's archive file is there, its payload has a digest", "archived"),
                holds(CRITICAL, "titles are there and not garbled (U+FFFD)", "clean_title", 1 - limits.garbled_titles),
                holds(CRITICAL, "most notices could be read as documents", "read", limits.read_notices),
                holds(WARNING, "no title at all is empty or garbled", "clean_title"),
                holds(WARNING, "every notice could be read as a document", "read"),
                one_of(WARNING, "notices come from walked sections", "section", sorted(batch.kinds)),
                present(WARNING, "notices have a date", "day", limits.dated_notices),
                between(WARNING, "dates are not before government portals and not in the future", "day", *case.days),
            ),
        )
    ]


def _frame(case: Case) -> pd.DataFrame:
    batch = case.batch
    frame = batch.table("notice").copy()
    folder = batch.layout.raw_run(batch.portal.id, batch.run_id)
    files = {name: (folder / name).is_file() for name in frame["warc_file"].dropna().unique()}
    digested = frame["payload_digest"].str.fullmatch(r"(sha256:)?[0-9a-f]{64}").eq(True)
    frame["archived"] = frame["warc_file"].map(files).eq(True) & digested
    frame["clean_title"] = frame["title"].str.strip().ne("") & frame["title"].notna() & ~frame["title"].str.contains("\ufffd", na=False)
    published = pd.to_datetime(frame["published_at"].str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    frame["day"] = published.fillna(pd.to_datetime(frame["list_date"]))
    frame["read"] = frame["notice_id"].isin(batch.table("document")["notice_id"])
    return frame
