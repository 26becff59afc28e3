"""dbt for builds that a test starts itself: forked from a process that has imported it and read the project once.

To start dbt and to read the project takes as long as to build marts of a few rows. A whole night (`gongkai night`) starts dbt as users do.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# A forked child frees no lock of its parent.
_SERVER = [sys.executable, "-W", "ignore::UserWarning:multiprocessing.resource_tracker", __file__]


@contextmanager
def ready_dbt() -> Iterator[None]:
    """Within it `warehouse.dbt_process` has its builds forked."""
    from warehouse import dbt_process

    own = _Ready(dbt_process.waiting)
    dbt_process.waiting, kept = own.waiting, dbt_process.waiting
    try:
        yield
    finally:
        dbt_process.waiting = kept
        own.stop()


@dataclass(frozen=True)
class _Fork:
    """Of a process that has read the project already."""

    run: Callable[[list[str]], subprocess.CompletedProcess[str]]

    def read(self, words: list[str]) -> None:
        pass


class _Ready:
    """The process that forks, started at the first build. What is no build (`compile` writes what was read) is `otherwise`."""

    def __init__(self, otherwise: Any) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock, self._otherwise = threading.Lock(), otherwise

    @contextmanager
    def waiting(self, folder: Path, environment: dict[str, str]) -> Iterator[Any]:
        yield _Fork(lambda words: self._run(words, folder, environment))

    def _run(self, words: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        if not {"build", "test"} & set(words):
            with self._otherwise(folder, environment) as process:
                done: subprocess.CompletedProcess[str] = process.run(words)
                return done
        with self._lock, tempfile.NamedTemporaryFile("r", encoding="utf-8") as said:
            if self._process is None:
                self._process = subprocess.Popen(_SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.write(json.dumps([words, str(folder), environment, said.name]) + "\n")
            self._process.stdin.flush()
            status = self._process.stdout.readline()
            assert status, "dbt could not read the project; its words stand above"
            return subprocess.CompletedProcess(words, int(status), said.read(), "")

    def stop(self) -> None:
        if self._process is not None:
            try:
                self._process.communicate(timeout=60)
            except subprocess.TimeoutExpired:  # a build that hangs: its test has failed by now
                self._process.kill()


def _serve() -> None:
    """Each line a build; its exit status is the answer."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what dbt says while it reads the project is nobody's
    read: dict[str, Any] = {}
    for line in sys.stdin:
        words, folder, environment, said = json.loads(line)
        ((kind, output),) = yaml.safe_load((Path(folder) / "profiles.yml").read_text(encoding="utf-8"))["gongkai"]["outputs"].items()
        if kind not in read:
            read[kind] = _read(words, environment), output
            gc.freeze()
        child = os.fork()
        if child == 0:
            _build(words, folder, environment, said, *read[kind], output)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)


def _read(words: list[str], environment: dict[str, str]) -> Any:
    """The whole project, read for the first warehouse of a kind."""
    from dbt.cli.main import dbtRunner

    os.environ.update(environment)
    start = next(n for n, word in enumerate(words) if word in {"build", "test"})
    places = [word for word in words[start:] if word.startswith(("--project-dir=", "--profiles-dir="))]
    with tempfile.TemporaryDirectory() as own:
        own_places = [f"--target-path={own}", f"--log-path={own}"]
        done = dbtRunner().invoke([*words[:start], "parse", *places, *own_places, *words[words.index("--vars") :]])
    if done.exception:
        raise done.exception
    return done.result


def _leave_manifest(folder: str, project: Any) -> None:
    """As dbt does that has read the project itself."""
    target = Path(folder) / "target"
    target.mkdir(parents=True, exist_ok=True)
    project.write(str(target / "manifest.json"))


def _build(words: list[str], folder: str, environment: dict[str, str], said: str, project: Any, first: Any, output: Any) -> None:
    """In the child: dbt with the project as it was read, over this warehouse's own database instead of the first one's."""
    status = 2
    try:
        for number in (1, 2):
            os.dup2(os.open(said, os.O_WRONLY | os.O_APPEND), number)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        from dbt.cli.main import dbtRunner

        for thing in (*project.nodes.values(), *project.sources.values()) if "dbname" in first else ():
            thing.database = output["dbname"]
            thing.relation_name = thing.relation_name and thing.relation_name.replace(f'"{first["dbname"]}"', f'"{output["dbname"]}"', 1)
        _leave_manifest(folder, project)
        done = dbtRunner(project).invoke(words)
        if done.exception:
            print(done.exception)
        status = 0 if done.success else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
