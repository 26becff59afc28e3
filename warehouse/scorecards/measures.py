"""What the checks of a scorecard find, asked of the marts.

Every query is given portals ($1), the day before which nothing counts ($2) and what its check says ($3), and gives the columns of `_row`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gongkai.scorecards import Indicator, Measure
from transforms.scoring import Evidence, Observation, reaches_back_to
from warehouse.engines.contract import Connection, statement

# Failures one by one, the others counted: a portal has one a document.
_VERDICT = """
SELECT portal_id, rule, subject, subject_title, verdict, reason, observed, threshold, basis, window_end,
    evidence_url, evidence_run_id, evidence_warc_file, evidence_warc_offset, 1
FROM {schema}.verdict
WHERE verdict = 'fail' AND portal_id IN (SELECT unnest($1::text[])) AND (window_end IS NULL OR window_end > $2) AND rule = $3
UNION ALL
SELECT portal_id, rule, min(subject), NULL, verdict, min(reason), NULL, NULL, NULL, max(window_end), NULL, NULL, NULL, NULL, count(*)
FROM {schema}.verdict
WHERE verdict <> 'fail' AND portal_id IN (SELECT unnest($1::text[])) AND (window_end IS NULL OR window_end > $2) AND rule = $3
GROUP BY portal_id, rule, verdict
"""
# A plan that is missing is proved by the list that does not show it, as the run archived it that found so.
_PLAN_PUBLISHED = """
SELECT c.portal_id, 'plan_published', cast(c.year AS text), c.document_title,
    CASE c.state WHEN 'found' THEN 'pass' WHEN 'late' THEN 'pass' WHEN 'missing' THEN 'fail' WHEN 'cannot_see' THEN 'uncertain'
        ELSE 'not_assessable' END,
    c.reason, c.state, 'the plan of the year', '政务公开工作要点', cast(cast(c.year AS text) || '-12-31' AS date),
    l.list_url, l.run_id, l.list_warc_file, l.list_warc_offset, 1
FROM {schema}.portal_completeness AS c
LEFT JOIN (
    SELECT portal_id, run_id, list_url, list_warc_file, list_warc_offset,
        row_number() OVER (PARTITION BY portal_id, run_id ORDER BY section) AS place
    FROM silver.section_outcome WHERE kind = 'work_plan' AND complete
) AS l ON l.portal_id = c.portal_id AND l.run_id = c.run_id AND l.place = 1
WHERE c.genre = 'work_plan' AND c.portal_id IN (SELECT unnest($1::text[])) AND cast(cast(c.year AS text) || '-12-31' AS date) > $2
"""
# The arithmetic of annual-reports.md 3: sums of the tables (T), between text and table (X, N), between years (S, Y).
_REPORT_CONSISTENT = """
SELECT c.portal_id, 'report_consistent', cast(c.year AS text), d.title,
    CASE WHEN count(f.rule) = 0 THEN 'pass' ELSE 'fail' END,
    CASE WHEN count(f.rule) = 0 THEN 'no contradiction found' ELSE min(f.message) END,
    cast(count(f.rule) AS text) || ' contradictions', '0 contradictions', '国办公开办函〔2021〕30号',
    c.legal_date, d.url, d.archive_run_id, d.warc_file, d.warc_offset, 1
FROM {schema}.portal_completeness AS c
JOIN {schema}.document AS d ON d.document_id = c.document_id
LEFT JOIN {schema}.finding AS f ON f.notice_id = d.notice_id AND f.severity = 'error' AND f.rule ~ '^(T[0-9]|N|S|X|Y)-'
WHERE c.genre = 'annual_report' AND c.state IN ('found', 'late') AND c.portal_id IN (SELECT unnest($1::text[]))
    AND c.legal_date > $2
GROUP BY c.portal_id, c.year, c.legal_date, d.title, d.url, d.archive_run_id, d.warc_file, d.warc_offset
"""
_TASKS_ASSIGNED = """
SELECT portal_id, 'tasks_assigned', notice_id, title,
    CASE WHEN assigned >= cast($3::text AS numeric(6, 4)) * tasks THEN 'pass' ELSE 'fail' END,
    cast(assigned AS text) || ' of ' || cast(tasks AS text) || ' tasks name a unit and a time',
    cast(assigned AS text) || '/' || cast(tasks AS text),
    $3::text, '政务公开工作要点', ended_on, url, run_id, warc_file, warc_offset, 1
FROM (
    SELECT n.portal_id, n.notice_id, n.title, n.url, n.run_id, n.warc_file, n.warc_offset, count(*) AS tasks,
        count(CASE WHEN array_length(t.lead_units, 1) > 0 AND t.deadline_type <> 'none' THEN 1 END) AS assigned,
        cast(cast(max(t.plan_year) AS text) || '-12-31' AS date) AS ended_on
    FROM {schema}.plan_commitment AS t JOIN {schema}.notice AS n ON n.notice_id = t.notice_id
    WHERE n.portal_id IN (SELECT unnest($1::text[]))
    GROUP BY n.portal_id, n.notice_id, n.title, n.url, n.run_id, n.warc_file, n.warc_offset
) AS plan
WHERE ended_on > $2
"""
_QUERIES: dict[Measure, str] = {
    "verdict": _VERDICT,
    "plan_published": _PLAN_PUBLISHED,
    "report_consistent": _REPORT_CONSISTENT,
    "tasks_assigned": _TASKS_ASSIGNED,
}


def observe(
    connection: Connection, schema: str, indicator: Indicator, portal_ids: Sequence[str], as_of: date
) -> Mapping[str, list[Observation]]:
    """What every check of an indicator finds about some portals, by portal."""
    found: defaultdict[str, list[Observation]] = defaultdict(list)
    first = reaches_back_to(indicator, as_of)
    for check in indicator.checks:
        more = [check.rule] if check.rule is not None else [str(check.threshold)] if check.threshold is not None else []
        for row in connection.query(statement(_QUERIES[check.measure], schema=schema), list(portal_ids), first, *more):
            found[row[0]].append(_row(row))
    return found


def _row(row: tuple[Any, ...]) -> Observation:
    _, check, subject, title, outcome, reason, observed, threshold, basis, ended_on, url, run_id, warc_file, warc_offset, subjects = row
    return Observation(
        check=check,
        subject=subject,
        title=title,
        outcome=outcome,
        reason=reason,
        observed=observed,
        threshold=threshold,
        basis=basis,
        ended_on=ended_on,
        evidence=Evidence(url=url, run_id=run_id, warc_file=warc_file, warc_offset=warc_offset),
        subjects=subjects,
    )
