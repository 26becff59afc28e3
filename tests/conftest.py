"""Fixtures for every room: a PostgreSQL server of our own, and each engine in turn."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from own_postgres import Server, running
from ready_dbt import ready_dbt
from xdist.scheduler import LoadFileScheduling

from gongkai.layout import Layout
from warehouse.engines import Engine, engine_of

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as in the Makefile: hundreds of processes would compile all they import
sys.dont_write_bytecode = False

ENGINES = ("duckdb", "postgresql")
EngineOf = Callable[[Layout], Engine]

_ROOMS = ("warehouse", "night", "docker", "samples", "dags", "expectations", "crawlers", "stages")
"""Rooms with long files come first: two workers end together where the last files are short. Nights not at once: mypy runs then."""
_TOGETHER = {
    f"tests/warehouse/test_{name}.py": "both" for name in ("morning_published", "report_site", "warehouse_export", "warehouse_questions")
}
"""Files whose tests share what is dear to make (tests/warehouse/conftest.py) run on one worker, one after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> tuple[int, bool]:
        file = item.nodeid.partition("::")[0]
        room = file.split("/")[1]
        return _ROOMS.index(room) if room in _ROOMS else len(_ROOMS), file not in _TOGETHER

    items.sort(key=turn)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return _ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


class _ByFile(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return _TOGETHER.get(file, file)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for this session; `postgres.database()` gives the URL of an empty database."""
    with running() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _dbt_is_ready() -> Iterator[None]:
    """Builds that tests start themselves wait for no new dbt."""
    with ready_dbt():
        yield


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> str:
    """The setting GONGKAI_WAREHOUSE: empty for DuckDB, else an empty database."""
    if request.param == "duckdb":
        return ""
    server: Server = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture
def engine(layout: Layout, url: str) -> Engine:
    return engine_of(layout, url)


@pytest.fixture(params=ENGINES)
def engine_for(request: pytest.FixtureRequest) -> EngineOf:
    """For tests that need several warehouses of one kind."""

    def fresh(layout: Layout) -> Engine:
        return engine_of(layout, "" if request.param == "duckdb" else request.getfixturevalue("postgres").database())

    return fresh
