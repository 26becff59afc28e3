"""The vocabulary of government agencies (`data/agencies.yaml`): who a printed name is, and who holds its function on a day.

A printed form leads to the agency of its time (工商局), and that one to its successor (市场监管局 from 2019-01). Bodies that join several
functions (教育体育和科技局) are read from the function words, so the file need not list every joining.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from gongkai.data_file import composed, of_package
from gongkai.errors import RegistryError

Kind = Literal["government", "party", "parallel", "central", "institution", "place", "collective", "internal", "coordination"]

_BODIES = ("government", "party", "parallel", "central", "institution")
_SUFFIX = r"(?:(?:管理)?委员会(?:办公室)?|管理局|监管局|分局|局|委|办公室|办|厅|(?:服务|发展|管理|事务|促进|保障|事业发展|管理服务)中心)"
_LAST = ("会", "局", "委", "室", "办", "厅", "心")
_FILLER = r"(?:监督管理|综合管理|行政管理|监督|管理|监管|行政|事务|事业|服务|建设|发展|工作|促进|保障|开发)"
_ABOVE = re.compile(r"(?:厅|部|总局|署)$")
"""What stands for 局 in the names of a province's and the state's departments: 财政厅, 财政部, 税务总局."""
_LEVELS = re.compile(r"^(?:各级|[省市县区]{1,3}级|[省市县区](?:、?[省市县区]){1,3}(?:[两三四]级)?|各|[省市县区州旗盟])")
_OFFICES = re.compile(r"(?:行政)?(?:主管|管理|监管|监督管理|执法)?(?:部门|机关|系统)$")
_NOTE = re.compile(r"\([^()]{0,40}\)?$")


class Agency(BaseModel):
    """One function of municipal government in the hands of one body, and the names that body prints."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str = Field(min_length=2, max_length=30)
    aliases: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    kind: Kind = "government"
    prefix: Literal["plain", "party", "none"] = "plain"
    """What a prefix that a list shares adds to the bare name: 市, 市委, or nothing (海关, 人行)."""
    first: dt.date | None = Field(default=None, alias="from")
    """First day as a body of its own; None: before the documents begin (2008)."""
    until: dt.date | None = None
    """First day on which it is no longer; None: goes on."""
    successors: tuple[str, ...] = ()
    drawn_from: tuple[str, ...] = ()

    @field_validator("first", "until", mode="before")
    @classmethod
    def _month(cls, value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])", value):
            raise ValueError("expected a month, such as 2019-01")
        return f"{value}-01"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first and self.until and self.first >= self.until:
            raise ValueError("until is not after from")
        if bool(self.successors) != bool(self.until):
            raise ValueError("until and successors go together")
        if self.drawn_from and not self.first:
            raise ValueError("drawn_from without from")
        return self

    def stands(self, day: dt.date) -> bool:
        """Whether the body exists on `day`."""
        return (self.first is None or self.first <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Agencies:
    """Agencies by every name they print."""

    by_id: dict[str, Agency]
    by_name: dict[str, Agency]
    by_word: dict[str, Agency]

    def find(self, bare: str) -> Agency | None:
        """The body of a name without prefix (财政局; 财政厅 of a province likewise), or None."""
        ending = self.ending(bare)
        return ending[1] if ending and not ending[0] else None

    def ending(self, name: str) -> tuple[str, Agency] | None:
        """What stands before a known body's name, and the body: 象州生态环境局 → 象州, environment. The longest name wins."""
        return self._endings(name) if len(name) <= 40 else self._read_ending(name)

    def _read_ending(self, name: str) -> tuple[str, Agency] | None:
        known = next((size for size in range(min(self._longest, len(name)), 1, -1) if self._body(name[-size:])), 0)
        joined = self._joining.search(name) if len(name) <= 40 and name.endswith(_LAST) else None
        if joined and joined.start() < len(name) - known:
            return name[: joined.start()], self._of_words(joined[1])
        agency = self._body(name[-known:]) if known else None
        return (name[:-known], agency) if agency else None

    def resolve(self, printed: str) -> Agency | None:
        """The agency of a folded unit name as plans print it, collectives and governments of places too, or None if unknown."""
        name = _NOTE.sub("", printed) if printed[:1] not in "各市县区" or not printed.endswith(("政府)", "会)")) else printed
        name = name if len(name) > 1 else printed
        if exact := self._named(name):
            return exact
        if ending := self.ending(name):
            return ending[1]
        if spoken := self.by_word.get(_OFFICES.sub("", _LEVELS.sub("", name))):  # 各级财政部门, 市教育 (of 市教育、财政等部门)
            return spoken
        for agency in self._patterned:
            if agency.pattern and (agency.pattern.search(name) or agency.pattern.search(printed)):
                return agency
        for size in range(min(self._longest, len(name)), 1, -1):
            if place := self.by_name.get(name[-size:]):
                return place
        return None

    def holders(self, agency_id: str, day: dt.date) -> tuple[Agency, ...]:
        """Who held the function of `agency_id` on `day`: itself, the bodies it was made of, or those that took it over.

        Raises:
            KeyError: unknown id.
        """
        agency = self.by_id[agency_id]
        if agency.stands(day):
            return (agency,)
        if agency.until and day >= agency.until:
            others: Iterable[str] = agency.successors
        else:
            others = (*self.predecessors(agency_id), *agency.drawn_from)
        return tuple(dict.fromkeys(held for other in others for held in self.holders(other, day)))

    def predecessors(self, agency_id: str) -> tuple[str, ...]:
        """Ids of the bodies that named `agency_id` as a successor."""
        return tuple(agency.id for agency in self.by_id.values() if agency_id in agency.successors)

    def _named(self, bare: str) -> Agency | None:
        if (agency := self.by_name.get(bare)) or not (above := _ABOVE.search(bare)):
            return agency
        return self.by_name.get(bare[: above.start()] + "局")

    def _body(self, bare: str) -> Agency | None:
        agency = self._named(bare)
        return agency if agency and agency.kind in _BODIES else None

    def _of_words(self, core: str) -> Agency:
        """The body of joined function words: the successor that two of them share (文化+旅游), else the first one's."""
        members = [self.by_word[word] for word in self._word.findall(core)]
        shared = [
            after for i, a in enumerate(members) for b in members[i + 1 :] if a != b for after in a.successors if after in b.successors
        ]
        return self.by_id[shared[0]] if shared else members[0]

    @cached_property
    def _endings(self) -> Callable[[str], tuple[str, Agency] | None]:
        """`ending`, remembered: plans name the same few bodies over and over."""
        return lru_cache(maxsize=4096)(self._read_ending)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.by_name), default=0)

    @cached_property
    def _word(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(self.by_word, key=len, reverse=True))) or "(?!)")

    @cached_property
    def _joining(self) -> re.Pattern[str]:
        word = self._word.pattern
        return re.compile(rf"((?:{word})(?:[和与及]?(?:{word}|{_FILLER})){{0,6}}){_SUFFIX}$")

    @cached_property
    def _patterned(self) -> tuple[Agency, ...]:
        return tuple(agency for agency in self.by_id.values() if agency.pattern)


@lru_cache(maxsize=1)
def agencies() -> Agencies:
    """The packaged vocabulary, read once."""
    with of_package("agencies.yaml") as path:
        return load_agencies(path)


def load_agencies(path: Path) -> Agencies:
    """Read a vocabulary file.

    Raises:
        RegistryError: not YAML, unknown key, bad value, a name that two entries claim, an unknown id, a body that ends before its
            successor begins or begins before all it follows have ended, or a circle of successions; names file and line.
    """
    root = composed(path)
    by_id: dict[str, Agency] = {}
    by_name: dict[str, Agency] = {}
    by_word: dict[str, Agency] = {}
    lines: dict[str, int] = {}
    for node in _entries(path, root):
        line = node.start_mark.line + 1
        agency = _agency(path, line, yaml.constructor.SafeConstructor().construct_document(node))
        if agency.id in by_id:
            raise RegistryError(str(path), line, f"duplicate agency id {agency.id!r}")
        by_id[agency.id] = agency
        lines[agency.id] = line
        for names, index in (((agency.name, *agency.aliases), by_name), (agency.words, by_word)):
            for name in names:
                if name in index:
                    raise RegistryError(str(path), line, f"the name {name!r} already belongs to {index[name].id!r}")
                index[name] = agency
    for agency in by_id.values():
        cause = _broken_relation(agency, by_id)
        if cause:
            raise RegistryError(str(path), lines[agency.id], cause)
    return Agencies(by_id, by_name, by_word)


def _broken_relation(agency: Agency, by_id: dict[str, Agency]) -> str | None:
    """What is wrong with whom the agency follows and who follows it, or None."""
    for other in (*agency.successors, *agency.drawn_from):
        if other not in by_id:
            return f"unknown agency id {other!r}"
    for other in agency.successors:
        begun = by_id[other].first
        if agency.until and begun and begun > agency.until:
            return f"ends before its successor {other!r} begins"
    for other in agency.drawn_from:
        if agency.first and not by_id[other].stands(agency.first - dt.timedelta(days=1)):
            return f"is drawn from {other!r}, which did not stand at that time"
    ends = [past.until for past in by_id.values() if agency.id in past.successors and past.until]
    if agency.first and ends and min(ends) > agency.first:
        return "begins while every body it follows still stands: overlapping dates"
    seen, ahead = set[str](), list(agency.successors)
    while ahead:
        step = ahead.pop()
        if step == agency.id:
            return "a circle of successions"
        if step not in seen and step in by_id:
            seen.add(step)
            ahead.extend(by_id[step].successors)
    return None


def _entries(path: Path, root: yaml.Node | None) -> list[yaml.Node]:
    if isinstance(root, yaml.MappingNode) and len(root.value) == 1:
        key, value = root.value[0]
        if key.value == "agencies" and isinstance(value, yaml.SequenceNode):
            return list(value.value)
    raise RegistryError(str(path), 1, "expected one key, `agencies`, with a list")


def _agency(path: Path, line: int, value: Any) -> Agency:
    try:
        return Agency.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise RegistryError(str(path), line, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
