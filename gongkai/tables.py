"""Silver tables: Arrow schema, keys and bilingual names, derived from the records. Everything else derives from here.

A row is the record's columns after the columns of its grain: (portal_id, run_id, notice_id, version, document_id, extractor_version).
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from gongkai.ledger import StageOutcome
from gongkai.records.document import (
    Citation,
    Finding,
    MetricValue,
    Obligation,
    ParsedDocument,
    PlanTask,
    RosterMember,
    TaskDeadline,
    TaskUnit,
)
from gongkai.records.notice import Attachment, LinkVisit, ListEntry, Notice, Removal, SectionOutcome
from gongkai.records.quality import AuditResult, CompletenessCell, QuarantineDecision
from gongkai.records.reading import AttachmentReading

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    float: pa.float64(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
    Decimal: pa.decimal128(24, 6),
}
_DOCUMENT_GRAIN = ("portal_id", "run_id", "notice_id", "version", "document_id", "extractor_version")
_RENAMED = {"start": "span_start", "end": "span_end"}  # END is a reserved word of SQL
_LISTS_OF_PARSED = {"tasks", "metrics", "citations", "obligations", "roster", "findings"}
_LISTS_OF_TASK = {"units", "deadlines"}
"""Lists of records inside a record, which have tables of their own."""
_META_COLUMNS = {"meta_required": pa.int64(), "meta_missing": pa.list_(pa.string()), "meta_dirty": pa.list_(pa.string())}
"""META tags that a page must carry, and which of them it lacks or leaves without a sense; empty for attachments and older readings."""


@dataclass(frozen=True)
class Table:
    """One silver table."""

    name: str
    zh: str
    doc: str
    schema: pa.Schema
    key: tuple[str, ...]

    def arrow(self, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
        """Rows as an Arrow table of exactly this schema; an unknown or missing column is an error (KeyError)."""
        listed, names = list(rows), set(self.schema.names)
        for row in listed:
            if row.keys() != names:
                raise KeyError(f"{self.name}: columns {sorted(row.keys() ^ names)} do not fit")
        columns = [pa.array([_plain(row[f.name]) for row in listed], type=f.type) for f in self.schema]
        return pa.Table.from_arrays(columns, schema=self.schema)


def row(record: Any, **grain: Any) -> dict[str, Any]:
    """A record's fields as a table row, after the columns of its grain."""
    own = ((f.name, getattr(record, f.name)) for f in fields(record) if f.name not in _LISTS_OF_TASK)
    return grain | {_RENAMED.get(name, name): value for name, value in own}


def _plain(value: Any) -> Any:
    """Mappings become JSON text, so that every engine reads them; lone surrogates and NUL cannot be stored."""
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def _arrow_type(hint: Any) -> pa.DataType:
    origin = typing.get_origin(hint)
    if origin is Literal:
        return pa.string()
    if origin in (typing.Union, types.UnionType):
        inner = [a for a in typing.get_args(hint) if a is not type(None)]
        return _arrow_type(inner[0])
    if origin is list:
        return pa.list_(_arrow_type(typing.get_args(hint)[0]))
    if origin is dict or (isinstance(hint, type) and issubclass(hint, dict)):
        return pa.string()
    if isinstance(hint, type) and issubclass(hint, str):
        return pa.string()
    return _SCALARS[hint]


def _schema(record: type, grain: tuple[str, ...] = (), leave_out: frozenset[str] = frozenset()) -> pa.Schema:
    hints = typing.get_type_hints(record)
    own = [pa.field(_RENAMED.get(f.name, f.name), _arrow_type(hints[f.name])) for f in fields(record) if f.name not in leave_out]
    return pa.schema([pa.field(name, pa.string()) for name in grain] + own)


def _document_schema() -> pa.Schema:
    base = _schema(ParsedDocument, (*_DOCUMENT_GRAIN, "attachment_url", "member_name"), frozenset(_LISTS_OF_PARSED | {"attachments"}))
    for name, kind in _META_COLUMNS.items():
        base = base.append(pa.field(name, kind))
    return base.insert(len(_DOCUMENT_GRAIN) + 1, pa.field("part", pa.int64()))


def _of_document(name: str, zh: str, doc: str, record: type, ordinal: bool = True) -> Table:
    schema = _schema(record, _DOCUMENT_GRAIN, frozenset(_LISTS_OF_TASK))
    if ordinal and "seq" not in schema.names:
        schema = schema.insert(len(_DOCUMENT_GRAIN), pa.field("seq", pa.int64()))
    return Table(name, zh, doc, schema, ("document_id", "extractor_version", "seq"))


def _of_task(name: str, zh: str, doc: str, record: type) -> Table:
    """Parts of a task: `task_seq` is plan_task.seq, `seq` counts from 0 within the task."""
    schema = _schema(record, _DOCUMENT_GRAIN)
    for column in ("seq", "task_seq"):
        schema = schema.insert(len(_DOCUMENT_GRAIN), pa.field(column, pa.int64()))
    return Table(name, zh, doc, schema, ("document_id", "extractor_version", "task_seq", "seq"))


TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        Table(
            "list_entry",
            "列表条目",
            "A row seen in a section's listing in one run.",
            _schema(ListEntry),
            ("portal_id", "run_id", "section", "position"),
        ),
        Table(
            "section_outcome",
            "栏目结果",
            "What one section declared and showed in one run.",
            _schema(SectionOutcome),
            ("portal_id", "run_id", "section"),
        ),
        Table("notice", "信息条目", "A published item, one row a version.", _schema(Notice), ("notice_id", "version")),
        Table("attachment", "附件", "An attachment of a notice's version.", _schema(Attachment), ("notice_id", "version", "seq")),
        Table("removal", "下线", "A notice that vanished from its portal, or came back.", _schema(Removal), ("notice_id", "run_id")),
        Table(
            "document",
            "文件",
            "A page or attachment as parsed, one row an extractor version.",
            _document_schema(),
            ("document_id", "extractor_version"),
        ),
        Table(
            "attachment_reading",
            "附件读取",
            "What became of each attachment, and of each file in an archive, when it was opened.",
            _schema(AttachmentReading, _DOCUMENT_GRAIN),
            ("document_id", "extractor_version"),
        ),
        _of_document("plan_task", "任务", "A unit of promised work in a plan.", PlanTask),
        _of_task("task_unit", "任务单位", "A body that must do a task or help, at its place in the text.", TaskUnit),
        _of_task("task_deadline", "任务时限", "A time limit of a task, at its place in the text.", TaskDeadline),
        _of_document("metric_value", "指标值", "A number in an annual report or website table.", MetricValue),
        _of_document("citation", "引用", "A reference to another document.", Citation),
        _of_document("obligation", "时限义务", "A duty with a time limit.", Obligation),
        _of_document("roster_member", "领导小组成员", "A member of a leading group.", RosterMember),
        _of_document("finding", "问题", "Something wrong or suspicious in the source.", Finding),
        Table("stage_outcome", "批次结果", "How one stage ended for one portal.", _schema(StageOutcome), ("run_id", "portal_id", "stage")),
        Table(
            "audit_result",
            "检查结果",
            "How one expectation ended on one batch.",
            _schema(AuditResult),
            ("portal_id", "run_id", "seq"),
        ),
        Table(
            "completeness",
            "公开完整性",
            "Whether a portal's plan or report of one year was there, as known after a run.",
            _schema(CompletenessCell),
            ("portal_id", "genre", "year", "run_id"),
        ),
        Table(
            "quarantine_decision",
            "隔离处置",
            "Who released or dropped a refused batch, when and why.",
            _schema(QuarantineDecision),
            ("portal_id", "run_id", "seq"),
        ),
    )
}
LINK_VISIT = Table(
    "link_visit",
    "首页链接访问",
    "A link of a home page as a daily visit tried it; its answer lies in the archive below `health`.",
    _schema(LinkVisit),
    ("portal_id", "run_id", "position"),
)
"""Apart from the others: written by visits to home pages, into their own archive, and by no night."""
CRAWL_TABLES = ("list_entry", "section_outcome", "notice", "attachment", "removal")
"""Written by the crawl into the raw folder, then copied to silver by extract."""
DOCUMENT_TABLES = (
    "document",
    "attachment_reading",
    "plan_task",
    "task_unit",
    "task_deadline",
    "metric_value",
    "citation",
    "obligation",
    "roster_member",
    "finding",
)
"""Written by extract."""
AUDIT_TABLES = ("audit_result", "completeness", "quarantine_decision")
"""Written by audit (the last by `gongkai quarantine`), for refused batches too: they are the evidence."""
