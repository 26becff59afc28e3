"""This morning's page over a published warehouse, on both engines: what changed, what is gone, what contradicts itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted_years import HUSHI, LISHI
from silver_night import NOW, SECOND

from gongkai.layout import Layout
from gongkai.settings import Settings
from stages.context import RunContext
from stages.morning import build
from warehouse.engines import Engine


@pytest.mark.parametrize("name", ["duckdb", "postgresql"])
def test_what_changed_is_told(both: dict[str, Engine], name: str, tmp_path: Path) -> None:
    ctx = RunContext(Settings(home=tmp_path), Layout(tmp_path), {p.id: p for p in (LISHI, HUSHI)}, SECOND, NOW)
    ctx.__dict__["engine"] = both[name]
    page = build(ctx).read_text(encoding="utf-8")
    assert "Tonight's data is published: " in page
    assert "<h3>Removed (1)</h3>" in page and "http_404" in page
    assert "<h3>Edited (1)</h3>" in page and "plan.html" in page
    assert "湖市人民政府" in page.partition('id="freshness"')[2], "it was never whole"
