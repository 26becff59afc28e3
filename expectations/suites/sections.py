"""Sections and listing (栏目与列表): rows against what the portal itself declares, against the registry and against earlier walks."""

from __future__ import annotations

import pandas as pd

from expectations.suites.contract import Case, Check
from expectations.suites.rules import (
    CRITICAL,
    INFO,
    WARNING,
    between,
    covers,
    equal,
    holds,
    longer_than,
    matches,
    one_of,
    rows_at_least,
    unique,
)
from gongkai.status import RunStatus


def checks(case: Case) -> list[Check]:
    return [_sections(case), _listing(case)]


def _sections(case: Case) -> Check:
    batch, limits = case.batch, case.limits
    frame = batch.table("section_outcome").copy()
    frame["rows_listed"] = frame["section"].map(batch.table("list_entry").groupby("section").size()).fillna(0).astype("int64")
    frame["shortfall"] = (1 - frame["rows_known"] / frame["declared_total"].where(frame["declared_total"] > 0)).clip(lower=0)
    before = frame["section"].map(case.history.rows_known).astype("float64")
    frame["of_last_walk"] = (frame["rows_known"] / before.where(before > 0)).where(frame["complete"])
    # A partial crawl is honest about it and keeps its good rows; a complete one that lacks rows has lied.
    kept = CRITICAL if batch.saw_the_portal else INFO  # of another body's listing the counts stay, its rows are dropped
    claim = CRITICAL if batch.crawl.status is RunStatus.COMPLETE else WARNING
    return Check(
        "sections",
        frame,
        ("section",),
        (
            rows_at_least(CRITICAL, "a crawl that met the portal walked a section", 1 if batch.saw_the_portal else 0),
            unique(CRITICAL, "one outcome a section", "section"),
            one_of(CRITICAL, "rows belong to this portal", "portal_id", [batch.portal.id]),
            equal(kept, "rows counted are the rows kept", "rows_seen", "rows_listed"),
            holds(claim, "each section was walked whole", "complete"),
            between(claim, "no row less than the portal declares", "shortfall", high=limits.declared_shortfall),
            covers(WARNING, "every section of the registry was walked", "section", [s.name for s in batch.portal.sections]),
            between(WARNING, "the listing did not shrink since its last whole walk", "of_last_walk", low=limits.shrink_ratio),
        ),
    )


def _listing(case: Case) -> Check:
    batch = case.batch
    frame = batch.table("list_entry").copy()
    frame["day"] = pd.to_datetime(frame["date"])
    must_list = batch.crawl.status in (RunStatus.COMPLETE, RunStatus.PARTIAL)
    return Check(
        "listing",
        frame,
        ("section", "position"),
        (
            rows_at_least(CRITICAL, "a portal that is not empty lists something", 1 if must_list else 0),
            unique(CRITICAL, "one row a place in the listing", "section", "position"),
            one_of(CRITICAL, "rows belong to this portal", "portal_id", [batch.portal.id]),
            matches(WARNING, "rows lead to web addresses", "url", r"^https?://[^\s/]"),
            longer_than(WARNING, "rows have titles", "title", 1),
            between(WARNING, "dates are not before government portals and not in the future", "day", *case.days),
        ),
    )
