"""The metric dictionary (`data/metrics.yaml`): every number of a report (指标) that has a name, and how documents print it.

The file explains its own keys. Patterns are checked when it is read: they must compile and hold no unbounded quantifier.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from gongkai.data_file import composed, of_package
from gongkai.errors import RegistryError

Era = Literal["N", "S", "P", "A", "B", "W"]
"""Forms of annual reports by time; W: the yearly website table (政府网站工作年度报表)."""
ValueType = Literal["count", "signed", "money", "percent", "mean"]
Held = Literal["rules_made", "rules_published", "normative_made", "normative_published", "interpretations", "items"]
"""What of ours a declared number can be set beside (mart.declared_published)."""

_UNBOUNDED = re.compile(r"(?<!\\)[*+]|\{\d+,\}")
_DIMENSIONS = ("subject", "level")


def _bounded(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groupindex
    except re.error as error:
        raise ValueError(f"not a pattern: {error}") from error
    if _UNBOUNDED.search(pattern):
        raise ValueError(f"unbounded quantifier in {pattern!r}")
    if not set(groups) <= set(_DIMENSIONS):
        raise ValueError(f"only the groups {_DIMENSIONS} become dimensions: {pattern!r}")
    return pattern


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_bounded)]
Labels = Annotated[tuple[str, ...], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Table2(_Strict):
    """A cell of table 2 (主动公开政府信息情况): row label and column heading."""

    row: Labels
    column: Labels


class Table3(_Strict):
    """A row of table 3 (收到和处理政府信息公开申请情况)."""

    labels: Labels
    group: str | None = None
    subtotal_of: str | None = None
    """The group whose 小计 this is."""


class Table4(_Strict):
    """A column of table 4 (政府信息公开行政复议、行政诉讼情况)."""

    group: str
    column: Labels


class Stat(_Strict):
    """A line of the statistics table (统计表) of eras S and P."""

    labels: Labels
    under: str | None = None
    """Words of the line above it that the label belongs to."""


class Website(_Strict):
    """A line of the yearly website table."""

    labels: Labels
    under: str | None = None
    """The heading cell before it that the label belongs to."""


class ProseRule(_Strict):
    """One way a sentence says the metric; the YAML file explains the keys."""

    before: Pattern | None = None
    after: Pattern | None = None
    context: Pattern | None = None
    unless: Pattern | None = None
    parent: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    eras: tuple[Era, ...] = ()
    priority: int = Field(default=0, ge=-3, le=3)
    qualifier: Literal["all"] | None = None

    @model_validator(mode="after")
    def _anchored(self) -> ProseRule:
        if not (self.before or self.after):
            raise ValueError("a rule needs `before` or `after`")
        return self


class Metric(_Strict):
    """One metric: code, meaning, unit, and where and how it is printed."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{2,60}$")
    zh: str = Field(min_length=2)
    en: str = Field(min_length=2)
    unit: str = Field(min_length=1)
    eras: Annotated[tuple[Era, ...], Field(min_length=1)]
    type: ValueType
    dims: tuple[Literal["applicant", "subject", "level", "metric", "site", "site_code"], ...] = ()
    derived: bool = False
    held: Held | None = None
    table2: Table2 | None = None
    table3: Table3 | None = None
    table4: Table4 | None = None
    stat: Stat | None = None
    website: Website | None = None
    prose: tuple[ProseRule, ...] = ()
    zero: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    all: Pattern | None = None

    @model_validator(mode="after")
    def _all_needs_both(self) -> Metric:
        if bool(self.all_of) != (self.all is not None):
            raise ValueError("`all` and `all_of` need each other")
        return self


@dataclass(frozen=True, slots=True)
class MetricDictionary:
    """All metrics by code, in file order."""

    by_code: dict[str, Metric]
    unit_variants: dict[str, tuple[str, ...]]

    def __getitem__(self, code: str) -> Metric:
        return self.by_code[code]


@lru_cache(maxsize=1)
def load_metrics() -> MetricDictionary:
    """The packaged dictionary, read once."""
    with of_package("metrics.yaml") as path:
        return read_metrics(path)


def read_metrics(path: Path) -> MetricDictionary:
    """Read a dictionary file.

    Raises:
        RegistryError: not YAML, unknown key, bad value, duplicate code, unknown code or unit; names file and line.
    """
    root = composed(path)
    parts = _parts(path, root)
    variants = {unit: tuple(forms) for unit, forms in _plain(parts["unit_variants"]).items()}
    metrics: dict[str, Metric] = {}
    lines: dict[str, int] = {}
    for node in parts["metrics"].value:
        line = int(node.start_mark.line) + 1
        metric = _metric(path, node, line)
        if metric.code in metrics:
            raise RegistryError(str(path), line, f"duplicate code {metric.code!r}, first used in line {lines[metric.code]}")
        if metric.unit not in variants:
            raise RegistryError(str(path), line, f"{metric.code}: unit {metric.unit!r} is not listed under `unit_variants`")
        metrics[metric.code], lines[metric.code] = metric, line
    for metric in metrics.values():
        named = {*metric.all_of, *(code for rule in metric.prose for code in rule.parent)}
        if unknown := sorted(named - set(metrics)):
            raise RegistryError(str(path), lines[metric.code], f"{metric.code}: unknown code {unknown[0]!r}")
    return MetricDictionary(metrics, variants)


def _parts(path: Path, root: yaml.Node | None) -> dict[str, yaml.Node]:
    wanted: dict[str, type[yaml.Node]] = {"unit_variants": yaml.MappingNode, "metrics": yaml.SequenceNode}
    parts: dict[str, yaml.Node] = {}
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        line = key.start_mark.line + 1
        if key.value not in wanted or key.value in parts:
            raise RegistryError(str(path), line, f"unknown or repeated key {key.value!r}")
        if not isinstance(value, wanted[key.value]):
            raise RegistryError(str(path), line, f"`{key.value}` has the wrong kind of value")
        parts[key.value] = value
    if set(parts) != set(wanted):
        raise RegistryError(str(path), 1, "expected the keys `unit_variants` and `metrics`")
    return parts


def _metric(path: Path, node: yaml.Node, line: int) -> Metric:
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        if repeated := next((key for key in keys if keys.count(key) > 1), None):
            raise RegistryError(str(path), line, f"key {repeated!r} stands twice")
    value = _plain(node)
    try:
        return Metric.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        code = value.get("code", "?") if isinstance(value, dict) else "?"
        raise RegistryError(str(path), line, f"{code}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _plain(node: yaml.Node) -> Any:
    return yaml.constructor.SafeConstructor().construct_document(node)
