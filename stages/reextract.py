"""Re-extraction: archived runs read again with today's readers, without the network, compared with the silver that lies there.

Every batch is written whole into a staging place first. Applied, it replaces the batch in silver: the old commit goes, the files are
renamed one by one, the new commit comes last. Killed in between there is no batch but the archive, from which the next `reextract`
(or the night's `extract`) makes it; a load in between keeps the rows that the warehouse has. The batch's digest is then another one,
so that the next audit judges it again and the next load takes it: extract, audit and load know batches by nothing else.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.errors import GongkaiError
from gongkai.layout import Layout, open_atomic, write_text_atomic
from gongkai.registry import Portal
from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES, TABLES
from stages.context import RunContext
from stages.extract import Batch
from stages.reextract_diff import Change, Row, TableDiff, compare, with_tasks
from stages.shared import fetched, shared, stored_portals
from transforms import EXTRACTOR_VERSION

COMPARED = ("notice", *DOCUMENT_TABLES)
_PARTS_OF_TASK = ("task_unit", "task_deadline")
_EXAMPLES = 3  # a table and field, or a table and kind
_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in ("portal_id", "run_id", "table", "kind", "notice_id", "document_id", "notice_title", "url", "field", "old", "new")
    ]
)
"""changes.parquet: one row a row that came or went, or a field that changed."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which batches, and what becomes of them."""

    since: str | None = None
    until: str | None = None
    """Run ids, both included."""
    genre: str | None = None
    """Only notices of which a page or attachment is of this genre by the silver that lies there; all, where none lies there."""
    year: int | None = None
    """Only notices published in that year by the silver that lies there; all, where none lies there."""
    apply: bool = False
    version: str | None = None
    """The extractor version that a person approved; another one applies nothing."""

    def takes(self, run_id: str) -> bool:
        """Whether a run lies between the bounds."""
        return (self.since or run_id) <= run_id <= (self.until or run_id)


@dataclass(frozen=True, kw_only=True)
class Reread:
    """What became of one batch."""

    portal_id: str
    run_id: str
    before: str | None
    """Extractor version of the silver that lies there; None where there is none."""
    after: str
    differs: bool
    """Whether applying it changes a file."""
    applied: bool


@dataclass(kw_only=True)
class Reextraction:
    """The whole report; `summary.json` holds it, `changes.parquet` beside it every single change."""

    run_id: str
    extractor_version: str = EXTRACTOR_VERSION
    batches: list[Reread] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """PORTAL/RUN → why it was left as it is: the archive does not hold what was written."""
    unreadable: list[str] = field(default_factory=list)
    """Pages that today's readers cannot read."""
    unregistered: list[str] = field(default_factory=list)
    """Archived portals that the registry does not know; left out."""
    tables: dict[str, TableDiff] = field(default_factory=lambda: {name: TableDiff() for name in COMPARED})
    examples: list[dict[str, str | None]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"tables": {name: diff.as_dict() for name, diff in self.tables.items()}}


def reextract(
    portal_ids: Sequence[str], ctx: RunContext, wanted: Wanted, *, passed: Callable[[int, int], None] = lambda done, whole: None
) -> Reextraction:
    """Read the archived runs of some portals (default: of all registered ones) again; with `wanted.apply` silver becomes the new reading.

    `passed` hears how many of how many batches are done. Idempotent.

    Raises:
        GongkaiError: an unknown portal, nothing archived, another re-extraction is at work, or readers of another version were approved.
    """
    if wanted.version not in (None, EXTRACTOR_VERSION):
        raise GongkaiError(f"extractor {wanted.version} was approved, but today's is {EXTRACTOR_VERSION}: look at its changes first")
    report = Reextraction(run_id=ctx.run_id)
    portals, report.unregistered = _portals(portal_ids, ctx)
    fetched(ctx, [portal.id for portal in portals], raw=True)
    todo = [(portal, run) for portal in portals for run in ctx.layout.raw_runs(portal.id) if wanted.takes(run)]
    if not todo:
        raise GongkaiError(f"no archived run to read again below {ctx.layout.home}")
    with _alone(ctx.layout), _changes(ctx) as write:
        for done, (portal, run_id) in enumerate(todo, 1):
            try:
                with shared(ctx, [portal.id] if wanted.apply else []):
                    _reread(portal, run_id, ctx, wanted, report, write)
            except (OSError, pa.ArrowException) as error:
                report.failed[f"{portal.id}/{run_id}"] = " ".join(str(error).split())
            passed(done, len(todo))
    write_text_atomic(
        ctx.layout.reextraction(ctx.run_id) / "summary.json", json.dumps(report.as_dict(), ensure_ascii=False, indent=1) + "\n"
    )
    return report


def _portals(portal_ids: Sequence[str], ctx: RunContext) -> tuple[list[Portal], list[str]]:
    if portal_ids:
        return ctx.portals(portal_ids), []
    archived = sorted({*ctx.layout.archived_portals(), *stored_portals(ctx)})
    return [ctx.registry[i] for i in archived if i in ctx.registry], [i for i in archived if i not in ctx.registry]


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    """One re-extraction at a time; what a killed one staged goes."""
    staged = layout.staged.home
    staged.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(staged.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise GongkaiError(f"another re-extraction is at work below {layout.home}; let it finish") from error
        shutil.rmtree(staged, ignore_errors=True)
        yield
    finally:
        os.close(handle)


Writer = Callable[[str, str, Sequence[Change], dict[str, Row]], None]


@contextmanager
def _changes(ctx: RunContext) -> Iterator[Writer]:
    """changes.parquet, written batch by batch; it appears when it is whole."""
    with ExitStack() as stack:
        temporary = stack.enter_context(open_atomic(ctx.layout.reextraction(ctx.run_id) / "changes.parquet"))
        file = stack.enter_context(pq.ParquetWriter(temporary, _SCHEMA, compression="zstd"))

        def write(portal_id: str, run_id: str, changes: Sequence[Change], notices: dict[str, Row]) -> None:
            if changes:
                file.write_table(pa.Table.from_pylist([_told(c, portal_id, run_id, notices) for c in changes], schema=_SCHEMA))

        yield write


def _told(change: Change, portal_id: str, run_id: str, notices: dict[str, Row]) -> dict[str, str | None]:
    notice = notices.get(change.notice_id, {})
    return {"portal_id": portal_id, "run_id": run_id, "notice_title": notice.get("title"), "url": notice.get("url")} | asdict(change)


def _reread(portal: Portal, run_id: str, ctx: RunContext, wanted: Wanted, report: Reextraction, write: Writer) -> None:
    place = f"{portal.id}/{run_id}"
    old, before = _silver(ctx.layout, portal.id, run_id)
    batch = Batch(portal, run_id, ctx, only=_chosen(old, wanted))
    if batch.only == set():
        return
    batch.read()
    if batch.damaged:  # a page that is gone from the archive is no reason to forget what was read in it
        report.failed[place] = batch.damaged[0]
        return
    report.unreadable += [f"{place}: {told}" for told in batch.unreadable]
    if batch.only is not None:
        _carry_over(batch, old)
    digest = batch.write(ctx.layout.staged)
    new, after = _silver(ctx.layout.staged, portal.id, run_id)
    differs = digest != before.get("digest")
    changes = _compare(old, new, report)
    titles = {row["notice_id"]: row for row in [*old.get("notice", []), *new["notice"]]}
    write(portal.id, run_id, changes, titles)
    _keep_examples(report, [_told(c, portal.id, run_id, titles) for c in changes])
    if wanted.apply and differs:
        apply_batch(ctx.layout, portal.id, run_id)
    shutil.rmtree(ctx.layout.staged.home)
    report.batches.append(
        Reread(
            portal_id=portal.id,
            run_id=run_id,
            before=before.get("extractor_version"),
            after=str(after["extractor_version"]),
            differs=differs,
            applied=wanted.apply and differs,
        )
    )


def apply_batch(layout: Layout, portal_id: str, run_id: str) -> None:
    """The staged batch becomes the batch. Between the first and the last step there is none: the commit says what counts."""
    layout.silver_commit(portal_id, run_id).unlink(missing_ok=True)
    for table in (*CRAWL_TABLES, *DOCUMENT_TABLES):
        target = layout.silver(table, portal_id, run_id)
        target.parent.mkdir(parents=True, exist_ok=True)
        layout.staged.silver(table, portal_id, run_id).replace(target)
    commit = layout.silver_commit(portal_id, run_id)
    commit.parent.mkdir(parents=True, exist_ok=True)
    layout.staged.silver_commit(portal_id, run_id).replace(commit)


def _silver(layout: Layout, portal_id: str, run_id: str) -> tuple[dict[str, list[Row]], dict[str, Any]]:
    """Tables and commit of the batch that lies there; both empty where none does."""
    path = layout.silver_commit(portal_id, run_id)
    if not path.exists():
        return {}, {}
    tables = {name: _rows(layout.silver(name, portal_id, run_id)) for name in COMPARED}
    return tables, dict(json.loads(path.read_text(encoding="utf-8")))


def _rows(path: Path) -> list[Row]:
    """Rows of one silver file; none where an older release wrote no such table."""
    return [dict(r) for r in pq.read_table(path, partitioning=None).to_pylist()] if path.exists() else []


def _chosen(old: dict[str, list[Row]], wanted: Wanted) -> set[str] | None:
    """Notices to read again; None for all."""
    if not old or (wanted.genre is None and wanted.year is None):
        return None
    of_genre = {row["notice_id"] for row in old["document"] if wanted.genre in (None, row["genre"])}
    of_year = {row["notice_id"] for row in old["notice"] if wanted.year in (None, _year(row))}
    return of_year & of_genre if wanted.genre else of_year


def _year(notice: Row) -> int | None:
    day = notice["published_at"] or (notice["list_date"] and notice["list_date"].isoformat())
    return int(day[:4]) if day else None


def _carry_over(batch: Batch, old: dict[str, list[Row]]) -> None:
    """The notices that were not read again stay in the batch as they lie there."""
    only = batch.only or set()
    for name, rows in (("notice", batch.notices), *batch.tables.items()):
        blank = dict.fromkeys(TABLES[name].schema.names)
        rows += [blank | {k: v for k, v in row.items() if k in blank} for row in old[name] if row["notice_id"] not in only]
    order = {notice["notice_id"]: position for position, notice in enumerate(batch.raw("notice").to_pylist())}
    for rows in (batch.notices, *batch.tables.values()):
        rows.sort(key=lambda row: order[row["notice_id"]])


def _compare(old: dict[str, list[Row]], new: dict[str, list[Row]], report: Reextraction) -> list[Change]:
    changes: list[Change] = []
    for name in COMPARED:
        before, after = old.get(name, []), new[name]
        if name in _PARTS_OF_TASK:
            before, after = with_tasks(before, old.get("plan_task", [])), with_tasks(after, new["plan_task"])
        diff, found = compare(name, before, after)
        report.tables[name].add(diff)
        changes += found
    return changes


def _keep_examples(report: Reextraction, changes: Sequence[dict[str, str | None]]) -> None:
    """The first few of each table and field."""
    for change in changes:
        alike = [e for e in report.examples if (e["table"], e["kind"], e["field"]) == (change["table"], change["kind"], change["field"])]
        if len(alike) < _EXAMPLES:
            report.examples.append(change)
