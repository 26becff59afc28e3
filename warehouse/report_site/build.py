"""The whole site from one snapshot."""

from __future__ import annotations

from pathlib import Path

from warehouse.engines import Connection
from warehouse.report_site.overview import build_overview, read_places
from warehouse.report_site.places import build_places
from warehouse.report_site.reading import Source
from warehouse.report_site.site import Built, Site


def build(connection: Connection, folder: Path) -> Built:
    """Make the site below `folder` what the snapshot says; pages whose inputs did not change stay as they are.

    Args:
        connection: what readers see (`engine.published()`); nothing but schemas `mart` and `meta` is read.

    Raises:
        WarehouseError: nothing is published.
    """
    source, site = Source(connection), Site(folder)
    places = read_places(source)
    build_places(source, site, places)
    build_overview(source, site, places)
    return site.finish()
