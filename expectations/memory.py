"""What the audit remembers of a portal from night to night, so that a night costs the same after a year.

A cache: everything in it is made again from silver and verdicts where it is missing, damaged, or does not fit what lies there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from expectations.history import History
from expectations.verdict import Offender, Verdict, VerdictUnreadable, read_verdict
from gongkai.identity import digest
from gongkai.layout import Layout, write_text_atomic

_FORM = 1
_MOST = 100  # standing failures of one portal
_SHOWN = 10  # offenders of one of them
_GRAVITY = ("critical", "warning", "info")


@dataclass(frozen=True)
class Head:
    """A batch and its verdict without the results."""

    run_id: str
    committed: str
    """Digest of the silver commit; empty where it is damaged."""
    judged: str | None
    """Digest that the verdict is about; None: no verdict of this version."""
    thresholds: str = ""
    sound: bool = False
    passed: bool = False
    decision: str | None = None
    notices: int | None = None

    def waits(self, edition: str) -> bool:
        """Whether it must be judged: no verdict on its present rows, unreadable then, or refused by other bounds."""
        return self.judged != self.committed or self.notices is None or not (self.sound or self.thresholds == edition)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A failure of an earlier batch whose rows readers still see, because no later batch has read those pages anew."""

    run_id: str
    suite: str
    meaning: str
    severity: str
    count: int
    offenders: tuple[Offender, ...]


@dataclass
class Memory:
    """Of one portal."""

    history: History = field(default_factory=History)
    """After the first `runs` batches."""
    standing: list[Standing] = field(default_factory=list)
    left_out: int = 0
    """Standing failures beyond the bound."""
    runs: int = 0
    chain: str = ""
    """Digest of what these batches and their verdicts were."""
    heads: dict[str, tuple[str, Head]] = field(default_factory=dict)
    """By run: signature of its files, and what stood in them."""

    def fold(self, verdict: Verdict, seen: Collection[str]) -> None:
        """Take in one more verdict; `seen`: notices that its batch read anew, or found gone."""
        if not verdict.passed:  # nothing of it reaches readers
            return
        kept = [entry for standing in self.standing if (entry := _without(standing, seen))]
        brought = [
            Standing(
                run_id=verdict.run_id,
                suite=answer.result.suite,
                meaning=answer.result.meaning,
                severity=answer.result.severity,
                count=answer.count,
                offenders=answer.offenders[:_SHOWN],
            )
            for answer in verdict.failures
            if answer.offenders and all(o.notice_id for o in answer.offenders)
        ]
        every = sorted([*brought, *kept], key=lambda s: _GRAVITY.index(s.severity))  # the newest run first within a severity
        self.left_out += max(0, len(every) - _MOST)
        self.standing = every[:_MOST]


def _without(entry: Standing, seen: Collection[str]) -> Standing | None:
    left = tuple(o for o in entry.offenders if o.notice_id not in seen)
    count = entry.count - (len(entry.offenders) - len(left))
    return replace(entry, offenders=left, count=count) if count > 0 else None


def chain_of(heads: Sequence[Head]) -> str:
    """Digest over batches and verdicts, in order."""
    link = ""
    for head in heads:
        link = digest(link, head.run_id, head.committed, head.judged or "", head.thresholds, str(head.passed), head.decision or "")
    return link


def read_memory(layout: Layout, portal_id: str) -> Memory:
    """What was remembered; an empty memory where there is none that can be read."""
    try:
        raw = json.loads(layout.audit_memory(portal_id).read_bytes())
        if raw["form"] != _FORM:
            return Memory()
        return Memory(
            history=History.from_json(raw["history"]),
            standing=[Standing(**{**s, "offenders": tuple(Offender(**o) for o in s["offenders"])}) for s in raw["standing"]],
            left_out=int(raw["left_out"]),
            runs=int(raw["runs"]),
            chain=str(raw["chain"]),
            heads={run: (str(signature), Head(**head)) for run, (signature, head) in raw["heads"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Memory()


def write_memory(layout: Layout, portal_id: str, memory: Memory) -> None:
    """Replace it; not synced, because it is made again where it is torn."""
    raw: dict[str, Any] = {
        "form": _FORM,
        "history": memory.history.to_json(),
        "standing": [asdict(s) for s in memory.standing],
        "left_out": memory.left_out,
        "runs": memory.runs,
        "chain": memory.chain,
        "heads": {run: [signature, asdict(head)] for run, (signature, head) in memory.heads.items()},
    }
    write_text_atomic(layout.audit_memory(portal_id), json.dumps(raw, ensure_ascii=False), durable=False)


def read_heads(layout: Layout, portal_id: str, memory: Memory) -> list[Head]:
    """Heads of all batches, oldest first; only files that changed since are opened. `memory` knows them afterwards."""
    heads = {}
    for run_id in layout.silver_runs(portal_id):
        commit, verdict = layout.silver_commit(portal_id, run_id), layout.verdict(portal_id, run_id)
        signature = f"{_signature(commit)} {_signature(verdict)}"
        known = memory.heads.get(run_id)
        heads[run_id] = known if known and known[0] == signature else (signature, _head(run_id, commit, verdict))
    memory.heads = heads
    return [head for _, head in heads.values()]


def _signature(path: Path) -> str:
    """Changes whenever the file is written, because writing replaces it."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return "-"
    return f"{stat.st_mtime_ns}.{stat.st_size}.{stat.st_ino}"


def _head(run_id: str, commit: Path, verdict: Path) -> Head:
    try:
        committed = str(json.loads(commit.read_bytes())["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        committed = ""
    try:
        told = read_verdict(verdict)
    except VerdictUnreadable:
        return Head(run_id, committed, None)
    return Head(run_id, committed, told.digest, told.thresholds, told.sound, told.passed, told.decision, told.notices)
