"""Quarantine end to end: what is held back is shown; a decision reaches verdict, warehouse, ledger and Data Docs, and can be undone."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import expectations.decisions as deciding
from expectations.audit import audit as judge
from expectations.decisions import read_decisions
from expectations.thresholds import load_thresholds
from expectations.verdict import read_verdict
from gongkai.errors import GongkaiError
from gongkai.layout import Layout
from gongkai.ledger import read_outcome
from gongkai.settings import Settings
from gongkai.status import RunStatus
from gongkai.tables import TABLES
from stages.audit import audit
from stages.context import RunContext
from stages.load import load
from stages.quarantine import Held, held, look, settle
from stages.quarantine_command import quarantine
from warehouse.compare import content, differences

pytestmark = pytest.mark.usefixtures("one_auditor")

MakeTown = Callable[..., Any]
FIRST, SECOND = "20240401T183000Z", "20240402T183000Z"
BATCH = f"gd-li/{FIRST}"
NOW = datetime(2024, 4, 2, 9, 30, tzinfo=UTC)


def context(*towns: Any, run_id: str = FIRST) -> RunContext:
    layout: Layout = towns[0].layout
    return RunContext(
        Settings(home=layout.home), layout, {t.portal.id: t.portal for t in towns}, run_id, datetime(2024, 4, 1, 19, tzinfo=UTC)
    )


def refused(town: MakeTown, portal_id: str = "gd-li") -> Any:
    """A batch with a figure whose state no vocabulary has."""
    made = town(portal_id)
    made.rows["metric_value"][0]["state"] = "guess"
    return made.write()


@pytest.fixture
def ctx(town: MakeTown) -> RunContext:
    made = context(refused(town), town("gd-ok").write())
    assert [o.status for o in audit(["gd-li", "gd-ok"], made)] == [RunStatus.QUARANTINED, RunStatus.COMPLETE]
    return made


def decide(ctx: RunContext, decision: Any, reason: str = "看过原文", *, batch: str = BATCH, now: datetime = NOW) -> tuple[Held, bool]:
    return settle(ctx, batch, decision, actor="li", reason=reason, now=now)


def loaded(ctx: RunContext) -> dict[str, int]:
    """Notices in the warehouse by portal after a load."""
    load(ctx)
    return dict(ask(ctx, "SELECT portal_id, count(*) FROM silver.notice GROUP BY 1"))


def ask(ctx: RunContext, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(ctx.layout.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def status(ctx: RunContext, run_id: str = FIRST) -> RunStatus:
    return read_outcome(ctx.layout.outcome(run_id, "gd-li", "audit")).status


def test_release_loads_and_undo_takes_out_again(ctx: RunContext) -> None:
    assert loaded(ctx) == {"gd-ok": 4}
    refused_state = content(ctx.layout.warehouse)
    released, new = decide(ctx, "release")
    assert (released.state, new, status(ctx)) == ("released", True, RunStatus.COMPLETE)
    assert loaded(ctx) == {"gd-li": 4, "gd-ok": 4}
    assert ask(ctx, "SELECT portal_id, run_id, seq, decision, actor, decided_at, reason FROM silver.quarantine_decision") == [
        ("gd-li", FIRST, 0, "release", "li", NOW, "看过原文")
    ]
    assert ask(ctx, "SELECT count(*) FROM silver.audit_result WHERE portal_id = 'gd-li' AND NOT success AND severity = 'critical'") == [
        (2,)
    ]
    undone, _ = decide(ctx, "undo", "又有疑问")
    assert (undone.state, status(ctx)) == ("quarantined", RunStatus.QUARANTINED)
    assert loaded(ctx) == {"gd-ok": 4}
    assert [row[0] for row in ask(ctx, "SELECT decision FROM silver.quarantine_decision ORDER BY seq")] == ["release", "undo"]
    changed = differences(refused_state, content(ctx.layout.warehouse))
    assert all(any(name in line for name in ("quarantine_decision", "load_log", "stage_outcome")) for line in changed), changed


def test_drop_keeps_out_for_good_and_stops_the_alarm(ctx: RunContext, town: MakeTown) -> None:
    decide(ctx, "drop", "抓错栏目")
    assert loaded(ctx) == {"gd-ok": 4}
    assert status(ctx) is RunStatus.COMPLETE
    quiet = town("gd-li", SECOND)
    for table in quiet.rows:
        if table not in ("list_entry", "section_outcome"):
            quiet.rows[table].clear()
    later = context(quiet.write(), town("gd-ok"), run_id=SECOND)
    assert audit(["gd-li"], later)[0].status is RunStatus.COMPLETE
    made = town("gd-li")
    made.rows["plan_task"][0]["lead_units"] = ["市司法局"]
    made.write()  # read anew, and sound now: it stays out all the same
    audit(["gd-li"], later)
    assert look(ctx.layout, BATCH).state == "dropped"
    assert read_verdict(ctx.layout.verdict("gd-li", FIRST)).sound
    assert loaded(later) == {"gd-ok": 4}
    decide(later, "undo", "可以装载")
    assert loaded(later) == {"gd-li": 4, "gd-ok": 4}


def test_a_batch_that_was_loaded_can_be_dropped_without_harm_to_its_neighbours(town: MakeTown) -> None:
    first, second = town().write(), town(run_id=SECOND)
    second.write()
    ctx = context(first, run_id=SECOND)
    audit(["gd-li"], ctx)
    assert loaded(ctx) == {"gd-li": 4}
    assert ask(ctx, "SELECT DISTINCT run_id FROM silver.notice") == [(FIRST,)]
    decide(ctx, "drop", "证据不足")
    assert loaded(ctx) == {"gd-li": 4}
    assert ask(ctx, "SELECT DISTINCT run_id FROM silver.notice") == [(SECOND,)]  # the later batch has the same versions
    assert ask(ctx, "SELECT DISTINCT run_id FROM silver.list_entry") == [(SECOND,)]


def test_a_release_is_void_once_the_rows_are_read_anew(ctx: RunContext, town: MakeTown) -> None:
    decide(ctx, "release")
    assert loaded(ctx)["gd-li"] == 4
    made = refused(town)
    made.rows["plan_task"][0]["lead_units"] = ["市司法局"]
    made.write()
    assert audit(["gd-li"], ctx)[0].status is RunStatus.QUARANTINED
    h = look(ctx.layout, BATCH)
    assert (h.state, h.void, len(h.decisions)) == ("quarantined", True, 1)
    again, new = decide(ctx, "release", "再次核对")
    assert (again.state, again.void, new, len(again.decisions)) == ("released", False, True, 2)


def test_a_decision_outlives_bounds_that_change_and_verdicts_that_are_lost(ctx: RunContext) -> None:
    decide(ctx, "release")
    portal = ctx.registry["gd-li"]
    (verdict,) = judge([portal], layout=ctx.layout, limits=replace(load_thresholds(), edition="other"))
    assert (verdict.sound, verdict.decision, verdict.passed) == (False, "released", True)
    ctx.layout.verdict("gd-li", FIRST).unlink()
    ctx.layout.silver("quarantine_decision", "gd-li", FIRST).unlink()
    audit(["gd-li"], ctx)
    assert look(ctx.layout, BATCH).state == "released"
    assert pq.read_table(ctx.layout.silver("quarantine_decision", "gd-li", FIRST), partitioning=None).num_rows == 1


def test_the_same_decision_twice_is_one(ctx: RunContext) -> None:
    decide(ctx, "release")
    before = ctx.layout.verdict("gd-li", FIRST).read_bytes()
    h, new = decide(ctx, "release", "again", now=NOW + timedelta(hours=1))
    assert (new, len(h.decisions), h.decisions[0].reason) == (False, 1, "看过原文")
    assert ctx.layout.verdict("gd-li", FIRST).read_bytes() == before
    assert [decide(ctx, d)[1] for d in ("drop", "drop", "release", "undo", "undo")] == [True, False, True, True, False]


def test_killed_after_the_decision_was_written_the_next_audit_lets_the_verdict_follow(
    ctx: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(deciding, "apply_decisions", kill)
        with pytest.raises(Killed):
            decide(ctx, "release")
    assert len(read_decisions(ctx.layout, "gd-li", FIRST)) == 1
    assert not read_verdict(ctx.layout.verdict("gd-li", FIRST)).passed
    assert audit(["gd-li"], ctx)[0].status is RunStatus.COMPLETE
    assert loaded(ctx)["gd-li"] == 4


@pytest.mark.parametrize(
    ("batch", "decision", "reason", "cause"),
    [
        ("gd-li", "release", "r", "is no batch"),
        ("../x/20240401T183000Z", "release", "r", "is no batch"),
        ("gd-li/20240401T183000Z/..", "drop", "r", "is no batch"),
        ("gd-li/20240409T183000Z", "drop", "r", "no verdict on such a batch"),
        (BATCH, "release", " \n ", "needs an actor and a reason"),
        (BATCH, "release", "长" * 501, "needs an actor and a reason"),
        (BATCH, "undo", "r", "nothing to undo"),
        (f"gd-ok/{FIRST}", "release", "r", "nothing to release"),
    ],
)
def test_decisions_that_make_no_sense_are_one_clear_line(batch: str, decision: str, reason: str, cause: str, ctx: RunContext) -> None:
    with pytest.raises(GongkaiError, match=cause):
        decide(ctx, decision, reason, batch=batch)
    assert not (ctx.layout.home / "decisions").exists()


def test_an_unreadable_batch_cannot_be_released_but_dropped(town: MakeTown) -> None:
    made = town().write()
    made.layout.silver("document", "gd-li", FIRST).write_bytes(b"PAR1 not really")
    ctx = context(made)
    audit(["gd-li"], ctx)
    with pytest.raises(GongkaiError, match="cannot be read"):
        decide(ctx, "release")
    assert decide(ctx, "drop")[0].state == "dropped"
    assert audit(["gd-li"], ctx)[0].status is RunStatus.COMPLETE


def test_damaged_decisions_are_told_and_not_overwritten(ctx: RunContext) -> None:
    decide(ctx, "release")
    path = ctx.layout.decisions("gd-li", FIRST)
    path.write_text("[{}]")
    with pytest.raises(GongkaiError, match="no list of decisions"):
        decide(ctx, "drop")
    assert path.read_text() == "[{}]"


def test_data_docs_show_who_decided(ctx: RunContext) -> None:
    page = ctx.layout.docs / "gd-li.html"
    assert f"gongkai quarantine show {BATCH}" in page.read_text(encoding="utf-8")
    decide(ctx, "release", "看过<b>原文</b>\u202e")
    text = page.read_text(encoding="utf-8")
    assert "<strong>release</strong> by li, 2024-04-02 09:30 UTC: 看过&lt;b&gt;原文&lt;/b&gt;" in text
    assert "released" in (ctx.layout.docs / "index.html").read_text(encoding="utf-8")


def test_data_docs_say_how_many_decisions_they_leave_out(ctx: RunContext) -> None:
    for decision in ("drop", "undo", "release", "undo", "drop"):
        decide(ctx, decision)
    text = (ctx.layout.docs / "gd-li.html").read_text(encoding="utf-8")
    assert "2 earlier decisions<br>" in text
    assert text.count("</strong> by li, ") == 3


def test_the_table_of_decisions_has_its_schema(ctx: RunContext) -> None:
    decide(ctx, "drop")
    table = pq.read_table(ctx.layout.silver("quarantine_decision", "gd-li", FIRST), partitioning=None)
    assert table.schema.equals(TABLES["quarantine_decision"].schema)


@pytest.fixture
def run(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command line over the home of `ctx`."""
    registry = ctx.layout.home / "registry.yaml"
    registry.write_text(json.dumps({"portals": [json.loads(p.model_dump_json(exclude_none=True)) for p in ctx.registry.values()]}))
    monkeypatch.setenv("GONGKAI_HOME", str(ctx.layout.home))
    monkeypatch.setenv("GONGKAI_PORTALS", str(registry))
    return lambda *words: CliRunner().invoke(quarantine, words, catch_exceptions=False)


def test_command_line(run: Callable[..., Any], ctx: RunContext) -> None:
    assert (
        run("list").stdout
        == f"{BATCH}: quarantined, 4 notices: report_metrics.metrics: states are of the vocabulary (1 of 4 rows offend) (and 1 more)\n"
    )
    shown = run("show", BATCH).output
    assert "critical: report_metrics.metrics: states are of the vocabulary" in shown
    assert "code=app_received_total" in shown and "state=guess" in shown and "value=37" in shown
    notice = pq.read_table(ctx.layout.silver("notice", "gd-li", FIRST), partitioning=None).to_pylist()[2]
    assert f"page {notice['url']} archived as a.warc.gz@0" in shown
    assert f"archive {ctx.layout.raw_run('gd-li', FIRST)}" in shown
    told = json.loads(run("show", BATCH, "--json").stdout)
    assert told["failures"][0]["rows"][0]["values"]["state"] == "guess"
    assert run("release", BATCH).exit_code == 2  # no reason
    assert run("release", BATCH, "--reason", "核对过").output.startswith(f"{BATCH}: released; ")
    assert run("release", BATCH, "--reason", "核对过").output.startswith(f"{BATCH}: released already, nothing written; ")
    assert run("list").stdout == "nothing is held back\n"
    (entry,) = json.loads(run("list", "--all", "--json").stdout)
    assert (entry["state"], entry["decisions"][0]["actor"], entry["decisions"][0]["reason"]) == ("released", getpass.getuser(), "核对过")
    assert run("undo", BATCH, "--reason", "再看", "--actor", "王").exit_code == 0
    assert [h.decisions[-1].actor for h in held(ctx.layout)] == ["王"]


def test_what_the_load_alone_refused_is_listed_with_its_rows(run: Callable[..., Any], ctx: RunContext, town: MakeTown) -> None:
    decide(ctx, "drop")
    ahead = town("gd-ok", SECOND)
    ahead.rows["notice"][1]["fetched_at"] = datetime(2024, 4, 9, 1, tzinfo=UTC)  # a clock that was set back since
    later = context(ahead.write(), town("gd-li"), run_id=SECOND)
    audit(["gd-ok"], later)
    load(later)
    batch, wrong = f"gd-ok/{SECOND}", "notice.fetched_at: clock, 1 row kept"
    assert run("list").output == f"{batch}: not loaded: {wrong}\n"
    (entry,) = json.loads(run("list", "gd-ok", "--json").output)
    assert (entry["state"], entry["causes"], entry["rows"][0]["row_number"]) == ("not_loaded", [wrong], 1)
    assert run("list", "gd-li").output == "nothing is held back\n"
    shown = run("show", batch).output
    assert "not loaded, and tried again by every load:\n  - notice.fetched_at: clock: 2024-04-09 01:00:00+00:00 in row 1: {" in shown
    load(replace(later, now=datetime(2024, 4, 9, 2, tzinfo=UTC)))
    assert run("list").output == "nothing is held back\n"
