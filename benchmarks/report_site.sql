-- One night of benchmarks/report_site.py, made by DuckDB: portals × 10 years, a plan and a report each. RUN, VERSION, PORTALS and CHANGED are put in.

DROP TABLE IF EXISTS page;

CREATE TEMP TABLE page AS
SELECT 'portal-' || p AS portal_id, 'RUN' AS run_id, md5(p || g || y) AS notice_id, 'VERSION' AS version,
    md5(p || g || y) || 'VERSION' AS document_id, '0.6.0' AS extractor_version, g AS genre, 2016 + y AS year, p, y
FROM generate_series(0, PORTALS - 1) AS a(p), generate_series(0, 9) AS b(y), (VALUES ('work_plan'), ('annual_report')) AS c(g)
WHERE CHANGED OR 'VERSION' = 'v1';

INSERT INTO silver.notice_sighting BY NAME SELECT portal_id, run_id, notice_id, version FROM page;

INSERT INTO silver.list_entry BY NAME
SELECT portal_id, run_id, notice_id, '要点' AS section, y AS position, 1 AS page, 'u' AS url, 't' AS title FROM page;

INSERT INTO silver.notice BY NAME
SELECT portal_id, run_id, notice_id, version, '要点' AS section, 'http://127.0.0.1/' || notice_id AS url, '' AS canonical_url,
    '例市' || p || '人民政府' || year || '年' || genre AS title, '' AS list_title, year || '-05-11' AS published_at, 'text/html' AS content_type,
    'utf-8' AS encoding, TIMESTAMPTZ '2026-03-01 18:31:00+00' AS fetched_at, 'p.warc.gz' AS warc_file, y AS warc_offset,
    '' AS payload_digest, '例市人民政府办公室' AS source, '例' || p || '府办〔' || year || '〕' || (1 + y) || '号' AS doc_number FROM page;

-- A plan: 80 rows of a table, about 9,000 characters. A report: prose and 150 lines of figures, about 6,000.
INSERT INTO silver.document BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, 0 AS part, '例市' || p || '人民政府' || year || '年' || genre AS title,
    genre, CASE genre WHEN 'work_plan' THEN year END AS plan_year, CASE genre WHEN 'annual_report' THEN year END AS report_year,
    'B' AS format_detected, '例市人民政府办公室' AS issuer, 'hans' AS script,
    CASE genre WHEN 'work_plan' THEN (
        SELECT string_agg(k || chr(9) || repeat('推进重点领域信息公开，完善政策解读机制，回应社会关切，', 3) || '完成后及时公布。' || chr(9)
            || '市财政局、市统计局' || chr(9) || '6月30日前', chr(10) ORDER BY k) FROM generate_series(10, 89) AS t(k))
    ELSE repeat('坚持以公开为常态、不公开为例外，公众获取政府信息更加便捷。', 60) || chr(10) || (
        SELECT string_agg(k || '.本年度办理结果示例事项' || chr(9) || (k * 7) || chr(9) || '0' || chr(9) || (k + 3), chr(10) ORDER BY k)
        FROM generate_series(100, 249) AS t(k)) END AS body_text
FROM page;

INSERT INTO silver.plan_task BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, k AS seq, ['一', k::text] AS path, [''] AS section_titles,
    repeat('推进重点领域信息公开，完善政策解读机制，回应社会关切，', 3) || '完成后及时公布。' AS text, ['市财政局', '市统计局'] AS lead_units,
    ['各县（区）'] AS support_units, 'lead' AS responsibility_mode, false AS open_ended, '6月30日前' AS deadline_raw, 'date' AS deadline_type,
    make_date(year, 6, 30) AS due_date, false AS uncertain, k * 110 + 3 AS span_start, k * 110 + 89 AS span_end
FROM page, generate_series(0, 79) AS t(k) WHERE genre = 'work_plan';

INSERT INTO silver.task_unit BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, k AS task_seq, u AS seq, '市单位' || ((p + k) % 60) AS name,
    '市单位' AS printed, 'lead' AS role, false AS open_ended, k * 110 + 92 + u * 5 AS span_start, k * 110 + 96 + u * 5 AS span_end
FROM page, generate_series(0, 79) AS t(k), generate_series(0, 1) AS v(u) WHERE genre = 'work_plan';

INSERT INTO silver.task_deadline BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, k AS task_seq, 0 AS seq, '6月30日前' AS raw, 'date' AS type,
    make_date(year, 6, 30) AS due_date, k * 110 + 102 AS span_start, k * 110 + 108 AS span_end
FROM page, generate_series(0, 79) AS t(k) WHERE genre = 'work_plan';

INSERT INTO silver.metric_value BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, m.ordinal AS seq, m.code, m.name_zh AS label,
    (p * 7 + m.ordinal + y * 31) % 500 AS value, m.unit, 'number' AS state, '{}' AS dimensions, 'B' AS era, '12' AS raw,
    1700 + m.ordinal * 24 AS span_start, 1703 + m.ordinal * 24 AS span_end
FROM page, (SELECT * FROM silver.metric WHERE ordinal < 150) AS m WHERE genre = 'annual_report';

INSERT INTO silver.finding BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, 0 AS seq, 'T3-BAL' AS rule, 'error' AS severity,
    '12 ≠ 13' AS message, 1800 AS span_start, 1803 AS span_end FROM page WHERE genre = 'annual_report' AND y % 5 = 0;

-- Every portal ran: its page tells of tonight. What did not change keeps its document.
INSERT INTO silver.completeness BY NAME
SELECT 'portal-' || p AS portal_id, 'RUN' AS run_id, g AS genre, 2016 + y AS year, CASE WHEN (p + y) % 9 = 0 THEN 'late' ELSE 'found' END AS state,
    'listed' AS reason, md5(p || g || y) || CASE WHEN CHANGED THEN 'VERSION' ELSE 'v1' END AS document_id
FROM generate_series(0, PORTALS - 1) AS a(p), generate_series(0, 9) AS b(y), (VALUES ('work_plan'), ('annual_report')) AS c(g);

INSERT INTO silver.stage_outcome BY NAME
SELECT 'RUN' AS run_id, 'portal-' || p AS portal_id, s AS stage, 'complete' AS status, '' AS started_at, '' AS finished_at,
    []::text[] AS reasons, '{"listed": 20, "declared": 20}' AS counts
FROM generate_series(0, PORTALS - 1) AS a(p), (VALUES ('crawl'), ('extract'), ('audit'), ('load')) AS c(s);

INSERT INTO silver.load_log (portal_id, run_id, digest, verdict, extractor_version, passed)
SELECT 'portal-' || p, 'RUN', 'RUN', '', '0.6.0', true FROM generate_series(0, PORTALS - 1) AS a(p);

INSERT INTO silver.touched_notice SELECT notice_id FROM page WHERE notice_id NOT IN (SELECT notice_id FROM silver.touched_notice);

DELETE FROM silver.mart_build;
