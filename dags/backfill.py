"""The DAG that looks again for a year's missing plans and reports. The work itself is a run of `nightly`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, task

from gongkai.words import counted
from stages.airflow_ui.tasks import context, param, portals_param, say


@task
def missing() -> list[str]:
    from stages.turns import without_year

    lacking = without_year(param("year"), param("genre"), param("portals") or [], context())
    told = "; ".join(f"{portal}: {what}" for portal, what in lacking.items())
    say(f"{counted(len(lacking), 'portal lacks', 'portals lack')} something of {param('year')}: {told}")
    return sorted(lacking)


@task.short_circuit
def to_ask(portals: list[str]) -> list[str]:
    if param("dry_run"):
        say(f"dry run: {counted(len(portals), 'portal')} would be asked again")
        return []
    return portals


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    doc_md=str(Path(__file__).with_suffix(".md")),
    tags=["gongkai"],
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={
        "year": Param(
            pendulum.now("Asia/Shanghai").year - 1, type="integer", minimum=2008, maximum=2100, description="Plan or report year."
        ),
        "genre": Param(None, type=["null", "string"], enum=[None, "work_plan", "annual_report"], description="None means both."),
        "portals": portals_param("all that are followed"),
        "dry_run": Param(True, type="boolean", description="Only say which portals would be asked."),
    },
)
def backfill():
    TriggerDagRunOperator(task_id="night", trigger_dag_id="nightly", conf={"portals": to_ask(missing()), "rewalk": True})


backfill()
