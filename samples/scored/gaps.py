"""Numbers that are missing from a series: each one found, and no series called incomplete that was not seen whole."""

from __future__ import annotations

from collections.abc import Iterator

from samples.marking import Ids, Kind, Marts, Row
from samples.model import Series
from samples.truth import PortalTruth

_COLUMNS = "portal_id, series, issuer_mark, year, state, missing_from, missing_to, issued_lower, issued_upper, numbers_seen"


def score(marts: Marts, truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    """A planted series has its missing numbers and an interval that holds the true number issued; no other series has gaps."""
    kind = Kind("gaps")
    rows = {(r["portal_id"], r["series"], r["issuer_mark"], r["year"]): r for r in marts.rows("number_gap", _COLUMNS)}
    for portal in truth:
        for series in portal.series:
            row = rows.pop((portal.portal_id, series.kind, series.mark, series.year), None)
            kind.judge(f"{portal.portal_id} {series.mark} {series.year}", _faults(series, row))
    for key, row in rows.items():
        if row["state"] == "gaps":
            kind.unexpected(" ".join(map(str, key)))
    return kind


def _faults(series: Series, row: Row | None) -> Iterator[str]:
    if row is None:
        yield "no series"
        return
    want = "gaps" if series.hidden else "coverage_incomplete"
    if row["state"] != want:
        yield f"{row['state']}, should be {want}"
    ranges = zip(row["missing_from"] or (), row["missing_to"] or (), strict=True)
    missing = [number for first, last in ranges for number in range(first, last + 1)]
    if series.hidden and missing != [*series.hidden]:
        yield f"missing {missing}, should be {[*series.hidden]}"
    if row["issued_upper"] is None or not row["issued_lower"] <= series.issued <= row["issued_upper"]:
        yield f"issued {row['issued_lower']} to {row['issued_upper']}, {series.issued} in truth"
