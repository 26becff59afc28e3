"""Silver batches as extract leaves them, written by hand so that each can be spoiled in one place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gongkai.identity import digest, document_id, notice_id
from gongkai.layout import Layout, run_moment, write_text_atomic
from gongkai.ledger import StageOutcome, record
from gongkai.registry import Portal
from gongkai.status import RunStatus
from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES, TABLES

FIRST, SECOND = "20240401T183000Z", "20240402T183000Z"
Row = dict[str, Any]


def portal_of(portal_id: str) -> Portal:
    return Portal.model_validate(
        {
            "id": portal_id,
            "name": "例市人民政府",
            "level": "city",
            "province": "广东",
            "division_code": "440000",
            "base_url": "http://127.0.0.1",
            "family": "gkmlpt",
            "sections": [
                {"name": "工作要点", "kind": "work_plan", "entry": "1", "since": 2023},
                {"name": "年度报告", "kind": "annual_report", "entry": "2", "since": 2022},
            ],
        }
    )


def _blank(table: str, **values: Any) -> Row:
    return dict.fromkeys(TABLES[table].schema.names) | values


@dataclass
class Town:
    """One portal's batch: two plans and two reports, all well; change `rows`, `counts` or `status`, then `write`."""

    layout: Layout
    portal: Portal
    run_id: str = FIRST
    status: RunStatus = RunStatus.COMPLETE
    rows: dict[str, list[Row]] = field(default_factory=lambda: {t: [] for t in (*CRAWL_TABLES, *DOCUMENT_TABLES)})
    written: int | None = None
    """What the ledger claims; by default the truth."""

    def fill(self) -> Town:
        """Listing, notices and documents of a good first night."""
        self.plan(2023, date(2023, 5, 4))
        self.plan(2024, date(2024, 3, 8))
        self.report(2022, date(2023, 3, 30))
        self.report(2023, date(2024, 1, 22))
        return self

    def sections(self) -> Town:
        """Section outcomes that agree with the listing."""
        for section in self.portal.sections:
            seen = sum(e["section"] == section.name for e in self.rows["list_entry"])
            self.rows["section_outcome"].append(
                _blank(
                    "section_outcome",
                    portal_id=self.portal.id,
                    run_id=self.run_id,
                    section=section.name,
                    kind=section.kind.value,
                    since=section.since,
                    declared_total=seen,
                    rows_seen=seen,
                    rows_known=seen,
                    walked_whole=True,
                    pages=1,
                    complete=True,
                    findings=[],
                )
            )
        return self

    def plan(self, year: int, day: date) -> Row:
        body = f"{year}年政务公开工作要点\n推进决策公开。（市政府办公室牵头）"
        document = self.notice("工作要点", f"例市{year}年政务公开工作要点", day, body, genre="work_plan", plan_year=year)
        start = body.index("推进")
        self.rows["plan_task"].append(
            _blank(
                "plan_task",
                **self._grain(document),
                seq=1,
                path=["一"],
                section_titles=[],
                text="推进决策公开。",
                lead_units=["市政府办公室"],
                support_units=[],
                responsibility_mode="lead",
                open_ended=False,
                deadline_type="none",
                uncertain=False,
                span_start=start,
                span_end=start + 7,
            )
        )
        unit = {"name": "市政府办公室", "printed": "市政府办公室", "role": "lead", "agency": "gov-office", "open_ended": False}
        place = {"span_start": start + 8, "span_end": start + 14}
        self.rows["task_unit"].append(_blank("task_unit", **self._grain(document), task_seq=1, seq=0, **unit, **place))
        limit = {"raw": f"{year}年", "type": "date", "span_start": 0, "span_end": 5}
        self.rows["task_deadline"].append(_blank("task_deadline", **self._grain(document), task_seq=1, seq=0, **limit))
        return document

    def report(self, year: int, day: date) -> Row:
        body = f"例市{year}年政府信息公开工作年度报告\n全年收到申请 37 件，未发生行政复议。"
        document = self.notice("年度报告", f"例市{year}年政府信息公开工作年度报告", day, body, genre="annual_report", report_year=year)
        for seq, (code, raw, value, state) in enumerate(
            [("app_received_total", "37 件", Decimal(37), "number"), ("review_total", "未发生行政复议", Decimal(0), "zero_phrase")]
        ):
            start = body.index(raw)
            self.rows["metric_value"].append(
                _blank(
                    "metric_value",
                    **self._grain(document),
                    seq=seq,
                    code=code,
                    label=code,
                    value=value,
                    unit="件",
                    state=state,
                    dimensions={},
                    raw=raw.replace(" ", ""),
                    span_start=start,
                    span_end=start + len(raw),
                )
            )
        return document

    def notice(self, section: str, title: str, day: date, body: str, *, read: bool = True, **document: Any) -> Row:
        """A listed and fetched notice and its document; returns the document's row."""
        url = f"http://127.0.0.1/{digest(title)}.html"
        key = notice_id(self.portal.id, None, url)
        common = {"portal_id": self.portal.id, "run_id": self.run_id}
        position = sum(e["section"] == section for e in self.rows["list_entry"])
        self.rows["list_entry"].append(
            _blank("list_entry", **common, section=section, position=position, page=1, url=url, notice_id=key, title=title, date=day)
        )
        self.rows["notice"].append(
            _blank(
                "notice",
                **common,
                notice_id=key,
                version="v1",
                section=section,
                url=url,
                canonical_url=url.removeprefix("http://"),
                title=title,
                list_title=title,
                list_date=day,
                published_at=f"{day}T09:00:00+08:00",
                content_type="text/html",
                encoding="utf-8",
                fetched_at=run_moment(self.run_id) + timedelta(minutes=1),
                warc_file="a.warc.gz",
                warc_offset=0,
                payload_digest=hashlib.sha256(body.encode()).hexdigest(),
            )
        )
        grain = {"notice_id": key, "version": "v1", "document_id": document_id(key, "v1", 0), "extractor_version": "1"}
        lists: Row = {"addressed_to": [], "cc": []}
        out = _blank("document", **common, **grain, part=0, title=title, script="hans", body_text=body, **lists, **document)
        if read:
            self.rows["document"].append(out)
        return out

    def finding(self, document: Row, rule: str, severity: str) -> None:
        self.rows["finding"].append(
            _blank("finding", **self._grain(document), seq=len(self.rows["finding"]), rule=rule, severity=severity, message=rule)
        )

    def attachment(self, document: Row, status: str) -> None:
        grain = {k: document[k] for k in ("portal_id", "run_id", "notice_id", "version")}
        kept = {"warc_file": "a.warc.gz", "warc_offset": 0, "payload_digest": "0" * 64} if status == "archived" else {"reason": "404"}
        file = {"name": "a.docx", "url": "http://127.0.0.1/a.docx"}
        self.rows["attachment"].append(_blank("attachment", **grain, seq=0, **file, status=status, **kept))
        reading = {"status": "read"} if status == "archived" else {"status": "failed", "reason": "404"}
        key = document_id(document["notice_id"], document["version"], 1)
        self.rows["attachment_reading"].append(
            _blank("attachment_reading", **self._grain(document) | {"document_id": key}, seq=0, member=0, **file, **reading)
        )

    def removal(self, number: int, cause: str = "http_404") -> Row:
        key = notice_id(self.portal.id, None, f"http://127.0.0.1/gone{number}.html")
        common = {"portal_id": self.portal.id, "run_id": self.run_id, "notice_id": key, "url": "http://127.0.0.1/g", "title": "旧闻"}
        self.rows["removal"].append(_blank("removal", **common, cause=cause, missed=2, last_seen=FIRST))
        return self.rows["removal"][-1]

    def fact(self, document: Row, table: str, **values: Any) -> None:
        spans = {} if table == "roster_member" else {"span_start": 0, "span_end": 5}
        self.rows[table].append(_blank(table, **self._grain(document) | spans | {"seq": len(self.rows[table])} | values))

    def _grain(self, document: Row) -> Row:
        return {k: document[k] for k in ("portal_id", "run_id", "notice_id", "version", "document_id", "extractor_version")}

    def write(self) -> Town:
        """Raw archive file, silver tables, commit and ledger."""
        raw = self.layout.raw_run(self.portal.id, self.run_id)
        raw.mkdir(parents=True, exist_ok=True)
        (raw / "a.warc.gz").write_bytes(b"")
        content = []
        for name, rows in self.rows.items():
            path = self.layout.silver(name, self.portal.id, self.run_id)
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(TABLES[name].arrow(rows), path)
            content.append(path.read_bytes().hex())
        counts = {
            "documents": len(self.rows["document"]),
            "tasks": len(self.rows["plan_task"]),
            "metrics": len(self.rows["metric_value"]),
            "findings": len(self.rows["finding"]),
        }
        commit = {"extractor_version": "1", "digest": digest(*content), "counts": counts}
        write_text_atomic(self.layout.silver_commit(self.portal.id, self.run_id), json.dumps(commit))
        record(
            self.layout,
            StageOutcome(
                run_id=self.run_id,
                portal_id=self.portal.id,
                stage="crawl",
                status=self.status,
                started_at="2024-04-01T18:30:00+00:00",
                finished_at="2024-04-01T18:31:00+00:00",
                counts={"new": len(self.rows["notice"]) if self.written is None else self.written, "changed": 0},
            ),
        )
        return self


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "var")


@pytest.fixture
def town(layout: Layout, town_in: Callable[..., Town]) -> Callable[..., Town]:
    """`town("gd-li")`: a good batch, not yet written; `fill=False` leaves it without rows."""
    return partial(town_in, layout)


@pytest.fixture(scope="session")
def town_in() -> Callable[..., Town]:
    """`town`, for the layout that is named first."""

    def make(layout: Layout, portal_id: str = "gd-li", run_id: str = FIRST, fill: bool = True) -> Town:
        made = Town(layout, portal_of(portal_id), run_id)
        return made.fill().sections() if fill else made

    return make


@pytest.fixture(scope="session")
def proven() -> Any:
    """An auditor that has found the known faults: it takes seconds to prove itself."""
    from expectations.validate import Auditor

    return Auditor()


@pytest.fixture
def one_auditor(proven: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All audits of a test have the same auditor. Not for tests of the library itself, nor of the stage: theirs prove themselves."""
    monkeypatch.setattr("expectations.audit._Task.auditor", proven)
