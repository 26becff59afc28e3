"""Small silver batches as extract and audit leave them: Parquet files, commit, verdict, ledger rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.layout import Layout, open_atomic, write_text_atomic
from gongkai.ledger import StageOutcome, record
from gongkai.registry import Portal
from gongkai.status import RunStatus
from gongkai.tables import AUDIT_TABLES, TABLES

FIRST, SECOND, THIRD = "20260301T183000Z", "20260302T183000Z", "20260303T183000Z"
NOW = datetime(2026, 3, 4, 2, 30, tzinfo=UTC)
Rows = dict[str, list[dict[str, Any]]]

_BLANK: dict[Any, Any] = {pa.string(): "", pa.int64(): 0, pa.bool_(): False, pa.list_(pa.string()): []}
_NULLABLE = {
    *(
        "native_id",
        "doc_number",
        "index_number",
        "validity",
        "declared_total",
        "since",
        "attachment_url",
        "member_name",
        "kind",
        "extension",
        "content_type",
        "converter",
        "issuer",
        "source",
        "disclosure_note",
    ),
    *(
        "subject_words",
        "plan_year",
        "report_year",
        "format_detected",
        "region",
        "deadline_raw",
        "recurrence",
        "unit",
        "qualifier",
        "scope",
        "era",
    ),
    *(
        "expected",
        "actual",
        "span_start",
        "span_end",
        "reason",
        "column",
        "document_id",
        "published_at",
        "list_url",
        "list_warc_file",
        "list_warc_offset",
        "meta_required",
        "meta_missing",
        "meta_dirty",
    ),
}


def portal(portal_id: str, name: str = "例市人民政府") -> Portal:
    return Portal(
        id=portal_id, name=name, level="city", province="例省", division_code="990100", base_url="http://127.0.0.1:8001", family="trs_wcm"
    )


def filled(table: str, **given: Any) -> dict[str, Any]:
    """A row of a table with neutral values where none is given."""
    schema = TABLES[table].schema
    row = {f.name: None if f.name in _NULLABLE else _BLANK.get(f.type) for f in schema}
    return {**row, **given}


def batch(
    portal_id: str = "lishi",
    run_id: str = FIRST,
    *,
    notices: Sequence[str] = ("n1", "n2"),
    version: str = "v1",
    title: str = "例市2026年政务公开工作要点",
    extractor: str = "0.1.0",
    tasks: int = 2,
    metrics: int = 3,
) -> Rows:
    """Rows of one batch: each notice with one page that holds tasks, metrics and a finding."""
    rows: Rows = {name: [] for name in TABLES if name != "stage_outcome"}
    place = {"portal_id": portal_id, "run_id": run_id}
    for position, short in enumerate(notices):
        notice_id = f"{portal_id}-{short}"
        url = f"http://127.0.0.1:8001/zwgk/{short}.html"
        rows["list_entry"].append(
            filled("list_entry", **place, section="要点", position=position, url=url, notice_id=notice_id, title=title)
        )
        rows["notice"].append(
            filled(
                "notice",
                **place,
                notice_id=notice_id,
                version=version,
                section="要点",
                url=url,
                title=title,
                published_at="2026-02-28T23:30:00+08:00",
                list_date=date(2026, 2, 28),
                fetched_at=datetime(2026, 3, 1, 18, 31, tzinfo=UTC),
                warc_file="pages.warc.gz",
                warc_offset=100 + position,
            )
        )
        grain = {
            **place,
            "notice_id": notice_id,
            "version": version,
            "document_id": f"{notice_id}-{version}-0",
            "extractor_version": extractor,
        }
        rows["document"].append(
            filled("document", **grain, title=title, genre="work_plan", plan_year=2026, script="hans", body_text="正文")
        )
        for seq in range(tasks):
            due = [date(2026, 2, 1), date(2026, 12, 31), None][seq % 3]
            rows["plan_task"].append(
                filled("plan_task", **grain, seq=seq, path=["一", str(seq)], text=f"任务{seq}", lead_units=["市统计局"], due_date=due)
            )
            unit = {"name": "市统计局", "printed": "统计局", "role": "lead", "agency": "statistics"}
            rows["task_unit"].append(filled("task_unit", **grain, task_seq=seq, seq=0, **unit))
            if short == "n1":
                unit = {"name": "市云杉协同中心", "printed": "市云杉协同中心", "role": "support", "agency": None}
                rows["task_unit"].append(filled("task_unit", **grain, task_seq=seq, seq=1, **unit))
            limits = [[("2月1日", date(2026, 2, 1))], [("6月底", date(2026, 6, 30)), ("年底前", date(2026, 12, 31))], []][seq % 3]
            for number, (raw, day) in enumerate(limits):
                rows["task_deadline"].append(filled("task_deadline", **grain, task_seq=seq, seq=number, raw=raw, type="date", due_date=day))
        for seq in range(metrics):
            blank = seq == 2
            rows["metric_value"].append(
                filled(
                    "metric_value",
                    **grain,
                    seq=seq,
                    code="app_received_total",
                    label="收到申请",
                    value=None if blank else Decimal(seq),
                    state="blank" if blank else "number",
                    dimensions=[{}, {"applicant": "自然人", "stated_in": "narrative"}, {"applicant": "自然人"}][seq % 3],
                )
            )
        rows["finding"].append(filled("finding", **grain, seq=0, rule="P-COUNT", severity="warning", message="声明79项，实有78项"))
    rows["completeness"].append(
        filled(
            "completeness",
            **place,
            genre="work_plan",
            year=2026,
            state="found",
            document_id=f"{portal_id}-n1-{version}-0",
            reason="published",
        )
    )
    rows["audit_result"].append(
        filled(
            "audit_result", **place, suite="notice", expectation="row_count", severity="warning", success=False, observed="1", expected="2"
        )
    )
    return rows


def write(layout: Layout, rows: Mapping[str, list[dict[str, Any]]], *, passed: bool = True, extractor: str = "0.1.0") -> None:
    """Silver files and commit of one batch with the audit's verdict on it."""
    portal_id, run_id = rows["audit_result"][0]["portal_id"], rows["audit_result"][0]["run_id"]
    content = hashlib.sha256()
    for name, listed in rows.items():
        with open_atomic(layout.silver(name, portal_id, run_id)) as temporary:
            pq.write_table(TABLES[name].arrow(listed), temporary)
            if name not in AUDIT_TABLES:
                content.update(temporary.read_bytes())
    commit = {"extractor_version": extractor, "digest": content.hexdigest(), "counts": {}}
    write_text_atomic(layout.silver_commit(portal_id, run_id), json.dumps(commit))
    verdict = {"portal_id": portal_id, "run_id": run_id, "digest": content.hexdigest(), "passed": passed, "results": []}
    write_text_atomic(layout.verdict(portal_id, run_id), json.dumps(verdict))


def outcome(layout: Layout, portal_id: str, run_id: str, stage: str, status: RunStatus, *reasons: str, **counts: int) -> None:
    moment = NOW.isoformat()
    record(
        layout,
        StageOutcome(
            run_id=run_id,
            portal_id=portal_id,
            stage=stage,
            status=status,
            started_at=moment,
            finished_at=moment,
            reasons=list(reasons),
            counts=counts,
        ),
    )
