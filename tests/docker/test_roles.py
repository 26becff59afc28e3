"""docker/postgres/roles.sh: who may what in the two databases."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from docker_scripts import run
from own_postgres import Server, running

from gongkai.settings import PROJECT


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running() as own:
        with psycopg.connect(own.url(), autocommit=True) as admin:
            admin.execute("alter system set log_statement = 'all'")
            admin.execute("select pg_reload_conf()")
        for _ in range(2):  # it may run as often as one likes
            done = run("postgres/roles.sh", own, tmp_path_factory.mktemp("home"))
            assert done.returncode == 0, done.stderr
        yield own


@pytest.mark.parametrize(
    ("user", "database"), [("gongkai", "airflow"), ("gongkai_bi", "airflow"), ("airflow", "gongkai"), ("gongkai", "postgres")]
)
def test_nobody_enters_a_database_that_is_not_theirs(server: Server, user: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(server.url(database, user))


def test_the_reader_reads_marts_and_writes_nothing_even_where_it_tries(server: Server) -> None:
    with psycopg.connect(server.url("gongkai", "gongkai"), autocommit=True) as owner:
        owner.execute("create schema silver; create table silver.notice (); create schema mart; create table mart.notice ()")
        owner.execute("grant usage on schema mart to gongkai_reader; grant select on all tables in schema mart to gongkai_reader")
    with psycopg.connect(server.url("gongkai", "gongkai_bi"), autocommit=True) as reader:
        assert reader.execute("select count(*) from mart.notice").fetchone() == (0,)
        assert reader.execute("show statement_timeout").fetchone() == ("5min",)
        reader.execute("set default_transaction_read_only = off")
        for forbidden in (
            "select 1 from silver.notice",
            "insert into mart.notice default values",
            "create table public.x ()",
            "create role x",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(forbidden.encode())


def test_no_role_may_more_than_its_database_and_passwords_are_hashed_and_unlogged(server: Server) -> None:
    with psycopg.connect(server.url()) as admin:
        rows = admin.execute(
            "select rolname, rolsuper or rolcreatedb or rolcreaterole or rolreplication, rolpassword like 'SCRAM-SHA-256$%' "
            "from pg_authid where rolname !~ '^(pg_|postgres)' order by 1"
        ).fetchall()
    assert rows == [("airflow", False, True), ("gongkai", False, True), ("gongkai_bi", False, True), ("gongkai_reader", False, None)]
    log = (server.folder / "log").read_text(encoding="utf-8")
    assert "set log_statement = 'none'" in log  # the server does log; then no more of what the script says
    assert "create role airflow" not in log
    assert "0123456789abcdef" not in log


def test_psql_gets_no_password_as_an_argument() -> None:
    for script in ("postgres/roles.sh", "backup.sh", "restore.sh"):
        text = (PROJECT / "docker" / script).read_text(encoding="utf-8")
        assert "postgresql://" not in text
        assert "--set airflow" not in text
