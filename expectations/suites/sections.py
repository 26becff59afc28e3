"""Sections and listing (栏目与列表): rows against what the portal itself declares, against the registry and against earlier walks."""

from __future__ import annotations

import pandas as pd

from expectations.chunk import BATCH, Case, Chunk
from expectations.suites.contract import Check
from expectations.suites.every_table import own, whole
from expectations.suites.rules import (
    CRITICAL,
    INFO,
    WARNING,
    absent,
    between,
    equal,
    holds,
    longer_than,
    matches,
    not_after,
    rows_at_least,
    rows_exactly,
    unique,
    within,
)
from gongkai.status import RunStatus


def checks(chunk: Chunk) -> list[Check]:
    return [_sections(chunk), _registry(chunk), _listing(chunk)]


def _sections(chunk: Chunk) -> Check:
    limits = chunk.limits
    frame = chunk.frame("section_outcome")
    frame["portal"] = chunk.of_batch(frame, lambda case: case.batch.portal.id)
    seen = chunk.frame("list_entry").groupby([BATCH, "section"]).size().rename("rows_listed").reset_index()
    frame = frame.merge(seen, on=[BATCH, "section"], how="left")
    frame["rows_listed"] = frame["rows_listed"].fillna(0).astype("int64")
    frame["shortfall"] = (1 - frame["rows_known"] / frame["declared_total"].where(frame["declared_total"] > 0)).clip(lower=0)
    whole = frame["complete"].eq(True)  # an early stop says nothing of the size
    last = chunk.looked_up(frame, lambda case, section: case.walks.get(section, [None])[-1], "section").astype("float64")
    largest = chunk.looked_up(frame, lambda case, section: max(case.walks.get(section, []), default=None), "section").astype("float64")
    frame["least"] = (last * limits.shrink_ratio).where(whole)
    frame["most"] = (largest * limits.growth_ratio + limits.growth_rows).where(whole)
    frame["no_bound"] = float("nan")
    frame["wrong"] = frame["findings"].map(lambda found: "; ".join(found) if found is not None and len(found) else None).astype(object)
    # A partial crawl is honest about it and keeps its good rows; a complete one that lacks rows has lied.
    claim = [CRITICAL if claims else WARNING for claims in chunk.claims]
    # Of another body's listing the counts stay, its rows are dropped.
    kept = [CRITICAL if case.batch.saw_the_portal else INFO for case in chunk.cases]
    rows = chunk.rows(frame)
    walked = chunk.each(lambda case: int(case.batch.saw_the_portal))
    return Check(
        "sections",
        frame,
        ("section", "rows_known", "declared_total"),
        (rows_at_least(CRITICAL, "a crawl that met the portal walked a section", rows, walked),),
        (
            unique(CRITICAL, "one outcome a section", "section"),
            equal(CRITICAL, "rows belong to this portal", "portal_id", "portal"),
            own(chunk, frame),
            equal(kept, "rows counted are the rows kept", "rows_seen", "rows_listed"),
            holds(claim, "each section was walked whole", "complete"),
            between(claim, "no row less than the portal declares", "shortfall", high=limits.declared_shortfall),
            within(WARNING, "the listing did not shrink since its last whole walk", "rows_known", "least", "no_bound"),
            within(WARNING, "the listing did not grow beyond all its earlier walks", "rows_known", "no_bound", "most"),
            absent(WARNING, "the lists themselves say nothing wrong (L-TOTAL, L-CAP, …)", "wrong"),
        ),
    )


def _registry(chunk: Chunk) -> Check:
    def named(case: Case) -> list[str]:
        return [section.name for section in case.batch.portal.sections]

    def walked(case: Case, section: str) -> bool | None:
        return section in case.batch.kinds if case.batch.saw_the_portal else None  # of a portal that was not met nothing is missing

    places = ((n, name, walked(case, name)) for n, case in enumerate(chunk.cases) for name in named(case))
    frame = chunk.table([BATCH, "section", "walked"], places)
    return Check(
        "sections.registry",
        frame,
        ("section",),
        (rows_exactly(CRITICAL, "every section of the registry is judged", chunk.rows(frame), chunk.each(lambda case: len(named(case)))),),
        (holds(WARNING, "every section of the registry was walked", "walked"),),
    )


def _listing(chunk: Chunk) -> Check:
    frame = chunk.frame("list_entry")
    frame["portal"] = chunk.of_batch(frame, lambda case: case.batch.portal.id)
    frame["latest"] = chunk.last_day(frame)
    frame["own_host"] = frame["notice_id"].notna().astype(object)
    must_list = chunk.each(lambda case: int(case.batch.crawl.status in (RunStatus.COMPLETE, RunStatus.PARTIAL)))
    frame["date"] = pd.to_datetime(frame["date"])
    return Check(
        "listing",
        frame,
        ("section", "position", "title"),
        (rows_at_least(CRITICAL, "a portal that is not empty lists something", chunk.rows(frame), must_list),),
        (
            unique(CRITICAL, "one row a place in the listing", "section", "position"),
            equal(CRITICAL, "rows belong to this portal", "portal_id", "portal"),
            own(chunk, frame),
            whole(frame, "url", "title"),
            matches(WARNING, "rows lead to web addresses", "url", r"^https?://[^\s/]"),
            longer_than(WARNING, "rows have titles", "title", 1),
            between(WARNING, "no date is from before government portals", "date", low=chunk.first_day()),
            not_after(WARNING, "no date lies in the future", "date", "latest"),
            holds(INFO, "most rows are the portal's own, not links to other hosts", "own_host", chunk.limits.own_rows),
        ),
    )
