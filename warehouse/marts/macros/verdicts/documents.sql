{# Working days after one day up to another; NULL where a year's holiday notice is not known. The joins are named by their alias. #}
{% macro working_days(first, last) -%}({{ last }}.working_days_before - {{ first }}.working_days_before){%- endmacro %}
{% macro day_after(alias, day) -%}{{ ref('dim_date') }} as {{ alias }} on {{ alias }}.day = {{ day }} + 1{%- endmacro %}

{# Grain: numbered document of a page. What somebody else issued and the portal reposts has no term of the portal's own. #}
{% macro judged_terms() -%}
select
    d.portal_id,
    'published-in-term' as rule,
    d.edition,
    d.notice_id as subject,
    d.title as subject_title,
    case
        when d.edition is null or d.lag is null then 'not_assessable'
        when d.published_date < d.written_date then 'uncertain'
        when d.lag <= d.most then 'pass'
        when d.issued_by is not null and not d.own then 'not_assessable'
        when d.issued_by is null or d.another_day is not null then 'uncertain'
        else 'fail'
    end as judged,
    'formed (成文日期) ' || {{ day_text('d.written_date') }} || ', published (发布日期) ' || {{ day_text('d.published_date') }}
    || case
        when d.edition is null then ': before the law'
        when d.lag is null then ': a holiday notice of these years is not known'
        when d.published_date < d.written_date then ': published before it was formed, so one of the days is wrong'
        when d.lag <= d.most then ''
        when d.issued_by is not null and not d.own then ': issued by ' || d.issued_by || ', so the delay is not this portal''s'
        when d.issued_by is null then ': who issued it is not known'
        when d.another_day is not null then ': another place names ' || d.another_day || ' as the day of publication'
        else ''
    end as reason,
    cast(d.lag as text) || ' working days' as observed,
    cast(d.most as text) || ' working days' as threshold,
    d.written_date as window_start,
    d.published_date as window_end,
    {{ proof_of_document('d') }}
from (
    select
        d.*,
        r.valid_from as edition,
        {{ limit_number('working_days') }} as most,
        {{ working_days('b', 'e') }} as lag,
        nullif(d.issuer, '') as issued_by,
        {{ place_of('d.portal_name') }} = substr(d.issuer, 1, length({{ place_of('d.portal_name') }}))
        or substr({{ place_of('d.portal_name') }}, length({{ place_of('d.portal_name') }}), 1) = substr(d.issuer, 1, 1) as own,
        coalesce(h.actual, case when n.list_date < d.published_date then {{ day_text('n.list_date') }} end) as another_day
    from {{ ref('document') }} as d
    join {{ ref('notice') }} as n on n.notice_id = d.notice_id
    left join {{ edition_on('published-in-term', 'd.written_date') }}
    left join {{ day_after('b', 'd.written_date') }}
    left join {{ day_after('e', 'd.published_date') }}
    left join (
        select document_id, min(actual) as actual from {{ ref('finding') }} where rule = 'H-DATE' group by document_id
    ) as h on h.document_id = d.document_id
    where d.part = 0 and d.doc_number is not null and d.written_date is not null and d.published_date is not null
        and d.genre not in ('annual_report', 'website_table', 'interpretation')
) as d
{%- endmacro %}

{# Grain: document that is explained, or that is a regulation and should be. Nothing is said of portals of which no interpretation is crawled. #}
{% macro judged_interpretations() -%}
select
    d.portal_id,
    'interpretation-in-step' as rule,
    r.valid_from as edition,
    d.notice_id as subject,
    d.title as subject_title,
    case
        when i.document_id is null then 'uncertain'
        when i.lag is null then 'not_assessable'
        when i.lag <= {{ limit_number('working_days') }} then 'pass'
        else 'uncertain'
    end as judged,
    case
        when i.document_id is null then 'no interpretation of it is among the pages that we hold'
        when i.lag is null then 'a holiday notice of these years is not known'
        else 'published ' || {{ day_text('d.published_date') }} || ', first interpretation ' || {{ day_text('i.first_day') }}
    end as reason,
    case when i.lag is not null then cast(i.lag as text) || ' working days' else 'none' end as observed,
    {{ limit_text('working_days') }} || ' working days' as threshold,
    d.published_date as window_start,
    i.first_day as window_end,
    {{ proof_of_document('d') }}
from {{ ref('document') }} as d
join {{ edition_on('interpretation-in-step', 'd.published_date') }}
left join (
    select target_document_id as document_id, min(lag_working_days) as lag, min(published_date) as first_day
    from {{ ref('interpretation_pair') }}
    where target_document_id is not null
    group by target_document_id
) as i on i.document_id = d.document_id
where d.part = 0 and d.published_date is not null
    and (i.document_id is not null or d.genre = 'regulation')
    and d.portal_id in (select portal_id from {{ ref('interpretation_pair') }})
{%- endmacro %}

{# Grain: regulation, or document that a later one of the same portal repeals by its number or whole title. #}
{% macro judged_marks() -%}
select
    d.portal_id,
    'validity-marked' as rule,
    r.valid_from as edition,
    d.notice_id as subject,
    d.title as subject_title,
    case
        when n.validity in ('expired', 'abolished') then 'pass'
        when a.document_id is null and n.validity is not null then 'pass'
        when a.document_id is null then 'not_assessable'
        when {{ days_between('a.published_date', 's.seen_on') }} <= {{ limit_number('days') }} then 'uncertain'
        else 'fail'
    end as judged,
    case
        when a.document_id is not null then 'repealed by ' || a.title || ' of ' || {{ day_text('a.published_date') }}
        when n.validity is not null then 'the page carries a mark'
        else 'no mark, and nothing that we hold repeals it'
    end as reason,
    coalesce(n.validity, 'no mark') as observed,
    'marked within ' || {{ limit_text('days') }} || ' days' as threshold,
    a.published_date as window_start,
    s.seen_on as window_end,
    {{ proof_of_notice('n') }}
from {{ ref('document') }} as d
join {{ ref('notice') }} as n on n.notice_id = d.notice_id and n.gone_at is null
join portal as s on s.portal_id = d.portal_id
join {{ edition_on('validity-marked', 's.seen_on') }}
left join (
    select f.portal_id, f.actual, p.document_id, p.title, p.published_date,
        row_number() over (partition by f.portal_id, f.actual order by p.published_date, p.document_id) as place
    from {{ ref('finding') }} as f
    join {{ ref('document') }} as p on p.document_id = f.document_id
    where f.rule = 'H-ABOLISH' and f.actual is not null and p.published_date is not null
) as a
    on a.portal_id = d.portal_id and a.place = 1 and a.document_id <> d.document_id and a.published_date > d.published_date
    and (a.actual = d.doc_number or (length(a.actual) >= 6 and {{ title_key('a.actual') }} = {{ title_key('d.title') }}))
where d.part = 0 and (d.genre = 'regulation' or a.document_id is not null)
{%- endmacro %}

{# Grain: portal that a plan addresses × that plan, where the plan says within which time a plan of one's own is to be published. Addressed are
   the portal's government by name, or all governments of the level below (各县（市、区）人民政府). From which of the plan's own days its limit
   counts, the reader decided by its words (transforms/own_day.py); it is reckoned here where the reader did not know the day of publication. #}
{% macro judged_plans() -%}
select
    u.portal_id,
    'plan-passed-on' as rule,
    u.edition,
    u.notice_id as subject,
    u.title as subject_title,
    case
        when u.last_day is null then 'not_assessable'
        when o.published_date <= u.last_day then 'pass'
        when o.published_date is not null then 'fail'
        when u.seen_on is null or u.seen_on <= u.last_day then 'not_assessable'
        when m.state = 'missing' then 'fail'
        when m.state is null then 'not_assessable'
        else 'uncertain'
    end as judged,
    u.raw || case when u.counts_from = 'published' then ' (published (发布日期) ' else ' (formed (成文日期) ' end
    || coalesce({{ day_text('u.own_day') }}, 'unknown') || ')'
    || case
        when u.last_day is null then ': the last day cannot be reckoned'
        when o.published_date is not null then ': own plan published (发布日期) ' || {{ day_text('o.published_date') }}
        when u.seen_on is null or u.seen_on <= u.last_day then ': not over when the portal was last seen'
        when m.state is null then ': no column of plans is followed'
        else ': ' || m.reason
    end as reason,
    coalesce({{ day_text('o.published_date') }}, m.state, 'none') as observed,
    {{ day_text('u.last_day') }} as threshold,
    u.own_day as window_start,
    u.last_day as window_end,
    coalesce(o.url, s.list_url) as evidence_url,
    case when o.url is not null then o.archive_run_id when s.list_warc_file is not null then s.run_id end as evidence_run_id,
    case when o.url is not null then o.warc_file else s.list_warc_file end as evidence_warc_file,
    case when o.url is not null then o.warc_offset else s.list_warc_offset end as evidence_warc_offset,
    case when o.url is not null then {{ run_time('o.archive_run_id') }} when s.list_warc_file is not null then {{ run_time('s.run_id') }} end as evidence_at
from (
    select
        p.portal_id,
        p.seen_on,
        a.notice_id,
        a.title,
        a.plan_year,
        a.raw,
        a.counts_from,
        a.own_day,
        a.last_day,
        r.valid_from as edition,
        row_number() over (partition by p.portal_id, a.notice_id order by a.last_day, a.raw) as place
    from (
        select d.portal_id, d.notice_id, d.title, d.plan_year, d.published_date, b.raw, b.counts_from, g.unit,
            case when b.counts_from = 'published' then d.published_date else d.written_date end as own_day,
            coalesce(b.due_date, case
                when b.counts_from = 'written' then null
                when b.unit = 'working_day' then w.day
                when b.unit in ('day', 'week') then d.published_date + cast(b.amount * case when b.unit = 'week' then 7 else 1 end as integer)
            end) as last_day
        from {{ source('silver', 'obligation') }} as b
        join {{ ref('document') }} as d
            on d.document_id = b.document_id and d.extractor_version = b.extractor_version and d.run_id = b.run_id
        join (
            select t.document_id, t.extractor_version, t.run_id, unnest(t.addressed_to) as unit from {{ source('silver', 'document') }} as t
        ) as g on g.document_id = b.document_id and g.extractor_version = b.extractor_version and g.run_id = b.run_id
        left join {{ day_after('f', 'd.published_date') }}
        left join {{ ref('dim_date') }} as w
            on b.unit = 'working_day' and w.is_working_day and w.working_days_before = f.working_days_before + b.amount - 1
        where d.genre = 'work_plan' and d.plan_year is not null and d.published_date is not null and b.counts_from is not null
            and b.trigger ~ '(方案|要点|通知|意见|文件)' and b.action ~ '(公布|发布|公开|印发).*(方案|要点|计划|安排)'
    ) as a
    join portal as i on i.portal_id = a.portal_id
    join portal as p
        on p.portal_id <> a.portal_id
        and (
            {{ place_of('p.portal_name') }} = {{ place_of('a.unit') }}
            or (
                a.unit ~ '^各.*[县區区市].*政府' and p.division_code <> i.division_code
                and (
                    (i.level = 'city' and p.level = 'county' and substr(p.division_code, 1, 4) = substr(i.division_code, 1, 4))
                    or (i.level = 'province' and p.level = 'city' and substr(p.division_code, 1, 2) = substr(i.division_code, 1, 2))
                )
            )
        )
    join {{ edition_on('plan-passed-on', 'a.published_date') }}
) as u
left join (
    select d.*, row_number() over (partition by d.portal_id, d.plan_year order by d.published_date, d.document_id) as place
    from {{ ref('document') }} as d
    where d.genre = 'work_plan' and d.part = 0 and d.published_date is not null
) as o on o.portal_id = u.portal_id and o.plan_year = u.plan_year and o.place = 1
left join {{ ref('portal_completeness') }} as m on m.portal_id = u.portal_id and m.genre = 'work_plan' and m.year = u.plan_year
left join (
    select s.*, row_number() over (partition by s.portal_id order by case when s.list_warc_file is null then 1 else 0 end, s.section) as place from section as s
    where s.kind = 'work_plan'
) as s on s.portal_id = u.portal_id and s.place = 1 and o.url is null
where u.place = 1
{%- endmacro %}
