"""How large the archive is and how it grows: per portal and month, from the runs' folders and their indexes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crawlers.archive_index import captures, index_run
from crawlers.archive_verify import run_bytes
from gongkai.layout import Layout


@dataclass
class Size:
    """What the runs of one portal in one month (of the run's name, in UTC) hold."""

    portal_id: str
    month: str
    """2026-03"""
    runs: int = 0
    bytes: int = 0
    """On disk, rows and manifests included."""
    answers: int = 0
    revisits: int = 0
    """Answers whose payload lies in an earlier record."""
    saved: int = 0
    """Bytes of payloads that came again and were not stored again; a 304 sends none and is not counted here."""


def sizes(layout: Layout, portal_ids: Iterable[str], looked: Callable[[], None] = lambda: None) -> list[Size]:
    """One row a portal and month, in order; `looked` hears of every run."""
    found: dict[tuple[str, str], Size] = {}
    for portal_id in portal_ids:
        for run_id in layout.raw_runs(portal_id):
            month = f"{run_id[:4]}-{run_id[4:6]}"
            size = found.setdefault((portal_id, month), Size(portal_id, month))
            size.runs += 1
            size.bytes += run_bytes(layout, portal_id, run_id)
            for capture in captures(index_run(layout, portal_id, run_id), portal_id, run_id):
                size.answers += 1
                size.revisits += capture.revisit
                size.saved += capture.bytes if capture.revisit else 0
            looked()
    return list(found.values())


def total(rows: Iterable[Size]) -> dict[str, int]:
    """Sums over rows."""
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        for name in ("runs", "bytes", "answers", "revisits", "saved"):
            sums[name] += getattr(row, name)
    return dict(sums)
