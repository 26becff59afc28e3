"""The portal registry: `portals/*.yaml` read into frozen models; every mistake names file and line before anything runs.

A file holds a list under `portals:`; a portal is at most a dozen lines. See docs/add-a-portal.md.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from gongkai.data_file import composed, not_yaml
from gongkai.dialects import load_dialects
from gongkai.errors import RegistryError

FAMILIES = frozenset(
    (
        "gkmlpt", "nfcms", "hanweb_jcms", "hanweb_jpaas", "hanweb_xxgk", "hanweb_truecms", "trs_wcm", "ucap", "lonsun", "openness", "vsb",
        "pc_list", "epoint_ewb", "p8", "siteserver", "dedecms", "phpcms", "generic",
    )
)  # fmt: skip
"""CMS families (建站系统) that a portal may name; transforms/pages has page classes for each."""


def _known_family(value: str) -> str:
    if value not in FAMILIES:
        raise ValueError(f"unknown family {value}")
    return value


Family = Annotated[str, AfterValidator(_known_family), Field(json_schema_extra={"enum": sorted(FAMILIES)})]
_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def is_portal_id(text: str) -> bool:
    """Whether `text` has the form of a portal's id; a portal that left the registry keeps its data, so the registry is not asked."""
    return len(text) <= 64 and re.fullmatch(_ID, text) is not None


class SectionKind(StrEnum):
    """What a section (栏目) is followed for."""

    WORK_PLAN = "work_plan"  # 政务公开工作要点、实施方案
    ANNUAL_REPORT = "annual_report"  # 政府信息公开工作年度报告
    NORMATIVE = "normative"  # 规范性文件、政府文件
    NEWS = "news"  # 其他


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Section(_Strict):
    """A listed column of a portal that we follow."""

    name: str = Field(min_length=1)
    kind: SectionKind
    entry: str = Field(min_length=1)
    """Path of the list page (trs_wcm: the folder, `/zwgk/gzyd/`) or category id (gkmlpt: `10001`)."""
    since: int | None = Field(default=None, ge=2003, le=2100)
    """First year for which a plan or report is expected here; the completeness matrix starts with it."""
    family: Family | None = None
    """The system of this column where it is not the portal's own (a disclosure platform beside the city's old site)."""


class Manners(_Strict):
    """How gently a portal is asked."""

    delay: float = Field(default=1.0, ge=0)
    concurrency: int = Field(default=1, ge=1, le=8)
    timeout: float = Field(default=30.0, gt=0, le=120)
    retries: int = Field(default=2, ge=0, le=5)
    budget_seconds: float | None = Field(default=None, gt=0)
    """Budgets of one run where the settings' own (`GONGKAI_PORTAL_BUDGET`, `_REQUESTS`, `_BYTES`) do not fit this portal."""
    budget_requests: int | None = Field(default=None, gt=0)
    budget_bytes: int | None = Field(default=None, gt=0)


class Portal(_Strict):
    """One government body's disclosure site, or its section on a shared host."""

    id: str = Field(pattern=_ID, max_length=64)
    name: str = Field(min_length=1)
    name_en: str | None = None
    level: Literal["central", "province", "city", "county", "township", "department"]
    province: str = Field(min_length=1)
    division_code: str | None = Field(default=None, pattern=r"^\d{6}$")
    """GB/T 2260 code of the division; None for a central body, or where nobody looked it up."""
    base_url: str
    family: Family
    params: dict[str, str | int] = Field(default_factory=dict)
    """Family parameters, such as gkmlpt's `sid`; generic's `dialect` is a name of `gongkai/data/dialects.yaml`."""
    sections: tuple[Section, ...] = ()
    site_id_code: str | None = Field(default=None, pattern=r"^[0-9A-Za-z]{6,20}$")
    """SiteIDCode the pages must carry; with `site_name` the identity check."""
    site_name: str | None = None
    manners: Manners = Manners()
    allow_private: bool = False
    """True lets this portal's own host be a loopback or private address; the sample town needs it, no real portal does."""
    status: str = Field(default="unverified", pattern=r"^(unverified|verified \d{4}-\d{2}-\d{2})$")
    """`verified` with the day on which somebody last reached it with this entry."""
    fact_source: str | None = None

    @property
    def followed(self) -> bool:
        """Whether the night crawls it unasked."""
        return self.status != "unverified"

    @field_validator("params")
    @classmethod
    def _known_dialect(cls, value: dict[str, str | int]) -> dict[str, str | int]:
        dialect = value.get("dialect")
        if dialect is not None and dialect not in load_dialects():
            raise ValueError(f"unknown dialect {dialect} (gongkai/data/dialects.yaml)")
        return value

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        reachable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        if not reachable or "@" in parts.netloc or parts.query or parts.fragment or re.search(r"[\s\\]", value):
            raise ValueError("base_url must be http(s)://host[:port][/path], without credentials or query")
        return value.rstrip("/")

    @field_validator("sections")
    @classmethod
    def _sections_differ(cls, value: tuple[Section, ...]) -> tuple[Section, ...]:
        names = [s.name for s in value]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two sections of one portal have the same name, {twice}")
        return value

    def family_in(self, section: str) -> str:
        """The system a section's pages come from; the portal's own where the registry no longer lists the section."""
        return next((s.family for s in self.sections if s.name == section and s.family), self.family)

    @property
    def host(self) -> str:
        """`host[:port]`: the politeness lane, which portals of one host share whatever their scheme."""
        return urlsplit(self.base_url).netloc.lower()


def registry_schema() -> dict[str, Any]:
    """JSON Schema of a registry file, for editors."""
    portal = Portal.model_json_schema(ref_template="#/$defs/{model}")
    definitions = portal.pop("$defs") | {"Portal": portal}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Gongkai portal registry",
        "type": "object",
        "required": ["portals"],
        "additionalProperties": False,
        "properties": {"portals": {"type": "array", "items": {"$ref": "#/$defs/Portal"}}},
        "$defs": definitions,
    }


def load_registry(path: Path) -> dict[str, Portal]:
    """Portals by id, in file order, from one YAML file or every `*.yaml` below a folder.

    Raises:
        RegistryError: unreadable YAML, unknown key, bad value or duplicate id; names file and line.
    """
    files = [path] if path.is_file() else sorted(path.rglob("*.yaml"))
    if not files:
        raise RegistryError(str(path), None, "no registry file found here")
    portals: dict[str, Portal] = {}
    seen: dict[str, str] = {}
    for file in files:
        for portal, line in _read_file(file):
            if portal.id in portals:
                raise RegistryError(str(file), line, f"duplicate portal id {portal.id!r}, first used at {seen[portal.id]}")
            portals[portal.id] = portal
            seen[portal.id] = f"{file}:{line}"
    return portals


def _read_file(file: Path) -> list[tuple[Portal, int]]:
    root = composed(file)
    entries = _entries(file, root) if root else []  # a file that a shell has just made for `portals new` to write into
    out = []
    for node in entries:
        _refuse_repeated_keys(file, node)
        try:
            value: Any = yaml.constructor.SafeConstructor().construct_document(node)
        except yaml.MarkedYAMLError as error:
            raise not_yaml(file, error) from error
        except ValueError as error:  # a date that no calendar has
            raise RegistryError(str(file), node.start_mark.line + 1, f"a value in this entry: {error}") from error
        try:
            out.append((Portal.model_validate(value), node.start_mark.line + 1))
        except ValidationError as error:
            # A misspelt key shows as two errors, one unknown and one missing: the unknown one is the line to look at.
            first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
            where = ".".join(str(part) for part in first["loc"])
            cause = f"unknown key (known: {_keys_beside(first['loc'])})" if first["type"] == "extra_forbidden" else first["msg"]
            raise RegistryError(str(file), _line_of(node, first["loc"]), f"{where}: {cause}" if where else cause) from error
    return out


def _keys_beside(location: tuple[int | str, ...]) -> str:
    """The keys that may stand where an unknown one does."""
    model = Section if "sections" in location else Manners if "manners" in location else Portal
    return ", ".join(model.model_fields)


def _entries(file: Path, root: yaml.Node | None) -> list[yaml.Node]:
    if not isinstance(root, yaml.MappingNode):
        raise RegistryError(str(file), 1, "expected a mapping with the key `portals`")
    found: list[yaml.Node] | None = None
    for key, value in root.value:
        if key.value != "portals":
            raise RegistryError(str(file), key.start_mark.line + 1, f"unknown key {key.value!r} (only `portals` is known here)")
        if not isinstance(value, yaml.SequenceNode):
            raise RegistryError(str(file), value.start_mark.line + 1, "`portals` must be a list")
        if found is not None:  # YAML itself would let the second list replace the first
            raise RegistryError(
                str(file), key.start_mark.line + 1, "key 'portals' stands twice: entries of one file belong below one of them"
            )
        found = value.value
    if found is None:
        raise RegistryError(str(file), 1, "expected the key `portals`")
    return found


def _refuse_repeated_keys(file: Path, node: yaml.Node) -> None:
    """YAML itself lets a later key win silently."""
    if isinstance(node, yaml.MappingNode):
        keys = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise RegistryError(str(file), key.start_mark.line + 1, "a key must be a word")
            if key.value in keys:
                raise RegistryError(str(file), key.start_mark.line + 1, f"key {key.value!r} stands twice")
            keys.add(key.value)
            _refuse_repeated_keys(file, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(file, item)


def _line_of(node: yaml.Node, location: tuple[int | str, ...]) -> int:
    """The line of the deepest part of `location` that the file holds."""
    line = int(node.start_mark.line) + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            hit = next(((k, v) for k, v in node.value if k.value == part), None)
            if hit is None:
                return line
            line, node = hit[0].start_mark.line + 1, hit[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
