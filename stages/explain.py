"""`gongkai parse --explain`: one page on which a person sees in seconds whether a document was read rightly.

It shows the text as it was read, with tasks (任务), units (单位), deadlines (时限), metrics (指标), citations (引用) and obligations
(时限义务) marked in place, and lists of what was read beside it. It loads nothing, runs nothing and links nowhere but into itself:
whatever the document holds stands on it as inert text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gongkai.records.document import ParsedDocument, PlanTask
from stages.explain_report import report_view
from transforms.body import Body, Cell, Grid
from transforms.marked_text import Mark, Piece, Pieces

Kind = Literal["task", "unit", "support", "deadline", "metric", "citation", "obligation", "finding"]

_MAX_ROWS = 2000
"""Rows of a table shown; the page says when there are more."""
_MAX_TIPS = 12
"""Tasks named in the tip of a place that they share."""


class ExplainedPiece(Piece):
    """A piece with all that lies over it, each with its anchor."""

    __slots__ = ()

    @property
    def classes(self) -> str:
        return " ".join(dict.fromkeys([mark.kind for mark in self.marks] + [f"at-{mark.name}" for mark in self.marks]))

    @property
    def tip(self) -> str:
        return "\n".join(mark.tip for mark in self.marks)

    @property
    def seq(self) -> str:
        return " ".join(mark.name.removeprefix("task-") for mark in self.opens if mark.kind == "task")


@dataclass(frozen=True, slots=True)
class _CellView:
    row_span: int
    column_span: int
    header: bool
    pieces: list[ExplainedPiece]


@dataclass(frozen=True, slots=True)
class _BlockView:
    kind: str
    pieces: list[ExplainedPiece]
    rows: list[list[_CellView | None]]
    left_out: int


def explain_page(parsed: ParsedDocument, body: Body, name: str) -> str:
    """The page as HTML; `name` is the file's name."""
    marks = list(find_marks(parsed))
    pieces = Pieces(parsed.body_text, (m for m in marks if 0 <= m.start < m.end <= len(parsed.body_text)), ExplainedPiece)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("explain.html.j2").render(
        p=parsed,
        name=name,
        facts=_facts(parsed),
        blocks=[_block(block.kind, block.start, block.end, block.grid, pieces) for block in body.blocks],
        anchors={mark.name for mark in marks},
        report=report_view(parsed),
    )


def find_marks(parsed: ParsedDocument) -> Iterator[Mark]:
    """Everything read that has a place in the text."""
    for task in parsed.tasks:
        yield Mark(task.start, task.end, "task", f"task-{task.seq}", _task_tip(task))
    yield from _of_tasks(parsed.tasks)
    for i, metric in enumerate(parsed.metrics):
        tip = f"{metric.code} {metric.label}: {'' if metric.value is None else metric.value}{metric.unit or ''} ({metric.state})"
        yield Mark(metric.start, metric.end, "metric", f"metric-{i}", tip)
    for i, cited in enumerate(parsed.citations):
        yield Mark(cited.start, cited.end, "citation", f"citation-{i}", f"{cited.role} · {cited.issuer_level} · {cited.doc_number or ''}")
    for i, duty in enumerate(parsed.obligations):
        count = f"{duty.direction or ''} {'' if duty.amount is None else duty.amount} {duty.unit or ''}".strip()
        yield Mark(duty.start, duty.end, "obligation", f"obligation-{i}", f"{count} {duty.due_date or ''} {duty.trigger or ''}".strip())
    for i, finding in enumerate(parsed.findings):
        if finding.start is not None and finding.end is not None:
            yield Mark(finding.start, finding.end, "finding", f"finding-{i}", f"{finding.rule}: {finding.message}")


def _of_tasks(tasks: Iterable[PlanTask]) -> Iterator[Mark]:
    """Units and deadlines, one mark a place: a merged cell serves many tasks."""
    tips: dict[tuple[int, int, Kind], list[str]] = {}
    for task in tasks:
        for unit in task.units:
            kind: Kind = "unit" if unit.role == "lead" else "support"
            tips.setdefault((unit.start, unit.end, kind), []).append(f"task {task.seq}: {unit.role} {unit.name} ({unit.agency or '?'})")
        for limit in task.deadlines:
            told = f"{limit.type} {limit.due_date or limit.start_date or ''} {limit.recurrence or ''}"
            tips.setdefault((limit.start, limit.end, "deadline"), []).append(f"task {task.seq}: {told}".rstrip())
    for (start, end, kind), lines in tips.items():
        more = [f"… {len(lines) - _MAX_TIPS} more"] if len(lines) > _MAX_TIPS else []
        yield Mark(start, end, kind, f"{kind}-{start}-{end}", "\n".join([*lines[:_MAX_TIPS], *more]))


def _task_tip(task: PlanTask) -> str:
    who = "、".join(task.lead_units) or "?"
    return f"task {task.seq}: {who} ({task.responsibility_mode}) {task.due_date or task.deadline_type}"


def _block(kind: str, start: int, end: int, grid: Grid | None, pieces: Pieces[ExplainedPiece]) -> _BlockView:
    if grid is None:
        return _BlockView(kind, pieces.between(start, end), [], 0)
    rows = [_row(row, r, pieces) for r, row in enumerate(grid.rows[:_MAX_ROWS])]
    return _BlockView(kind, [], rows, max(0, len(grid.rows) - _MAX_ROWS))


def _row(row: tuple[Cell | None, ...], r: int, pieces: Pieces[ExplainedPiece]) -> list[_CellView | None]:
    """Each cell at its first place only; None for a place without a cell."""
    return [
        _CellView(cell.row_span, cell.column_span, cell.header, pieces.between(cell.start, cell.end)) if cell else None
        for c, cell in enumerate(row)
        if cell is None or (cell.row, cell.column) == (r, c)
    ]


def _facts(parsed: ParsedDocument) -> list[tuple[str, str]]:
    """Header fields that were found, with their Chinese names."""
    fields: list[tuple[str, object]] = [
        ("体裁 genre", parsed.genre),
        ("发文机关 issuer", parsed.issuer),
        ("发文字号 number", parsed.doc_number),
        ("索引号 index", parsed.index_number),
        ("成文日期 written", parsed.written_date),
        ("发布 published", parsed.published_at),
        ("来源 source", parsed.source),
        ("主送 addressed to", "；".join(parsed.addressed_to)),
        ("附注 note", parsed.disclosure_note),
        ("主题词 subject", parsed.subject_words),
        ("抄送 copies", "；".join(parsed.cc)),
        ("地区 region", parsed.region),
        ("年度 year", parsed.plan_year or parsed.report_year),
        ("表式 form", parsed.format_detected),
        ("附件 attachments", "；".join(f"{link.name} {link.url}".strip() for link in parsed.attachments)),
        ("领导小组 roster", "；".join(f"{member.role} {member.name}" for member in parsed.roster)),
    ]
    return [(label, str(value)) for label, value in fields if value]
