"""The disk fills up in each stage in turn: a clear reason, and after making room the same warehouse as on a calm night."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gongkai.errors import DiskFull, WarehouseError
from gongkai.settings import Settings
from gongkai.status import Severity
from samples.town import running_town
from stages.alert import compose
from stages.audit import audit
from stages.context import RunContext, open_context
from stages.crawl import crawl
from stages.extract import extract
from stages.load import load
from warehouse.compare import content, differences

PORTAL, RUN = "sample-bochuan", "20260301T183000Z"
STAGES: dict[str, Callable[[RunContext], object]] = {
    "crawl": lambda ctx: crawl([PORTAL], ctx),
    "extract": lambda ctx: extract(PORTAL, ctx),
    "audit": lambda ctx: audit([PORTAL], ctx),
    "load": load,
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few pages; `mount -o remount,size=…` makes it larger."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], capture_output=True, check=False)
    if os.geteuid() != 0 or mounted.returncode != 0:
        pytest.skip("only root may mount a small file system")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def night(ctx: RunContext) -> tuple[str, str]:
    """Run the stages in order; the one that failed and why, or an empty pair."""
    for name, stage in STAGES.items():
        try:
            stage(ctx)
        except (DiskFull, WarehouseError) as reason:
            return name, str(reason)
    return "", ""


@pytest.mark.slow
def test_each_stage_says_so_and_goes_on_when_there_is_room(disk: Path, tmp_path: Path) -> None:
    calm = tmp_path / "calm"
    with running_town(tmp_path) as town:
        full = open_context(RUN, Settings(home=disk, portals=town.registry))
        failed = []
        for size in ("64k", "200k", "400k", "480k", "1m", "100m"):
            subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)
            failed.append(night(full))
        (said,) = (alert.text for alert in compose(full) if alert.severity is Severity.ERROR)
        assert re.match(r"disk: \d[\d,]* bytes are left", said)
        assert night(open_context(RUN, Settings(home=calm, portals=town.registry))) == ("", "")
    stages = list(dict.fromkeys(stage for stage, _ in failed))
    assert stages[:-2] in (["crawl", "extract"], ["crawl", "audit"], ["crawl", "extract", "audit"])  # what the audit writes is little
    assert stages[-2:] == ["load", ""]
    assert all("room is left on the disk" in why or "No space left on device" in why for _, why in failed[:-1])
    assert all(str(disk) in why for _, why in failed[:-1]), "the place is named"
    assert differences(content(full.layout.warehouse), content(calm / "warehouse" / "gongkai.duckdb")) == []
