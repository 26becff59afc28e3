"""Two nights with planted faults on both engines: what documented questions, the dictionary and exports are tried on."""

from __future__ import annotations

from datetime import date

import pytest
from planted_years import HUSHI, LISHI, plant
from silver_night import NOW, SECOND

from gongkai.layout import Layout
from warehouse import marts
from warehouse.engines import Engine, engine_of
from warehouse.load import load
from warehouse.publish import publish


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Engine]:
    """Engine by name, loaded and published."""
    engines = {}
    for name in ("duckdb", "postgresql"):
        layout = Layout(tmp_path_factory.mktemp(f"years-{name}"))
        engine = engine_of(layout, request.getfixturevalue("postgres").database() if name == "postgresql" else "")
        plant(layout)
        assert load(engine, layout, [LISHI, HUSHI], run_id=SECOND, now=NOW).failed == []
        marts.build(engine, layout, as_of=date(2026, 3, 4), now=NOW)
        publish(engine, run_id=SECOND, now=NOW)
        engines[name] = engine
    return engines
