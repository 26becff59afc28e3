"""Extract: archived pages and attachments → documents and facts in silver, one Parquet file a table and batch.

A batch of silver depends on the raw run and on today's readers alone, never on what lay there before: `reextract` uses the same `Batch`.
What the page says of the notice itself (title, dates, numbers) is read again with it. Its id and version stay those of the crawl: they
name what was fetched, attachments, sightings and the crawler's memory refer to them, and no change of ours may look like one of the portal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.notices import stated
from crawlers.warc import DamagedRecord, Exchange, read_record
from gongkai.errors import UnreadableInput
from gongkai.identity import document_id
from gongkai.layout import Layout, open_atomic, write_text_atomic
from gongkai.ledger import StageOutcome, read_outcome, record
from gongkai.records.document import Finding, ParsedDocument
from gongkai.records.reading import AttachmentReading
from gongkai.registry import Portal
from gongkai.status import ReadingStatus, RunStatus, worst
from gongkai.storable import write_rows
from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES, TABLES, row
from stages.context import RunContext
from stages.convert import Office
from stages.masked import masked
from stages.shared import shared
from transforms import EXTRACTOR_VERSION
from transforms.decode import decode
from transforms.formats.claims import extension_of
from transforms.opened import Convert, Opened, open_attachment
from transforms.pages.contract import ListRow, PageFields
from transforms.pages.meta_conformance import NOT_READ, MetaColumns, judge_tags
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
    """Read every raw run of the portal that has no silver batch yet, and the current run in any case.

    What an older extractor read stays as it is: new readers may be wrong, so `reextract` shows first what would change.

    A page that cannot be read becomes a finding (rule D-READ) and makes the portal `partial`; nothing else is lost. A batch that was read
    before and whose archive is damaged now stays as it was read, and makes the portal `partial` too. What became of each attachment
    stands in `attachment_reading`.
    The outcome's status is the worse of the crawl's and the reading's.
    """
    (portal,) = ctx.portals([portal_id])
    with shared(ctx, [portal_id]):
        return _extract(portal, ctx)


def _extract(portal: Portal, ctx: RunContext) -> StageOutcome:
    portal_id, started = portal.id, datetime.now(UTC).isoformat()
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
    read = set(ctx.layout.silver_runs(portal_id)) - {ctx.run_id}
    return [run_id for run_id in ctx.layout.raw_runs(portal_id) if run_id not in read]


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
    """Pages and attachments of which the archive does not hold what was written."""
    convert: Convert = field(init=False)

    def __post_init__(self) -> None:
        self.convert = Office(self.ctx.settings.office)

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
            page = self._page(notice, numbers.get(notice["notice_id"]))
            for item in attachments.get(notice["notice_id"], ()):
                for opened in self._opened(notice, item, page):
                    self._attachment(notice, item, opened)

    def _listed_numbers(self) -> dict[str, str]:
        """Document number by notice as the first list row that shows it gives it."""
        rows = self.raw("list_entry").select(["notice_id", "doc_number"]).to_pylist()
        return {r["notice_id"]: r["doc_number"] for r in reversed(rows) if r["notice_id"]}

    def _page(self, notice: dict[str, Any], listed_number: str | None) -> ParsedDocument | None:
        """The page; what it says of its notice goes into the notice's row."""
        grain = self._grain(notice, part=0)
        try:
            exchange = self._exchange(notice)
            encoding, day = decode(exchange.payload, exchange.charset).encoding, _published(notice)
            parsed, page = self._parse_page(exchange, notice, encoding)
            if page is not None:
                notice.update(_reread(notice, page, listed_number), encoding=encoding)
            if _published(notice) != day:  # deadlines are reckoned from the day of publication: read with the one found now
                parsed, _ = self._parse_page(exchange, notice, encoding)
        except UnreadableInput as error:  # our failure; an attachment that is not read is a fact about the source
            self.unreadable.append(f"{notice['url']}: {error}")
            self._unread(grain, f"{notice['url']}: {error}", "error")
            return None
        self._keep(parsed, grain, part=0, meta=_meta(page, self.portal.site_name))
        return parsed

    def _parse_page(self, exchange: Exchange, notice: dict[str, Any], encoding: str) -> tuple[ParsedDocument, PageFields | None]:
        parsed, _, page = parse_with_page(
            exchange.payload,
            url=exchange.url,
            content_type=notice["content_type"],
            declared_encoding=encoding,
            published=_published(notice),
            family=self.portal.family_in(notice["section"]),
        )
        return parsed, page

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
        try:
            return read_record(self.ctx.layout.raw_run(self.portal.id, self.run_id) / source["warc_file"], source["warc_offset"])
        except DamagedRecord as error:
            self.damaged.append(f"{source['url']}: {error}")
            raise

    def _keep(
        self,
        parsed: ParsedDocument,
        grain: dict[str, str],
        part: int,
        attachment_url: str | None = None,
        member_name: str | None = None,
        meta: MetaColumns = NOT_READ,
    ) -> None:
        columns = set(TABLES["document"].schema.names)
        full = row(parsed, **grain, part=part, attachment_url=attachment_url, member_name=member_name) | meta
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
                write_rows(table, temporary)
                content.update(temporary.read_bytes())
        commit = {"extractor_version": self._version(), "digest": content.hexdigest(), "counts": self.counts()}
        write_text_atomic(layout.silver_commit(self.portal.id, self.run_id), json.dumps(commit, indent=1) + "\n")
        return content.hexdigest()

    def _version(self) -> str:
        """Today's, unless rows of an older reading are among them: then the batch still waits for its extraction."""
        others = {r["extractor_version"] for name in ("document", "finding") for r in self.tables[name]} - {EXTRACTOR_VERSION}
        return min(others, default=EXTRACTOR_VERSION)

    def silver(self) -> Iterator[tuple[str, pa.Table]]:
        """Every table of the batch, in the order of the digest, without numbers of persons."""
        for name in CRAWL_TABLES:
            yield name, masked(name, TABLES[name].arrow(self.notices) if name == "notice" else self.raw(name))
        for name in DOCUMENT_TABLES:
            yield name, masked(name, TABLES[name].arrow(self.tables[name]))

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


def _meta(page: PageFields | None, site_name: str | None) -> MetaColumns:
    """Which META tags a notice's page lacks; nothing of what is no page."""
    return NOT_READ if page is None or page.meta_tags is None else judge_tags(page.meta_tags, "content", site_name).columns()


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
