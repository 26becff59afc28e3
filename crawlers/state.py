"""What a portal's crawl remembers: state.json of its newest committed run. It lives with the archive and dies with no process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from crawlers.warc import Record
from gongkai.errors import GongkaiError
from gongkai.layout import Layout

STATE_NAME = "state.json"
_FORMAT = 2


@dataclass(slots=True)
class KnownNotice:
    """A notice whose page was read once; the list's words are kept to see when they change."""

    url: str
    title: str
    date: str | None
    doc_number: str | None
    version: str
    first_seen: str
    last_seen: str
    """Run ids."""
    missed: int = 0
    """Whole walks in a row that did not show it (removal.py decides by it)."""
    gone: str | None = None
    """Why it counts as removed; None while it is there."""
    retry: bool = False
    """An attachment failed in a way that may pass: read the notice again."""
    etag: str | None = None
    last_modified: str | None = None
    record: Record | None = None


@dataclass(slots=True)
class KnownPage:
    """A list page that can be asked for conditionally."""

    etag: str | None
    last_modified: str | None
    record: Record


@dataclass(slots=True)
class KnownListing:
    """A listing as its last whole walk showed it, with the rows met since."""

    walked: str
    """Run id of that walk."""
    keys: set[str]
    declared: int | None


@dataclass(slots=True)
class DeadRow:
    """A row that leads to a page which is not there."""

    url: str
    since: str
    """Run id of the first failure."""
    tries: int = 1


@dataclass(slots=True)
class PortalState:
    """Cumulative memory of one portal."""

    notices: dict[str, KnownNotice] = field(default_factory=dict)
    pages: dict[str, KnownPage] = field(default_factory=dict)
    listings: dict[str, KnownListing] = field(default_factory=dict)
    dead: dict[str, DeadRow] = field(default_factory=dict)
    outbound: set[str] = field(default_factory=set)
    """Ids of rows on our host whose page turned out to lead to another host."""
    payloads: dict[str, Record] = field(default_factory=dict)
    """sha256 → where the archive holds it; for revisit records."""


def read_state(layout: Layout, portal_id: str) -> PortalState:
    """State after the newest committed run; a fresh one where there is none. Raises GongkaiError for an unknown format."""
    runs = layout.raw_runs(portal_id)
    if not runs:
        return PortalState()
    folder = layout.raw_run(portal_id, runs[-1])
    raw = json.loads((folder / STATE_NAME).read_text(encoding="utf-8"))
    if raw["format"] != _FORMAT:
        raise GongkaiError(f"{folder / STATE_NAME}: state format {raw['format']}, this version reads {_FORMAT}")
    return PortalState(
        notices={k: KnownNotice(**{**v, "record": _record(v["record"])}) for k, v in raw["notices"].items()},
        pages={k: KnownPage(v["etag"], v["last_modified"], Record(**v["record"])) for k, v in raw["pages"].items()},
        listings={k: KnownListing(v["walked"], set(v["keys"]), v["declared"]) for k, v in raw["listings"].items()},
        dead={k: DeadRow(**v) for k, v in raw["dead"].items()},
        outbound=set(raw["outbound"]),
        payloads={k: Record(**v) for k, v in raw["payloads"].items()},
    )


def _record(raw: dict[str, str | int] | None) -> Record | None:
    return Record(**raw) if raw else None  # type: ignore[arg-type]  # written by write_state


def write_state(state: PortalState, path: Path) -> None:
    """Write the state into a run's folder."""
    body = {
        "format": _FORMAT,
        "notices": {k: asdict(v) for k, v in state.notices.items()},
        "pages": {k: asdict(v) for k, v in state.pages.items()},
        "listings": {k: {"walked": v.walked, "keys": sorted(v.keys), "declared": v.declared} for k, v in state.listings.items()},
        "dead": {k: asdict(v) for k, v in state.dead.items()},
        "outbound": sorted(state.outbound),
        "payloads": {k: asdict(v) for k, v in state.payloads.items()},
    }
    with path.open("w", encoding="utf-8") as file:
        json.dump(body, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")
