"""Publish: what readers see becomes tonight's warehouse, in one step."""

from __future__ import annotations

from stages.context import RunContext
from warehouse import publish as publisher


def publish(ctx: RunContext) -> str:
    """Where readers find it: the snapshot's path, or the database (without its password).

    Raises:
        WarehouseError: the marts were not built and audited since the last load, or failed; readers keep what they had.
    """
    publisher.require_audited(ctx.engine)
    place = publisher.publish(ctx.engine, run_id=ctx.run_id, now=ctx.now)
    ctx.engine.keep_published(ctx.run_id, ctx.settings.snapshots_kept)
    return place
