"""A real Superset on both warehouses, in a real browser (`make test-bi`, four to seven minutes; not part of `make test`)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import psycopg
import pytest
from bundle import dashboards
from look import Reader, reader
from own_postgres import Server

from gongkai.layout import open_atomic
from gongkai.settings import PROJECT
from samples.town import running_town

pytestmark = pytest.mark.bi
GONGKAI = str(Path(sys.executable).with_name("gongkai"))
BI = [sys.executable, str(PROJECT / "docker" / "superset" / "bi.py")]
ENGINES = ["duckdb", "postgresql"]

# One number of each dashboard, and the question that answers it without Superset.
NUMBERS = [
    ("completeness", "Not seen 看不到", "SELECT count(*) FROM mart.portal_completeness WHERE state = 'cannot_see'"),
    ("completeness", "Missing 未公开", "SELECT count(*) FROM mart.portal_completeness WHERE state = 'missing'"),
    ("commitments", "Tasks 任务", "SELECT count(*) FROM mart.plan_commitment"),
    ("commitments", "Date is over 已到期", "SELECT count(*) FROM mart.plan_commitment WHERE commitment_state = 'due'"),
    ("metrics", "Values 数值", "SELECT count(value) FROM mart.metric_by_city_year WHERE code = 'app_new_received'"),
    ("metrics", "Not seen 看不到", "SELECT count(*) FROM mart.metric_by_city_year WHERE code = 'app_new_received' AND state = 'not_seen'"),
    ("findings", "Errors 错误", "SELECT count(*) FROM mart.finding WHERE severity = 'error'"),
    ("findings", "Warnings 警告", "SELECT count(*) FROM mart.finding WHERE severity = 'warning'"),
    ("assessment", "Fail 不符合", "SELECT count(*) FROM mart.verdict WHERE verdict = 'fail'"),
    ("assessment", "Uncertain 存疑", "SELECT count(*) FROM mart.verdict WHERE verdict = 'uncertain'"),
    ("assessment", "Overdue 逾期无佐证", "SELECT count(*) FROM mart.commitment WHERE status = 'overdue'"),
    ("freshness", "Portals 门户", "SELECT count(*) FROM mart.freshness"),
    ("freshness", "Not whole 未完整", "SELECT count(*) FROM mart.portal_status WHERE status NOT IN ('complete', 'empty')"),
]


@dataclass(frozen=True)
class Shown:
    """Superset on a night of the sample town, in both warehouses."""

    browser: Reader
    url: str
    password: str
    snapshot: Path
    postgresql: str

    def ask(self, engine: str, question: str) -> list[tuple[object, ...]]:
        if engine == "duckdb":
            with duckdb.connect(str(self.snapshot), read_only=True) as connection:
                return connection.execute(question).fetchall()
        with psycopg.connect(self.postgresql) as connection:
            return connection.execute(question.encode()).fetchall()


def _run(env: dict[str, str], *command: str, good: int = 0) -> str:
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == good, (done.stdout + done.stderr)[-4000:]
    return done.stdout


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _cut_off(env: dict[str, str], database: Path) -> None:
    """A first `up` that is killed in the middle of Superset's migrations; the next one must not mind."""
    process = subprocess.Popen([*BI, "up"], env=env, start_new_session=True, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 120
    while not (database.exists() and database.stat().st_size > 200_000):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def shown(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    home, url = tmp_path_factory.mktemp("bi"), postgres.database()
    database = url.partition("?")[0].rpartition("/")[2]
    env = {**os.environ, "GONGKAI_HOME": str(home), "GONGKAI_BI_PORT": _free_port()}
    with running_town(tmp_path_factory.mktemp("town")) as town:
        env["GONGKAI_PORTALS"] = str(town.registry)
        _run(env, GONGKAI, "night", good=1)  # some portals of the town are ill on purpose
    for step in ("load", "publish"):
        _run(env | {"GONGKAI_WAREHOUSE": url}, GONGKAI, step)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE gongkai_bi LOGIN IN ROLE gongkai_reader")
    env["GONGKAI_BI_WAREHOUSE"] = postgres.url(database, "gongkai_bi")
    _cut_off(env, home / "superset" / "superset.db")
    try:
        said = _run(env, *BI, "up").split()
        address, password = f"http://127.0.0.1:{env['GONGKAI_BI_PORT']}", said[said.index("password:") + 1]
        with reader(address, password) as browser:
            yield Shown(browser, address, password, home / "published" / "current.duckdb", url)
    finally:
        assert _run(env, *BI, "down") == "stopped\n"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("name", "titles"), dashboards().items())
def test_every_chart_is_drawn_and_the_numbers_are_those_of_the_warehouse(shown: Shown, engine: str, name: str, titles: list[str]) -> None:
    charts = shown.browser.visit(f"{name}-{engine}", len(titles))
    assert sorted(charts) == sorted(titles)
    assert {c.title: c.trouble for c in charts.values() if c.trouble} == {}
    asked = [(title, question) for board, title, question in NUMBERS if f"gongkai-{board}" == name]
    assert asked
    for title, question in asked:
        ((number,),) = shown.ask(engine, question)
        assert charts[title].number == str(number), title


@pytest.mark.parametrize("engine", ENGINES)
def test_the_map_tells_not_seen_from_missing_and_from_what_was_never_looked_for(shown: Shown, engine: str) -> None:
    board = shown.browser.visit(f"gongkai-completeness-{engine}", len(dashboards()["gongkai-completeness"]))
    words = {
        "found": "found 已公开",
        "late": "late 逾期",
        "missing": "missing 未公开",
        "expected": "not due 未到期",
        "cannot_see": "not seen 看不到",
    }
    for title, genre in (("Annual reports 年度报告: portal × year", "annual_report"), ("Work plans 工作要点: portal × year", "work_plan")):
        cells = [cell for row in board[title].rows for cell in row if cell in words.values()]
        question = f"SELECT state FROM mart.portal_completeness WHERE genre = '{genre}'"  # noqa: S608
        assert sorted(cells) == sorted(words[str(state)] for (state,) in shown.ask(engine, question))
        assert words["cannot_see"] in cells
        assert words["missing"] in cells


def test_nobody_reads_without_a_login(shown: Shown) -> None:
    with urllib.request.urlopen(f"{shown.url}/superset/dashboard/gongkai-findings-duckdb/", timeout=30) as answer:  # noqa: S310
        assert "/login/" in answer.url
    with pytest.raises(urllib.error.HTTPError, match=r"HTTP Error 40[13]"):
        urllib.request.urlopen(f"{shown.url}/api/v1/database/", timeout=30)  # noqa: S310


def test_sql_lab_reads_the_warehouses_and_nothing_else(shown: Shown) -> None:
    """The administrator's SQL reaches neither files of the machine nor what the pipeline writes."""

    def ask(engine: str, question: str) -> str:
        return shown.browser.sql(f"Gongkai 公开 {engine}", question)

    for engine in ("DuckDB", "PostgreSQL"):
        assert json.loads(ask(engine, "select count(*) as n from mart.freshness"))["data"] == [{"n": 12}]
    for reach in ("select * from read_text('/etc/passwd')", "attach '/tmp/other.duckdb'", "copy (select 1) to '/tmp/out.csv'"):
        assert "file system operations are disabled by configuration" in ask("DuckDB", reach)
    assert "Cannot enable external access" in ask("DuckDB", "set enable_external_access = true")
    assert "permission denied for schema silver" in ask("PostgreSQL", "select count(*) from silver.notice")
    assert "disallowed function" in ask("PostgreSQL", "select pg_read_file('/etc/passwd')")


def test_a_snapshot_published_meanwhile_is_what_the_next_look_shows(shown: Shown) -> None:
    with open_atomic(shown.snapshot) as temporary:
        shutil.copyfile(shown.snapshot, temporary)
        with duckdb.connect(str(temporary)) as connection:
            connection.execute("UPDATE meta.snapshot SET as_of = $1", [date(2031, 5, 4)])
    charts = shown.browser.visit("gongkai-findings-duckdb", len(dashboards()["gongkai-findings"]))
    assert charts["As of 截至"].number == "2031-05-04"
