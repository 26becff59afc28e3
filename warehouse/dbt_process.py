"""dbt in a process of its own, which loads dbt and reads the project (seconds) while its caller still does something else.

dbt keeps a database open and global state for as long as its process lives; beside the night's other work it would hold the lock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import yaml

from gongkai.errors import WarehouseError
from gongkai.layout import write_text_atomic
from gongkai.status import ReadingStatus, RunStatus
from warehouse.engines.contract import DbtTarget

PROJECT = Path(__file__).resolve().parent / "marts"
_TIMEOUT = 3600  # seconds; a build of a million notices takes minutes

# Opens no file and no database before it has words. Where none come, because the caller gave up or was killed, stdin's end is its own.
# What was read lives as long as the process: to look through it for rubbish, and to clear it away at the end, takes a second of each build.
_WAIT = """
import gc, json, sys
from dbt.cli.main import dbtRunner
project, done = None, None
for words in map(json.loads, sys.stdin):
    done = dbtRunner(project).invoke(words)
    project = done.result if "parse" in words and done.success else None
    gc.freeze()
    if done.exception:
        print(done.exception)
sys.exit(0 if done is None or done.success else 1)
"""


@dataclass(frozen=True)
class Waiting:
    """The process: dbt's words for what it shall read ahead, then for what it shall do."""

    _popen: subprocess.Popen[str]

    def read(self, words: list[str]) -> None:
        stdin = cast(IO[str], self._popen.stdin)
        with suppress(BrokenPipeError):  # it could not be loaded: `run` hears why
            os.write(stdin.fileno(), json.dumps(words).encode() + b"\n")  # past a buffer that nobody could flush then

    def run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        """To be called once: to its end."""
        said, complained = self._popen.communicate(json.dumps(words) + "\n", timeout=_TIMEOUT)
        return subprocess.CompletedProcess(words, self._popen.returncode, said, complained)


@dataclass(frozen=True)
class Dbt:
    """dbt over the marts' project."""

    _process: Waiting
    _folder: Path

    def read(self) -> None:
        """Have it read the project while the caller goes on: it opens no database, and leaves `manifest.json`. Errors are the command's."""
        self._process.read(self._words("parse"))

    def __call__(self, command: str, artifact: str, *options: str) -> dict[str, Any]:
        """One of its commands; to be called once. Returns the artifact (JSON) that it leaves in the folder's `target`.

        Raises:
            WarehouseError: it left none, or took longer than an hour.
        """
        answer = self._folder / "target" / artifact
        answer.unlink(missing_ok=True)  # what lies there after the command is about this one
        try:
            done = self._process.run(self._words(command, *options))
        except subprocess.TimeoutExpired as error:
            log = self._folder / "logs"
            raise WarehouseError(f"marts: dbt {command} did not end within {_TIMEOUT} s; its log is {log}") from error
        if not answer.exists():
            said = done.stdout + done.stderr
            if "Could not set lock" in said:  # DuckDB's words; between two of our own openings somebody else came
                raise WarehouseError("marts: the warehouse is locked: another process writes it; let it finish, then run this again")
            raise WarehouseError(f"marts: dbt {command} ended with {done.returncode} before any result: {one_line(said)}")
        results: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return results

    def _words(self, command: str, *options: str) -> list[str]:
        statuses = {"statuses": [s.value for s in RunStatus], "reading_statuses": [s.value for s in ReadingStatus]}
        own = self._folder.absolute()
        places = {"project-dir": PROJECT, "profiles-dir": own, "target-path": own / "target", "log-path": own / "logs"}
        quiet = ["--no-send-anonymous-usage-stats", "--no-version-check", "--no-use-colors", "--log-level-file", "info"]
        named = [f"--{name}={place}" for name, place in places.items()]
        return [*quiet, command, *options, *named, "--vars", json.dumps(statuses)]


@contextmanager
def starting(target: DbtTarget, folder: Path) -> Iterator[Dbt]:
    """A dbt that loads while the block does something else. When the block ends it is gone, whether it was told to do anything or not."""
    folder.mkdir(parents=True, exist_ok=True)
    profile = {"gongkai": {"target": target.output["type"], "outputs": {target.output["type"]: target.output}}}
    write_text_atomic(folder / "profiles.yml", yaml.safe_dump(profile, allow_unicode=True))
    with waiting(folder, {**os.environ, **target.environment}) as process:
        yield Dbt(process, folder)


def run_dbt(command: str, target: DbtTarget, folder: Path, artifact: str, *options: str) -> dict[str, Any]:
    """`starting`, where there is nothing else to do. Raises as `Dbt` does."""
    with starting(target, folder) as dbt:
        return dbt(command, artifact, *options)


@contextmanager
def waiting(folder: Path, environment: Mapping[str, str]) -> Iterator[Waiting]:
    """The process itself, until the block ends."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", _WAIT], stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=folder, env=environment
    ) as process:
        try:
            yield Waiting(process)
        finally:
            process.kill()


def one_line(text: str | None, limit: int = 1500) -> str:
    """What dbt said, on one line; of much only the end, where the cause stands."""
    line = " ".join((text or "").split())
    return line if len(line) <= limit else "…" + line[-limit:]
