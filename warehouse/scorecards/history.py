"""What indicators were from a day on: a file a day, because a warehouse can be built anew, told to it as silver scorecard_log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from pydantic import TypeAdapter, ValidationError

from gongkai.errors import GongkaiError
from gongkai.layout import Layout, write_text_atomic
from warehouse.engines.contract import Connection
from warehouse.scorecards.tables import SCORECARD_LOG


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An indicator as it stands from `since` on."""

    portal_id: str
    scorecard: str
    version: str
    indicator: str
    since: date
    verdict: str
    points: Decimal | None
    max_points: Decimal
    reason: str
    failing: list[str]


_STANDINGS = TypeAdapter(list[Standing])


def keep(layout: Layout, day: date, found: Sequence[Standing]) -> None:
    """Write a day's file, in place of what an earlier build of the day wrote; none where nothing changed."""
    path = layout.scorecards(day)
    if found or path.exists():
        write_text_atomic(path, _STANDINGS.dump_json(list(found), indent=1).decode() + "\n")


def load_history(connection: Connection, layout: Layout) -> None:
    """Append the days that `silver.scorecard_log` does not know.

    Raises:
        GongkaiError: a file is damaged.
    """
    known = {since for (since,) in connection.query("SELECT DISTINCT since FROM silver.scorecard_log")}
    new = [asdict(one) for day in layout.scorecard_days() if day not in known for one in _read(layout, day)]
    with connection.transaction():
        connection.append("silver", SCORECARD_LOG, SCORECARD_LOG.arrow(new))


def _read(layout: Layout, day: date) -> list[Standing]:
    path = layout.scorecards(day)
    try:
        return _STANDINGS.validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise GongkaiError(f"{path}: no list of scorecard items ({str(error).splitlines()[0]})") from error
