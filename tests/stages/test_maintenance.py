"""Upkeep removes no evidence, and says how the home grows."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from gongkai.errors import StageFailed
from gongkai.layout import Layout, run_id_of
from gongkai.settings import Settings
from stages.context import open_context
from stages.maintenance import Growth, growth, growth_history, growth_words, retention, verify

RUN = "20260301T183000Z"


def home_of(tmp_path: Path) -> tuple[Path, Layout]:
    registry = tmp_path / "p.yaml"
    registry.write_text("portals: []\n")
    return registry, Layout(tmp_path / "home")


def write(path: Path, size: int = 10, age: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    moment = path.stat().st_mtime - age
    os.utime(path, (moment, moment))
    return path


def test_what_is_old_goes_but_no_evidence(tmp_path: Path) -> None:
    registry, layout = home_of(tmp_path)
    ctx = open_context(settings=Settings(home=layout.home, portals=registry, keep_days=90))
    year = 365 * 86400.0
    young, new = run_id_of(ctx.now - timedelta(days=2)), layout.home
    kept = [
        write(layout.raw_run("lishi", RUN) / "crawl.warc.gz", age=year),
        write(layout.silver("notice", "lishi", RUN), age=year),
        write(layout.verdict("lishi", RUN), age=year),
        write(layout.decisions("lishi", RUN), age=year),
        write(layout.outcome(RUN, "lishi", "crawl"), age=year),
        write(layout.raw_partial("lishi", young) / "crawl.warc.gz"),
        write(layout.export(young) / "a.csv"),
        write(new / "logs" / f"crawl-{young}-lishi.log", age=86400),
    ]
    gone = [
        write(layout.raw_partial("lishi", RUN) / "crawl.warc.gz", age=year),
        write(layout.export(RUN) / "a.csv", age=year),
        write(layout.reextraction(RUN) / "summary.json", age=year),
        write(new / "logs" / f"crawl-{RUN}-lishi.log", age=year),
        write(layout.airflow_home / "logs" / "dag_id=nightly" / "run_id=a" / "attempt=1.log", age=year),
    ]
    assert retention(ctx) == "5 files and folders older than 90 days removed, 50 bytes"
    assert [path.exists() for path in kept] == [True] * len(kept)
    assert [path.exists() for path in gone] == [False] * len(gone)
    assert retention(ctx) == "0 files and folders older than 90 days removed, 0 bytes"


def test_growth_weighs_a_hard_link_once_and_keeps_a_line_a_day(tmp_path: Path) -> None:
    registry, layout = home_of(tmp_path)
    write(layout.published, 1000)
    layout.published_run(RUN).hardlink_to(layout.published)
    write(layout.raw_run("lishi", RUN) / "crawl.warc.gz", 500)
    for run_id in (RUN, RUN, "20260302T183000Z"):
        said = growth(open_context(run_id, Settings(home=layout.home, portals=registry)))
    assert said.startswith("1,500 bytes in 2 files (published 1,000, raw 500); ")
    assert [g.day for g in growth_history(layout)] == [date(2026, 3, 2), date(2026, 3, 3)]


@pytest.mark.parametrize(
    ("days", "grown", "said"),
    [
        (3, 300, "1,300 bytes in 1 file (raw 1,300); 900 free"),
        (10, 300, "1,300 bytes in 1 file (raw 1,300); 900 free; 30 bytes a day in 10 days; the disk lasts 30 days"),
        (10, 0, "1,000 bytes in 1 file (raw 1,000); 900 free; 0 bytes a day in 10 days; no growth"),
    ],
)
def test_the_trend(days: int, grown: int, said: str) -> None:
    day = date(2026, 3, 1)
    assert growth_words([Growth(day, {"raw": 1000}, 1, 900), Growth(day + timedelta(days=days), {"raw": 1000 + grown}, 1, 900)]) == said


def test_each_archive_is_verified_once_in_four_weeks(tmp_path: Path) -> None:
    registry, layout = home_of(tmp_path)
    write(layout.raw_run("lishi", RUN) / "crawl.warc.gz")  # no manifest: not what a crawl commits
    said = []
    for day in range(1, 29):
        ctx = open_context(f"202604{day:02}T050000Z", Settings(home=layout.home, portals=registry))
        try:
            said.append(verify(ctx))
        except StageFailed as fault:
            said.append(str(fault))
    assert sum(s.startswith("0 portals: 0 records") for s in said) == 27
    assert sum("faults in the archive: lishi/20260301T183000Z" in s for s in said) == 1
