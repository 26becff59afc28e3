"""docker/backup.sh and docker/restore.sh on a real PostgreSQL with the roles of docker/postgres/roles.sh."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from docker_scripts import run
from own_postgres import Server, running

from gongkai.layout import Layout

RUN = "20260301T183000Z"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as own:
        done = run("postgres/roles.sh", own, Path())
        assert done.returncode == 0, done.stderr
        yield own


@pytest.fixture
def system(server: Server, tmp_path: Path) -> Iterator[Layout]:
    """A home with one committed batch and what a killed night leaves, and both databases with a table."""
    layout = Layout(tmp_path / "home")
    made = {
        layout.raw_run("p", RUN) / "manifest.json": "{}",
        layout.raw_run("p", RUN) / "pages.warc.gz": "said",
        layout.raw_partial("p", RUN) / "pages.warc.gz": "cut off",
        layout.state("p"): "a cache",
        layout.crawl_lock("p"): "",
        layout.silver("notice", "p", RUN): "rows",
        layout.silver("notice", "p", RUN).with_name(".half.tmp"): "half",
        layout.silver_commit("p", RUN): "{}",
        layout.verdict("p", RUN): "{}",
        layout.decisions("p", RUN): "[]",
        layout.outcome(RUN, "p", "crawl"): "{}",
        layout.warehouse: "made of silver",
    }
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with psycopg.connect(server.url("airflow", "airflow"), autocommit=True) as connection:
        connection.execute("create table dag as select 'nightly' as dag_id")
    with psycopg.connect(server.url("gongkai", "gongkai"), autocommit=True) as connection:
        connection.execute("create schema mart")
        connection.execute("create table mart.notice as select '例市' as title")
        connection.execute("grant usage on schema mart to gongkai_reader")
        connection.execute("grant select on mart.notice to gongkai_reader")
    yield layout
    empty(server)


def empty(server: Server) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        for name in ("airflow", "gongkai"):
            connection.execute(f"drop database {name} with (force)".encode())
    assert run("postgres/roles.sh", server, Path()).returncode == 0


def contents(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def backups(target: Path) -> list[Path]:
    return sorted(p for p in target.iterdir() if p.is_dir())


def test_a_backup_comes_back_whole_with_grants_and_checksums(server: Server, system: Layout, tmp_path: Path) -> None:
    done = run("backup.sh", server, system.home, tmp_path / "b")
    assert done.returncode == 0, done.stderr
    (backup,) = backups(tmp_path / "b")
    kept = contents(backup / "files")
    assert sorted(kept) == sorted(
        str(p.relative_to(system.home))
        for p in (
            system.raw_run("p", RUN) / "manifest.json",
            system.raw_run("p", RUN) / "pages.warc.gz",
            system.silver("notice", "p", RUN),
            system.silver_commit("p", RUN),
            system.verdict("p", RUN),
            system.decisions("p", RUN),
            system.outcome(RUN, "p", "crawl"),
        )
    )
    refused = run("restore.sh", server, system.home, backup)
    assert refused.returncode == 1
    assert refused.stderr == f"restore: {system.home}/raw exists; a backup is brought back into an empty home only\n"

    home = tmp_path / "new"
    home.mkdir()
    refused = run("restore.sh", server, home, backup)
    assert refused.stderr == "restore: database airflow has 1 tables; a backup is brought back into an empty one only\n"
    assert list(home.iterdir()) == []

    empty(server)
    done = run("restore.sh", server, home, backup)
    assert done.returncode == 0, done.stderr
    assert contents(home) == kept
    with psycopg.connect(server.url("airflow", "airflow")) as connection:
        assert connection.execute("select dag_id from dag").fetchall() == [("nightly",)]
    with psycopg.connect(server.url("gongkai", "gongkai_bi")) as connection:
        assert connection.execute("select title from mart.notice").fetchall() == [("例市",)]
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from mart.notice")


def test_a_damaged_backup_changes_nothing(server: Server, system: Layout, tmp_path: Path) -> None:
    assert run("backup.sh", server, system.home, tmp_path / "b").returncode == 0
    (backup,) = backups(tmp_path / "b")
    path = next(backup.rglob("pages.warc.gz"))
    path.write_text("sajd")
    empty(server)
    home = tmp_path / "new"
    home.mkdir()
    done = run("restore.sh", server, home, backup)
    assert (done.returncode, list(home.iterdir())) == (1, [])
    assert f"restore: {backup} is damaged; nothing was changed" in done.stderr


def test_a_restore_that_was_killed_goes_on(server: Server, system: Layout, tmp_path: Path) -> None:
    assert run("backup.sh", server, system.home, tmp_path / "b").returncode == 0
    (backup,) = backups(tmp_path / "b")
    empty(server)
    home = tmp_path / "new"
    assert run("restore.sh", server, home, backup).returncode != 0  # there is no home: nothing begins
    home.mkdir()
    (home / "raw").write_text("in the way")  # a file where a folder must be: the copy fails after the databases
    (home / ".restoring").write_text(str(backup))
    assert run("restore.sh", server, home, backup).returncode != 0
    (home / "raw").unlink()
    done = run("restore.sh", server, home, backup)
    assert done.returncode == 0, done.stderr
    assert contents(home) == contents(backup / "files")


def test_the_next_backup_costs_what_is_new_and_the_oldest_go(server: Server, system: Layout, tmp_path: Path) -> None:
    stamps = []
    for night in range(4):
        system.silver("notice", "p", f"2026030{night + 2}T183000Z").write_text(f"rows of night {night}")
        if night == 2:
            system.decisions("p", RUN).write_text("[1]")  # a file that is replaced must not change the backup before
            os.utime(system.decisions("p", RUN), (2e9, 2e9))
        done = run("backup.sh", server, system.home, tmp_path / "b")
        assert done.returncode == 0, done.stderr
        stamps.append(backups(tmp_path / "b")[-1])
        stamps[-1].rename(stamps[-1].with_name(f"2026030{night + 1}T000000Z"))  # two within a second would have one name
        stamps[-1] = stamps[-1].with_name(f"2026030{night + 1}T000000Z")
    (tmp_path / "b" / ".partial-20260301T000000Z").mkdir()
    assert backups(tmp_path / "b")[1:] == stamps[-2:]
    unchanged = system.silver("notice", "p", RUN).relative_to(system.home)
    assert (stamps[2] / "files" / unchanged).stat().st_ino == (stamps[3] / "files" / unchanged).stat().st_ino
    assert run("restore.sh", server, system.home, "--verify", stamps[3]).returncode == 0
    assert len((stamps[3] / "SHA256SUMS").read_text().splitlines()) == 7 + 4 + 2


def test_a_backup_fails_loudly_where_the_database_does_not_answer(system: Layout, server: Server, tmp_path: Path) -> None:
    gone = Server(tmp_path, server.programs, server.restart)
    done = run("backup.sh", gone, system.home, tmp_path / "b")
    assert done.returncode != 0
    assert "pg_dump: error: connection to server" in done.stderr
    assert [p.name[:9] for p in backups(tmp_path / "b")] == [".partial-"]
