"""Commitments on both engines: evidence, what we could not see, a person's word, history, another version and another extractor."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from silver_night import FIRST, NOW, SECOND, Rows, filled, outcome, portal, write

from gongkai.layout import Layout
from gongkai.status import RunStatus
from warehouse import marts
from warehouse.commitments import load_commitments, record_statuses
from warehouse.commitments.decisions import CommitmentDecision, write_decision
from warehouse.engines import Engine
from warehouse.load import load

PORTALS = [portal("lishi"), portal("hushi", "湖市人民政府"), portal("xinshi", "新市人民政府"), portal("wushi", "吴市人民政府")]
AS_OF = date(2026, 3, 4)
_IDS = "SELECT seq, commitment_id FROM mart.commitment WHERE portal_id = 'lishi'"
TASKS: list[dict[str, Any]] = [
    {"text": "公布义务教育学校招生范围和招生计划。", "lead_units": ["市教育局"], "due_date": date(2025, 8, 31)},
    {"text": "公开地方政府债务限额、余额。", "lead_units": ["市财政局"], "due_date": date(2025, 9, 30)},
    {"text": "公布养老机构备案名单。", "lead_units": ["市民政局"], "due_date": date(2025, 10, 31)},
    {"text": "开展政务公开业务培训。", "lead_units": ["市财政局"], "due_date": date(2025, 10, 31)},
    {"text": "公开城市更新年度计划。", "lead_units": ["市财政局"], "due_date": date(2026, 3, 31)},
    {"text": "公布公共厕所分布图。", "lead_units": ["市财政局"], "due_date": date(2026, 12, 31)},
    {"text": "公开行政执法结果。", "lead_units": ["市财政局"]},
    {"text": "每季度公布食品安全监督抽检结果。", "lead_units": ["市财政局"], "recurrence": "quarterly"},
    {"text": "公布职业技能培训机构目录。", "lead_units": ["市财政局"], "due_date": date(2025, 12, 31)},
]
NOTICES = [
    ("plan", "例市2025年政务公开工作要点", "例市人民政府办公室", date(2025, 4, 2)),
    ("school", "例市2025年义务教育学校招生计划和招生范围公告", "市教育局", date(2025, 9, 4)),
    ("budget", "例市2024年度预算调整方案", "市财政局", date(2025, 6, 4)),
    ("files", "关于有关事项的公告", "市财政局", date(2025, 7, 1)),
    ("food3", "2025年第三季度食品安全监督抽检结果通告", "市财政局", date(2025, 10, 9)),
]


def _batch(
    run_id: str = FIRST,
    portal_id: str = "lishi",
    *,
    version: str = "v1",
    extractor: str = "0.1.0",
    complete: bool = True,
    kind: str = "news",
) -> Rows:
    rows: Rows = {name: [] for name in ("list_entry", "notice", "section_outcome", "document", "plan_task", "audit_result", "completeness")}
    place = {"portal_id": portal_id, "run_id": run_id}
    for position, (short, title, source, day) in enumerate(NOTICES):
        notice = {"notice_id": f"{portal_id}-{short}", "version": version if short == "plan" else "v1"}
        url = f"http://127.0.0.1:8001/{short}.html"
        kept = {"title": title, "source": source, "published_at": f"{day}T09:00:00+08:00", "list_date": day, "url": url, "section": "要闻"}
        fetched = {"fetched_at": NOW, "warc_file": "pages.warc.gz", "warc_offset": position}
        rows["notice"].append(filled("notice", **place, **notice, **kept, **fetched))
        grain = {**place, **notice, "document_id": f"{portal_id}-{short}-{notice['version']}-0", "extractor_version": extractor}
        plan = short == "plan"
        text = "".join(t["text"] for t in TASKS)
        read = {"genre": "work_plan" if plan else "announcement", "plan_year": 2025 if plan else None, "script": "hans"}
        issuer = "例市人民政府办公室" if plan else None
        rows["document"].append(filled("document", **grain, title=title, issuer=issuer, body_text=text if plan else title, **read))
        at = 0
        for seq, task in enumerate(TASKS if plan else []):
            span = {"span_start": at, "span_end": at + len(task["text"])}
            rows["plan_task"].append(filled("plan_task", **grain, seq=seq, path=["一"], **{"due_date": None, **span, **task}))
            at += len(task["text"])
    of_files = {**place, "notice_id": f"{portal_id}-files", "version": "v1"}
    attached = {"name": "职业技能培训机构目录.xlsx", "url": "", "status": "archived"}
    rows["attachment"] = [filled("attachment", **of_files, seq=0, **attached)]
    sheet = {"document_id": f"{portal_id}-files-v1-1", "extractor_version": extractor, "part": 1, "genre": "other", "script": "hans"}
    rows["document"].append(filled("document", **of_files, **sheet, title="目录", issuer=None, body_text="机构名称", plan_year=None))
    rows["section_outcome"].append(filled("section_outcome", **place, section="要闻", kind=kind, complete=complete, walked_whole=True))
    audit = {"suite": "notice", "expectation": "row_count", "severity": "info", "success": True, "observed": "1", "expected": "1"}
    rows["audit_result"].append(filled("audit_result", **place, **audit))
    return rows


def _night(layout: Layout, rows: Rows, *, crawl: RunStatus = RunStatus.COMPLETE) -> None:
    write(layout, rows, extractor=rows["document"][0]["extractor_version"])
    section = rows["section_outcome"][0]
    outcome(layout, section["portal_id"], section["run_id"], "crawl", crawl)


def _build(engine: Engine, layout: Layout, run_id: str, *, as_of: date) -> None:
    assert load(engine, layout, PORTALS, run_id=run_id, now=NOW).failed == []
    marts.build(engine, layout, as_of=as_of, now=NOW)


def _ask(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.reading() as connection:
        return connection.query(sql.replace("mart.", engine.dbt_target().output["schema"] + "."))


@pytest.fixture
def judged(engine: Engine, layout: Layout) -> Engine:
    """The same plan and notices four times: seen whole, in a torn list, in a partial crawl, with no section for such notices."""
    _night(layout, _batch())
    _night(layout, _batch(portal_id="hushi", complete=False))
    _night(layout, _batch(portal_id="xinshi"), crawl=RunStatus.PARTIAL)
    _night(layout, _batch(portal_id="wushi", kind="annual_report"))
    _build(engine, layout, FIRST, as_of=AS_OF)
    return engine


@pytest.mark.slow
def test_statuses_evidence_decisions_and_history(judged: Engine, layout: Layout) -> None:
    engine = judged
    assert _ask(engine, "SELECT seq, status, evidence_count, late, why FROM mart.commitment WHERE portal_id = 'lishi' ORDER BY seq") == [
        (0, "evidenced", 1, True, "published after the due date, on 2025-09-04"),
        (1, "overdue", 0, False, "no notice comes near, though we looked whole after that day"),
        (2, "not_assessable", 0, False, "none of its lead bodies publishes on this portal"),
        (3, "not_assessable", 0, False, "work inside the administration: nobody need publish that it was done"),
        (4, "due", 0, False, "the due date is near"),
        (5, "not_due", 0, False, "the due date is not near yet"),
        (6, "not_assessable", 0, False, "the source names no day by which it is due"),
        (7, "overdue", 1, False, "only 1 of 2 periods seen"),
        (8, "evidenced", 1, False, "published by the due date, on 2025-07-01"),  # by the name of an attachment
    ]
    assert _ask(engine, "SELECT portal_id, why FROM mart.commitment WHERE portal_id <> 'lishi' AND seq = 1 ORDER BY portal_id") == [
        ("hushi", "the portal was not seen whole since the due date"),
        ("wushi", "no section is followed in which such a notice would stand"),
        ("xinshi", "the portal was not seen whole since the due date"),
    ]
    assert _ask(engine, "SELECT count(*) FROM mart.commitment WHERE portal_id <> 'lishi' AND status = 'overdue'") == [(0,)]
    evidence = (
        "SELECT notice_id, counts, late, period, decision, decided_by FROM mart.commitment_evidence WHERE portal_id = 'lishi' ORDER BY 1"
    )
    assert _ask(engine, evidence) == [
        ("lishi-files", True, False, None, None, None),
        ("lishi-food3", True, False, "2025-Q3", None, None),
        ("lishi-school", True, True, None, None, None),
    ]
    ((spans, body),) = _ask(
        engine,
        "SELECT e.spans, d.body_text FROM mart.commitment_evidence AS e JOIN mart.commitment AS c ON c.commitment_id = e.commitment_id "
        "JOIN mart.document_text AS d ON d.document_id = c.document_id WHERE e.notice_id = 'lishi-school'",
    )
    marks = json.loads(spans)
    assert "义务教育学校招生范围" in {body[m["start"] : m["end"]] for m in marks if m["where"] == "promise"}
    assert "义务教育学校招生计划" in {NOTICES[1][1][m["start"] : m["end"]] for m in marks if m["where"] == "title"}

    ids = dict(_ask(engine, _IDS))
    moment = datetime(2026, 3, 5, tzinfo=UTC)
    for seq, notice, word, later in ((0, "school", "rejected", 0), (1, "budget", "rejected", 0), (1, "budget", "confirmed", 1)):
        write_decision(
            layout,
            CommitmentDecision(
                portal_id="lishi",
                commitment_id=ids[seq],
                notice_id=f"lishi-{notice}",
                decision=word,  # type: ignore[arg-type]
                actor="甲",
                decided_at=moment + timedelta(minutes=later),
                reason="看过",
            ),
        )
    _night(layout, _batch(SECOND, version="v2", extractor="0.2.0"))  # the plan's page in another version, by a newer reader
    _build(engine, layout, SECOND, as_of=date(2026, 3, 6))
    assert dict(_ask(engine, _IDS)) == ids
    assert _ask(engine, "SELECT status FROM mart.commitment WHERE portal_id = 'lishi' AND seq < 2 ORDER BY seq") == [
        ("overdue",),
        ("evidenced",),
    ]
    decided = (
        "SELECT notice_id, counts, score IS NULL, decision, decided_by, reason FROM mart.commitment_evidence WHERE decision IS NOT NULL"
    )
    assert sorted(_ask(engine, decided)) == [
        ("lishi-budget", True, True, "confirmed", "甲", "看过"),
        ("lishi-school", False, False, "rejected", "甲", "看过"),
    ]
    history = f"SELECT status, since, until FROM mart.commitment_status WHERE commitment_id = '{ids[1]}' ORDER BY seq"  # noqa: S608
    assert _ask(engine, history) == [("overdue", AS_OF, date(2026, 3, 6)), ("evidenced", date(2026, 3, 6), None)]
    kept = _ask(engine, "SELECT count(*) FROM silver.commitment_status")
    assert kept == [(4 * len(TASKS) + 2,)]
    with engine.writing() as connection:  # nothing new: nothing is matched again, nothing said again
        assert load_commitments(connection) == 0
        record_statuses(connection, engine.dbt_target().output["schema"], as_of=date(2026, 3, 7), now=NOW)
    assert _ask(engine, "SELECT count(*) FROM silver.commitment_status") == kept
