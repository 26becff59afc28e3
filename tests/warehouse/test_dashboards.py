"""The shipped dashboards (docker/superset/assets) ask only for what the marts hold, and say the same on both engines.

No Superset here: each dataset, chart and filter is read from its YAML and its SQL is run. The real thing: `make test-bi`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from bundle import assets, bundle, dashboards
from silver_night import FIRST, NOW, SECOND, batch, filled, outcome, portal, write

from gongkai.layout import Layout
from gongkai.status import RunStatus
from warehouse import marts
from warehouse.engines import Connection, engine_of
from warehouse.load import load
from warehouse.publish import publish

ASSETS = assets()
DATASETS = {a["uuid"]: a for name, a in ASSETS.items() if name.startswith("datasets/")}
CHARTS = {a["uuid"]: a for name, a in ASSETS.items() if name.startswith("charts/")}
BOARDS = {a["slug"]: a for name, a in ASSETS.items() if name.startswith("dashboards/")}
_TYPES = {"text": "VARCHAR", "timestamp without time zone": "TIMESTAMP", "double precision": "DOUBLE", "TEXT[]": "VARCHAR[]"}
_COLUMN_KEYS = ("groupby", "groupbyRows", "groupbyColumns", "all_columns", "x_axis")


def columns_of(dataset: dict[str, Any]) -> dict[str, str]:
    """SQL of each column by name: an expression, or the mart's column."""
    return {c["column_name"]: c.get("expression") or c["column_name"] for c in dataset["columns"]}


def metrics_of(dataset: dict[str, Any]) -> dict[str, str]:
    return {m["metric_name"]: m["expression"] for m in dataset["metrics"]}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def sql_of(chart: dict[str, Any]) -> str:
    """The question that Superset asks for a chart. KeyError names what its dataset does not have."""
    params, dataset = chart["params"], DATASETS[chart["dataset_uuid"]]
    columns, metrics = columns_of(dataset), metrics_of(dataset)
    shown = [columns[name] for key in _COLUMN_KEYS for name in listed(params.get(key))]
    asked = [metrics[n] for k in ("metrics", "metric", "timeseries_limit_metric") for n in listed(params.get(k))]
    if params.get("x_axis_sort"):
        asked.append(metrics[params["x_axis_sort"]])
    wanted = []
    for condition in params["adhoc_filters"]:
        operand = {"IS NOT NULL": "", "==": f"'{condition['comparator']}'"}[condition["operator"]]
        wanted.append(f"({columns[condition['subject']]}) {condition['operator'].replace('==', '=')} {operand}")
    query = select([*shown, *asked], dataset)
    if wanted:
        query += f" WHERE {' AND '.join(wanted)}"
    if asked and shown:
        query += f" GROUP BY {', '.join(str(n + 1) for n in range(len(shown)))}"
    return query


def select(expressions: Iterable[str], dataset: dict[str, Any]) -> str:
    return f"SELECT {', '.join(f'({e})' for e in expressions)} FROM {dataset['schema']}.{dataset['table_name']}"  # noqa: S608


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """lishi was seen whole, hushi was refused; a zero, a blank, a round number, and a title that would be markup."""
    layout = Layout(tmp_path_factory.mktemp(f"dashboards-{request.param}"))
    engine = engine_of(layout, request.getfixturevalue("postgres").database() if request.param == "postgresql" else "")
    seen = batch("lishi", FIRST, notices=("n1",), title='例市<script>"要点"</script>')
    grain = {k: seen["document"][0][k] for k in ("portal_id", "run_id", "notice_id", "version", "document_id", "extractor_version")}
    seen["metric_value"].append(
        filled("metric_value", **grain, seq=9, code="round", label="<b>", value=Decimal(1200), state="number", dimensions={})
    )
    write(layout, seen)
    write(layout, batch("hushi", SECOND), passed=False)
    for portal_id, run, status in (("lishi", FIRST, RunStatus.COMPLETE), ("hushi", SECOND, RunStatus.QUARANTINED)):
        outcome(layout, portal_id, run, "crawl", RunStatus.COMPLETE, listed=1)
        outcome(layout, portal_id, run, "audit", status)
    load(engine, layout, [portal("lishi"), portal("hushi", "湖市人民政府")], run_id=SECOND, now=NOW)
    marts.build(engine, layout, as_of=NOW.date(), now=NOW)
    publish(engine, run_id=SECOND, now=NOW)
    with engine.published() as connection:
        assert connection is not None
        yield connection


def shown(snapshot: Connection, table: str, *names: str, where: str = "true") -> list[tuple[Any, ...]]:
    dataset = next(d for d in DATASETS.values() if d["table_name"] == table)
    parts = columns_of(dataset) | metrics_of(dataset)
    return snapshot.query(f"{select([parts[n] for n in names], dataset)} WHERE {where}")


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d["table_name"])
def test_each_column_of_a_dataset_stands_in_its_mart_with_its_type(snapshot: Connection, dataset: dict[str, Any]) -> None:
    held = {n: _TYPES.get(t, t.upper()) for n, t in snapshot.column_types(dataset["schema"], dataset["table_name"]).items()}
    said = {c["column_name"]: c["type"] for c in dataset["columns"] if "expression" not in c}
    assert {name: held.get(name, "no such column").split("(")[0].replace("NUMERIC", "DECIMAL") for name in said} == {
        name: kind.split("(")[0] for name, kind in said.items()
    }


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d["table_name"])
def test_each_expression_of_a_dataset_runs(snapshot: Connection, dataset: dict[str, Any]) -> None:
    assert len(snapshot.query(f"{select(columns_of(dataset).values(), dataset)} LIMIT 1")) <= 1
    assert len(snapshot.query(select(metrics_of(dataset).values(), dataset))) == 1


@pytest.mark.parametrize("chart", CHARTS.values(), ids=lambda c: c["slice_name"])
def test_each_chart_gets_an_answer(snapshot: Connection, chart: dict[str, Any]) -> None:
    answer = snapshot.query(sql_of(chart))
    if chart["viz_type"] == "big_number_total":
        assert len(answer) == 1


def test_not_seen_is_no_missing_and_no_zero(snapshot: Connection) -> None:
    assert shown(snapshot, "portal_completeness", "count_missing", "count_cannot_see", "count_found") == [(0, 1, 1)]
    (word,) = shown(snapshot, "portal_completeness", "state_word", where="portal_id = 'hushi'")[0]
    assert word == "not seen 看不到"
    status = {row[0]: row[1:] for row in shown(snapshot, "portal_status", "portal_id", "notices_shown", "tasks_shown")}
    assert status["hushi"] == ("–", "–")
    assert status["lishi"] == ("1", "2")


def test_a_figure_is_shown_as_it_stands_and_a_blank_says_so(snapshot: Connection) -> None:
    values = dict(shown(snapshot, "report_metric", "seq", "value_shown"))
    assert values[0] == "0"
    assert values[1] == "1"
    assert values[9] == "1200"
    assert "blank 空白" in values[2]
    assert shown(snapshot, "report_metric", "cells", "numbers", "zeros", "no_value") == [(4, 3, 1, 1)]


def test_markup_of_a_source_is_text(snapshot: Connection) -> None:
    (link,) = shown(snapshot, "plan_commitment", "source_link")[0]
    assert "<script>" not in link
    assert link.startswith('<a target="_blank" rel="noopener noreferrer" href="http://127.0.0.1:8001/zwgk/n1.html">例市&lt;script>')
    assert shown(snapshot, "report_metric", "label_text", where="seq = 9") == [("＜b>",)]


def test_dashboards_hold_their_charts_and_filters_and_colours_stay_apart() -> None:
    on_boards = {}
    for slug, board in BOARDS.items():
        parts = [part for part in board["position"].values() if isinstance(part, dict)]
        places = {part["id"]: part for part in parts}
        assert all(child in places for part in parts for child in part.get("children", [])), slug
        for part in parts:
            if part["type"] == "CHART":
                on_boards[part["meta"]["uuid"]] = part["meta"]["sliceName"]
        for native in board["metadata"]["native_filter_configuration"]:
            for target in native["targets"]:
                assert target["column"]["name"] in columns_of(DATASETS[target["datasetUuid"]]), (slug, native["name"])
        # A metric titled like a value of a series takes the value's colour away.
        titles = {m["verbose_name"] for d in DATASETS.values() for m in d["metrics"]}
        assert titles.isdisjoint(board["metadata"]["label_colors"]), slug
    assert on_boards == {uuid: chart["slice_name"] for uuid, chart in CHARTS.items()}
    assert sorted(dashboards()) == sorted(BOARDS)
    assert len(dashboards()["gongkai-completeness"]) == 9


def test_pivots_name_their_columns_where_a_dashboard_looks_for_titles() -> None:
    for chart in CHARTS.values():
        if chart["viz_type"] == "pivot_table_v2":
            params = chart["params"]
            assert params["all_columns"] == params["groupbyRows"] + params["groupbyColumns"], chart["slice_name"]


def test_the_same_files_serve_two_databases_with_ids_of_their_own(tmp_path: Path) -> None:
    left, right = bundle("duckdb", "duckdb:////x/current.duckdb"), bundle("postgresql", "postgresql+psycopg2://r@h/n")
    assert left.keys() == right.keys() == ASSETS.keys()
    ids = [{yaml.safe_load(text).get("uuid") for text in side.values()} - {None} for side in (left, right)]
    assert len(ids[0]) == len(ids[1]) == len(DATASETS) + len(CHARTS) + len(BOARDS) + 1
    assert ids[0].isdisjoint(ids[1])
    database = yaml.safe_load(left["databases/gongkai.yaml"])
    assert database["sqlalchemy_uri"] == "duckdb:////x/current.duckdb"
    assert database["allow_dml"] is False
    assert database["extra"]["engine_params"]["connect_args"] == {"read_only": True, "config": {"enable_external_access": "false"}}
    described = yaml.safe_load(right["datasets/plan_commitment.yaml"])
    assert described["description"].startswith("工作任务")
