-- Grain: portal × report year × metric. Answers: what did this city report for a year, and if there is no figure, why not?
-- Every cell of the national form has a row for every year that is judged (portal_completeness), so a blank, a zero, a report that does not state it,
-- a report that does not exist and one that could not be seen never look alike. Further figures have a row where the report prints them.
-- Only the portal's own report counts, the one that portal_completeness names, with its attachments; departments' reports stay in report_metric.
with cell as (
    select
        c.*,
        d.notice_id,
        d.format_detected,
        coalesce(d.format_detected, case when c.year >= 2021 then 'B' when c.year >= 2019 then 'A' end) as form
    from {{ ref('portal_completeness') }} as c
    left join {{ ref('document') }} as d on d.document_id = c.document_id
    where c.genre = 'annual_report'
),

printed as (
    select
        c.portal_id,
        c.year,
        m.code,
        m.document_id,
        m.seq,
        m.value,
        m.unit,
        m.state,
        m.qualifier,
        m.scope,
        m.raw,
        m.span_start,
        m.span_end,
        m.url,
        m.warc_file,
        m.warc_offset,
        m.archive_run_id,
        m.run_id,
        m.extractor_version,
        row_number() over (
            partition by c.portal_id, c.year, m.code
            order by case when m.document_id = c.document_id then 0 else 1 end, m.document_id, m.seq
        ) as place
    from cell as c
    join {{ ref('report_metric') }} as m on m.notice_id = c.notice_id and m.report_year = c.year
    where c.state in ('found', 'late') and m.stated_in is null and coalesce(m.era, '') <> 'W' and m.dimensions in ('{}', '{"applicant": "total"}')
),

disagreeing as (
    select portal_id, year, code
    from printed
    where value is not null
    group by portal_id, year, code
    having count(distinct value) > 1
),

asked as (
    select c.portal_id, c.year, m.code
    from cell as c
    join {{ ref('dim_metric') }} as m on m.in_form and c.form = any(m.eras)
    union
    select portal_id, year, code from printed
)

select
    a.portal_id,
    c.portal_name,
    c.level,
    c.province,
    a.year as report_year,
    a.code,
    m.name_zh as metric_zh,
    m.name_en as metric_en,
    p.value,
    coalesce(p.unit, m.unit) as unit,
    {{ by_code_point("""
        coalesce(p.state, case c.state
            when 'missing' then 'no_report'
            when 'cannot_see' then 'not_seen'
            when 'expected' then 'not_due'
            else 'not_stated'
        end)""") }} as state,
    p.qualifier,
    p.scope,
    d.code is not null as contradicted,
    c.state as report_state,
    c.reason as report_reason,
    c.published_date,
    p.raw,
    p.document_id,
    p.seq,
    p.span_start,
    p.span_end,
    coalesce(p.url, c.url) as url,
    p.warc_file,
    p.warc_offset,
    p.archive_run_id,
    p.run_id,
    p.extractor_version
from asked as a
join cell as c on c.portal_id = a.portal_id and c.year = a.year
join {{ ref('dim_metric') }} as m on m.code = a.code
left join printed as p on p.portal_id = a.portal_id and p.year = a.year and p.code = a.code and p.place = 1
left join disagreeing as d on d.portal_id = a.portal_id and d.year = a.year and d.code = a.code
