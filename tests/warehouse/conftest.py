"""Two nights with planted faults on both engines: what documented questions, the dictionary and exports are tried on."""

from __future__ import annotations

from datetime import date

import pytest
from planted_years import HUSHI, LISHI, plant
from silver_night import SECOND
from two_engines import published_on_both

from warehouse.engines import Engine


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Engine]:
    """Engine by name, loaded and published. Whoever shares it (tests/conftest.py: _TOGETHER) leaves it as it was."""
    return published_on_both(tmp_path_factory, request, plant, [LISHI, HUSHI], run_id=SECOND, as_of=date(2026, 3, 4))
