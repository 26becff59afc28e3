"""The scripts of docker/ run on a test's own PostgreSQL and home."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from own_postgres import Server

from gongkai.settings import PROJECT

PASSWORDS = {
    "AIRFLOW_DB_PASSWORD": "air-0123456789abcdef",
    "GONGKAI_DB_PASSWORD": "gon-0123456789abcdef",
    "GONGKAI_BI_DB_PASSWORD": "bi-0123456789abcdef",
}


def run(script: str, server: Server, home: Path, *words: Path | str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        **PASSWORDS,
        "PATH": f"{server.programs}:{os.environ['PATH']}",
        "PGHOST": str(server.folder),
        "PGUSER": "postgres",
        "GONGKAI_HOME": str(home),
        "BACKUPS_KEPT": "2",
    }
    return subprocess.run([str(PROJECT / "docker" / script), *map(str, words)], env=env, capture_output=True, text=True, check=False)
