"""The weekly DAG that asks a share of the portals for every known page again. The work itself is a run of `nightly`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import dag, task

from gongkai.words import counted
from stages.airflow_ui.tasks import context, param, portals_param, say


@task.short_circuit
def turn() -> list[str]:
    from stages.turns import rewalk_turn

    ctx = context()
    named = param("portals")
    portals = [portal.id for portal in ctx.portals(named)] if named else rewalk_turn([], ctx)
    say(f"{counted(len(portals), 'portal')}: {', '.join(portals)}" if portals else "no portal's turn this week")
    return portals


@dag(
    schedule="0 12 * * 6",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    doc_md=str(Path(__file__).with_suffix(".md")),
    tags=["gongkai"],
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={"portals": portals_param("this week's share")},
)
def rewalk():
    TriggerDagRunOperator(task_id="night", trigger_dag_id="nightly", conf={"portals": turn(), "rewalk": True})


rewalk()
