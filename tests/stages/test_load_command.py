"""`gongkai load` says what came of the batches; one that was refused keeps none of the others back, and the exit status tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from stages.cli import gongkai
from warehouse.load import FailedBatch, LoadedBatch, LoadSummary

LOADED = LoadedBatch(portal_id="lishi", run_id="20260301T183000Z", rows={"notice": 2})
FAILED = FailedBatch(portal_id="hushi", run_id="20260301T183000Z", cause="a moment is later than now\nand more")


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stages that ran, of a command whose stages do nothing."""
    ran: list[str] = []
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path))
    for room, name in (("load", "build_marts"), ("audit", "audit_whole"), ("publish", "publish"), ("alert", "beat")):
        monkeypatch.setattr(f"stages.{room}.{name}", lambda ctx, name=name: ran.append(name))
    return ran


@pytest.mark.parametrize(
    ("summary", "status", "said"),
    [
        (LoadSummary(batches=[LOADED]), 0, "1 batch loaded, 2 rows\n"),
        (
            LoadSummary(batches=[LOADED], failed=[FAILED]),
            1,
            "1 batch loaded, 2 rows; 1 failed (hushi/20260301T183000Z: a moment is later than now and more)\n",
        ),
    ],
)
def test_load_says_what_it_did(done: list[str], monkeypatch: pytest.MonkeyPatch, summary: LoadSummary, status: int, said: str) -> None:
    monkeypatch.setattr("stages.load.load", lambda ctx: summary)
    told = CliRunner().invoke(gongkai, ["load"])
    assert (told.exit_code, told.output) == (status, said)
    assert done == ["build_marts", "audit_whole"]


def test_a_night_publishes_the_others(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.load.load", lambda ctx: LoadSummary(batches=[LOADED], failed=[FAILED]))
    for stage in ("crawl", "extract", "audit", "summary"):
        monkeypatch.setattr(gongkai.commands[stage], "callback", lambda **given: None)
    told = CliRunner().invoke(gongkai, ["night"])
    assert told.exit_code == 1
    assert done == ["build_marts", "audit_whole", "publish", "beat"]
