"""The clock is set while a night runs, or between two: what was crawled stays what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import stages.crawl
from gongkai.settings import Settings
from gongkai.status import RunStatus
from samples.town import running_town
from stages.context import open_context
from stages.crawl import crawl

PORTAL, LATER, EARLIER = "sample-bochuan", "20260302T183000Z", "20260301T183000Z"


class _AheadByAnHour(datetime):
    """What the crawl's parent saw before the clock was set right."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(UTC) + timedelta(hours=1)


def test_a_clock_set_back_neither_breaks_a_crawl_nor_lets_an_older_name_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_town(tmp_path) as town:
        settings = Settings(home=tmp_path / "home", portals=town.registry)
        night = open_context(LATER, settings)
        monkeypatch.setattr(stages.crawl, "datetime", _AheadByAnHour)
        (outcome,) = crawl([PORTAL], night)
        assert (outcome.status, outcome.counts["failed"]) == (RunStatus.COMPLETE, 0), outcome.reasons
        monkeypatch.undo()
        (refused,) = crawl([PORTAL], open_context(EARLIER, settings))
    assert refused.status is RunStatus.BROKEN
    assert f"run {LATER} is later than this one ({EARLIER}): the clock is behind, or was ahead then" in " ".join(refused.reasons)
    assert night.layout.raw_runs(PORTAL) == [LATER]
