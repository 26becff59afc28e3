"""The nightly Airflow DAG: when each stage runs and in which order. What a stage does lives in `stages/`."""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

DOC = """
### One night
`list_portals` → `crawl` (one Scrapy process a batch, one slow lane a portal) → `extract` (**one task a portal, named by it:
watch this row**) → `audit` (Great Expectations, in batches) → `load` → `marts` → `audit_warehouse` → `publish` → `digest`.

* A **red `extract`** means: this portal's crawl or reading is not whole. Its log's last line says why in one sentence;
  its good rows are kept and go on.
* A red `audit` means: a portal's batch was quarantined; yesterday's data of that portal stays published.
* A portal's trouble never stops the night. The run itself is red only when nothing new could be published (see `digest`).
* **Clear** a portal's `extract` to read its archived pages again. Trigger with `portals: ["id"]` to crawl only some.
"""


def context():
    """The run's context; the run is named by the moment it was due, so that a cleared task keeps its batch."""
    from gongkai.layout import run_id_of
    from stages.context import open_context

    return open_context(run_id_of(get_current_context()["dag_run"].run_after))


@task
def list_portals() -> list[list[str]]:
    from stages.batches import crawl_batches

    return crawl_batches(get_current_context()["params"]["portals"] or [], context())


# A retry helps where a process died; the portals it had finished are not fetched again.
@task(retries=1, pool="crawl", map_index_template="{{ label }}")
def crawl(portals: list[str]) -> None:
    from stages.crawl import crawl as stage

    get_current_context()["label"] = f"{portals[0]} … {portals[-1]} ({len(portals)})"
    stage(portals, context())


@task(trigger_rule="all_done")
def portals_of(batches: list[list[str]]) -> list[str]:
    return sorted(portal for batch in batches for portal in batch)


@task(trigger_rule="all_done", map_index_template="{{ label }}")
def extract(portal: str) -> dict[str, int]:
    from stages.extract import extract as stage

    run = context()
    get_current_context()["label"] = f"{run.registry[portal].name} · {portal}"
    outcome = stage(portal, run)
    if not outcome.status.is_whole:
        raise AirflowFailException(f"{portal}: {outcome.status.value}: {'; '.join(outcome.reasons)}")
    return outcome.counts


@task(trigger_rule="all_done", pool="audit", map_index_template="{{ label }}")
def audit(portals: list[str]) -> None:
    from stages.audit import audit as stage

    get_current_context()["label"] = f"{portals[0]} … {portals[-1]} ({len(portals)})"
    refused = [o for o in stage(portals, context()) if not o.status.is_whole]
    if refused:
        raise AirflowFailException("; ".join(f"{o.portal_id}: {o.status.value}: {'; '.join(o.reasons)}" for o in refused))


# DuckDB has one writing process at a time: everything that writes it shares a pool of one slot.
@task(trigger_rule="all_done", pool="warehouse", retries=1)
def load() -> None:
    from stages.load import load as stage

    stage(context())


@task(pool="warehouse", retries=1)
def marts() -> None:
    from stages.load import build_marts

    build_marts(context())


@task(pool="warehouse")
def audit_warehouse() -> None:
    from stages.audit import audit_whole

    audit_whole(context())


@task(pool="warehouse", retries=1)
def publish() -> str:
    from stages.publish import publish as stage

    return str(stage(context()))


@task(trigger_rule="all_done")
def digest() -> str:
    from stages.digest import digest as stage

    return stage(context())


@dag(
    schedule="30 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    doc_md=DOC,
    tags=["gongkai"],
    params={"portals": Param([], type=["array", "null"], items={"type": "string"}, description="Portal ids; none means all.")},
    default_args={"retries": 0, "retry_delay": timedelta(seconds=30)},
)
def nightly():
    batches = list_portals()
    crawled = crawl.expand(portals=batches)
    portals = portals_of(batches)
    extracted = extract.expand(portal=portals)
    audited = audit.expand(portals=batches)
    crawled >> extracted >> audited >> load() >> marts() >> audit_warehouse() >> publish() >> digest()


nightly()
