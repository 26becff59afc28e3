"""The night's digest: what every portal got, what is wrong, and whether a new snapshot was published."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from gongkai.errors import StageFailed
from gongkai.status import RunStatus
from stages.context import RunContext
from warehouse.summary import PortalLine, night_summary, published_run

_COLOURS = {RunStatus.COMPLETE: "green", RunStatus.EMPTY: "green", RunStatus.PARTIAL: "yellow", RunStatus.STALE: "yellow"}


def digest(ctx: RunContext) -> str:
    """One sentence about the night, then a line for each portal that needs a person.

    Raises:
        StageFailed: no snapshot of this run was published, so readers still see an older night.
    """
    run = published_run(ctx.layout.published) if ctx.layout.published.exists() else None
    if run != ctx.run_id:
        raise StageFailed(f"run {ctx.run_id} was not published: readers still see {run or 'nothing'}; look at the red task before this one")
    lines = night_summary(ctx.layout.published)
    bad = [line for line in lines if not line.status.is_whole]
    new = sum(line.notices_new for line in lines)
    head = f"{len(lines)} portals, {len(lines) - len(bad)} whole, {len(bad)} not; {new} new notices" + ("" if new else " (nothing changed)")
    return "\n".join([head, *(f"{line.portal_id}: {line.status.value}: {line.reason}" for line in bad)])


def summary_table(lines: Sequence[PortalLine]) -> Table:
    """The table that `make run` and `gongkai summary` end with."""
    table = Table(title="What the night got", caption="new = fetched in this run; the other figures are what is published", expand=False)
    table.add_column("portal", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for name in ("listed", "new", "notices", "tasks", "metrics", "findings", "warnings"):
        table.add_column(name, justify="right")
    table.add_column("why", overflow="fold")
    for line in lines:
        colour = _COLOURS.get(line.status, "red")
        figures = (line.listed, line.notices_new, line.notices, line.tasks, line.metrics, line.findings, line.warnings)
        table.add_row(f"{line.name} {line.portal_id}", f"[{colour}]{line.status.value}[/]", *(str(f) for f in figures), _short(line.reason))
    return table


def _short(reason: str, limit: int = 160) -> str:
    """Reasons quote pages and URLs of strangers: markup is made inert and length bounded."""
    text = reason if len(reason) <= limit else reason[: limit - 1] + "…"
    return text.replace("[", "\\[")


def print_summary(ctx: RunContext, console: Console) -> None:
    """The published night's table, and where to look next."""
    console.print(summary_table(night_summary(ctx.layout.published)))
    for name, place in (
        ("snapshot", ctx.layout.published),
        ("Data Docs", ctx.layout.docs / "index.html"),
        ("archive", ctx.layout.home / "raw"),
    ):
        console.print(f"{name:10} {place}", soft_wrap=True, highlight=False)
