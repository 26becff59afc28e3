"""Batches share the work evenly, and an empty registry is not a quiet night."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.errors import GongkaiError
from gongkai.settings import Settings
from stages.batches import audit_batches, balanced, crawl_batches
from stages.context import open_context


@given(st.dictionaries(st.text(min_size=1, max_size=6), st.integers(0, 5000), max_size=60), st.integers(1, 30))
def test_every_portal_is_in_one_batch_and_none_is_far_above_the_mean(work: dict[str, int], size: int) -> None:
    batches = balanced(work, size)
    assert sorted(name for batch in batches for name in batch) == sorted(work)
    assert len(batches) == -(-len(work) // size)
    if batches:
        loads = [sum(work[name] for name in batch) for batch in batches]
        assert max(loads) <= sum(loads) / len(batches) + max(work.values())


def test_an_empty_registry_is_an_error(tmp_path: Path) -> None:
    registry = tmp_path / "none.yaml"
    registry.write_text("portals: []\n", encoding="utf-8")
    with pytest.raises(GongkaiError, match="no portal to follow"):
        crawl_batches([], open_context(settings=Settings(home=tmp_path, portals=registry)))


def test_an_unverified_portal_is_crawled_only_when_named(tmp_path: Path) -> None:
    entry = """
  - id: {id}
    name: 例市
    level: city
    province: 例省
    base_url: http://127.0.0.1:9
    family: generic
    status: {status}
"""
    registry = tmp_path / "two.yaml"
    registry.write_text(
        "portals:" + entry.format(id="known", status="unverified") + entry.format(id="reached", status="verified 2026-03-01")
    )
    context = open_context(settings=Settings(home=tmp_path, portals=registry))
    assert crawl_batches([], context) == [["reached"]]
    assert crawl_batches(["known"], context) == [["known"]]


def test_portals_of_one_host_stay_in_one_process(tmp_path: Path) -> None:
    shown = "\n".join(
        f"  - {{id: p{n}, name: 例市, level: city, province: 例省, base_url: '{base}', family: generic, status: verified 2026-03-01}}"
        for n, base in enumerate(("http://one.example", "http://two.example", "http://three.example", "https://ONE.example/dept"))
    )
    registry = tmp_path / "four.yaml"
    registry.write_text(f"portals:\n{shown}\n", encoding="utf-8")
    context = open_context(settings=Settings(home=tmp_path, portals=registry, batch_size=1))
    assert sorted(crawl_batches([], context)) == [["p0", "p3"], ["p1"], ["p2"]]


def test_audits_take_many_portals_each_once(tmp_path: Path) -> None:
    ctx = open_context(settings=Settings(home=tmp_path, portals=Path("portals"), audit_batch_size=3))
    assert audit_batches(["a", "b", "c", "d"], ctx) == [["a", "b", "c"], ["d"]]
    assert audit_batches([], ctx) == []
