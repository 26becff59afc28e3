"""Which portals share a crawl process or an audit task: batches of about equal expected work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from gongkai.ledger import read_outcome
from stages.context import RunContext

_UNKNOWN_WORK = 100  # requests expected of a portal that was never crawled


def balanced(work: Mapping[str, int], size: int) -> list[list[str]]:
    """Split ids into ceil(n / size) batches, heaviest first, each to the batch with the least work so far."""
    batches: list[list[str]] = [[] for _ in range(ceil(len(work) / size))]
    load = [0] * len(batches)
    for name in sorted(work, key=lambda n: (-work[n], n)):
        lightest = min(range(len(batches)), key=lambda i: (load[i], len(batches[i])))
        batches[lightest].append(name)
        load[lightest] += work[name]
    return batches


def crawl_batches(portal_ids: Sequence[str], ctx: RunContext) -> list[list[str]]:
    """Batches for tonight, weighed by the requests of each portal's newest crawl; no ids means every portal that is followed.

    Portals of one host stay together: a process keeps its pace, two would not know of each other.
    """
    hosts: dict[str, list[str]] = {}
    for portal in ctx.portals(portal_ids):
        hosts.setdefault(portal.host, []).append(portal.id)
    together = {ids[0]: ids for ids in hosts.values()}
    work = {first: sum(_expected_requests(portal_id, ctx) for portal_id in ids) for first, ids in together.items()}
    return [[portal_id for first in batch for portal_id in together[first]] for batch in balanced(work, ctx.settings.batch_size)]


def audit_batches(portal_ids: Sequence[str], ctx: RunContext) -> list[list[str]]:
    """Portals that are judged in one task: Great Expectations costs seconds a task and milliseconds a portal."""
    size = ctx.settings.audit_batch_size
    return [list(portal_ids[first : first + size]) for first in range(0, len(portal_ids), size)]


def _expected_requests(portal_id: str, ctx: RunContext) -> int:
    runs = ctx.layout.raw_runs(portal_id)
    path = ctx.layout.outcome(runs[-1], portal_id, "crawl") if runs else None
    return read_outcome(path).counts.get("requests", _UNKNOWN_WORK) if path and path.exists() else _UNKNOWN_WORK
