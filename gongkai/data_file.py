"""A YAML file of facts as nodes, which know their lines: every mistake in one can name its place."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from gongkai.errors import RegistryError

_M = TypeVar("_M", bound=BaseModel)


def of_package(name: str) -> AbstractContextManager[Path]:
    """A file or folder of `gongkai/data`, while it is open a path, wherever the package is installed."""
    return resources.as_file(resources.files("gongkai") / "data" / name)


def validated(path: Path, model: type[_M]) -> _M:
    """The whole file as one model.

    Raises:
        RegistryError: as `composed`, or a value that the model refuses; names file and place.
    """
    composed(path)  # names the line of what is not YAML
    try:
        return model.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except ValidationError as error:
        first = error.errors()[0]
        raise RegistryError(str(path), None, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error


def composed(path: Path) -> yaml.Node | None:
    """The file's root node; None for an empty file.

    Raises:
        RegistryError: cannot be read, or is not YAML; names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise not_yaml(path, error) from error
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1  # libyaml counts bytes
        raise RegistryError(str(path), line, f"not YAML: a control character (U+{error.character:04X})") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(str(path), None, f"cannot be read: {error}") from error


def not_yaml(path: Path, error: yaml.MarkedYAMLError) -> RegistryError:
    """The library's complaint with file and line."""
    line = error.problem_mark.line + 1 if error.problem_mark else None
    return RegistryError(str(path), line, f"not YAML: {error.problem}")
