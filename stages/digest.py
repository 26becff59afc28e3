"""The night's digest: what every portal got, what is wrong, and whether a new snapshot was published."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gongkai.errors import StageFailed
from gongkai.ledger import printable
from gongkai.status import RunStatus
from gongkai.words import counted
from stages.context import RunContext
from warehouse.summary import PortalLine, night_summary, published_run

_COLOURS = {RunStatus.COMPLETE: "green", RunStatus.EMPTY: "green", RunStatus.PARTIAL: "yellow", RunStatus.STALE: "yellow"}


def digest(ctx: RunContext) -> str:
    """One sentence about the night, then a line for each portal that needs a person.

    Raises:
        StageFailed: no snapshot of this run was published, so readers still see an older night.
    """
    run = published_run(ctx.engine)
    if run != ctx.run_id:
        raise StageFailed(f"run {ctx.run_id} was not published: readers still see {run or 'nothing'}; look at the red task before this one")
    lines = night_summary(ctx.engine)
    bad = [line for line in lines if not line.status.is_whole]
    return "\n".join([_sentence(lines), *(f"{line.portal_id}: {line.status.value}: {printable(line.reason)}" for line in bad)])


def sentence(ctx: RunContext) -> str:
    """The night that readers see, in one sentence."""
    return _sentence(night_summary(ctx.engine))


def _sentence(lines: Sequence[PortalLine]) -> str:
    whole = sum(line.status.is_whole for line in lines)
    new = sum(line.notices_new for line in lines)
    unknown = sum(line.unknown_units for line in lines)
    head = f"{counted(len(lines), 'portal')}, {whole} whole, {len(lines) - whole} not; {counted(new, 'new notice')}" + (
        "" if new else " (nothing changed)"
    )
    return head + (f"; {counted(unknown, 'unit name')} unknown" if unknown else "")


def summary_table(lines: Sequence[PortalLine]) -> Table:
    """The table that `make run` and `gongkai summary` end with; it fits a terminal of 80 columns."""
    table = Table(title="What the night got", box=SIMPLE_HEAD, padding=0, pad_edge=False)
    table.add_column("portal", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for name in ("listed", "new", "notices", "tasks", "metrics", "findings", "warnings"):
        table.add_column(name, justify="right")
    for line in lines:
        figures = (line.listed, line.notices_new, line.notices, line.tasks, line.metrics, line.findings, line.warnings)
        table.add_row(line.portal_id, _coloured(line), *(str(f) for f in figures))
    return table


def _coloured(line: PortalLine) -> str:
    colour = _COLOURS.get(line.status, "red")
    return f"[{colour}]{line.status.value}[/]"


def print_summary(ctx: RunContext, console: Console) -> None:
    """The published night's table, why a portal is not whole, and where to look next."""
    lines = night_summary(ctx.engine)
    console.print(summary_table(lines))
    for line in lines:
        if line.reason:
            # Reasons quote pages of strangers: their markup is made inert, their length bounded.
            console.print(
                f"{_coloured(line)} {escape(line.name)} ({line.portal_id}): {escape(printable(line.reason[:300]))}", highlight=False
            )
    for name, place in (
        ("published", ctx.engine.published_place),
        ("report", ctx.layout.site / "index.html"),
        ("Data Docs", ctx.layout.docs / "index.html"),
        ("marts", ctx.layout.mart_docs),
        ("archive", ctx.layout.home / "raw"),
    ):
        console.print(f"{name:10} {escape(str(place))}", soft_wrap=True, highlight=False)
