"""The daily visit to the portals' home pages, in the working hours that the nightly crawl avoids."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.sdk import dag, task

from stages.airflow_ui.tasks import context, label, param, portals_param, say


@task
def begin() -> str:
    return context().run_id


@task
def list_portals(run: str) -> list[list[str]]:
    from stages.batches import crawl_batches

    return crawl_batches(param("portals") or [], context(run))


@task(pool="crawl", map_index_template="{{ label }}")
def visit(run: str, portals: list[str]) -> str:
    from gongkai.ledger import in_words
    from stages.health import visit as stage

    label(f"{portals[0]} … {portals[-1]} ({len(portals)})")
    return say(in_words(stage(portals, context(run))))


@dag(
    schedule="30 9 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    doc_md=str(Path(__file__).with_suffix(".md")),
    tags=["gongkai"],
    params={"portals": portals_param("all that are followed")},
    default_args={"retries": 1, "retry_delay": timedelta(minutes=5)},
)
def portal_health():
    run = begin()
    visit.partial(run=run).expand(portals=list_portals(run))


portal_health()
