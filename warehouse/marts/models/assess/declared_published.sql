-- Grain: portal × report year × metric. Answers: does what the annual report, or the yearly table of its website, says was made and published fit
-- what we found published for that year?
-- Which of our items stand beside a metric is its `held` in gongkai/data/metrics.yaml. Only more than declared says something by itself: fewer is a
-- fact about the source only as far as the sections that are followed and the figure's own scope go, and the state says so.
{%- set tolerance = 0.05 %}
with printed as (
    select
        portal_id, portal_name, report_year, code, value, unit, scope, contradicted, url, span_start, span_end, document_id, archive_run_id, warc_file,
        warc_offset
    from {{ ref('metric_by_city_year') }}
    union all
    select
        portal_id, portal_name, report_year, code, value, unit, scope, lowest <> highest, url, span_start, span_end, document_id, archive_run_id,
        warc_file, warc_offset
    from (
        select
            *,
            row_number() over (partition by portal_id, report_year, code order by document_id, seq) as place,
            min(value) over (partition by portal_id, report_year, code) as lowest,
            max(value) over (partition by portal_id, report_year, code) as highest
        from {{ own_website_figures() }} as f
        where value is not null
    ) as w
    where place = 1
),

declared as (
    select c.*, m.held, m.name_zh as metric_zh, m.name_en as metric_en
    from printed as c
    join {{ source('silver', 'metric') }} as m on m.code = c.code and m.held is not null
    where c.value is not null
),

page as (
    select
        d.portal_id,
        d.notice_id,
        d.genre,
        d.genre = 'regulation' and d.doc_number ~ '令第[0-9]+号$' as is_order,
        extract(year from d.published_date) as year_published,
        extract(year from coalesce(d.written_date, d.published_date)) as year_made
    from {{ ref('document') }} as d
    where d.part = 0
),

item as (
    select portal_id, notice_id, {{ by_code_point("'items'") }} as held, year_published as year from page
    union all
    select portal_id, notice_id, 'interpretations', year_published from page where genre = 'interpretation'
    union all
    select portal_id, notice_id, 'rules_published', year_published from page where is_order
    union all
    select portal_id, notice_id, 'rules_made', year_made from page where is_order
    union all
    select portal_id, notice_id, 'normative_published', year_published from page where genre = 'regulation' and is_order is not true
    union all
    select portal_id, notice_id, 'normative_made', year_made from page where genre = 'regulation' and is_order is not true
),

counted as (
    select portal_id, held, cast(year as bigint) as year, count(distinct notice_id) as found from item group by portal_id, held, cast(year as bigint)
),

beside as (
    select
        d.portal_id,
        d.portal_name,
        d.report_year,
        d.code,
        d.metric_zh,
        d.metric_en,
        d.held,
        d.value as declared,
        d.unit,
        d.scope,
        d.contradicted,
        coalesce(f.found, 0) as found,
        c.sections,
        c.sections_complete,
        c.sections_normative,
        c.listed_not_read,
        c.seen_on,
        d.url,
        d.span_start,
        d.span_end,
        d.document_id,
        d.archive_run_id,
        d.warc_file,
        d.warc_offset
    from declared as d
    left join counted as f on f.portal_id = d.portal_id and f.held = d.held and f.year = d.report_year
    left join {{ portal_coverage() }} as c on c.portal_id = d.portal_id
),

reasoned as (
    select
        *,
        case
            when contradicted then 'report_contradicts_itself'
            when unit in ('万条', '万件', '万份') or unit is null then 'other_unit'
            when found > declared * {{ 1 + tolerance }} then 'more_than_declared'
            when found >= declared * {{ 1 - tolerance }} then 'within_tolerance'
            when scope in ('jurisdiction', 'departments', 'counties', 'townships') then 'figure_is_of_more_bodies'
            when sections is null or sections_complete < sections then 'coverage_incomplete'
            when listed_not_read > 0 and declared - found <= listed_not_read then 'listed_pages_not_read'
            when held in ('normative_made', 'normative_published', 'rules_made', 'rules_published') and sections_normative = 0 then 'no_section_of_that_kind'
            when held in ('items', 'interpretations') then 'other_sections_not_followed'
            else 'fewer_than_declared'
        end as why
    from beside
)

select
    portal_id,
    portal_name,
    report_year,
    code,
    metric_zh,
    metric_en,
    {{ by_code_point('held') }} as held,
    declared,
    unit,
    scope,
    found,
    {{ by_code_point("""
        case why
            when 'within_tolerance' then 'fits'
            when 'more_than_declared' then 'more_seen'
            when 'fewer_than_declared' then 'fewer_seen'
            when 'other_sections_not_followed' then 'fewer_seen'
            else 'not_comparable'
        end""") }} as state,
    {{ by_code_point('why') }} as why,
    sections,
    sections_complete,
    listed_not_read,
    seen_on,
    document_id,
    url,
    span_start,
    span_end,
    archive_run_id,
    warc_file,
    warc_offset
from reasoned
