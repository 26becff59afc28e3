"""All scenarios, in the order of the documentation."""

from __future__ import annotations

from samples.scenarios import doors, files, lists, nights, texts, walls, wire
from samples.scenarios.model import Scenario

ROOMS: dict[str, tuple[Scenario, ...]] = {
    "Connection, lengths, floods": wire.SCENARIOS,
    "Lists": lists.SCENARIOS,
    "Bytes and words": texts.SCENARIOS,
    "Walls and strangers": walls.SCENARIOS,
    "Closed doors": doors.SCENARIOS,
    "Attachments": files.SCENARIOS,
    "Several nights": nights.SCENARIOS,
    "Healthy neighbours": nights.HEALTHY,
}
SCENARIOS = tuple(s for room in ROOMS.values() for s in room)
