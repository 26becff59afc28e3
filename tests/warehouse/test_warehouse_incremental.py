"""Marts made night by night, only for what changed, hold what a whole build makes of the same nights; on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from planted_years import HUSHI, LISHI, plant
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


def held(engine: Engine) -> Content:
    schema = engine.dbt_target().output["schema"]
    with engine.reading() as connection:
        return {table: all_rows(connection, place, table, columns) for (place, table), columns in connection.tables(schema).items()}


def differing(one: Content, other: Content) -> dict[str, Any]:
    return {table: (one[table] - other[table], other[table] - one[table]) for table in one if one[table] != other[table]}


@pytest.mark.slow
def test_night_by_night_gives_what_one_whole_build_gives(two: list[tuple[Layout, Engine]]) -> None:
    (layout, engine), (other_layout, other) = two
    day = iter(range(10))

    def load_and_build() -> None:
        load(engine, layout, PORTALS, run_id=THIRD, now=NOW)
        build(engine, layout, AS_OF - timedelta(days=10 - next(day)))

    nights(layout, load_and_build)
    build(engine, layout)  # nothing was loaded; only the day moves on
    nights(other_layout, lambda: load(other, other_layout, PORTALS, run_id=THIRD, now=NOW))
    build(other, other_layout)
    assert differing(held(engine), held(other)) == {}
    assert held(engine)["plan_commitment"].total() == 7


@pytest.mark.slow
def test_a_batch_that_is_read_anew_loses_what_it_no_longer_holds(two: list[tuple[Layout, Engine]]) -> None:
    (layout, engine), (other_layout, other) = two
    for place, warehouse in two:
        plant(place)
        write(place, batch("xinshi", SECOND, notices=("n1", "n2")))
        load(warehouse, place, [LISHI, HUSHI, PORTALS[2]], run_id=SECOND, now=NOW)
    build(engine, layout)
    before = basis(engine)
    for place, warehouse in two:
        write(place, batch("xinshi", SECOND, notices=("n1",), tasks=1))
        load(warehouse, place, [LISHI, HUSHI, PORTALS[2]], run_id=SECOND, now=NOW)
    build(engine, layout)
    assert basis(engine) == before
    build(other, other_layout)
    assert differing(held(engine), held(other)) == {}
    assert not [row for row in held(engine)["notice"] if "xinshi-n2" in row]


def test_a_renamed_portal_is_renamed_in_every_mart(two: list[tuple[Layout, Engine]]) -> None:
    layout, engine = two[0]
    plant(layout)
    load(engine, layout, [LISHI, HUSHI], run_id=SECOND, now=NOW)
    build(engine, layout)
    load(engine, layout, [LISHI.model_copy(update={"name": "例新市人民政府"}), HUSHI], run_id=SECOND, now=NOW)
    build(engine, layout)
    schema = engine.dbt_target().output["schema"]
    with engine.reading() as connection:
        assert connection.query(f"SELECT DISTINCT portal_name FROM {schema}.plan_unit") == [("例新市人民政府",)]  # noqa: S608
