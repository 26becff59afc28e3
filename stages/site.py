"""The report site (公开报告): what is published as static pages below `site/`, for people who have no Airflow and no SQL."""

from __future__ import annotations

from gongkai.errors import GongkaiError
from stages.context import RunContext
from warehouse.report_site.build import build
from warehouse.report_site.site import Built


def build_site(ctx: RunContext) -> Built:
    """Make the site what is published says; pages whose inputs did not change stay as they are.

    Raises:
        GongkaiError: nothing is published yet.
        WarehouseError: the warehouse cannot be read.
    """
    with ctx.engine.published() as connection:
        if connection is None:
            raise GongkaiError(f"nothing is published yet at {ctx.engine.published_place}")
        return build(connection, ctx.layout.site)
