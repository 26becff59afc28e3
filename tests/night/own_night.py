"""A `make up` or `make run` of a test's own: its home and its ports."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

GONGKAI = str(Path(sys.executable).with_name("gongkai"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, town_port: int) -> dict[str, str]:
    return {**os.environ, "GONGKAI_HOME": str(home), "GONGKAI_UI_PORT": str(free_port()), "GONGKAI_TOWN_PORT": str(town_port)}
