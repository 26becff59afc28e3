"""Scorecards (评分表): indicator sets by edition (`data/scorecards/*.yaml`), with weights, checks and the time they look at.

plain.yaml explains the keys. What a check finds is judged in warehouse/scorecards; points are given in transforms/scoring.py.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gongkai.data_file import of_package, validated
from gongkai.errors import RegistryError
from gongkai.rules import load_rules

Measure = Literal["verdict", "plan_published", "report_consistent", "tasks_assigned"]
"""What a check may ask: a rule of mart.verdict, or one of the questions of warehouse/scorecards/measures.py."""
_WITH_THRESHOLD = frozenset(("tasks_assigned",))
_ID = r"^[a-z]+(_[a-z0-9]+)*$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(_Strict):
    """One question about a portal's subjects (a year, a document, a column …)."""

    measure: Measure
    rule: str | None = None
    """Of `verdict`: the rule's id in rules.yaml."""
    threshold: Decimal | None = Field(default=None, gt=0, le=1)
    """Of `tasks_assigned`: share of a plan's tasks."""

    @model_validator(mode="after")
    def _whole(self) -> Check:
        if (self.measure == "verdict") != (self.rule is not None):
            raise ValueError("`rule` belongs to the measure verdict, and only to it")
        if (self.measure in _WITH_THRESHOLD) != (self.threshold is not None):
            raise ValueError(f"`threshold` belongs to {', '.join(sorted(_WITH_THRESHOLD))}, and only there")
        if self.rule is not None and self.rule not in load_rules():
            raise ValueError(f"{self.rule} is no rule of rules.yaml")
        return self

    @property
    def name(self) -> str:
        return self.rule or self.measure


class Indicator(_Strict):
    """One line of a scorecard (指标)."""

    id: str = Field(pattern=_ID)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    weight: Decimal = Field(gt=0, le=100)
    checks: tuple[Check, ...] = ()
    years: int | None = Field(default=None, ge=1, le=20)
    """Only subjects whose time ended within so many years before the day of the scorecard; None: all."""
    deduct: Decimal | None = Field(default=None, gt=0)
    """Points lost by each subject that fails; None: its share of the weight. Never more than the weight in all."""
    evidence: str | None = None
    """What shows a failure."""
    not_from_web: str | None = None
    """Why no check can be made from published pages; such an indicator is not assessable and its weight is taken out."""

    @field_validator("weight", "deduct", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        return str(value) if isinstance(value, float) else value

    @model_validator(mode="after")
    def _asked_or_not(self) -> Indicator:
        if bool(self.checks) == (self.not_from_web is not None):
            raise ValueError("an indicator has either checks or `not_from_web`")
        if bool(self.checks) != (self.evidence is not None):
            raise ValueError("`evidence` belongs to every indicator with checks")
        if self.deduct is not None and self.deduct > self.weight:
            raise ValueError("one failure costs more than the weight")
        return self


class Scorecard(_Strict):
    """One edition of an indicator set."""

    id: str = Field(pattern=_ID)
    version: str = Field(pattern=r"^[0-9]{4}(-[0-9]{2})?$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    source: str = Field(min_length=1)
    valid_from: date
    valid_to: date | None = None
    """Last day; None while it stands."""
    comparable: Decimal = Field(gt=0, le=1)
    """Share of the weights that must be assessable for a place among others."""
    indicators: tuple[Indicator, ...] = Field(min_length=1)

    @field_validator("version", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @field_validator("comparable", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        return str(value) if isinstance(value, float) else value

    @model_validator(mode="after")
    def _sensible(self) -> Scorecard:
        ids = [i.id for i in self.indicators]
        if twice := {name for name in ids if ids.count(name) > 1}:
            raise ValueError(f"indicator {', '.join(sorted(twice))} stands twice")
        if (total := sum(i.weight for i in self.indicators)) != 100:
            raise ValueError(f"the weights add up to {total}, not to 100")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to {self.valid_to} lies before valid_from {self.valid_from}")
        return self

    def stands_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@lru_cache(maxsize=1)
def load_scorecards() -> tuple[Scorecard, ...]:
    """The sets of the package, read once.

    Raises:
        RegistryError: as `read_scorecards`.
    """
    with of_package("scorecards") as folder:
        return read_scorecards(folder)


def read_scorecards(folder: Path) -> tuple[Scorecard, ...]:
    """Every edition of a folder's files, by id and time.

    Raises:
        RegistryError: a file cannot be read, has an unknown key or rule, weights that are not 100, or two editions of a set hold at
            the same time; names file and place.
    """
    found = {path: validated(path, Scorecard) for path in sorted(folder.glob("*.yaml"))}
    ordered = sorted(found.items(), key=lambda entry: (entry[1].id, entry[1].valid_from))
    for (_, before), (path, after) in pairwise(ordered):
        if before.id == after.id and (before.valid_to is None or before.valid_to >= after.valid_from or before.version == after.version):
            raise RegistryError(str(path), None, f"{after.id} {after.version} and {before.version}: two editions hold at the same time")
    return tuple(card for _, card in ordered)
