"""The META tags of government pages (`data/meta_tags.yaml`): which kinds of pages carry which, and what a clean value is.

The file explains its own keys.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gongkai.data_file import of_package, validated

PageKind = Literal["home", "column", "content"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MetaTag(_Strict):
    """One tag."""

    name: str = Field(pattern=r"^[A-Za-z]+$")
    pages: tuple[PageKind, ...] = Field(min_length=1)
    required: bool
    form: str | None = None
    confidence: Literal["C", "P", "M"]

    @field_validator("form")
    @classmethod
    def _is_a_pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"no pattern: {error}") from error
        return value

    @model_validator(mode="after")
    def _each_page_once(self) -> Self:
        if len(set(self.pages)) != len(self.pages):
            raise ValueError(f"{self.name} names a kind of page twice")
        return self

    def fits(self, value: str) -> bool:
        """Whether a tidied value has the tag's form."""
        return self.form is None or re.fullmatch(self.form, value, re.ASCII) is not None


class MetaTags(_Strict):
    """The whole table, in the file's order."""

    required_confidence: Literal["C", "P", "M"]
    tags: tuple[MetaTag, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _differ(self) -> Self:
        names = [tag.name.lower() for tag in self.tags]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} stands twice: names are compared without regard to case")
        return self

    def of(self, kind: PageKind) -> tuple[MetaTag, ...]:
        """Those that a kind of page carries."""
        return tuple(tag for tag in self.tags if kind in tag.pages)


@lru_cache(maxsize=1)
def load_meta_tags() -> MetaTags:
    """The tags of the package, read once.

    Raises:
        RegistryError: as `read_meta_table`.
    """
    with of_package("meta_tags.yaml") as path:
        return read_meta_table(path)


def read_meta_table(path: Path) -> MetaTags:
    """The tags of a file.

    Raises:
        RegistryError: cannot be read, an unknown key, a bad value or pattern, a name that stands twice; names file and place.
    """
    return validated(path, MetaTags)
