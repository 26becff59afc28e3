"""mart.audit_failure: who failed which expectation when, whether the batch was let in, and who decided so."""

from __future__ import annotations

from silver_night import FIRST, NOW, SECOND, batch, filled, portal, write

from gongkai.layout import Layout
from warehouse import marts
from warehouse.engines import Engine
from warehouse.load import load
from warehouse.publish import publish


def test_failures_are_told_with_what_became_of_their_batch(engine: Engine, layout: Layout) -> None:
    refused, released = batch("lishi", FIRST), batch("lishi", SECOND)
    refused["audit_result"][0] |= {
        "severity": "critical",
        "meaning": "most plans have a task",
        "column": "facts",
        "failing": ['{"title": "例"}'],
    }
    refused["audit_result"].append(refused["audit_result"][0] | {"seq": 7, "success": True})
    place = {"portal_id": "lishi", "run_id": SECOND, "digest": "d", "decided_at": NOW}
    told = [("undo", "李", "又有疑问"), ("release", "王", "看过原文")]
    released["quarantine_decision"] = [
        filled("quarantine_decision", **place, seq=n, decision=decision, actor=actor, reason=reason)
        for n, (decision, actor, reason) in enumerate(told)
    ]
    write(layout, refused, passed=False)
    write(layout, released)
    load(engine, layout, [portal("lishi")], run_id=SECOND, now=NOW)
    marts.build(engine, layout, as_of=NOW.date(), now=NOW)
    query = """
        SELECT run_id, meaning, column_name, severity, failing, batch_loaded, decision, decided_by, decision_reason
        FROM mart.audit_failure ORDER BY run_id
    """
    publish(engine, run_id=SECOND, now=NOW)
    with engine.published() as connection:
        assert connection is not None
        rows = connection.query(query)
    assert rows[0] == (FIRST, "most plans have a task", "facts", "critical", ['{"title": "例"}'], False, None, None, None)
    assert (rows[1][0], rows[1][3], rows[1][5:]) == (SECOND, "warning", (True, "release", "王", "看过原文"))
    assert len(rows) == 2
