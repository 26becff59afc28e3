"""Verdicts: the planted ones, those that follow from the day of the night, and no fail beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from gongkai.registry import Section
from gongkai.rules import Rule, load_rules
from samples.marking import Ids, Kind, Marts, Row, all_notices
from samples.model import sample_registry
from samples.truth import PortalTruth


class Expected(NamedTuple):
    """A verdict that a correct night gives; `subject` is a section's name, a year, the portal's id or a notice's number of the town."""

    portal_id: str
    rule: str
    subject: str
    verdict: str
    says: str = ""
    """Words that the reason must hold."""


def score(marts: Marts, truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    """Every expected verdict, and every fail that nobody expects."""
    kind = Kind("verdicts")
    rows = marts.rows("verdict", "portal_id, rule, subject, verdict, reason, evidence_url, evidence_warc_offset, as_of")
    numbers = {notice_id: str(notice.content.id) for (_, notice_id), notice in ids.items()}
    twice = _bearing_both_days(marts, truth, ids)
    found: dict[tuple[str, ...], Row] = {(r["portal_id"], r["rule"], numbers.get(r["subject"]) or r["subject"]): r for r in rows}
    wanted: dict[tuple[str, ...], Expected] = {e[:3]: e for e in expected(truth, rows[0]["as_of"])} if rows else {}
    for key, want in wanted.items():
        row = found.get(key)
        right = row and row["verdict"] == want.verdict and want.says in row["reason"]
        wrong = [] if right else [f"{row and row['verdict']}, should be {want.verdict} {want.says}: {row and row['reason']}"]
        unproven = row and row["verdict"] == "fail" and not (row["evidence_url"] and row["evidence_warc_offset"] is not None)
        unproven = unproven or (want.verdict == "fail" and key[1] == "date-unchanged" and (key[0], key[2]) not in twice)
        kind.judge(" ".join(key), wrong + (["a fail without evidence"] if unproven else []))
    for key, row in found.items():
        if row["verdict"] == "fail" and key not in wanted:
            kind.unexpected(f"{' '.join(key)}: fail ({row['reason']})")
    return kind


def _bearing_both_days(marts: Marts, truth: tuple[PortalTruth, ...], ids: Ids) -> set[tuple[str, str]]:
    """Portal and number of the notices of which two archived versions print the first and the forged day."""
    days: dict[tuple[str, str], set[date]] = {}
    for row in marts.rows("notice_version", "portal_id, notice_id, published_date, warc_file, warc_offset"):
        if row["warc_file"] and row["warc_offset"] is not None and (notice := ids.get((row["portal_id"], row["notice_id"]))):
            days.setdefault((notice.portal_id, str(notice.content.id)), set()).add(row["published_date"])
    redated = (n for n in all_notices(truth) if n.content.redated)
    wanted = {(n.portal_id, str(n.content.id)): {n.content.published.date(), n.published} for n in redated}
    return {key for key, both in wanted.items() if both == days.get(key)}


def expected(truth: tuple[PortalTruth, ...], today: date) -> Iterator[Expected]:
    """In the order of the portals, each once."""
    registry = sample_registry()
    for portal in truth:
        for planted in portal.verdicts:
            subject = portal.portal_id if planted.subject is None else str(planted.subject)
            yield Expected(portal.portal_id, planted.rule, subject, planted.verdict, planted.says)
        if portal.status.is_whole:
            for section in registry[portal.portal_id].sections:
                yield from _column(portal, section, today)
            yield from _reports(portal, registry[portal.portal_id].sections, today)


def _column(portal: PortalTruth, section: Section, today: date) -> Iterator[Expected]:
    """How long a column stood still: its newest item against the window of each rule that judges it."""
    days = [n.published for n in portal.notices if n.content.section == section.name]
    days += [o.published for o in portal.outbound if o.section == section.name]
    for rule in load_rules().values():
        if days and "days" in rule.editions[-1].thresholds and _judges(rule, section):
            first = today - timedelta(days=int(rule.editions[-1].thresholds["days"]))
            yield Expected(portal.portal_id, rule.id, section.name, "pass" if max(days) >= first else "fail")


def _judges(rule: Rule, section: Section) -> bool:
    fitting = (c for c in rule.columns if c.kind is section.kind)
    return any(not c.words or any(word in section.name for word in c.words) for c in fitting)


def _reports(portal: PortalTruth, sections: tuple[Section, ...], today: date) -> Iterator[Expected]:
    """Reports in time, late, or missing from a column that promises them since a year. All of the town are governments: 31 March."""
    published = {n.content.year: n.published for n in portal.notices if n.content.genre == "annual_report" and n.content.year}
    promised = [range(s.since, today.year) for s in sections if s.kind == "annual_report" and s.since]
    for year in sorted({*published, *(year for years in promised for year in years)}):
        last = date(year + 1, 3, 31)
        if year in published or today > last:
            in_time = year in published and published[year] <= last
            yield Expected(portal.portal_id, "report-on-time", str(year), "pass" if in_time else "fail")
