"""Words of the field that mean the same, and those that say little (`data/equivalents.yaml`); the file explains its own keys."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gongkai.data_file import of_package, validated


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Strict):
    """Words that stand for one thing."""

    id: str = Field(min_length=2)
    pairs: float = Field(gt=0, le=3)
    words: tuple[str, ...] = Field(min_length=2)


class Equivalents(_Strict):
    """The whole file."""

    version: int = Field(ge=1)
    groups: tuple[Group, ...] = Field(min_length=1)
    faint_weight: float = Field(gt=0, le=1)
    faint: tuple[str, ...]
    silent: tuple[str, ...]

    @model_validator(mode="after")
    def _sensible(self) -> Equivalents:
        if len({group.id for group in self.groups}) != len(self.groups):
            raise ValueError("two groups have one id")
        for words in (*(group.words for group in self.groups), self.faint, self.silent):
            if len(set(words)) != len(words) or any(len(word) < 2 for word in words):
                raise ValueError("a word stands twice in one list, or is a single character")
        if any(len(word) != 2 for word in self.faint):
            raise ValueError("a faint word is a pair of characters")
        if both := set(self.silent) & self.meanings.keys():
            raise ValueError(f"{'、'.join(sorted(both))} is silent and has a group")
        return self

    @cached_property
    def meanings(self) -> dict[str, tuple[str, ...]]:
        """Ids of each word's groups."""
        found: dict[str, tuple[str, ...]] = {}
        for group in self.groups:
            for word in group.words:
                found[word] = (*found.get(word, ()), group.id)
        return found


@lru_cache(maxsize=1)
def equivalents() -> Equivalents:
    """The words of the package, read once.

    Raises:
        RegistryError: as `read_equivalents`.
    """
    with of_package("equivalents.yaml") as path:
        return read_equivalents(path)


def read_equivalents(path: Path) -> Equivalents:
    """The words of a file.

    Raises:
        RegistryError: cannot be read, unknown key, a word that is too short, stands twice or is both silent and meant; names file and
            place.
    """
    return validated(path, Equivalents)
