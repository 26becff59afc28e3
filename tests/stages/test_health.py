"""Visits to home pages: a real one on loopback, and what a row of them says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gongkai.layout import Layout
from gongkai.ledger import StageOutcome
from gongkai.settings import Settings
from gongkai.status import RunStatus
from samples.town import running_town
from stages.context import open_context
from stages.health import Visit, fetch_visits, stands_still, visit, visits
from stages.shared import stored_portals


def test_a_visit_is_archived_apart_from_the_nights(tmp_path: Path) -> None:
    portals = ["sample-bochuan", "sample-lanqiao", "sample-yanling", "sample-yuanlan"]
    with running_town(tmp_path) as town:
        settings = Settings(home=tmp_path / "home", portals=town.registry, store=f"file://{tmp_path}/store")
        ctx = open_context("20260301T013000Z", settings)
        visit(portals, ctx)
    last = {portal: visits(ctx.layout, portal)[0] for portal in portals}
    assert {portal: v.answered for portal, v in last.items()} == {
        "sample-bochuan": True,
        "sample-lanqiao": False,
        "sample-yanling": False,
        "sample-yuanlan": False,
    }
    assert last["sample-yuanlan"].outcome.status is RunStatus.WRONG_SITE
    assert last["sample-bochuan"].outcome.counts["requests"] == 2 + len(_links(ctx.layout)) == 9
    assert [r["url"].rpartition("/bsfw/")[2] for r in _links(ctx.layout) if r["http_status"] == 404] == ["bszn.html"]
    assert last["sample-bochuan"].words.startswith("answers, ")
    seen = pq.read_table(ctx.layout.health.raw_run("sample-bochuan", ctx.run_id) / "section_outcome.parquet", partitioning=None)
    assert [(row["meta_required"], row["meta_missing"]) for row in seen.to_pylist()] == [(3, [])], "judged as a home page"
    assert not (tmp_path / "home" / "raw").exists() and ctx.layout.ledger_runs() == []
    assert ctx.layout.health.raw_runs("sample-bochuan") == ["20260301T013000Z"]
    assert stored_portals(ctx) == [], "no night of another machine takes a visit for a crawl"
    other = open_context("20260301T013000Z", settings.model_copy(update={"home": tmp_path / "other"}))
    fetch_visits(other)
    assert {portal: visits(other.layout, portal) for portal in portals} == {portal: visits(ctx.layout, portal) for portal in portals}
    assert _links(other.layout) == _links(ctx.layout)


def _links(layout: Layout) -> list[dict[str, Any]]:
    (path,) = layout.health.portal_dir("sample-bochuan").glob("run=*/link_visit.parquet")
    found: list[dict[str, Any]] = pq.read_table(path, partitioning=None).to_pylist()
    return found


def row(*days: tuple[str, RunStatus, date | None]) -> list[Visit]:
    """Visits, newest first."""
    found = []
    for day, status, newest in days:
        run_id = f"{day}T013000Z"
        outcome = StageOutcome(run_id=run_id, portal_id="a", stage="crawl", status=status, started_at="", finished_at="")
        found.append(Visit(run_id, outcome, 20, newest))
    return found


OLD, C = date(2026, 2, 1), RunStatus.COMPLETE


@pytest.mark.parametrize(
    ("found", "still"),
    [
        (row(("20260301", C, OLD), ("20260220", C, OLD), ("20260215", C, OLD)), True),
        (row(("20260301", C, OLD), ("20260220", C, OLD)), False),  # seen over nine days only
        (row(("20260301", C, OLD), ("20260220", RunStatus.BLOCKED, None), ("20260215", C, OLD)), False),  # what was not seen proves nothing
        (row(("20260301", C, date(2026, 2, 20)), ("20260215", C, OLD)), False),
        (row(("20260301", C, None), ("20260215", C, None)), False),
        (row(), False),
    ],
)
def test_standing_still_takes_two_weeks_of_answers(found: list[Visit], still: bool) -> None:
    assert (stands_still(found) is not None) is still
