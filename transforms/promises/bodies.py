"""Who published a notice, as a task sees it: the same function of government, whatever its body was called that year."""

from __future__ import annotations

from functools import lru_cache

from gongkai.agencies import agencies
from gongkai.commitments import Who
from transforms.script import fold

_WHOLE = frozenset(("government", "government_office"))
"""A portal prints its government, or its office, over what departments wrote."""
_COLLECTIVE = ("collective", "place", "coordination")
_BELOW = frozenset(("county_governments", "township_governments", "zones"))
"""Collectives of bodies that have portals of their own."""


def bodies(*printed: str | None) -> frozenset[str]:
    """Ids of agencies.yaml for names as printed; a name that it does not know stands for itself."""
    return frozenset(_body(name.strip()) for name in printed if name and name.strip())


@lru_cache(maxsize=20_000)
def _body(name: str) -> str:
    folded = fold(name)[0]
    agency = agencies().resolve(folded)
    return agency.id if agency else folded


@lru_cache(maxsize=2_000)
def family(body: str) -> frozenset[str]:
    """The body with those it was made of and those that took it over (工商局, 质监局 … 市场监管局)."""
    known, found, ahead = agencies(), set[str](), [body]
    while ahead:
        one = ahead.pop()
        if one in found:
            continue
        found.add(one)
        if agency := known.by_id.get(one):
            ahead += [*agency.successors, *(known.predecessors(one) if one == body else ())]
    return frozenset(found)


@lru_cache(maxsize=20_000)
def who(publishers: frozenset[str], leads: frozenset[str], supports: frozenset[str]) -> Who:
    """How near the publishers of a notice are to a task.

    The government over its own signature is `unknown`, unless it is the one that must do the task; so is everybody for a task that names
    nobody, or a collective (各部门).
    """
    if any(publishers & family(lead) for lead in leads):
        return "lead"
    if any(publishers & family(support) for support in supports):
        return "support"
    if not _known(publishers) - _WHOLE or not _single(leads):
        return "unknown"
    return "other"


def publishes(seen: frozenset[str], leads: frozenset[str]) -> bool:
    """Whether a task's bodies are among those whose notices a portal shows: else the portal cannot show that they kept anything.

    True for a task that names nobody, a collective, or the government itself: the portal is theirs. Not so where only governments below
    are named (各县区): they publish elsewhere.
    """
    if leads and leads <= _BELOW:
        return False
    return not _single(leads) or bool(leads & _WHOLE) or any(seen & family(lead) for lead in leads)


def _known(names: frozenset[str]) -> frozenset[str]:
    """Without names that the vocabulary does not know: 本网, 信息中心 are no other body."""
    return frozenset(name for name in names if name in agencies().by_id)


def _single(leads: frozenset[str]) -> bool:
    """Whether one of them is a body, and not 各部门."""
    known = agencies().by_id
    return any(lead not in known or known[lead].kind not in _COLLECTIVE for lead in leads)
