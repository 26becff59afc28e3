"""Processes that die in mid-load and in mid-publish, and one that finds the file locked."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest
from silver_night import FIRST, NOW, SECOND, batch, outcome, portal, write

from gongkai.errors import WarehouseError
from gongkai.layout import Layout
from gongkai.status import RunStatus
from warehouse.compare import content, differences
from warehouse.load import load

IDS = [f"portal-{i}" for i in range(6)]
HERE = Path(__file__).resolve().parent


def _night(layout: Layout) -> None:
    for portal_id in IDS:
        for run_id in (FIRST, SECOND):
            write(layout, batch(portal_id, run_id))
            outcome(layout, portal_id, run_id, "crawl", RunStatus.COMPLETE, listed=2)


def _start(layout: Layout, patch: str) -> subprocess.Popen[str]:
    """A process that loads, changed by `patch` so that it says `now` at the wanted moment and stands still."""
    program = textwrap.dedent(
        f"""
        import sys, time
        sys.path[:0] = [{str(HERE)!r}, {str(HERE.parents[1])!r}]
        from pathlib import Path
        import silver_night as s
        import warehouse.load as w
        import warehouse.registers as r
        from gongkai.layout import Layout
        def stop(*a, **k):
            print("now", flush=True)
            time.sleep(600)
        w._TOGETHER = 2
        """
    ) + textwrap.dedent(patch)
    program += f"\nw.load(Layout(Path({str(layout.home)!r})), [s.portal(i) for i in {IDS!r}], run_id=s.FIRST, now=s.NOW)\n"
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
        append = r._append
        def slow(connection, table, rows):
            append(connection, table, rows)
            if table.name == "stage_outcome": stop()
        r._append = slow
        """,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_load_killed_anywhere_and_run_again_gives_the_same_warehouse(tmp_path: Path, moment: str) -> None:
    undisturbed, disturbed = Layout(tmp_path / "a"), Layout(tmp_path / "b")
    for layout in (undisturbed, disturbed):
        _night(layout)
    load(undisturbed, [portal(i) for i in IDS], run_id=FIRST, now=NOW)

    _kill_when_ready(_start(disturbed, MOMENTS[moment]))
    load(disturbed, [portal(i) for i in IDS], run_id=FIRST, now=NOW)

    left, right = content(undisturbed.warehouse), content(disturbed.warehouse)
    assert differences(left, right) == []
    assert left["silver.notice"].total() == 12
    assert left["silver.stage_outcome"].total() == 12  # crawl and load of six portals; run ids are not compared


def test_a_correction_killed_between_forgetting_and_loading_heals(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    _night(layout)
    load(layout, [portal(i) for i in IDS], run_id=FIRST, now=NOW)
    write(layout, batch(IDS[0], FIRST, tasks=1))

    _kill_when_ready(_start(layout, "w._load_wave = stop"))
    load(layout, [portal(i) for i in IDS], run_id=FIRST, now=NOW)

    with duckdb.connect(str(layout.warehouse), read_only=True) as connection:
        held = connection.execute("SELECT run_id, count(*) FROM silver.plan_task WHERE portal_id = ? GROUP BY ALL ORDER BY ALL", [IDS[0]])
        assert held.fetchall() == [(FIRST, 2), (SECOND, 2)]  # the second run still has the second task of each notice


def test_a_locked_warehouse_is_a_clear_error(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    _night(layout)
    holder = _start(layout, "w._record_loaded = stop")
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        with pytest.raises(WarehouseError, match=f"gongkai.duckdb: locked: another process .*{holder.pid}"):
            load(layout, [portal(i) for i in IDS], run_id=FIRST, now=NOW)
    finally:
        os.kill(holder.pid, 9)
        holder.wait()
        holder.stdout.close()
