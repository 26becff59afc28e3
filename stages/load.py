"""Load: audited batches into the warehouse, then the marts. One process writes the warehouse at a time."""

from __future__ import annotations

import logging

from gongkai.errors import WarehouseError
from stages.context import RunContext
from stages.shared import fetched, sent, stored_portals
from warehouse import load as loader
from warehouse import mart_docs, marts

logger = logging.getLogger(__name__)


def load(ctx: RunContext) -> loader.LoadSummary:
    """Every judged batch that the warehouse does not hold yet. Idempotent.

    Raises:
        WarehouseError: the warehouse is locked, out of reach or of another shape.
        StoreError: the shared store does not answer.
    """
    portals = {*ctx.registry, *stored_portals(ctx)}  # the ledger of a portal that left the registry is loaded, too
    fetched(ctx, portals)
    summary = loader.load(ctx.engine, ctx.layout, list(ctx.registry.values()), run_id=ctx.run_id, now=ctx.now)
    sent(ctx, "load", portals)
    return summary


def build_marts(ctx: RunContext) -> marts.MartSummary:
    """Rebuild and test the marts as of the run's day in the portals' time zone, and write the page that documents them.

    Raises:
        WarehouseError: a model or test failed; the published snapshot stays as it is.
    """
    done = marts.build(ctx.engine, ctx.layout, as_of=ctx.today, now=ctx.now)
    try:
        mart_docs.write(ctx.engine, ctx.layout)
    except (WarehouseError, OSError, LookupError, ValueError):  # a page for readers holds nothing up
        logger.exception("the page of the marts was not written; the marts stand")
    return done
