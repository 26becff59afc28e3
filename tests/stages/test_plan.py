"""The planner: its arithmetic by hand, its page as computed today, and a wrong file of costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongkai.errors import RegistryError
from gongkai.settings import PROJECT, Settings
from stages.plan_command import AUDIT_BATCH, BATCH, FIRST, NIGHTS, UNIT_COSTS, UnitCosts, Work, plan, table, unit_costs

_ONE = {"unit": "of each", "source": "invented", "measured": "2026-01-01"}


def _costs(**values: float) -> UnitCosts:
    return UnitCosts.model_validate({name: {"value": values.get(name, 1.0), **_ONE} for name in UnitCosts.model_fields})


def test_a_plan_is_the_sum_of_its_units() -> None:
    work = Work("a night", portals=60, lists=3, notices=2)
    found = plan(
        work, _costs(crawl_page=0.5, extract_page=0.25, task_start=2, crawl_start=10, audit_start=7, archive_page=1000, silver_notice=30)
    )
    assert found.requests == 300
    assert found.cpu == 300 * 0.5 + 3 * 10 + 120 * 0.25 + 60 * 2 + 7
    assert (found.wall, found.limit) == (found.cpu / 2, "processor")
    assert (found.archive, found.silver, found.warehouse) == (300_000, 3600, 120)
    polite = plan(work, _costs(**dict.fromkeys(UnitCosts.model_fields, 0.001)))
    assert (polite.wall, polite.limit, polite.machines) == (2 * 5, "politeness", 1)


def test_the_page_shows_what_is_reckoned_today() -> None:
    page = (PROJECT / "docs" / "planner.md").read_text(encoding="utf-8")
    costs = unit_costs()
    assert table([plan(work, costs) for work in NIGHTS + FIRST]) in page, "write it anew: gongkai plan"
    for name in UnitCosts.model_fields:
        assert f"| {name} | {getattr(costs, name).value:g} | {getattr(costs, name).unit} |" in page


def test_it_reckons_with_the_default_batches() -> None:
    assert tuple(Settings.model_fields[name].default for name in ("batch_size", "audit_batch_size")) == (BATCH, AUDIT_BATCH)


def test_a_cost_without_origin_or_value_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "unit_costs.yaml"
    wrong.write_text(UNIT_COSTS.read_text(encoding="utf-8").replace(", source:", ", sauce:", 1), encoding="utf-8")
    with pytest.raises(RegistryError, match=r"unit_costs\.yaml: .*crawl_page.*source"):
        unit_costs(wrong)
