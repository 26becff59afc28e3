"""The run ledger: one JSON row per run, portal and stage, so that every night can say for every portal what it really got."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gongkai.errors import StageFailed
from gongkai.layout import Layout, write_text_atomic
from gongkai.status import RunStatus
from gongkai.words import counted


@dataclass(frozen=True, kw_only=True)
class StageOutcome:
    """How one stage ended for one portal."""

    run_id: str
    portal_id: str
    stage: str  # crawl | extract | audit | load
    status: RunStatus
    started_at: str
    finished_at: str
    reasons: list[str] = field(default_factory=list)
    """Why the status is not `complete`, in plain words, with URLs."""
    counts: dict[str, int] = field(default_factory=dict)
    """What was counted: listed, declared, fetched, new, known, changed, failed, requests, bytes, documents, tasks, …"""


def one_line(text: str) -> str:
    """What a person typed, as it is kept: without control characters, on one line, single blanks."""
    return " ".join(printable(text).split())


def printable(reason: str) -> str:
    """A reason on one line, as a terminal may show it: it quotes strangers, whose control characters could rewrite the screen."""
    return "".join(c if c.isprintable() else " " for c in reason)


def record(layout: Layout, outcome: StageOutcome) -> Path:
    """Write (or replace, on a rerun) the outcome's row."""
    path = layout.outcome(outcome.run_id, outcome.portal_id, outcome.stage)
    write_text_atomic(path, json.dumps(asdict(outcome), ensure_ascii=False, indent=1) + "\n")
    return path


def read_outcome(path: Path) -> StageOutcome:
    """The row written by `record`."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return StageOutcome(**{**raw, "status": RunStatus(raw["status"])})


def require_whole(outcomes: Iterable[StageOutcome]) -> dict[str, int]:
    """The summed counts of whole outcomes; raises StageFailed that says of each other one what it is and why."""
    counts: Counter[str] = Counter()
    bad = []
    for outcome in outcomes:
        counts.update(outcome.counts)
        if not outcome.status.is_whole:
            bad.append(f"{outcome.portal_id}: {outcome.status.value}: {'; '.join(outcome.reasons)}")
    if bad:
        raise StageFailed(" | ".join(bad))
    return dict(counts)


def in_words(outcomes: Iterable[StageOutcome]) -> str:
    """`3 portals: 2 complete, 1 blocked; fetched 40, requests 52`: what some outcomes come to."""
    known = list(outcomes)
    statuses = Counter(outcome.status for outcome in known)
    counts: Counter[str] = Counter()
    for outcome in known:
        counts.update(outcome.counts)
    said = f"{counted(len(known), 'portal')}: " + ", ".join(
        f"{statuses[status]} {status.value}" for status in RunStatus if statuses[status]
    )
    return said + ("; " + ", ".join(f"{name} {count}" for name, count in counts.items() if count) if any(counts.values()) else "")
