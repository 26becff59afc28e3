"""The DAG that reads the archive again with today's readers, shows what changes, and publishes it when a person approves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, task

from gongkai.words import counted
from stages.airflow_ui.tasks import context, final, param, portals_param, say


def wanted(**more):
    from stages.reextract import Wanted

    return Wanted(year=param("year"), genre=param("genre"), **more)


@task
def preview() -> dict[str, str | int]:
    from stages.reextract import reextract as stage
    from stages.reextract_review import review

    report = stage(param("portals") or [], context(), wanted())
    body = review(report)
    say(body)
    return {"version": report.extractor_version, "body": body, "differing": sum(batch.differs for batch in report.batches)}


@task.short_circuit
def to_decide(seen: dict[str, str | int]) -> bool:
    dry = param("dry_run")
    say("dry run: nothing to approve" if dry else counted(int(seen["differing"]), "batch differs", "batches differ"))
    return not dry and bool(seen["differing"])


@task(pool="audit")
def apply(seen: dict[str, str | int]) -> list[str]:
    from stages.reextract import reextract as stage

    named = param("portals") or []
    report = stage(named, context(), wanted(apply=True, version=str(seen["version"])))
    say(f"{counted(sum(batch.applied for batch in report.batches), 'batch', 'batches')} replaced")
    return sorted({batch.portal_id for batch in report.batches if batch.applied})


@task(pool="audit")
def audit(portals: list[str]) -> str:
    from gongkai.ledger import in_words
    from stages.audit import audit as stage

    with final():
        return say(in_words(stage(portals, context())))


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    doc_md=str(Path(__file__).with_suffix(".md")),
    tags=["gongkai"],
    params={
        "portals": portals_param("all that are archived"),
        "year": Param(None, type=["null", "integer"], minimum=1990, description="Only notices published in that year."),
        "genre": Param(
            None, type=["null", "string"], enum=[None, "work_plan", "annual_report", "website_table", "interpretation", "regulation"]
        ),
        "dry_run": Param(False, type="boolean", description="Stop after the diff."),
    },
)
def reextract():
    seen = preview()
    approve = ApprovalOperator(
        task_id="approve",
        subject="Publish what today's readers read?",
        body="{{ ti.xcom_pull(task_ids='preview')['body'] }}",
        response_timeout=timedelta(days=14),
    )
    applied = apply(seen)
    to_decide(seen) >> approve >> applied
    audit(applied) >> TriggerDagRunOperator(task_id="night", trigger_dag_id="nightly", conf={"crawl": False})


reextract()
