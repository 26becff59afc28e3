"""Publishing on both engines: in one step, only what was built and found sound, and never in a reader's way. Marts made by hand: no dbt."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import duckdb
import psycopg
import pytest
from hand_made import FIVE, Promises, all_that_readers_see, make
from own_postgres import Server
from silver_night import FIRST, NOW, SECOND, batch, portal, write

from gongkai.errors import WarehouseError
from gongkai.layout import Layout
from gongkai.settings import PROJECT
from warehouse import marts
from warehouse import publish as publisher
from warehouse.engines import Engine, engine_of
from warehouse.load import load
from warehouse.publish import publish, withhold
from warehouse.summary import published_run


def _seen(engine: Engine) -> Promises:
    with engine.published() as connection:
        assert connection is not None
        return [(number, words) for number, words in connection.query("SELECT * FROM mart.promise ORDER BY 1")]


@contextmanager
def _reader(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A BI tool that asks several questions of one moment."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield connection


def test_nothing_published_is_no_run(engine: Engine, layout: Layout) -> None:
    with pytest.raises(WarehouseError, match="no warehouse yet, load first"):
        publish(engine, run_id=FIRST, now=NOW)
    assert published_run(engine) is None
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    with pytest.raises(WarehouseError, match="not published: since the last load the marts were not built"):
        publish(engine, run_id=FIRST, now=NOW)
    assert published_run(engine) is None


def test_a_snapshot_describes_itself(engine: Engine, layout: Layout) -> None:
    write(layout, batch())
    make(engine, layout, FIVE)
    assert publish(engine, run_id=SECOND, now=NOW) == engine.published_place
    with engine.published() as connection:
        assert connection is not None
        assert connection.query("SELECT run_id, published_at, as_of, extractor_versions FROM meta.snapshot") == [
            (SECOND, NOW, date(2026, 3, 4), ["0.1.0"])
        ]
        counts = "SELECT table_name, row_count FROM meta.row_count WHERE table_name IN ('promise', 'plan_task') ORDER BY 1"
        assert connection.query(counts) == [("plan_task", 4), ("promise", 5)]
        of_portals = "SELECT portal_id, row_count FROM meta.portal_rows WHERE table_name = 'plan_task'"
        assert connection.query(of_portals) == [("lishi", 4)]
        assert connection.query("SELECT portal_id, run_id, passed FROM meta.batch") == [("lishi", FIRST, True)]


def test_what_is_said_of_a_column_is_changed_where_it_is_another(engine: Engine, layout: Layout) -> None:
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    with engine.writing() as connection:
        for text in ("标题", "what the page's head says; \\ $1 % {x}"):
            connection.comment("silver", {("notice", "title"): text})
            said = connection.comments("silver")
            assert said["notice", "title"] == text
            assert said["notice", ""].startswith("信息条目: ")
            assert ("notice", "url") not in said


CHANGES: dict[str, Promises] = {
    "nothing": FIVE,
    "a row less": FIVE[1:],
    "a row more": [*FIVE, (9, None)],
    "other words, and a row that stands twice": [(0, "另"), *FIVE[1:], (4, "第4条")],
    "nothing left": [],
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_published_next_replaces_what_was(engine: Engine, layout: Layout, change: str) -> None:
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    assert _seen(engine) == FIVE
    make(engine, layout, CHANGES[change])
    assert _seen(engine) == FIVE
    publish(engine, run_id=SECOND, now=NOW)
    assert _seen(engine) == CHANGES[change]
    assert published_run(engine) == SECOND


def test_a_mart_of_another_shape_and_one_that_is_no_more(engine: Engine, layout: Layout) -> None:
    make(engine, layout, FIVE)
    schema = engine.dbt_target().output["schema"]
    with engine.writing() as connection:
        connection.execute(f"CREATE TABLE {schema}.old AS SELECT 1 AS x")
    publish(engine, run_id=FIRST, now=NOW)
    make(engine, layout, FIVE, column="said")
    with engine.writing() as connection:
        connection.execute(f"DROP TABLE {schema}.old")
    publish(engine, run_id=SECOND, now=NOW)
    with engine.published() as connection:
        assert connection is not None
        assert connection.tables("mart") == {("mart", "promise"): ["id", "said"]}
    assert _seen(engine) == FIVE


@pytest.mark.parametrize("cause", ["withheld after a failed audit", "loaded since", "broke off"])
def test_what_readers_see_stays_byte_for_byte(
    engine: Engine, layout: Layout, cause: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    server = request.getfixturevalue("postgres") if engine.name == "postgresql" else None
    before = all_that_readers_see(engine, server)
    make(engine, layout, [(7, "新")])
    if cause == "withheld after a failed audit":
        withhold(engine)
    elif cause == "loaded since":
        load(engine, layout, [portal("lishi")], run_id=SECOND, now=NOW)
    else:
        monkeypatch.setattr(publisher, "_PORTAL_ROWS", "INSERT INTO meta.gone SELECT $1::text FROM silver.{table}")
    with pytest.raises(WarehouseError, match=r"not published|gone"):
        publish(engine, run_id=SECOND, now=NOW)
    assert all_that_readers_see(engine, server) == before
    monkeypatch.undo()
    make(engine, layout, [(7, "新")])
    publish(engine, run_id=SECOND, now=NOW)
    assert _seen(engine) == [(7, "新")]


def test_a_build_that_a_load_overtook_is_no_build(engine: Engine, layout: Layout) -> None:
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    marts._begin(engine, date(2026, 3, 4), NOW)
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    with pytest.raises(WarehouseError, match="another process loaded while they were built"):
        marts._end(engine, date(2026, 3, 4), NOW, {"promise"}, "basis")


def test_a_mart_that_no_model_makes_any_more_goes_with_the_next_build(engine: Engine, layout: Layout) -> None:
    make(engine, layout, FIVE)
    schema = engine.dbt_target().output["schema"]
    with engine.writing() as connection:
        connection.execute(f"CREATE TABLE {schema}.old AS SELECT 1 AS x")
        connection.execute(f"CREATE VIEW {schema}.older AS SELECT 1 AS x")
    marts._begin(engine, date(2026, 3, 4), NOW)
    marts._end(engine, date(2026, 3, 4), NOW, {"promise"}, "basis")
    publish(engine, run_id=FIRST, now=NOW)
    with engine.published() as connection:
        assert connection is not None
        assert list(connection.tables("mart")) == [("mart", "promise")]


# What only one of the engines has to show.


def test_duckdb_readers_keep_the_old_file_while_a_new_one_is_published(layout: Layout) -> None:
    engine = engine_of(layout)
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    program = (
        "import duckdb, sys\n"
        "c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "ask = lambda: print(*c.execute('SELECT run_id, count(*) FROM meta.snapshot, mart.promise GROUP BY 1').fetchone(), flush=True)\n"
        "ask(); sys.stdin.readline(); ask()"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", program, engine.published_place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    before = reader.stdout.readline()
    killed = layout.published.parent / f".{layout.published.name}.left-by-a-kill.tmp"
    killed.write_bytes(b"half")

    make(engine, layout, FIVE[:1])
    publish(engine, run_id=SECOND, now=NOW + timedelta(days=1))

    after, _ = reader.communicate("\n", timeout=60)
    assert before == after == f"{FIRST} 5\n"
    assert published_run(engine) == SECOND
    assert [p.name for p in layout.published.parent.iterdir()] == [layout.published.name]
    with duckdb.connect(engine.published_place, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM mart.promise").fetchall() == [(1,)]


def test_postgresql_readers_inside_a_transaction_keep_the_old_marts_and_hold_nobody_up(layout: Layout, postgres: Server) -> None:
    url = postgres.database()
    engine = engine_of(layout, url)
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    with _reader(url) as reader:
        assert reader.execute("SELECT count(*) FROM mart.promise").fetchone() == (5,)  # holds its lock until the end
        make(engine, layout, FIVE[:1])
        publish(engine, run_id=SECOND, now=NOW)
        # A table that it read before, and one that it asks for the first time.
        assert reader.execute("SELECT count(*) FROM mart.promise").fetchone() == (5,)
        assert reader.execute("SELECT run_id FROM meta.snapshot").fetchone() == (FIRST,)
        reader.rollback()
        assert reader.execute("SELECT count(*) FROM mart.promise").fetchone() == (1,)


def test_postgresql_keeps_grants_and_what_analysts_hung_on_a_mart(layout: Layout, postgres: Server) -> None:
    url = postgres.database()
    engine = engine_of(layout, url)
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE analyst")
        admin.execute("GRANT SELECT ON mart.promise TO analyst")
        admin.execute("CREATE TABLE mart.own AS SELECT 1 AS x")
        admin.execute("CREATE VIEW public.mine AS SELECT count(*) AS n FROM mart.promise")
        make(engine, layout, FIVE[:2])
        publish(engine, run_id=SECOND, now=NOW)
        assert admin.execute("SELECT n FROM public.mine").fetchone() == (2,)
        assert admin.execute("SELECT has_table_privilege('analyst', 'mart.promise', 'SELECT')").fetchone() == (True,)
        publish(engine, run_id=SECOND, now=NOW)  # what is not counted as ours now is not taken for an old mart of ours then
        assert admin.execute("SELECT x FROM mart.own").fetchone() == (1,)
        assert admin.execute("SELECT count(*) FROM meta.row_count WHERE table_schema = 'mart'").fetchone() == (1,)
        make(engine, layout, FIVE[:2], column="said")  # another shape: the view is in the way, and is named
        with pytest.raises(WarehouseError, match=r"view mine depends on table mart\.promise"):
            publish(engine, run_id=SECOND, now=NOW)
        assert admin.execute("SELECT n FROM public.mine").fetchone() == (2,)
        admin.execute("DROP OWNED BY analyst")
        admin.execute("DROP ROLE analyst")


def test_the_reader_role_reads_what_is_published_and_nothing_else(layout: Layout, postgres: Server) -> None:
    url = postgres.database()
    engine = engine_of(layout, url)
    make(engine, layout, FIVE)
    publish(engine, run_id=FIRST, now=NOW)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("ALTER ROLE gongkai_reader LOGIN")
    with psycopg.connect(url.replace("postgres@", "gongkai_reader@"), autocommit=True) as reader:
        assert reader.execute("SELECT count(*) FROM mart.promise, meta.snapshot").fetchone() == (5,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("CREATE TEMP TABLE x ()")
        reader.execute("SET default_transaction_read_only = off")
        for forbidden in (
            "DELETE FROM mart.promise",
            "SELECT * FROM silver.notice",
            "SELECT * FROM mart_next.promise",
            "CREATE TABLE mart.x ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(forbidden.encode())


def test_an_owner_who_may_create_no_role_publishes_all_the_same(layout: Layout, postgres: Server) -> None:
    url = postgres.database()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE plain LOGIN PASSWORD 'pa$$:word'")
        admin.execute(f"GRANT CREATE ON DATABASE {url.partition('?')[0].rpartition('/')[2]} TO plain".encode())
    engine = engine_of(layout, url.replace("postgres@", "plain:pa$$%3Aword@"))
    make(engine, layout, FIVE)
    assert publish(engine, run_id=FIRST, now=NOW) == url.replace("postgres@", "plain@")
    assert _seen(engine) == FIVE


def test_the_documentation_names_every_column_of_meta() -> None:
    lines = (PROJECT / "docs" / "warehouse.md").read_text(encoding="utf-8").splitlines()
    for table in (publisher.SNAPSHOT, publisher.ROW_COUNT, publisher.PORTAL_ROWS, publisher.BATCH):
        (line,) = (line for line in lines if line.startswith(f"| `{table.name}` {table.zh} |"))
        assert re.findall(r"`(\w+)` [^ ,(|]*", line)[1:] == table.schema.names
