"""What is published, for commands that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gongkai.errors import GongkaiError
from warehouse.engines.contract import Connection, Engine


@contextmanager
def published_with(engine: Engine, mart: str, asker: str) -> Iterator[Connection]:
    """Open what is published, which must hold the mart; `asker` begins the message.

    Raises:
        GongkaiError: nothing is published, or by a release that did not know the mart.
    """
    with engine.published() as connection:
        if connection is None:
            raise GongkaiError(f"{asker}: nothing published yet in {engine.published_place} (run `make run` or `gongkai night`)")
        if not connection.column_types("mart", mart):
            raise GongkaiError(
                f"{asker}: {engine.published_place} was published by an older release; `gongkai load`, then `gongkai publish`"
            )
        yield connection
