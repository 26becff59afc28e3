"""`gongkai commitments`: what is published, and a person's word about evidence: kept, appended, told to the warehouse."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from gongkai.errors import GongkaiError
from gongkai.layout import Layout
from stages.cli import gongkai
from warehouse.commitments.decisions import load_decisions, read_decisions
from warehouse.commitments.tables import COMMITMENT_DECISION
from warehouse.engines import engine_of

_MARTS = """
CREATE SCHEMA mart;
CREATE TABLE mart.notice AS SELECT 'n1' AS notice_id, 'lishi' AS portal_id UNION ALL SELECT 'n9', 'hushi';
CREATE TABLE mart.commitment AS SELECT 'c1' AS commitment_id, 'lishi' AS portal_id, 'task' AS kind, 'overdue' AS status, 'no notice' AS why,
    date '2025-09-30' AS due_date, '公开债务余额。' AS text, ['市财政局'] AS lead_units, 0::BIGINT AS evidence_count,
    0::BIGINT AS candidates, 'http://127.0.0.1/c1' AS url;
INSERT INTO mart.commitment SELECT 'c2', 'hushi', 'task', 'not_assessable', 'no day', NULL, '加强培训。', [], 0, 0, 'http://127.0.0.1/c2';
CREATE TABLE mart.commitment_evidence AS SELECT 'c1' AS commitment_id, 'n1' AS notice_id, '债务情况' AS title,
    date '2025-09-01' AS published_date, 0.41::DOUBLE AS score, false AS counts, false AS late, 'subject 0.41' AS basis,
    NULL::VARCHAR AS decision, NULL::VARCHAR AS decided_by,
    NULL::VARCHAR AS reason, 'http://127.0.0.1/n1' AS url;
CREATE TABLE mart.commitment_status AS SELECT 'c1' AS commitment_id, 0::BIGINT AS seq, 'overdue' AS status, date '2026-03-04' AS since;
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path))
    path = Layout(tmp_path).published
    path.parent.mkdir(parents=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(_MARTS)
    return tmp_path


def _run(*words: str) -> Result:
    return CliRunner().invoke(gongkai, ["commitments", *words], catch_exceptions=False)


def test_list_and_show(home: Path) -> None:
    assert _run("list").output.splitlines() == [
        "c1 lishi 2025-09-30 overdue: 公开债务余额。 (no notice)",
        "c2 hushi no date not_assessable: 加强培训。 (no day)",
    ]
    assert _run("list", "hushi", "--status", "overdue").output == "no such commitment\n"
    assert _run("list", "--limit", "1").output.splitlines()[1:] == ["more than 1 found; --limit shows more"]
    with pytest.raises(GongkaiError, match="commitments: no promise of 'nowhere' is published"):
        _run("list", "lishi", "nowhere")
    told = json.loads(_run("show", "c1", "--json").output)
    assert told["evidence"][0]["score"] == 0.41
    assert told["history"] == [{"status": "overdue", "since": "2026-03-04"}]
    assert "n1 0.41 not counted: 债务情况 (2025-09-01)" in _run("show", "c1").output


def test_decisions_are_appended_and_told_to_the_warehouse(home: Path) -> None:
    layout = Layout(home)
    said = _run("confirm", "c1", "n1", "--reason", "看过\n原文", "--actor", "甲").output
    assert said == "c1 n1: confirmed; `gongkai load` lets the warehouse follow\n"
    assert "already, nothing written" in _run("confirm", "c1", "n1", "--reason", "again").output
    _run("reject", "c1", "n1", "--reason", "另一件事", "--actor", "乙")
    _run("withdraw", "c1", "n1", "--reason", "再看", "--actor", "甲")
    kept = [(d.decision, d.actor, d.reason) for d in read_decisions(layout, "lishi")]
    assert kept == [("confirmed", "甲", "看过 原文"), ("rejected", "乙", "另一件事"), ("withdrawn", "甲", "再看")]
    engine = engine_of(layout, "")
    with engine.writing() as connection:
        connection.ensure_table("silver", COMMITMENT_DECISION)
        for _ in range(2):  # the second load finds nothing new
            load_decisions(connection, layout, ["lishi", "hushi"])
        rows = connection.query("SELECT decision, actor FROM silver.commitment_decision ORDER BY decided_at")
    assert rows == [("confirmed", "甲"), ("rejected", "乙"), ("withdrawn", "甲")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("confirm", "cx", "n1", "--reason", "x"), "no such commitment"),
        (("confirm", "c1", "n9", "--reason", "x"), "no such notice of lishi"),
        (("confirm", "c1", "n1", "--reason", " "), "needs an actor and a reason"),
        (("withdraw", "c1", "n1", "--reason", "x"), "nothing to withdraw"),
        (("show", "cx"), "no such commitment"),
    ],
)
def test_what_makes_no_sense_is_refused(home: Path, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(GongkaiError, match=said):
        _run(*words)
    assert not Layout(home).commitment_decisions("lishi").exists()


def test_a_damaged_file_is_not_written_over(home: Path) -> None:
    path = Layout(home).commitment_decisions("lishi")
    path.parent.mkdir(parents=True)
    path.write_text("[{", encoding="utf-8")
    with pytest.raises(GongkaiError, match="no list of decisions"):
        _run("confirm", "c1", "n1", "--reason", "x")
    assert path.read_text(encoding="utf-8") == "[{"


def test_nothing_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path))
    with pytest.raises(GongkaiError, match="nothing published yet"):
        _run("list")
    path = Layout(tmp_path).published
    path.parent.mkdir(parents=True)
    duckdb.connect(str(path)).close()
    with pytest.raises(GongkaiError, match="older release"):
        _run("list")
