{# The day of the year after one, from the text of its month and day. #}
{% macro day_of_year_after(year, month_day) -%}
cast(cast({{ year }} + 1 as text) || '-' || {{ month_day }} as date)
{%- endmacro %}

{# The last day for the report about c.year by an edition r. #}
{% macro last_day_of_report() -%}
{{ day_of_year_after('c.year', "case when c.level = 'department' then " ~ limit_text('department') ~ " else " ~ limit_text('government') ~ " end") }}
{%- endmacro %}

{# The last day for the website table about w.report_year by an edition r. #}
{% macro last_day_of_website_table() -%}
{{ day_of_year_after('w.report_year', limit_text('site')) }}
{%- endmacro %}

{# Grain: portal × year. The last day follows from the law that was in force on it. A published day is the earliest that page, list or text claims. #}
{% macro judged_report_times() -%}
select
    c.portal_id,
    'report-on-time' as rule,
    c.edition,
    cast(c.year as text) as subject,
    c.document_title as subject_title,
    case
        when c.edition is null then 'not_assessable'
        when c.state = 'expected' then 'not_assessable'
        when c.state = 'cannot_see' then 'uncertain'
        when c.state = 'missing' then 'fail'
        when c.published_date is null then 'uncertain'
        when c.published_date <= c.last_day then 'pass'
        else 'fail'
    end as judged,
    case
        when c.edition is null then 'no edition of the law sets a last day for this year'
        when c.state in ('expected', 'cannot_see', 'missing') or c.published_date is null then c.reason
        else 'published (发布日期) ' || {{ day_text('c.published_date') }} || ', last day ' || {{ day_text('c.last_day') }}
    end as reason,
    coalesce({{ day_text('c.published_date') }}, c.state) as observed,
    {{ day_text('c.last_day') }} as threshold,
    {{ day_of_year_after('c.year', "'01-01'") }} as window_start,
    c.last_day as window_end,
    coalesce(d.url, s.list_url) as evidence_url,
    coalesce(d.archive_run_id, s.evidence_run_id) as evidence_run_id,
    case when d.document_id is not null then d.warc_file else s.list_warc_file end as evidence_warc_file,
    case when d.document_id is not null then d.warc_offset else s.list_warc_offset end as evidence_warc_offset,
    case when d.document_id is not null then {{ run_time('d.archive_run_id') }} else {{ run_time('s.evidence_run_id') }} end as evidence_at
from (
    select
        c.*,
        r.valid_from as edition,
        row_number() over (partition by c.portal_id, c.year order by r.valid_from) as place,
        {{ last_day_of_report() }} as last_day
    from {{ ref('portal_completeness') }} as c
    left join {{ source('silver', 'rule') }} as r
        on r.rule = 'report-on-time'
        and {{ last_day_of_report() }}
            between r.valid_from and coalesce(r.valid_to, date '9999-12-31')
    where c.genre = 'annual_report'
) as c
left join {{ ref('document') }} as d on d.document_id = c.document_id
left join (
    select portal_id, list_url, list_warc_file, list_warc_offset, case when list_warc_file is not null then run_id end as evidence_run_id,
        row_number() over (partition by portal_id order by case when list_warc_file is null then 1 else 0 end, section) as place
    from section
    where kind = 'annual_report'
) as s on s.portal_id = c.portal_id and s.place = 1 and d.document_id is null
where c.place = 1
{%- endmacro %}

{# Grain: notice of an annual report; `rule` is report-form or report-complete. The form may stand in an attachment: one part that has it is enough.
   Reports of the years before the first national form have no row. #}
{% macro judged_report_forms() -%}
select
    f.portal_id,
    f.rule,
    f.edition,
    f.notice_id as subject,
    f.title as subject_title,
    case
        when f.rule = 'report-form' and f.fitting > 0 then 'pass'
        when f.rule = 'report-form' and f.other_form is not null then 'fail'
        when f.rule = 'report-form' then 'uncertain'
        when f.whole > 0 then 'pass'
        when f.fitting = 0 then 'not_assessable'
        when f.unread > 0 then 'uncertain'
        else 'fail'
    end as judged,
    case
        when f.fitting = 0 and f.other_form is not null then 'tables of form ' || f.other_form || ', due form ' || f.form
        when f.fitting = 0 then 'no table of form ' || f.form || ' was read; it may stand in an image or a file that we cannot open'
        when f.rule = 'report-form' then 'tables of form ' || f.form
        when f.whole > 0 then 'no cell of form ' || f.form || ' is missing'
        when f.unread > 0 then f.lacking || '; some cells could not be read by us'
        else f.lacking
    end as reason,
    case when f.rule = 'report-form' then coalesce(case when f.fitting > 0 then f.form end, f.other_form, 'none') else f.cells end as observed,
    case when f.rule = 'report-form' then f.form else 'all cells of form ' || f.form end as threshold,
    {{ no_window() }},
    {{ proof_of_document('f') }}
from (
    select
        d.portal_id,
        r.rule,
        r.valid_from as edition,
        d.notice_id,
        max(d.notice_title) as title,
        max({{ limit_text('form') }}) as form,
        count(case when d.format_detected = {{ limit_text('form') }} then 1 end) as fitting,
        max(case when d.format_detected in ('A', 'B') and d.format_detected <> {{ limit_text('form') }} then d.format_detected end) as other_form,
        count(case when d.format_detected = {{ limit_text('form') }} and q.lacking is null then 1 end) as whole,
        count(case when q.unread > 0 then 1 end) as unread,
        max(case when d.format_detected = {{ limit_text('form') }} then q.lacking end) as lacking,
        max(case when d.format_detected = {{ limit_text('form') }} then q.cells end) as cells,
        max(case when d.part = 0 then d.url end) as url,
        max(case when d.part = 0 then d.archive_run_id end) as archive_run_id,
        max(case when d.part = 0 then d.warc_file end) as warc_file,
        max(case when d.part = 0 then d.warc_offset end) as warc_offset
    from (
        select d.*, max(d.report_year) over (partition by d.notice_id) as year_of_notice from {{ ref('document') }} as d
        where d.notice_id in (select notice_id from {{ ref('document') }} where genre = 'annual_report' and report_year is not null)
    ) as d
    join {{ source('silver', 'rule') }} as r
        on r.rule in ('report-form', 'report-complete')
        and {{ day_of_year_after('d.year_of_notice', "'01-01'") }} between r.valid_from and coalesce(r.valid_to, date '9999-12-31')
    left join (
        select document_id, max(case when rule = 'Q-FULL' then message end) as lacking, max(case when rule = 'Q-FULL' then actual || ' of ' || expected end) as cells,
            count(case when rule = 'Q-READ' then 1 end) as unread
        from {{ ref('finding') }}
        where rule in ('Q-FULL', 'Q-READ')
        group by document_id
    ) as q on q.document_id = d.document_id
    group by d.portal_id, r.rule, r.valid_from, d.notice_id
) as f
{%- endmacro %}

{# Grain: portal × year of which the table of its own website was read. A year without one has no row: the form wants it on the home page, which is
   not read as a column. The day is the earliest that its page or list claims. #}
{% macro judged_website_tables() -%}
select
    t.portal_id,
    'website-table-on-time' as rule,
    t.edition,
    cast(t.report_year as text) as subject,
    t.notice_title as subject_title,
    case
        when t.edition is null then 'not_assessable'
        when t.day is null then 'uncertain'
        when t.day <= t.last_day then 'pass'
        else 'fail'
    end as judged,
    case
        when t.edition is null then 'no edition of the rule sets a last day for this year'
        when t.day is null then 'neither page nor list shows a day'
        else 'published (发布日期) ' || {{ day_text('t.day') }} || ', last day ' || {{ day_text('t.last_day') }}
    end as reason,
    coalesce({{ day_text('t.day') }}, 'undated') as observed,
    {{ day_text('t.last_day') }} as threshold,
    {{ day_of_year_after('t.report_year', "'01-01'") }} as window_start,
    t.last_day as window_end,
    {{ proof_of_document('t') }}
from (
    select
        w.*,
        r.valid_from as edition,
        {{ last_day_of_website_table() }} as last_day,
        row_number() over (partition by w.portal_id, w.report_year order by w.day, w.document_id) as place
    from (
        select distinct d.*, least(d.published_date, n.list_date) as day
        from {{ own_website_figures() }} as f
        join {{ ref('document') }} as d on d.document_id = f.document_id
        join {{ ref('notice') }} as n on n.notice_id = d.notice_id
    ) as w
    left join {{ source('silver', 'rule') }} as r
        on r.rule = 'website-table-on-time'
        and {{ last_day_of_website_table() }} between r.valid_from and coalesce(r.valid_to, date '9999-12-31')
) as t
where t.place = 1
{%- endmacro %}
