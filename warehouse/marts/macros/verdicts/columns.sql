{# Grain: column × rule about how often it is updated (those with a threshold in days). An item's own page and the list both speak of its
   day: new is one for which all that speak say so. Where only one of them calls an item new, both are shown and nothing is decided. #}
{% macro judged_columns() -%}
select
    c.portal_id,
    c.rule,
    c.edition,
    c.section as subject,
    c.section as subject_title,
    case
        when not c.complete then 'uncertain'
        when c.rows_known = 0 then 'not_assessable'
        when {{ days_between('c.seen_on', 'c.as_of') }} > c.days then 'uncertain'
        when c.page_day is null and c.list_day is null then 'uncertain'
        when c.sure_day >= c.first_day then 'pass'
        when greatest(c.page_day, c.list_day) >= c.first_day then 'uncertain'
        else 'fail'
    end as judged,
    case
        when not c.complete then 'the column was not seen whole on ' || {{ day_text('c.seen_on') }}
        when c.rows_known = 0 then 'the column is empty'
        when {{ days_between('c.seen_on', 'c.as_of') }} > c.days then 'last seen on ' || {{ day_text('c.seen_on') }} || ', which is longer ago than the window'
        when c.page_day is null and c.list_day is null then 'no item shows a day that we can read'
        else 'newest item published (发布日期): pages say ' || coalesce({{ day_text('c.page_day') }}, 'nothing') || ', the list says '
            || coalesce({{ day_text('c.list_day') }}, 'nothing') || '; seen on ' || {{ day_text('c.seen_on') }}
    end as reason,
    coalesce({{ day_text('greatest(c.page_day, c.list_day)') }}, 'none') as observed,
    'an item in ' || cast(c.days as text) || ' days' as threshold,
    c.first_day as window_start,
    c.seen_on as window_end,
    {{ proof_of_list('c') }}
from (
    select
        s.*,
        r.rule,
        r.valid_from as edition,
        {{ limit_number('days') }} as days,
        s.seen_on - {{ limit_number('days') }} as first_day,
        i.page_day,
        i.list_day,
        i.sure_day,
        {{ as_of() }} as as_of
    from section as s
    join {{ source('silver', 'rule') }} as r
        on s.seen_on >= r.valid_from and (r.valid_to is null or s.seen_on <= r.valid_to) and {{ limit_text('days') }} is not null
    join (
        select distinct s.portal_id, s.section, c.rule
        from section as s
        join {{ source('silver', 'rule_column') }} as c on c.kind = s.kind and (c.word = '' or strpos(s.section, c.word) > 0)
    ) as named on named.portal_id = s.portal_id and named.section = s.section and named.rule = r.rule
    left join (
        select
            i.portal_id,
            i.section,
            max(case when i.page_day <= s.seen_on then i.page_day end) as page_day,
            max(case when i.list_day <= s.seen_on then i.list_day end) as list_day,
            max(least(case when i.page_day <= s.seen_on then i.page_day end, case when i.list_day <= s.seen_on then i.list_day end)) as sure_day
        from item as i
        join section as s on s.portal_id = i.portal_id and s.section = i.section
        group by i.portal_id, i.section
    ) as i on i.portal_id = s.portal_id and i.section = s.section
) as c
{%- endmacro %}

{# Grain: column. A list that was drawn by a script, or that did not come, is not complete, and so never empty. #}
{% macro judged_fillings() -%}
select
    s.portal_id,
    'column-filled' as rule,
    r.valid_from as edition,
    s.section as subject,
    s.section as subject_title,
    case when s.rows_known >= {{ limit_number('items') }} then 'pass' when s.complete then 'fail' else 'uncertain' end as judged,
    case
        when s.rows_known >= {{ limit_number('items') }} then 'the list holds ' || cast(s.rows_known as text) || ' items'
        when s.complete then 'the list was read and holds nothing on ' || {{ day_text('s.seen_on') }}
        else 'the list could not be read on ' || {{ day_text('s.seen_on') }} || ': what was not seen is not empty'
    end as reason,
    cast(s.rows_known as text) || ' items' as observed,
    {{ limit_text('items') }} || ' item' as threshold,
    s.seen_on as window_start,
    s.seen_on as window_end,
    {{ proof_of_list('s') }}
from section as s
join {{ edition_on('column-filled', 's.seen_on') }}
{%- endmacro %}

{# Grain: column. A day that neither page nor list shows may have escaped our reader: a few of many decide nothing. #}
{% macro judged_times() -%}
select
    s.portal_id,
    'time-shown' as rule,
    r.valid_from as edition,
    s.section as subject,
    s.section as subject_title,
    case
        when coalesce(t.items, 0) = 0 then 'not_assessable'
        when t.undated = 0 then 'pass'
        when t.undated > t.items * cast({{ limit_text('share') }} as double precision) then 'fail'
        else 'uncertain'
    end as judged,
    case
        when coalesce(t.items, 0) = 0 then 'no page of this column is held'
        else cast(t.undated as text) || ' of ' || cast(t.items as text) || ' pages have no day of publication (发布日期), neither on the page nor in the list; '
            || cast(t.without_clock as text) || ' show no time of day'
    end as reason,
    cast(coalesce(t.undated, 0) as text) || ' of ' || cast(coalesce(t.items, 0) as text) as observed,
    'share of ' || {{ limit_text('share') }} as threshold,
    cast(null as date) as window_start,
    s.seen_on as window_end,
    {{ proof_of_notice('n') }}
from section as s
join {{ edition_on('time-shown', 's.seen_on') }}
left join (
    select
        portal_id,
        section,
        count(*) as items,
        count(case when published_date is null then 1 end) as undated,
        count(case when published_at is null or length(published_at) = 10 then 1 end) as without_clock,
        min(case when published_date is null then notice_id end) as example
    from {{ ref('notice') }}
    where gone_at is null
    group by portal_id, section
) as t on t.portal_id = s.portal_id and t.section = s.section
left join {{ ref('notice') }} as n on n.notice_id = t.example
{%- endmacro %}

{# Grain: portal × rule that counts columns. Reads the CTE `lawful` of verdict.sql: only what may be published as a fail counts. #}
{% macro judged_counts() -%}
select
    p.portal_id,
    r.rule,
    r.valid_from as edition,
    p.portal_id as subject,
    p.portal_name as subject_title,
    case when coalesce(c.failed, 0) >= {{ limit_number('columns') }} then 'fail' when p.seen_on is null then 'not_assessable' else 'uncertain' end as judged,
    case
        when p.seen_on is null then 'never crawled'
        when not p.seen_whole then 'the newest run ended ' || p.status
        else cast(coalesce(c.failed, 0) as text) || ' of the ' || cast(coalesce(c.judged, 0) as text) || ' columns that we follow: '
            || coalesce(c.names, 'none') || '; other columns were not looked at'
    end as reason,
    cast(coalesce(c.failed, 0) as text) || ' columns' as observed,
    {{ limit_text('columns') }} || ' columns' as threshold,
    c.window_start,
    p.seen_on as window_end,
    c.evidence_url, c.evidence_run_id, c.evidence_warc_file, c.evidence_warc_offset, c.evidence_at
from portal as p
join {{ source('silver', 'rule') }} as r
    on {{ limit_text('columns') }} is not null and coalesce(p.seen_on, {{ as_of() }}) >= r.valid_from
    and (r.valid_to is null or coalesce(p.seen_on, {{ as_of() }}) <= r.valid_to)
left join (
    select
        v.portal_id,
        v.counted_by as rule,
        count(*) as judged,
        count(case when v.verdict = 'fail' then 1 end) as failed,
        string_agg(case when v.verdict = 'fail' then v.subject end, '、' order by case when v.verdict = 'fail' then v.subject end) as names,
        min(v.window_start) as window_start,
        max(case when v.first_fail = 1 then v.evidence_url end) as evidence_url,
        max(case when v.first_fail = 1 then v.evidence_run_id end) as evidence_run_id,
        max(case when v.first_fail = 1 then v.evidence_warc_file end) as evidence_warc_file,
        max(case when v.first_fail = 1 then v.evidence_warc_offset end) as evidence_warc_offset,
        max(case when v.first_fail = 1 then v.evidence_at end) as evidence_at
    from (
        select l.*, k.counted_by,
            case when l.verdict = 'fail' then row_number() over (partition by l.portal_id, k.counted_by, l.verdict order by l.subject) end as first_fail
        from lawful as l
        join (select distinct rule, counted_by from {{ source('silver', 'rule') }} where counted_by is not null) as k on k.rule = l.rule
    ) as v
    group by v.portal_id, v.counted_by
) as c on c.portal_id = p.portal_id and c.rule = r.rule
{%- endmacro %}
