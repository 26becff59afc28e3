"""Facts about document numbers and titles: `data/doc_prefixes.yaml` and `data/genres.yaml`, checked when first read."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from gongkai.errors import RegistryError
from gongkai.records.document import Genre

T = TypeVar("T")

_DATA = Path(__file__).resolve().parent / "data"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DocPrefixes(_Strict):
    """Prefixes (机关代字) by issuer level, and words that are none."""

    central: frozenset[str] = Field(min_length=1)
    provinces: dict[str, str] = Field(min_length=1)
    not_prefix: frozenset[str] = Field(min_length=1)


class GenreRule(_Strict):
    """`pattern` found in a folded title means `genre`."""

    genre: Genre
    pattern: re.Pattern[str]

    @field_validator("pattern")
    @classmethod
    def _bounded(cls, value: re.Pattern[str]) -> re.Pattern[str]:
        if re.search(r"(?<!\\)[*+]", value.pattern):
            raise ValueError("unbounded repetition; write {0,n}")
        return value


@lru_cache(maxsize=1)
def doc_prefixes() -> DocPrefixes:
    """Contents of `doc_prefixes.yaml`.

    Raises:
        RegistryError: the file is wrong; names file and line or key.
    """
    return _checked(TypeAdapter(DocPrefixes), "doc_prefixes.yaml")


@lru_cache(maxsize=1)
def genre_rules() -> tuple[GenreRule, ...]:
    """Contents of `genres.yaml`, in order.

    Raises:
        RegistryError: the file is wrong; names file and line or key.
    """
    return tuple(_checked(TypeAdapter(list[GenreRule]), "genres.yaml"))


def _checked(adapter: TypeAdapter[T], name: str) -> T:
    file = _DATA / name
    try:
        return adapter.validate_python(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        raise RegistryError(str(file), error.problem_mark.line + 1 if error.problem_mark else None, f"not YAML: {error.problem}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise RegistryError(str(file), None, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
