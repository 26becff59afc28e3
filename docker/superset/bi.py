"""Superset with the shipped dashboards on this machine (`make bi`, `make bi-down`), and the files for a Superset elsewhere.

It has an environment of its own (this folder's pyproject.toml and uv.lock) and keeps what it writes below `GONGKAI_HOME/superset`.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import click
import psutil
from bundle import Engine, bundle, dashboards, write_zip

from gongkai.airflow_env import TELEMETRY_OFF
from gongkai.errors import GongkaiError
from gongkai.layout import Layout, write_text_atomic
from gongkai.settings import Settings

HERE = Path(__file__).resolve().parent
BIN = HERE / ".venv" / "bin"


class Superset:
    """One Superset: its folder, its process, its address."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.layout = Layout(settings.home)
        self.home = self.layout.superset_home.resolve()
        self.url = f"http://{settings.ui_host}:{settings.bi_port}"
        self.env = {
            **os.environ,
            **TELEMETRY_OFF,
            "SUPERSET_HOME": str(self.home),
            "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        }

    def secret(self, name: str) -> str:
        """A secret of this installation, made when it is first asked for; only its owner may read the file."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.home / name
        if not path.exists():
            half = path.with_suffix(".new")
            half.unlink(missing_ok=True)
            half.touch(mode=0o600)
            half.write_text(secrets.token_urlsafe(32 if name == "secret" else 12), encoding="ascii")
            half.replace(path)
        return path.read_text(encoding="ascii")

    def warehouses(self) -> dict[Engine, str]:
        """SQLAlchemy addresses of the warehouses that can be connected to. Raises GongkaiError where there is none."""
        found: dict[Engine, str] = {}
        if self.layout.published.exists():
            found["duckdb"] = f"duckdb:///{self.layout.published.resolve()}"
        reader = self.settings.bi_warehouse.get_secret_value()
        if reader:
            found["postgresql"] = reader.replace("postgresql://", "postgresql+psycopg2://", 1)
        if not found:
            raise GongkaiError(
                f"nothing to show: no snapshot is published in {self.layout.published}, and GONGKAI_BI_WAREHOUSE names no PostgreSQL reader"
            )
        return found

    def prepare(self) -> None:
        """Metadata database, administrator, and the dashboards of this checkout over those that are there."""
        self.secret("secret")
        given = {"password": self.secret("admin-password"), "assets": [bundle(e, uri) for e, uri in self.warehouses().items()]}
        with (self.home / "prepare.log").open("wb") as log:
            done = subprocess.run(
                [str(BIN / "python"), str(HERE / "prepare.py")],
                input=json.dumps(given).encode(),
                env=self.env,
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode != 0:
            raise GongkaiError(f"Superset could not be prepared; {_tail(self.home / 'prepare.log')}")

    def healthy(self) -> bool:
        """Whether it answers."""
        connection = http.client.HTTPConnection(self.settings.ui_host, self.settings.bi_port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().read() == b"OK"
        except (OSError, http.client.HTTPException):
            return False  # not up; the caller asks again, or starts it
        finally:
            connection.close()

    def start(self) -> None:
        """Start the server in a session of its own and wait until it answers. Raises GongkaiError where it does not, or another does."""
        if self.healthy():
            raise GongkaiError(f"{self.url} answers already: another Superset has this port; GONGKAI_BI_PORT chooses another")
        log_path = self.home / "server.log"
        words = f"--bind {self.settings.ui_host}:{self.settings.bi_port} --workers 1 --threads 8 --timeout 120 superset.app:create_app()"
        command = [str(BIN / "gunicorn"), *words.split()]
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                command, env=self.env, cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        write_text_atomic(self._book, json.dumps({"pid": process.pid, "created": psutil.Process(process.pid).create_time()}))
        end = time.monotonic() + 120
        while not self.healthy():
            if process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise GongkaiError(f"Superset does not answer on {self.url}; {_tail(log_path)}")
            time.sleep(0.3)

    def stop(self) -> bool:
        """End the server that `start` wrote down, with its workers; False where none runs."""
        if not self._book.exists():
            return False
        known = json.loads(self._book.read_text(encoding="utf-8"))
        self._book.unlink()
        try:
            process = psutil.Process(known["pid"])
            if abs(process.create_time() - known["created"]) > 1:
                return False  # the number was given to a stranger since
            family = [process, *process.children(recursive=True)]
            process.terminate()
        except psutil.NoSuchProcess:
            return False
        for left in psutil.wait_procs(family, timeout=20)[1]:
            left.kill()
        return True

    @property
    def _book(self) -> Path:
        return self.home / "server.json"


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
    return "\n".join([f"log {log} ends:", *lines])


@click.group()
def bi() -> None:
    """Dashboards in Apache Superset."""


@bi.command()
def up() -> None:
    """Start Superset on the published warehouses, with the dashboards of this checkout; say where and how to log in."""
    superset = Superset(Settings())
    warehouses = superset.warehouses()
    superset.stop()
    click.echo("Superset: metadata and dashboards (a minute the first time) …")
    superset.prepare()
    superset.start()
    for engine in warehouses:
        click.echo(f"{engine}: {superset.url}/superset/dashboard/gongkai-completeness-{engine}/")
    click.echo(f"user: admin   password: {superset.secret('admin-password')}   stop: make bi-down")


@bi.command()
def down() -> None:
    """Stop Superset."""
    click.echo("stopped" if Superset(Settings()).stop() else "nothing was running")


@bi.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=HERE.parents[1] / "docs" / "bi")
@click.option("--engine", type=click.Choice(["duckdb", "postgresql"]), default="duckdb", show_default=True)
def pictures(folder: Path, engine: Engine) -> None:
    """Photograph every dashboard of the Superset that `up` started into FOLDER, one PNG each."""
    from look import reader  # needs a browser, which the other commands do not

    superset = Superset(Settings())
    if not superset.healthy():
        raise GongkaiError(f"Superset does not answer on {superset.url}; `make bi` starts it")
    folder.mkdir(parents=True, exist_ok=True)
    with reader(superset.url, superset.secret("admin-password")) as browser:
        for name, charts in dashboards().items():
            shown = browser.visit(f"{name}-{engine}", len(charts))
            troubles = [f"{c.title}: {c.trouble}" for c in shown.values() if c.trouble]
            if troubles:
                raise GongkaiError(f"{name}-{engine}: {'; '.join(troubles)}")
            target = folder / f"{name.removeprefix('gongkai-')}.png"
            browser.picture(target)
            click.echo(f"{target} {target.stat().st_size // 1000} kB")


@bi.command("bundle")
@click.argument("engine", type=click.Choice(["duckdb", "postgresql"]))
@click.argument("uri")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def bundle_command(engine: Engine, uri: str, target: Path) -> None:
    """Write the zip TARGET that any Superset 6.1 imports; URI is how that Superset reaches the warehouse (SQLAlchemy's form)."""
    write_zip(target, engine, uri)
    click.echo(str(target))


if __name__ == "__main__":
    try:
        bi()
    except GongkaiError as error:
        sys.exit(f"bi: {error}")
