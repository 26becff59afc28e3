"""Nothing that a night writes or prints holds the warehouse's password: log, ledger, dbt artefact, Data Docs, Parquet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from own_postgres import Server

from samples.town import running_town

SECRET = "geheim-0123456789"


def gongkai(home: Path, registry: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "GONGKAI_HOME": str(home), "GONGKAI_PORTALS": str(registry), "GONGKAI_WAREHOUSE": url}
    command = [str(Path(sys.executable).with_name("gongkai")), *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
def test_a_night_tells_no_password_neither_when_it_ends_well_nor_when_the_warehouse_is_gone(postgres: Server, tmp_path: Path) -> None:
    home = tmp_path / "home"
    good = postgres.database().replace("postgres@", f"postgres:{SECRET}@")
    with running_town(tmp_path / "town") as town:
        done = gongkai(home, town.registry, good, "night", "sample-qinglan")
        assert done.returncode == 0, done.stderr[-2000:]
        bad = gongkai(home, town.registry, f"postgresql://u:{SECRET}@127.0.0.1:1/d?connect_timeout=2", "load")
    assert bad.returncode != 0
    assert "postgresql://u@127.0.0.1:1/d: cannot be opened" in bad.stderr
    files = [path for path in home.rglob("*") if path.is_file()]
    kinds = {path.relative_to(home).parts[0] for path in files}
    assert {"raw", "silver", "verdicts", "ledger", "logs", "dbt", "docs"} <= kinds
    assert [str(path.relative_to(home)) for path in files if SECRET.encode() in path.read_bytes()] == []
    assert SECRET not in done.stdout + done.stderr + bad.stdout + bad.stderr
