"""All scenarios, in the order of the documentation."""

from __future__ import annotations

from samples.scenarios import lists, texts, wire
from samples.scenarios.model import Scenario

ROOMS: dict[str, tuple[Scenario, ...]] = {
    "Connection, lengths, floods": wire.SCENARIOS,
    "Lists": lists.SCENARIOS,
    "Bytes and words": texts.SCENARIOS,
}
SCENARIOS = tuple(s for room in ROOMS.values() for s in room)
