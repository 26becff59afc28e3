"""Figures that a report or website table declares beside what we hold: the planted ones, and nothing else called more than declared."""

from __future__ import annotations

from samples.marking import Ids, Kind, Marts
from samples.truth import PortalTruth


def score(marts: Marts, truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    """Each planted figure with what was found beside it and the state; no other figure is told to be less than what we hold."""
    kind = Kind("declared")
    found = marts.rows("declared_published", "portal_id, report_year, code, declared, found, state")
    rows = {(r["portal_id"], r["report_year"], r["code"]): r for r in found}
    for portal in truth:
        for want in portal.declared:
            row = rows.pop((portal.portal_id, want.year, want.code), None)
            got = (row["declared"], row["found"], row["state"]) if row else None
            planted = (want.declared, want.found, want.state)
            kind.judge(f"{portal.portal_id} {want.code} {want.year}", [] if got == planted else [f"{got}, should be {planted}"])
    for key, row in rows.items():
        if row["state"] == "more_seen":
            kind.unexpected(" ".join(map(str, key)))
    return kind
