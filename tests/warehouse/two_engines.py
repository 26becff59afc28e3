"""The same planted nights on both engines, loaded, built and published: what a module's tests ask side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from silver_night import NOW

from gongkai.layout import Layout
from gongkai.registry import Portal
from warehouse import marts
from warehouse.engines import Engine, engine_of
from warehouse.load import load
from warehouse.publish import publish

ENGINES = ("duckdb", "postgresql")


def published_on_both(
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    plant: Callable[[Layout], object],
    portals: Sequence[Portal],
    *,
    run_id: str,
    as_of: date,
) -> dict[str, Engine]:
    """Engine by name."""
    engines = {}
    for name in ENGINES:
        layout = Layout(tmp_path_factory.mktemp(f"planted-{name}"))
        engine = engine_of(layout, request.getfixturevalue("postgres").database() if name == "postgresql" else "")
        plant(layout)
        assert load(engine, layout, list(portals), run_id=run_id, now=NOW).failed == []
        marts.build(engine, layout, as_of=as_of, now=NOW)
        publish(engine, run_id=run_id, now=NOW)
        engines[name] = engine
    return engines
