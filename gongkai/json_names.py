"""What services call the facts of a list: `data/json_names.yaml`, checked when first read."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from gongkai.errors import RegistryError

_FILE = Path(__file__).resolve().parent / "data" / "json_names.yaml"


@lru_cache(maxsize=4096)
def lowered(name: str) -> str:
    """A name as the table has it: small letters, without _, - and blanks."""
    return re.sub(r"[_\-\s]", "", name).lower()


def _all_lowered(names: tuple[str, ...]) -> tuple[str, ...]:
    if wrong := [name for name in names if name != lowered(name)]:
        raise ValueError(f"not in small letters without _ and -: {', '.join(wrong)}")
    if len(set(names)) != len(names):
        raise ValueError("a name stands twice")
    return names


Names = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_all_lowered)]


class JsonNames(BaseModel):
    """Names by meaning, best first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Names
    url: Names
    date: Names
    doc_number: Names
    index_number: Names
    weak: frozenset[str]
    attachments: Names
    validity: Names
    total: Names
    own_total: frozenset[str]
    pages: Names
    lists: frozenset[str]
    codes: Names
    good: frozenset[str]
    fails: Names
    said: Names
    counters: Names
    sizes: Names

    @model_validator(mode="after")
    def _weak_names_are_names(self) -> JsonNames:
        if unknown := self.weak - {*self.doc_number, *self.index_number}:
            raise ValueError(f"weak names that name nothing: {', '.join(sorted(unknown))}")
        if unknown := self.own_total - {*self.total}:
            raise ValueError(f"own_total names that are no total: {', '.join(sorted(unknown))}")
        return self

    def facts(self) -> dict[str, tuple[str, ...]]:
        """Fact of a row → its names."""
        return {fact: getattr(self, fact) for fact in ("title", "url", "date", "doc_number", "index_number")}


@lru_cache(maxsize=1)
def json_names() -> JsonNames:
    """Contents of the file.

    Raises:
        RegistryError: the file is wrong; names file and key.
    """
    try:
        return JsonNames.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise RegistryError(str(_FILE), None, f"not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise RegistryError(str(_FILE), None, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
