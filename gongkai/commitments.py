"""How promises and the notices that keep them are brought together (`data/commitments.yaml`, 承诺落实): words, weights, limits in days.

The file explains its own keys; docs/commitments.md tells what a score means.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gongkai.data_file import of_package, validated
from gongkai.equivalents import equivalents
from gongkai.identity import digest

Who = Literal["lead", "support", "unknown", "other", "foreign"]
"""Who published a notice, as a task sees it: a body that leads it, one that helps, nobody known (or the government itself), another, or one
of another place or level, whose paper stands here again."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Factors(_Strict):
    """What a score is multiplied by."""

    lead: float = Field(gt=0, le=1)
    support: float = Field(gt=0, le=1)
    unknown: float = Field(gt=0, le=1)
    other: float = Field(gt=0, le=1)
    foreign: float = Field(gt=0, le=1)
    kind: float = Field(gt=0, le=1)
    no_kind: float = Field(gt=0, le=1)
    other_kind: float = Field(gt=0, le=1)
    act: float = Field(gt=0, le=1)


class Boilerplate(_Strict):
    """Words that count nothing, and why."""

    reason: str = Field(min_length=5)
    words: tuple[str, ...] = Field(min_length=1)


class PaperKind(_Strict):
    """A kind of paper: words by which a task promises it, and with which its title ends."""

    id: str = Field(pattern=r"^[a-z]+$")
    task: tuple[str, ...] = Field(min_length=1)
    title: tuple[str, ...] = Field(min_length=1)


class CommitmentRules(_Strict):
    """The whole file."""

    soon_days: int = Field(ge=1, le=366)
    late_days: int = Field(ge=1, le=3660)
    period_days: int = Field(ge=0, le=92)
    evidence_score: float = Field(gt=0, lt=1)
    shown_score: float = Field(gt=0, lt=1)
    factors: Factors
    boilerplate: tuple[Boilerplate, ...]
    outward: tuple[str, ...] = Field(min_length=1)
    not_outward: tuple[str, ...]
    elsewhere: tuple[str, ...]
    inward: tuple[str, ...]
    kinds: tuple[PaperKind, ...]
    near_kinds: tuple[tuple[str, str], ...]
    acts: tuple[str, ...]
    higher: tuple[str, ...] = Field(min_length=1)
    looks_back: tuple[str, ...]
    looks_ahead: tuple[str, ...]
    never: tuple[str, ...]

    @model_validator(mode="after")
    def _sensible(self) -> CommitmentRules:
        if self.shown_score > self.evidence_score:
            raise ValueError("shown_score is above evidence_score: evidence would not be shown")
        groups = (
            self.outward,
            self.not_outward,
            self.elsewhere,
            self.inward,
            self.acts,
            self.higher,
            self.looks_back,
            self.looks_ahead,
            self.never,
        )
        for words in (*(b.words for b in self.boilerplate), *groups):
            if len(set(words)) != len(words) or any(len(word) < 2 for word in words):
                raise ValueError("a word stands twice in one list, or is a single character")
        if both := set(self.outward) & set(self.inward):
            raise ValueError(f"{'、'.join(sorted(both))} is both outward and inward")
        if len({kind.id for kind in self.kinds}) != len(self.kinds):
            raise ValueError("two kinds have one id")
        if unknown := {kind for pair in self.near_kinds for kind in pair} - {kind.id for kind in self.kinds}:
            raise ValueError(f"near_kinds: no kind {'、'.join(sorted(unknown))}")
        return self

    @property
    def edition(self) -> str:
        """Changes with every change of these words or of equivalents.yaml: what was matched by another edition is matched again."""
        return digest(self.model_dump_json(), equivalents().model_dump_json())


@lru_cache(maxsize=1)
def commitment_rules() -> CommitmentRules:
    """The rules of the package, read once.

    Raises:
        RegistryError: as `read_commitment_rules`.
    """
    with of_package("commitments.yaml") as path:
        return read_commitment_rules(path)


def read_commitment_rules(path: Path) -> CommitmentRules:
    """The rules of a file.

    Raises:
        RegistryError: cannot be read, unknown key, a number out of range, a word that is too short or stands twice; names file and place.
    """
    return validated(path, CommitmentRules)
