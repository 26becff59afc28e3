"""The nightly Airflow DAG: when each stage runs and in which order. What a stage does lives in `stages/`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.sdk import Param, dag, task

from stages.airflow_ui.tasks import (
    MARTS,
    RAW,
    SILVER,
    SNAPSHOT,
    connection_urls,
    context,
    final,
    label,
    param,
    portal_task,
    portals_param,
    say,
)


@task
def begin() -> str:
    """Name the night by the moment it begins: a scheduled run that starts late must not sort before one that was triggered."""
    return context().run_id


@task
def list_portals(run: str) -> list[list[str]]:
    from stages.batches import crawl_batches

    return crawl_batches(param("portals") or [], context(run)) if param("crawl") else []


# After a died process the retry fetches only what was not committed.
@task(pool="crawl", map_index_template="{{ label }}", outlets=[RAW])
def crawl(run: str, portals: list[str]) -> str:
    from gongkai.ledger import in_words
    from stages.crawl import crawl as stage

    label(f"{portals[0]} … {portals[-1]} ({len(portals)})")
    outcomes = stage(portals, context(run), rewalk=param("rewalk"), accept_mass_change=param("accept_mass_change"))
    return say(in_words(outcomes), RAW, run=run, portals=portals)


@task(trigger_rule="all_done")
def portals_of(batches: list[list[str]]) -> list[str]:
    return sorted(portal for batch in batches for portal in batch)


@portal_task(trigger_rule="all_done", map_index_template="{{ label }}")
def extract(run: str, portal: str) -> dict[str, int]:
    from gongkai.ledger import in_words, require_whole
    from stages.extract import extract as stage

    night = context(run)
    label(f"{night.registry[portal].name} · {portal}")
    outcome = stage(portal, night)
    label(f"{night.registry[portal].name} · {portal} · {outcome.status}")
    say(in_words([outcome]))
    with final():
        return require_whole([outcome])


@task(trigger_rule="all_done")
def audit_batches(run: str, portals: list[str]) -> list[list[str]]:
    from stages.batches import audit_batches as stage

    return stage(portals, context(run))


@task(trigger_rule="all_done", pool="audit", map_index_template="{{ label }}")
def audit(run: str, portals: list[str]) -> None:
    from gongkai.ledger import in_words, require_whole
    from stages.audit import audit as stage

    label(f"{portals[0]} … {portals[-1]} ({len(portals)})")
    outcomes = stage(portals, context(run))
    say(in_words(outcomes))
    with final():
        require_whole(outcomes)


# DuckDB has one writing process at a time: everything that writes it shares a pool of one slot.
@task(trigger_rule="all_done", pool="warehouse", outlets=[SILVER])
def load(run: str) -> str:
    from stages.load import load as stage

    done = stage(context(run))
    return say(done.words, SILVER, run=run, batches=len(done.batches), quarantined=len(done.quarantined))


@task(pool="warehouse", outlets=[MARTS])
def marts(run: str) -> str:
    from stages.load import build_marts

    with final():
        done = build_marts(context(run))
    return say(f"{done.models} models, {done.tests} tests, {done.seconds:.0f} s", MARTS, run=run, models=done.models)


@task(pool="warehouse")
def audit_warehouse(run: str) -> None:
    from stages.audit import audit_whole

    with final():
        audit_whole(context(run))


@task(pool="warehouse", outlets=[SNAPSHOT])
def publish(run: str) -> str:
    from stages.digest import sentence
    from stages.publish import publish as stage

    night = context(run)
    place = stage(night)
    say(sentence(night), SNAPSHOT, run=run, place=place)
    return place


@task
def heartbeat(run: str) -> str:
    from stages.alert import beat

    return say(beat(context(run)))


@task(trigger_rule="all_done")
def morning(run: str) -> str:
    from stages.morning import build

    return say(str(build(context(run))))


@task
def site(run: str) -> str:
    from stages.site import build_site

    return say(build_site(context(run)).words)


@task(trigger_rule="all_done")
def alert(run: str) -> str:
    from stages.alert import send

    return say(send(context(run), urls=connection_urls("gongkai_alerts")))


@task(trigger_rule="all_done")
def digest(run: str) -> str:
    from stages.digest import digest as stage

    with final():
        return say(stage(context(run)))


@dag(
    schedule="30 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    doc_md=str(Path(__file__).with_suffix(".md")),
    tags=["gongkai"],
    params={
        "portals": portals_param("all that are followed"),
        "crawl": Param(True, type="boolean", description="Ask the portals. Off: only load, build and publish what was judged."),
        "rewalk": Param(False, type="boolean", description="Walk every listing whole and ask every known page again."),
        "accept_mass_change": Param(
            False, type="boolean", description="A person has looked: let a change or removal pass that is too large to be believed."
        ),
    },
    default_args={"retries": 2, "retry_delay": timedelta(seconds=15)},
)
def nightly():
    run = begin()
    batches = list_portals(run)
    crawled = crawl.partial(run=run).expand(portals=batches)
    portals = portals_of(batches)
    extracted = extract.partial(run=run).expand(portal=portals)
    audited = audit.partial(run=run).expand(portals=audit_batches(run, portals))
    published = publish(run)
    crawled >> extracted >> audited >> load(run) >> marts(run) >> audit_warehouse(run) >> published
    published >> [heartbeat(run), morning(run), site(run)]
    published >> alert(run) >> digest(run)


nightly()
