"""Pages that were taken down: told as soon as they can be known, with what their address says, and no others."""

from __future__ import annotations

from samples.marking import Ids, Kind, Marts, all_notices, name_of
from samples.truth import PortalTruth

_MISSES = 2
"""Whole walks in a row that do not show a page before it may be told of as gone (crawlers/removal.py)."""


_COLUMNS = "portal_id, notice_id, gone_cause, last_seen"


def score(marts: Marts, truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    """What is planted as withdrawn is gone with its cause once enough walks did not show it, and stands before."""
    kind = Kind("removals")
    walks = [
        (r["portal_id"], r["run_time"])
        for r in marts.rows("portal_run", "portal_id, run_time, crawl_status")
        if r["crawl_status"] == "complete"
    ]
    rows = {id(ids[key]): r for r in marts.rows("notice", _COLUMNS) if (key := (r["portal_id"], r["notice_id"])) in ids}
    for notice in all_notices(truth):
        row, withdrawn = rows.get(id(notice)), notice.content.withdrawn
        cause = row and row["gone_cause"]
        missed = sum(row is not None and portal == notice.portal_id and when > row["last_seen"] for portal, when in walks)
        want = withdrawn if missed >= _MISSES else None
        if withdrawn:
            kind.judge(name_of(notice), [] if cause == want else [f"{cause or 'standing'}, should be {want or 'standing'}"])
        elif cause:
            kind.unexpected(f"{name_of(notice)} {cause}")
    return kind
