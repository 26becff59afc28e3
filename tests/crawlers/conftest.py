from __future__ import annotations

from collections.abc import Iterator

import pytest
from small_servers import Servers


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Add sites, then `start()`; stopped at the module's end."""
    made = Servers(tmp_path_factory.mktemp("home"))
    yield made
    made.stop()
