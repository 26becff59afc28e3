"""Audit: a verdict for every silver batch that waits for one, Data Docs, and the last look at the whole before it is published."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from expectations.audit import audit as judge
from expectations.docs import build_docs
from expectations.memory import read_heads, read_memory
from expectations.verdict import Verdict, read_verdict
from expectations.warehouse import audit_warehouse, require_sound
from gongkai.errors import WarehouseError
from gongkai.ledger import StageOutcome, record
from gongkai.registry import Portal
from gongkai.status import RunStatus, Severity
from stages.context import RunContext
from stages.shared import shared
from warehouse.publish import PORTAL_ROWS, mark_audited, withhold

_WRITERS = 4
_COUNTED = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def audit(portal_ids: Sequence[str], ctx: RunContext) -> list[StageOutcome]:
    """Judge the waiting batches of some portals. A portal is `quarantined` as long as a refused batch keeps notices of it back.

    A portal without any silver batch is `broken`: there was nothing to audit.
    """
    portals = ctx.portals(portal_ids)
    with shared(ctx, [portal.id for portal in portals]):
        return _audit(portals, ctx)


def _audit(portals: Sequence[Portal], ctx: RunContext) -> list[StageOutcome]:
    started = datetime.now(UTC).isoformat()
    fresh: dict[str, list[Verdict]] = {portal.id: [] for portal in portals}
    for verdict in judge(portals, layout=ctx.layout):
        fresh[verdict.portal_id].append(verdict)
    outcomes = [outcome_of(portal_id, verdicts, ctx, started) for portal_id, verdicts in fresh.items()]
    with ThreadPoolExecutor(_WRITERS) as writers:  # each is synced to disk; several wait for it together
        list(writers.map(partial(record, ctx.layout), outcomes))
    build_docs(ctx.layout, fresh, ctx.names)
    return outcomes


def audit_whole(ctx: RunContext) -> None:
    """The warehouse before it is published, compared with what readers see now.

    Raises:
        WarehouseUnsound: keys, references or lost rows.
        LibraryUnsound: Great Expectations is not to be relied on. After this and any error but the next, `publish` refuses until the
            marts are built again.
        WarehouseError: it could not be measured (locked, out of reach); `publish` refuses until it was.
    """
    # Audit tasks that ended at the same time may each have missed the other's portals in the index.
    build_docs(ctx.layout, [], ctx.names)
    try:
        # Writing, although it only looks: nobody may load meanwhile.
        with ctx.engine.writing() as working, ctx.engine.published(mend=True) as seen:
            comparable = seen is not None and seen.column_types("meta", PORTAL_ROWS.name)  # not in a snapshot of release 0.1
            results = audit_warehouse(working.query, seen.query if seen and comparable else None, run_id=ctx.run_id)
        require_sound(results)
        mark_audited(ctx.engine)
    except WarehouseError:
        raise
    except Exception:  # whatever kept it from being judged (a library that does not even load): what nobody judged is not published
        withhold(ctx.engine)
        raise


def outcome_of(portal_id: str, fresh: Sequence[Verdict], ctx: RunContext, started: str) -> StageOutcome:
    """What was judged now and what is still refused; on a rerun the run's own verdict counts, although nothing was judged."""
    heads = read_heads(ctx.layout, portal_id, read_memory(ctx.layout, portal_id))
    told = {v.run_id: v for v in fresh}
    if ctx.run_id not in told and any(head.run_id == ctx.run_id and head.judged is not None for head in heads):
        told[ctx.run_id] = read_verdict(ctx.layout.verdict(portal_id, ctx.run_id))
    held = [h.run_id for h in heads if h.judged is not None and not h.passed and h.decision is None]
    held = [run for run in held if run in told or any(h.run_id == run and h.notices != 0 for h in heads)]
    refused = [told[run] if run in told else read_verdict(ctx.layout.verdict(portal_id, run)) for run in held]
    reasons = [f"run {v.run_id} refused: {r.suite}: {r.meaning} ({r.observed})" for v in refused for r in v.failed(Severity.CRITICAL)]
    status = RunStatus.QUARANTINED if refused else RunStatus.COMPLETE
    if not heads:
        status, reasons = RunStatus.BROKEN, ["no silver batch to audit: neither this crawl nor an earlier one was read"]
    counts = {"batches": len(told), "expectations": sum(v.asked for v in told.values()), "quarantined": len(refused)}
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
