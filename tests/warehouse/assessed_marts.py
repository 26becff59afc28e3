"""Marts of issue 8 made by hand in a copy of a snapshot: what the site shows where they are published."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

_MARTS = """
CREATE OR REPLACE TABLE mart.commitment AS
SELECT document_id || '/' || seq AS commitment_id, 'task' AS kind, portal_id, portal_name, notice_id,
    document_id, seq, plan_year, text, lead_units, due_date, CASE seq WHEN 0 THEN 'overdue' ELSE 'evidenced' END AS status,
    CASE seq WHEN 0 THEN 'no notice comes near' ELSE 'published by the due date' END AS why, seq = 1 AS late,
    0.25 AS best_score, seq AS evidence_count, url,
    as_of FROM mart.plan_commitment;
CREATE OR REPLACE TABLE mart.commitment_evidence AS
SELECT commitment_id, 'lishi-gui1' AS notice_id, 0.75 AS score, true AS counts, 'title' AS basis,
    '[[0, 2]]' AS spans, CASE seq WHEN 1 THEN 'confirmed' END AS decision, 'wang' AS decided_by, DATE '2026-03-03' AS decided_at,
    'seen on the page' AS reason FROM mart.commitment WHERE status = 'evidenced';
CREATE OR REPLACE TABLE mart.verdict AS
SELECT 'lishi' AS portal_id, '例市人民政府' AS portal_name, r AS rule, '2023' AS subject, NULL::text AS subject_title, v AS verdict,
    w AS reason, '2024-03-05' AS observed, '2024-01-31' AS threshold, '条例第五十条' AS basis,
    c AS confidence, DATE '2024-01-01' AS window_start,
    DATE '2024-01-31' AS window_end, u AS evidence_url, CASE WHEN u IS NOT NULL THEN '20260301T183000Z' END AS evidence_run_id,
    'pages.warc.gz' AS evidence_warc_file, 7 AS evidence_warc_offset,
    TIMESTAMPTZ '2026-03-01 18:31:00+00' AS evidence_at, DATE '2026-03-04' AS as_of
    FROM (VALUES ('report-in-time', 'fail', 'published 33 days late', 'C', 'http://127.0.0.1:8001/zwgk/nb2023.html'),
                 ('home-page', 'not_assessable', 'no visit yet', 'P', NULL), ('report-form', 'pass', '', 'C', NULL)) AS t(r, v, w, c, u);
CREATE OR REPLACE TABLE mart.scorecard AS
SELECT 'lishi' AS portal_id, '例市人民政府' AS portal_name, 'plain' AS scorecard, '2026.1' AS version, '简明评分' AS scorecard_zh,
    'Plain' AS scorecard_en, 33.0 AS points, 40.0 AS possible, 100.0 AS total, 82.5 AS score, 0.4 AS share_assessable, false AS comparable,
    NULL::bigint AS place, NULL::bigint AS among, DATE '2026-03-04' AS as_of;
CREATE OR REPLACE TABLE mart.scorecard_item AS
SELECT 'lishi' AS portal_id, 'plain' AS scorecard, '2026.1' AS version, 'reports' AS indicator, 0 AS ordinal, '年报' AS indicator_zh,
    'Reports' AS indicator_en, 33.0 AS points, 40.0 AS max_points, 'fail' AS verdict, '1 of 2 late' AS reason, 'holiday' AS appeal_note,
    'wang' AS appeal_by, TIMESTAMPTZ '2026-03-02 00:00:00+00' AS appeal_at;
CREATE OR REPLACE TABLE mart.scorecard_deduction AS
SELECT portal_id, 'plain' AS scorecard, '2026.1' AS version, 'reports' AS indicator, rule AS measure, subject, NULL AS subject_title,
    7.0 AS points, reason, observed, threshold, basis, evidence_url, evidence_run_id, evidence_warc_file, evidence_warc_offset
FROM mart.verdict WHERE verdict = 'fail';
"""


def with_assessments(snapshot: str, folder: Path) -> Path:
    """A copy of a snapshot file that holds commitment, commitment_evidence, verdict and scorecard, too."""
    copy = folder / "assessed.duckdb"
    shutil.copy(snapshot, copy)
    with duckdb.connect(copy) as connection:
        for statement in _MARTS.split(";\n"):
            if statement.strip():
                connection.execute(statement)
    return copy
