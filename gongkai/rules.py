"""The rules that portals are judged by (`data/rules.yaml`): law and inspection indicators with thresholds by time of validity.

The file explains its own keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gongkai.data_file import of_package, validated
from gongkai.registry import SectionKind

Confidence = Literal["C", "P", "M"]
_ID = r"^[a-z]+(-[a-z]+)*$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Edition(_Strict):
    """A rule as one instrument puts it while that is in force."""

    instrument: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    confidence: Confidence
    valid_from: date
    valid_to: date | None = None
    """Last day; None while it stands."""
    thresholds: dict[str, str]
    """By name: a number, a form's letter, or a day of the year (MM-DD)."""

    @field_validator("thresholds", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        return {k: str(v) for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _in_order(self) -> Edition:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to {self.valid_to} lies before valid_from {self.valid_from}")
        return self

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def basis(self) -> str:
        """Instrument and clause."""
        return f"{self.instrument} {self.clause}"


class Columns(_Strict):
    """Columns (栏目) that a rule judges: of this kind and, where there are words, with one of them in the name."""

    kind: SectionKind
    words: tuple[str, ...] = ()


class Rule(_Strict):
    """One rule (规则)."""

    id: str = Field(pattern=_ID)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    family: Literal["statutory", "health"]
    subject: Literal["portal", "section", "notice", "year"]
    severity: Literal["veto", "duty", "deduction", "info"]
    dates: tuple[Literal["written", "published", "seen"], ...]
    window: str = Field(min_length=1)
    evidence: str = Field(min_length=1)
    counted_by: str | None = None
    columns: tuple[Columns, ...] = ()
    editions: tuple[Edition, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sensible(self) -> Rule:
        if bool(self.columns) != (self.subject == "section"):
            raise ValueError("columns belong to rules about sections, and to all of them")
        for before, after in zip(self.editions, self.editions[1:], strict=False):
            if before.valid_to is None or before.valid_to >= after.valid_from:
                raise ValueError(f"editions overlap or stand in another order: {before.instrument}, {after.instrument}")
        return self

    def on(self, day: date) -> Edition | None:
        """The edition in force on a day."""
        return next((e for e in self.editions if e.in_force(day)), None)


@dataclass(frozen=True)
class ReportDue:
    """Last day for the annual report (年度报告) about a year, and the edition that sets it."""

    day: date
    edition: Edition


def report_due(year: int, kind: Literal["department", "government"]) -> ReportDue | None:
    """When a body's report about `year` is due; None for years before the first regulation. No rule moves a day that is a holiday.

    The edition is the one in force on the last day itself, so that no report is judged by a law that came after it was due.
    """
    for edition in load_rules()["report-on-time"].editions:
        day = date.fromisoformat(f"{year + 1}-{edition.thresholds[kind]}")
        if edition.in_force(day):
            return ReportDue(day, edition)
    return None


class _File(_Strict):
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _known(self) -> _File:
        ids = [rule.id for rule in self.rules]
        if twice := {name for name in ids if ids.count(name) > 1}:
            raise ValueError(f"{', '.join(sorted(twice))} stands twice")
        for rule in self.rules:
            if rule.counted_by is not None and rule.counted_by not in ids:
                raise ValueError(f"{rule.id} is counted by {rule.counted_by}, which is no rule")
        return self


@lru_cache(maxsize=1)
def load_rules() -> dict[str, Rule]:
    """The rules of the package by id, in the file's order, read once.

    Raises:
        RegistryError: as `read_rules`.
    """
    with of_package("rules.yaml") as path:
        return read_rules(path)


def read_rules(path: Path) -> dict[str, Rule]:
    """The rules of a file by id, in its order.

    Raises:
        RegistryError: cannot be read, an unknown key, a bad value, editions that overlap; names file and place.
    """
    return {rule.id: rule for rule in validated(path, _File).rules}
