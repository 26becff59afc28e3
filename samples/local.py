"""The demonstration on one machine: the sample town, Airflow and the pipeline as processes that are always found and stopped again.

Every process runs in a session of its own and is written down before anything waits for it, so that a killed `make run`
or `make up` leaves nothing that its next start, or `make down`, does not know.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import psutil

from gongkai.airflow_env import POOLS_FILE, airflow_environment
from gongkai.errors import GongkaiError
from gongkai.layout import Layout, run_id_of, write_text_atomic
from gongkai.ledger import read_outcome
from gongkai.settings import PROJECT, Settings
from samples.model import load_content

_BIN = Path(sys.executable).parent


class Demo:
    """Processes, logs and environment of one demonstration below `settings.home`."""

    def __init__(self, settings: Settings) -> None:
        self.home = settings.home / "demo"
        self.registry = self.home / "portals" / "sample.yaml"
        self.layout = Layout(settings.home)
        self.settings = settings
        self.url = f"http://{settings.ui_host}:{settings.ui_port}"
        self.home.mkdir(parents=True, exist_ok=True)
        chosen = settings.model_copy(update={"portals": self.registry})
        path = os.pathsep.join([str(_BIN), os.environ.get("PATH", "")])  # `airflow standalone` starts its parts by name
        self.env = {**os.environ, **airflow_environment(chosen), "PATH": path, "PYTHONUNBUFFERED": "1"}

    @property
    def _book(self) -> Path:
        return self.home / "processes.json"

    def start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a process in its own session, log to demo/NAME.log, and write it down."""
        with (self.home / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, env=self.env, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        known = self._known()
        known[name] = {"pid": process.pid, "created": psutil.Process(process.pid).create_time()}
        write_text_atomic(self._book, json.dumps(known))
        return process

    def run(self, name: str, command: list[str]) -> None:
        """Run a short command to its end; raises GongkaiError with the log's last lines where it fails."""
        process = self.start(name, command)
        if process.wait() != 0:
            raise GongkaiError(f"{' '.join(command[1:])} failed; {self.log_tail(name)}")

    def log_tail(self, name: str) -> str:
        """The last lines of a process's log, with its place."""
        path = self.home / f"{name}.log"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        return "\n".join([f"log {path} ends:", *lines])

    def _known(self) -> dict[str, dict[str, float]]:
        if not self._book.exists():
            return {}
        known: dict[str, dict[str, float]] = json.loads(self._book.read_text(encoding="utf-8"))
        return known

    def stop(self, name: str) -> None:
        """End the process of that name, where one runs."""
        if process := self._known().get(name):
            _stop(int(process["pid"]), process["created"])

    def stop_all(self) -> list[str]:
        """End every process this demonstration ever wrote down and that still lives, with its children; their names."""
        stopped = [name for name, process in self._known().items() if _stop(int(process["pid"]), process["created"])]
        self._book.unlink(missing_ok=True)
        return stopped

    def serve_town(self, real: Path | None, *, later: bool = False) -> None:
        """Start the sample town, in place of one that runs, and wait until it has written the registry of its addresses."""
        self.stop("town")
        self.registry.unlink(missing_ok=True)
        command = [str(_BIN / "gongkai"), "samples", "serve", "--port", str(self.settings.town_port), "--registry", str(self.registry)]
        town = self.start("town", command + (["--real", str(real)] if real else []) + (["--later"] if later else []))
        _wait("the sample town", self.registry.exists, town, lambda: self.log_tail("town"), seconds=60)

    def visit_homes(self) -> None:
        """What the DAG portal_health does once a day: the night that follows judges by it."""
        click.echo("a visit to the home pages …")
        self.run("health", [str(_BIN / "gongkai"), "health", "--visit"])

    def prepare_airflow(self) -> None:
        """Metadata database and pools."""
        self.layout.airflow_home.mkdir(parents=True, exist_ok=True)
        self.run("airflow-migrate", [str(_BIN / "airflow"), "db", "migrate"])
        self.run("airflow-pools", [str(_BIN / "airflow"), "pools", "import", str(POOLS_FILE)])

    def healthy(self) -> bool:
        """Whether API server and scheduler answer."""
        connection = http.client.HTTPConnection(self.settings.ui_host, self.settings.ui_port, timeout=5)
        try:
            connection.request("GET", "/api/v2/monitor/health")
            state = json.load(connection.getresponse())
        except (OSError, http.client.HTTPException, ValueError):
            return False  # not up yet; the caller asks again until its time is over
        finally:
            connection.close()
        return bool(state["scheduler"]["status"] == "healthy")


def _stop(pid: int, created: float) -> bool:
    try:
        process = psutil.Process(pid)
        if abs(process.create_time() - created) > 1:
            return False  # the number was given to a stranger since
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return _stop_group(pid)
    for member in family:
        _signal(member, signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=20)
    for member in alive:
        _signal(member, signal.SIGKILL)
    _stop_group(pid)
    return True


def _stop_group(pid: int) -> bool:
    """End what is left of a session whose leader is gone (it was killed, its children were not)."""
    members = [p for p in psutil.process_iter() if _session(p.pid) == pid]
    for member in members:
        _signal(member, signal.SIGKILL)
    return bool(members)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return  # it ended by itself, which is what we want


def _wait(what: str, ready: Callable[[], bool], process: subprocess.Popen[bytes], tail: Callable[[], str], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise GongkaiError(f"{what} ended with status {process.returncode}; {tail()}")
        if time.monotonic() > end:
            raise GongkaiError(f"{what} was not ready within {seconds:.0f} s; {tail()}")
        time.sleep(0.2)


@contextmanager
def _demo() -> Iterator[Demo]:
    """A demonstration that ends its processes on the way out, whatever happened, and first those of a killed one."""
    demo = Demo(Settings())
    demo.stop_all()
    try:
        yield demo
    finally:
        demo.stop_all()


def run_night(real: Path | None, *, later: bool = True) -> int:
    """One night over the sample town through Airflow; summary and score; exit status of the score.

    Args:
        later: also visit the portals that took pages down and forged days afterwards, in two short walks without Airflow: a removal is
            believed when two whole walks in a row did not show the page.
    """
    with _demo() as demo:
        click.echo("sample town …")
        demo.serve_town(real)
        demo.visit_homes()
        click.echo("Airflow's metadata database …")
        demo.prepare_airflow()
        click.echo(f"DAG nightly, by `airflow dags test` (log: {demo.home / 'nightly.log'}) …")
        _follow(demo, demo.start("nightly", [str(_BIN / "airflow"), "dags", "test", "nightly"]))
        summary = subprocess.run([str(_BIN / "gongkai"), "summary"], env=demo.env, cwd=PROJECT, check=False)
        if later:
            _visit_later(demo, real)
        score = subprocess.run([str(_BIN / "gongkai"), "samples", "score"], env=demo.env, cwd=PROJECT, check=False)
        return summary.returncode or score.returncode


def _visit_later(demo: Demo, real: Path | None) -> None:
    portals = [content.id for content in load_content() if content.changes]
    demo.serve_town(real, later=True)
    run, gongkai = run_id_of(datetime.now(UTC)), str(_BIN / "gongkai")
    click.echo(f"later, some pages were taken down and some days forged: two more walks over {', '.join(portals)} …")
    for stage, how in (
        ("crawl", ["--rewalk"]),
        ("extract", []),
        ("audit", []),
    ):  # the first proves nothing yet: it is loaded with the second
        demo.run(f"later-{stage}", [gongkai, stage, *portals, "--run", run, *how])
    demo.run("later-night", [gongkai, "night", *portals, "--rewalk"])
    demo.run("later-site", [gongkai, "site"])


def _follow(demo: Demo, night: subprocess.Popen[bytes]) -> None:
    """Show each portal's outcome as the ledger gets it, until the DAG run ends."""
    seen = set(demo.layout.home.glob("ledger/run=*/portal=*/*.json"))
    while True:
        ended = night.poll() is not None
        for path in sorted(set(demo.layout.home.glob("ledger/run=*/portal=*/*.json")) - seen, key=lambda p: p.stat().st_mtime):
            seen.add(path)
            outcome = read_outcome(path)
            click.echo(f"  {outcome.stage:8} {outcome.portal_id:28} {outcome.status.value}")
        if ended:
            break
        time.sleep(0.5)
    if night.returncode != 0:
        raise GongkaiError(f"airflow dags test ended with status {night.returncode}; {demo.log_tail('nightly')}")


def bring_up(real: Path | None) -> None:
    """Start town and Airflow in the background, wait until they answer, and say where and how to log in."""
    demo = Demo(Settings())
    demo.stop_all()
    try:
        demo.serve_town(real)
        demo.visit_homes()
        demo.prepare_airflow()
        airflow = demo.start("airflow", [str(_BIN / "airflow"), "standalone"])
        click.echo("starting Airflow (about half a minute) …")
        _wait("Airflow", demo.healthy, airflow, lambda: demo.log_tail("airflow"), seconds=300)
    except BaseException:
        demo.stop_all()
        raise
    passwords = demo.layout.airflow_home / "simple_auth_manager_passwords.json.generated"
    password = json.loads(passwords.read_text(encoding="utf-8"))["admin"]
    click.echo(f"Airflow: {demo.url}/dags/nightly   user: admin   password: {password}")
    click.echo(f"Its first night begins by itself. Snapshot: {demo.layout.published}   Logs: {demo.home}   Stop: make down")


def bring_down() -> None:
    """Stop everything `bring_up` started."""
    stopped = Demo(Settings()).stop_all()
    click.echo(f"stopped: {', '.join(stopped) if stopped else 'nothing was running'}")
