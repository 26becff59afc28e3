-- One night's rows for benchmarks/marts.py, made by DuckDB. RUN, VERSION and NEWS are put in.

-- Of ten notices one is a plan with 30 tasks, of twenty one a report with 100 values: 300,000 tasks and 500,000 values in all. They are of
-- twelve years: a plan is published in March of its year, with due dates from April to December; a report tells of the year before; the
-- newest year, 2026, has begun. Version v2 is a night's news on the first NEWS portals: the newest 1,000 notices of theirs in equal parts, half
-- of them again (a plan among ten), half new.

DROP TABLE IF EXISTS seed;
DROP TABLE IF EXISTS page;

CREATE TEMP TABLE seed AS
WITH numbered AS (
    SELECT p * 1000 + i AS n, i, p, n % 10 = 1 AS is_plan, n % 20 = 2 AS is_report,
        2015 + CASE WHEN n % 20 = 2 THEN n // 20 ELSE n // 10 END % 12 AS year
    FROM generate_series(0, 99) AS a(p), generate_series(0, 999) AS b(i)
), night AS (
    SELECT *, 'VERSION' = 'v2' AND i % 2 = 0 AS is_new FROM numbered
    QUALIFY 'VERSION' = 'v1' OR (p < NEWS AND row_number() OVER (PARTITION BY p ORDER BY year DESC, i) <= 1000 // NEWS)
)
SELECT *, 'portal-' || p AS portal_id, 'RUN' AS run_id, md5(p || '/' || i || CASE WHEN is_new THEN 'new' ELSE '' END) AS notice_id,
    'VERSION' AS version,
    CASE WHEN is_new THEN '2026-03-02' ELSE year || '-0' || CASE WHEN year = 2026 THEN 1 + n % 2 WHEN is_plan THEN 3 ELSE 1 + n % 9 END || '-11'
    END AS published_at,
    '例' || p || '政发〔' || year || '〕' || (1 + i % 200) || '号' AS doc_number
FROM night;

CREATE TEMP TABLE page AS SELECT *, notice_id || version AS document_id, '0.5.0' AS extractor_version FROM seed;

INSERT INTO silver.notice_sighting BY NAME
SELECT portal_id, run_id, notice_id, version FROM seed;

INSERT INTO silver.list_entry BY NAME
SELECT portal_id, run_id, notice_id, '要点' AS section, i AS position, 1 AS page, 'u' AS url,
    't' AS title FROM seed;

INSERT INTO silver.notice BY NAME
SELECT portal_id, run_id, notice_id, version, '要点' AS section, 'http://127.0.0.1/' || n AS url,
    '' AS canonical_url, '例市政务公开要点' || n AS title, '' AS list_title,
    published_at, 'text/html' AS content_type, 'utf-8' AS encoding,
    TIMESTAMPTZ '2026-03-01 18:31:00+00' AS fetched_at, 'p.warc.gz' AS warc_file, n AS warc_offset,
    '' AS payload_digest, '市政府办' || (n % 40) AS source,
    doc_number FROM seed;

INSERT INTO silver.document BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, 0 AS part,
    '例市政务公开要点' || n AS title,
    CASE WHEN is_plan THEN 'work_plan' WHEN is_report THEN 'annual_report' WHEN n % 10 = 3 THEN 'interpretation' ELSE 'other' END AS genre,
    CASE WHEN is_plan THEN year END AS plan_year, CASE WHEN is_report THEN year - 1 END AS report_year, doc_number, 'hans' AS script,
    repeat('推进重点领域信息公开，完善政策解读机制，回应社会关切。', 60) || n AS body_text FROM page;

INSERT INTO silver.plan_task BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, k AS seq, ['一', k::text] AS path,
    [''] AS section_titles, '完善政策解读机制，回应社会关切' || k AS text, ['市财政局'] AS lead_units, [] AS support_units,
    'lead' AS responsibility_mode, false AS open_ended, 'date' AS deadline_type,
    make_date(year, 4, 1) + k::integer * 9 AS due_date, false AS uncertain, k * 20 AS span_start,
    k * 20 + 15 AS span_end FROM page, generate_series(0, 29) AS t(k) WHERE is_plan;

INSERT INTO silver.task_unit BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, k AS task_seq, 0 AS seq,
    '市单位' || ((n + k) % 60) AS name, '市单位' AS printed, 'lead' AS role, false AS open_ended,
    k * 20 AS span_start, k * 20 + 5 AS span_end FROM page, generate_series(0, 29) AS t(k) WHERE is_plan;

INSERT INTO silver.task_deadline BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, k AS task_seq, 0 AS seq,
    '年底前' AS raw, 'date' AS type, make_date(year, 4, 1) + k::integer * 9 AS due_date, k * 20 AS span_start,
    k * 20 + 5 AS span_end FROM page, generate_series(0, 29) AS t(k) WHERE is_plan;

INSERT INTO silver.metric_value BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, m.ordinal AS seq, m.code,
    m.name_zh AS label, (n * 7 + m.ordinal) % 500 AS value, m.unit, 'number' AS state, '{}' AS dimensions,
    'B' AS era, '12' AS raw, 4 AS span_start, 6 AS span_end FROM page,
    (SELECT * FROM silver.metric WHERE ordinal < 100) AS m WHERE is_report;

INSERT INTO silver.citation BY NAME
SELECT portal_id, run_id, notice_id, version, document_id, extractor_version, 0 AS seq,
    '例市政务公开要点' || (n - 1) AS title,
    CASE WHEN n % 2 = 0 THEN doc_number END AS doc_number,
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

INSERT INTO silver.touched_notice SELECT notice_id FROM seed WHERE notice_id NOT IN (SELECT notice_id FROM silver.touched_notice);

DELETE FROM silver.mart_build;
