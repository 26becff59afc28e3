"""Extract: archived pages and attachments → documents and facts in silver, one Parquet file a table and batch.

A batch of silver depends on the raw run and on today's readers alone, never on what lay there before: `reextract` uses the same `Batch`.
What the page says of the notice itself (title, dates, numbers) is read again with it. Its id and version stay those of the crawl: they
name what was fetched, attachments, sightings and the crawler's memory refer to them, and no change of ours may look like one of the portal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.notices import stated
from crawlers.warc import DamagedRecord, Exchange, read_record
from gongkai.errors import UnreadableInput
from gongkai.identity import document_id
from gongkai.layout import Layout, open_atomic, write_text_atomic
from gongkai.ledger import StageOutcome, read_outcome, record
from gongkai.records.document import Finding, ParsedDocument
from gongkai.registry import Portal
from gongkai.status import RunStatus, worst
from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES, TABLES, row
from stages.context import RunContext
from transforms import EXTRACTOR_VERSION
from transforms.decode import decode
from transforms.pages.contract import ListRow, PageFields
from transforms.parse import parse_with_page

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

    A page that cannot be read becomes a finding (rule D-READ) and makes the portal `partial`; nothing else is lost. A batch that was read
    before and whose archive is damaged now stays as it was read, and makes the portal `partial` too.
    The outcome's status is the worse of the crawl's and the reading's.
    """
    started = datetime.now(UTC).isoformat()
    (portal,) = ctx.portals([portal_id])
    counts: dict[str, int] = dict.fromkeys(("documents", "tasks", "metrics", "findings", "warnings", "unreadable", "batches"), 0)
    reasons: list[str] = []
    for run_id in _pending(portal_id, ctx):
        batch = Batch(portal, run_id, ctx)
        batch.read()
        reasons += dict.fromkeys(batch.unreadable + batch.damaged)
        if batch.damaged and run_id in ctx.layout.silver_runs(portal_id):
            continue  # a record that the archive lost is no reason to forget what was read in it
        batch.write(ctx.layout)
        for name, count in batch.counts().items():
            counts[name] += count
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
class Batch:
    """One raw run of one portal on its way to silver."""

    portal: Portal
    run_id: str
    ctx: RunContext
    only: Set[str] | None = None
    """Notices to read; None for all."""
    notices: list[dict[str, Any]] = field(default_factory=list)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {t: [] for t in DOCUMENT_TABLES})
    unreadable: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    """Those of `unreadable`, and attachments, of which the archive does not hold what was written."""

    def read(self) -> None:
        """Parse each notice of the run and its archived attachments."""
        attachments: dict[str, list[dict[str, Any]]] = {}
        for item in self.raw("attachment").to_pylist():
            attachments.setdefault(item["notice_id"], []).append(item)
        numbers = self._listed_numbers()
        for notice in self.raw("notice").to_pylist():
            if self.only is not None and notice["notice_id"] not in self.only:
                continue
            self.notices.append(notice)
            page = self._document(notice, notice, part=0, enclosing=None, listed_number=numbers.get(notice["notice_id"]))
            for item in attachments.get(notice["notice_id"], ()):
                if item["status"] == "archived" and item["content_type"]:
                    self._document(notice, item, part=item["seq"] + 1, enclosing=page)

    def _listed_numbers(self) -> dict[str, str]:
        """Document number by notice as the first list row that shows it gives it."""
        rows = self.raw("list_entry").select(["notice_id", "doc_number"]).to_pylist()
        return {r["notice_id"]: r["doc_number"] for r in reversed(rows) if r["notice_id"]}

    def _document(
        self,
        notice: dict[str, Any],
        source: dict[str, Any],
        part: int,
        enclosing: ParsedDocument | None,
        listed_number: str | None = None,
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
            parsed = self._page(exchange, notice, listed_number) if part == 0 else self._attachment(exchange, notice, source, enclosing)
        except UnreadableInput as error:
            if isinstance(error, DamagedRecord):
                self.damaged.append(f"{source['url']}: {error}")
            if part == 0:  # a page we cannot read is our failure; an attachment of a foreign type is a fact about the source
                self.unreadable.append(f"{source['url']}: {error}")
            finding = Finding(rule="D-READ", severity="warning" if part else "error", message=f"{source['url']}: {error}")
            self.tables["finding"].append({"seq": -1} | row(finding, **grain))
            return None
        self._keep(parsed, grain, part, source["url"] if part else None)
        return parsed

    def _page(self, exchange: Exchange, notice: dict[str, Any], listed_number: str | None) -> ParsedDocument:
        """The page; what it says of its notice goes into the notice's row."""
        encoding, day = decode(exchange.payload, exchange.charset).encoding, _day_of(notice)
        parsed, page = self._parse_page(exchange, notice, encoding)
        if page is not None:
            notice.update(_reread(notice, page, listed_number), encoding=encoding)
        if _day_of(notice) != day:  # deadlines are reckoned from the day of publication: read with the one found now
            parsed, _ = self._parse_page(exchange, notice, encoding)
        return parsed

    def _parse_page(self, exchange: Exchange, notice: dict[str, Any], encoding: str) -> tuple[ParsedDocument, PageFields | None]:
        parsed, _, page = parse_with_page(
            exchange.payload,
            url=exchange.url,
            content_type=notice["content_type"],
            declared_encoding=encoding,
            published=_day_of(notice),
            family=self.portal.family_in(notice["section"]),
        )
        return parsed, page

    def _attachment(
        self, exchange: Exchange, notice: dict[str, Any], source: dict[str, Any], enclosing: ParsedDocument | None
    ) -> ParsedDocument:
        return parse_with_page(
            exchange.payload,
            url=source["url"],
            name=source["name"],
            content_type=source["content_type"],
            published=_day_of(notice),
            enclosing=enclosing,
        )[0]

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

    def write(self, layout: Layout) -> str:
        """Silver files below `layout`, then the commit that makes them count; returns the digest of the files.

        The old commit goes first: killed in between, there is no batch, and whoever comes next (extract, reextract) makes it whole.
        """
        content = hashlib.sha256()
        layout.silver_commit(self.portal.id, self.run_id).unlink(missing_ok=True)
        for name, table in self.silver():
            with open_atomic(layout.silver(name, self.portal.id, self.run_id)) as temporary:
                pq.write_table(table, temporary, compression="zstd")
                content.update(temporary.read_bytes())
        commit = {"extractor_version": self._version(), "digest": content.hexdigest(), "counts": self.counts()}
        write_text_atomic(layout.silver_commit(self.portal.id, self.run_id), json.dumps(commit, indent=1) + "\n")
        return content.hexdigest()

    def _version(self) -> str:
        """Today's, unless rows of an older reading are among them: then the batch still waits for its extraction."""
        others = {r["extractor_version"] for name in ("document", "finding") for r in self.tables[name]} - {EXTRACTOR_VERSION}
        return min(others, default=EXTRACTOR_VERSION)

    def silver(self) -> Iterator[tuple[str, pa.Table]]:
        """Every table of the batch, in the order of the digest."""
        for name in CRAWL_TABLES:
            yield name, TABLES[name].arrow(self.notices) if name == "notice" else self.raw(name)
        for name in DOCUMENT_TABLES:
            yield name, TABLES[name].arrow(self.tables[name])

    def raw(self, table: str) -> pa.Table:
        """A table as the crawl wrote it; a column that came later than the run is empty."""
        found, schema = (
            pq.read_table(self.ctx.layout.raw_run(self.portal.id, self.run_id) / f"{table}.parquet", partitioning=None),
            TABLES[table].schema,
        )
        for column in schema:
            if column.name not in found.schema.names:
                found = found.append_column(column, pa.nulls(found.num_rows, column.type))
        return found.select(schema.names).cast(schema)

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


def _reread(notice: dict[str, Any], page: PageFields, listed_number: str | None) -> dict[str, Any]:
    """The columns of a notice that its page and its list row decide, by the crawl's own rule.

    The run keeps the list's title, date and number apart; its index number and validity stand for the list's where the page is silent.
    """
    listed = ListRow(
        title=notice["list_title"],
        url=notice["url"],
        date=notice["list_date"],
        doc_number=listed_number,
        index_number=notice["index_number"],
        validity=notice["validity"],
    )
    return dict(stated(page, listed))


def _day_of(notice: dict[str, Any]) -> date | None:
    """The day of publication as far as it is known."""
    published, listed = notice["published_at"], notice["list_date"]
    return date.fromisoformat(published[:10]) if published else listed
