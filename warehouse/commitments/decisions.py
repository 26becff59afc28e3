"""What people decided about evidence: kept in a file a portal (a warehouse can be built anew), told to it as silver commitment_decision."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from gongkai.errors import GongkaiError
from gongkai.layout import Layout, write_text_atomic
from warehouse.commitments.tables import COMMITMENT_DECISION
from warehouse.engines.contract import Connection

Verb = Literal["confirmed", "rejected", "withdrawn"]
"""withdrawn: an earlier decision is taken back, the score speaks again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitmentDecision:
    """One decision about one notice as evidence of one commitment."""

    portal_id: str
    commitment_id: str
    notice_id: str
    decision: Verb
    actor: str
    decided_at: datetime
    reason: str


def read_decisions(layout: Layout, portal_id: str) -> list[CommitmentDecision]:
    """Decisions about a portal's commitments, oldest first.

    Raises:
        GongkaiError: the file is damaged; nothing is decided anew over what cannot be read.
    """
    path = layout.commitment_decisions(portal_id)
    if not path.exists():
        return []
    try:
        return [CommitmentDecision(**{**d, "decided_at": datetime.fromisoformat(d["decided_at"])}) for d in json.loads(path.read_bytes())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GongkaiError(f"{path}: no list of decisions ({error})") from error


def write_decision(layout: Layout, decision: CommitmentDecision) -> None:
    """Append one. Raises GongkaiError as `read_decisions`."""
    kept = [*read_decisions(layout, decision.portal_id), decision]
    text = json.dumps([asdict(d) | {"decided_at": d.decided_at.isoformat()} for d in kept], ensure_ascii=False, indent=1)
    write_text_atomic(layout.commitment_decisions(decision.portal_id), text + "\n")


def load_decisions(connection: Connection, layout: Layout, portal_ids: Iterable[str]) -> None:
    """Append to `silver.commitment_decision` what it does not hold yet; what another machine told it stays."""
    there = set(connection.query("SELECT commitment_id, notice_id, decided_at FROM silver.commitment_decision"))
    found = [asdict(d) for portal_id in portal_ids for d in read_decisions(layout, portal_id)]
    new = [d for d in found if (d["commitment_id"], d["notice_id"], d["decided_at"]) not in there]
    if new:
        with connection.transaction():
            connection.append("silver", COMMITMENT_DECISION, COMMITMENT_DECISION.arrow(new))
