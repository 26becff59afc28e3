"""Build the marts: what is reckoned from many notices, then one `dbt build` (models and their tests) in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from gongkai.errors import MartsUnsound, WarehouseError
from gongkai.identity import digest
from gongkai.layout import Layout
from gongkai.status import ReadingStatus, RunStatus
from warehouse import search_index
from warehouse.areas import load_areas_of_notices
from warehouse.commitments import load_commitments, record_statuses
from warehouse.dbt_process import PROJECT, Dbt, one_line, run_dbt, starting
from warehouse.engines.contract import DbtTarget, Engine, statement
from warehouse.publish import MART_BUILD
from warehouse.scorecards import refresh as scorecards
from warehouse.scorecards.tables import MADE
from warehouse.touched import MART_BASIS, registry_fingerprint

MADE_AFTER_DBT = {search_index.SEARCH_PASSAGE.name, *(table.name for table in MADE)}
_GOOD = {"success", "pass"}
_TOLD = 5  # failures of one build that are named
_TOLD_ROWS = 10  # of each: one test holds all rules of a mart
_MAKERS = ("model.", "seed.", "snapshot.")  # what leaves a table


@dataclass(frozen=True, kw_only=True)
class MartSummary:
    """What a successful build did."""

    models: int
    tests: int
    seconds: float


def build(engine: Engine, layout: Layout, *, as_of: date, now: datetime) -> MartSummary:
    """Rebuild schema `mart` from `silver` and test it. `as_of` is the day against which commitments are due and data is old.

    Raises:
        MartsUnsound: a test failed (it is named, with the first rows that it found).
        WarehouseError: a model failed, dbt could not run, or another load came in between.
            What was built is not published.
    """
    target = engine.dbt_target()
    with engine.holding(), starting(target, layout.dbt) as dbt:
        basis = _begin(engine, as_of, now)
        dbt.read()
        derive(engine)
        results = _dbt_build(dbt, target, layout, whole=not basis.stands)
        _refuse_unsound(engine, results["results"])
        search_index.refresh(engine)
        scorecards.refresh(engine, layout, as_of)
        made = {r["unique_id"].rpartition(".")[2] for r in results["results"] if r["unique_id"].startswith(_MAKERS)}
        _end(engine, as_of, now, made | MADE_AFTER_DBT, basis.fingerprint)
    kinds = [r["unique_id"].partition(".")[0] for r in results["results"]]
    return MartSummary(models=kinds.count("model"), tests=kinds.count("test"), seconds=results["elapsed_time"])


def derive(engine: Engine) -> None:
    """Areas of notices, promises with their evidence: of what is new or was read anew since the last build. Idempotent."""
    with engine.writing() as connection:
        load_areas_of_notices(connection)
        load_commitments(connection)


@dataclass(frozen=True)
class _Basis:
    """What a build rests on beside the rows; `stands`: the last whole build rested on the same, so only what was touched is made."""

    fingerprint: str
    stands: bool


def _begin(engine: Engine, as_of: date, now: datetime) -> _Basis:
    with engine.reading() as connection:
        if not connection.column_types("silver", MART_BUILD.name):
            raise WarehouseError(f"{engine.place}: no warehouse yet, load first")
    with engine.writing() as connection, connection.transaction():
        connection.execute("DELETE FROM silver.mart_build")
        connection.append("silver", MART_BUILD, MART_BUILD.arrow([{"as_of": as_of, "started_at": now, "built_at": None}]))
        fingerprint = digest(_models_fingerprint(), registry_fingerprint(connection))
        stands = connection.query("SELECT fingerprint FROM silver.mart_basis") == [(fingerprint,)]
        if not stands:  # from here on nothing is trusted until a whole build has ended
            connection.execute("DELETE FROM silver.mart_basis")
    return _Basis(fingerprint, stands)


def _models_fingerprint() -> str:
    """Changes with every model, macro and test of the project, and with the vocabularies they are given."""
    files = sorted(p for p in PROJECT.rglob("*") if p.suffix in {".sql", ".yml"})
    return digest(*(f"{p.relative_to(PROJECT)} {p.read_text(encoding='utf-8')}" for p in files), repr([*RunStatus, *ReadingStatus]))


def _end(engine: Engine, as_of: date, now: datetime, models: set[str], fingerprint: str) -> None:
    """Drop what no model makes any more. Where a load came while dbt worked, it took the row of `_begin` away."""
    schema = engine.dbt_target().output["schema"]
    with engine.writing() as connection, connection.transaction():
        for name, kind in connection.query("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = $1", schema):
            if name not in models:
                drop = "DROP VIEW {schema}.{name}" if kind == "VIEW" else "DROP TABLE {schema}.{name}"
                connection.execute(statement(drop, schema=schema, name=name))
        connection.execute("UPDATE silver.mart_build SET built_at = $1 WHERE started_at = $1 AND built_at IS NULL", now)
        if not connection.query("SELECT 1 FROM silver.mart_build WHERE built_at IS NOT NULL"):
            raise WarehouseError("marts: another process loaded while they were built; build them again")
        if "commitment" in models:
            record_statuses(connection, schema, as_of=as_of, now=now)
        connection.execute("DELETE FROM silver.touched_notice")
        connection.execute("DELETE FROM silver.mart_basis")
        connection.append("silver", MART_BASIS, MART_BASIS.arrow([{"fingerprint": fingerprint}]))


def _dbt_build(dbt: Dbt, target: DbtTarget, layout: Layout, *, whole: bool) -> dict[str, Any]:
    options = ["--full-refresh"] if whole else []
    results = dbt("build", "run_results.json", *options)
    if target.roomier is None or not any("Out of Memory" in (r["message"] or "") for r in results["results"]):
        return results
    return run_dbt("build", replace(target, output=target.roomier, roomier=None), layout.dbt, "run_results.json", *options)


def _refuse_unsound(engine: Engine, results: Sequence[Mapping[str, Any]]) -> None:
    bad = [r for r in results if r["status"] not in _GOOD]
    if bad:
        refused = MartsUnsound if any(r["status"] == "fail" for r in bad) else WarehouseError
        raise refused(f"marts: {_causes(bad, partial(_rows, engine))}")


def _causes(bad: Sequence[Mapping[str, Any]], rows: Callable[[Mapping[str, Any]], str]) -> str:
    """What failed, the first few by name with the rows that show it; what was left out because of it is counted."""
    skipped = sum(r["status"] == "skipped" for r in bad)
    failed = [r for r in bad if r["status"] != "skipped"]
    causes = [f"{r['unique_id']} {r['status']}: {one_line(r['message'])}{rows(r)}" for r in failed[:_TOLD]]
    more = [f"{len(failed) - _TOLD} more"] if failed[_TOLD:] else []
    return "; ".join([*causes, *more, *([f"{skipped} skipped for it"] if skipped else [])])


def _rows(engine: Engine, result: Mapping[str, Any]) -> str:
    """The first rows that a failed test found: the rule, column and value that break it, and how many rows have it."""
    if result["status"] != "fail":
        return ""
    with engine.reading() as connection:
        found = connection.query(f"SELECT * FROM ({result['compiled_code']}) AS failing LIMIT {_TOLD_ROWS}")  # noqa: S608  our own test
    return ": " + "; ".join(one_line(", ".join(map(str, row)), 200) for row in found)
