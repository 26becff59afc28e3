"""Sections of a place's page. Each shows itself only where the marts that it reads are published; its template is place/NAME.html.j2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from warehouse.dictionary import column_words, key_of
from warehouse.report_site.metrics import metric_view
from warehouse.report_site.reading import Source, grouped
from warehouse.report_site.scorecards import scorecard_view

View = dict[str, Any]
_OF = "FROM mart.{} WHERE portal_id IN (SELECT unnest($1::text[])) ORDER BY "
_OWN = {"portal_id", "portal_name", "level", "province", "run_id", "extractor_version"}
"""Columns that a place's page need not repeat."""
_PLACES = ("_id", "url", "warc_file", "warc_offset", "span_start", "span_end")
"""How columns end that lead to a place; a table for people leaves them out."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the page."""

    name: str
    zh: str
    en: str
    needs: tuple[str, ...]
    read: Callable[[Source, Sequence[str]], dict[str, View]]
    """What there is to show of some portals; a portal without an entry has no such section."""
    template: str = ""


def _coverage(source: Source, ids: Sequence[str]) -> dict[str, View]:
    columns = ("portal_id", "genre", "year", "state", "published_date", "legal_date", "reason", "document_id", "url")
    found = grouped(source.rows(columns, _OF.format("portal_completeness") + "portal_id, year DESC, genre DESC", list(ids)))
    return {portal_id: {"rows": rows} for portal_id, rows in found.items()}


def _health(source: Source, ids: Sequence[str]) -> dict[str, View]:
    told = ("portal_id", "run_id", "status", "reasons", "declared", "listed", "notices", "tasks", "metrics", "findings")
    status = source.rows(told, _OF.format("portal_status") + "portal_id", list(ids))
    columns = ("portal_id", "last_complete_run", "days_since_complete", "last_published", "days_since_published", "last_new_run", "as_of")
    fresh = grouped(source.rows(columns, _OF.format("freshness") + "portal_id", list(ids)))
    return {row["portal_id"]: row | fresh.get(row["portal_id"], [{}])[0] for row in status}


def listed(source: Source, ids: Sequence[str], mart: str, columns: Sequence[str], order: str, most: int) -> dict[str, View]:
    """The first `most` rows of each portal, and how many there are; `mart` may carry a WHERE."""
    table, _, where = mart.partition(" WHERE ")
    inner = (
        f"FROM (SELECT *, row_number() OVER (PARTITION BY portal_id ORDER BY {order}) AS place_, "  # noqa: S608
        f"count(*) OVER (PARTITION BY portal_id) AS whole_ FROM mart.{table} "
        f"WHERE portal_id IN (SELECT unnest($1::text[])) AND ({where or 'TRUE'})) AS t WHERE place_ <= {most} ORDER BY portal_id, place_"
    )
    known = [name for name in columns if name in source.columns[table]]  # a column that a later release brings is shown once it is there
    rows = source.rows(["portal_id", "whole_", *known], inner, list(ids))
    return {portal_id: {"rows": found, "whole": found[0]["whole_"]} for portal_id, found in grouped(rows).items()}


def _list(mart: str, columns: Sequence[str], order: str, most: int) -> Callable[[Source, Sequence[str]], dict[str, View]]:
    return lambda source, ids: listed(source, ids, mart, columns, order, most)


_RULES = "FROM mart.dim_rule ORDER BY valid_from, rule"  # of editions the newest name


def _verdicts(source: Source, ids: Sequence[str]) -> dict[str, View]:
    columns = (
        "rule",
        "subject",
        "verdict",
        "reason",
        "subject_title",
        "observed",
        "threshold",
        "basis",
        "confidence",
        "window_start",
        "window_end",
    )
    evidence = ("evidence_url", "evidence_run_id", "evidence_warc_file", "evidence_warc_offset", "evidence_at")
    gravest = "CASE verdict WHEN 'fail' THEN 0 WHEN 'uncertain' THEN 1 WHEN 'not_assessable' THEN 2 ELSE 3 END, rule, subject"
    views = listed(source, ids, "verdict", [*columns, *evidence], gravest, 60)
    counted = source.rows(
        {"portal_id": "portal_id", "verdict": "verdict", "many": "count(*)"},
        "FROM mart.verdict WHERE portal_id IN (SELECT unnest($1::text[])) GROUP BY portal_id, verdict ORDER BY portal_id, verdict",
        list(ids),
    )
    names = {r["rule"]: (r["name_zh"], r["name_en"]) for r in source.rows(("rule", "name_zh", "name_en", "valid_from"), _RULES)}
    for portal_id, rows in grouped(counted).items():
        views[portal_id] |= {"counts": {row["verdict"]: row["many"] for row in rows}, "names": names}
    return views


def _any(mart: str, most: int, chosen: Sequence[str] = (), **vocabulary: str) -> Callable[[Source, Sequence[str]], dict[str, View]]:
    """A mart's columns with their names from the dictionary: those chosen, else all.

    Args:
        mart: may carry a WHERE.
        vocabulary: column → the words.yaml vocabulary of its values.
    """
    table = mart.partition(" WHERE ")[0]

    def read(source: Source, ids: Sequence[str]) -> dict[str, View]:
        columns = list(chosen) or [name for name in source.columns[table] if name not in _OWN and not name.endswith(_PLACES)]
        url = ["url"] if "url" in source.columns[table] else []
        newest = [f"{name} DESC" for name in columns if name.endswith(("_start", "year"))][:1]
        order = ", ".join([*newest, *(name for name in key_of(table) if name != "portal_id")]) or columns[0]
        views = listed(source, ids, mart, [*columns, *url], order, most)
        named = {name: column_words().get(name, (name, name)) for name in columns}
        for view in views.values():
            numeric = [name for name in columns if any(isinstance(row[name], (int, float, Decimal)) for row in view["rows"])]
            view |= {"columns": named, "vocabulary": vocabulary, "numeric": numeric}
        return views

    return read


SECTIONS = (
    Section(name="health", zh="门户状态", en="Health", needs=("portal_status", "freshness"), read=_health),
    Section(name="coverage", zh="计划与年报", en="Plans and reports", needs=("portal_completeness",), read=_coverage),
    Section(name="scorecard", zh="评分", en="Scorecard", needs=("scorecard",), read=scorecard_view),
    Section(name="verdicts", zh="规则核查", en="Rules", needs=("verdict", "dim_rule"), read=_verdicts),
    Section(name="metrics", zh="年报数据", en="Figures reported", needs=("metric_by_city_year", "dim_metric"), read=metric_view),
    Section(
        name="findings",
        zh="自相矛盾与疑点",
        en="Contradictions and doubts",
        needs=("finding",),
        read=_list(
            "finding",
            ("document_id", "document_title", "genre", "document_year", "rule", "severity", "message", "expected", "actual", "url"),
            "CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, document_year DESC, document_id, seq",
            30,
        ),
    ),
    Section(
        name="changes",
        zh="页面变更",
        en="Pages that changed",
        needs=("notice_version",),
        read=_list(
            "notice_version WHERE previous_version IS NOT NULL",
            ("title", "url", "valid_from", "changed", "title_before", "published_before", "lines_added", "lines_removed", "body_diff"),
            "valid_from DESC, notice_id",
            15,
        ),
    ),
    Section(
        name="removals",
        zh="下线页面",
        en="Pages that vanished",
        needs=("removal",),
        read=_list("removal", ("title", "url", "cause", "known_since", "last_seen", "gone_now"), "known_since DESC, notice_id", 30),
    ),
    Section(
        name="causes",
        zh="下线原因",
        en="Removals by cause",
        needs=("removal_cause",),
        read=_any("removal_cause", 24, cause="cause"),
        template="any",
    ),
    Section(
        name="gaps",
        zh="文号空缺",
        en="Gaps in document numbers",
        needs=("number_gap",),
        read=_list(
            "number_gap",
            (
                "series",
                "issuer_mark",
                "year",
                "numbers_seen",
                "largest",
                "numbers_not_seen",
                "issued_estimate",
                "issued_lower",
                "issued_upper",
                "state",
                "sections",
                "sections_complete",
            ),
            "year DESC, issuer_mark",
            24,
        ),
    ),
    Section(
        name="declared",
        zh="自报与所见",
        en="Declared and seen",
        needs=("declared_published",),
        read=_any(
            "declared_published",
            24,
            ("report_year", "metric_zh", "declared", "unit", "found", "state", "why", "sections", "sections_complete"),
            state="declared",
            why="why",
        ),
        template="any",
    ),
    Section(
        name="follow_through",
        zh="承诺延续",
        en="Follow-through",
        needs=("follow_through",),
        read=_any(
            "follow_through WHERE change <> 'no_next_plan'",
            30,
            ("plan_year", "text", "change", "next_plan_year", "next_text", "next_due_date", "report_mention"),
            change="follow",
            report_mention="mention",
        ),
        template="any",
    ),
    Section(
        name="areas",
        zh="重点领域",
        en="Disclosure areas",
        needs=("publication_by_area",),
        read=_any(
            "publication_by_area WHERE area IS NOT NULL",
            24,
            ("quarter_start", "area_zh", "area_en", "unit", "notices", "sections", "sections_complete"),
        ),
        template="any",
    ),
    Section(
        name="newest",
        zh="最新信息",
        en="Newest notices",
        needs=("notice",),
        read=_list(
            "notice WHERE gone_at IS NULL",
            ("title", "url", "published_date", "first_seen"),
            "published_date DESC NULLS LAST, notice_id",
            10,
        ),
    ),
)


def read_sections(source: Source, ids: Sequence[str]) -> dict[str, dict[str, View]]:
    """Portal → section → view, of the sections whose marts are published."""
    views: dict[str, dict[str, View]] = {portal_id: {} for portal_id in ids}
    for section in SECTIONS:
        if all(mart in source.columns for mart in section.needs):
            for portal_id, view in section.read(source, ids).items():
                views[portal_id][section.name] = view
    return views
