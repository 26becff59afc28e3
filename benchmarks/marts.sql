-- One night's rows for benchmarks/marts.py, made by DuckDB. RUN and VERSION are put in; version v2 is every hundredth notice again.

-- Of ten notices one is a plan with 30 tasks, of twenty one a report with 100 values: 300,000 tasks and 500,000 values in all.

DROP TABLE IF EXISTS seed;
DROP TABLE IF EXISTS page;

CREATE TEMP TABLE seed AS
SELECT 'portal-' || p AS portal_id, 'RUN' AS run_id, md5(p || '/' || i) AS notice_id, 'VERSION' AS version, p * 1000 + i AS n, i, p
FROM generate_series(0, 99) AS a(p), generate_series(0, 999) AS b(i)
WHERE 'VERSION' = 'v1' OR (p * 1000 + i) % 100 = 1;

CREATE TEMP TABLE page AS SELECT *, notice_id || version AS document_id, '0.5.0' AS extractor_version FROM seed;

INSERT INTO silver.notice_sighting BY NAME
SELECT portal_id, run_id, notice_id, version FROM seed;

INSERT INTO silver.list_entry BY NAME
SELECT portal_id, run_id, notice_id, '要点' AS section, i AS position, 1 AS page, 'u' AS url,
    't' AS title FROM seed;

INSERT INTO silver.notice BY NAME
SELECT portal_id, run_id, notice_id, version, '要点' AS section, 'http://127.0.0.1/' || n AS url,
    '' AS canonical_url, '例市政务公开要点' || n AS title, '' AS list_title,
    '2026-0' || (1 + n % 9) || '-11' AS published_at, 'text/html' AS content_type, 'utf-8' AS encoding,
    TIMESTAMPTZ '2026-03-01 18:31:00+00' AS fetched_at, 'p.warc.gz' AS warc_file, n AS warc_offset,
    '' AS payload_digest, '市政府办' || (n % 40) AS source,
    '例' || p || '政发〔20' || (10 + n % 16) || '〕' || (1 + i % 200) || '号' AS doc_number FROM seed;

INSERT INTO silver.document BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, 0 AS part,
    '例市政务公开要点' || n AS title,
    CASE WHEN n % 10 = 1 THEN 'work_plan' WHEN n % 20 = 2 THEN 'annual_report' WHEN n % 10 = 3 THEN 'interpretation' ELSE 'other' END AS genre,
    CASE WHEN n % 10 = 1 THEN 2014 + n // 10 % 12 END AS plan_year,
    CASE WHEN n % 20 = 2 THEN 2014 + n // 20 % 12 END AS report_year,
    '例' || p || '政发〔20' || (10 + n % 16) || '〕' || (1 + i % 200) || '号' AS doc_number, 'hans' AS script,
    repeat('推进重点领域信息公开，完善政策解读机制，回应社会关切。', 60) || n AS body_text FROM page;

INSERT INTO silver.plan_task BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, k AS seq, ['一', k::text] AS path,
    [''] AS section_titles, '完善政策解读机制，回应社会关切' || k AS text, ['市财政局'] AS lead_units, [] AS support_units,
    'lead' AS responsibility_mode, false AS open_ended, 'date' AS deadline_type,
    DATE '2026-01-01' + k::integer * 9 AS due_date, false AS uncertain, k * 20 AS span_start,
    k * 20 + 15 AS span_end FROM page, generate_series(0, 29) AS t(k) WHERE n % 10 = 1;

INSERT INTO silver.task_unit BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, k AS task_seq, 0 AS seq,
    '市单位' || ((n + k) % 60) AS name, '市单位' AS printed, 'lead' AS role, false AS open_ended,
    k * 20 AS span_start, k * 20 + 5 AS span_end FROM page, generate_series(0, 29) AS t(k) WHERE n % 10 = 1;

INSERT INTO silver.task_deadline BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, k AS task_seq, 0 AS seq,
    '年底前' AS raw, 'date' AS type, DATE '2026-01-01' + k::integer * 9 AS due_date, k * 20 AS span_start,
    k * 20 + 5 AS span_end FROM page, generate_series(0, 29) AS t(k) WHERE n % 10 = 1;

INSERT INTO silver.metric_value BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, m.ordinal AS seq, m.code,
    m.name_zh AS label, (n * 7 + m.ordinal) % 500 AS value, m.unit, 'number' AS state, '{}' AS dimensions,
    'B' AS era, '12' AS raw, 4 AS span_start, 6 AS span_end FROM page,
    (SELECT * FROM silver.metric WHERE ordinal < 100) AS m WHERE n % 20 = 2;

INSERT INTO silver.citation BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, 0 AS seq,
    '例市政务公开要点' || (n - 1) AS title,
    CASE WHEN n % 2 = 0 THEN '例' || p || '政发〔20' || (10 + n % 16) || '〕' || (1 + i % 200) || '号' END AS doc_number,
    'city' AS issuer_level, 'basis' AS role, 0 AS span_start, 2 AS span_end FROM page;

INSERT INTO silver.finding BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, 0 AS seq, 'T3-BAL' AS rule,
    'error' AS severity, '12 ≠ 13' AS message FROM page WHERE n % 5 = 0;

INSERT INTO silver.completeness BY NAME
SELECT portal_id, 'RUN' AS run_id, genre, year, 'found' AS state, 'listed' AS reason, max(document_id) AS document_id
FROM (SELECT *, coalesce(plan_year, report_year) AS year FROM silver.document) WHERE genre IN ('work_plan', 'annual_report')
GROUP BY portal_id, genre, year;

INSERT INTO silver.load_log (portal_id, run_id, digest, verdict, extractor_version, passed)
SELECT DISTINCT portal_id, 'RUN', '', '', '0.5.0', true FROM seed;

DELETE FROM silver.mart_build;
