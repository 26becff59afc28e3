"""The stages over a warehouse: what DAG and command line call, with PostgreSQL by one setting; and a failed audit of the whole."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import psycopg
import pytest
from hand_made import FIVE, all_that_readers_see, make
from own_postgres import Server
from pydantic import SecretStr
from silver_night import FIRST, NOW, SECOND, batch, outcome, portal, write

from gongkai.errors import WarehouseError, WarehouseUnsound
from gongkai.layout import Layout
from gongkai.settings import Settings
from gongkai.status import RunStatus
from stages.audit import audit_whole
from stages.context import RunContext
from stages.digest import digest
from stages.load import build_marts, load
from stages.publish import publish
from warehouse.engines import engine_of
from warehouse.summary import night_summary


def _context(layout: Layout, url: str, run_id: str = FIRST) -> RunContext:
    settings = Settings(home=layout.home, warehouse=SecretStr(url))
    return RunContext(settings, layout, {"lishi": portal("lishi")}, run_id, NOW)


@pytest.mark.slow
def test_a_night_on_postgresql_by_one_setting_tells_no_password(layout: Layout, postgres: Server) -> None:
    url = postgres.database().replace("postgres@", "postgres:geheim@")
    ctx = _context(layout, url)
    write(layout, batch())
    outcome(layout, "lishi", FIRST, "crawl", RunStatus.COMPLETE, listed=2)
    load(ctx)
    build_marts(ctx)
    audit_whole(ctx)
    place = publish(ctx)
    assert place == url.replace(":geheim", "")
    assert digest(ctx) == "1 portal, 1 whole, 0 not; 2 new notices; 1 unit name unknown"
    assert [(line.portal_id, line.notices, line.tasks) for line in night_summary(ctx.engine)] == [("lishi", 2, 4)]
    assert not layout.warehouse.exists()
    assert "geheim" not in repr(ctx)
    written = [p for p in layout.home.rglob("*") if p.is_file() and b"geheim" in p.read_bytes()]
    assert written == []


def test_an_unsound_warehouse_is_withheld_and_readers_keep_what_they_had(layout: Layout, url: str, request: pytest.FixtureRequest) -> None:
    ctx = _context(layout, url)
    server = request.getfixturevalue("postgres") if url else None
    write(layout, batch())
    make(ctx.engine, layout, FIVE)
    audit_whole(ctx)
    publish(ctx)
    before = all_that_readers_see(ctx.engine, server)

    make(ctx.engine, layout, FIVE[:1])
    with ctx.engine.writing() as connection:
        connection.execute("DELETE FROM silver.plan_task WHERE seq = 1")
    with pytest.raises(WarehouseUnsound, match=r"no row was lost .*lishi: 2 lost"):
        audit_whole(ctx)
    with pytest.raises(WarehouseError, match="not published"):
        publish(_context(layout, url, SECOND))
    assert all_that_readers_see(ctx.engine, server) == before


def test_what_nobody_audited_is_not_published(layout: Layout, url: str) -> None:
    """The audit was killed, or could not be made because what readers see cannot be opened: the marts are built, and that is not enough."""
    ctx = _context(layout, url)
    write(layout, batch())
    make(ctx.engine, layout, FIVE)
    with pytest.raises(WarehouseError, match="the marts were not audited since they were last built"):
        publish(ctx)
    audit_whole(ctx)
    publish(ctx)
    write(layout, batch(run_id=SECOND))
    later = RunContext(ctx.settings, layout, ctx.registry, SECOND, NOW + timedelta(days=1))
    load(later)
    build_marts(later)
    _the_marts_are_documented(layout)
    with pytest.raises(WarehouseError, match="the marts were not audited since they were last built"):
        publish(later)


def _the_marts_are_documented(layout: Layout) -> None:
    """One page that loads nothing, with every model's question, every column's two names and type, and what is made of what."""
    page = layout.mart_docs.read_text(encoding="utf-8")
    assert "JSON INLINE DATA" not in page
    manifest, catalog = (
        json.loads(layout.mart_docs.with_name(name).read_text(encoding="utf-8")) for name in ("manifest.json", "catalog.json")
    )
    assert manifest["metadata"]["send_anonymous_usage_stats"] is False  # else the page asks a stranger's server
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    assert set(models) == set(catalog["nodes"])
    assert "model.gongkai.plan_unit" in manifest["parent_map"]["model.gongkai.unit_workload"]
    assert "source.gongkai.silver.task_unit" in manifest["parent_map"]["model.gongkai.plan_unit"]
    assert models["model.gongkai.freshness"]["description"].endswith("How old is what I am looking at?")
    assert catalog["nodes"]["model.gongkai.freshness"]["columns"]["days_since_published"]["type"].lower() == "bigint"
    for name, node in models.items():
        if name == "model.gongkai.search_item":  # of search_passage, no mart
            continue
        assert list(node["columns"]) == list(catalog["nodes"][name]["columns"])
        assert all(re.match(r"[\u4e00-\u9fff]+", column["description"]) for column in node["columns"].values()), name


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:ge heim@h:notaport/d", "GONGKAI_WAREHOUSE is no PostgreSQL URL"),
        ("mysql://u:geheim@h/d", "GONGKAI_WAREHOUSE is no PostgreSQL URL"),
        ("postgresql://u:geheim@127.0.0.1:1/d?connect_timeout=2", r"postgresql://u@127\.0\.0\.1:1/d: cannot be opened \(.*refused"),
    ],
)
def test_a_wrong_address_is_named_without_its_password(layout: Layout, url: str, said: str) -> None:
    with pytest.raises(WarehouseError, match=said) as raised, engine_of(layout, url).reading():
        pass
    assert "heim" not in str(raised.value)


def test_a_database_of_another_encoding_is_refused(layout: Layout, postgres: Server) -> None:
    with psycopg.connect(postgres.url(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    needed = r"PostgreSQL 15 or newer with encoding UTF8 is needed; this is 1\d with LATIN1"
    with pytest.raises(WarehouseError, match=needed), engine_of(layout, postgres.url("latin")).reading():
        pass
