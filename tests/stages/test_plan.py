"""The planner reckons what its page says."""

from pathlib import Path

import pytest

from gongkai.errors import RegistryError
from gongkai.settings import PROJECT
from stages.plan import LOADS, Load, markdown, plan


def test_the_page_is_what_is_reckoned() -> None:
    assert markdown([plan(load) for load in LOADS]) in (PROJECT / "docs" / "planner.md").read_text(encoding="utf-8")


def test_a_small_night_by_hand(tmp_path: Path) -> None:
    costs = tmp_path / "costs.yaml"
    names = ("crawl_process", "list_request", "page", "extract_task", "extract_page", "audit_task", "audit_portal", "load_page", "marts")
    lines = [f"{name}: {{value: {n}, unit: s, zh: 例, source: x}}" for n, name in enumerate((*names, "scheduling"), 1)]
    lines += [f"{name}: {{value: 100, unit: bytes, zh: 例, source: x}}" for name in ("archive_page", "archive_list", "warehouse_page")]
    costs.write_text("\n".join(lines))
    made = plan(Load(name="two", portals=2, lists=3, pages=5, delay=2), costs)
    assert (made.requests, made.lane_seconds) == (16, 16)
    assert (made.crawl, made.extract, made.audit, made.build) == (1 + 6 * 2 + 10 * 3, 2 * 4 + 10 * 5, 6 + 2 * 7, 10 * 8 + 9)
    assert (made.scheduling, made.archive_bytes, made.warehouse_bytes) == (4 * 10, 1600, 1000)
    assert made.seconds(1) == made.core_seconds
    assert made.seconds(1000) == pytest.approx(16 + 89 + (58 + 20 + 40) / 1000), "one portal's lane, and what one core does, stay"
    costs.write_text("page: {value: fast, unit: s, zh: 例, source: x}\n")
    with pytest.raises(RegistryError, match=r"costs\.yaml"):
        plan(Load(name="x", portals=1, lists=1, pages=1), costs)
