"""Verdicts (判定) of what is published: rows of mart.verdict for people and machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from gongkai.errors import GongkaiError
from gongkai.layout import record_name
from warehouse.engines import Engine
from warehouse.published import published_with


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A row of mart.verdict; columns as docs/dictionary.md explains them, with the rule's names."""

    portal_id: str
    portal_name: str
    rule: str
    rule_zh: str
    rule_en: str
    subject: str
    subject_title: str | None
    verdict: str
    reason: str
    observed: str | None
    threshold: str | None
    basis: str
    confidence: str | None
    severity: str | None
    window_start: date | None
    window_end: date | None
    evidence_url: str | None
    evidence_run_id: str | None
    evidence_warc_file: str | None
    evidence_warc_offset: int | None
    evidence_at: datetime | None
    as_of: date

    @property
    def archived(self) -> str | None:
        """What `gongkai archive show` takes: a portal is judged by its own pages only."""
        if self.evidence_run_id is None or self.evidence_warc_file is None or self.evidence_warc_offset is None:
            return None
        return record_name(self.portal_id, self.evidence_run_id, self.evidence_warc_file, self.evidence_warc_offset)


_NAMES = [f.name for f in fields(Verdict)]
_QUERY = f"""
SELECT {", ".join(_NAMES)} FROM (
    SELECT v.*, r.name_zh AS rule_zh, r.name_en AS rule_en, r.place
    FROM mart.verdict AS v
    JOIN (SELECT rule, max(name_zh) AS name_zh, max(name_en) AS name_en, min(ordinal) AS place FROM mart.dim_rule GROUP BY rule) AS r
        ON r.rule = v.rule
) AS v
WHERE ($1::text IS NULL OR portal_id = $1) AND ($2::text IS NULL OR rule = $2) AND verdict IN (SELECT unnest($3::text[]))
ORDER BY portal_id, place, subject
"""  # noqa: S608  names of our own columns
VERDICTS = ("fail", "uncertain", "pass", "not_assessable")


def verdicts(engine: Engine, portal: str | None = None, *, rule: str | None = None, which: Sequence[str] = VERDICTS) -> list[Verdict]:
    """Published verdicts by portal, rule and subject.

    Raises:
        GongkaiError: nothing is published, or by a release without verdicts; or no verdict is about such a portal or rule.
    """
    with published_with(engine, "verdict", "verdicts") as connection:
        for column, value in (("portal_id", portal), ("rule", rule)):
            known = f"SELECT 1 FROM mart.verdict WHERE {column} = $1 LIMIT 1"  # noqa: S608  one of two names
            if value is not None and not connection.query(known, value):
                raise GongkaiError(f"verdicts: no {column.removesuffix('_id')} {value!r} is judged")
        rows = connection.query(_QUERY, portal, rule, list(which))
    return [Verdict(**dict(zip(_NAMES, row, strict=True))) for row in rows]
