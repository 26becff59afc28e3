"""A cluster on one machine: Redis, PostgreSQL, an S3 server, Airflow's parts and two Celery workers, each with a home of its own."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml
from own_night import free_port
from own_postgres import Server, running
from own_s3 import BUCKET, S3, running_s3
from pydantic import SecretStr

from gongkai.airflow_env import POOLS_FILE, airflow_environment
from gongkai.layout import write_text_atomic
from gongkai.settings import PROJECT, Settings
from samples.town import Town, running_town
from stages.context import RunContext, open_context

_BIN = Path(sys.executable).parent
WORKERS = ("first", "second")
_PASSWORD = "geheim-redis"


@dataclass
class Cluster:
    """Running servers; `workers` have a home each, the others share one that no stage uses."""

    folder: Path
    town: Town
    postgres: Server
    s3: S3
    warehouse: str
    metadata: str
    redis_port: int
    api_port: int
    alone: str
    """A database for the warehouse of one machine."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    begun: dict[str, Callable[[], None]] = field(default_factory=dict)
    """By name how a process is started again."""
    ended_by_itself: list[str] = field(default_factory=list)

    @property
    def registry(self) -> Path:
        return self.folder / "portals.yaml"

    def follow(self, portals: Collection[str]) -> None:
        """These portals of the town are in the registry."""
        town = yaml.safe_load(self.town.registry.read_text(encoding="utf-8"))
        kept = [portal for portal in town["portals"] if portal["id"] in portals]
        write_text_atomic(self.registry, yaml.safe_dump({"portals": kept}, allow_unicode=True))

    def settings(self, home: str) -> Settings:
        """Of the machine with this home."""
        return Settings(
            home=self.folder / home,
            portals=self.registry,
            warehouse=SecretStr(self.warehouse),
            store=f"s3://{BUCKET}/gongkai",
            batch_size=2,
            ui_port=self.api_port,
            airflow_metadata=SecretStr(self.metadata),
            airflow_broker=SecretStr(f"redis://:{_PASSWORD}@127.0.0.1:{self.redis_port}/0"),
            airflow_secret=SecretStr("geheim-airflow"),
            airflow_tasks=2,
        )

    def environment(self, home: str) -> dict[str, str]:
        settings = self.settings(home)
        return {
            **os.environ,
            **airflow_environment(settings),
            "PATH": os.pathsep.join([str(_BIN), os.environ.get("PATH", "")]),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.folder / "dags"),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "GONGKAI_WAREHOUSE": self.warehouse,
            "GONGKAI_STORE": settings.store,
            "GONGKAI_BATCH_SIZE": str(settings.batch_size),
        }

    def start(self, name: str, command: list[str], home: str = "control") -> None:
        """Start a process in its own session; it logs to NAME.log."""
        self.begun[name] = lambda: self.start(name, command, home)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=self.environment(home), cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def run(self, name: str, *words: str) -> None:
        self.start(name, [str(_BIN / "airflow"), *words])
        assert self.processes.pop(name).wait(120) == 0, (self.folder / f"{name}.log").read_text()[-3000:]

    def start_worker(self, name: str) -> None:
        command = [str(_BIN / "airflow"), "celery", "worker", "--celery-hostname", f"{name}@%h", "--without-mingle", "--without-gossip"]
        self.start(name, command, name)

    def start_redis(self) -> None:
        """Its configuration comes from a file: a password does not belong into a process list."""
        folder = self.folder / "redis"
        folder.mkdir(exist_ok=True)
        conf = folder / "redis.conf"
        conf.write_text(f"bind 127.0.0.1\nport {self.redis_port}\nrequirepass {_PASSWORD}\ndir {folder}\nappendonly yes\n")
        program = shutil.which("redis-server")
        assert program is not None, "no redis-server on this machine: apt-get install redis-server"
        self.start("redis", [program, str(conf)])

    def kill(self, name: str) -> None:
        """SIGKILL to a process and all its children."""
        process = self.processes.pop(name)
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        for member in family:
            if member.is_running():
                member.send_signal(signal.SIGKILL)
        process.wait(60)
        psutil.wait_procs(family, timeout=20)

    def stop(self) -> None:
        for process in self.processes.values():  # the session's group holds what a parent left behind
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it ended by itself
            process.wait(20)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """An answer of Airflow's API; None where it does not answer, or with a trouble of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api_port, timeout=20)
        try:
            connection.request("GET", "/auth/token")
            token = json.load(connection.getresponse())["access_token"]
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status < 400 or answer.status >= 500, content
            return json.loads(content) if answer.status < 400 else None
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return None
        finally:
            connection.close()

    def wait(self, what: str, ready: Callable[[], bool], seconds: float, *, revive: bool = False) -> None:
        """Wait; with `revive` a process that ended is started again, as whoever runs services does."""
        end = time.monotonic() + seconds
        while not ready():
            dead = {name: p.returncode for name, p in self.processes.items() if p.poll() is not None}
            assert revive or not dead, f"{what}: {dead} ended; {self.tails()}"
            for name in dead:
                self.ended_by_itself.append(name)
                self.begun[name]()
            assert time.monotonic() < end, f"{what}: not within {seconds:.0f} s; {self.tails()}"
            time.sleep(0.5)

    def tails(self) -> str:
        """The last lines of every log."""
        return "\n".join(f"== {p.name}\n{p.read_text(errors='replace')[-1500:]}" for p in sorted(self.folder.glob("*.log")))

    def healthy(self) -> bool:
        state = self.ask("GET", "/api/v2/monitor/health") or {}
        dags = self.ask("GET", "/api/v2/dags/nightly")
        parts = (state.get("scheduler") or {}, state.get("dag_processor") or {})
        return all(part.get("status") == "healthy" for part in parts) and dags is not None and "dag_id" in dags

    def trigger(self, portals: list[str]) -> str:
        run = self.ask("POST", "/api/v2/dags/nightly/dagRuns", {"logical_date": None, "conf": {"portals": portals}})
        return str(run["dag_run_id"])

    def first_run(self) -> str:
        """The night that Airflow begins by itself."""
        self.wait("a first night", lambda: bool((self.ask("GET", "/api/v2/dags/nightly/dagRuns") or {}).get("dag_runs")), 60)
        return str(self.ask("GET", "/api/v2/dags/nightly/dagRuns")["dag_runs"][0]["dag_run_id"])

    def tasks(self, run: str) -> list[dict[str, Any]]:
        found = self.ask("GET", f"/api/v2/dags/nightly/dagRuns/{run}/taskInstances?limit=100")
        return list(found["task_instances"]) if found else []

    def states(self, run: str, task: str) -> list[str]:
        return [str(t["state"]) for t in self.tasks(run) if t["task_id"] == task]

    def state(self, run: str) -> str | None:
        found = self.ask("GET", f"/api/v2/dags/nightly/dagRuns/{run}")
        return found["state"] if found else None

    def ended(self, run: str) -> bool:
        return self.state(run) in ("success", "failed")

    def context(self, home: Path) -> RunContext:
        """Of a machine that joins."""
        return open_context(settings=self.settings("").model_copy(update={"home": home}))

    def family(self) -> list[int]:
        """Every process of the cluster that this one started, with their children."""
        parents = [psutil.Process(p.pid) for p in self.processes.values() if p.poll() is None]
        return [p.pid for parent in parents for p in (parent, *parent.children(recursive=True))]

    def worked(self, name: str, run: str) -> set[str]:
        """Tasks of a run that a worker's home has logs of."""
        logs = self.folder / name / "airflow" / "logs" / "dag_id=nightly" / f"run_id={run}"
        return {p.name.removeprefix("task_id=") for p in logs.glob("task_id=*")}


def with_password(url: str) -> str:
    """The server trusts everybody; a password in the address shows where addresses leak."""
    return url.replace("postgres@", "postgres:geheim-postgres@")


@contextmanager
def running_cluster(folder: Path, portals: Collection[str]) -> Iterator[Cluster]:
    """Start everything, wait until it is healthy, stop everything. Airflow begins with a night over `portals` by itself."""
    with running_town(folder / "town") as town, running(connections=150) as postgres, running_s3() as s3:
        databases = [postgres.database() for _ in range(3)]
        warehouse, metadata, alone = (with_password(url) for url in databases)
        cluster = Cluster(folder, town, postgres, s3, warehouse, metadata, free_port(), free_port(), alone)
        try:
            cluster.follow(portals)
            (folder / "dags").mkdir()
            for name in ("nightly.py", "nightly.md"):  # the other DAGs would begin by themselves, too
                shutil.copy(PROJECT / "dags" / name, folder / "dags")
            cluster.start_redis()
            cluster.run("migrate", "db", "migrate")
            cluster.run("pools", "pools", "import", str(POOLS_FILE))
            for part in ("api-server", "scheduler", "dag-processor"):
                cluster.start(part, [str(_BIN / "airflow"), part])
            for name in WORKERS:
                cluster.start_worker(name)
            cluster.wait("Airflow", cluster.healthy, 150)
            yield cluster
        finally:
            cluster.stop()
