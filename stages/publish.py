"""Publish: what readers see becomes tonight's warehouse, in one rename."""

from __future__ import annotations

from pathlib import Path

from stages.context import RunContext
from warehouse import publish as publisher


def publish(ctx: RunContext) -> Path:
    """The new snapshot's path.

    Raises:
        WarehouseError: the marts were not built since the last load, or failed their tests; readers keep the old snapshot.
    """
    return publisher.publish(ctx.layout, run_id=ctx.run_id, now=ctx.now)
