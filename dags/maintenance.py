"""The daily upkeep. What each task does lives in `stages/maintenance.py`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.sdk import dag, task

from stages.airflow_ui.tasks import context, final, say


@task
def retention() -> str:
    from stages.maintenance import retention as stage

    return say(stage(context()))


@task(pool="warehouse")
def compact() -> str:
    from stages.maintenance import compact as stage

    return say(stage(context()))


@task
def verify() -> str:
    from stages.maintenance import verify as stage

    with final():
        return say(stage(context()))


@task(trigger_rule="all_done")
def growth() -> str:
    from stages.maintenance import growth as stage

    return say(stage(context()))


@dag(
    schedule="0 13 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    doc_md=str(Path(__file__).with_suffix(".md")),
    tags=["gongkai"],
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
)
def maintenance():
    [retention(), compact(), verify()] >> growth()


maintenance()
