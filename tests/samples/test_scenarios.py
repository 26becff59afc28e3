"""Every scenario, as `make scenarios` runs them: all of a night in one crawl process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawlers.manifest import verify_manifest
from gongkai.layout import Layout
from gongkai.status import RunStatus
from samples.cli import samples
from samples.scenarios.catalogue import SCENARIOS
from samples.scenarios.model import RUNS, Scenario
from samples.scenarios.report import PAGE, by_scenario, markdown
from samples.scenarios.run import Result, run_scenarios


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenarios")


@pytest.fixture(scope="module")
def results(home: Path) -> Iterator[dict[str, list[Result]]]:
    yield by_scenario(run_scenarios(SCENARIOS, home))


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_scenario(results: dict[str, list[Result]], scenario: Scenario) -> None:
    nights = results[scenario.name]
    assert [r.night for r in nights] == list(range(len(scenario.nights)))
    wrongs = [f"night {r.night + 1}: {wrong}" for r in nights for wrong in r.wrongs]
    assert wrongs == []


@pytest.mark.slow
def test_every_night_leaves_a_whole_archive(results: dict[str, list[Result]], home: Path) -> None:
    layout = Layout(home)
    for scenario in SCENARIOS:
        assert layout.raw_runs(scenario.name) == list(RUNS[: len(scenario.nights)])
        assert verify_manifest(layout, scenario.name) == []
        assert not list(layout.portal_dir(scenario.name).glob("partial=*"))
    assert sorted(p.name for p in (home / "raw").iterdir()) == sorted(f"portal={s.name}" for s in SCENARIOS)


def test_the_catalogue_is_large_and_even() -> None:
    names = [s.name for s in SCENARIOS]
    assert len(names) == len(set(names)) >= 140
    endings = {night.expected.status for s in SCENARIOS for night in s.nights}
    assert endings == set(RunStatus) - {RunStatus.STALE, RunStatus.QUARANTINED}, "every ending of a crawl is somebody's"
    assert all(s.nights and len(s.nights) <= len(RUNS) for s in SCENARIOS)
    troubled = [n for s in SCENARIOS for n in s.nights if not n.expected.status.is_whole]
    silent = [s.name for s in SCENARIOS for n in s.nights if n in troubled and not n.expected.says]
    assert len(silent) < 6, "a trouble without an expected word"


def test_the_documentation_is_generated() -> None:
    """`gongkai samples scenarios --markdown > docs/scenarios.md` makes it again."""
    printed = CliRunner().invoke(samples, ["scenarios", "--markdown"]).output
    assert printed == markdown()
    assert Path(PAGE).read_text(encoding="utf-8") == printed
    assert len(re.findall(r"^\| `", printed, re.MULTILINE)) == len(SCENARIOS)


@pytest.mark.slow
def test_the_command_counts_and_its_exit_status_tells() -> None:
    run = CliRunner().invoke(samples, ["scenarios", "list-empty", "wall-412", "length-too-short"])
    assert run.output.splitlines()[-1] == "3 passed, 0 failed"
    assert run.exit_code == 0
    unknown = CliRunner().invoke(samples, ["scenarios", "no-such-thing"])
    assert "no scenario is called no-such-thing" in str(unknown.exception)


def test_a_wrong_crawl_is_told(tmp_path: Path) -> None:
    """A scenario whose expectation is not met fails in words: here the crawl is right and the expectation is not."""
    from dataclasses import replace

    empty = next(s for s in SCENARIOS if s.name == "list-empty")
    night = replace(empty.nights[0], expected=replace(empty.nights[0].expected, status=RunStatus.BROKEN, read=(1001,), says="rows"))
    (result,) = run_scenarios([replace(empty, nights=(night,))], tmp_path)
    assert not result.passed
    said = " ".join(result.wrongs)
    assert "empty, should be broken" in said
    assert "the reasons do not say 'rows'" in said
    assert "0 read, should be 1; missing ['1001']" in said
