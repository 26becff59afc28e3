"""What people decided about refused batches: kept beside the verdicts, told to the warehouse as silver `quarantine_decision`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

import pyarrow.parquet as pq

from expectations.verdict import Decided, Verdict, may_load, read_verdict, write_verdict
from gongkai.errors import GongkaiError
from gongkai.layout import Layout, open_atomic, write_text_atomic
from gongkai.records.quality import QuarantineDecision
from gongkai.tables import TABLES, row

_HOLDS: dict[str, Decided | None] = {"release": "released", "drop": "dropped", "undo": None}


def read_decisions(layout: Layout, portal_id: str, run_id: str) -> list[QuarantineDecision]:
    """Decisions about one batch, oldest first.

    Raises:
        GongkaiError: the file is damaged; nothing is decided anew over what cannot be read.
    """
    path = layout.decisions(portal_id, run_id)
    if not path.exists():
        return []
    try:
        return [QuarantineDecision(**{**d, "decided_at": datetime.fromisoformat(d["decided_at"])}) for d in json.loads(path.read_bytes())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GongkaiError(f"{path}: no list of decisions ({error})") from error


def holding(decisions: Sequence[QuarantineDecision], digest: str) -> Decided | None:
    """What holds for a batch of this digest: a release is about the rows that somebody looked at, a drop about the batch."""
    if not decisions:
        return None
    newest = decisions[-1]
    return None if newest.decision == "release" and newest.digest != digest else _HOLDS[newest.decision]


def decide(layout: Layout, decision: QuarantineDecision) -> Verdict:
    """Write the decision, then let verdict and evidence follow; killed in between, the next audit lets them follow."""
    kept = [*read_decisions(layout, decision.portal_id, decision.run_id), decision]
    text = json.dumps([asdict(d) | {"decided_at": d.decided_at.isoformat()} for d in kept], ensure_ascii=False, indent=1)
    write_text_atomic(layout.decisions(decision.portal_id, decision.run_id), text + "\n")
    return apply_decisions(layout, read_verdict(layout.verdict(decision.portal_id, decision.run_id)))


def apply_decisions(layout: Layout, verdict: Verdict) -> Verdict:
    """Bring a verdict in line with what was decided about its batch. Idempotent; the verdict is written last."""
    decisions = read_decisions(layout, verdict.portal_id, verdict.run_id)
    tell_warehouse(layout, verdict.portal_id, verdict.run_id, decisions)
    decision = holding(decisions, verdict.digest)
    outcome = replace(verdict, decision=decision, passed=may_load(verdict.sound, decision))
    if outcome != verdict or not layout.verdict(verdict.portal_id, verdict.run_id).exists():
        write_verdict(layout, outcome)
    return outcome


def tell_warehouse(layout: Layout, portal_id: str, run_id: str, decisions: Sequence[QuarantineDecision]) -> None:
    """Silver `quarantine_decision` of one batch."""
    if decisions:
        with open_atomic(layout.silver("quarantine_decision", portal_id, run_id)) as temporary:
            pq.write_table(TABLES["quarantine_decision"].arrow([row(d) for d in decisions]), temporary, compression="zstd")
