"""Quarantine (隔离): which batches the audit holds back, why, and what a person decides about them.

A decision changes the verdict, not the rows: the next load takes a released batch in, keeps a dropped one out, and takes out again what
was loaded before. Who decided, when and why is kept, and loaded as `quarantine_decision`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from expectations.decisions import decide, holding, read_decisions
from expectations.docs import build_docs
from expectations.memory import read_heads, read_memory
from expectations.verdict import Verdict, read_verdict
from gongkai.errors import GongkaiError
from gongkai.layout import Layout, is_run_id
from gongkai.ledger import one_line, record
from gongkai.records.quality import QuarantineDecision
from gongkai.registry import is_portal_id
from gongkai.status import Severity
from stages.audit import outcome_of
from stages.context import RunContext
from stages.shared import shared

_LONGEST_REASON = 500


@dataclass(frozen=True)
class Held:
    """A batch that is, or was, held back."""

    verdict: Verdict
    decisions: list[QuarantineDecision]

    @property
    def batch(self) -> str:
        return f"{self.verdict.portal_id}/{self.verdict.run_id}"

    @property
    def state(self) -> str:
        """`quarantined` (nobody decided), `released`, `dropped`, or `passed`."""
        return self.verdict.decision or ("passed" if self.verdict.passed else "quarantined")

    @property
    def void(self) -> bool:
        """Whether a release no longer holds because the rows were read anew."""
        return bool(self.decisions) and self.decisions[-1].decision == "release" and self.verdict.decision is None

    @property
    def causes(self) -> list[str]:
        """The critical rules it broke."""
        return [f"{r.suite}: {r.meaning} ({r.observed})" for r in self.verdict.failed(Severity.CRITICAL)]


def held(layout: Layout, portal_ids: Iterable[str] = (), *, decided: bool = False) -> list[Held]:
    """Batches that are held back, oldest first within a portal; with `decided` those that somebody decided about, too."""
    found = []
    for portal_id in list(portal_ids) or sorted({portal for portal, _ in layout.audited()}):
        for head in read_heads(layout, portal_id, read_memory(layout, portal_id)):
            waiting = head.judged is not None and not head.passed and head.decision is None
            if waiting or (decided and layout.decisions(portal_id, head.run_id).exists()):
                found.append(_held(layout, portal_id, head.run_id))
    return found


def look(layout: Layout, batch: str) -> Held:
    """One batch by its name PORTAL/RUN.

    Raises:
        GongkaiError: no such batch, or no verdict on it.
    """
    portal_id, run_id = _named(batch)
    if not layout.verdict(portal_id, run_id).exists():
        raise GongkaiError(f"{batch}: no verdict on such a batch; `gongkai quarantine list` names those held back")
    return _held(layout, portal_id, run_id)


def _named(batch: str) -> tuple[str, str]:
    portal_id, _, run_id = batch.partition("/")
    if not (is_portal_id(portal_id) and is_run_id(run_id)):
        raise GongkaiError(f"{batch!r} is no batch (expected PORTAL/RUN, for example gd-lishi/20260301T183000Z)")
    return portal_id, run_id


def _held(layout: Layout, portal_id: str, run_id: str) -> Held:
    return Held(read_verdict(layout.verdict(portal_id, run_id)), read_decisions(layout, portal_id, run_id))


def settle(
    ctx: RunContext, batch: str, decision: Literal["release", "drop", "undo"], *, actor: str, reason: str, now: datetime
) -> tuple[Held, bool]:
    """Write a decision about a batch; False where it holds already and nothing was written.

    Raises:
        GongkaiError: no such batch, no reason, or nothing to decide: a passed batch cannot be released, an unreadable one neither.
    """
    with shared(ctx, [_named(batch)[0]]):
        return _settle(ctx, batch, decision, actor=actor, reason=reason, now=now)


def _settle(
    ctx: RunContext, batch: str, decision: Literal["release", "drop", "undo"], *, actor: str, reason: str, now: datetime
) -> tuple[Held, bool]:
    before = look(ctx.layout, batch)
    verdict = before.verdict
    _require_sense(before, decision)
    actor, reason = one_line(actor), one_line(reason)
    if not actor or not reason or len(reason) > _LONGEST_REASON:
        raise GongkaiError(f"{batch}: a decision needs an actor and a reason of at most {_LONGEST_REASON} characters")
    wanted = QuarantineDecision(
        portal_id=verdict.portal_id,
        run_id=verdict.run_id,
        seq=len(before.decisions),
        decision=decision,
        digest=verdict.digest,
        actor=actor,
        decided_at=now,
        reason=reason,
    )
    if before.decisions and holding([wanted], verdict.digest) == verdict.decision:
        return before, False
    decide(ctx.layout, wanted)
    _tell(ctx, verdict.portal_id, verdict.run_id, now)
    return look(ctx.layout, batch), True


def _require_sense(held: Held, decision: str) -> None:
    if decision == "release" and held.verdict.notices is None:
        raise GongkaiError(f"{held.batch}: its files cannot be read or stored, so there is nothing to release; extract the run again")
    if decision == "release" and held.state == "passed":
        raise GongkaiError(f"{held.batch}: the audit passed it; nothing to release")
    if decision == "undo" and not held.decisions:
        raise GongkaiError(f"{held.batch}: nobody decided about it; nothing to undo")


def _tell(ctx: RunContext, portal_id: str, run_id: str, now: datetime) -> None:
    """The ledger's audit rows of the batch's night and of the newest, and the portal's page, say what holds now."""
    runs = [run for run in ctx.layout.ledger_runs() if ctx.layout.outcome(run, portal_id, "audit").exists()]
    for run in {run_id, *runs[-1:]} & set(runs):
        record(ctx.layout, outcome_of(portal_id, [], replace(ctx, run_id=run), now.isoformat()))
    build_docs(ctx.layout, [portal_id], ctx.names)
