"""Nights as the ledger tells them, without any crawl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gongkai.layout import Layout
from gongkai.ledger import StageOutcome, record
from gongkai.settings import Settings
from gongkai.status import RunStatus
from stages.context import RunContext, open_context

NIGHTS = [f"202603{day:02}T183000Z" for day in range(1, 11)]
_ENTRY = """
  - id: {id}
    name: {name}
    level: city
    province: 例省
    base_url: http://127.0.0.1:9
    family: generic
    status: verified 2026-01-01
"""


def plant(tmp_path: Path, words: dict[str, str], reason: str = "http://127.0.0.1:9/: HTTP 500", **settings: Any) -> RunContext:
    """Context of the last night; `words`: portal id → one letter a night (c complete, b blocked, p partial, - not asked)."""
    statuses = {"c": RunStatus.COMPLETE, "b": RunStatus.BLOCKED, "p": RunStatus.PARTIAL}
    registry = tmp_path / "p.yaml"
    registry.write_text("portals:" + "".join(_ENTRY.format(id=portal, name=f"{portal}市人民政府") for portal in words), encoding="utf-8")
    layout = Layout(tmp_path / "home")
    for portal, letters in words.items():
        for run_id, letter in zip(NIGHTS, letters, strict=False):
            for stage in ("crawl", "extract", "audit") if letter != "-" else ():
                status = statuses[letter] if stage != "audit" else RunStatus.COMPLETE
                record(
                    layout,
                    StageOutcome(
                        run_id=run_id,
                        portal_id=portal,
                        stage=stage,
                        status=status,
                        started_at="",
                        finished_at="",
                        reasons=[] if status.is_whole else [reason],
                        counts={"new": 2, "requests": 30} if stage == "crawl" else {"tasks": 1},
                    ),
                )
    last = NIGHTS[max(len(letters) for letters in words.values()) - 1]
    return open_context(last, Settings(home=layout.home, portals=registry, **settings))
