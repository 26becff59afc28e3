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
AWAITED: dict[str, str] = {
    "requests-spent": "a portal's requests have no budget yet (branch core: crawlers/budget.py)",
    "bytes-spent": "a portal's bytes have no budget yet (branch core: crawlers/budget.py)",
    "list-without-end": "the walk over lists may use the whole budget (branch core: crawlers/budget.py)",
    "list-shrinks-behind-us": "the walk takes a declared total that shrank on its way for the whole truth (crawlers/listing.py)",
    "list-behind-meta-refresh": "a shell that refreshes to the list's place is not followed (transforms/pages/list_page.py)",
    "list-behind-iframe": "a shell that frames the list is not followed (transforms/pages/list_page.py)",
}
"""Scenarios that fail today, and why: what they expect is right, and somebody is at it. They count as failed."""
