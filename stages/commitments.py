"""Commitments (承诺落实) as published, and what a person decides about their evidence.

A decision is kept beside those about quarantine (`decisions/`), appended and never taken away; the next load tells the warehouse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gongkai.errors import GongkaiError
from gongkai.ledger import one_line
from stages.context import RunContext
from warehouse.commitments.decisions import CommitmentDecision, Verb, read_decisions, write_decision
from warehouse.published import published_with

_LONGEST_REASON = 500
_COLUMNS = "commitment_id, portal_id, kind, status, why, due_date, text, lead_units, evidence_count, candidates, url"
_EVIDENCE = (
    "notice_id, title, published_date, score, counts, late, basis, decision, decided_by, reason, url FROM mart.commitment_evidence "
    "WHERE commitment_id = $1 ORDER BY counts DESC, coalesce(score, 1) DESC, notice_id"
)


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """A row of mart.commitment, as far as a person needs it."""

    commitment_id: str
    portal_id: str
    kind: str
    status: str
    why: str
    due_date: date | None
    text: str
    lead_units: list[str]
    evidence_count: int
    candidates: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A row of mart.commitment_evidence."""

    notice_id: str
    title: str
    published_date: date | None
    score: float | None
    counts: bool
    late: bool
    basis: str
    decision: str | None
    decided_by: str | None
    reason: str | None
    url: str


def listed(ctx: RunContext, portals: Sequence[str] = (), statuses: Sequence[str] = (), *, limit: int) -> list[Commitment]:
    """Published commitments, those due first at the top. Raises GongkaiError where nothing is published, or by an older release, or
    where none is of such a portal."""
    wanted = "WHERE (cardinality($1::text[]) = 0 OR portal_id IN (SELECT unnest($1::text[]))) "
    wanted += "AND (cardinality($2::text[]) = 0 OR status IN (SELECT unnest($2::text[])))"
    order = "ORDER BY due_date IS NULL, due_date, portal_id, commitment_id LIMIT $3"
    sql = f"SELECT {_COLUMNS} FROM mart.commitment {wanted} {order}"  # noqa: S608  our own text
    with published_with(ctx.engine, "commitment", "commitments") as connection:
        for portal in portals:
            if not connection.query("SELECT 1 FROM mart.commitment WHERE portal_id = $1 LIMIT 1", portal):
                raise GongkaiError(f"commitments: no promise of {portal!r} is published")
        rows = connection.query(sql, list(portals), list(statuses), limit)
    return [Commitment(**dict(zip(Commitment.__dataclass_fields__, row, strict=True))) for row in rows]


def look(ctx: RunContext, commitment_id: str) -> tuple[Commitment, list[Evidence], list[tuple[str, date]]]:
    """One commitment, its notices, and its statuses with their first days. Raises GongkaiError for an unknown one, and as `listed`."""
    with published_with(ctx.engine, "commitment", "commitments") as connection:
        found = connection.query(f"SELECT {_COLUMNS} FROM mart.commitment WHERE commitment_id = $1", commitment_id)  # noqa: S608
        if not found:
            raise GongkaiError(f"{commitment_id!r}: no such commitment is published; `gongkai commitments list` names them")
        evidence = connection.query(f"SELECT {_EVIDENCE}", commitment_id)
        history = connection.query("SELECT status, since FROM mart.commitment_status WHERE commitment_id = $1 ORDER BY seq", commitment_id)
    one = Commitment(**dict(zip(Commitment.__dataclass_fields__, found[0], strict=True)))
    notices = [Evidence(**dict(zip(Evidence.__dataclass_fields__, row, strict=True))) for row in evidence]
    return one, notices, [(status, since) for status, since in history]


def decide(
    ctx: RunContext, commitment_id: str, notice_id: str, decision: Verb, *, actor: str, reason: str, now: datetime
) -> tuple[CommitmentDecision, bool]:
    """Write a decision about a notice as evidence; False where it holds already and nothing was written.

    Raises:
        GongkaiError: no such commitment, no such notice on its portal, no reason, or nothing to withdraw; and as `listed`.
    """
    one, _, _ = look(ctx, commitment_id)
    with published_with(ctx.engine, "commitment", "commitments") as connection:
        notices = "SELECT 1 FROM mart.notice WHERE notice_id = $1 AND portal_id = $2"
        if not connection.query(notices, notice_id, one.portal_id):
            raise GongkaiError(f"{notice_id!r}: no such notice of {one.portal_id} is published")
    actor, reason = one_line(actor), one_line(reason)
    if not actor or not reason or len(reason) > _LONGEST_REASON:
        raise GongkaiError(f"{commitment_id}: a decision needs an actor and a reason of at most {_LONGEST_REASON} characters")
    before = [d for d in read_decisions(ctx.layout, one.portal_id) if (d.commitment_id, d.notice_id) == (commitment_id, notice_id)]
    holds = before[-1].decision if before else "withdrawn"
    if holds == decision and before:
        return before[-1], False
    if decision == "withdrawn" and holds == "withdrawn":
        raise GongkaiError(f"{commitment_id}: nobody decided about {notice_id}; nothing to withdraw")
    wanted = CommitmentDecision(
        portal_id=one.portal_id,
        commitment_id=commitment_id,
        notice_id=notice_id,
        decision=decision,
        actor=actor,
        decided_at=now,
        reason=reason,
    )
    write_decision(ctx.layout, wanted)
    return wanted, True
