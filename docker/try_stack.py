"""Run docker/compose.yaml without a container engine: every service's own command, environment, volumes and health check, one night.

As root, after docker/try_image.sh has built the image: `docker/try_stack.sh`. PostgreSQL and Redis are Debian's (`apt-get install
postgresql redis-server`). All services share one network namespace with nothing but loopback, in which their names lead to 127.0.0.1;
docs/containers.md says what that proves and what it does not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import yaml
from make_env import filled

HERE = Path(__file__).resolve().parent
PARTS = ("api", "scheduler", "dag-processor", "triggerer", "worker")
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def settings() -> dict[str, str]:
    """What `.env` would say, with the sample town as the registry."""
    lines = filled((HERE / ".env.example").read_text(encoding="utf-8")).splitlines()
    made = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return made | {"GONGKAI_PORTALS": "/var/lib/gongkai/demo/portals/sample.yaml"}


def services(env: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The compose file with its variables put in."""
    text = _VARIABLE.sub(lambda m: env.get(m[1]) or m[2] or "", (HERE / "compose.yaml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    for service in found.values():
        given = service.get("environment", {})
        service["environment"] = {k: str(env[k] if v is None else v) for k, v in given.items() if v is not None or k in env}
    return found


class Stack:
    """The services, their logs and their volumes below one folder."""

    def __init__(self, work: Path, root: Path) -> None:
        self.work, self.root, self.env = work, root, settings()
        self.services = services(self.env)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        shutil.rmtree(work, ignore_errors=True)
        for volume in ("data", "login", "logs", "postgres", "redis"):
            (work / volume).mkdir(parents=True)
        for volume in ("data", "login"):
            os.chown(work / volume, 10001, 0)
        (work / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in ("localhost", socket.gethostname(), *self.services)))
        (root / "etc" / "hosts").touch()
        (root / "var" / "lib" / "login").mkdir(exist_ok=True)

    def command(self, name: str, words: list[str]) -> list[str]:
        """The command line that runs `words` in the image as this service."""
        service = self.services[name]
        # A volume `data:/var/lib/gongkai:ro` is the folder of that name.
        mounts = [
            f"{self.work}/{'data' if v.startswith('demo:') else v.split(':')[0]}:{v.split(':', 1)[1]}" for v in service.get("volumes", [])
        ]
        given = {"GONGKAI_HOME": "/var/lib/gongkai", "HOSTNAME": socket.gethostname(), **service["environment"]}
        variables = [f"{key}={value}" for key, value in given.items()]
        hosts = f"{self.work}/hosts:/etc/hosts:ro"
        return [
            str(HERE / "inside.sh"),
            str(self.root),
            hosts,
            *mounts,
            "--",
            *variables,
            *service.get("entrypoint", ["/entrypoint"]),
            *words,
        ]

    def start(self, name: str, command: list[str], env: dict[str, str] | None = None) -> None:
        with (self.work / "logs" / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env)

    def run(self, name: str, command: list[str], env: dict[str, str] | None = None) -> None:
        """A one-shot service."""
        self.start(name, command, env)
        if self.running.pop(name).wait() != 0:
            raise SystemExit(f"{name} failed:\n{(self.work / 'logs' / f'{name}.log').read_text()[-3000:]}")

    def healthy(self, name: str) -> bool:
        """By the service's own health check, run as the engine would: without the entry point."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        words = [w.replace("$$", "$") for w in words]
        service = self.services[name] | {"entrypoint": []}
        command = Stack.command(self._with(name, service), name, ["sh", "-c", *words] if kind == "CMD-SHELL" else words)
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _with(self, name: str, service: dict[str, Any]) -> Stack:
        other = object.__new__(Stack)
        other.__dict__ = self.__dict__ | {"services": self.services | {name: service}}
        return other

    def stop(self) -> None:
        """The parts at once (a night is over), then the servers in order."""
        for name, process in reversed(self.running.items()):
            process.send_signal(signal.SIGINT if name in {"postgres", "redis"} else signal.SIGKILL)
            process.wait(timeout=60)


def wait(what: str, ready: Callable[[], bool], seconds: float) -> None:
    begin = time.monotonic()
    while not ready():
        if time.monotonic() - begin > seconds:
            raise SystemExit(f"{what}: not within {seconds:.0f} s")
        time.sleep(1)
    say(f"{what}: after {time.monotonic() - begin:.0f} s")


def say(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%T')}  {line}\n")
    sys.stdout.flush()


def start_servers(stack: Stack) -> None:
    """Debian's PostgreSQL and Redis in the place of their images, with the passwords that compose gives those."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    password, data = stack.work / "postgres-password", stack.work / "postgres" / "data"
    password.write_text(stack.env["POSTGRES_PASSWORD"])
    for path in (password, stack.work / "postgres"):
        shutil.chown(path, "postgres", "postgres")
    as_postgres = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    initdb = [
        f"{programs}/initdb",
        "-D",
        str(data),
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        f"--pwfile={password}",
        "-A",
        "scram-sha-256",
    ]
    stack.run("initdb", [*as_postgres, *initdb])
    password.unlink()
    stack.start("postgres", [*as_postgres, f"{programs}/postgres", "-D", str(data), "-k", str(stack.work / "postgres"), "-h", "127.0.0.1"])
    ready = [f"{programs}/pg_isready", "-q", "-h", "127.0.0.1"]
    wait("postgres", lambda: subprocess.run(ready, check=False).returncode == 0, 30)
    redis, folder = stack.services["redis"], f"{stack.work}/redis"
    places = {"$$": "$", "/tmp/redis.conf": f"{folder}/redis.conf", "dir /data": f"dir {folder}"}  # noqa: S108
    words = [re.sub("|".join(map(re.escape, places)), lambda m: places[m[0]], word) for word in redis["command"]]
    stack.start("redis", words, os.environ | redis["environment"])
    check = ["sh", "-c", redis["healthcheck"]["test"][1].replace("$$", "$")]
    wait(
        "redis", lambda: subprocess.run(check, env=os.environ | redis["environment"], capture_output=True, check=False).returncode == 0, 30
    )
    stack.run(
        "roles", ["sh", str(HERE / "postgres" / "roles.sh")], os.environ | stack.services["roles"]["environment"] | {"PGHOST": "127.0.0.1"}
    )


def ask(path: str, token: str | None = None, body: dict[str, str] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(f"http://127.0.0.1:8080{path}", data=json.dumps(body).encode() if body else None)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


def one_night(stack: Stack) -> None:
    """Wait for the night that begins by itself, and look at what it published as the BI tools' login."""
    token = ask("/auth/token", body={"username": "admin", "password": stack.env["AIRFLOW_ADMIN_PASSWORD"]})["access_token"]
    say("login as admin with the password from .env")

    def ended() -> bool:
        try:
            runs = ask("/api/v2/dags/nightly/dagRuns", token)["dag_runs"]
        except TimeoutError:
            return False  # a busy machine; asked again until the night's time is over
        return bool(runs) and runs[0]["state"] in {"success", "failed"}

    wait("a night", ended, 900)
    run = ask("/api/v2/dags/nightly/dagRuns", token)["dag_runs"][0]
    tasks = ask(f"/api/v2/dags/nightly/dagRuns/{run['dag_run_id']}/taskInstances?limit=200", token)["task_instances"]
    red = sorted({f"{t['task_id']} {t['rendered_map_index'] or ''}".strip() for t in tasks if t["state"] != "success"})
    say(f"run {run['state']}: {len(tasks)} tasks, not green: {', '.join(red) or 'none'}")
    reader = f"postgresql://gongkai_bi:{stack.env['GONGKAI_BI_DB_PASSWORD']}@127.0.0.1/gongkai"
    with psycopg.connect(reader, autocommit=True) as connection:
        (notices,) = connection.execute("select count(*) from mart.notice").fetchone() or (0,)
        say(f"published in PostgreSQL: {notices} notices, seen by gongkai_bi")
        for forbidden in ("delete from mart.notice", "select 1 from silver.notice"):
            try:
                connection.execute(forbidden.encode())
                raise SystemExit(f"gongkai_bi may {forbidden}")
            except psycopg.Error as error:
                say(f"gongkai_bi: {forbidden}: {str(error).splitlines()[0]}")


def leaks(stack: Stack) -> list[str]:
    """Files of the volume `data` and of every service's output that hold a secret."""
    secrets = {k: v.encode() for k, v in stack.env.items() if k.endswith(("PASSWORD", "KEY", "SECRET"))}
    files = [p for folder in ("data", "logs") for p in (stack.work / folder).rglob("*") if p.is_file()]
    say(f"{len(files)} files looked through for {len(secrets)} secrets")
    return [f"{path.relative_to(stack.work)}: {name}" for path in files for name, value in secrets.items() if value in path.read_bytes()]


def main(work: Path, root: Path) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    stack = Stack(work, root)
    try:
        stack.run("check", stack.command("check", []))
        start_servers(stack)
        stack.start("town", stack.command("town", []))
        wait("town", (work / "data/demo/portals/sample.yaml").exists, 60)
        stack.run("init", stack.command("init", stack.services["init"]["command"]))
        for name in PARTS:
            stack.start(name, stack.command(name, stack.services[name]["command"]))
        for name in PARTS:
            wait(f"{name} healthy by its own check", lambda name=name: stack.healthy(name), 240)
        one_night(stack)
    finally:
        stack.stop()
    found = leaks(stack)
    if found:
        raise SystemExit("secrets found:\n" + "\n".join(found))
    say("no secret in any of them")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
