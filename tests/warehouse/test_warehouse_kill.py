"""Processes that die in mid-load, connections that are lost, and writers that find another one at work; on both engines."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
import pytest
from own_postgres import Server
from silver_night import FIRST, NOW, SECOND, batch, outcome, portal, write

from gongkai.errors import WarehouseError
from gongkai.layout import Layout
from gongkai.status import RunStatus
from gongkai.tables import Table
from warehouse import load as loader
from warehouse.compare import Content, content_of, differences
from warehouse.engines import Connection, Engine, engine_of, postgresql
from warehouse.load import load

IDS = [f"portal-{i}" for i in range(6)]
PORTALS = [portal(i) for i in IDS]
HERE = Path(__file__).resolve().parent


def _night(layout: Layout) -> None:
    for portal_id in IDS:
        for run_id in (FIRST, SECOND):
            write(layout, batch(portal_id, run_id))
            outcome(layout, portal_id, run_id, "crawl", RunStatus.COMPLETE, listed=2)


def _held(engine: Engine) -> Content:
    with engine.reading() as connection:
        return content_of(connection)


def _start(layout: Layout, url: str, patch: str) -> subprocess.Popen[str]:
    """A process that loads, changed by `patch` so that it says `now` at the wanted moment and stands still."""
    program = textwrap.dedent(
        f"""
        import sys, time
        sys.path[:0] = [{str(HERE)!r}, {str(HERE.parents[1])!r}]
        from pathlib import Path
        import silver_night as s
        import warehouse.load as w
        from gongkai.layout import Layout
        from warehouse.engines import engine_of
        from warehouse.engines.duckdb import DuckDBConnection
        from warehouse.engines.postgresql import PostgreSQLConnection
        def stop(*a, **k):
            print("now", flush=True)
            time.sleep(600)
        w._TOGETHER = 2
        layout = Layout(Path({str(layout.home)!r}))
        """
    ) + textwrap.dedent(patch)
    program += f"\nw.load(engine_of(layout, {url!r}), layout, [s.portal(i) for i in {IDS!r}], run_id=s.FIRST, now=s.NOW)\n"
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


def _kill_when_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "now\n"
    process.kill()
    process.wait()
    process.stdout.close()


MOMENTS = {
    "between the tables of the third wave": """
        merge, calls = w._merge, []
        def slow(connection, table, files):
            merge(connection, table, files)
            calls.append(table.name)
            if calls.count("document") == 3: stop()
        w._merge = slow
        """,
    "after the last wave, before the ledger": "w._record_loaded = stop",
    "while the ledger is read": """
        for kind in (DuckDBConnection, PostgreSQLConnection):
            def slow(self, schema, table, rows, append=kind.append):
                append(self, schema, table, rows)
                if table.name == "stage_outcome": stop()
            kind.append = slow
        """,
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Content:
    layout = Layout(tmp_path_factory.mktemp("undisturbed"))
    _night(layout)
    load(engine_of(layout), layout, PORTALS, run_id=FIRST, now=NOW)
    return _held(engine_of(layout))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_load_killed_anywhere_and_run_again_gives_the_same_warehouse(
    layout: Layout, url: str, engine: Engine, moment: str, undisturbed: Content
) -> None:
    _night(layout)
    _kill_when_ready(_start(layout, url, MOMENTS[moment]))
    load(engine, layout, PORTALS, run_id=FIRST, now=NOW)

    held = _held(engine)
    assert differences(undisturbed, held) == []
    assert held["silver.notice"].total() == 12
    assert held["silver.stage_outcome"].total() == 12  # crawl and load of six portals; run ids are not compared


def test_a_correction_killed_between_forgetting_and_loading_heals(layout: Layout, url: str, engine: Engine) -> None:
    _night(layout)
    load(engine, layout, PORTALS, run_id=FIRST, now=NOW)
    write(layout, batch(IDS[0], FIRST, tasks=1))

    _kill_when_ready(_start(layout, url, "w._load_wave = stop"))
    load(engine, layout, PORTALS, run_id=FIRST, now=NOW)

    with engine.reading() as connection:
        held = connection.query("SELECT run_id, count(*) FROM silver.plan_task WHERE portal_id = $1 GROUP BY 1 ORDER BY 1", IDS[0])
    assert held == [(FIRST, 2), (SECOND, 2)]  # the second run still has the second task of each notice


def test_two_loads_never_interleave_and_the_second_names_the_first(
    layout: Layout, url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _night(layout)
    monkeypatch.setattr(postgresql, "_PATIENCE", 1)
    holder = _start(layout, url, "w._record_loaded = stop")
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        who = r"process \d+ of gongkai, since 20" if url else str(holder.pid)
        with pytest.raises(WarehouseError, match=rf"locked: another process .*{who}"):
            load(engine, layout, PORTALS, run_id=FIRST, now=NOW)
    finally:
        os.kill(holder.pid, 9)
        holder.wait()
        holder.stdout.close()
    assert load(engine, layout, PORTALS, run_id=FIRST, now=NOW).waiting == []


@pytest.mark.parametrize("when", ["before the rows are sent", "before the commit"])
def test_a_lost_connection_is_a_clear_error_and_the_next_load_heals(
    layout: Layout, postgres: Server, monkeypatch: pytest.MonkeyPatch, when: str, undisturbed: Content
) -> None:
    engine = engine_of(layout, postgres.database())
    _night(layout)
    merge: Callable[[Connection, Table, Sequence[Path]], None] = loader._merge

    def cut(connection: Connection, table: Table, files: Sequence[Path]) -> None:
        if when == "before the commit":
            merge(connection, table, files)
        if table.name == "plan_task":
            ((backend,),) = connection.query("SELECT pg_backend_pid()")
            with psycopg.connect(postgres.url(), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        if when != "before the commit":
            merge(connection, table, files)

    monkeypatch.setattr(loader, "_merge", cut)
    with pytest.raises(WarehouseError, match=r"^postgresql://postgres@/test_\d+\?host=\S+: connection lost: .*terminating connection"):
        load(engine, layout, PORTALS, run_id=FIRST, now=NOW)
    monkeypatch.undo()
    load(engine, layout, PORTALS, run_id=FIRST, now=NOW)
    assert differences(undisturbed, _held(engine)) == []
