"""The disclosure areas (`data/areas.yaml`, 重点领域): what governments must publish most of all, and the words that tell of it.

The file explains its own keys.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gongkai.data_file import of_package, validated
from gongkai.identity import digest


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Area(_Strict):
    """One area (领域)."""

    id: str = Field(pattern=r"^[a-z]+(_[a-z]+)*$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    source: str
    """Where the area is named: field of 54号, article of the Regulation."""
    words: tuple[str, ...] = Field(min_length=1)
    columns: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @field_validator("source", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @model_validator(mode="after")
    def _sensible(self) -> Area:
        for words in (self.words, self.columns, self.hints, self.issuers, self.without):
            if len(set(words)) != len(words) or any(len(word) < 2 for word in words):
                raise ValueError("a word stands twice, or is a single character")
        if both := set(self.words) & set(self.without):
            raise ValueError(f"{'、'.join(sorted(both))} both gives the area and takes it away")
        if self.hints and not self.issuers:
            raise ValueError("hints decide only with issuers, and there are none")
        return self


class Areas(_Strict):
    """All areas in the file's order, and the words of titles that have none."""

    ignored: tuple[str, ...] = ()
    areas: tuple[Area, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _differ(self) -> Areas:
        for names in ([a.id for a in self.areas], [a.zh for a in self.areas]):
            if twice := {name for name in names if names.count(name) > 1}:
                raise ValueError(f"{', '.join(sorted(twice))} stands twice")
        return self

    @property
    def edition(self) -> str:
        """Changes with every change of the file's meaning: what was classified by another edition is classified again."""
        return digest(self.model_dump_json())


@lru_cache(maxsize=1)
def load_areas() -> Areas:
    """The areas of the package, read once.

    Raises:
        RegistryError: as `read_areas`.
    """
    with of_package("areas.yaml") as path:
        return read_areas(path)


def read_areas(path: Path) -> Areas:
    """The areas of a file.

    Raises:
        RegistryError: cannot be read, unknown key, a word that is too short or contradicts itself; names file and place.
    """
    return validated(path, Areas)
