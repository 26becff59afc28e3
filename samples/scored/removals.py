"""Pages that were taken down: told as soon as they can be known, with what their address says, and no others."""

from __future__ import annotations

from typing import Any

from samples.marking import Ids, Kind, Marts, all_notices, name_of, words
from samples.model import load_content
from samples.truth import PortalTruth

_MISSES = 2
"""Whole walks in a row that do not show a page before it may be told of as gone (crawlers/removal.py)."""


_COLUMNS = "portal_id, notice_id, gone_cause, last_seen"


def score(marts: Marts, truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    """What is planted as withdrawn is gone with its cause once enough walks did not show it, and stands before."""
    kind = Kind("removals")
    walks = _walks(marts)
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


def walked_later(marts: Marts) -> set[str]:
    """Portals that were walked as they are later: a whole walk did not show a page that they take down."""
    walks = _walks(marts)
    seen = {(r["portal_id"], words(r["title"])): r["last_seen"] for r in marts.rows("notice", "portal_id, title, last_seen")}
    withdrawn = {(portal.id, words(n.title)) for portal in load_content() for n in portal.notices if n.withdrawn}
    return {key[0] for key in withdrawn & set(seen) if any(portal == key[0] and when > seen[key] for portal, when in walks)}


def _walks(marts: Marts) -> list[tuple[str, Any]]:
    """Portal and time of each whole walk."""
    rows = marts.rows("portal_run", "portal_id, run_time, crawl_status")
    return [(r["portal_id"], r["run_time"]) for r in rows if r["crawl_status"] == "complete"]
