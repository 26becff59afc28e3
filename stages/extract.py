"""Extract: archived pages and attachments → documents and facts in silver, one Parquet file a table and batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.warc import Exchange, read_record
from gongkai.errors import UnreadableInput
from gongkai.identity import document_id
from gongkai.layout import open_atomic, write_text_atomic
from gongkai.ledger import StageOutcome, read_outcome, record
from gongkai.records.document import Finding, ParsedDocument
from gongkai.records.reading import AttachmentReading
from gongkai.registry import Portal
from gongkai.status import ReadingStatus, RunStatus, worst
from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES, TABLES, row
from stages.context import RunContext
from stages.convert import Office
from transforms import EXTRACTOR_VERSION
from transforms.formats.claims import extension_of
from transforms.opened import Convert, Opened, open_attachment
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

    A page that cannot be read becomes a finding (rule D-READ) and makes the portal `partial`; nothing else is lost. What became of each
    attachment stands in `attachment_reading`.
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


def _published(notice: dict[str, Any]) -> date | None:
    return date.fromisoformat(notice["published_at"][:10]) if notice["published_at"] else notice["list_date"]


@dataclass
class _Batch:
    """One raw run of one portal on its way to silver."""

    portal: Portal
    run_id: str
    ctx: RunContext
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {t: [] for t in DOCUMENT_TABLES})
    unreadable: list[str] = field(default_factory=list)
    convert: Convert = field(init=False)

    def __post_init__(self) -> None:
        self.convert = Office(self.ctx.settings.office)

    def read(self) -> None:
        """Parse each notice of the run and its archived attachments."""
        attachments: dict[str, list[dict[str, Any]]] = {}
        for item in self._raw("attachment").to_pylist():
            attachments.setdefault(item["notice_id"], []).append(item)
        for notice in self._raw("notice").to_pylist():
            page = self._page(notice)
            for item in attachments.get(notice["notice_id"], ()):
                for opened in self._opened(notice, item, page):
                    self._attachment(notice, item, opened)

    def _page(self, notice: dict[str, Any]) -> ParsedDocument | None:
        grain = self._grain(notice, part=0)
        try:
            parsed = parse(
                self._exchange(notice).payload,
                url=notice["url"],
                content_type=notice["content_type"],
                declared_encoding=notice["encoding"],
                published=_published(notice),
                family=self.portal.family_in(notice["section"]),
            )
        except UnreadableInput as error:  # our failure; an attachment that is not read is a fact about the source
            self.unreadable.append(f"{notice['url']}: {error}")
            self._unread(grain, f"{notice['url']}: {error}", "error")
            return None
        self._keep(parsed, grain, part=0)
        return parsed

    def _opened(self, notice: dict[str, Any], item: dict[str, Any], page: ParsedDocument | None) -> Iterator[Opened]:
        """What is in one attachment; of one that was not fetched, why."""
        name, url, given = item["name"], item["url"], item["content_type"]
        known = Opened(name=name, extension=extension_of(name, url), size=item["size"], status=ReadingStatus.FAILED, reason=item["reason"])
        if item["status"] != "archived":
            yield replace(known, status=ReadingStatus(item["status"]))
            return
        try:
            payload = self._exchange(item).payload
        except UnreadableInput as error:  # the archive's record of it is damaged
            yield replace(known, reason=str(error))
            return
        yield from open_attachment(
            payload, self.convert, url=url, name=name, content_type=given, published=_published(notice), enclosing=page
        )

    def _attachment(self, notice: dict[str, Any], item: dict[str, Any], opened: Opened) -> None:
        """One row of attachment_reading, and the document or the finding that belongs to it."""
        part = item["seq"] + 1
        grain = self._grain(notice, part, opened.member)
        reading = AttachmentReading(
            seq=item["seq"],
            member=opened.member,
            member_name=opened.member_name,
            name=opened.name or item["name"],
            url=item["url"],
            status=opened.status,
            reason=opened.reason,
            kind=opened.kind,
            extension=opened.extension,
            content_type=None if opened.member else item["content_type"],
            size=opened.size,
            converter=opened.converter,
        )
        self.tables["attachment_reading"].append(row(reading, **grain))
        if opened.document is not None:
            self._keep(opened.document, grain, part, item["url"], opened.member_name)
        elif item["status"] == "archived" and opened.status is not ReadingStatus.UNPACKED:
            place = f"{item['url']} ({opened.member_name})" if opened.member_name else item["url"]
            self._unread(grain, f"{place}: {opened.reason}", "info" if opened.status is ReadingStatus.UNCONVERTED else "warning")

    def _grain(self, notice: dict[str, Any], part: int, member: int = 0) -> dict[str, str]:
        return {
            "portal_id": self.portal.id,
            "run_id": self.run_id,
            "notice_id": notice["notice_id"],
            "version": notice["version"],
            "document_id": document_id(notice["notice_id"], notice["version"], part, member),
            "extractor_version": EXTRACTOR_VERSION,
        }

    def _unread(self, grain: dict[str, str], message: str, severity: Literal["error", "warning", "info"]) -> None:
        finding = Finding(rule="D-READ", severity=severity, message=message)
        self.tables["finding"].append({"seq": -1} | row(finding, **grain))

    def _exchange(self, source: dict[str, Any]) -> Exchange:
        return read_record(self.ctx.layout.raw_run(self.portal.id, self.run_id) / source["warc_file"], source["warc_offset"])

    def _keep(
        self, parsed: ParsedDocument, grain: dict[str, str], part: int, attachment_url: str | None = None, member_name: str | None = None
    ) -> None:
        columns = set(TABLES["document"].schema.names)
        full = row(parsed, **grain, part=part, attachment_url=attachment_url, member_name=member_name)
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
