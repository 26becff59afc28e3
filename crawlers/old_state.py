"""Reads the state of runs before 0.2, one whole JSON file a run, once, when a portal's database is first made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawlers.changes import Change, compact
from gongkai.errors import GongkaiError

OLD_STATE_NAME = "state.json"
_FORMAT = 2


def old_changes(folder: Path) -> Iterator[Change]:
    """What a format 2 state holds, as changes. Listings are left out: they are walked whole again, which finds the rows still owed.

    Raises GongkaiError for another format.
    """
    path = folder / OLD_STATE_NAME
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if raw.get("format") != _FORMAT:
        raise GongkaiError(f"{path}: state format {raw.get('format')}, this version reads {_FORMAT}")
    for key, notice in raw["notices"].items():
        counters = [notice.pop(name) for name in ("last_seen", "missed", "gone")]
        yield ("notice", key, compact(notice), *counters)
    for kind, name in (("page", "pages"), ("dead", "dead"), ("payload", "payloads")):
        for key, value in raw[name].items():
            yield ("put", kind, key, compact(value))
    for key in raw["outbound"]:
        yield ("put", "outbound", key, "true")
