"""Run scenarios: serve them all at once, crawl every night in one process, compare what came out with what must."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from gongkai.errors import GongkaiError
from gongkai.layout import Layout, write_text_atomic
from gongkai.ledger import read_outcome
from gongkai.registry import Portal
from gongkai.settings import PROJECT
from samples.dialects import DIALECTS
from samples.scenarios.front import Asked, Front, Reply, open_front
from samples.scenarios.model import REWALK, RUNS, SECTION, Night, Scenario, Watch
from samples.scenarios.server import ScenarioServer
from samples.town import bound_sockets

TABLES = ("notice", "list_entry", "section_outcome", "attachment", "removal")
_SETTINGS = {
    "MAX_BODY_BYTES": "30000000",
    "PORTAL_BUDGET": "120",
    "PORTAL_REQUESTS": "300",
    "PORTAL_BYTES": "40000000",
}
"""Bounds that a scenario can reach in a second."""
_LONGEST_NIGHT = 240.0  # seconds, on a busy machine


@dataclass(frozen=True)
class Result:
    """How one night of one scenario went."""

    scenario: Scenario
    night: int
    got: str
    """Status and number of rows, as a table shows them."""
    wrongs: tuple[str, ...]
    """What differs from what was expected."""

    @property
    def passed(self) -> bool:
        return not self.wrongs


@dataclass
class _Stage:
    """The scenarios as portals: registry, fronts of the present night."""

    scenarios: Sequence[Scenario]
    sockets: dict[str, Any]
    server: ScenarioServer
    home: Path
    portals: dict[str, Portal] = field(default_factory=dict)
    fronts: dict[str, Front] = field(default_factory=dict)

    @property
    def registry(self) -> Path:
        return self.home / "scenarios.yaml"

    def raise_curtain(self) -> None:
        """Make portals and registry; tell the server who answers."""
        for scenario in self.scenarios:
            host, port = self.sockets[scenario.name].getsockname()
            self.portals[scenario.name] = _portal(scenario, f"http://{host}:{port}", port)
            if not scenario.down:
                self.server.handlers[scenario.name] = self.answer
        entries = [p.model_dump(mode="json", exclude_defaults=True) for p in self.portals.values()]
        write_text_atomic(self.registry, yaml.safe_dump({"portals": entries}, allow_unicode=True, sort_keys=False))

    def set_scene(self, night: int) -> list[str]:
        """The fronts of a night; the ids of the portals that have one."""
        self.server.night = night
        on = [s for s in self.scenarios if night < len(s.nights)]
        for scenario in on:
            plan, portal = scenario.nights[night], self.portals[scenario.name]
            host, port = self.sockets[scenario.name].getsockname()
            front = open_front(
                portal,
                f"http://{host}:{port}",
                self.server.trap.port,
                plan.notices,
                style=scenario.style,
                disallow=scenario.disallow,
                outbound=plan.outbound,
            )
            plan.fault(front)
            self.fronts[scenario.name] = front
        return [s.name for s in on]

    def answer(self, asked: Asked) -> Reply:
        return self.fronts[asked.portal_id].answer(asked)


def _portal(scenario: Scenario, base: str, port: int) -> Portal:
    dialect = DIALECTS[scenario.family]
    entry: dict[str, Any] = {
        "id": scenario.name,
        "name": "例市人民政府",
        "level": "city",
        "province": "例省",
        "division_code": "990000",
        "base_url": (scenario.base or base).format(port=port),
        "family": scenario.family,
        "params": dict(dialect.params),
        "sections": [{"name": SECTION, "kind": "work_plan", "entry": dialect.entry(1)}],
        "site_id_code": "9900000001",
        "site_name": "例市人民政府",
        "manners": {"delay": 0, "concurrency": 2, "timeout": 20, "retries": 1},
        "allow_private": True,
        "status": "verified 2026-03-01",
    }
    return Portal.model_validate(entry | dict(scenario.registry))


@contextmanager
def _staged(scenarios: Sequence[Scenario], home: Path) -> Iterator[_Stage]:
    with ExitStack() as stack:
        sockets = bound_sockets([s.name for s in scenarios], stack)
        stage = _Stage(scenarios, sockets, ScenarioServer(sockets), home)
        stage.raise_curtain()
        stage.set_scene(0)
        stack.enter_context(stage.server.running())
        yield stage


def run_scenarios(scenarios: Sequence[Scenario], home: Path | None = None) -> Iterator[Result]:
    """Crawl all nights; each night's results in the order of the scenarios, as soon as it is over.

    Raises:
        GongkaiError: a crawl process did not end well; its log's end is told.
    """
    with tempfile.TemporaryDirectory() as folder, _staged(scenarios, home or Path(folder)) as stage:
        for night in range(max(len(s.nights) for s in scenarios)):
            ids = stage.set_scene(night)
            before = len(stage.server.log)
            _crawl(stage, night, ids)
            log = tuple(stage.server.log[before:])
            for scenario in (s for s in scenarios if night < len(s.nights)):
                yield _judge(stage, scenario, night, log)


def _crawl(stage: _Stage, night: int, ids: list[str]) -> None:
    """One crawl process over all portals of a night, as the stage starts it."""
    command = [sys.executable, "-m", "crawlers", "--run", RUNS[night], "--portals", ",".join(ids)]
    command += ["--rewalk"] if night == REWALK else []
    settings = _SETTINGS | {"HOME": str(stage.home), "PORTALS": str(stage.registry)}
    env = os.environ | {f"GONGKAI_{name}": value for name, value in settings.items()}
    log = stage.home / f"night-{night + 1}.log"
    with log.open("wb") as out:
        done = subprocess.run(
            command, env=env, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=_LONGEST_NIGHT, check=False
        )
    if done.returncode != 0:
        last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        raise GongkaiError(f"the crawl of night {night + 1} ended with status {done.returncode}:\n{last}")


def _judge(stage: _Stage, scenario: Scenario, night: int, log: tuple[Asked, ...]) -> Result:
    layout, plan, run_id = Layout(stage.home), scenario.nights[night], RUNS[night]
    path = layout.outcome(run_id, scenario.name, "crawl")
    if not path.exists():
        return Result(scenario, night, "nothing", ("the crawl left no outcome",))
    outcome = read_outcome(path)
    folder = layout.raw_run(scenario.name, run_id)
    rows = {t: tuple(pq.read_table(folder / f"{t}.parquet", partitioning=None).to_pylist()) if folder.exists() else () for t in TABLES}
    watch = Watch(
        portal=stage.portals[scenario.name],
        run_id=run_id,
        asked=tuple(a for a in log if a.portal_id == scenario.name),
        others=tuple(a for a in log if a.portal_id != scenario.name),
        trap=stage.server.trap.connections,
        layout=layout,
        rows=rows,
        counts=outcome.counts,
    )
    wrongs = [*_status(plan, outcome.status.value, outcome.reasons), *_rows(plan, watch)]
    told = f" ({'; '.join(outcome.reasons)[:200]})" if wrongs and outcome.reasons else ""
    return Result(scenario, night, f"{outcome.status.value}, {len(rows['notice'])} read", tuple(w + told for w in wrongs))


def _status(plan: Night, status: str, reasons: list[str]) -> Iterator[str]:
    want = plan.expected
    if status != want.status.value:
        yield f"{status}, should be {want.status.value}"
    if want.says not in " ".join(reasons):
        yield f"the reasons do not say {want.says!r}"
    if bool(reasons) is want.status.is_whole and not (reasons and want.says):
        yield f"{len(reasons)} reasons for {want.status.value}"


def _rows(plan: Night, watch: Watch) -> Iterator[str]:
    want = plan.expected
    by_id = {n.id: n.title for n in plan.notices}
    read = tuple(by_id) if want.read is None else want.read
    titles = sorted(by_id.get(number, str(number)) for number in read)
    got = sorted(row["title"] for row in watch.rows["notice"])
    if got != titles:
        yield f"notices {_difference(got, titles)}"
    for name, found, wanted in (
        ("sections complete", tuple(r["complete"] for r in watch.rows["section_outcome"]), want.complete),
        ("attachments", tuple(r["status"] for r in watch.rows["attachment"]), want.attachments),
        ("days of the list", tuple(str(r["date"]) for r in watch.rows["list_entry"]), want.days),
        ("removals", {_number(r["url"]): r["cause"] for r in watch.rows["removal"]}, dict(want.removals)),
        ("counts", {k: watch.counts[k] for k in want.counts}, dict(want.counts)),
    ):
        if wanted is not None and found != wanted:
            yield f"{name}: {found}, should be {wanted}"
    said = want.witness(watch)
    if said:
        yield said
    if watch.trap:
        yield f"{watch.trap} connections to an address that nobody may contact"


def _difference(got: list[str], wanted: list[str]) -> str:
    missing, extra = [t for t in wanted if t not in got], [t for t in got if t not in wanted]
    return f"{len(got)} read, should be {len(wanted)}" + (f"; missing {missing}" if missing else "") + (f"; extra {extra}" if extra else "")


def _number(url: str) -> int:
    """The id at the end of a notice's address."""
    return int(url.rpartition("_")[2].partition(".")[0])
