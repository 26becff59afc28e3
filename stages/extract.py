"""Extract: archived pages and attachments → documents and facts in silver, one Parquet file a table and batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.warc import Exchange, read_record
from gongkai.errors import UnreadableInput
from gongkai.identity import document_id
from gongkai.layout import open_atomic, write_text_atomic
from gongkai.ledger import StageOutcome, read_outcome, record
from gongkai.records.document import Finding, ParsedDocument
from gongkai.registry import Portal
from gongkai.status import RunStatus, worst
from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES, TABLES, row
from stages.context import RunContext
from transforms import EXTRACTOR_VERSION
from transforms.parse import parse

_FACTS = {
    "plan_task": "tasks",
    "metric_value": "metrics",
    "citation": "citations",
    "obligation": "obligations",
    "roster_member": "roster",
    "finding": "findings",
}


def extract(portal_id: str, ctx: RunContext) -> StageOutcome:
    """Read every raw run of the portal that has no silver batch of this extractor yet, and the current run in any case.

    A page that cannot be read becomes a finding (rule D-READ) and makes the portal `partial`; nothing else is lost.
    The outcome's status is the worse of the crawl's and the reading's.
    """
    started = datetime.now(UTC).isoformat()
    (portal,) = ctx.portals([portal_id])
    counts: dict[str, int] = dict.fromkeys(("documents", "tasks", "metrics", "findings", "warnings", "unreadable", "batches"), 0)
    reasons: list[str] = []
    for run_id in _pending(portal_id, ctx):
        batch = _Batch(portal, run_id, ctx)
        batch.read()
        batch.write()
        for name, count in batch.counts().items():
            counts[name] += count
        reasons += batch.unreadable
    crawl = _crawl_outcome(portal_id, ctx)
    status = worst([crawl.status, RunStatus.PARTIAL if reasons else RunStatus.COMPLETE])
    outcome = StageOutcome(
        run_id=ctx.run_id,
        portal_id=portal_id,
        stage="extract",
        status=status,
        started_at=started,
        finished_at=datetime.now(UTC).isoformat(),
        reasons=crawl.reasons + reasons,
        counts=counts,
    )
    record(ctx.layout, outcome)
    return outcome


def _pending(portal_id: str, ctx: RunContext) -> list[str]:
    done = {r for r in ctx.layout.silver_runs(portal_id) if _extractor_of(portal_id, r, ctx) == EXTRACTOR_VERSION}
    return [r for r in ctx.layout.raw_runs(portal_id) if r not in done or r == ctx.run_id]


def _extractor_of(portal_id: str, run_id: str, ctx: RunContext) -> str:
    commit = json.loads(ctx.layout.silver_commit(portal_id, run_id).read_text(encoding="utf-8"))
    return str(commit["extractor_version"])


def _crawl_outcome(portal_id: str, ctx: RunContext) -> StageOutcome:
    path = ctx.layout.outcome(ctx.run_id, portal_id, "crawl")
    if path.exists():
        return read_outcome(path)
    now = datetime.now(UTC).isoformat()
    reason = f"run {ctx.run_id} left no crawl outcome: the crawl did not run or was killed"
    return StageOutcome(
        run_id=ctx.run_id, portal_id=portal_id, stage="crawl", status=RunStatus.BROKEN, started_at=now, finished_at=now, reasons=[reason]
    )


@dataclass
class _Batch:
    """One raw run of one portal on its way to silver."""

    portal: Portal
    run_id: str
    ctx: RunContext
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {t: [] for t in DOCUMENT_TABLES})
    unreadable: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Parse each notice of the run and its archived attachments."""
        attachments: dict[str, list[dict[str, Any]]] = {}
        for item in self._raw("attachment").to_pylist():
            attachments.setdefault(item["notice_id"], []).append(item)
        for notice in self._raw("notice").to_pylist():
            page = self._document(notice, notice, part=0, enclosing=None)
            for item in attachments.get(notice["notice_id"], ()):
                if item["status"] == "archived" and item["content_type"]:
                    self._document(notice, item, part=item["seq"] + 1, enclosing=page)

    def _document(
        self, notice: dict[str, Any], source: dict[str, Any], part: int, enclosing: ParsedDocument | None
    ) -> ParsedDocument | None:
        key = document_id(notice["notice_id"], notice["version"], part)
        grain = {
            "portal_id": self.portal.id,
            "run_id": self.run_id,
            "notice_id": notice["notice_id"],
            "version": notice["version"],
            "document_id": key,
            "extractor_version": EXTRACTOR_VERSION,
        }
        try:
            exchange = self._exchange(source)
            parsed = parse(
                exchange.payload,
                url=source["url"],
                name=source.get("name"),
                content_type=source["content_type"],
                declared_encoding=notice["encoding"] if part == 0 else None,
                published=date.fromisoformat(notice["published_at"][:10]) if notice["published_at"] else notice["list_date"],
                family=self.portal.family_in(notice["section"]) if part == 0 else None,
                enclosing=enclosing,
            )
        except UnreadableInput as error:
            if part == 0:  # a page we cannot read is our failure; an attachment of a foreign type is a fact about the source
                self.unreadable.append(f"{source['url']}: {error}")
            finding = Finding(rule="D-READ", severity="warning" if part else "error", message=f"{source['url']}: {error}")
            self.tables["finding"].append({"seq": -1} | row(finding, **grain))
            return None
        self._keep(parsed, grain, part, source["url"] if part else None)
        return parsed

    def _exchange(self, source: dict[str, Any]) -> Exchange:
        return read_record(self.ctx.layout.raw_run(self.portal.id, self.run_id) / source["warc_file"], source["warc_offset"])

    def _keep(self, parsed: ParsedDocument, grain: dict[str, str], part: int, attachment_url: str | None) -> None:
        columns = set(TABLES["document"].schema.names)
        full = row(parsed, **grain, part=part, attachment_url=attachment_url)
        self.tables["document"].append({k: v for k, v in full.items() if k in columns})
        for table, attribute in _FACTS.items():
            for seq, fact in enumerate(getattr(parsed, attribute)):
                self.tables[table].append({"seq": seq} | row(fact, **grain))
        for task in parsed.tasks:
            for table, parts in (("task_unit", task.units), ("task_deadline", task.deadlines)):
                self.tables[table] += [{"task_seq": task.seq, "seq": seq} | row(part, **grain) for seq, part in enumerate(parts)]

    def write(self) -> None:
        """Silver files, then the commit that makes them count; each is replaced whole, so that a rerun gives the same."""
        content = hashlib.sha256()
        for name, table in self._silver():
            with open_atomic(self.ctx.layout.silver(name, self.portal.id, self.run_id)) as temporary:
                pq.write_table(table, temporary, compression="zstd")
                content.update(temporary.read_bytes())
        commit = {"extractor_version": EXTRACTOR_VERSION, "digest": content.hexdigest(), "counts": self.counts()}
        write_text_atomic(self.ctx.layout.silver_commit(self.portal.id, self.run_id), json.dumps(commit, indent=1) + "\n")

    def _silver(self) -> Iterator[tuple[str, pa.Table]]:
        for name in CRAWL_TABLES:
            yield name, self._raw(name)
        for name in DOCUMENT_TABLES:
            yield name, TABLES[name].arrow(self.tables[name])

    def _raw(self, table: str) -> pa.Table:
        return pq.read_table(self.ctx.layout.raw_run(self.portal.id, self.run_id) / f"{table}.parquet", partitioning=None)

    def counts(self) -> dict[str, int]:
        """What the ledger and the summary show of this batch."""
        return {
            "documents": len(self.tables["document"]),
            "tasks": len(self.tables["plan_task"]),
            "metrics": len(self.tables["metric_value"]),
            "findings": len(self.tables["finding"]),
            "warnings": sum(f["severity"] != "info" for f in self.tables["finding"]),
            "unreadable": len(self.unreadable),
            "batches": 1,
        }
