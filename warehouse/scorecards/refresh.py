"""Make the scorecards anew after each build of the marts, and note what changed since the day before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from gongkai.layout import Layout
from gongkai.scorecards import Scorecard, load_scorecards
from gongkai.tables import Table
from transforms.scoring import Item, Observation, Total, score_item, score_total
from warehouse.engines.contract import Connection, Engine, statement
from warehouse.scorecards.history import Standing, keep
from warehouse.scorecards.measures import observe
from warehouse.scorecards.tables import MADE, SCORECARD, SCORECARD_DEDUCTION, SCORECARD_HISTORY, SCORECARD_ITEM, SCORECARD_LOG

_Row = dict[str, Any]
_Portal = tuple[str, str, str]  # id, name, level
_TOGETHER = 100  # portals: bounds what was found that is held in memory
# What stood before the day, one row an indicator.
_STOOD = """
SELECT portal_id, scorecard, version, indicator, verdict, points, max_points, failing FROM (
    SELECT *, row_number() OVER (PARTITION BY portal_id, scorecard, version, indicator ORDER BY since DESC) AS newest
    FROM silver.scorecard_log WHERE since < $1
) AS l WHERE newest = 1
"""
_APPEALS = """
SELECT portal_id, scorecard, indicator, note, actor, noted_at, appeals FROM (
    SELECT *, row_number() OVER (PARTITION BY portal_id, scorecard, indicator ORDER BY noted_at DESC) AS newest,
        count(*) OVER (PARTITION BY portal_id, scorecard, indicator) AS appeals
    FROM silver.scorecard_appeal
) AS a WHERE newest = 1
"""


def refresh(engine: Engine, layout: Layout, as_of: date, cards: Sequence[Scorecard] | None = None) -> int:
    """Bring the four tables up to date; returns how many scorecards were made. One transaction: killed at any moment, the old ones stand.

    Args:
        cards: the editions; default: those of the package. Only those that hold on `as_of` count.

    Raises:
        WarehouseError: as `Engine.writing`.
        RegistryError: as `load_scorecards`.
    """
    schema = str(engine.dbt_target().output["schema"])
    standing = [card for card in (load_scorecards() if cards is None else cards) if card.stands_on(as_of)]
    with engine.writing() as connection:
        portals: list[_Portal] = connection.query("SELECT portal_id, name, level FROM silver.portal ORDER BY portal_id")
        appeals = {tuple(row[:3]): row[3:] for row in connection.query(_APPEALS)}
        made: defaultdict[str, list[_Row]] = defaultdict(list)
        for card in standing:
            for name, rows in _make(connection, schema, portals, card, appeals, as_of).items():
                made[name] += rows
        news = _news(connection, made, as_of)
        keep(layout, as_of, news)
        with connection.transaction():
            connection.execute("DELETE FROM silver.scorecard_log WHERE since = $1", as_of)  # of an earlier build of the day
            connection.append("silver", SCORECARD_LOG, SCORECARD_LOG.arrow(map(asdict, news)))
            for table in MADE:
                _ensure(connection, schema, table)
                connection.execute(statement("DELETE FROM {schema}.{table}", schema=schema, table=table.name))
                if table is not SCORECARD_HISTORY:
                    connection.append(schema, table, table.arrow(made[table.name]))
            history = "INSERT INTO {schema}.scorecard_history ({columns}) SELECT {columns} FROM silver.scorecard_log"
            connection.execute(statement(history, schema=schema, columns=SCORECARD_LOG.schema.names))
    return len(made[SCORECARD.name])


def _make(
    connection: Connection,
    schema: str,
    portals: Sequence[_Portal],
    card: Scorecard,
    appeals: Mapping[tuple[Any, ...], tuple[Any, ...]],
    as_of: date,
) -> dict[str, list[_Row]]:
    """Rows of one edition by table."""
    totals: dict[_Portal, Total] = {}
    made: dict[str, list[_Row]] = {SCORECARD_ITEM.name: [], SCORECARD_DEDUCTION.name: []}
    edition = {"scorecard": card.id, "version": card.version, "as_of": as_of}
    for portal_id, name, level, found in _observed(connection, schema, portals, card, as_of):
        items = [score_item(indicator, seen.get(portal_id, ()), as_of) for indicator, seen in zip(card.indicators, found, strict=True)]
        totals[portal_id, name, level] = score_total(card, items)
        for ordinal, item in enumerate(items):
            own = edition | {"portal_id": portal_id, "indicator": item.indicator.id}
            appeal = appeals.get((portal_id, card.id, item.indicator.id), (None, None, None, 0))
            made[SCORECARD_ITEM.name].append(own | {"portal_name": name, "ordinal": ordinal} | _item(item, appeal))
            made[SCORECARD_DEDUCTION.name] += [own | row for row in _deductions(item)]
    made[SCORECARD.name] = [
        edition | {"portal_id": p[0], "portal_name": p[1], "level": p[2], "scorecard_zh": card.zh, "scorecard_en": card.en} | row
        for p, row in _ranked(totals)
    ]
    return made


def _observed(
    connection: Connection, schema: str, portals: Sequence[_Portal], card: Scorecard, as_of: date
) -> Iterator[tuple[str, str, str, Sequence[Mapping[str, Sequence[Observation]]]]]:
    """Portals with what was found about each indicator; so many of them at a time are in memory."""
    for first in range(0, len(portals), _TOGETHER):
        some = portals[first : first + _TOGETHER]
        ids = [portal_id for portal_id, _, _ in some]
        found = [observe(connection, schema, indicator, ids, as_of) for indicator in card.indicators]
        for portal_id, name, level in some:
            yield portal_id, name, level, found


def _item(item: Item, appeal: tuple[Any, ...]) -> _Row:
    note, actor, noted_at, appeals = appeal
    return {
        "indicator_zh": item.indicator.zh,
        "indicator_en": item.indicator.en,
        "points": item.points,
        "max_points": item.indicator.weight,
        "verdict": item.verdict,
        "reason": item.reason,
        "passed": item.passed,
        "failed": item.failed,
        "uncertain": item.uncertain,
        "not_assessable": item.not_assessable,
        "appeals": appeals,
        "appeal_note": note,
        "appeal_by": actor,
        "appeal_at": noted_at,
    }


def _deductions(item: Item) -> Iterator[_Row]:
    for deduction in item.deductions:
        cause = deduction.cause
        yield {
            "measure": cause.check,
            "subject": cause.subject,
            "subject_title": cause.title,
            "points": deduction.points,
            "reason": cause.reason,
            "observed": cause.observed,
            "threshold": cause.threshold,
            "basis": cause.basis,
            "evidence_url": cause.evidence.url,
            "evidence_run_id": cause.evidence.run_id,
            "evidence_warc_file": cause.evidence.warc_file,
            "evidence_warc_offset": cause.evidence.warc_offset,
        }


def _ranked(totals: Mapping[_Portal, Total]) -> Iterator[tuple[_Portal, _Row]]:
    """A place only among portals of the same level of which enough could be judged, and only where there are two of them."""
    scores: defaultdict[str, list[Decimal]] = defaultdict(list)
    for (_, _, level), total in totals.items():
        if total.comparable and total.score is not None:
            scores[level].append(total.score)
    for portal, total in totals.items():
        others, score = scores[portal[2]], total.score
        ranked = total.comparable and score is not None and len(others) > 1
        yield (
            portal,
            {
                "points": total.points,
                "possible": total.possible,
                "total": total.total,
                "score": score,
                "share_assessable": float(total.share_assessable),
                "comparable": total.comparable,
                "place": 1 + sum(other > score for other in others) if ranked and score is not None else None,
                "among": len(others) if ranked else None,
            },
        )


def _news(connection: Connection, made: Mapping[str, list[_Row]], as_of: date) -> list[Standing]:
    """Indicators that are another than the day before."""
    failing: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in made[SCORECARD_DEDUCTION.name]:
        failing[_line(row)].append(row["subject"])
    stood = {row[:4]: row[4:] for row in connection.query(_STOOD, as_of)}
    new = []
    for item in made[SCORECARD_ITEM.name]:
        line = portal_id, scorecard, version, indicator = _line(item)
        state = verdict, points, max_points, lost = item["verdict"], item["points"], item["max_points"], sorted(failing[line])
        if stood.get(line) != state:
            new.append(
                Standing(
                    portal_id=portal_id,
                    scorecard=scorecard,
                    version=version,
                    indicator=indicator,
                    since=as_of,
                    verdict=verdict,
                    points=points,
                    max_points=max_points,
                    reason=item["reason"],
                    failing=lost,
                )
            )
    return new


def _line(row: _Row) -> tuple[str, str, str, str]:
    return row["portal_id"], row["scorecard"], row["version"], row["indicator"]


def _ensure(connection: Connection, schema: str, table: Table) -> None:
    """The table can always be made again, so one of another shape goes."""
    there = connection.column_types(schema, table.name)
    if there and there != {f.name: connection.type_of(f.type) for f in table.schema}:
        connection.execute(statement("DROP TABLE {schema}.{table}", schema=schema, table=table.name))
    connection.ensure_table(schema, table)
