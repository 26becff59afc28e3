"""`gongkai plan`: what a night and a first crawl cost in requests, time and room, reckoned from measured unit costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil
from pathlib import Path

import click
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gongkai.errors import RegistryError
from gongkai.settings import PROJECT

UNIT_COSTS = PROJECT / "gongkai" / "data" / "unit_costs.yaml"
DELAY, LANES, BATCH, AUDIT_BATCH, CORES = 1.0, 50, 25, 200, 2
"""Seconds between two requests to a portal; portals at once on one machine (two crawl processes of a batch each); the default settings."""
WINDOW = 6 * 3600.0
"""Seconds from half past two until somebody looks."""
_GB = 1e9


class Cost(BaseModel):
    """One measured number with its origin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float = Field(gt=0)
    unit: str
    source: str
    measured: date


class UnitCosts(BaseModel):
    """unit_costs.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    crawl_page: Cost
    crawl_start: Cost
    extract_page: Cost
    task_start: Cost
    audit_start: Cost
    archive_page: Cost
    silver_notice: Cost
    warehouse_notice: Cost


@dataclass(frozen=True)
class Work:
    """What is asked of how many portals: list pages and new notices of each."""

    name: str
    portals: int
    lists: int
    notices: int


@dataclass(frozen=True)
class Plan:
    """What it comes to on one machine. Seconds and bytes."""

    work: Work
    requests: int
    cpu: float
    wall: float
    """The later of two: the processor is through, or the politest lanes are."""
    limit: str
    archive: float
    silver: float
    warehouse: float

    @property
    def machines(self) -> int:
        """How many of two cores end within WINDOW."""
        return ceil(self.wall / WINDOW)


NIGHTS = (Work("a night, 400 portals", 400, 30, 20), Work("a night, every county", 3000, 30, 20))
FIRST = (Work("first crawl, 400 portals", 400, 50, 5000), Work("first crawl, every county", 3000, 50, 5000))


def unit_costs(path: Path = UNIT_COSTS) -> UnitCosts:
    """The measured costs. Raises RegistryError that names the file and what is wrong in it."""
    try:
        return UnitCosts.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise RegistryError(str(path), None, " ".join(str(error).split())) from error


def plan(work: Work, costs: UnitCosts) -> Plan:
    """Reckon one kind of work; attachments, dbt and the machine's own life are not in it."""
    notices = work.portals * work.notices
    requests = work.portals * (work.lists + work.notices)
    cpu = (
        requests * costs.crawl_page.value
        + ceil(work.portals / BATCH) * costs.crawl_start.value
        + notices * costs.extract_page.value
        + work.portals * costs.task_start.value
        + ceil(work.portals / AUDIT_BATCH) * costs.audit_start.value
    )
    lanes = ceil(work.portals / LANES) * (work.lists + work.notices) * DELAY
    return Plan(
        work=work,
        requests=requests,
        cpu=cpu,
        wall=max(cpu / CORES, lanes),
        limit="processor" if cpu / CORES > lanes else "politeness",
        archive=requests * costs.archive_page.value,
        silver=notices * costs.silver_notice.value,
        warehouse=notices * costs.warehouse_notice.value,
    )


def table(plans: list[Plan]) -> str:
    """A Markdown table, one line a kind of work."""
    head = "| work | portals | notices | requests | processor | wall | limited by | archive | silver | warehouse | machines |"
    lines = [head, "|---" * 11 + "|"]
    for p in plans:
        cells = [p.work.name, f"{p.work.portals:,}", f"{p.work.portals * p.work.notices:,}", f"{p.requests:,}"]
        cells += [
            _time(p.cpu),
            _time(p.wall),
            p.limit,
            *(f"{b / _GB:,.2f} GB" for b in (p.archive, p.silver, p.warehouse)),
            str(p.machines),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _time(seconds: float) -> str:
    return f"{seconds / 3600:,.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"


@click.command("plan")
@click.option("--portals", type=click.IntRange(1), help="Another number of portals than 400 and 3,000.")
@click.option("--lists", type=click.IntRange(1), default=30, show_default=True, help="List pages a portal and night (with --portals).")
@click.option("--notices", type=click.IntRange(0), default=20, show_default=True, help="New notices a portal and night (with --portals).")
def plan_table(portals: int | None, lists: int, notices: int) -> None:
    """Requests, time, room and machines for a night and a first crawl, from measured unit costs (docs/planner.md)."""
    works = (Work("a night", portals, lists, notices),) if portals else NIGHTS + FIRST
    costs = unit_costs()
    click.echo(table([plan(work, costs) for work in works]))
