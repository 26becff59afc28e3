"""Which silver batches exist, what the audit said of each, and what the warehouse already holds of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai.layout import Layout
from gongkai.registry import Portal
from warehouse.engines import Connection

BatchKey = tuple[str, str]
"""(portal_id, run_id)"""
READING = "d.extractor_version || ' ' || d.run_id || ' ' || coalesce(l.digest, '')"
"""Of a row `d` of silver.document: what tells its reading from another one of the same document, where `l` is its batch."""
ITS_BATCH = "LEFT JOIN silver.load_log AS l ON l.portal_id = d.portal_id AND l.run_id = d.run_id"
"""A batch may be made anew under its run and extractor: its digest tells."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One portal's silver rows of one run, with the verdict that was given on exactly these rows."""

    portal_id: str
    run_id: str
    digest: str
    extractor_version: str
    verdict: str
    """sha256 of the verdict file: a second verdict on the same rows, by other thresholds, is news too."""
    passed: bool

    @property
    def key(self) -> BatchKey:
        return self.portal_id, self.run_id


@dataclass(frozen=True, kw_only=True)
class Logged:
    """What `silver.load_log` says of a batch."""

    digest: str
    verdict: str
    passed: bool

    def covers(self, batch: Batch) -> bool:
        return (self.digest, self.verdict) == (batch.digest, batch.verdict)


def judged_batches(layout: Layout, portals: Iterable[Portal]) -> tuple[list[Batch], list[BatchKey]]:
    """Batches whose verdict is about the rows that lie there now, oldest run first; and those that still wait for one."""
    judged, waiting = [], []
    for key in _committed(layout, portals):
        digest, extractor_version = _commit(layout.silver_commit(*key))
        verdict = _verdict(layout.verdict(*key))
        if verdict is None or verdict["digest"] != digest:
            waiting.append(key)
            continue
        judged.append(
            Batch(
                portal_id=key[0],
                run_id=key[1],
                digest=digest,
                extractor_version=extractor_version,
                verdict=str(verdict["fingerprint"]),
                passed=verdict["passed"] is True and digest != "",
            )
        )
    return sorted(judged, key=lambda b: (b.run_id, b.portal_id)), waiting


def _committed(layout: Layout, portals: Iterable[Portal]) -> Iterator[BatchKey]:
    for portal in portals:
        for run_id in layout.silver_runs(portal.id):
            yield portal.id, run_id


def _commit(path: Path) -> tuple[str, str]:
    """Digest and extractor version; empty where the file is damaged, which is what the audit writes into its refusal."""
    try:
        commit = json.loads(path.read_text(encoding="utf-8"))
        return str(commit["digest"]), str(commit["extractor_version"])
    except (ValueError, KeyError, TypeError):
        return "", ""


def _verdict(path: Path) -> dict[str, Any] | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return {**json.loads(content), "fingerprint": hashlib.sha256(content).hexdigest()}


def load_log(connection: Connection) -> dict[BatchKey, Logged]:
    """What was loaded, or held back, so far."""
    rows = connection.query("SELECT portal_id, run_id, digest, verdict, passed FROM silver.load_log")
    return {(r[0], r[1]): Logged(digest=r[2], verdict=r[3], passed=r[4]) for r in rows}


def to_forget(judged: Iterable[Batch], log: dict[BatchKey, Logged]) -> list[Batch]:
    """Batches whose rows must go before loading, because one of their portal's loaded batches now reads otherwise.

    A row that stands in two batches is kept once, under the older run. Were only the corrected batch replaced, a row it no
    longer holds would vanish although a later batch still has it; so the portal's other batches are merged again as well.
    A batch whose new reading was refused keeps its old rows, so one that is released later may stand there with rows to be replaced.
    One that was loaded and may no longer be (a release was undone, the batch dropped) goes itself.
    """
    judged = list(judged)
    passed = [b for b in judged if b.passed]
    corrected = {b.portal_id for b in passed if b.key in log and not (log[b.key].passed and log[b.key].digest == b.digest)}
    withdrawn = [b for b in judged if not b.passed and b.key in log and log[b.key].passed and log[b.key].digest == b.digest]
    corrected |= {b.portal_id for b in withdrawn}
    return [b for b in (*withdrawn, *passed) if b.portal_id in corrected and b.key in log]


def waves(pending: Iterable[Batch], most: int, heaviest: int, weight: Callable[[Batch], int]) -> list[list[Batch]]:
    """Batches that are loaded in one transaction: at most one of each portal, so that their keys cannot meet; oldest first.

    No more than `most`, and only one that is itself heavier weighs more than `heaviest`.
    """
    depth: dict[str, int] = {}
    rounds: dict[int, list[Batch]] = {}
    for batch in pending:
        turn = depth.get(batch.portal_id, 0)
        depth[batch.portal_id] = turn + 1
        rounds.setdefault(turn, []).append(batch)
    return [wave for _, turn in sorted(rounds.items()) for wave in _parted(turn, most, heaviest, weight)]


def _parted(turn: Iterable[Batch], most: int, heaviest: int, weight: Callable[[Batch], int]) -> Iterator[list[Batch]]:
    wave: list[Batch] = []
    weighs = 0
    for batch in turn:
        own = weight(batch)
        if wave and (len(wave) == most or weighs + own > heaviest):
            yield wave
            wave, weighs = [], 0
        wave.append(batch)
        weighs += own
    if wave:
        yield wave
