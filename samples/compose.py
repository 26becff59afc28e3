"""A notice's body from content to neutral blocks, collecting the truth that its parts carry."""

from __future__ import annotations

from dataclasses import dataclass, field

from samples.forms import report_form, statistics_table
from samples.model import Body, Clause, Duty, Figure, NoticeContent, Part, PlanTable, TableItem
from samples.paper import Block, Cell, Paragraph, Table, row
from samples.website import website_table

_CLOSERS = "、.．,，"


@dataclass(frozen=True)
class TaskTruth:
    """One task as a perfect reader would find it."""

    path: tuple[str, ...]
    duty: Duty


@dataclass
class Composed:
    """A printed body and what it says."""

    blocks: list[Block] = field(default_factory=list)
    tasks: list[TaskTruth] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    _outline: list[tuple[int, str]] = field(default_factory=list)

    def enter(self, label: str) -> tuple[str, ...]:
        """Path of an outline label: it closes all labels of its own depth and below."""
        printed = label.strip().rstrip(_CLOSERS).replace("（", "(").replace("）", ")")
        depth = 2 * printed.lstrip("(")[0].isdigit() + printed.startswith("(")  # 一、 then （一） then 1. then （1）
        self._outline = [(d, above) for d, above in self._outline if d < depth] + [(depth, printed)]
        return tuple(label for _, label in self._outline)


def compose(body: Body) -> Composed:
    """Print a body."""
    out = Composed()
    for part in body:
        if isinstance(part, str):
            _lines(out, part)
        else:
            _part(out, part)
    return out


def compose_notice(notice: NoticeContent) -> tuple[Composed, list[Composed]]:
    """The page's body and each attachment's; the page's figures include those labelled by hand."""
    page = compose(notice.body)
    page.figures.extend(notice.metrics)
    return page, [compose(e.body) for e in notice.attachments]


def _lines(out: Composed, text: str) -> None:
    out.blocks += [Paragraph(line.strip()) for line in text.splitlines() if line.strip()]


def _part(out: Composed, part: Part) -> None:
    if part.title:
        out.blocks.append(Paragraph(part.title, "title"))
    if part.sign:
        out.blocks += [Paragraph(line, "sign") for line in part.sign]
    if part.lines:
        _lines(out, part.lines)
    if part.heading:
        out.enter(part.heading.label)
        out.blocks.append(Paragraph(part.heading.label + part.heading.title, "heading"))
    if part.clause:
        _clause(out, part.clause)
    if part.plan_table:
        _plan_table(out, part.plan_table)
    if part.table:
        first, *rest = part.table.rows
        out.blocks.append(Table((row(*first, header=True), *(row(*cells) for cells in rest))))
    for era, form in (("A", part.form_a), ("B", part.form_b), ("S", part.form_s)):
        if form:
            blocks, figures = statistics_table(form) if era == "S" else report_form(form, era)
            out.blocks += blocks
            out.figures += figures
    if part.website_table:
        blocks, figures = website_table(part.website_table)
        out.blocks += blocks
        out.figures += figures


def _clause(out: Composed, clause: Clause) -> None:
    path = out.enter(clause.label)
    paragraphs = clause.text.split("\n")
    paragraphs[0] = clause.label + paragraphs[0]
    paragraphs[-1] += clause.after
    out.blocks += [Paragraph(p) for p in paragraphs]
    out.tasks.append(TaskTruth(path, clause))


def _plan_table(out: Composed, table: PlanTable) -> None:
    if table.caption:
        out.blocks.append(Paragraph(table.caption, "title"))
    rows = [row(*table.heads, header=True)]
    for item in table.items:
        rows += _item_rows(item)
        for line in item.rows:
            label = (line.label.rstrip(_CLOSERS),) if line.label else ()
            out.tasks.append(TaskTruth((item.number, *label), line))
    out.blocks.append(Table(tuple(rows)))


def _item_rows(item: TableItem) -> list[tuple[Cell, ...]]:
    out = []
    for number, line in enumerate(item.rows):
        cells = []
        if number == 0:
            cells.append(Cell(item.number, row_span=len(item.rows)))
            if item.title is not None:
                cells.append(Cell(item.title, row_span=len(item.rows)))
        cells.append(Cell(line.label + line.text))
        for column, text in (("lead", "、".join(line.lead)), ("support", "、".join(line.support)), ("deadline", line.deadline.raw or "")):
            if column in line.merge:
                continue
            reach = 1
            while number + reach < len(item.rows) and column in item.rows[number + reach].merge:
                reach += 1
            cells.append(Cell("同上" if column in line.same else text, row_span=reach))
        out.append(tuple(cells))
    return out
