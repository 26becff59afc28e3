"""Notices (信息条目): as many as the ledger says, unique, readable, on the portal's own host, with a way back to the archive."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pandas as pd

from expectations.chunk import BATCH, Chunk
from expectations.suites.contract import Check
from expectations.suites.every_table import whole, words
from expectations.suites.rules import (
    CRITICAL,
    WARNING,
    between,
    equal,
    holds,
    matches,
    not_after,
    present,
    rows_at_most,
    rows_exactly,
    unique,
)
from gongkai.layout import run_moment
from gongkai.records.notice import Notice


def checks(chunk: Chunk) -> list[Check]:
    limits = chunk.limits
    frame = _frame(chunk)
    rows = chunk.rows(frame)
    flood = chunk.each(lambda case: case.busiest * limits.flood_ratio + limits.flood_rows if case.busiest else None).astype("float64")
    return [
        Check(
            "notices",
            frame,
            ("notice_id", "url"),
            (
                rows_exactly(
                    CRITICAL, "as many notices as the crawl's ledger says it wrote", rows, chunk.each(lambda case: case.batch.written)
                ),
                rows_at_most(WARNING, "no more new notices than the portal's busiest night leads to expect", rows, flood),
            ),
            (
                unique(CRITICAL, "one row a version of a notice", "notice_id", "version"),
                equal(CRITICAL, "rows belong to this portal", "portal_id", "portal"),
                equal(CRITICAL, "rows belong to this run", "run_id", "run"),
                whole(frame, "title", "url", "section", "fetched_at"),
                *words(Notice),
                matches(CRITICAL, "each notice has its web address", "url", r"^https?://[^\s/]"),
                holds(CRITICAL, "each notice's archive file is there, its payload has a digest", "archived"),
                not_after(CRITICAL, "no page was fetched before its run began: no clock was set back", "begun", "fetched"),
                holds(CRITICAL, "titles are there and not garbled (U+FFFD)", "clean_title", 1 - limits.garbled_titles),
                holds(CRITICAL, "most notices could be read as documents", "read", limits.read_notices),
                holds(WARNING, "no title at all is empty or garbled", "clean_title"),
                holds(WARNING, "every notice could be read as a document", "read"),
                holds(WARNING, "notices lie on the portal's own host", "own_host"),
                holds(WARNING, "notices come from walked sections", "walked"),
                present(WARNING, "notices have a date", "day", limits.dated_notices),
                between(WARNING, "no date is from before government portals", "day", low=chunk.first_day()),
                not_after(WARNING, "no date lies in the future", "day", "latest"),
            ),
        )
    ]


def _frame(chunk: Chunk) -> pd.DataFrame:
    frame = chunk.frame("notice")
    documents = chunk.frame("document")
    frame["portal"] = chunk.of_batch(frame, lambda case: case.batch.portal.id)
    frame["run"] = chunk.of_batch(frame, lambda case: case.batch.run_id)
    frame["archived"] = _archived(chunk, frame)
    frame["clean_title"] = frame["title"].str.strip().ne("") & frame["title"].notna() & ~frame["title"].str.contains("\ufffd", na=False)
    published = pd.to_datetime(frame["published_at"].astype(str).str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    frame["day"] = published.fillna(pd.to_datetime(frame["list_date"]))
    frame["latest"] = chunk.last_day(frame)
    frame["read"] = chunk.among(frame, ["notice_id"], documents)
    frame["walked"] = chunk.looked_up(frame, lambda case, section: section in case.batch.kinds, "section")
    frame["own_host"] = chunk.looked_up(frame, lambda case, url: _host(url) == _host(case.batch.portal.base_url), "url")
    # Seconds since 1970, because the library compares no moments that have a zone.
    frame["fetched"] = (frame["fetched_at"] - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    begun = chunk.of_batch(frame, lambda case: run_moment(case.batch.run_id).timestamp()).astype("float64")
    frame["begun"] = begun - timedelta(hours=chunk.limits.clock_hours).total_seconds()
    return frame


def _archived(chunk: Chunk, frame: pd.DataFrame) -> pd.Series:
    folders = chunk.each(lambda case: case.batch.layout.raw_run(case.batch.portal.id, case.batch.run_id))
    named = frame[[BATCH, "warc_file"]].dropna().drop_duplicates()
    files = {(batch, name): (folders[batch] / name).is_file() for batch, name in zip(named[BATCH], named["warc_file"], strict=True)}
    there = [files.get(place, False) for place in zip(frame[BATCH], frame["warc_file"], strict=True)]
    return pd.Series(there, index=frame.index) & frame["payload_digest"].astype(str).str.fullmatch(r"(sha256:)?[0-9a-f]{64}").eq(True)


def _host(url: str | None) -> str:
    """The host without port and www: portals answer on both."""
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""
