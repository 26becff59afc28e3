"""The vocabulary of government agencies (`data/agencies.yaml`): which bare names are known, and which function they hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gongkai.errors import RegistryError


class Agency(BaseModel):
    """One function of municipal government and the names its holders print."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str = Field(min_length=2, max_length=30)
    aliases: tuple[str, ...] = ()
    party: bool = False
    """True where the shared prefix is 市委 (宣传部), not 市."""
    vertical: bool = False
    """True for outposts of central bodies and firms, which a shared 市 does not cover (海关, 人行)."""


@dataclass(frozen=True, slots=True)
class Agencies:
    """Agencies by every name they print."""

    by_name: dict[str, Agency]
    longest: int

    def find(self, bare: str) -> Agency | None:
        """The agency of a name without prefix (财政局; 财政厅 of a province likewise), or None."""
        return self.by_name.get(bare) or (self.by_name.get(bare[:-1] + "局") if bare.endswith("厅") else None)

    def ending(self, name: str) -> tuple[str, Agency] | None:
        """What stands before a known agency's name, and the agency: 象州生态环境局 → 象州, environment. The longest name wins."""
        for size in range(min(self.longest, len(name)), 1, -1):
            agency = self.find(name[-size:])
            if agency:
                return name[:-size], agency
        return None


@lru_cache(maxsize=1)
def agencies() -> Agencies:
    """The packaged vocabulary, read once."""
    with resources.as_file(resources.files("gongkai") / "data" / "agencies.yaml") as path:
        return load_agencies(path)


def load_agencies(path: Path) -> Agencies:
    """Read a vocabulary file.

    Raises:
        RegistryError: not YAML, unknown key, bad value, or a name that two entries claim; names file and line.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise RegistryError(str(path), error.problem_mark.line + 1 if error.problem_mark else None, f"not YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(str(path), None, f"cannot be read: {error}") from error
    by_name: dict[str, Agency] = {}
    ids: set[str] = set()
    for node in _entries(path, root):
        line = node.start_mark.line + 1
        agency = _agency(path, line, yaml.constructor.SafeConstructor().construct_document(node))
        if agency.id in ids:
            raise RegistryError(str(path), line, f"duplicate agency id {agency.id!r}")
        ids.add(agency.id)
        for name in (agency.name, *agency.aliases):
            if name in by_name:
                raise RegistryError(str(path), line, f"the name {name!r} already belongs to {by_name[name].id!r}")
            by_name[name] = agency
    return Agencies(by_name, max(map(len, by_name), default=0))


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
