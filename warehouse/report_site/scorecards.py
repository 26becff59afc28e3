"""A portal's scorecards (评分): points over what could be judged, each indicator, each deduction with its archived page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from warehouse.report_site.reading import Row, Source, grouped

_CARD = ("portal_id", "scorecard", "version", "scorecard_zh", "scorecard_en", "points", "possible", "total", "score", "share_assessable")
_CARD_PLACE = ("comparable", "place", "among", "as_of")
_LINE = {"portal_id": "portal_id", "card": "portal_id || '/' || scorecard || '/' || version", "indicator": "indicator"}
_ITEM = ("indicator_zh", "indicator_en", "points", "max_points", "verdict", "reason", "appeal_note", "appeal_by", "appeal_at")
_DEDUCTION = ("measure", "subject", "subject_title", "points", "reason", "observed", "threshold", "basis", "evidence_url")
_RECORD = ("evidence_run_id", "evidence_warc_file", "evidence_warc_offset")
_MOST = 40
"""Deductions of one scorecard that are shown; `mart.scorecard_deduction` holds all."""


def scorecard_view(source: Source, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The scorecards of some portals with their indicators and deductions."""
    where = "FROM mart.{} WHERE portal_id IN (SELECT unnest($1::text[])) ORDER BY portal_id, scorecard, version"
    cards = source.rows((*_CARD, *_CARD_PLACE), where.format("scorecard"), list(ids))
    items = _lines(source, "scorecard_item", _ITEM, where.format("scorecard_item") + ", ordinal", ids)
    deductions = _lines(
        source, "scorecard_deduction", (*_DEDUCTION, *_RECORD), where.format("scorecard_deduction") + ", indicator, measure, subject", ids
    )
    for card in cards:
        name = f"{card['portal_id']}/{card['scorecard']}/{card['version']}"
        own = deductions.get(name, [])
        card |= {"items": items.get(name, []), "deductions": own[:_MOST], "deductions_whole": len(own)}
    return {portal_id: {"cards": found} for portal_id, found in grouped(cards).items()}


def _lines(source: Source, mart: str, columns: Sequence[str], where: str, ids: Sequence[str]) -> dict[str, list[Row]]:
    if mart not in source.columns:
        return {}
    return grouped(source.rows(_LINE | {name: name for name in columns}, where, list(ids)), "card")
