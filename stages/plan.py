"""The planner (容量规划): what a night, and a first crawl, of so many portals takes, from measured unit costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from gongkai.data_file import composed
from gongkai.errors import RegistryError
from gongkai.settings import PROJECT, Settings

COSTS = PROJECT / "gongkai" / "data" / "unit_costs.yaml"
_BATCH = int(Settings.model_fields["batch_size"].default)
_AUDIT_BATCH = int(Settings.model_fields["audit_batch_size"].default)
_CORES = 2


class UnitCost(BaseModel):
    """One line of `unit_costs.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float
    unit: Literal["s", "bytes"]
    zh: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is asked of the system: each portal's list requests and new pages, with `delay` seconds between two requests to one host."""

    name: str
    portals: int
    lists: int
    pages: int
    delay: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What it takes."""

    load: Load
    requests: int
    lane_seconds: float
    """How long the slowest possible thing, one portal's lane, takes: no machine is faster."""
    crawl: float
    extract: float
    audit: float
    build: float
    """Load and marts."""
    scheduling: float
    archive_bytes: float
    warehouse_bytes: float

    @property
    def core_seconds(self) -> float:
        return self.crawl + self.extract + self.audit + self.build + self.scheduling

    def seconds(self, cores: int = _CORES) -> float:
        """Wall time: crawl and its lanes, then the rest; extract and audit run on all cores, load and marts on one."""
        return max(self.crawl / cores, self.lane_seconds) + (self.extract + self.audit + self.scheduling) / cores + self.build


def plan(load: Load, path: Path = COSTS) -> Plan:
    """Reckon; raises RegistryError where the file of unit costs is wrong."""
    cost = _costs(path)
    n, pages = load.portals, load.portals * load.pages
    return Plan(
        load=load,
        requests=n * load.lists + pages,
        lane_seconds=(load.lists + load.pages) * load.delay,
        crawl=ceil(n / _BATCH) * cost["crawl_process"] + n * load.lists * cost["list_request"] + pages * cost["page"],
        extract=n * cost["extract_task"] + pages * cost["extract_page"],
        audit=ceil(n / _AUDIT_BATCH) * cost["audit_task"] + n * cost["audit_portal"],
        build=pages * cost["load_page"] + cost["marts"],
        scheduling=(n + ceil(n / _BATCH) + ceil(n / _AUDIT_BATCH)) * cost["scheduling"],
        archive_bytes=n * load.lists * cost["archive_list"] + pages * cost["archive_page"],
        warehouse_bytes=pages * cost["warehouse_page"],
    )


def _costs(path: Path) -> dict[str, float]:
    composed(path)  # names the line of what is not YAML
    try:
        return {name: UnitCost.model_validate(given).value for name, given in yaml.safe_load(path.read_text(encoding="utf-8")).items()}
    except ValidationError as error:
        raise RegistryError(str(path), None, error.errors()[0]["msg"]) from error


LOADS = (
    Load(name="a night of 400 portals", portals=400, lists=30, pages=20),
    Load(name="a night of every county", portals=3000, lists=30, pages=20),
    Load(name="a quiet night of 400 portals", portals=400, lists=8, pages=1),
    Load(name="a quiet night of every county", portals=3000, lists=8, pages=1),
    Load(name="the first crawl of 400 portals", portals=400, lists=50, pages=5000),
    Load(name="the first crawl of every county", portals=3000, lists=50, pages=2000),
)


def markdown(plans: Sequence[Plan]) -> str:
    """The table of docs/planner.md."""
    times = ("one portal's lane", "crawl", "extract", "audit", "load, marts", "scheduling", "whole, 2 cores", "8 cores")
    head = f"| {' | '.join(('what', 'requests', *times, 'archive', 'warehouse'))} |"
    lines = [head, "|---|" + "---:|" * 11]
    for p in plans:
        parts = [_time(s) for s in (p.lane_seconds, p.crawl, p.extract, p.audit, p.build, p.scheduling, p.seconds(2), p.seconds(8))]
        lines.append(f"| {p.load.name} | {p.requests:,} | {' | '.join(parts)} | {_size(p.archive_bytes)} | {_size(p.warehouse_bytes)} |")
    return "\n".join(lines) + "\n"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _size(count: float) -> str:
    return f"{count / 1e6:.0f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"
