"""The shipped dashboards (docker/superset/assets) ask only for what the marts hold, and say the same on both engines.

No Superset here: each dataset, chart and filter is read from its YAML and its SQL is run. The real thing: `make test-bi`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from bundle import assets, bundle, dashboards
from planted_years import HUSHI, LISHI, plant
from silver_night import FIRST, NOW, SECOND, batch, outcome, portal, write

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


def dataset_of(table: str) -> dict[str, Any]:
    return next(d for d in DATASETS.values() if d["table_name"] == table)


def select(expressions: Iterable[str], dataset: dict[str, Any]) -> str:
    return f"SELECT {', '.join(f'({e})' for e in expressions)} FROM {dataset['schema']}.{dataset['table_name']}"  # noqa: S608


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The planted years; a portal whose title would be markup; one that was refused, so that nobody could look."""
    layout = Layout(tmp_path_factory.mktemp(f"dashboards-{request.param}"))
    engine = engine_of(layout, request.getfixturevalue("postgres").database() if request.param == "postgresql" else "")
    plant(layout)
    marked = batch("zashi", FIRST, notices=("n1",), title='杂市<script>"要点"</script>')
    marked["finding"][0]["message"] = "<b>声明</b>"
    write(layout, marked)
    write(layout, batch("xinshi", SECOND), passed=False)
    for portal_id, run, status in (("zashi", FIRST, RunStatus.COMPLETE), ("xinshi", SECOND, RunStatus.QUARANTINED)):
        outcome(layout, portal_id, run, "crawl", RunStatus.COMPLETE, listed=1)
        outcome(layout, portal_id, run, "audit", status)
    load(engine, layout, [LISHI, HUSHI, portal("zashi", "杂市人民政府"), portal("xinshi", "新市人民政府")], run_id=SECOND, now=NOW)
    marts.build(engine, layout, as_of=NOW.date(), now=NOW)
    publish(engine, run_id=SECOND, now=NOW)
    with engine.published() as connection:
        assert connection is not None
        yield connection


def shown(snapshot: Connection, table: str, *names: str, where: str = "true") -> list[tuple[Any, ...]]:
    dataset = dataset_of(table)
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
    counts = shown(snapshot, "portal_completeness", "count_found", "count_late", "count_missing", "count_cannot_see")
    assert counts == [(3, 1, 1, 2)]
    assert shown(snapshot, "portal_completeness", "state_word", where="portal_id = 'xinshi'") == [("not seen 看不到",)]
    status = {row[0]: row[1:] for row in shown(snapshot, "portal_status", "portal_id", "notices_shown", "tasks_shown")}
    assert status == {"xinshi": ("–", "–"), "hushi": ("–", "–"), "lishi": ("9", "2"), "zashi": ("1", "2")}


def test_a_cell_shows_its_figure_or_why_there_is_none(snapshot: Connection) -> None:
    cells = shown(snapshot, "metric_by_city_year", "portal_id", "report_year", "code", "value_shown")
    found = {key: re.sub("<.*?>", "", text) for *key_parts, text in cells if (key := tuple(key_parts))}
    assert {key: text for key, text in found.items() if key[2] in ("app_new_received", "app_carried_in", "app_granted")} == {
        ("lishi", 2024, "app_new_received"): "12",
        ("lishi", 2024, "app_carried_in"): "0",
        ("lishi", 2024, "app_granted"): "blank 空白",
        ("lishi", 2023, "app_new_received"): "8",
        ("lishi", 2023, "app_carried_in"): "not stated 未列出",
        ("lishi", 2023, "app_granted"): "not stated 未列出",
        **{("lishi", 2022, code): "no report 未公开" for code in ("app_new_received", "app_carried_in", "app_granted")},
        **{("hushi", 2024, code): "not seen 看不到" for code in ("app_new_received", "app_carried_in", "app_granted")},
    }
    one = shown(
        snapshot, "metric_by_city_year", "with_value", "zeros", "no_number", "no_report", "not_seen", where="code = 'app_carried_in'"
    )
    assert one == [(1, 1, 1, 1, 1)]
    sums = shown(snapshot, "metric_by_year", "report_year", "total_shown", where="code = 'app_carried_in'")
    assert sorted(sums) == [(2022, "no sum"), (2023, "no sum"), (2024, "0")]


@pytest.mark.parametrize(
    ("table", "column", "metrics"),
    [
        ("verdict", "verdict", {"fails": "fail", "passes": "pass", "uncertain": "uncertain", "not_assessable": "not_assessable"}),
        ("commitment", "status", {"overdue": "overdue", "evidenced": "evidenced", "not_assessable": "not_assessable"}),
        ("number_gap", "state", {"with_gaps": "gaps", "not_seen_whole": "coverage_incomplete"}),
    ],
)
def test_what_could_not_be_judged_has_a_count_and_a_word_of_its_own(
    snapshot: Connection, table: str, column: str, metrics: dict[str, str]
) -> None:
    held = dict(snapshot.query(f"SELECT {column}, count(*) FROM mart.{table} GROUP BY 1"))  # noqa: S608
    assert held
    assert shown(snapshot, table, *metrics) == [tuple(held.get(value, 0) for value in metrics.values())]
    words = dict(shown(snapshot, table, column, f"{column}_word"))
    assert words.keys() == held.keys()
    assert None not in words.values()


def test_a_verdict_names_its_archived_record_and_a_score_how_much_was_judged(snapshot: Connection) -> None:
    expression = columns_of(dataset_of("verdict"))["record"]
    proof = "'20260301T183000Z' AS evidence_run_id, 'crawl.warc.gz' AS evidence_warc_file, 7 AS evidence_warc_offset"
    row = f"(SELECT 'lishi' AS portal_id, {proof}) AS one"
    assert snapshot.query(f"SELECT {expression} FROM {row}") == [("lishi/20260301T183000Z/crawl.warc.gz@7",)]  # noqa: S608
    scores = {p: rest for p, *rest in shown(snapshot, "scorecard", "portal_id", "score_shown", "share_shown", "place_shown")}
    assert scores["xinshi"] == ["nothing judged 无从评估", "0 %", "not comparable 不可比"]


def test_whole_hundreds_keep_their_zeros(snapshot: Connection) -> None:
    expression = columns_of(dataset_of("metric_by_city_year"))["value_shown"]
    row = "(SELECT cast(1200 AS numeric(24, 6)) AS value, NULL AS qualifier, 'number' AS state) AS one"
    assert snapshot.query(f"SELECT {expression} FROM {row}") == [("1200",)]  # noqa: S608


def test_markup_of_a_source_is_text(snapshot: Connection) -> None:
    ((link,), *_) = shown(snapshot, "plan_commitment", "source_link", where="portal_id = 'zashi'")
    assert "<script>" not in link
    assert link.startswith('<a target="_blank" rel="noopener noreferrer" href="http://127.0.0.1:8001/zwgk/n1.html">杂市&lt;script>')
    assert shown(snapshot, "finding", "message_text", where="portal_id = 'zashi'") == [("＜b>声明＜/b>",)]


def test_a_filter_that_is_set_from_the_start_names_a_value_that_there_is(snapshot: Connection) -> None:
    chosen = []
    for board in BOARDS.values():
        for native in board["metadata"]["native_filter_configuration"]:
            for condition in native["defaultDataMask"]["extraFormData"].get("filters", []):
                expression = columns_of(DATASETS[native["targets"][0]["datasetUuid"]])[condition["col"]]
                dataset = DATASETS[native["targets"][0]["datasetUuid"]]
                held = {value for (value,) in snapshot.query(select([expression], dataset))}
                assert set(condition["val"]) <= held
                chosen += condition["val"]
    assert chosen == ["本年新收政府信息公开申请数量 · app_new_received"]


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
        # A metric or column titled like a value of a series takes the value's colour away.
        titles = {part.get("verbose_name") for d in DATASETS.values() for part in (*d["metrics"], *d["columns"])}
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
