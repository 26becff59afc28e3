"""Whose turn a re-walk is, and whom a backfill asks."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from gongkai.errors import GongkaiError
from gongkai.settings import Settings
from stages.context import RunContext, open_context
from stages.turns import rewalk_turn, without_year

_ENTRY = """
  - id: p{n}
    name: 例市
    level: city
    province: 例省
    base_url: http://127.0.0.1:9
    family: generic
    status: verified 2026-01-01
"""


@pytest.fixture
def ctx(tmp_path: Path) -> RunContext:
    registry = tmp_path / "p.yaml"
    registry.write_text("portals:" + "".join(_ENTRY.format(n=n) for n in range(40)))
    ctx = open_context("20260301T183000Z", Settings(home=tmp_path / "home", portals=registry))
    for portal in ctx.registry:
        ctx.layout.raw_run(portal, "20260101T183000Z").mkdir(parents=True)
    return ctx


def test_in_four_weeks_everybody_has_one_turn(ctx: RunContext) -> None:
    days = [f"202603{day:02}T040000Z" for day in range(2, 30)]  # from a Monday, four whole weeks
    turns = [rewalk_turn([], replace(ctx, run_id=day)) for day in days]
    assert all(turns[i] == turns[i - i % 7] for i in range(28)), "a week has one turn, on whichever day it is asked"
    assert Counter(portal for turn in turns[::7] for portal in turn) == Counter(dict.fromkeys(ctx.registry, 1))
    assert rewalk_turn([], replace(ctx, run_id="20260330T040000Z")) == turns[0]


def test_a_portal_crawled_this_week_for_the_first_time_has_no_turn_yet(ctx: RunContext) -> None:
    new = sorted(ctx.registry)[0]
    (was,) = ctx.layout.portal_dir(new).iterdir()
    was.rename(ctx.layout.raw_run(new, "20260228T183000Z"))
    weeks = ["20260301T183000Z", "20260302T183000Z", "20260309T183000Z", "20260316T183000Z"]
    assert [week for week in weeks if new in rewalk_turn([], replace(ctx, run_id=week))] in ([], *([week] for week in weeks[1:]))
    assert new not in rewalk_turn([], ctx)


def test_whom_a_backfill_asks(ctx: RunContext) -> None:
    rows = [
        ("p1", "annual_report", "missing"),
        ("p1", "work_plan", "cannot_see"),
        ("p3", "work_plan", "missing"),
        ("gone", "work_plan", "missing"),
    ]
    asked = []

    def query(sql: str, *values: object) -> list[tuple[str, str, str]]:
        asked.append(values)
        return rows

    @contextmanager
    def published():
        yield SimpleNamespace(query=query)

    night = replace(ctx)
    night.__dict__["engine"] = SimpleNamespace(published=published, published_place="x")
    assert without_year(2025, None, [], night) == {"p1": "annual_report missing, work_plan cannot_see", "p3": "work_plan missing"}
    assert without_year(2025, "work_plan", ["p3"], night) == {"p3": "work_plan missing"}
    assert asked == [(2025, None), (2025, "work_plan")]
    with pytest.raises(GongkaiError, match="nothing published yet"):
        without_year(2025, None, [], ctx)
