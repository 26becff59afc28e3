"""Appeals (异议): what somebody put beside an indicator. In a file a portal: a warehouse can be built anew; nothing is taken away."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from gongkai.errors import GongkaiError
from gongkai.layout import Layout, write_text_atomic
from warehouse.engines.contract import Connection
from warehouse.scorecards.tables import SCORECARD_APPEAL


@dataclass(frozen=True, kw_only=True)
class Appeal:
    """One note."""

    portal_id: str
    scorecard: str
    indicator: str
    note: str
    actor: str
    noted_at: datetime


_APPEALS = TypeAdapter(list[Appeal])


def read_appeals(layout: Layout, portal_id: str) -> list[Appeal]:
    """A portal's appeals, the oldest first.

    Raises:
        GongkaiError: the file is damaged.
    """
    path = layout.appeals(portal_id)
    if not path.exists():
        return []
    try:
        return _APPEALS.validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise GongkaiError(f"{path}: no list of appeals ({str(error).splitlines()[0]})") from error


def append_appeal(layout: Layout, appeal: Appeal) -> None:
    """Write one behind the others. Raises GongkaiError as `read_appeals`."""
    kept = [*read_appeals(layout, appeal.portal_id), appeal]
    text = json.dumps([asdict(a) | {"noted_at": a.noted_at.isoformat()} for a in kept], ensure_ascii=False, indent=1)
    write_text_atomic(layout.appeals(appeal.portal_id), text + "\n")


def load_appeals(connection: Connection, layout: Layout, portal_ids: Iterable[str]) -> None:
    """Append to `silver.scorecard_appeal` what it does not hold yet; what another machine told it stays."""
    there = set(connection.query("SELECT portal_id, scorecard, indicator, noted_at FROM silver.scorecard_appeal"))
    found = [a for portal_id in portal_ids for a in read_appeals(layout, portal_id)]
    new = [asdict(a) for a in found if (a.portal_id, a.scorecard, a.indicator, a.noted_at) not in there]
    with connection.transaction():
        connection.append("silver", SCORECARD_APPEAL, SCORECARD_APPEAL.arrow(new))
