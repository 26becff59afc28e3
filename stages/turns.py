"""Which portals are asked again beyond the ordinary night: those whose turn it is, and those that lack a year's document."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import timedelta

from gongkai.errors import GongkaiError
from gongkai.layout import run_day, run_id_of, run_moment
from stages.context import RunContext
from stages.shared import archived_runs

_HOLES = """
SELECT portal_id, genre, state FROM mart.portal_completeness
WHERE year = $1 AND ($2::text IS NULL OR genre = $2) AND state IN ('missing', 'cannot_see') ORDER BY portal_id, genre
"""


def has_turn(portal_id: str, moment: int, turns: int) -> bool:
    """Whether a portal has its one turn of `turns` at this moment; its id decides, so that a new portal moves nobody else's."""
    return zlib.crc32(portal_id.encode()) % turns == moment % turns


def rewalk_turn(portal_ids: Sequence[str], ctx: RunContext) -> list[str]:
    """The followed (or named) portals whose turn a re-walk is in the run's week: each once in `rewalk_weeks` weeks.

    One that was first crawled within `rewalk_days` has no old page yet.
    """
    old = run_id_of(run_moment(ctx.run_id) - timedelta(days=ctx.settings.rewalk_days))
    monday = run_day(ctx.run_id) - timedelta(days=run_day(ctx.run_id).weekday())
    week = monday.toordinal() // 7
    turns = [portal.id for portal in ctx.portals(portal_ids) if has_turn(portal.id, week, ctx.settings.rewalk_weeks)]
    return [portal_id for portal_id in turns if any(run_id < old for run_id in archived_runs(ctx, portal_id))]


def without_year(year: int, genre: str | None, portal_ids: Sequence[str], ctx: RunContext) -> dict[str, str]:
    """Portal id → what it lacks of `year` by the published warehouse (`annual_report missing`), of followed or named portals.

    Only cells that are `missing` or `cannot_see`: what is expected later, or was found, needs no second look.

    Raises:
        GongkaiError: nothing was published yet.
    """
    known = {portal.id for portal in ctx.portals(portal_ids)}
    with ctx.engine.published() as connection:
        if connection is None:
            raise GongkaiError(f"nothing published yet in {ctx.engine.published_place}: a night comes before a backfill")
        rows = connection.query(_HOLES, year, genre)
    lacking: dict[str, list[str]] = {}
    for portal_id, kind, state in rows:
        if portal_id in known:
            lacking.setdefault(portal_id, []).append(f"{kind} {state}")
    return {portal_id: ", ".join(words) for portal_id, words in lacking.items()}
