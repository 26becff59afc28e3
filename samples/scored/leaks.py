"""Numbers of persons that pages print by mistake: told of, masked, and nowhere in what is published."""

from __future__ import annotations

from samples.marking import Ids, Kind, Marts, all_notices, name_of
from samples.truth import PortalTruth

RULES = frozenset(("P-ID", "P-CARD", "P-PHONE"))


def score(marts: Marts, truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    """Numbers of persons that pages print: told of where they are, nowhere repeated, and no others."""
    kind = Kind("leaks")
    rows = marts.rows("finding", "portal_id, notice_id, rule")
    told = {id(ids[key]) for r in rows if r["rule"] in RULES and (key := (r["portal_id"], r["notice_id"])) in ids}
    for notice in all_notices(truth):
        for number in notice.content.leaked:
            wrongs = [] if id(notice) in told else ["not told of"]
            kind.judge(f"{name_of(notice)} a number of a person", wrongs + [f"printed in {table}" for table in marts.printing(number)])
        if id(notice) in told and not notice.content.leaked:
            kind.unexpected(f"{name_of(notice)} a number of a person")
    return kind
