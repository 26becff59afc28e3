"""Audit of the whole warehouse before it is published. Measured in SQL that both engines run, judged through Great Expectations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from expectations.verdict import passed
from gongkai.errors import WarehouseUnsound
from gongkai.records.quality import AuditResult
from gongkai.tables import DOCUMENT_TABLES, TABLES

_OF_NOTICE = ("document", "attachment", "attachment_reading", "finding")
"""A finding may say that there is no document: what could not be read (D-READ)."""
_PARENTS = dict.fromkeys(_OF_NOTICE, ("notice", ("notice_id", "version"))) | {
    name: ("document", ("document_id", "extractor_version")) for name in DOCUMENT_TABLES if name not in _OF_NOTICE
}
_MEASURE = """
SELECT
    (SELECT count(*) FROM silver.{name}),
    (SELECT count(*) FROM silver.{name}) - (SELECT count(*) FROM (SELECT 1 FROM silver.{name} GROUP BY {key}) AS distinct_key),
    (SELECT count(*) FROM silver.{name} WHERE {keyless}),
    (SELECT count(*) FROM silver.{name} AS c WHERE NOT EXISTS (SELECT 1 FROM silver.{parent} AS p WHERE {reference}))
"""
_LOG = "SELECT portal_id, run_id, digest, verdict, passed FROM "

Query = Callable[[str], list[tuple[Any, ...]]]
"""Answers SQL: on what the pipeline works on (schema `silver`), or on what readers see (schema `meta`)."""


def audit_warehouse(query: Query, previous: Query | None, *, run_id: str) -> list[AuditResult]:
    """Measure every silver table, and compare it with what was published before (None: nothing was).

    Rows may go only together with a batch (`silver.load_log`) that was read or judged anew since then.
    """
    from expectations.suites.warehouse import check  # takes seconds, see validate.py
    from expectations.validate import Auditor

    return Auditor().run("warehouse", run_id, [check(_measures(query, previous))])


def require_sound(results: list[AuditResult]) -> None:
    """Raises WarehouseUnsound where something critical failed, or nothing was checked."""
    if not passed(results):
        wrong = [f"{r.meaning}: {r.observed} ({'; '.join(r.failing[:3])})" for r in results if not r.success]
        raise WarehouseUnsound(f"warehouse refused: {' | '.join(wrong) or 'nothing was checked'}")


def _measures(query: Query, previous: Query | None) -> pd.DataFrame:
    there = {name for (name,) in query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'silver'")}
    names = [name for name in TABLES if name in there]
    lost = _lost(query, previous, names) if previous else {}
    rows = [_measure(query, name) | _losses(lost.get(name, [])) for name in names]
    return pd.DataFrame(rows, columns=["table", "rows", "doubled", "keyless", "orphans", "lost", "detail"])


def _measure(query: Query, name: str) -> dict[str, object]:
    key = TABLES[name].key
    parent, reference = _PARENTS.get(name, (name, key))  # a table without a parent refers to itself
    ((rows, doubled, keyless, orphans),) = query(
        _MEASURE.format(
            name=name,
            key=", ".join(key),
            keyless=" OR ".join(f"{column} IS NULL" for column in key),
            parent=parent,
            reference=" AND ".join(f"p.{column} = c.{column}" for column in reference),
        )
    )
    return {"table": name, "rows": rows, "doubled": doubled, "keyless": keyless, "orphans": orphans if name in _PARENTS else 0}


def _lost(query: Query, previous: Query, names: list[str]) -> dict[str, list[tuple[str, int]]]:
    """By table: portals that have fewer rows than what was published, although none of their batches was replaced."""
    replaced = {batch[0] for batch in set(previous(_LOG + "meta.batch")) - set(query(_LOG + "silver.load_log"))}
    now = {
        (name, portal): rows
        for name in names
        for portal, rows in query(f"SELECT portal_id, count(*) FROM silver.{name} GROUP BY portal_id")  # noqa: S608  our own names
    }
    lost: dict[str, list[tuple[str, int]]] = {}
    for name, portal, before in previous("SELECT table_name, portal_id, row_count FROM meta.portal_rows ORDER BY table_name, portal_id"):
        missing = before - now.get((name, portal), 0)
        if missing > 0 and portal not in replaced:
            lost.setdefault(name, []).append((portal, missing))
    return lost


def _losses(lost: list[tuple[str, int]]) -> dict[str, object]:
    return {"lost": sum(n for _, n in lost), "detail": ", ".join(f"{portal}: {n} lost" for portal, n in lost[:5])}
