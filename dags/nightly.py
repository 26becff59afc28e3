"""The nightly Airflow DAG: when each stage runs and in which order. What a stage does lives in `stages/`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException


@contextmanager
def final() -> Iterator[None]:
    """A portal that is not whole will not be so a minute later: red at once, without the retries that help the machinery."""
    from gongkai.errors import StageFailed

    try:
        yield
    except StageFailed as reason:
        raise AirflowFailException(str(reason)) from None


def context(run: str | None = None):
    """The context of the night that `begin` named, or of a new one."""
    from stages.context import open_context

    return open_context(run)


@task
def begin() -> str:
    """Name the night by the moment it begins: a scheduled run that starts late must not sort before one that was triggered."""
    return context().run_id


@task
def list_portals(run: str) -> list[list[str]]:
    from stages.batches import crawl_batches

    return crawl_batches(get_current_context()["params"]["portals"] or [], context(run))


def name_by(portals: list[str]) -> None:
    get_current_context()["label"] = f"{portals[0]} … {portals[-1]} ({len(portals)})"


# After a died process the retry fetches only what was not committed.
@task(pool="crawl", map_index_template="{{ label }}")
def crawl(run: str, portals: list[str]) -> None:
    from stages.crawl import crawl as stage

    name_by(portals)
    stage(portals, context(run))


@task(trigger_rule="all_done")
def portals_of(batches: list[list[str]]) -> list[str]:
    return sorted(portal for batch in batches for portal in batch)


@task(trigger_rule="all_done", map_index_template="{{ label }}")
def extract(run: str, portal: str) -> dict[str, int]:
    from gongkai.ledger import require_whole
    from stages.extract import extract as stage

    night = context(run)
    get_current_context()["label"] = f"{night.registry[portal].name} · {portal}"
    with final():
        return require_whole([stage(portal, night)])


@task(trigger_rule="all_done")
def audit_batches(run: str, portals: list[str]) -> list[list[str]]:
    from stages.batches import audit_batches as stage

    return stage(portals, context(run))


@task(trigger_rule="all_done", pool="audit", map_index_template="{{ label }}")
def audit(run: str, portals: list[str]) -> None:
    from gongkai.ledger import require_whole
    from stages.audit import audit as stage

    name_by(portals)
    with final():
        require_whole(stage(portals, context(run)))


# DuckDB has one writing process at a time: everything that writes it shares a pool of one slot.
@task(trigger_rule="all_done", pool="warehouse")
def load(run: str) -> None:
    from stages.load import load as stage

    stage(context(run))


@task(pool="warehouse")
def marts(run: str) -> None:
    from stages.load import build_marts

    build_marts(context(run))


@task(pool="warehouse")
def audit_warehouse(run: str) -> None:
    from stages.audit import audit_whole

    audit_whole(context(run))


@task(pool="warehouse")
def publish(run: str) -> str:
    from stages.publish import publish as stage

    return str(stage(context(run)))


@task(trigger_rule="all_done")
def digest(run: str) -> str:
    from stages.digest import digest as stage

    with final():
        return stage(context(run))


@dag(
    schedule="30 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    doc_md=str(Path(__file__).with_suffix(".md")),
    tags=["gongkai"],
    params={"portals": Param([], type=["array", "null"], items={"type": "string"}, description="Portal ids; none means all.")},
    default_args={"retries": 2, "retry_delay": timedelta(seconds=15)},
)
def nightly():
    run = begin()
    batches = list_portals(run)
    crawled = crawl.partial(run=run).expand(portals=batches)
    portals = portals_of(batches)
    extracted = extract.partial(run=run).expand(portal=portals)
    audited = audit.partial(run=run).expand(portals=audit_batches(run, portals))
    crawled >> extracted >> audited >> load(run) >> marts(run) >> audit_warehouse(run) >> publish(run) >> digest(run)


nightly()
