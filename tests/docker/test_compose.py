"""docker/compose.yaml, its .env and the small programs beside it. What the whole does when it runs: docker/try_stack.sh."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from gongkai.settings import PROJECT

DOCKER = PROJECT / "docker"
COMPOSE = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
EXAMPLE = (DOCKER / ".env.example").read_text(encoding="utf-8")
SERVANTS = [name for name, service in SERVICES.items() if service["restart"] != "no"]


def settings(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))


def test_every_variable_is_in_the_example_and_every_line_of_it_is_used() -> None:
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE))
    passed_on = {name for service in SERVICES.values() for name, value in service.get("environment", {}).items() if value is None}
    assert used | passed_on == set(settings(EXAMPLE))


def test_no_port_is_open_to_other_machines_unless_env_says_so() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("${GONGKAI_UI_ADDRESS:-127.0.0.1}:") for port in ports)
    assert settings(EXAMPLE)["GONGKAI_UI_ADDRESS"] == "127.0.0.1"
    assert [name for name, service in SERVICES.items() if service.get("network_mode") == "host" or service.get("privileged")] == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_may_as_little_as_can_be(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"], service["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    # PostgreSQL's image begins as root to give its folder to `postgres`; ours say USER 10001 themselves.
    assert service.get("user", "10001:0" if service["image"].startswith("gongkai") else "root") != "root" or name == "postgres"
    assert ("cap_add" in service) == (name == "postgres")


@pytest.mark.parametrize("name", SERVANTS)
def test_what_stays_up_has_bounds_and_a_health_check(name: str) -> None:
    assert set(SERVICES[name]["deploy"]["resources"]["limits"]) == {"memory", "cpus"}
    assert "healthcheck" in SERVICES[name] or name == "demo"  # the image has one: Airflow's API server


def test_each_secret_is_known_to_those_who_need_it() -> None:
    def knowing(name: str) -> set[str]:
        return {s for s, service in SERVICES.items() if name in json.dumps(service.get("environment", {}))} - {"check"}

    assert knowing("POSTGRES_PASSWORD") == {"postgres", "roles"}
    assert knowing("GONGKAI_DB_PASSWORD") == {"roles", "worker", "backup"}
    assert knowing("GONGKAI_BI_DB_PASSWORD") == {"roles", "superset"}
    assert knowing("AIRFLOW_ADMIN_PASSWORD") == {"init"}
    assert knowing("AIRFLOW_JWT_SECRET") == {"api", "scheduler", "dag-processor", "triggerer"}
    assert knowing("AIRFLOW_FERNET_KEY") == {"init", "api", "scheduler", "dag-processor", "triggerer"}
    assert [s for s, service in SERVICES.items() if "env_file" in service] == []


def test_nobody_is_let_in_without_a_login() -> None:
    for text in (
        COMPOSE,
        (DOCKER / "Dockerfile").read_text(),
        (DOCKER / "helm-values.yaml").read_text(),
        (DOCKER / "entrypoint.sh").read_text(),
    ):
        assert "ALL_ADMINS" not in text.upper()


def check_env(values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(DOCKER / "check_env.sh")], env=values, capture_output=True, text=True, check=False)


def test_generated_secrets_are_strong_apart_and_for_the_owner_only(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    command = [sys.executable, str(DOCKER / "make_env.py"), str(DOCKER / ".env.example"), str(target)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    made, example = settings(target.read_text()), settings(EXAMPLE)
    secrets = {name: value for name, value in made.items() if example[name] == "CHANGE_ME"}
    assert {name: made[name] for name in made if name not in secrets} == {k: v for k, v in example.items() if v != "CHANGE_ME"}
    assert len(secrets) == len(set(secrets.values())) == 11
    assert min(map(len, secrets.values())) == 32
    assert len(base64.urlsafe_b64decode(secrets["AIRFLOW_FERNET_KEY"])) == 32
    assert set(SERVICES["check"]["environment"]) == set(secrets)
    assert check_env(secrets).returncode == 0

    before = target.read_text()
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "its passwords are in use" in again.stderr
    assert target.read_text() == before


def test_placeholders_are_refused_by_name_and_no_value_is_printed() -> None:
    good = dict.fromkeys(SERVICES["check"]["environment"], "0123456789abcdef")
    done = check_env(
        good
        | {"REDIS_PASSWORD": "CHANGE_ME", "POSTGRES_PASSWORD": "", "AIRFLOW_JWT_SECRET": "short", "AIRFLOW_DB_PASSWORD": "p@ss/0123456789"}
    )
    assert done.returncode == 1
    assert done.stderr == (
        "docker/.env: POSTGRES_PASSWORD (not set) AIRFLOW_DB_PASSWORD (letters, digits, _ and - only) REDIS_PASSWORD (not set) "
        "AIRFLOW_JWT_SECRET (shorter than 16); `make docker/.env` generates them\n"
    )
    assert check_env({}).stderr.count("(not set)") == 11


def entrypoint(tmp_path: Path, **given: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {"PATH": path, "GONGKAI_HOME": str(tmp_path), **given}
    return subprocess.run([str(DOCKER / "entrypoint.sh"), "env"], env=env, capture_output=True, text=True, check=False)


def test_what_a_container_is_given_stands_before_what_the_code_decides(tmp_path: Path) -> None:
    url = "postgresql+psycopg2://airflow:it's $HOME `x`@postgres/airflow"
    done = entrypoint(tmp_path, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url)
    assert done.returncode == 0, done.stderr
    said = settings(done.stdout)
    assert said["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == url
    assert (said["AIRFLOW_HOME"], said["AIRFLOW__CORE__DAGS_FOLDER"]) == (str(tmp_path / "airflow"), str(PROJECT / "dags"))


def test_a_wrong_setting_stops_the_container(tmp_path: Path) -> None:
    done = entrypoint(tmp_path, GONGKAI_UI_PORT="eighty")
    assert done.returncode != 0
    assert (done.stdout, "ui_port" in done.stderr) == ("", True)


class _Monitor(BaseHTTPRequestHandler):
    answer: bytes = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def monitor() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Monitor)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def health(part: str, url: str) -> tuple[int, str]:
    env = {"GONGKAI_HEALTH_URL": url}
    done = subprocess.run([sys.executable, str(DOCKER / "health.py"), part], env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


def test_each_part_is_judged_by_what_the_api_server_knows_of_it(monitor: str) -> None:
    parts = {"metadatabase": "healthy", "scheduler": "unhealthy", "triggerer": None}
    _Monitor.answer = json.dumps({name: {"status": status} for name, status in parts.items()}).encode()
    assert health("api", monitor) == (0, "")
    assert health("scheduler", monitor) == (1, "scheduler: unhealthy")
    assert health("triggerer", monitor) == (1, "triggerer: no heartbeat was ever seen")
    assert health("dag_processor", monitor) == (1, "dag_processor: no heartbeat was ever seen")
    _Monitor.answer = b"<html>"
    code, said = health("api", monitor)
    assert (code, said.startswith(monitor)) == (1, True)
    assert health("api", "http://127.0.0.1:9/")[0] == 1
