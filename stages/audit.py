"""Audit: a verdict for every silver batch that waits for one, Data Docs, and the last look at the whole before it is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from expectations.audit import audit as judge
from expectations.docs import build_docs
from expectations.verdict import Verdict, read_verdict
from expectations.warehouse import WarehouseUnsound, audit_warehouse, require_sound
from gongkai.ledger import StageOutcome, record
from gongkai.status import RunStatus, Severity
from stages.context import RunContext
from warehouse.publish import PORTAL_ROWS, withhold

_COUNTED = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def audit(portal_ids: Sequence[str], ctx: RunContext) -> list[StageOutcome]:
    """Judge the waiting batches of some portals. A portal is `quarantined` as long as a refused batch keeps notices of it back.

    A portal without any silver batch is `broken`: there was nothing to audit.
    """
    started = datetime.now(UTC).isoformat()
    portals = ctx.portals(portal_ids)
    fresh = judge(portals, layout=ctx.layout)
    outcomes = []
    for portal in portals:
        outcome = _outcome(portal.id, [v for v in fresh if v.portal_id == portal.id], ctx, started)
        record(ctx.layout, outcome)
        outcomes.append(outcome)
    build_docs(ctx.layout)
    return outcomes


def audit_whole(ctx: RunContext) -> None:
    """The warehouse before it is published, compared with what readers see now.

    Raises:
        WarehouseUnsound: keys, references or lost rows; `publish` refuses until the marts are built again.
        WarehouseError: it could not be measured (locked, out of reach).
    """
    try:
        # Writing, although it only looks: nobody may load meanwhile.
        with ctx.engine.writing() as working, ctx.engine.published() as seen:
            comparable = seen is not None and seen.column_types("meta", PORTAL_ROWS.name)  # not in a snapshot of release 0.1
            results = audit_warehouse(working.query, seen.query if seen and comparable else None, run_id=ctx.run_id)
        require_sound(results)
    except WarehouseUnsound:
        withhold(ctx.engine)
        raise


def _outcome(portal_id: str, fresh: Sequence[Verdict], ctx: RunContext, started: str) -> StageOutcome:
    """What was judged now and what is still refused; on a rerun the run's own verdict counts, although nothing was judged."""
    standing = [read_verdict(ctx.layout.verdict(portal_id, run)) for run in ctx.layout.silver_runs(portal_id)]
    told = {v.run_id: v for v in standing if v.run_id == ctx.run_id} | {v.run_id: v for v in fresh}
    refused = [v for v in standing if not v.passed and (v.run_id in told or v.notices != 0)]
    reasons = [f"run {v.run_id} refused: {r.suite}: {r.meaning} ({r.observed})" for v in refused for r in v.failed(Severity.CRITICAL)]
    status = RunStatus.QUARANTINED if refused else RunStatus.COMPLETE
    if not standing:
        status, reasons = RunStatus.BROKEN, ["no silver batch to audit: neither this crawl nor an earlier one was read"]
    counts = {"batches": len(told), "expectations": sum(len(v.results) for v in told.values()), "quarantined": len(refused)}
    counts |= {severity.value: sum(len(v.failed(severity)) for v in told.values()) for severity in _COUNTED}
    return StageOutcome(
        run_id=ctx.run_id,
        portal_id=portal_id,
        stage="audit",
        status=status,
        started_at=started,
        finished_at=datetime.now(UTC).isoformat(),
        reasons=reasons,
        counts=counts,
    )
