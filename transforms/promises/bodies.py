"""Who published a notice, as a task sees it: the same function of government, whatever its body was called that year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from gongkai.agencies import agencies
from gongkai.commitments import Who, commitment_rules
from transforms.script import fold

_WHOLE = frozenset(("government", "government_office"))
"""A portal prints its government, or its office, over what departments wrote."""
_COLLECTIVE = ("collective", "place", "coordination")
_BELOW = frozenset(("county_governments", "township_governments", "zones"))
"""Collectives of bodies that have portals of their own."""
_BODY = "(?:人民政府|政府|办公[厅室]|厅|局|委员会|联合会)"
_LEVEL = "省市县区州旗镇乡"
_PLACE = f"(?:[^{_LEVEL}的于和、《（(]{{2,6}}(?:自治区|自治州|省|市|州|盟|地区|县|区|旗))"
_PROVINCE = f"(?:省|自治区)(?!级)[^的于《]{{0,12}}?{_BODY}"
_STATE = "国家[^的于《]{1,10}?(?:局|委|办)"
_NAMED = re.compile(f"{_PLACE}{{1,3}}(?=.{{0,14}}?{_BODY})")
_UNDER = re.compile(f"{_PLACE}(?=(?:人民)?政府)")
_NO_TERRITORY = re.compile("(?:开发|高新|保税|示范|园|新|景|山|社|城|林|库|港|校|矿)区|(?:城|都|超|股|农|菜|夜|集|上|门)市")
"""Ends like a place and is none: 高新区, 超市."""
_FORWARDED = re.compile("转发([市县区旗州]?)")


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


def of_another_place(printed: str | None, place: Sequence[str]) -> bool:
    """Whether a body's printed name says that it is of another place or level than the portal's (`place`: names of the portal's own)."""
    name = fold((printed or "").strip())[0]
    if not name or not place:
        return False
    if place[-1] in name:
        return bool(_UNDER.match(name.rpartition(place[-1])[2].lstrip(_LEVEL)))
    return _is_above(name, place) or _is_named(name)


def of_higher_body(title: str, place: Sequence[str]) -> bool:
    """Whether a title says that the paper is another government's: passed on, or issued by it (国务院关于…, X省…厅关于…).

    An office that passes on what a bureau of its own level wrote (转发市财政局关于…, in a city) passes on its own government's.
    """
    if forwarded := _FORWARDED.search(title[:40]):
        level = place[0][-1:] if place else forwarded.group(1)
        return not forwarded.group(1) or forwarded.group(1) != level
    if place and place[-1] in title[:20]:
        return False
    return _is_above(title, place) or bool(place and "关于" in title[2:30] and _is_named(title[: title.index("关于", 2)]))


def _is_above(name: str, place: Sequence[str]) -> bool:
    if place and place[0].endswith(("省", "自治区")) and re.match("(?:关于)?(?:省|自治区)", name):
        return False
    return bool(_above().match(name))


@lru_cache(maxsize=1)
def _above() -> re.Pattern[str]:
    state = "|".join(map(re.escape, sorted(commitment_rules().higher, key=len, reverse=True)))
    return re.compile(f"(?:关于)?(?:印发|贯彻落实|贯彻)?[《“]?(?:{state}|{_STATE}|{_PROVINCE})")


def _is_named(name: str) -> bool:
    found = _NAMED.match(name)
    return bool(found) and not _NO_TERRITORY.search(found.group() if found else "")


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
