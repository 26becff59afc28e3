"""dbt in a process of its own, which loads dbt (seconds) while its caller still does something else.

dbt keeps a database open and global state for as long as its process lives; beside the night's other work it would hold the lock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import yaml

from gongkai.errors import WarehouseError
from gongkai.layout import write_text_atomic
from gongkai.status import ReadingStatus, RunStatus
from warehouse.engines.contract import DbtTarget

PROJECT = Path(__file__).resolve().parent / "marts"
_TIMEOUT = 3600  # seconds; a build of a million notices takes minutes

# Opens no file and no database before it has its words. Where none come, because the caller gave up or was killed, stdin's end is its own.
_WAIT = """
import json, sys
from dbt.cli.main import cli
if words := sys.stdin.read():
    sys.argv = ["dbt", *json.loads(words)]
    cli()
"""
Run = Callable[[list[str]], subprocess.CompletedProcess[str]]


class Dbt(Protocol):
    """One of dbt's commands over the marts' project: the artifact (JSON) that it leaves in the folder's `target`."""

    def __call__(self, command: str, artifact: str, *options: str) -> dict[str, Any]:
        """To be called once.

        Raises:
            WarehouseError: dbt left none, or took longer than an hour.
        """


@contextmanager
def starting(target: DbtTarget, folder: Path) -> Iterator[Dbt]:
    """A dbt that loads while the block does something else. When the block ends it is gone, whether it was told to do anything or not."""
    folder.mkdir(parents=True, exist_ok=True)
    with waiting(folder, {**os.environ, **target.environment}) as run:
        yield partial(_command, run, target, folder)


def run_dbt(command: str, target: DbtTarget, folder: Path, artifact: str, *options: str) -> dict[str, Any]:
    """`starting`, where there is nothing else to do. Raises as `Dbt` does."""
    with starting(target, folder) as dbt:
        return dbt(command, artifact, *options)


@contextmanager
def waiting(folder: Path, environment: Mapping[str, str]) -> Iterator[Run]:
    """The process itself, until it ends: it is given dbt's words once."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", _WAIT], stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=folder, env=environment
    ) as process:

        def run(words: list[str]) -> subprocess.CompletedProcess[str]:
            said, complained = process.communicate(json.dumps(words), timeout=_TIMEOUT)
            return subprocess.CompletedProcess(words, process.returncode, said, complained)

        try:
            yield run
        finally:
            process.kill()


def _command(run: Run, target: DbtTarget, folder: Path, command: str, artifact: str, *options: str) -> dict[str, Any]:
    profile = {"gongkai": {"target": target.output["type"], "outputs": {target.output["type"]: target.output}}}
    write_text_atomic(folder / "profiles.yml", yaml.safe_dump(profile, allow_unicode=True))
    answer = folder / "target" / artifact
    answer.unlink(missing_ok=True)  # what lies there after the command is about this one
    statuses = {"statuses": [s.value for s in RunStatus], "reading_statuses": [s.value for s in ReadingStatus]}
    own = folder.absolute()
    places = {"project-dir": PROJECT, "profiles-dir": own, "target-path": own / "target", "log-path": own / "logs"}
    quiet = ["--no-send-anonymous-usage-stats", "--no-version-check", "--no-use-colors", "--log-level-file", "info"]
    words = [
        *quiet,
        command,
        *options,
        *(f"--{name}={place}" for name, place in places.items()),
        "--vars",
        json.dumps(statuses),
    ]
    try:
        done = run(words)
    except subprocess.TimeoutExpired as error:
        raise WarehouseError(f"marts: dbt {command} did not end within {_TIMEOUT} s; its log is {folder / 'logs'}") from error
    if not answer.exists():
        said = done.stdout + done.stderr
        if "Could not set lock" in said:  # DuckDB's words; between two of our own openings somebody else came
            raise WarehouseError("marts: the warehouse is locked: another process writes it; let it finish, then run this again")
        raise WarehouseError(f"marts: dbt {command} ended with {done.returncode} before any result: {one_line(said)}")
    results: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return results


def one_line(text: str | None, limit: int = 1500) -> str:
    """What dbt said, on one line; of much only the end, where the cause stands."""
    line = " ".join((text or "").split())
    return line if len(line) <= limit else "…" + line[-limit:]
