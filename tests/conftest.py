"""Fixtures for every room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from own_postgres import Server, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for this session; `postgres.database()` gives the URL of an empty database."""
    with running() as server:
        yield server
