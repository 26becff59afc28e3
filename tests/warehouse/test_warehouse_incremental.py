"""Marts made night by night, only for what changed, hold what a whole build makes of the same nights; on both engines."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from silver_night import NOW, SECOND, THIRD, batch, write
from three_nights import AS_OF, PORTALS, nights

from gongkai.layout import Layout
from warehouse import marts
from warehouse.compare import Content, all_rows
from warehouse.engines import Engine, engine_of
from warehouse.load import load


@pytest.fixture(params=["duckdb", "postgresql"])
def two(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Layout, Engine]]:
    """Two empty warehouses of one engine."""
    made = []
    for _ in range(2):
        layout = Layout(tmp_path_factory.mktemp("increments"))
        url = request.getfixturevalue("postgres").database() if request.param == "postgresql" else ""
        made.append((layout, engine_of(layout, url)))
    return made


def build(engine: Engine, layout: Layout, day: date = AS_OF) -> None:
    marts.build(engine, layout, as_of=day, now=NOW)


def basis(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.reading() as connection:
        return connection.query("SELECT fingerprint FROM silver.mart_basis")


_OF_BUILDS = ("commitment_status", "scorecard_history")
"""What builds saw, one after the other; a single whole build saw one day."""


def held(engine: Engine) -> Content:
    schema = engine.dbt_target().output["schema"]
    with engine.reading() as connection:
        tables = {key: columns for key, columns in connection.tables(schema).items() if key[1] not in _OF_BUILDS}
        return {table: all_rows(connection, place, table, columns) for (place, table), columns in tables.items()}


def differing(one: Content, other: Content) -> dict[str, Any]:
    return {table: (one[table] - other[table], other[table] - one[table]) for table in one if one[table] != other[table]}


@pytest.mark.slow
def test_night_by_night_gives_what_one_whole_build_gives(two: list[tuple[Layout, Engine]]) -> None:
    """The three nights and another portal's, then a batch read anew that lost a notice and a task; at last a portal's new name."""
    (layout, engine), (other_layout, other) = two
    rests, loads = set(), itertools.count()

    def night_after_night() -> None:
        load(engine, layout, PORTALS, run_id=THIRD, now=NOW)
        if next(loads) in (1, 4):
            build(engine, layout, AS_OF - timedelta(days=2))
            rests.add(str(basis(engine)))

    for place in (layout, other_layout):
        write(place, batch("xinshi", SECOND, notices=("n1", "n2")))
    nights(layout, night_after_night)
    nights(other_layout, lambda: load(other, other_layout, PORTALS, run_id=THIRD, now=NOW))
    for place, warehouse in two:
        write(place, batch("xinshi", SECOND, notices=("n1",), tasks=1))
        load(warehouse, place, PORTALS, run_id=THIRD, now=NOW)
        build(warehouse, place)
    rests.add(str(basis(engine)))
    assert len(rests) == 1  # the models and the registry were the same: only what was touched was made
    assert differing(held(engine), held(other)) == {}
    assert sorted(row[2] for row in held(engine)["notice"]) == ["lishi-n1", "lishi-n2", "lishi-n3", "xinshi-n1"]
    assert held(engine)["plan_commitment"].total() == 8

    load(engine, layout, [p.model_copy(update={"name": f"新{p.name}"}) for p in PORTALS], run_id=THIRD, now=NOW)
    assert not marts._begin(engine, AS_OF, NOW).stands  # the name stands in every mart: all is made anew
    assert basis(engine) == []
